"""The audit of the log itself: which index is bad, whether entry or tile was changed, and what still stands."""

import random
import sqlite3

import pytest
import sqlalchemy as sa

from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.tiles import TileTree
from traceability.services.fsck import fsck
from traceability.storage.log_keys import LogKeys

SIZES = (1, 3, 250, 2, 300, 1, 200)


@pytest.fixture
def grown(service):
    """A log of 757 entries under seven checkpoints."""
    for number, count in enumerate(SIZES):

        def write(tx, number=number, count=count):
            for n in range(count):
                about = digest(b"%d %d" % (number, n))
                tx.log.append(Entry(kind="evidence-pack", body=about, at=milliseconds(tx.now)))

        service.store.write(write)
    return service


@pytest.fixture
def run(grown):
    """``run(sql, **values)`` changes what is stored, and audits it."""

    def change(*statements, **values):
        with grown.store.writer_engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement), values)
        return fsck(grown)

    return change


def told(report):
    return {(problem.table, problem.index) for problem in report.problems}


def test_an_empty_and_a_whole_log(service, grown):
    report = fsck(grown)
    assert (report.verdict, report.entries, report.stands[0]) == ("ok", 757, 757)
    assert report.as_dict()["first_bad"] is None


def test_an_empty_log(sqlite_service):
    report = fsck(sqlite_service)
    assert (report.verdict, report.entries, report.stands) == ("ok", 0, None)


def test_a_changed_entry_is_named_and_the_tile_is_not_accused(run):
    report = run('UPDATE ledger_entry SET body = :b WHERE "index" = 300', b=b'{"kind":"evidence-pack"}')
    assert told(report) == {("ledger_entry", 300)}
    assert "the entry was changed" in report.first.what
    assert report.stands[0] == 256, "what was signed before the bad entry"


def test_a_changed_leaf_is_named_and_the_entry_is_not_accused(grown, run):
    with grown.store.read() as session:
        query = sa.text('SELECT hashes FROM ledger_tile WHERE level = 0 AND "index" = 1')
        data = bytes(session.connection().execute(query).scalar_one())
    other = data[:64] + b"\0" + data[65:]
    report = run('UPDATE ledger_tile SET hashes = :h WHERE level = 0 AND "index" = 1', h=other)
    assert told(report) == {("ledger_tile", 258)}
    assert "the tile holds another hash" in report.first.what


def test_a_deleted_entry_is_named(run):
    report = run('DELETE FROM ledger_entry WHERE "index" = 42')
    assert told(report) == {("ledger_entry", 42)}
    assert "missing" in report.first.what


def test_several_changes_are_all_named(run):
    changed = [7, 255, 256, 600, 756]
    report = run(*(f"UPDATE ledger_entry SET body = '{{}}' WHERE \"index\" = {index}" for index in changed))
    assert told(report) == {("ledger_entry", index) for index in changed}
    assert report.first.index == 7


def test_an_entry_and_a_leaf_elsewhere(grown, run):
    """Both sides are wrong, in different places under one checkpoint: the pair is told, nobody is accused alone."""
    with grown.store.read() as session:
        query = sa.text('SELECT hashes FROM ledger_tile WHERE level = 0 AND "index" = 1')
        data = bytes(session.connection().execute(query).scalar_one())
    other = data[:64] + b"\0" + data[65:]
    report = run('UPDATE ledger_tile SET hashes = :h WHERE level = 0 AND "index" = 1',
                 'UPDATE ledger_entry SET body = :b WHERE "index" = 300', h=other, b=b"{}")  # fmt: skip
    assert report.first.index in (256, 258)
    assert {index for _, index in told(report)} >= {258, 300}
    assert report.stands[0] == 256


def test_history_written_anew_without_the_key_is_found(grown, run):
    """Entry and tiles agree with each other; only what was signed does not."""
    with grown.store.read() as session:
        rows = session.connection().execute(sa.text('SELECT body FROM ledger_entry ORDER BY "index"')).scalars().all()
    bodies = [bytes(body) for body in rows]
    bodies[100] = b'{"kind":"evidence-pack"}'
    tree = TileTree(lambda _level, _index: None)
    tree.append([leaf_hash(body) for body in bodies])
    statements, values = ['UPDATE ledger_entry SET body = :b WHERE "index" = 100'], {"b": bodies[100], "r": tree.root()}
    for n, ((level, index), hashes) in enumerate(tree.changed().items()):
        statements.append(f'UPDATE ledger_tile SET hashes = :h{n} WHERE level = {level} AND "index" = {index}')
        values[f"h{n}"] = hashes
    statements.append("UPDATE log_head SET root = :r")
    statements.append("UPDATE checkpoint SET root = :r WHERE size = 757")
    report = run(*statements, **values)
    first = report.as_dict()["first_bad"]
    assert first["index"] == 4, "between the last root that comes out and the first that does not"
    assert "do not give the root that was signed at 254" in first["what"]
    assert report.stands[0] == 4


def test_a_fork_that_our_own_key_signed_is_a_bad_checkpoint(grown, run):
    note = sign_checkpoint(Checkpoint("traceability.example/log", 256, bytes(32)), grown.log_key)
    report = run("UPDATE checkpoint SET note = :n, root = :r WHERE size = 256", n=note, r=bytes(32))
    assert told(report) == {("checkpoint", 255)}
    assert "a fork" in report.first.what


@pytest.mark.parametrize("size", [254, 757])
def test_a_checkpoint_of_another_key(run, size):
    note = sign_checkpoint(
        Checkpoint("traceability.example/log", size, bytes(32)), LogKey.generate("traceability.example/log")
    )
    report = run(f"UPDATE checkpoint SET note = :n WHERE size = {size}", n=note)
    assert ("checkpoint", size - 1 if size < 757 else 557) in told(report)


