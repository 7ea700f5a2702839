"""Commands on the server itself: who writes on SQLite, which schema is refused, users and lists without --url."""

import dataclasses
import os
import shutil

import pytest
import sqlalchemy as sa

from traceability.clock import running_since, system_clock
from traceability.errors import Unavailable
from traceability.ledger.checkpoint import LogKey
from traceability.services.upgrade import upgrade
from traceability.storage.owner import Owner


@pytest.fixture(scope="session")
def first_place(tmp_path_factory):
    """Return where what ``database`` makes first is kept for the tests after it."""
    return tmp_path_factory.mktemp("first") / "cli"


@pytest.fixture
def database(run, tmp_path, first_place):
    if first_place.exists():
        shutil.copytree(first_place, tmp_path / "cli")
    else:
        assert run("migrate").code == 0
        assert run("users", "add", "first", "--role", "admin").code == 0, "who writes first makes the log's key"
        shutil.copytree(tmp_path / "cli", first_place)
    return tmp_path / "cli" / "traceability.db"


def test_the_first_admin_is_made_on_an_empty_place(run, tmp_path):
    done = run("users", "add", "alice", "--role", "admin", "--json")
    assert (done.code, list(done.json)) == (0, ["name", "role", "password"])
    reset = run("users", "reset", "alice")
    assert "shown this once" in reset.out
    assert run("users", "disable", "alice", "--json").json == {"name": "alice", "api_keys_ended": 0}
    taken = run("users", "add", "alice", "--role", "admin")
    assert (taken.code, "is taken" in taken.err) == (2, True)
    assert run("users", "add", "bob", "--role", "supplier").code == 2
    assert run("users", "add", "bob", "--role", "king").code == 2


def test_another_process_owns_the_database(run, database):
    owner = Owner(database, "serve", system_clock)
    owner.acquire()
    try:
        for arguments in (("users", "add", "x", "--role", "admin"), ("lists", "load"), ("migrate",), ("serve",)):
            done = run(*arguments)
            assert done.code == 3, arguments
            assert "`traceability serve`" in done.err
            assert f"process {os.getpid()}" in done.err
            assert "since 20" in done.err
        assert run("lists", "status").code == 0, "reading is allowed"
        assert run("parties", "list", "--json").json == {"parties": []}
    finally:
        owner.release()
    assert run("users", "add", "x", "--role", "admin").code == 0


def test_reading_needs_a_database(run, tmp_path):
    for arguments in (("lists", "status"), ("parties", "list"), ("backup", tmp_path / "b")):
        done = run(*arguments)
        assert (done.code, "there is no database" in done.err) == (3, True)
    assert not (tmp_path / "cli").exists()


@pytest.mark.parametrize(
    "words", [["fsck"], ["fsck", "--deep"], ["ledger", "policy"], ["ledger", "export", "OUT"], ["backup", "OUT"],
              ["jobs", "list"], ["lists", "status"], ["parties", "list"], ["match", "Somebody"]],
)  # fmt: skip
@pytest.mark.parametrize("there", ["nothing", "an empty folder", "another log's keys", "no salt"])
def test_who_reads_makes_nothing_in_a_wrong_state_folder(run, database, tmp_path, monkeypatch, words, there):
    state = tmp_path / "elsewhere"
    if there != "nothing":
        state.mkdir()
    if there == "another log's keys":
        LogKey.generate("another.example/log").save(state / "log.key")
    if there == "no salt":
        LogKey.generate("traceability.example/log").save(state / "log.key")
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(state))
    before = files(tmp_path)
    done = run(*(str(tmp_path / "out") if word == "OUT" else word for word in words))
    missing = "ledger.salt" if there == "no salt" else "log key of the log traceability.example/log"
    assert (done.code, f"{state} holds no {missing}" in done.err) == (3, True), done
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "words", [["serve"], ["worker"], ["lists", "load"], ["users", "add", "x", "--role", "admin"], ["demo"],
              ["ledger", "rotate-key"], ["ledger", "rotate-key", "--prepare"], ["ledger", "new-origin", "b.example/log"]],
)  # fmt: skip
@pytest.mark.parametrize("there", ["nothing", "another log's keys", "no salt"])
def test_who_writes_makes_no_second_key_of_a_log_in_use(
    run, sqlite_service, make_party, tmp_path, monkeypatch, words, there
):
    """A stray key of the same name is given out as the log's, until nothing that it signs verifies."""
    make_party("Mine")
    state = tmp_path / "elsewhere"
    if there != "nothing":
        state.mkdir()
        origin = "another.example/log" if there == "another log's keys" else sqlite_service.settings.log_origin
        LogKey.generate(origin).save(state / "log.key")
    monkeypatch.setenv("TRACEABILITY_DATABASE_URL", sqlite_service.settings.database_url)
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(state))
    monkeypatch.setattr("traceability.cli.server.Server.run", lambda _self: pytest.fail("served with a stray key"))
    before = files(tmp_path)
    done = run(*words)
    missing = "ledger.salt" if there == "no salt" else "log key of the log traceability.example/log"
    assert (done.code, f"{state} holds no {missing}" in done.err) == (3, True), done
    assert [path for path in files(tmp_path) if not path.endswith(".owner")] == before


