"""Jobs in procrastinate's tables: the adapter for PostgreSQL.

Jobs are deferred on the caller's own connection, so they commit with what caused them. Two locks of the package are
used: ``queueing_lock`` (name and key) keeps one waiting job of a kind, ``lock`` (key) runs a subject's jobs one at a
time. A killed worker leaves its job ``doing`` for ever; the sweep here gives such jobs back.
"""

import asyncio
import contextlib
import hashlib
import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import procrastinate
import sqlalchemy as sa
from procrastinate import App, JobContext
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, ProcrastinateException
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlmodel import Session

from traceability.storage.jobs_port import MAX_ATTEMPTS, Handlers, Host, OpenJob, State, error_text, wait_after
from traceability.storage.store import Transaction

_TASK = "traceability"
_STALLED_SECONDS = 60
_SWEEP_SECONDS = 30
_POLL_SECONDS = 1.0
_RESTART_SECONDS = 5
_DIED = "the worker ended while it ran this job"
_SHOWN = sa.text(
    "SELECT id, args, attempts, scheduled_at, CASE status WHEN 'todo' THEN 'waiting' WHEN 'doing' THEN 'running' "
    "ELSE 'failed' END AS state FROM procrastinate_jobs WHERE status <> 'succeeded' "
    "AND (CAST(:lock AS text) IS NULL OR lock = :lock) "
    "AND (CAST(:names AS text[]) IS NULL OR args ->> 'name' = ANY(:names)) ORDER BY id"
)
_BRING_FORWARD = sa.text(
    "UPDATE procrastinate_jobs SET scheduled_at = LEAST(scheduled_at, now()) "
    "WHERE status = 'todo' AND lock = :lock AND args ->> 'name' = :name"
)
_GIVE_BACK = sa.text(
    "UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = now() "
    "WHERE id = :id AND status = 'failed'"
)
#: Without its queueing lock a job that goes back to waiting cannot collide with one added while it ran.
_NOTE_ERROR = sa.text(
    "UPDATE procrastinate_jobs SET queueing_lock = NULL, "
    "args = jsonb_set(args, '{error}', to_jsonb(CAST(:error AS text))) WHERE id = :id AND status = 'doing'"
)
_CLEAR_FAILED = sa.text(
    "DELETE FROM procrastinate_jobs WHERE status = 'failed' AND lock = :lock AND args ->> 'name' = :name AND id < :id"
)
#: Due, or left running by a worker that is gone.
_ANY = sa.text(
    "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' OR (status = 'todo' AND "
    "(scheduled_at IS NULL OR scheduled_at <= now())) LIMIT 1"
)
_OURS = sa.text("SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = :worker")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Run:
    """One run of a worker: what its jobs need, and which of them are running."""

    host: Host
    handle: Handlers
    limit: int | None = None
    tried: int = 0
    worker: int | None = None
    running: set[int] = field(default_factory=set)
    suspects: set[int] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None
    task: "asyncio.Task[None] | None" = None

    def started(self, job: Job) -> None:
        self.worker = job.worker_id
        self.running.add(job.id or 0)
        self.tried += 1
        if self.limit is not None and self.tried >= self.limit and self.loop and self.task:
            self.loop.call_soon_threadsafe(self.task.cancel)  # the worker finishes this job, then stops

    def execute(self, statement: sa.TextClause, **values: Any) -> list[Any]:
        with self.host.store.writer_engine.begin() as connection:
            result = connection.execute(statement, values)
            return list(result) if result.returns_rows else []


