"""An older copy put in the place of the database while the service runs (ledger.md 10: 11 and 13), on both databases.

Whoever has signed a size must not sign it again with another root, whether its tree is in memory or was thrown away.
"""

import dataclasses

import pytest
import sqlalchemy as sa

from traceability.errors import Unavailable
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.storage.heads import Heads
from traceability.storage.log import LedgerInconsistent, Log
from traceability.storage.quarantine import Quarantined
from traceability.storage.store import Store
from traceability.storage.tables import Checkpoint, LedgerEntry, LedgerTile, LogHead

LOG = [table.__table__ for table in (LedgerEntry, LedgerTile, Checkpoint, LogHead)]


def append(service, about=b"x", count=1):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind="rule-set", body=digest(about + b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


def copy_of(service):
    with service.store.read() as session:
        return {table.name: [dict(row._mapping) for row in session.execute(sa.select(table))] for table in LOG}


def put_back(service, copy):
    with service.store.writer_engine.begin() as connection:
        for table in LOG:
            connection.execute(sa.delete(table))
            connection.execute(sa.insert(table), copy[table.name])


def another_process(service):
    """Another process of the same installation: the same database, keys and memory, a tree of its own."""
    heads = Heads(service.settings.state_dir / "heads", service.log_keys)
    log = Log(service.log_keys, service.settings.log_origin, heads)
    return dataclasses.replace(service, store=Store(service.settings.database_url, log, service.clock))


@pytest.fixture
def second(service):
    other = another_process(service)
    yield other
    other.store.close()


def fail(service):
    """Have a commit fail as it does when the connection is lost: the tree in memory is thrown away."""

    def broken(tx):
        tx.log.append(Entry(kind="rule-set", body=digest(b"lost"), at=milliseconds(tx.now)))
        raise sa.exc.OperationalError("INSERT", {}, Exception("server closed the connection"))

    with pytest.raises(Unavailable):
        service.store.write(broken)


def remembered_once(service):
    """No size was signed with two roots."""
    heads = service.store._log._heads.remembered()
    assert len({head.size for head in heads}) == len(heads)


@pytest.mark.parametrize("size", [1, 300, 513])
@pytest.mark.parametrize("failed", [False, True])
def test_an_older_copy_is_not_signed_on(service, size, failed):
    append(service, b"first", size)
    copy = copy_of(service)
    append(service, b"later", 3)
    put_back(service, copy)
    if failed:
        fail(service)
    for _ in range(2):
        with pytest.raises(Quarantined, match=f"{size} entries, and its key has signed {size + 3}"):
            append(service, b"instead", 3)
    assert copy_of(service) == copy
    remembered_once(service)
    assert service.store.quarantine is not None


def test_another_history_is_not_signed_on(service, make_settings):
    """Not even where it is as long as, or longer than, what this process has signed."""
    append(service, b"first", 5)
    copy = copy_of(service)
    append(service, b"later", 3)
    stranger = another_process(service)
    stranger.store._log._heads = None  # a copy of the database and the key elsewhere, which knows nothing of the rest
    stranger.store._log._decided = stranger.store._log._compared = True
    put_back(service, copy)
    append(stranger, b"instead", 4)
    stranger.store.close()
    forked = copy_of(service)
    with pytest.raises(Quarantined, match=r"first 8 entries .* a fork"):
        append(service, b"more")
    assert copy_of(service) == forked
    remembered_once(service)


def test_what_another_process_signed_counts(service, second):
    append(service, b"first", 5)
    append(second, b"later", 3)
    copy = copy_of(service)
    append(second, b"last", 2)
    put_back(service, copy)
    with pytest.raises(Quarantined, match="8 entries, and its key has signed 10"):
        append(service, b"instead")
    assert copy_of(service) == copy


def test_processes_that_take_turns_go_on(service, second):
    for n in range(4):
        append(service, b"one%d" % n)
        append(second, b"two%d" % n, 2)
    fail(service)
    append(service, b"on")
    assert (service.store.quarantine, second.store.quarantine) == (None, None)
    notes = copy_of(service)[Checkpoint.__tablename__]
    assert [verify_checkpoint(row["note"], [service.log_key.verifier])[0].size for row in notes][-1] == 13


def test_a_head_that_nobody_signed_is_not_signed_on(service, second):
    """Entries put in beside the service, with tiles and a head that fit: its key has not seen them."""
    append(service)
    append(second, b"beside")
    with service.store.writer_engine.begin() as connection:
        connection.execute(sa.delete(Checkpoint.__table__).where(Checkpoint.__table__.c.size == 2))
    with pytest.raises(LedgerInconsistent, match="no checkpoint signs the stored head"):
        append(service, b"on")


def test_a_memory_that_cannot_be_read_stops_who_has_to_reload(service, second):
    append(service)
    append(second, b"beside")
    memory = service.settings.state_dir / "heads"
    kept = memory.read_bytes()
    memory.unlink()
    memory.mkdir()
    with pytest.raises(Unavailable, match="remembered checkpoints cannot be read"):
        append(service, b"on")
    memory.rmdir()
    memory.write_bytes(kept)
    append(service, b"on")
    assert service.store.quarantine is None