def files(folder):
    """Return what is in a folder, without what SQLite itself puts beside a database for its readers."""
    return sorted(str(path) for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm")))


def test_an_upgrade_of_a_log_in_use_makes_no_key(sqlite_service, make_party, tmp_path):
    """A copy signed by a key made in a wrong folder would be worth nothing."""
    make_party("Mine")
    wrong = dataclasses.replace(sqlite_service.settings, state_dir=tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="holds no log key of the log"):
        upgrade(wrong)
    assert not wrong.state_dir.exists()


def test_an_older_or_newer_schema_is_refused(run, database):
    import sqlite3

    for version, said in (("0000", "traceability upgrade"), ("9999", "newer")):
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.close()
        for arguments in (("serve",), ("lists", "status"), ("users", "add", "x", "--role", "admin")):
            done = run(*arguments)
            assert (done.code, said in done.err) == (3, True), (arguments, done.err)


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("REFUSAL_RATE", "60 per fortnight", "expected a rate of one or more such as 60 per minute or 5/hour"),
     ("SIGN_IN_RATE", "often", "expected a rate"), ("APPLICATION_RATE", "often", "expected a rate"),
     ("KEY_ALGORITHMS", "RS256", "expected EdDSA, ES256 or both"), ("LOG_ORIGIN", "a b", "expected a name"),
     ("PUBLIC_URL", "here", "expected https://host"), ("WITNESSES", "nowhere", "the file of witnesses nowhere cannot be"),
     ("TIMESTAMP_AUTHORITIES", "nowhere", "nowhere cannot be read"), ("PORT", "65536", "expected a whole number from 1")],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_stops_the_start_before_anything_is_made(
    run, monkeypatch, tmp_path, command, name, value, told
):
    state = tmp_path / "state"
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(state))
    monkeypatch.setenv("TRACEABILITY_DATABASE_URL", f"sqlite:///{state / 't.db'}")
    monkeypatch.setenv(f"TRACEABILITY_{name}", value)
    done = run(command)
    assert (done.code, f"TRACEABILITY_{name}: {told}" in done.err) == (2, True), done
    assert value in done.err
    assert not state.exists()


def test_more_processes_on_sqlite_are_refused(run, monkeypatch):
    monkeypatch.setenv("TRACEABILITY_PROCESSES", "2")
    done = run("serve")
    assert (done.code, "PROCESSES is 1 on SQLite" in done.err) == (2, True)


@pytest.fixture
def folder(tmp_path):
    import csv
    import hashlib

    where = tmp_path / "lists"
    where.mkdir()
    table = b"entry_key,kind,primary,schema\n1,party,Great Lakes Trading Company,Organization\n"
    (where / "test-list.csv").write_bytes(table)
    row = {
        "list_id": "test-list", "file": "test-list.csv", "publisher": "us", "title": "A list", "version": "1",
        "published_at": "2026-10-01", "retrieved_at": "2026-10-02", "source_url": "https://example.org/",
        "source_sha256": "0" * 64, "rows": 1, "expected_min": 1, "expected_max": 2, "coverage": "full",
        "max_age_days": 30, "terms": "none", "table_sha256": hashlib.sha256(table).hexdigest(),
    }  # fmt: skip
    with (where / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(row))
        writer.writeheader()
        writer.writerow(row)
    return where


