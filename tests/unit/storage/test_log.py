"""The log in the database: one head, in step with its entries, tiles and checkpoints; never signed when in doubt."""

import dataclasses
import shutil
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from traceability.errors import Conflict, Unavailable
from traceability.ledger.checkpoint import LogKey, verify_checkpoint
from traceability.ledger.errors import LedgerDamaged
from traceability.ledger.merkle import EMPTY_ROOT, leaf_hash, node_hash
from traceability.storage.log import LedgerInconsistent, Log
from traceability.storage.store import Store
from traceability.storage.tables import Checkpoint, LedgerEntry, LedgerTile, LogHead

START_LINE = "traceability.example/log"


def naive_root(leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


def stored(service):
    with service.store.read() as session:
        head = session.get(LogHead, 1)
        bodies = list(session.exec(select(LedgerEntry.body).order_by(LedgerEntry.index)))
        notes = list(session.exec(select(Checkpoint).order_by(Checkpoint.size)))
    return head, bodies, notes


def execute(service, statement):
    with service.store.writer_engine.begin() as connection:
        return connection.execute(statement)


def another_process(service):
    """The same log opened a second time, as another process of PostgreSQL has it."""
    store = Store(service.store.url, Log(service.log_key, service.settings.log_origin), service.clock)
    return dataclasses.replace(service, store=store)


def test_the_root_at_every_size_up_to_the_head(service, append):
    for n in range(9):
        append(service, b"%d" % n)
    leaves = [leaf_hash(body) for body in stored(service)[1]]
    roots = service.store.write(lambda tx: [tx.log.root_at(size) for size in range(11)])
    assert roots == [*(naive_root(leaves[:size]) for size in range(10)), None]


def test_head_entries_and_checkpoints_agree(service, append):
    for n in range(3):
        append(service, b"%d" % n)
    head, bodies, notes = stored(service)
    leaves = [leaf_hash(body) for body in bodies]
    assert head.size == 3
    for note in notes:
        checkpoint, _ = verify_checkpoint(note.note, [service.log_key.verifier])
        assert (checkpoint.size, checkpoint.root) == (note.size, note.root)
        assert note.root == naive_root(leaves[: note.size])
    assert notes[-1].root == head.root


def test_many_entries_over_tile_borders(sqlite_service, entry):
    for size in (255, 1, 1, 300):
        sqlite_service.store.write(lambda tx, n=size: [tx.log.append(entry(tx, b"%d" % i)) for i in range(n)])
    head, bodies, _ = stored(sqlite_service)
    assert head.size == len(bodies) == 557
    assert head.root == naive_root([leaf_hash(body) for body in bodies])


def test_tree_is_loaded_again_from_its_tiles(service, append, entry):
    service.store.write(lambda tx: [tx.log.append(entry(tx)) for _ in range(300)])
    service.store._log.forget()
    assert append(service) == 300
    head, bodies, _ = stored(service)
    assert head.root == naive_root([leaf_hash(body) for body in bodies])


def test_use_case_without_entry_makes_no_checkpoint(service):
    service.store.write(lambda tx: tx.now)
    assert stored(service)[2] == []


def test_received_at_never_goes_back(service, clock, append):
    append(service)
    clock.advance(hours=-1)
    assert service.store.write(lambda tx: tx.now) == clock() + timedelta(hours=1)
    service.store._log._last = None  # as after a restart: the head remembers
    assert service.store.write(lambda tx: tx.now) == clock() + timedelta(hours=1)
    clock.advance(hours=2, microseconds=1999)
    assert service.store.write(lambda tx: tx.now).microsecond == 1000


def test_failed_use_case_does_not_move_time(service, clock):
    def broken(tx):
        clock.advance(days=400)
        _ = tx.now
        raise Conflict("no")

    service.store.write(lambda tx: tx.now)
    with pytest.raises(Conflict):
        service.store.write(broken)
    clock.advance(days=-399)
    assert service.store.write(lambda tx: tx.now) == clock()


def test_head_moved_by_another_process_is_followed(make_database, make_settings, clock, open_at, append):
    service = open_at(make_settings(make_database("postgresql")), clock)
    other = another_process(service)
    try:
        assert [append(one) for one in (service, other, service, other, other)] == [0, 1, 2, 3, 4]
    finally:
        other.store.close()


def test_lock_lost_with_a_savepoint_is_taken_again(make_database, make_settings, clock, open_at, append, entry):
    """PostgreSQL drops a row lock when the savepoint it was taken in is rolled back; another process may get it."""
    service = open_at(make_settings(make_database("postgresql")), clock)
    other = another_process(service)

    def broken(tx):
        tx.log.append(entry(tx))
        raise Conflict("no")

    def late(tx):
        append(other)
        return tx.log.append(entry(tx))

    tasks = [lambda _tx: None, broken, late]
    try:
        outcome = run_as_one_group(service, tasks)
        assert isinstance(outcome[1], Conflict)
        assert outcome[2] == 1
    finally:
        other.store.close()


def run_as_one_group(service, tasks):
    from concurrent.futures import Future

    from traceability.storage.store import _Task

    group = [_Task(lambda tx, _, task=task: [task(tx)], None, Future()) for task in tasks]
    service.store._commit(group)
    return [task.future.exception() or task.future.result() for task in group]


def test_head_moved_under_the_transaction_stops_it(service, append, entry):
    append(service)

    def overtaken(tx):
        tx.log.append(entry(tx))
        tx.connection.execute(sa.update(LogHead).values(size=9))

    with pytest.raises(LedgerInconsistent, match="moved under"):
        service.store.write(overtaken)
    assert stored(service)[0].size == 1
    assert append(service) == 1


def test_entry_changed_while_written_is_not_signed(service, entry, monkeypatch):
    real = Log._write_tiles

    def flip(self, connection, tree):
        real(self, connection, tree)
        connection.execute(sa.update(LedgerEntry).values(body=b"another"))

    monkeypatch.setattr(Log, "_write_tiles", flip)
    with pytest.raises(LedgerInconsistent, match="entry read back differs"):
        service.store.write(lambda tx: tx.log.append(entry(tx)))
    assert stored(service)[1:] == ([], [])


@pytest.mark.parametrize(
    ("damage", "error"), [(b"\x00" * 32, LedgerInconsistent), (b"\x00" * 64, LedgerInconsistent), (None, LedgerDamaged)]
)
def test_tile_changed_while_written_is_not_signed(sqlite_service, entry, monkeypatch, damage, error):
    real = Log._write_tiles

    def flip(self, connection, tree):
        real(self, connection, tree)
        change = sa.delete(LedgerTile) if damage is None else sa.update(LedgerTile).values(hashes=damage)
        connection.execute(change)

    monkeypatch.setattr(Log, "_write_tiles", flip)
    with pytest.raises(error):
        sqlite_service.store.write(lambda tx: tx.log.append(entry(tx)))
    assert stored(sqlite_service)[1:] == ([], [])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (sa.update(LedgerTile).values(hashes=b"\x01" * 64), LedgerInconsistent),
        (sa.delete(LedgerTile), LedgerDamaged),
        (sa.update(LogHead).values(root=b"\x01" * 32), LedgerInconsistent),
    ],
)
def test_damaged_log_is_not_continued(service, append, change, error):
    append(service)
    append(service)
    execute(service, change)
    service.store._log.forget()
    with pytest.raises(error) as caught:
        append(service)
    assert caught.value.status == 503
    assert len(stored(service)[1]) == 2


