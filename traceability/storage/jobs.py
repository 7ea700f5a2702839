"""Jobs: one port, the adapter of the database behind it. A lost job would let a batch look clear, so none is lost.

A job is written in the transaction of what caused it and runs at least once after that transaction is durable. Handlers
are idempotent. After eight failed attempts the job is kept with its error: its subject stays pending until it succeeds.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar

from sqlmodel import Session

from traceability.errors import InvalidInput, NotFound
from traceability.storage.jobs_leased import LeasedQueue
from traceability.storage.jobs_port import Host, OpenJob, Queue, State
from traceability.storage.store import Transaction

__all__ = ["OpenJob", "Runner", "all_jobs", "enqueue", "enqueue_new", "jobs_named", "open_jobs", "retry_job"]

H = TypeVar("H", bound=Host)
_LONGEST_KEY = 700
_LISTED = 500


def enqueue_new(tx: Transaction, name: str, key: str, /, **args: Any) -> None:
    """Add a job whose key nobody can have used before, such as a new id: nothing is looked for first."""
    queue_of(tx.connection.dialect.name).add(tx, name, key, args)


def enqueue(tx: Transaction, name: str, key: str, /, **args: Any) -> None:
    """Add the job ``name`` about the subject ``key`` in this transaction; ``args`` are JSON values for its handler.

    Where a job of that name and key waits already, it does the work of both. Where one is running, it may have read its
    subject before this change, so a second one is added. Jobs of one key run one at a time.

    Raises:
        InvalidInput: the key is empty or longer than 700 characters.

    """
    if not 0 < len(key) <= _LONGEST_KEY:
        raise InvalidInput(f"expected a job key of 1 to {_LONGEST_KEY} characters; got {len(key)}")
    queue_of(tx.connection.dialect.name).enqueue(tx, name, key, args)


def open_jobs(session: Session, subject_key: str) -> list[OpenJob]:
    """Return the jobs about a subject that have not succeeded: while there is any, its state is pending."""
    return _queue(session).jobs(session, key=subject_key)


def all_jobs(session: Session, state: State | None = None, *, limit: int = _LISTED) -> list[OpenJob]:
    """Return the jobs that have not succeeded, oldest first, for admins."""
    return _queue(session).jobs(session, state=state, limit=limit)


def jobs_named(session: Session, names: Collection[str]) -> list[OpenJob]:
    """Return every job of these names that has not succeeded, however many there are."""
    return _queue(session).jobs(session, names=names)


def retry_job(tx: Transaction, job_id: int) -> None:
    """Let a failed job run again, with all its attempts.

    Raises:
        NotFound: there is no failed job with this id.

    """
    if not queue_of(tx.connection.dialect.name).retry(tx, job_id):
        raise NotFound(f"there is no failed job {job_id}")


class Runner(Generic[H]):
    """Runs the jobs of one service with the handlers it is given, each called as ``handler(service, args)``."""

    def __init__(
        self,
        service: H,
        handlers: Mapping[str, Callable[[H, Mapping[str, Any]], None]],
        *,
        queue: Queue | None = None,
        threads: int = 1,
    ) -> None:
        self._service = service
        self._handlers = handlers
        self._queue = queue or queue_of(service.store.writer_engine.dialect.name)
        self._threads = threads

    def run_once(self, limit: int = 100) -> int:
        """Run up to ``limit`` jobs that are due now and return how many were tried."""
        return self._queue.run_once(self._service, self._handle, limit)

    def run_forever(self, stop: threading.Event) -> None:
        """Run jobs as they become due until ``stop`` is set; what is running then is finished first."""
        self._queue.run_forever(self._service, self._handle, stop, self._threads)

    def _handle(self, name: str, args: Mapping[str, Any]) -> None:
        handler = self._handlers.get(name)
        if handler is None:
            # Kept and tried again: a worker of the right version may be on its way.
            raise NotFound(f"this worker knows no job {name!r}; it knows {', '.join(sorted(self._handlers)) or 'none'}")
        handler(self._service, args)


def queue_of(dialect: str) -> Queue:
    """Return the adapter for a database."""
    if dialect == "sqlite":
        return LeasedQueue()
    from traceability.storage.jobs_procrastinate import ProcrastinateQueue  # procrastinate is in the extra "pg"

    return ProcrastinateQueue()


def _queue(session: Session) -> Queue:
    return queue_of(session.connection().dialect.name)
