"""The writer: shared commits, all-or-nothing use cases, snapshots for readers."""

import contextlib
import threading

import pytest
import sqlalchemy as sa
from sqlmodel import select

from traceability.errors import Conflict, Unavailable
from traceability.storage.tables import AccessLog, Checkpoint, LogHead


def read(actor="a", **fields):
    return {"actor": actor, "role": "officer", "action": "read", "subject": "s", "detail": {}, **fields}


def rows(service):
    with service.store.read() as session:
        return sorted(session.exec(select(AccessLog.actor)))


def add(actor):
    return lambda tx: tx.session.add(AccessLog(at=tx.now, **read(actor)))


def heads(service):
    with service.store.read() as session:
        return list(session.exec(select(Checkpoint.size).order_by(Checkpoint.size)))


def test_result_comes_after_the_commit(service):
    def use_case(tx):
        add("a")(tx)
        return 7

    assert service.store.write(use_case) == 7
    assert rows(service) == ["a"]


def test_concurrent_writers_share_a_commit(service, together, entry):
    indices = together(service, [lambda tx, n=n: tx.log.append(entry(tx, b"%d" % n)) for n in range(20)])
    assert indices == list(range(20))
    assert heads(service) == [20]


def test_failing_use_case_leaves_nothing_and_harms_nobody(service, together, entry):
    def broken(tx):
        add("broken")(tx)
        tx.session.flush()
        tx.log.append(entry(tx, b"broken"))
        tx.after_commit(lambda: add("never")(tx))
        raise Conflict("no")

    def good(tx):
        add("good")(tx)
        return tx.log.append(entry(tx, b"good"))

    first, failure, second = together(service, [good, broken, good])
    assert (first, type(failure), second) == (0, Conflict, 1)
    assert rows(service) == ["good", "good"]
    assert heads(service) == [2]


def test_what_can_be_done_together_is_and_each_caller_gets_its_own_outcome(service, together, entry):
    calls = []

    def record(tx, names):
        calls.append(list(names))
        tx.session.add_all([AccessLog(at=tx.now, **read(name)) for name in names if name != "refused"])
        return [Conflict("no") if name == "refused" else tx.log.append(entry(tx)) for name in names]

    asked = [lambda tx: "alone", *[(record, name) for name in ("a", "refused", "b")], lambda tx: "alone", (record, "c")]
    first, a, refused, b, _, c = together(service, asked)
    assert (first, a, type(refused), b, c) == ("alone", 0, Conflict, 1, 2)
    assert calls == [["a", "refused", "b"], ["c"]]
    assert rows(service) == ["a", "b", "c"]
    assert heads(service) == [3]


def test_what_fails_together_is_done_one_by_one(service, together, entry):
    def record(tx, names):
        indices = [tx.log.append(entry(tx)) for _ in names]
        tx.session.add_all([AccessLog(at=tx.now, **read(name)) for name in names])
        if "broken" in names:
            raise ValueError("broken")
        return indices

    a, broken, b = together(service, [(record, name) for name in ("a", "broken", "b")])
    assert (a, type(broken), b) == (0, ValueError, 1)
    assert rows(service) == ["a", "b"]
    assert heads(service) == [2]


def test_violated_constraint_fails_its_own_use_case_only(service):
    service.store.write(lambda tx: tx.session.add(AccessLog(id=5, at=tx.now, **read())))
    with pytest.raises(sa.exc.IntegrityError):
        service.store.write(lambda tx: tx.session.add(AccessLog(id=5, at=tx.now, **read())))
    service.store.write(add("b"))
    assert rows(service) == ["a", "b"]


def test_use_case_that_swallows_a_failed_flush_leaves_nothing(service, entry):
    def careless(tx):
        tx.log.append(entry(tx))
        for _ in range(2):
            tx.session.add(AccessLog(id=5, at=tx.now, **read()))
            with contextlib.suppress(sa.exc.IntegrityError):
                tx.session.flush()
            tx.session.expunge_all()

    with pytest.raises(sa.exc.InvalidRequestError):
        service.store.write(careless)
    assert rows(service) == []
    assert heads(service) == []


def test_insert_may_be_tried_in_a_savepoint_of_the_use_case(service, entry):
    def careful(tx):
        for _ in range(2):
            try:
                with tx.session.begin_nested():
                    tx.session.add(AccessLog(id=5, at=tx.now, **read()))
            except sa.exc.IntegrityError:
                return tx.log.append(entry(tx))
        return None

    assert service.store.write(careful) == 0
    assert rows(service) == ["a"]