def test_missing_head_names_the_command(service, append):
    execute(service, sa.delete(LogHead))
    with pytest.raises(Unavailable, match="traceability migrate"):
        append(service)


def test_use_outside_a_transaction_is_refused():
    log = Log(LogKey.generate(START_LINE), START_LINE)
    with pytest.raises(LedgerInconsistent, match="outside"):
        log.append(None)
    with pytest.raises(LedgerInconsistent, match="not loaded"):
        log._size()


@settings(max_examples=15, deadline=None)
@given(groups=st.lists(st.lists(st.booleans(), max_size=40), max_size=6))
def test_root_equals_a_naive_tree_whatever_fails(tmp_path_factory, sqlite_template, groups):
    """Property: commits of use cases, some of which fail; what is left is a tree over the entries that stayed."""
    from traceability.clock import fixed_clock
    from traceability.ledger.entry import Entry, digest

    path = tmp_path_factory.mktemp("log") / "db"
    shutil.copy(sqlite_template, path)
    from datetime import UTC, datetime

    log = Log(LogKey.generate(START_LINE), START_LINE)
    store = Store(f"sqlite:///{path}", log, fixed_clock(datetime(2026, 11, 23, 9, tzinfo=UTC)))

    def use_case(number, fails):
        def run(tx):
            index = tx.log.append(Entry(kind="capture", body=digest(b"%d" % number), at=number))
            if fails:
                raise Conflict("no")
            return index

        return run

    class Holder:
        pass

    holder = Holder()
    holder.store = store
    for group in groups:
        run_as_one_group(holder, [use_case(n, fails) for n, fails in enumerate(group)])
    head, bodies, _ = stored(holder)
    store.close()
    assert head.size == len(bodies) == sum(not fails for group in groups for fails in group)
    assert head.root == naive_root([leaf_hash(body) for body in bodies])
