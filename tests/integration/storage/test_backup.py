"""Rehearsals: backup while events arrive, restore elsewhere, upgrade, and an upgrade that fails."""

import dataclasses
import hashlib
import json
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from traceability.errors import Conflict, InvalidInput, Unavailable
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services import backup_files as copies
from traceability.services.backup import backup, owning, restore
from traceability.services.context import new_id, session_secret
from traceability.services.upgrade import upgrade
from traceability.storage import jobs
from traceability.storage import migrate as migrations
from traceability.storage.engine import read_engine, sqlite_path
from traceability.storage.files import FileStore
from traceability.storage.migrate import VERSIONS as OURS
from traceability.storage.migrate import MigrationFailed, current, head
from traceability.storage.owner import DatabaseOwned
from traceability.storage.replay import replay
from traceability.storage.tables import AccessLog, Document, LogHead


def work(service, number):
    """What a capture does as far as storage is concerned: a row, an entry and a job in one transaction."""

    def write(tx):
        tx.session.add(
            AccessLog(at=tx.now, actor=f"a\t\\{number}\nü", role="officer", action="x", subject="s", detail={"n": [1]})
        )
        jobs.enqueue(tx, "assess", f"k{number}", subject=str(number))
        return tx.log.append(Entry(kind="capture", body=digest(b"%d" % number), at=milliseconds(tx.now)))

    return service.store.write(write)


def add_document(service, make_party, data=b"certificate"):
    party = make_party(f"Smelter {data.decode()}")
    sha256 = service.files.put(data)

    def write(tx):
        tx.session.add(
            Document(
                id=new_id(),
                sha256=sha256,
                owner_id=party.id,
                filename="c.pdf",
                media_type="application/pdf",
                size=len(data),
                uploaded_by="x",
                uploaded_at=tx.now,
                entry_index=0,
                state="pending",
            )
        )

    service.store.write(write)
    return sha256


@pytest.fixture
def elsewhere(database, make_database, make_settings):
    """Settings of an empty place."""
    return make_settings(make_database(database, empty=True))


def test_backup_while_events_arrive_restores_elsewhere(service, clock, elsewhere, open_at, make_party, tmp_path):
    sha256 = add_document(service, make_party)
    session_secret(service.settings.state_dir)
    stop, written = threading.Event(), []

    def keep_appending():
        while not stop.is_set():
            written.append(work(service, len(written)))

    thread = threading.Thread(target=keep_appending)
    thread.start()
    try:
        while len(written) < 20:
            stop.wait(0.01)
        made = backup(service, tmp_path / "backup")
        reached = len(written)
    finally:
        stop.set()
        thread.join()
    assert made["verdict"] == "ok"
    assert made["problems"] == []
    assert made["files"] == 1
    assert 20 <= made["entries"] <= reached + 3
    assert made["sha256"] == hashlib.sha256((tmp_path / "backup" / "manifest.json").read_bytes()).hexdigest()

    assert restore(elsewhere, tmp_path / "backup") == made
    other = open_at(elsewhere, clock)
    with other.store.read() as session:
        assert session.get(LogHead, 1).size == made["entries"]
        actors = set(session.exec(sa.select(AccessLog.actor)).scalars())
        assert actors == {f"a\t\\{n}\nü" for n in range(made["entries"] - 1)}
        assert len(jobs.all_jobs(session, limit=10_000)) == made["entries"] - 1
    assert other.files.get(sha256) == b"certificate"
    assert (other.salt, other.log_key.vkey) == (service.salt, service.log_key.vkey)
    assert session_secret(elsewhere.state_dir) == session_secret(service.settings.state_dir)
    assert work(other, 10_000) == made["entries"]  # the log, its key, and every sequence go on
    assert current(elsewhere.database_url) == head()


def test_secrets_are_for_the_owner_only(sqlite_service, tmp_path):
    backup(sqlite_service, tmp_path / "b")
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "b" / "secrets" / "log.key").stat().st_mode) == 0o600