def test_head_moved_and_entries_added_behind_it(run):
    moved = run("UPDATE log_head SET size = 756")
    assert told(moved) == {("log_head", 757)}
    assert moved.stands[0] == 757
    report = run("UPDATE log_head SET size = 757",
                 "INSERT INTO ledger_entry (\"index\", kind, body) VALUES (757, 'evidence-pack', :b)", b=b"{}")  # fmt: skip
    assert told(report) == {("ledger_entry", 757)}
    assert report.stands[0] == 757


def test_the_newest_checkpoint_is_missed(run):
    report = run("DELETE FROM checkpoint WHERE size = 757")
    assert {table for table, _ in told(report)} >= {"log_head", "ledger_entry"}
    assert report.stands[0] == 557


@pytest.mark.parametrize("level", [0, 1])
def test_missing_and_foreign_tiles(run, level):
    report = run(f'DELETE FROM ledger_tile WHERE level = {level} AND "index" = 0')
    assert ("ledger_tile", 0) in told(report)
    report = run(f'INSERT INTO ledger_tile (level, "index", hashes) VALUES ({level}, 77, :h)', h=bytes(32))
    assert any("level" in problem.what and "77" in problem.what for problem in report.problems)


def test_tiles_above_the_first_level(sqlite_service):
    """Full tiles of level 1 take 65,536 entries; a flipped bit in one is found, also where entries are in doubt."""

    def write(tx):
        for n in range(66_000):
            tx.log.append(Entry(kind="evidence-pack", body=digest(b"%d" % n), at=milliseconds(tx.now)))

    sqlite_service.store.write(write)
    assert fsck(sqlite_service).verdict == "ok"
    for level in (1, 2):
        with sqlite_service.store.writer_engine.begin() as connection:
            where = f'FROM ledger_tile WHERE level = {level} AND "index" = 0'
            data = bytes(connection.execute(sa.text(f"SELECT hashes {where}")).scalar_one())
            update = sa.text(f'UPDATE ledger_tile SET hashes = :h WHERE level = {level} AND "index" = 0')
            connection.execute(update, {"h": data[:-1] + bytes([data[-1] ^ 1])})
        report = fsck(sqlite_service)
        assert ("ledger_tile", 0) in told(report)
        with sqlite_service.store.writer_engine.begin() as connection:
            connection.execute(update, {"h": data})


def test_every_single_bit_of_the_log_counts(sqlite_service, tmp_path):
    """300 flips at places drawn by chance in what is stored of the log: all of them are found."""

    def write(tx):
        for n in range(20):
            tx.log.append(Entry(kind="evidence-pack", body=digest(b"%d" % n), at=milliseconds(tx.now)))

    for _ in range(15):
        sqlite_service.store.write(write)
    path = sqlite_service.settings.database_url.removeprefix("sqlite:///")
    drawn, missed = random.Random(7), []
    with sqlite3.connect(path) as database:
        cells = [
            (table, column, key, row[1])
            for table, column in (("ledger_entry", "body"), ("ledger_tile", "hashes"), ("checkpoint", "note"),
                                  ("checkpoint", "root"), ("log_head", "root"), ("ledger_entry", "kind"))
            for row in database.execute(f"SELECT rowid, {column} FROM {table}")
            for key in [row[0]]
        ]  # fmt: skip
        for _ in range(300):
            table, column, key, value = drawn.choice(cells)
            data = bytearray(value if isinstance(value, bytes) else value.encode())
            data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
            cast = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
            database.execute(f"UPDATE {table} SET {column} = {cast} WHERE rowid = ?", (bytes(data), key))
            database.commit()
            if fsck(sqlite_service).verdict == "ok":
                missed.append((table, column, key))
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, key))
            database.commit()
    assert missed == []
    assert fsck(sqlite_service).verdict == "ok"


@pytest.mark.parametrize("statement", [
    "UPDATE ledger_entry SET body = 'text' WHERE \"index\" = 3", 'UPDATE ledger_entry SET body = 5 WHERE "index" = 3',
    "UPDATE ledger_tile SET hashes = 'text' WHERE level = 0", "UPDATE checkpoint SET note = 7 WHERE size = 4",
    "UPDATE checkpoint SET at = 'yesterday' WHERE size = 4", "UPDATE log_head SET root = 'x'",
    "UPDATE log_head SET at = 5", "DELETE FROM log_head", "DROP TABLE ledger_tile", "DROP TABLE checkpoint",
])  # fmt: skip
def test_what_sqlite_lets_somebody_write_is_a_problem_and_no_crash(sqlite_service, statement):
    def write(tx):
        for n in range(4):
            tx.log.append(Entry(kind="evidence-pack", body=digest(b"%d" % n), at=milliseconds(tx.now)))

    sqlite_service.store.write(write)
    with sqlite3.connect(sqlite_service.settings.database_url.removeprefix("sqlite:///")) as database:
        database.execute(statement)
    report = fsck(sqlite_service)
    assert report.verdict == "failed"


def test_the_key_of_another_log_proves_nothing(sqlite_service, tmp_path, open_at, clock):
    sqlite_service.store.write(
        lambda tx: tx.log.append(Entry(kind="evidence-pack", body=digest(b"x"), at=milliseconds(tx.now)))
    )
    (sqlite_service.settings.state_dir / "log.key").unlink()
    LogKeys(sqlite_service.settings.state_dir, "traceability.example/log")
    report = fsck(open_at(sqlite_service.settings, clock))
    assert report.verdict == "failed"
    assert report.stands is None


def test_many_problems_are_counted_and_the_first_is_kept(run):
    report = run("UPDATE ledger_entry SET kind = 'capture'")
    assert report.count >= 757
    assert len(report.problems) <= 1000
    assert report.first.index == 0
