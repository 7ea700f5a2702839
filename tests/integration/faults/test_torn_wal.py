"""Fault 2: a write-ahead log that is cut, flipped or zeroed gives the state of some commit, whole, or none at all."""

import contextlib
import random
import shutil
import sqlite3

import pytest

from traceability.errors import TraceabilityError
from traceability.services.access import SCOPES, Actor
from traceability.services.capture import CaptureRequest, capture
from traceability.services.context import open_service
from traceability.storage.quarantine import Quarantined
from traceability.storage.tables import LogHead

TORN = 40


@pytest.fixture
def written(place, document):
    """A database in use: its file and write-ahead log as they are on the disk, and (size, root) after each commit."""
    made = place("sqlite")
    service = open_service(made.settings)
    states = [head(service)]
    actor = Actor(made.order["actor"], "a key", "supplier", made.order["party"], frozenset(SCOPES))
    for number in range(25):
        body = document(number)
        capture(service, actor, CaptureRequest(body, "application/json", made.signature(body)))
        states.append(head(service))
    # What an earlier turn of the write-ahead log left behind must not be taken for frames of this one.
    with contextlib.closing(sqlite3.connect(made.database)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()[0] == 0
    for number in range(25, 50):
        body = document(number)
        capture(service, actor, CaptureRequest(body, "application/json", made.signature(body)))
        states.append(head(service))
    yield made, states
    service.close()


def head(service):
    with service.store.read() as session:
        row = session.get_one(LogHead, 1)
        return row.size, bytes(row.root)


def cut(data, chance):
    return data[: chance.randrange(len(data))]


def flip(data, chance):
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def zero(data, chance):
    at, length = chance.randrange(len(data)), chance.choice([512, 4096, 1 << 20])
    return data[:at] + bytes(min(length, len(data) - at)) + data[at + length :]


def lost(_data, _chance):
    return b""


@pytest.mark.parametrize("tear", [cut, flip, zero, lost])
def test_what_is_left_is_the_state_of_a_commit(written, tear, make_settings, tmp_path, is_whole, append):
    made, states = written
    chance, found = random.Random(tear.__name__), set()
    database = made.database
    wal = database.with_name(database.name + "-wal").read_bytes()
    assert len(wal) > 100_000
    for n in range(TORN if tear is not lost else 1):
        copy = tmp_path / f"torn-{n}" / database.name
        copy.parent.mkdir()
        shutil.copy(database, copy)
        copy.with_name(copy.name + "-wal").write_bytes(tear(wal, chance))
        settings = make_settings(f"sqlite:///{copy}", state_dir=made.settings.state_dir)
        service = open_service(settings)
        try:
            is_whole(service)
            left = head(service)
            assert left in states
            found.add(left)
            if left != states[-1]:  # what was lost was acknowledged: no other history may grow in its place
                with pytest.raises(Quarantined):
                    append(service)
        finally:
            service.close()
            shutil.rmtree(copy.parent)
    assert tear is lost or len(found) > 3, "the tears came at different places"


def test_a_torn_page_of_the_database_itself_is_never_signed_over(written, make_settings, tmp_path, append):
    """Not a torn log but a torn file: whatever is still readable, the head is not moved from a state nobody signed."""
    made, states = written
    database = made.database
    whole = database.read_bytes()
    chance = random.Random(5)
    for n in range(10):
        copy = tmp_path / f"torn-{n}" / database.name
        copy.parent.mkdir()
        copy.write_bytes(whole[: chance.randrange(4096, len(whole))])
        shutil.copy(database.with_name(database.name + "-wal"), copy.with_name(copy.name + "-wal"))
        service = open_service(make_settings(f"sqlite:///{copy}", state_dir=made.settings.state_dir))
        try:
            assert outcome(append, service) in (503, states[-1][0])
        finally:
            service.close()
            shutil.rmtree(copy.parent)


def outcome(append, service):
    try:
        return append(service)
    except TraceabilityError as error:
        return error.status
