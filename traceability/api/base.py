"""What every view stands on: the service of this app, the actor of this request, and the form of bodies and answers."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from flask import Request, Response, current_app, g, jsonify, request, session
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from webargs.flaskparser import FlaskParser

from traceability import strict_json
from traceability.api import bodies
from traceability.errors import Forbidden, InvalidQuery, NotAuthenticated, UnsupportedMediaType
from traceability.services import api_keys, mandates, session_tokens, users
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage.bounds import longest
from traceability.storage.tables import User

_READS = frozenset({"GET", "HEAD", "OPTIONS"})

View = TypeVar("View", bound=Callable[..., Response])


class StrictParser(FlaskParser):
    """Reads bodies as the rest of the service does: strict JSON, declared as JSON, of a bounded size.

    The caller is known before anything of the request is read: who may not come in is not worked for.
    """

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012  # webargs declares it so
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._schemas: dict[type[Schema], Schema] = {}

    def parse(self, *arguments: Any, **named: Any) -> Any:
        """Let the caller in at the route's door, then read; raises what the door raises."""
        view = current_app.view_functions[request.endpoint or ""]
        getattr(view, "door", actor)()
        return super().parse(*arguments, **named)

    def _get_schema(self, argmap: Any, req: Request) -> Schema:
        """Return the schema, made once: a new one for each request costs more than what it reads."""
        if not (isinstance(argmap, type) and issubclass(argmap, Schema)):
            return super()._get_schema(argmap, req)
        if argmap not in self._schemas:
            self._schemas[argmap] = argmap()
        return self._schemas[argmap]

    def load_json(self, req: Request, schema: Schema | None) -> Any:
        """Return the body's JSON value.

        Raises:
            UnsupportedMediaType: it is not declared as JSON.
            TooLarge: it is larger than 10 MB.
            InvalidInput: it is not JSON, or holds a NUL character.

        """
        del schema, req  # the same reading for every schema, of the request that is being answered
        kind = request.mimetype
        if not (kind == "application/json" or kind.endswith("+json")):
            raise UnsupportedMediaType(f"expected application/json; got {kind[:100] or 'no media type'}")
        data = bodies.read(bodies.MAX_JSON, "a JSON body")
        value = strict_json.loads(data)
        strict_json.refuse_nul(data, value)
        return value

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:  # fmt: skip
        """Answer an unknown or bad query parameter as such, and a bad body as 422."""
        messages: Any = error.messages
        if "query" in messages:
            said = "; ".join(f"{name}: {' '.join(map(str, what))}" for name, what in messages["query"].items())
            raise InvalidQuery(said)
        super().handle_error(
            error, req, schema, error_status_code=error_status_code, error_headers=error_headers
        )  # aborts with 422
        raise AssertionError("handle_error ends the request")  # pragma: no cover - abort() does not return


class OurBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A blueprint whose JSON arguments are read strictly."""

    ARGUMENTS_PARSER = StrictParser()


def blueprint(name: str, prefix: str, description: str) -> Blueprint:
    """Return a blueprint whose routes appear in the published OpenAPI document."""
    return OurBlueprint(name, name, url_prefix=prefix, description=description)


def door(lets_in: Callable[[], object]) -> Callable[[View], View]:
    """Give a route another door than ``actor``: one that anybody passes at a rate, or with a password alone."""

    def decorate(view: View) -> View:
        view.door = lets_in  # type: ignore[attr-defined]  # the parser looks for it on the view
        return view

    return decorate


def service() -> Service:
    """Return the service this app was made for."""
    found: Service = current_app.extensions["traceability"]
    return found


def actor() -> Actor:
    """Return who is asking.

    Raises:
        NotAuthenticated: neither a good API key or session token, nor a name and password, nor a console session.
        Forbidden: a console session would change something; or the one-time password was not changed yet.

    """
    if "actor" not in g:
        g.actor = _identify()
    found: Actor = g.actor
    return found


def sender() -> Actor:
    """Return who sends a capture with an API key; whether the key is still valid is asked where the capture is stored.

    Raises:
        NotAuthenticated, Forbidden: as ``actor``.

    """
    secret = _bearer()
    if secret is None or secret.startswith(session_tokens.PREFIX):
        return actor()
    return api_keys.authenticate_sender(service(), secret, source())


def purpose() -> str | None:
    """Return the purpose a regulator or auditor states for this read (header X-Purpose)."""
    return request.headers.get("X-Purpose")


def reader() -> Actor:
    """Return who reads private records: for a regulator or auditor under its mandate, the importer's own view.

    Raises:
        Forbidden: no mandate in force, or no purpose stated (header X-Purpose).
        InvalidQuery: a regulator names no importer (``?importer=DID``).

    """
    return mandates.private_reader(service(), actor(), purpose(), request.args.get("importer"), request.path)


def source() -> str:
    """Return the network address of the caller, for rates and incidents."""
    return (request.remote_addr or "unknown")[:64]


def is_anonymous() -> bool:
    """Return whether the request claims to come from nobody in particular."""
    return "Authorization" not in request.headers and "user" not in session


def sign_in() -> tuple[User, str]:
    """Return the person whose name and password come as HTTP Basic, and the password.

    Raises:
        NotAuthenticated: there are none, or they are wrong.

    """
    if "signed_in" not in g:
        name, password = _name_and_password()
        if "\x00" in name:  # no name of ours, and PostgreSQL cannot even compare with it
            raise NotAuthenticated("name or password is wrong, or the account is closed")
        g.signed_in = users.sign_in(service(), name, password, source()), password
    found: tuple[User, str] = g.signed_in
    return found


def _name_and_password() -> tuple[str, str]:
    """Return what HTTP Basic says (RFC 7617, in UTF-8); werkzeug fails on what is not even ASCII."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    try:
        name, colon, password = base64.b64decode(rest.strip(" \t"), validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise NotAuthenticated("send your name and password as HTTP Basic, in UTF-8")
    return name, password


def _identify() -> Actor:
    secret = _bearer()
    if secret is not None:
        is_person = secret.startswith(session_tokens.PREFIX)
        authenticate = session_tokens.authenticate if is_person else api_keys.authenticate
        return authenticate(service(), secret, source())
    if request.headers.get("Authorization", "").partition(" ")[0].lower() == "basic":
        return _person()
    if "user" in session:
        return _visitor()
    raise NotAuthenticated("send an API key: `Authorization: Bearer trc_...`")


def _bearer() -> str | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and secret else None


def _person() -> Actor:
    user, _ = sign_in()
    if user.one_time:
        raise Forbidden("this password was made by somebody else: change it first (POST /v1/password, or the console)")
    found = users.actor_of(service(), user.id, user.session_epoch, source())
    if found is None:
        raise NotAuthenticated("name or password is wrong, or the account is closed")
    who = found[0]
    return Actor(who.id, who.name, who.role, who.party_id, session_tokens.SCOPES, who.source)


def _visitor() -> Actor:
    """Return the person of a console session, who may only read here: a form elsewhere could send its cookie along."""
    over = users.session_over(service(), session.get("since"))
    found = None if over else users.actor_of(service(), session["user"], session.get("epoch", -1), source())
    if found is None or found[1].one_time:
        raise NotAuthenticated("the console session has ended: sign in again, or send an API key")
    if request.method not in _READS:
        raise Forbidden("a console session may only read here; send an API key, a session token, or name and password")
    return found[0]


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers or {})
    return response


def moment(value: Any) -> str | None:
    """Return a UTC moment as RFC 3339 text to the millisecond, or None."""
    if value is None:
        return None
    text: str = value.isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class Length(validate.Length):
    """Bounds the characters of a text or the items of a list; what is refused is told with how many came."""

    def __call__(self, value: Any) -> Any:
        """Return the value; raises ValidationError where it has fewer or more."""
        least, most, number = self.min or 0, self.max, len(value)
        if number < least or (most is not None and number > most):
            what = "characters" if isinstance(value, str) else "items"
            asked = f"{least} to {most}" if least and most is not None else f"at least {least}"
            raise ValidationError(f"expected {f'at most {most}' if not least else asked} {what}; got {number}")
        return value


def text(column: Any, least: int = 1, **options: Any) -> fields.String:
    """Return the field of a text that is kept in a column, or looked for in it: no longer than the column holds."""
    return fields.String(validate=Length(least, longest(column)), **options)


class StrictSchema(Schema):
    """A schema that refuses fields it does not know, as marshmallow does by default."""


__all__ = [
    "Length", "StrictSchema", "actor", "answer", "blueprint", "door", "is_anonymous", "moment", "sender", "service",
    "sign_in", "source", "text",
]  # fmt: skip