def test_what_is_restored_is_for_the_owner_only(sqlite_service, make_party, elsewhere_sqlite, tmp_path):
    add_document(sqlite_service, make_party)
    backup(sqlite_service, tmp_path / "b")
    (part := sqlite_path(elsewhere_sqlite.database_url).with_suffix(".db.part")).touch(0o644)  # of a killed restore
    restore(elsewhere_sqlite, tmp_path / "b")
    assert not part.exists()
    assert stat.S_IMODE(sqlite_path(elsewhere_sqlite.database_url).stat().st_mode) == 0o600
    assert stat.S_IMODE(elsewhere_sqlite.files.stat().st_mode) == 0o700


def test_job_that_was_running_waits_in_the_copy(service, clock, elsewhere, open_at, tmp_path):
    work(service, 1)
    made = {}

    def during(_service, _args):
        service.store.write(lambda tx: jobs.enqueue(tx, "assess", "k1", subject="again"))
        made.update(backup(service, tmp_path / "b"))

    jobs.Runner(service, {"assess": during}).run_once(1)
    restore(elsewhere, tmp_path / "b")
    other = open_at(elsewhere, clock)
    clock.advance(hours=1)
    seen = []
    runner = jobs.Runner(other, {"assess": lambda _service, args: seen.append(args["subject"])})
    while runner.run_once():
        pass
    assert seen == ["1", "again"]


