"""The web server: gunicorn with threads. On SQLite one process, which also runs the job worker in a thread."""

import gc
import threading
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # as above
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # as above
from gunicorn.util import import_app  # type: ignore[import-untyped]  # as above

from traceability.cli.connections import HEADER_BYTES, HEADERS, LINE_BYTES, RequestThreads
from traceability.config import Settings
from traceability.errors import TraceabilityError
from traceability.services.auditing import follow_audits, follow_deep_audits
from traceability.services.context import Service
from traceability.services.reminding import follow_reminders
from traceability.services.timestamping import follow_authorities
from traceability.services.witnessing import follow_witnesses
from traceability.services.worker import follow_calendar, load_handlers, run_worker

_FACTORY = "traceability.app:create_app()"  # WSGI servers take the application by its name
_GRACE_SECONDS = 30
_REQUEST_SECONDS = 120
_NEW_OBJECTS = 10_000
_LOG = structlog.get_logger("serve")


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
            "limit_request_line": LINE_BYTES,
            "limit_request_fields": HEADERS,
            "limit_request_field_size": HEADER_BYTES,
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
        _spare_what_stays()
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


def _spare_what_stays() -> None:
    """Let the garbage collector pass over what was made at the start, and come when a large capture is through.

    By default it comes several times while one capture of 500 events is read, and finds nothing of it to free.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 50)


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
            for work in (
                run_worker,
                follow_calendar,
                follow_witnesses,
                follow_authorities,
                follow_audits,
                follow_deep_audits,
                follow_reminders,
            )
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the running job finish, and take no further one."""
        self._stop.set()
        for thread in self._threads:
            thread.join(_GRACE_SECONDS)
