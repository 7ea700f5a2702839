"""How the service is: does the database answer, where does the ledger stand, and are its jobs being done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, col, select

from traceability.errors import Unavailable
from traceability.services.context import Service
from traceability.storage.jobs import OpenJob, all_jobs
from traceability.storage.tables import Checkpoint, LogHead

Worker = Literal["idle", "working", "stalled"]
_STALLED_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Health:
    """The ledger's head (entries, UTC) and the jobs that have not succeeded.

    ``worker`` is judged by its work: ``stalled`` when a job has been due for two minutes and nobody took it. While it
    is, a job has failed for good, or nothing may be written, subjects stay pending and ``status`` is ``degraded``.
    """

    status: Literal["ok", "degraded"]
    size: int
    at: datetime | None
    waiting: int
    running: int
    failed: int
    worker: Worker
    oldest_due_seconds: int
    quarantine: str | None = None
    """Why nothing is written: the log was found to be behind, forked or changed."""
    clock: str | None = None
    """Why nothing is recorded, where this process does not believe the machine's clock."""
    log_key: str | None = None
    """Why nothing can be signed by this process, where the file of the key that signs now is not in its folder."""
    witnesses: Mapping[str, str] = field(default_factory=dict)
    """What witnesses say against the log, by name: they have seen more of it, or another one."""
    audits: Mapping[str, Any] = field(default_factory=dict)
    """The newest outcome of each kind of audit (sample, full, deep): when, verdict, entries, first bad index."""


def health(service: Service) -> Health:
    """Return how the service is.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.

    """
    with service.store.read() as session:
        head = session.exec(select(LogHead)).one_or_none()
        waiting, running, failed = (all_jobs(session, state) for state in ("waiting", "running", "failed"))
    due = _oldest_due(waiting, service.clock())
    missing = None if head is None else _missing_key(service, head)
    said = service.contradictions.said()
    stopped = service.store.quarantine or service.store.clock_alarm or missing
    worker: Worker = "stalled" if due > _STALLED_SECONDS and not running else "working" if running else "idle"
    return Health(
        status="degraded" if worker == "stalled" or failed or stopped or said else "ok",
        size=head.size if head else 0,
        at=head.at if head and head.size else None,
        waiting=len(waiting),
        running=len(running),
        failed=len(failed),
        worker=worker,
        oldest_due_seconds=due,
        quarantine=service.store.quarantine,
        clock=service.store.clock_alarm,
        log_key=missing,
        witnesses=said,
        audits=service.audits.outcomes(),
    )


def _missing_key(service: Service, head: LogHead) -> str | None:
    try:
        service.log_keys.active(head.key)
    except Unavailable as error:
        return error.detail
    return None


def newest_checkpoint(service: Service) -> Checkpoint | None:
    """Return the newest signed head; None before anything was recorded."""
    with service.store.read() as session:
        return _newest(session)


def _newest(session: Session) -> Checkpoint | None:
    return session.exec(select(Checkpoint).order_by(col(Checkpoint.size).desc()).limit(1)).one_or_none()


def _oldest_due(waiting: list[OpenJob], now: datetime) -> int:
    """Return for how long the oldest job has been due (s); one that waits for its next attempt is not due yet."""
    return max(0, *(int((now - job.run_after).total_seconds()) for job in waiting if job.run_after), 0)