def test_error_in_the_commit_is_told_to_everyone_and_the_tree_reloads(service, together, append, entry, monkeypatch):
    append(service, b"before")
    with monkeypatch.context() as patch:
        done = []
        real = service.store.writer_engine.dialect.do_commit

        def no_disk(connection):
            if not done:  # the commit of the task that held the writer
                done.append(1)
                return real(connection)
            raise sa.exc.OperationalError("COMMIT", None, OSError("disk full"))

        patch.setattr(service.store.writer_engine.dialect, "do_commit", no_disk)
        outcomes = together(service, [lambda tx: tx.log.append(entry(tx))] * 3)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert "whether it was kept is not known" in str(outcomes[0]), "the answer of a commit can be lost"
    assert service.store._log._tree is None
    assert append(service, b"after") == 1
    assert heads(service) == [1, 2]


@pytest.mark.parametrize(
    "error",
    [
        sa.exc.OperationalError("SELECT", None, OSError("disk I/O error")),
        sa.exc.DatabaseError("SELECT", None, OSError("database disk image is malformed")),
        sa.exc.InternalError("SELECT", None, OSError("could not read block")),
        sa.exc.TimeoutError("no connection"),
    ],
)
def test_a_failing_database_fails_the_whole_group(service, together, append, entry, error):
    """Whoever happened to ask for the page that cannot be read: nothing of that transaction is to be trusted."""

    def unlucky(_tx):
        raise error

    outcomes = together(service, [lambda tx: tx.log.append(entry(tx)), unlucky])
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 2
    assert "nothing was kept: try again" in str(outcomes[0])
    assert service.store._log._tree is None
    assert append(service) == 0


def test_a_writer_without_memory_to_tell_of_its_failure_answers_all_the_same(service, append, monkeypatch):
    def none_left():
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(service.store._log, "committed", none_left)
        with pytest.raises(Unavailable, match="not known"):
            append(service)
    assert append(service) == 1, "it had been committed"


def test_a_writer_that_cannot_start_keeps_nobody_waiting(service, append, monkeypatch):
    def no_thread(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(Unavailable, match="nothing was kept"):
            append(service)
    assert append(service) == 0


def test_action_after_commit_runs_once_it_is_durable(service):
    seen, ran = [], threading.Event()

    def use_case(tx):
        add("a")(tx)
        tx.after_commit(lambda: 1 / 0)  # its failure is nobody's
        tx.after_commit(lambda: seen.extend(rows(service)))
        tx.after_commit(ran.set)

    service.store.write(use_case)
    assert ran.wait(5)
    assert seen == ["a"]
    service.store.write(add("b"))
    assert rows(service) == ["a", "b"]


def test_reader_sees_one_snapshot(service):
    service.store.write(add("a"))
    with service.store.read() as session:
        assert session.exec(select(sa.func.count(AccessLog.id))).one() == 1
        service.store.write(add("b"))
        assert session.exec(select(sa.func.count(AccessLog.id))).one() == 1
    assert rows(service) == ["a", "b"]


def test_reader_cannot_write(service):
    with service.store.read() as session, pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
        session.connection().execute(sa.delete(LogHead))


def test_writing_inside_a_use_case_is_refused(sqlite_service):
    with pytest.raises(RuntimeError, match="use its tx"):
        sqlite_service.store.write(lambda _tx: sqlite_service.store.write(lambda _inner: None))


def test_close_finishes_what_waits_and_refuses_the_rest(service, together):
    closing = threading.Thread(target=service.store.close)

    def slow(tx):
        closing.start()
        add("a")(tx)

    assert together(service, [slow, add("b")]) == [None, None]
    closing.join(10)
    with service.store.reader_engine.connect() as connection:
        assert connection.execute(select(sa.func.count(AccessLog.id))).scalar() == 2
    with pytest.raises(Unavailable, match="stopping"):
        service.store.write(add("c"))
    service.store.reader_engine.dispose()


def test_database_without_migrations_says_what_to_do(make_database, make_settings, clock, open_at, append):
    settings = make_settings(make_database("sqlite", empty=True))
    with pytest.raises(Unavailable, match="OperationalError"):
        append(open_at(settings, clock))
