"""Errors look like errors: a page with title, cure and request id; the twins answer problem+json (RFC 9457)."""

import json
from typing import Any

import structlog
from flask import Flask, Response, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import NotAuthenticated, PurposeNeeded, TraceabilityError
from traceability.storage.failures import unavailable
from traceability.web.language import N_, gettext
from traceability.web.routes import bp
from traceability.web.secret_path import logged_path
from traceability.web.session import PasswordToChange

_LOG = structlog.get_logger("web")
_OURS_TO_MEND = 500
_SAID = {
    404: N_("there is no page at this address"),
    405: N_("this address takes forms only: open the page the form stands on"),
    413: N_("what was sent is larger than this service takes"),
}
#: Everything below these answers as the API does, whoever asks.
_API = ("/v1/", "/epcis/", "/metrics", "/health", "/.well-known/")


def install(app: Flask) -> None:
    """Answer the errors of pages as pages, and addresses nobody serves too."""
    for_api: Any = app.error_handler_spec[None][None].get(HTTPException)

    def misled(error: HTTPException) -> AnyResponse:
        if request.path.startswith(_API) or request.blueprint not in (None, bp.name):
            answer: AnyResponse = for_api(error)
            return answer
        return _framework(error)

    # What the router itself refuses belongs to no blueprint.
    app.register_error_handler(404, misled)
    app.register_error_handler(405, misled)


def _twin() -> bool:
    return request.path.endswith((".json", ".csv"))


def _ours(error: TraceabilityError) -> AnyResponse:
    if isinstance(error, NotAuthenticated) and not _twin() and request.method == "GET":
        to = "web.password" if isinstance(error, PasswordToChange) else "web.sign_in"
        return redirect(url_for(to, next=request.full_path.rstrip("?")), 303)
    if error.status >= _OURS_TO_MEND:
        _LOG.error("failed", error=error.detail, request_id=g.get("request_id"), exc_info=error)
    return _shown(error)


def _framework(error: HTTPException) -> AnyResponse:
    detail = gettext(_SAID.get(error.code or 0, error.description or error.name))
    answer = _answer({"title": error.name, "status": error.code or 500, "detail": detail})
    answer.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
    return answer


def _unexpected(error: Exception) -> AnyResponse:
    machine = unavailable(error)
    if machine is not None:
        return _ours(machine)
    _LOG.error("unexpected", path=logged_path(), request_id=g.get("request_id"), exc_info=error)
    detail = gettext("something went wrong here, not in your request; nothing was written. Quote the request id")
    return _answer({"title": "Internal error", "status": 500, "detail": detail})


def _shown(error: TraceabilityError) -> Response:
    if isinstance(error, PurposeNeeded) and not _twin():
        detail = gettext("Say first what your reads are for; each is logged with that purpose")
        problem = error.as_problem() | {"detail": detail}
        way = url_for("web.search", next=request.full_path.rstrip("?") if request.method == "GET" else None)
        return _answer(problem, (way, N_("State the purpose")))
    return _answer(error.as_problem())


def _answer(problem: dict[str, Any], way: tuple[str, str] = ("/", N_("Back to the start"))) -> Response:
    status = problem["status"]
    if _twin():
        body = json.dumps({"type": "about:blank", **problem, "request_id": g.get("request_id")})
        return Response(body, status=status, content_type="application/problem+json")
    html = render_template("error.html", problem=problem, request_id=g.get("request_id"), way=way)
    return Response(html, status=status, content_type="text/html; charset=utf-8")


# Once, as the routes are: the blueprint is shared by every app of the process.
bp.register_error_handler(TraceabilityError, _ours)
bp.register_error_handler(HTTPException, _framework)
bp.register_error_handler(Exception, _unexpected)
