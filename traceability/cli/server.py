"""The web server: gunicorn with threads. On SQLite one process, which also runs the job worker in a thread."""

import contextlib
import json
import threading
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # as above
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # as above
from gunicorn.http import errors, message  # type: ignore[import-untyped]  # as above
from gunicorn.util import import_app, write_nonblock  # type: ignore[import-untyped]  # as above
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # as above

from traceability.config import MAX_URI, Settings
from traceability.errors import TraceabilityError, UriTooLong
from traceability.services.auditing import follow_audits
from traceability.services.context import Service
from traceability.services.timestamping import follow_authorities
from traceability.services.witnessing import follow_witnesses
from traceability.services.worker import follow_calendar, load_handlers, run_worker

_FACTORY = "traceability.app:create_app()"  # WSGI servers take the application by its name
_GRACE_SECONDS = 30
_REQUEST_SECONDS = 120
_LINE_BYTES = 2 * MAX_URI
_HEADER_BYTES = 16_384
_HEADERS = 100
_OURS = (errors.ConfigurationProblem, errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)
_LOG = structlog.get_logger("serve")


# gunicorn takes no longer line than this constant says, unless it takes any; the application answers for its own limit.
message.MAX_REQUEST_LINE = _LINE_BYTES


class RequestThreads(ThreadWorker):  # type: ignore[misc]  # as above
    """Answers what it cannot read as a request the way the application answers: as a problem document (RFC 9457)."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Tell the caller what was wrong; what is not the caller's to mend is gunicorn's to log and answer."""
        found = _refusal(exc)
        if found is None:
            super().handle_error(req, client, addr, exc)
            return
        _LOG.warning("no request", status=found["status"], error=str(exc)[:200])
        body = json.dumps(found).encode()
        head = (
            f"HTTP/1.1 {found['status']} {found['title']}\r\nConnection: close\r\n"
            f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with contextlib.suppress(OSError):  # who has gone reads no answer
            write_nonblock(client, head.encode() + body)


def _refusal(error: BaseException) -> dict[str, Any] | None:
    if isinstance(error, errors.LimitRequestLine):
        said = f"path and query may have {MAX_URI} bytes; these have more: ask in several requests"
        return {"type": UriTooLong.type, "title": "URI Too Long", "status": UriTooLong.status, "detail": said}
    if isinstance(error, errors.LimitRequestHeaders):
        said = f"a request may have {_HEADERS} headers of {_HEADER_BYTES} bytes each; this one has more"
        title = "Request Header Fields Too Large"
        return {"type": "about:blank", "title": title, "status": 431, "detail": said}
    if isinstance(error, errors.UnsupportedTransferCoding):
        said = "a body is sent whole or in chunks (RFC 9112); no other transfer coding is read"
        return {"type": "about:blank", "title": "Not Implemented", "status": 501, "detail": said}
    if isinstance(error, errors.ParseException) and not isinstance(error, _OURS):
        said = f"this is no HTTP request that can be read: {str(error)[:200]}"
        return {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": said}
    return None


class _Log(Logger):  # type: ignore[misc]  # as above
    """Leaves the form and place of log lines to ours; requests are logged by the application itself."""

    def setup(self, cfg: Any) -> None:
        """Take the level and hand everything on to the root logger."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True


class _OneProcess(Arbiter):  # type: ignore[misc]  # as above
    """Starts no second process beside the one that writes: signals that would are told and let go."""

    def handle_hup(self) -> None:
        """Refuse a reload; also sent when a terminal closes."""
        _LOG.warning("a reload would start a second writer on SQLite: stop and start instead")

    handle_ttin = handle_ttou = handle_usr2 = handle_hup


class Server(BaseApplication):  # type: ignore[misc]  # as above
    """Serves one application with the settings of the environment."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._worker = EmbeddedWorker() if settings.is_sqlite and settings.embedded_worker else None
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's configuration; nothing is read from files or arguments."""
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        chosen: dict[str, Any] = {
            "bind": f"{host}:{self.settings.port}",
            "worker_class": RequestThreads,
            "limit_request_line": _LINE_BYTES,
            "limit_request_fields": _HEADERS,
            "limit_request_field_size": _HEADER_BYTES,
            "workers": self.settings.processes,
            "threads": self.settings.threads,
            "timeout": _REQUEST_SECONDS,
            "graceful_timeout": _GRACE_SECONDS,
            "keepalive": 5,
            "proc_name": "traceability",
            "logger_class": _Log,
            "control_socket_disable": True,
            "post_worker_init": self._started,
            "worker_exit": self._stopped,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the WSGI application; called in each web process."""
        return import_app(_FACTORY)

    def run(self) -> None:
        """Serve until stopped."""
        arbiter = _OneProcess if self.settings.is_sqlite else Arbiter
        arbiter(self).run()

    def _started(self, process: Any) -> None:
        service = process.wsgi.extensions["traceability"]
        if self._may_write(service) and self._worker is not None:
            self._worker.start(service)

    def _may_write(self, service: Service) -> bool:
        """Return whether jobs may be run; a log that must not be written is served for reading, and says so."""
        try:
            service.store.check()
        except TraceabilityError as refusal:
            _LOG.error("nothing is written", reason=refusal.detail)
            return service.store.quarantine is None  # what may pass is tried again
        return True

    def _stopped(self, _arbiter: Any, process: Any) -> None:
        if self._worker is not None:
            self._worker.stop()
        app = getattr(process, "wsgi", None)  # a process that failed to start has none
        if app is not None:
            app.extensions["traceability"].close()


class WitnessServer(BaseApplication):  # type: ignore[misc]  # as above
    """Serves a witness: one process, a few threads."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        self._app = app
        self._bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's configuration; nothing is read from files or arguments."""
        chosen = {"bind": self._bind, "worker_class": "gthread", "threads": 4, "control_socket_disable": True}
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the WSGI application."""
        return self._app


class EmbeddedWorker:
    """The job worker in a thread of the web process: on SQLite only that process may write."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, service: Service) -> None:
        """Run jobs from now on."""
        load_handlers()
        self._threads = [
            threading.Thread(target=work, args=(service, self._stop), name=work.__name__, daemon=True)
            for work in (run_worker, follow_calendar, follow_witnesses, follow_authorities, follow_audits)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the running job finish, and take no further one."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_GRACE_SECONDS)