def test_folder_of_a_backup_must_be_empty(sqlite_service, tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x").touch()
    with pytest.raises(Conflict, match="empty folder"):
        backup(sqlite_service, tmp_path / "b")


def test_missing_and_damaged_documents_are_told(sqlite_service, make_party, elsewhere_sqlite, tmp_path):
    missing = add_document(sqlite_service, make_party)
    damaged = sqlite_service.files.put(b"other")
    next(sqlite_service.settings.files.rglob(missing)).unlink()
    next(sqlite_service.settings.files.rglob(damaged)).write_bytes(b"changed")
    made = backup(sqlite_service, tmp_path / "b")
    assert made["verdict"] == "failed"
    assert len(made["problems"]) == 2
    assert sorted(made["problems"]) == sorted(
        [
            f"the file sha256:{damaged} is damaged: its bytes no longer give that hash",
            f"the file sha256:{missing} is not in the store",
        ]
    )
    assert restore(elsewhere_sqlite, tmp_path / "b")["verdict"] == "failed"


def test_the_file_of_an_erased_document_is_not_missed(sqlite_service, make_party, elsewhere_sqlite, tmp_path):
    gone = add_document(sqlite_service, make_party)

    erase(sqlite_service, gone)
    sqlite_service.files.delete(gone)  # as often as the job runs
    assert backup(sqlite_service, tmp_path / "b")["verdict"] == "ok"
    assert restore(elsewhere_sqlite, tmp_path / "b")["verdict"] == "ok"


def erase(service, sha256):
    """Do what an approved erasure does to a document and, by its job, to its file."""

    def gone(tx):
        row = tx.session.exec(select(Document).where(Document.sha256 == sha256)).one()
        row.erased_index = 1
        tx.session.add(row)

    service.store.write(gone)
    service.files.delete(sha256)


@pytest.fixture
def at_the(monkeypatch):
    """``at_the("digests" or "get", service, run)`` runs something once, after the listing or before the first reading."""

    def once(what, service, run):
        real = getattr(service.files, what)

        def late(*args):
            monkeypatch.setattr(service.files, what, real)
            found = real(*args) if what == "digests" else None
            run()
            return real(*args) if found is None else found

        monkeypatch.setattr(service.files, what, late)

    return once


@pytest.mark.parametrize("moment", ["digests", "get"])
def test_a_file_that_an_erasure_takes_while_it_is_copied_is_not_missed(
    service, make_party, elsewhere, at_the, tmp_path, moment
):
    """Between the listing and the copying of that file; the copy of the database says that it was erased."""
    gone, kept = (add_document(service, make_party, data) for data in (b"going", b"staying"))
    at_the(moment, service, lambda: erase(service, gone))
    made = backup(service, tmp_path / "b")
    assert (made["verdict"], made["problems"], made["files"]) == ("ok", [], 1)
    assert restore(elsewhere, tmp_path / "b") == made
    assert FileStore(elsewhere.files).digests() == [kept]
    engine = read_engine(elsewhere.database_url)
    with Session(engine) as session:
        rows = session.exec(select(Document.sha256, Document.erased_index)).all()
    engine.dispose()
    assert [sha256 for sha256, erased in rows if erased is None] == [kept], (
        "every document that stands in the copy has its file"
    )


def test_a_file_erased_after_the_copy_of_the_database_is_in_the_backup(service, make_party, monkeypatch, tmp_path):
    sha256 = add_document(service, make_party)
    real = copies.settle_files

    def late(*args):
        erase(service, sha256)
        return real(*args)

    monkeypatch.setattr("traceability.services.backup.settle_files", late)
    made = backup(service, tmp_path / "b")
    assert (made["verdict"], made["files"]) == ("ok", 1), "in its database the document stands"


def test_bytes_whose_file_is_still_to_be_deleted_are_in_no_backup(sqlite_service, make_party, tmp_path):
    gone = add_document(sqlite_service, make_party, b"going")
    erase(sqlite_service, gone)
    sqlite_service.files.put(b"going")  # the job that deletes it has not run yet
    made = backup(sqlite_service, tmp_path / "b")
    assert (made["verdict"], made["files"]) == ("ok", 0)
    assert not [path for path in (tmp_path / "b").rglob("*") if path.name == gone]


def test_what_is_uploaded_while_files_are_copied_is_in_the_backup(service, make_party, at_the, tmp_path):
    add_document(service, make_party, b"first")
    at_the("digests", service, lambda: add_document(service, make_party, b"second"))
    made = backup(service, tmp_path / "b")
    assert (made["verdict"], made["files"]) == ("ok", 2)


def test_a_file_that_vanishes_while_it_is_copied_for_another_reason_is_told(service, make_party, at_the, tmp_path):
    """One that a document needs, and one of which nothing is known."""
    lost, stray = add_document(service, make_party), service.files.put(b"stray")

    def vanish():
        service.files.delete(lost)
        service.files.delete(stray)

    at_the("digests", service, vanish)
    made = backup(service, tmp_path / "b")
    assert made["verdict"] == "failed"
    assert sorted(made["problems"]) == sorted(f"the file sha256:{one} is not in the store" for one in (lost, stray))


@pytest.fixture
def elsewhere_sqlite(make_database, make_settings):
    return make_settings(make_database("sqlite", empty=True))


def test_log_that_does_not_give_its_root_is_told(service, tmp_path):
    for n in range(3):
        work(service, n)
    with service.store.writer_engine.begin() as connection:
        connection.execute(sa.text('UPDATE ledger_entry SET body = :x WHERE "index" = 1'), {"x": b"forged"})
    made = backup(service, tmp_path / "b")
    assert made["verdict"] == "failed"
    assert "the head says 3 entries" in made["problems"][0]
    assert "checkpoint signs 3 entries" in made["problems"][1]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (['DELETE FROM ledger_entry WHERE "index" = 1'], "expected entry 1; the next one stored is 2"),
        (["DELETE FROM checkpoint"], "no checkpoint is stored"),
        (["DELETE FROM log_head"], "no head"),
        (["UPDATE checkpoint SET note = 'x'"], "does not verify"),
    ],
)
def test_replay_names_what_does_not_fit(sqlite_service, damage, told):
    for n in range(3):
        work(sqlite_service, n)
    with sqlite_service.store.writer_engine.begin() as connection:
        for statement in damage:
            connection.execute(sa.text(statement))
        problems = replay(connection, sqlite_service.log_key.verifier).problems
    assert any(told in problem for problem in problems)


def test_empty_log_replays(service):
    with service.store.read() as session:
        state = replay(session.connection(), service.log_key.verifier)
    assert (state.entries, state.problems) == (0, ())


