"""The store: short read snapshots, and one writer thread that lets concurrent use cases share a commit.

A use case is a function of a ``Transaction``. The writer runs those that are waiting inside one database transaction,
each in a savepoint of its own, signs one checkpoint over what they appended, commits once, and only then answers.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlmodel import Session

from traceability.clock import Clock
from traceability.errors import TraceabilityError, Unavailable
from traceability.storage.engine import read_engine, write_engine
from traceability.storage.log import Log

T = TypeVar("T")
_GROUP = 64
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a use case may touch: the connection, a session on it, the log, and the moment it happens (UTC)."""

    connection: Connection
    session: Session
    log: Log
    clock: Clock

    @property
    def now(self) -> datetime:
        """Return received_at: monotone over the whole log."""
        return self.log.moment(self.clock())

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run ``action`` once this transaction is durable; never when it is rolled back."""
        self.session.info.setdefault("after_commit", []).append(action)


@dataclass(slots=True)
class _Task:
    run: Callable[[Transaction], Any]
    future: "Future[Any]"


class Store:
    """Both engines and the writer of one process."""

    def __init__(self, url: str, log: Log, clock: Clock) -> None:
        self.url = url
        self.writer_engine = write_engine(url)
        self.reader_engine = read_engine(url)
        self._log = log
        self._clock = clock
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session on one read-only snapshot."""
        with Session(self.reader_engine) as session:
            yield session

    def write(self, run: Callable[[Transaction], T]) -> T:
        """Run a use case in the next write transaction and return its result after the commit is durable.

        Raises:
            TraceabilityError: what ``run`` raised; nothing of it was written.
            Unavailable: the database could not be written, or the service is stopping.
            RuntimeError: called by a use case; it would wait for itself.

        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("a use case runs inside a write transaction already; use its tx")
        task = _Task(run, Future())
        with self._starting:  # not after the last task that close() lets through
            self._ensure_started()
            self._tasks.put(task)
        result: T = task.future.result()
        return result

    def close(self) -> None:
        """Finish what is waiting, then stop the writer and close the connections."""
        with self._starting:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._tasks.put(None)
            thread.join()
        self.writer_engine.dispose()
        self.reader_engine.dispose()

    def _ensure_started(self) -> None:
        if self._closed:
            raise Unavailable("the service is stopping")
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            group = self._next_group()
            if not group:
                return
            self._commit(group)

    def _next_group(self) -> list[_Task]:
        """Wait for one task, then take those that came meanwhile; an empty list means stop."""
        first = self._tasks.get()
        group = [] if first is None else [first]
        while group and len(group) < _GROUP:
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                break
            if task is None:
                self._tasks.put(None)
                break
            group.append(task)
        return group

    def _commit(self, group: list[_Task]) -> None:
        actions: list[Callable[[], None]] = []
        try:
            with self.writer_engine.begin() as connection:
                self._log.begin(connection)
                answers = [self._run(task, connection, actions) for task in group]
                self._log.finish(self._clock())
        except Exception as error:  # noqa: BLE001  # whatever broke the commit, nobody may be told it was written
            self._log.forget()
            failure = error if isinstance(error, TraceabilityError) else _unavailable(error)
            answers = [(task, None, failure) for task in group]
            actions = []
        for task, result, failed in answers:
            if failed is None:
                task.future.set_result(result)
            else:
                task.future.set_exception(failed)
        for action in actions:
            try:
                action()
            except Exception:  # noqa: BLE001  # the writer has to live on, and the callers have their answers
                _log.exception("an action after a commit failed; what was committed stands")

    def _run(
        self, task: _Task, connection: Connection, actions: list[Callable[[], None]]
    ) -> tuple[_Task, Any, BaseException | None]:
        mark = self._log.mark()
        savepoint = connection.begin_nested()
        session = Session(connection, autoflush=True, join_transaction_mode="rollback_only", expire_on_commit=False)
        try:
            result = task.run(Transaction(connection, session, self._log, self._clock))
            session.flush()
            actions.extend(session.info.get("after_commit", []))
            session.close()
            savepoint.commit()
        except sa.exc.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001  # the use case's own failure: undone, and answered to its caller
            session.close()
            if savepoint.is_active:  # a failed flush has rolled it back already
                savepoint.rollback()
            self._log.back_to(mark)
            return task, None, error
        return task, result, None


def _unavailable(error: Exception) -> Unavailable:
    failure = Unavailable(f"the database could not be written ({type(error).__name__}); nothing was kept, try again")
    failure.__cause__ = error
    return failure
