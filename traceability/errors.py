"""One exception tree. Each class carries the HTTP status and problem type that its message travels under (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input: where (a JSON path, or a row and column) and what, for a person to mend."""

    path: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "message": self.message}


class TraceabilityError(Exception):
    """Something went wrong inside the service; nothing was written."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "epcisException:ImplementationException"
    title: ClassVar[str] = "Internal error"
    retry_after: ClassVar[int | None] = None
    """Seconds after which the same request may succeed (RFC 9110, 10.2.3), where that is known."""

    def __init__(
        self, detail: str | None = None, *, problems: Sequence[Problem] = (), extra: Mapping[str, Any] | None = None
    ) -> None:
        self.detail = detail or (self.__doc__ or self.title).strip()
        self.problems = tuple(problems)
        self.extra = dict(extra or {})
        super().__init__(self.detail)

    def as_problem(self) -> dict[str, Any]:
        """Return the body of an ``application/problem+json`` answer."""
        body: dict[str, Any] = {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}
        if self.problems:
            body["errors"] = [problem.as_dict() for problem in self.problems]
        return body | self.extra


class InvalidInput(TraceabilityError):
    """The input does not have the expected form; each error names the place and what was expected there."""

    status = 400
    type = "epcisException:ValidationException"
    title = "Invalid input"


class InvalidQuery(TraceabilityError):
    """A query parameter is unknown or its value cannot be used."""

    status = 400
    type = "epcisException:QueryParameterException"
    title = "Invalid query parameter"


class NotAuthenticated(TraceabilityError):
    """The request proves nobody's identity: send an API key, and with a capture a signature."""

    status = 401
    type = "epcisException:SecurityException"
    title = "Not authenticated"


class Forbidden(TraceabilityError):
    """The caller is known, and may not do this."""

    status = 403
    type = "epcisException:SecurityException"
    title = "Not allowed"


class PurposeNeeded(Forbidden):
    """A read under a mandate states its purpose, and this one did not."""

    title = "Purpose needed"


class PersonNeeded(Forbidden):
    """What is never automated is done by a person who has signed in, and this came with an API key."""

    type = "about:blank#person-needed"
    title = "A person has to do this"


class NotFound(TraceabilityError):
    """There is no such thing, or it is not the caller's to see."""

    status = 404
    type = "epcisException:NoSuchResourceException"
    title = "Not found"


class NotAcceptable(TraceabilityError):
    """The answer cannot be given in the form the request demands."""

    status = 406
    type = "epcisException:NotAcceptableException"
    title = "Not acceptable"


class Conflict(TraceabilityError):
    """The same identifier already stands for other content, or the thing has changed since it was read."""

    status = 409
    type = "epcisException:ResourceAlreadyExistsException"
    title = "Conflict"


class Gone(TraceabilityError):
    """It was erased when its retention ended; what the ledger says about it stays."""

    status = 410
    type = "about:blank#erased"
    title = "Erased"


class LengthRequired(TraceabilityError):
    """The input comes in pieces of unknown length; here its length has to be announced."""

    status = 411
    type = "about:blank#length-required"
    title = "Length required"


class TooLarge(TraceabilityError):
    """The input is larger than the limit."""

    status = 413
    type = "epcisException:CaptureLimitExceededException"
    title = "Too large"


class UriTooLong(TraceabilityError):
    """The address of the request is longer than the limit."""

    status = 414
    type = "epcisException:URITooLongException"
    title = "URI too long"


class UnsupportedMediaType(TraceabilityError):
    """The media type is not one of those this address takes."""

    status = 415
    type = "epcisException:UnsupportedMediaTypeException"
    title = "Unsupported media type"


class Unprocessable(TraceabilityError):
    """The input is well formed, and its content cannot be accepted."""

    status = 422
    type = "about:blank#unprocessable"
    title = "Content cannot be accepted"


class TooManyRequests(TraceabilityError):
    """Too many requests from this source; wait and try again."""

    status = 429
    type = "about:blank#rate-limited"
    title = "Too many requests"


class Unavailable(TraceabilityError):
    """The database or a part of the service cannot be reached, or another process owns it; try again later."""

    status = 503
    type = "about:blank#unavailable"
    title = "Unavailable"