class _Retry(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        del exception
        wait = wait_after(job.attempts + 1)
        return None if wait is None else RetryDecision(retry_in={"seconds": int(wait.total_seconds())})


def _run_job(context: JobContext, /, *, name: str, args: Mapping[str, Any], **_others: Any) -> None:
    """Run one job; an error is written down before the package decides on the next attempt."""
    run: _Run = context.additional_context["run"]
    job = context.job
    run.started(job)
    try:
        run.handle(name, args)
        run.execute(_CLEAR_FAILED, lock=job.lock, name=name, id=job.id)
    except Exception as error:
        run.execute(_NOTE_ERROR, id=job.id, error=error_text(error))
        raise
    finally:
        run.running.discard(job.id or 0)


def _app(connector: procrastinate.BaseConnector) -> App:
    app = App(connector=connector)
    app.task(name=_TASK, pass_context=True, retry=_Retry())(_run_job)
    return app


#: Only defers, always on a connection it is given, so it never opens a pool of its own.
_DEFERRER = _app(procrastinate.SyncPsycopgConnector())


class ProcrastinateQueue:
    """The queue in procrastinate's tables."""

    def enqueue(self, tx: Transaction, name: str, key: str, args: Mapping[str, Any]) -> None:
        """Add a job; one that waits already with this name and key does the work of both."""
        lock = _lock(key)
        # The update locks a waiting job's row: no worker can start it before this transaction is seen.
        while not tx.connection.execute(_BRING_FORWARD, {"lock": lock, "name": name}).rowcount:
            if _defer(tx, lock, name, {"name": name, "key": key, "args": dict(args)}):
                return

    def add(self, tx: Transaction, name: str, key: str, args: Mapping[str, Any]) -> None:
        """Add a job that nothing waiting can stand for."""
        _defer(tx, _lock(key), name, {"name": name, "key": key, "args": dict(args)})

    def jobs(
        self, session: Session, *, key: str | None = None, state: State | None = None,
        names: Collection[str] | None = None, limit: int | None = None,
    ) -> list[OpenJob]:  # fmt: skip
        """Return open jobs, oldest first."""
        wanted = {"lock": None if key is None else _lock(key), "names": None if names is None else sorted(names)}
        rows = session.connection().execute(_SHOWN, wanted)
        found = (_open_job(row) for row in rows)
        return [job for job in found if (state in (None, job.state))][:limit]

    def retry(self, tx: Transaction, job_id: int) -> bool:
        """Give a failed job its attempts back."""
        return tx.connection.execute(_GIVE_BACK, {"id": job_id}).rowcount == 1

    def run_once(self, host: Host, handle: Handlers, limit: int) -> int:
        """Run up to ``limit`` due jobs one after the other."""
        run = _Run(host, handle, limit)
        if not run.execute(_ANY):
            return 0
        asyncio.run(_work(run, None, wait=False, concurrency=1, listen_notify=False))
        return run.tried

    def run_forever(self, host: Host, handle: Handlers, stop: threading.Event, threads: int) -> None:
        """Run jobs in ``threads`` threads until ``stop``; starts again after the database was away."""
        while not stop.is_set():
            try:
                asyncio.run(_work(_Run(host, handle), stop, wait=True, concurrency=threads))
            except (ProcrastinateException, OSError):
                _log.warning("jobs cannot be taken now; trying again", exc_info=True)
            stop.wait(_RESTART_SECONDS)


def _defer(tx: Transaction, lock: str, name: str, kwargs: Mapping[str, Any]) -> bool:
    raw = tx.connection.connection.driver_connection
    deferrer = _DEFERRER.configure_task(_TASK, lock=lock, queueing_lock=f"{name}:{lock}", connection=raw)
    try:
        with tx.connection.begin_nested():
            deferrer.defer(**kwargs)
    except AlreadyEnqueued:
        return False
    return True


async def _work(run: _Run, stop: threading.Event | None, **options: Any) -> None:
    url = sa.make_url(run.host.store.url).set(drivername="postgresql").render_as_string(hide_password=False)
    app = _app(procrastinate.PsycopgConnector(conninfo=url, min_size=1))
    async with app.open_async():
        await _sweep(app, run)
        worker = app.run_worker_async(
            additional_context={"run": run}, install_signal_handlers=False, delete_jobs="successful",
            fetch_job_polling_interval=_POLL_SECONDS, stalled_worker_timeout=_STALLED_SECONDS, **options,
        )  # fmt: skip
        run.loop, run.task = asyncio.get_running_loop(), asyncio.create_task(worker)
        watch = asyncio.create_task(_watch(app, run, stop)) if stop else None
        with contextlib.suppress(asyncio.CancelledError):
            await run.task
        if watch:
            watch.cancel()


async def _watch(app: App, run: _Run, stop: threading.Event) -> None:
    """Sweep from time to time, and end the worker when asked to."""
    passed = 0.0
    while not stop.is_set():
        await asyncio.sleep(_POLL_SECONDS / 4)
        passed += _POLL_SECONDS / 4
        if passed >= _SWEEP_SECONDS:
            passed = 0.0
            await _sweep(app, run)
    if run.task:
        run.task.cancel()


async def _sweep(app: App, run: _Run) -> None:
    """Give back the jobs of workers that are gone, and those whose outcome this worker could not write down."""
    jobs = {job.id: job for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS)}
    for job_id in await asyncio.to_thread(_forgotten, run):
        jobs.update({job.id: job for job in await app.job_manager.list_jobs_async(id=job_id)})
    for job in jobs.values():
        _log.warning("job %s was left by its worker", job.id)
        with contextlib.suppress(ConnectorException):  # another worker's sweep was here first
            await _give_back(app, run, job)


async def _give_back(app: App, run: _Run, job: Job) -> None:
    await asyncio.to_thread(run.execute, _NOTE_ERROR, id=job.id, error=_DIED)
    if job.attempts + 1 >= MAX_ATTEMPTS:
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    else:
        await app.job_manager.retry_job(job)


def _forgotten(run: _Run) -> set[int]:
    """Return the jobs that count as this worker's and have not been running at two sweeps."""
    if run.worker is None:
        return set()
    idle = {row.id for row in run.execute(_OURS, worker=run.worker)} - run.running
    found, run.suspects = idle & run.suspects, idle
    return found


def _lock(key: str) -> str:
    """Return the key in a length every index can hold."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _open_job(row: Any) -> OpenJob:
    args = row.args
    return OpenJob(
        row.id, args["name"], args["key"], args["args"], row.state, row.attempts, row.scheduled_at, args.get("error")
    )