def test_lists_load_status_and_match_against_them(run, folder):
    loaded = {
        "list_id": "test-list", "version": "1", "rows": 1, "coverage": "full", "changed": True, "added": 1,
        "removed": 0, "altered": 0, "for_review": 0,
    }  # fmt: skip
    assert run("lists", "load", folder, "--json").json == [loaded]
    assert run("lists", "load", folder, "--json").json == [loaded | {"changed": False, "added": 0}]
    status = run("lists", "status", "--json").json["lists"]
    assert [(row["list_id"], row["coverage"], row["age_days"]) for row in status] == [("test-list", "stale", 53)]
    assert run("lists", "status", "--jsonl").lines == status
    assert "53 days old, at most 30" in run("lists", "status").out
    for against in ((), ("--against", "test-list")):
        done = run("match", "Great Lakes Trading Company", *against, "--schema", "Organization", "--json")
        assert (done.code, done.json[0]["decision"]) == (1, "match")
        assert done.json[0]["candidates"][0]["list_id"] == "test-list"
        cover = done.json[0]["coverage"]
        names = ["list_id", "version", "state", "published_at", "age_days", "rows", "sentence"]
        assert all(list(item) == names for item in cover)
        (mine,) = [item for item in cover if item["list_id"] == "test-list"]
        assert (mine["state"], mine["age_days"], mine["rows"]) == ("stale", 53, 1)
        missing = {item["list_id"] for item in cover if item["state"] == "missing"}
        assert bool(missing) != bool(against), "where all are asked, the required ones that are missing are told"
    unknown = run("match", "x", "--against", "nix")
    assert (unknown.code, "test-list" in unknown.err) == (2, True)
    assert run("lists", "load", folder / "absent").code == 2


def edition(folder, day, *names):
    """Write another edition of the list of ``folder``."""
    import hashlib

    table = "".join(f"{key},party,{name},Organization\n" for key, name in names)
    data = f"entry_key,kind,primary,schema\n{table}".encode()
    manifest = (folder / "manifest.csv").read_text()
    old = hashlib.sha256((folder / "test-list.csv").read_bytes()).hexdigest()
    manifest = manifest.replace(old, hashlib.sha256(data).hexdigest()).replace("2026-10-01", day)
    (folder / "manifest.csv").write_text(manifest.replace(",1,1,2,", f",{len(names)},1,2,"))
    (folder / "test-list.csv").write_bytes(data)


@pytest.mark.parametrize("remote", [False, True])
def test_history_and_what_changed_here_and_at_a_service(run, folder, server, admin_token, remote):
    where = ("--url", server, "--token", admin_token) if remote else ()
    run("lists", "load", folder, *where)
    edition(folder, "2026-11-01", ("1", "Great Lakes Trading Co"), ("2", "Another Mine"))
    assert run("lists", "load", folder, *where).code == 0
    told = run("lists", "history", "test-list", *where).out
    assert [line.split()[1] for line in told.splitlines()[:2]] == ["2026-11-01", "2026-10-01"]
    assert "A list is 22 days old, at most 30" in told
    done = run("lists", "diff", "test-list", *where)
    assert done.out.splitlines() == [
        "test-list 1 (since 1): 1 added, 0 removed, 1 changed", "+ 2  Another Mine", "~ 1  Great Lakes Trading Co  (names)",
    ]  # fmt: skip
    new, old = (str(row["id"]) for row in run("lists", "history", "test-list", *where, "--json").json["versions"])
    back = run("lists", "diff", "test-list", new, old, *where, "--json").json
    assert back["counts"] == {"added": 0, "removed": 1, "changed": 1}
    assert run("lists", "diff", "test-list", "--after", "1", *where, "--json").json["changed"] == []
    for words in (("history", "nix"), ("diff", "nix"), ("diff", "test-list", "77")):
        assert run("lists", *words, *where).code == 2


def test_an_address_for_reminders_here_and_at_a_service(run, server, admin_token):
    where = ("--url", server, "--token", admin_token)
    run("users", "add", "anna", "--role", "admin", *where)
    done = run("users", "email", "anna", "anna@importer.example", *where, "--json")
    assert done.json == {"name": "anna", "email": "anna@importer.example"}
    assert run("users", "email", "anna", *where).out == "reminders of anna go to their pages only\n"
    assert run("users", "email", "anna", "nobody", *where).code == 2


