"""The store: short read snapshots, and one writer thread that lets concurrent use cases share a commit.

A use case is a function of a ``Transaction``. The writer runs those that are waiting inside one database transaction,
each in a savepoint of its own, signs one checkpoint over what they appended, commits once, and only then answers.
Use cases of one kind that can be done together (``write_together``) share a savepoint and their statements.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlmodel import Session

from traceability.clock import Clock
from traceability.errors import TraceabilityError, Unavailable
from traceability.storage import bounds  # noqa: F401  # from here on texts are held against their columns
from traceability.storage.engine import read_engine, write_engine
from traceability.storage.failures import is_database_failure
from traceability.storage.log import Log
from traceability.storage.replica import require_size
from traceability.storage.waiting import result_of

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741  # an item of work
_GROUP = 64
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a use case may touch: the connection, a session on it, the log, and the moment it happens (UTC)."""

    connection: Connection
    session: Session
    log: Log
    clock: Clock
    _moment: list[datetime] = field(default_factory=list, repr=False)

    @property
    def now(self) -> datetime:
        """Return received_at: monotone over the whole log, and one moment for the whole use case.

        So a row says the same moment as its ledger entry, and can be held to that.
        """
        if not self._moment:
            self._moment.append(self.log.moment(self.clock()))
        return self._moment[0]

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run ``action`` once this transaction is durable; never when it is rolled back."""
        self.session.info.setdefault("after_commit", []).append(action)


@dataclass(slots=True)
class _Task:
    """An item of work; neighbours with the same ``run`` are handed to it together."""

    run: Callable[[Transaction, Sequence[Any]], Sequence[Any]]
    item: Any
    future: "Future[Any]"


_Outcome = tuple[_Task, Any]  # an exception is what the caller gets raised


class Store:
    """Both engines and the writer of one process."""

    def __init__(self, url: str, log: Log, clock: Clock, *, replica_url: str | None = None) -> None:
        self.url = url
        self.writer_engine = write_engine(url)
        self.reader_engine = read_engine(url)
        self.replica_engine = self.reader_engine if replica_url is None else read_engine(replica_url)
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

    @contextmanager
    def read_published(self, min_size: int = 0) -> Iterator[Session]:
        """Open a session for reading the public log, on the replica where there is one, as ``read`` does.

        Only what never changes once it is signed is read there: who may do what is asked of the database itself.

        Raises:
            Behind: the log has fewer than ``min_size`` entries there.

        """
        with Session(self.replica_engine) as session:
            if min_size:
                require_size(session.connection(), min_size)  # of the snapshot that everything else is read from
            yield session

    def write(self, run: Callable[[Transaction], T]) -> T:
        """Run a use case in the next write transaction and return its result after the commit is durable.

        The thread may do other requests meanwhile (``waiting``): hold no lock and no read session across it.

        Raises:
            TraceabilityError: what ``run`` raised; nothing of it was written.
            Unavailable: the database could not be written, or the service is stopping.
            RuntimeError: called by a use case; it would wait for itself.

        """

        def alone(tx: Transaction, _: Sequence[None]) -> list[T | Exception]:
            return [run(tx)]

        return self.write_together(alone, None)

    def write_together(self, run: Callable[[Transaction, Sequence[I]], Sequence[T | Exception]], item: I) -> T:
        """Have ``run`` do ``item`` in the next write transaction, in one call with other items that wait for it.

        ``run`` gives one outcome for each item, in order: a result, or the exception its caller gets; of the latter it
        must have written nothing. When it raises, everything of that call is undone and each item is done alone.

        Raises:
            Exception: the outcome of ``item`` where that is one; otherwise as ``write``.

        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("a use case runs inside a write transaction already; use its tx")
        task = _Task(run, item, Future())

        def hand_over() -> None:
            with self._starting:  # not after the last task that close() lets through
                self._ensure_started()
                self._tasks.put(task)

        result: T = result_of(task.future, hand_over)
        return result

    def check(self) -> None:
        """Open the writer and compare the log with what is remembered of it; nothing is written.

        Raises:
            Quarantined: it must not be written; reading works.
            ClockRefused: the machine's clock is outside its tolerance.
            Unavailable: the database cannot be written.

        """
        self.write(lambda _tx: None)

    @property
    def quarantine(self) -> str | None:
        """Return why nothing is written, where the log is behind, forked or was found to be changed; else None."""
        return self._log.quarantine

    @property
    def clock_alarm(self) -> str | None:
        """Return why the machine's clock is not believed, so that nothing is recorded; else None."""
        return self._log.clock_alarm

    def close(self) -> None:
        """Finish what is waiting, then stop the writer and close the connections."""
        with self._starting:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._tasks.put(None)
            thread.join()
        for engine in (self.writer_engine, self.reader_engine, self.replica_engine):
            engine.dispose()

    def _ensure_started(self) -> None:
        if self._closed:
            raise Unavailable("the service is stopping")
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._work, name="writer", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the system gives no thread: nobody would ever answer what is put in line
                raise Unavailable("the writer could not be started; nothing was kept, try again") from error
            self._thread = thread

    def _work(self) -> None:
        while group := self._next_group():
            try:
                self._commit(group)
            except Exception as error:  # noqa: BLE001  # not even the failure could be told; the callers wait all the same
                self._log.forget()
                for task in group:
                    if not task.future.done():
                        task.future.set_exception(_unavailable(error, in_doubt=True))

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
        is_committing = False
        try:
            with self.writer_engine.begin() as connection:
                self._log.begin(connection)
                answers: list[_Outcome] = []
                for _, tasks in groupby(group, key=lambda task: task.run):
                    answers += self._run(list(tasks), connection, actions)
                self._log.finish()
                is_committing = True
        except Exception as error:  # noqa: BLE001  # whatever broke the commit, nobody may be told it was written
            self._log.forget()
            failure = error if isinstance(error, TraceabilityError) else _unavailable(error, in_doubt=is_committing)
            answers = [(task, failure) for task in group]
            actions = []
        else:
            self._log.committed()
        for task, outcome in answers:
            if isinstance(outcome, Exception):
                task.future.set_exception(outcome)
            else:
                task.future.set_result(outcome)
        for action in actions:
            try:
                action()
            except Exception:  # noqa: BLE001  # the writer has to live on, and the callers have their answers
                _log.exception("an action after a commit failed; what was committed stands")

    def _run(self, tasks: Sequence[_Task], connection: Connection, actions: list[Callable[[], None]]) -> list[_Outcome]:
        """Do what is to be done together, in one savepoint; where that fails, each by itself."""
        mark = self._log.mark()
        savepoint = connection.begin_nested()
        session = Session(connection, autoflush=True, join_transaction_mode="rollback_only", expire_on_commit=False)
        try:
            transaction = Transaction(connection, session, self._log, self._clock)
            outcomes = tasks[0].run(transaction, [task.item for task in tasks])
            session.flush()
            actions.extend(session.info.get("after_commit", []))
            session.close()
            savepoint.commit()
        except Exception as error:
            if is_database_failure(error):
                raise
            # The use case's own failure: undone, and answered to its caller.
            session.close()
            if savepoint.is_active:  # a failed flush has rolled it back already
                savepoint.rollback()
            self._log.back_to(mark)
            if len(tasks) == 1:
                return [(tasks[0], error)]
            return [outcome for task in tasks for outcome in self._run([task], connection, actions)]
        return list(zip(tasks, outcomes, strict=True))


def _unavailable(error: Exception, *, in_doubt: bool) -> Unavailable:
    """Return what the callers are told; a commit that was begun may have been done before its answer was lost."""
    kept = "whether it was kept is not known" if in_doubt else "nothing was kept"
    again = "sent again it is recorded once" if in_doubt else "try again"
    failure = Unavailable(f"the database could not be written ({type(error).__name__}); {kept}: {again}")
    failure.__cause__ = error
    return failure
