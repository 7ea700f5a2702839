"""Errors as ``application/problem+json`` (RFC 9457), whatever goes wrong, with a request id to ask after."""

import json
from typing import Any

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from traceability.errors import InvalidInput, TraceabilityError
from traceability.storage.failures import unavailable

_LOG = structlog.get_logger("api")
_TYPES = {
    404: "epcisException:NoSuchResourceException",
    406: "epcisException:NotAcceptableException",
    413: "epcisException:CaptureLimitExceededException",
    414: "epcisException:URITooLongException",
    415: "epcisException:UnsupportedMediaTypeException",
}
_VALIDATION = "epcisException:ValidationException"


def problem(status: int, body: dict[str, Any]) -> Response:
    """Return a problem document as an answer."""
    whole = {**body, "status": status, "request_id": g.get("request_id")}
    return Response(json.dumps(whole), status=status, content_type="application/problem+json")


def install(app: Flask) -> None:
    """Answer every error of the API as a problem document."""
    app.before_request(_refuse_nul)
    app.register_error_handler(TraceabilityError, _ours)
    app.register_error_handler(HTTPException, _framework)
    app.register_error_handler(Exception, _unexpected)


def _refuse_nul() -> None:
    # No address of ours holds it, and PostgreSQL cannot even compare with it.
    if "\x00" in request.path or "%00" in request.query_string.decode("latin-1"):
        raise InvalidInput("the address holds the character NUL (%00): leave it out")


def _ours(error: TraceabilityError) -> Response:
    if error.status >= 500:  # noqa: PLR2004  # HTTP statuses are known by their number
        _LOG.error("failed", error=error.detail, request_id=g.get("request_id"), exc_info=error)
    answer = problem(error.status, error.as_problem())
    if error.status == 401:  # noqa: PLR2004  # HTTP statuses are known by their number
        answer.headers["WWW-Authenticate"] = 'Bearer realm="traceability"'
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _framework(error: HTTPException) -> Response:
    status = error.code or 500
    body: dict[str, Any] = {
        "type": _TYPES.get(status, _VALIDATION if status in (400, 422) else "about:blank"),
        "title": error.name,
        "detail": error.description or error.name,
    }
    messages = getattr(error, "data", {}).get("messages")
    if messages:
        body["errors"] = _flat(messages)
        body["detail"] = "the request does not have the expected form; each error names the field"
    answer = problem(status, body)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    machine = unavailable(error)
    if machine is not None:
        return _ours(machine)
    _LOG.error("unexpected", path=request.path, request_id=g.get("request_id"), exc_info=error)
    detail = "something went wrong here, not in your request; nothing was written. Quote the request id"
    return problem(500, {"type": "epcisException:ImplementationException", "title": "Internal error", "detail": detail})


def _flat(messages: Any, path: str = "") -> list[dict[str, str]]:
    if isinstance(messages, dict):
        return [item for name, value in messages.items() for item in _flat(value, f"{path}.{name}".lstrip("."))]
    if isinstance(messages, list):
        return [item for value in messages for item in _flat(value, path)]
    return [{"path": path, "message": str(messages)}]