def place(settings):
    """Return what is in a place."""
    found = sorted(path.name for path in settings.state_dir.rglob("*") if path.is_file())
    if settings.is_sqlite:
        database = Path(sa.make_url(settings.database_url).database)
        return found + [path.name for path in database.parent.iterdir() if path.suffix != ".owner"]
    return found


@pytest.mark.parametrize("name", ["manifest.json", "secrets/ledger.salt", "database"])
def test_changed_backup_is_refused(service, elsewhere, tmp_path, name):
    work(service, 1)
    folder = tmp_path / "b"
    backup(service, folder)
    path = folder / name
    if path.is_dir():
        path = max(path.iterdir())
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(InvalidInput, match=r"no finished backup|was changed after the backup"):
        restore(elsewhere, folder)
    assert place(elsewhere) == []


def test_file_added_to_a_backup_is_refused(sqlite_service, elsewhere_sqlite, tmp_path):
    backup(sqlite_service, tmp_path / "b")
    (tmp_path / "b" / "more").touch()
    with pytest.raises(InvalidInput, match="missing or added: more"):
        restore(elsewhere_sqlite, tmp_path / "b")


def test_manifest_of_another_root_is_refused_and_nothing_stays(service, elsewhere, make_party, tmp_path):
    add_document(service, make_party)
    folder = tmp_path / "b"
    backup(service, folder)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"entries": 9}))
    with pytest.raises(InvalidInput, match="expected 9 entries"):
        restore(elsewhere, folder)
    assert place(elsewhere) == []
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert restore(elsewhere, folder)["verdict"] == "ok"


