"""The worker: which function does which job, and the loop that runs them."""

import importlib
import logging
import pkgutil
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from traceability import services
from traceability.errors import TraceabilityError
from traceability.services.context import Service
from traceability.storage.jobs import Runner

_HOUR = 3600.0
_log = logging.getLogger(__name__)

Handler = Callable[[Service, Mapping[str, Any]], None]

#: Filled by ``@handler`` when the modules of the use cases are imported.
HANDLERS: dict[str, Handler] = {}


def handler(name: str) -> Callable[[Handler], Handler]:
    """Make the decorated function do the jobs called ``name``; it must be idempotent, a job may run twice.

    Raises:
        ValueError: another function does them already.

    """

    def register(function: Handler) -> Handler:
        if name in HANDLERS:
            raise ValueError(f"two handlers for the job {name!r}: {HANDLERS[name]} and {function}")
        HANDLERS[name] = function
        return function

    return register


def load_handlers() -> None:
    """Import every use case, so that each job finds its function; to be called before ``run_worker``.

    Which program this is gets read here too, while its files are those that were imported: an upgrade may replace them
    before it restarts this process.
    """
    from traceability.services.facts.program import program_version

    program_version()
    for module in pkgutil.iter_modules(services.__path__, f"{services.__name__}."):
        importlib.import_module(module.name)


def run_worker(service: Service, stop: threading.Event) -> None:
    """Run jobs in as many threads as the settings say until ``stop`` is set; what is running then is finished first."""
    Runner(service, HANDLERS, threads=service.settings.worker_threads).run_forever(stop)


def follow_calendar(service: Service, stop: threading.Event) -> None:
    """Until ``stop``, ask every hour for what was last assessed for an earlier day: law and lists change with the day.

    Names of new list versions are taken into the tables they are looked up in. Once a month a report of what is due to
    be erased is asked for too, where there is a dpo to read it.

    To be run in a thread beside ``run_worker``; several may run, asking twice makes one job.
    """
    from traceability.services.retention.reports import remind  # they register handlers here
    from traceability.services.touched import index_lists, sweep

    while True:
        try:
            sweep(service)
            remind(service)
            index_lists(service)
        except (TraceabilityError, SQLAlchemyError):
            _log.warning("the calendar could not be followed now; trying again", exc_info=True)
        if stop.wait(_HOUR):
            return