def test_a_folder_as_a_zip_file_is_loaded_the_same(run, folder, tmp_path):
    from traceability.lists.bundle import pack

    (tmp_path / "lists.zip").write_bytes(pack(folder))
    assert run("lists", "load", tmp_path / "lists.zip", "--json").json[0]["changed"] is True
    assert run("lists", "load", folder, "--json").json[0]["changed"] is False
    (tmp_path / "lists.zip").write_bytes(b"PK nothing")
    done = run("lists", "load", tmp_path / "lists.zip")
    assert (done.code, "expected a ZIP file" in done.err) == (2, True)


def test_lists_are_loaded_into_a_service_that_runs(
    run, folder, server, admin_token, make_party, make_api_key, tmp_path
):
    where = ("--url", server, "--token", admin_token)
    loaded = {
        "list_id": "test-list", "version": "1", "rows": 1, "coverage": "full", "changed": True, "added": 1,
        "removed": 0, "altered": 0, "for_review": 0,
    }  # fmt: skip
    assert run("lists", "load", folder, *where, "--json").json == [loaded]
    assert run("lists", "load", folder, *where, "--json").json == [loaded | {"changed": False, "added": 0}]
    assert not (tmp_path / "cli").exists(), "no database is touched here"
    other = make_api_key(make_party("Importer", roles=["importer"]), role="importer").secret
    refused = run("lists", "load", folder, "--url", server, "--token", other)
    assert (refused.code, "admin" in refused.err or "may not" in refused.err) == (2, True), refused.err
    assert run("lists", "load", folder / "absent", *where).code == 2


def test_without_lists_there_is_nothing_to_match(run, database):
    done = run("match", "x")
    assert (done.code, "lists load" in done.err) == (2, True)


def test_backup_and_restore(run, database, tmp_path, monkeypatch):
    run("users", "add", "alice", "--role", "admin")
    copied = run("backup", tmp_path / "copy", "--json")
    assert (copied.code, copied.json["verdict"]) == (0, "ok")
    assert list(copied.json)[:5] == ["entries", "root", "files", "sha256", "verdict"]
    assert run("backup", tmp_path / "copy").code == 2
    monkeypatch.setenv("TRACEABILITY_DATABASE_URL", f"sqlite:///{tmp_path}/new/traceability.db")
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(tmp_path / "new"))
    back = run("restore", tmp_path / "copy", "--json")
    assert (back.code, back.json["root"]) == (0, copied.json["root"])
    assert run("users", "reset", "alice").code == 0
    assert run("restore", tmp_path / "copy").code == 2
    done = run("upgrade", "--json")
    assert (done.code, done.json["verdict"]) == (0, "ok")


def test_a_database_that_cannot_be_used(run, tmp_path, monkeypatch):
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("TRACEABILITY_DATABASE_URL", f"sqlite:///{broken}")
    done = run("lists", "status")
    assert (done.code, "database cannot be used" in done.err) == (3, True)
    assert "Traceback" not in done.err


def test_jobs_are_listed_and_a_failed_one_tried_again(run, database):
    assert run("jobs", "list", "--json").json == {"jobs": []}
    engine = sa.create_engine(f"sqlite:///{database}")
    job = {"name": "read_document", "key": "d", "args": "{}", "started": True, "attempts": 8, "error": "OSError: gone"}
    moment = "2026-11-23 08:00:00.000000"
    job |= dict.fromkeys(("created_at", "run_after", "failed_at"), moment)
    with engine.begin() as connection:
        table = ", ".join(job)
        connection.execute(
            sa.text(f"INSERT INTO job ({table}) VALUES ({', '.join(f':{name}' for name in job)})"), job
        )  # names of ours
    engine.dispose()
    (found,) = run("jobs", "list", "--state", "failed", "--json").json["jobs"]
    assert (found["name"], found["state"], found["error"]) == ("read_document", "failed", "OSError: gone")
    assert "OSError: gone" in run("jobs", "list").out
    assert run("jobs", "retry", found["id"], "--json").json == {"id": found["id"], "state": "waiting"}
    again = run("jobs", "retry", found["id"])
    assert (again.code, "no failed job" in again.err) == (2, True)


def test_the_clock_is_confirmed_after_it_was_shown(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(tmp_path))
    done = run("clock", "confirm", "--yes", "--json")
    assert done.code == 0
    said = (tmp_path / "clock.confirmed").read_text()
    assert said[:19] == done.json["at"][:19]
    assert said.split()[2:] == [name for name in [running_since()] if name], "for the clock of this run of the machine"
    assert run("clock", "confirm").code == 1, "nobody said yes"
    assert (tmp_path / "clock.confirmed").read_text() == said
