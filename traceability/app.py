"""create_app(): the only place that knows everybody."""

import secrets
import time
from typing import Any

import structlog
from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix

from traceability import api, web
from traceability.api import bodies, problems, refused
from traceability.config import Settings
from traceability.services.context import Service, open_service, session_secret
from traceability.web.secret_path import is_secret, logged_path

_LOG = structlog.get_logger("http")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


class _Sessions(SecureCookieSessionInterface):
    """The console's sessions; where no cookie came, as from every machine, nothing is made to check one with."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie says, or an empty session."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)


def create_app(settings: Settings | None = None, *, service: Service | None = None) -> Flask:
    """Return the WSGI application.

    Args:
        settings: read from the environment where not given.
        service: an open service to use; tests and the demonstration pass theirs.

    """
    if service is None:
        from traceability.config import load_settings

        service = open_service(settings or load_settings())
    service.rates  # noqa: B018  # made now, so that a setting that is no rate is told at the start
    service.key_algorithms  # noqa: B018  # likewise
    app = assembled()
    app.extensions["traceability"] = service
    app.config.update(_config(service))
    if proxies := service.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # Flask's way
    return app


def assembled() -> Flask:
    """Return the application with every route and handler, before it has a service: the same for all settings."""
    app = Flask("traceability", template_folder="web/templates", static_folder=None)
    app.config.update(API_TITLE="traceability", API_VERSION="v1", OPENAPI_VERSION="3.1.0", PROPAGATE_EXCEPTIONS=False)
    app.session_interface = _Sessions()
    app.before_request(_before)  # before anything that may refuse a request and log its id
    rest = Api(app)
    bodies.install(app)
    refused.install(app)
    problems.install(app)  # after Api, whose own error handler it replaces
    for blueprint in api.BLUEPRINTS:
        rest.register_blueprint(blueprint)
    web.install(app)
    app.after_request(_after)
    return app


def _config(service: Service) -> dict[str, Any]:
    settings = service.settings
    return {
        "SECRET_KEY": session_secret(settings.state_dir),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": settings.session_hours * 3600,
        "MAX_CONTENT_LENGTH": settings.document_limit_mb * 1_000_000 + 100_000,
    }


def _before() -> None:
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()


def _after(response: Response) -> Response:
    response.headers.update(_SECURITY)
    if is_secret():
        response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Request-Id"] = g.request_id
    if current_app.extensions["traceability"].store.quarantine:
        response.headers["Ledger-Warning"] = "the ledger is not written, and may have been changed; see /health"
    _LOG.info(
        "request", method=request.method, path=logged_path(), status=response.status_code, request_id=g.request_id,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
    )  # fmt: skip
    return response
