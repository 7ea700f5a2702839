"""What a job queue is, whichever database keeps it: at-least-once, in the transaction of what caused the job."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlmodel import Session

from traceability.clock import Clock
from traceability.storage.store import Store, Transaction

MAX_ATTEMPTS = 8
_LONGEST_WAIT = 3600
_LONGEST_ERROR = 2000

State = Literal["waiting", "running", "failed"]


class Host(Protocol):
    """What a queue needs of the service it runs jobs for."""

    @property
    def store(self) -> Store:
        """Return the store."""

    @property
    def clock(self) -> Clock:
        """Return the clock."""


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that has not succeeded: waiting (also for its next attempt), running, or failed and kept for an admin."""

    id: int
    name: str
    key: str
    args: Mapping[str, Any]
    state: State
    attempts: int
    run_after: datetime | None
    error: str | None


class Handlers(Protocol):
    """Calls the handler of a job by its name, bound to the service."""

    def __call__(self, name: str, args: Mapping[str, Any]) -> None:
        """Do the job.

        Raises:
            Exception: it could not be done; it is tried again.

        """


class Queue(Protocol):
    """The port with its two adapters: ``jobs_leased`` and ``jobs_procrastinate``."""

    def enqueue(self, tx: Transaction, name: str, key: str, args: Mapping[str, Any]) -> None:
        """Add a job inside the caller's transaction."""

    def add(self, tx: Transaction, name: str, key: str, args: Mapping[str, Any]) -> None:
        """Add a job under a key that was never used."""

    def jobs(
        self, session: Session, *, key: str | None = None, state: State | None = None,
        names: Collection[str] | None = None, limit: int | None = None,
    ) -> list[OpenJob]:  # fmt: skip
        """Return open jobs, oldest first; each argument narrows them, and without ``limit`` none is left out."""

    def retry(self, tx: Transaction, job_id: int) -> bool:
        """Give a failed job its attempts back; False where there is no such failed job."""

    def run_once(self, host: Host, handle: Handlers, limit: int) -> int:
        """Run up to ``limit`` jobs that are due and return how many were tried."""

    def run_forever(self, host: Host, handle: Handlers, stop: threading.Event, threads: int) -> None:
        """Run jobs as they become due until ``stop`` is set; what is running then is finished first."""


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after this many failed attempts; None: no more, an admin has to look."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return timedelta(seconds=min(4**attempts, _LONGEST_WAIT))


def error_text(error: BaseException) -> str:
    """Return what is kept of an error, for an admin to read."""
    # PostgreSQL's texts cannot hold the character NUL.
    return f"{type(error).__name__}: {error}".replace("\x00", "\ufffd")[:_LONGEST_ERROR]