def test_failure_while_restoring_leaves_the_place_empty(service, elsewhere, make_party, tmp_path, monkeypatch):
    add_document(service, make_party)
    backup(service, tmp_path / "b")
    with monkeypatch.context() as patch:
        patch.setattr("traceability.services.backup_files._documents", lambda _connection: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(elsewhere, tmp_path / "b")
    assert place(elsewhere) == []
    assert restore(elsewhere, tmp_path / "b")["verdict"] == "ok"


def test_a_restore_that_waits_for_a_lock_too_long_ends_and_leaves_the_place_as_it_was(
    make_database, make_settings, open_at, clock, tmp_path, monkeypatch
):  # fmt: skip
    """Another restore into the same database is under way, and its session hangs."""
    monkeypatch.setattr(migrations, "LOCK_SECONDS", 1)
    service = open_at(make_settings(make_database("postgresql")), clock)
    work(service, 1)
    backup(service, tmp_path / "b")
    elsewhere = make_settings(make_database("postgresql", empty=True))
    engine = sa.create_engine(sa.make_url(elsewhere.database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as other:
        other.exec_driver_sql("CREATE TABLE access_log (id INTEGER)")
        with pytest.raises(Unavailable) as refused:
            restore(elsewhere, tmp_path / "b")
        other.rollback()
        assert "another session of the database holds a lock" in refused.value.detail
        assert "nothing was changed" in refused.value.detail
        assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    assert place(elsewhere) == []
    assert restore(elsewhere, tmp_path / "b")["verdict"] == "ok", "once the other one is gone"


def test_place_must_be_empty(service, elsewhere, make_database, make_settings, database, tmp_path):
    backup(service, tmp_path / "b")
    taken = dataclasses.replace(elsewhere, database_url=make_database(database))
    with pytest.raises(Conflict, match="empty place for the database"):
        restore(taken, tmp_path / "b")
    session_secret(elsewhere.state_dir)
    with pytest.raises(Conflict, match=r"found .*session.secret"):
        restore(elsewhere, tmp_path / "b")


def test_write_ahead_log_of_an_older_database_is_in_the_way(sqlite_service, elsewhere_sqlite, tmp_path):
    backup(sqlite_service, tmp_path / "b")
    path = sa.make_url(elsewhere_sqlite.database_url).database
    with Path(path + "-wal").open("wb"), pytest.raises(Conflict, match="-wal"):
        restore(elsewhere_sqlite, tmp_path / "b")


def test_backup_of_another_kind_or_log_is_refused(sqlite_service, elsewhere_sqlite, make_settings, tmp_path):
    backup(sqlite_service, tmp_path / "b")
    with pytest.raises(InvalidInput, match="expected a backup of postgresql"):
        restore(make_settings("postgresql://nowhere"), tmp_path / "b")
    with pytest.raises(InvalidInput, match="is of the log"):
        restore(dataclasses.replace(elsewhere_sqlite, log_origin="another.example/log"), tmp_path / "b")


NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None
def upgrade():
    {body}
"""
# SQLite has to rebuild the table for this, PostgreSQL alters it in place.
REBUILD = """with op.batch_alter_table("access_log") as batch:
        batch.alter_column("actor", type_=sa.String(100), existing_type=sa.String(90), existing_nullable=False)"""


@pytest.fixture
def next_version(tmp_path):
    """Return a function that writes a migration after ours into a folder of its own."""

    def write(body):
        folder = tmp_path / "versions"
        folder.mkdir(exist_ok=True)
        (folder / "9999_next.py").write_text(NEXT.format(head=head(), body=body))
        return OURS, folder

    return write


def test_upgrade_from_the_previous_version(service, clock, open_at, next_version):
    for n in range(5):
        work(service, n)
    service.store.close()
    answer = upgrade(service.settings, versions=next_version(REBUILD))
    assert (answer["verdict"], answer["entries"], answer["revision"]) == ("ok", 5, "9999")
    again = open_at(service.settings, clock)
    assert work(again, 5) == 5
    with again.store.read() as session:
        assert len(session.exec(sa.select(AccessLog.id)).all()) == 6


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('op.execute("DELETE FROM access_log"); op.execute("SELECT no_such_thing")', "no_such_thing"),
        ('op.execute("DELETE FROM access_log")', "access_log: 5 rows before, 0 rows after"),
        ("op.execute(\"UPDATE ledger_entry SET body = 'x'\")", "log: 5 entries"),
        ('op.create_table("stray", sa.Column("id", sa.Integer()))', "not those of this program"),
        ('op.execute("INSERT INTO site (uri, party_id) VALUES (1, 2)")', "Integrity"),
    ],
)
def test_failing_upgrade_leaves_the_old_version_usable(service, clock, open_at, next_version, body, told):
    for n in range(5):
        work(service, n)
    service.store.close()
    with pytest.raises(MigrationFailed, match=told):
        upgrade(service.settings, versions=next_version(body))
    assert current(service.settings.database_url) == head()
    again = open_at(service.settings, clock)
    assert work(again, 5) == 5
    with again.store.read() as session:
        assert len(session.exec(sa.select(AccessLog.id)).all()) == 6


def test_upgrade_undone_while_others_work(make_database, make_settings, clock, open_at, next_version):
    """On PostgreSQL the old version runs on: a failing upgrade is invisible to it."""
    service = open_at(make_settings(make_database("postgresql")), clock)
    work(service, 0)
    with pytest.raises(MigrationFailed):
        upgrade(service.settings, versions=next_version('op.execute("DELETE FROM access_log")'))
    assert work(service, 1) == 1


def test_upgrade_refuses_a_database_with_problems(sqlite_service, next_version):
    work(sqlite_service, 0)
    with sqlite_service.store.writer_engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM checkpoint"))
    sqlite_service.store.close()
    with pytest.raises(MigrationFailed, match="no checkpoint"):
        upgrade(sqlite_service.settings, versions=next_version(REBUILD))


def test_upgrade_needs_a_database_of_its_own(sqlite_service, elsewhere_sqlite):
    with pytest.raises(Unavailable, match="no database to upgrade"):
        upgrade(elsewhere_sqlite)
    with owning(sqlite_service.settings, "serve"), pytest.raises(DatabaseOwned, match="`traceability serve`"):
        upgrade(sqlite_service.settings)
