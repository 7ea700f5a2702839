"""Jobs as leased rows of the table ``job``: the adapter for SQLite.

A worker takes a job by moving ``leased_until`` into the future. A worker that dies lets the lease run out, and the job
is free again; a worker that was only slow finds its number of attempts changed and its outcome is not recorded. On
PostgreSQL the same statements run with SKIP LOCKED; the contract tests keep that as the reference.
"""

import logging
import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from traceability.errors import Unavailable
from traceability.storage.jobs_port import MAX_ATTEMPTS, Handlers, Host, OpenJob, State, error_text, wait_after
from traceability.storage.store import Transaction
from traceability.storage.tables import Job

_JOB: Any = Job.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_ADD = sa.insert(_JOB)
_LEASE = timedelta(minutes=10)
_POLL_SECONDS = 0.2
_DIED = "the worker ended while it ran this job"
_log = logging.getLogger(__name__)


class LeasedQueue:
    """The queue in our own table."""

    def enqueue(self, tx: Transaction, name: str, key: str, args: Mapping[str, Any]) -> None:
        """Add a job; one that waits already with this name and key does the work of both."""
        now = tx.now
        row = {"name": name, "key": key, "args": dict(args), "created_at": now, "run_after": now}
        while not (self._bring_forward(tx, name, key, now) or _insert(tx, row)):
            pass  # PostgreSQL: the row in the way was taken by a worker between the two statements

    def add(self, tx: Transaction, name: str, key: str, args: Mapping[str, Any]) -> None:
        """Add a job that nothing waiting can stand for."""
        now = tx.now
        row = {"name": name, "key": key, "args": dict(args), "created_at": now, "run_after": now}
        tx.connection.execute(_ADD, {**row, "started": False, "attempts": 0})

    def jobs(
        self, session: Session, *, key: str | None = None, state: State | None = None,
        names: Collection[str] | None = None, limit: int | None = None,
    ) -> list[OpenJob]:  # fmt: skip
        """Return open jobs, oldest first. "running" is shown until a success, a failure or the next lease."""
        shown = sa.case(
            (_JOB.c.failed_at.is_not(None), "failed"), (_JOB.c.leased_until.is_not(None), "running"), else_="waiting"
        )
        query = sa.select(_JOB, shown.label("state")).order_by(_JOB.c.id).limit(limit)
        if key is not None:
            query = query.where(_JOB.c.key == key)
        if state is not None:
            query = query.where(shown == state)
        if names is not None:
            query = query.where(_JOB.c.name.in_(sorted(names)))
        return [_open_job(row) for row in session.connection().execute(query)]

    def retry(self, tx: Transaction, job_id: int) -> bool:
        """Give a failed job its attempts back."""
        failed = sa.update(_JOB).where(_JOB.c.id == job_id, _JOB.c.failed_at.is_not(None))
        return tx.connection.execute(failed.values(failed_at=None, attempts=0, run_after=tx.clock())).rowcount == 1

    def run_once(self, host: Host, handle: Handlers, limit: int) -> int:
        """Lease up to ``limit`` jobs and run them one after the other."""
        with host.store.read() as session:
            if session.connection().execute(sa.select(_due(_JOB, host.clock())).select_from(_JOB)).first() is None:
                return 0
        leased = host.store.write(lambda tx: self.lease(tx, limit))
        for job in leased:
            self._run(host, handle, job)
        return len(leased)

    def run_forever(self, host: Host, handle: Handlers, stop: threading.Event, threads: int) -> None:
        """Run jobs in ``threads`` threads until ``stop``."""
        if host.store.writer_engine.dialect.name == "sqlite":
            host.store.write(self.release)  # one process owns the database: whoever held these leases is gone
        more = [
            threading.Thread(target=self._loop, args=(host, handle, stop), name=f"worker-{number}")
            for number in range(1, threads)
        ]
        for thread in more:
            thread.start()
        self._loop(host, handle, stop)
        for thread in more:
            thread.join()

    def lease(self, tx: Transaction, limit: int) -> list[OpenJob]:
        """Take up to ``limit`` due jobs, at most one of each key, none whose key is running."""
        now = tx.clock()
        self._give_up(tx, now)
        chosen = (
            sa.select(_JOB.c.id)
            .where(_due(_JOB, now), ~_blocked(now))
            .order_by(_JOB.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")
        )
        taken = tx.connection.execute(
            sa.update(_JOB)
            .where(_JOB.c.id.in_(sa.select(chosen.c.id)))
            .values(leased_until=now + _LEASE, started=True, attempts=_JOB.c.attempts + 1)
            .returning(_JOB, sa.literal("running").label("state"))
        )
        return sorted((_open_job(row) for row in taken), key=lambda job: job.id)

    def release(self, tx: Transaction) -> None:
        """Free every leased job."""
        tx.connection.execute(sa.update(_JOB).where(_JOB.c.leased_until.is_not(None)).values(leased_until=None))

    def _loop(self, host: Host, handle: Handlers, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                if self.run_once(host, handle, 1):
                    continue
            except Unavailable:
                _log.warning("jobs cannot be taken now; trying again", exc_info=True)
            stop.wait(_POLL_SECONDS)

    def _run(self, host: Host, handle: Handlers, job: OpenJob) -> None:
        try:
            handle(job.name, job.args)
        except Exception as error:  # noqa: BLE001  # whatever a handler raises is kept with its job
            _log.exception("job %s %s failed, attempt %s", job.name, job.key, job.attempts)
            text = error_text(error)
            host.store.write(lambda tx: self._failed(tx, job, text))
        else:
            host.store.write(lambda tx: self._succeeded(tx, job))

    def _succeeded(self, tx: Transaction, job: OpenJob) -> None:
        """Remove the job, and earlier failed ones of its name and key: their work is done now."""
        earlier = sa.and_(
            _JOB.c.name == job.name, _JOB.c.key == job.key, _JOB.c.id < job.id, _JOB.c.failed_at.is_not(None)
        )
        tx.connection.execute(sa.delete(_JOB).where(sa.or_(_still_ours(job), earlier)))

    def _failed(self, tx: Transaction, job: OpenJob, error: str) -> None:
        now = tx.clock()
        wait = wait_after(job.attempts)
        outcome = {"failed_at": now} if wait is None else {"run_after": now + wait}
        tx.connection.execute(sa.update(_JOB).where(_still_ours(job)).values(leased_until=None, error=error, **outcome))

    def _give_up(self, tx: Transaction, now: datetime) -> None:
        """Keep as failed what was taken too often without an outcome: a job that kills its worker."""
        worn_out = sa.and_(_JOB.c.attempts >= MAX_ATTEMPTS, _due(_JOB, now))
        error = sa.func.coalesce(_JOB.c.error, _DIED)
        tx.connection.execute(sa.update(_JOB).where(worn_out).values(failed_at=now, leased_until=None, error=error))

    def _bring_forward(self, tx: Transaction, name: str, key: str, now: datetime) -> bool:
        """Use a waiting job. The update locks its row, so no worker can start it before this transaction is seen."""
        waiting = sa.and_(_JOB.c.name == name, _JOB.c.key == key, _JOB.c.failed_at.is_(None), _free(_JOB, tx.clock()))
        sooner = sa.case((_JOB.c.run_after > now, now), else_=_JOB.c.run_after)
        return tx.connection.execute(sa.update(_JOB).where(waiting).values(run_after=sooner)).rowcount > 0


def _insert(tx: Transaction, row: Mapping[str, Any]) -> bool:
    dialect: Any = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    added = dialect.insert(_JOB).values(started=False, attempts=0, **row).on_conflict_do_nothing()
    return tx.connection.execute(added).rowcount == 1


def _free(job: Any, now: datetime) -> Any:
    return sa.or_(job.c.leased_until.is_(None), job.c.leased_until <= now)


def _due(job: Any, now: datetime) -> Any:
    return sa.and_(job.c.failed_at.is_(None), job.c.run_after <= now, _free(job, now))


def _blocked(now: datetime) -> Any:
    """Another job of the same key is running, or was there earlier and is due too."""
    other = _JOB.alias("other")
    running = sa.and_(other.c.failed_at.is_(None), other.c.leased_until > now)
    earlier = sa.and_(other.c.id < _JOB.c.id, _due(other, now))
    return sa.exists().where(other.c.key == _JOB.c.key, other.c.id != _JOB.c.id, sa.or_(running, earlier))


def _still_ours(job: OpenJob) -> Any:
    return sa.and_(_JOB.c.id == job.id, _JOB.c.attempts == job.attempts)


def _open_job(row: Any) -> OpenJob:
    return OpenJob(row.id, row.name, row.key, row.args, row.state, row.attempts, row.run_after, row.error)
