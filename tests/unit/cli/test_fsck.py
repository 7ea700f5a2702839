"""`fsck`: exit codes, the answer for people and programs, beside a running owner of the database."""

import pytest
import sqlalchemy as sa

from traceability.clock import fixed_clock
from traceability.storage.engine import sqlite_path
from traceability.storage.owner import Owner


@pytest.fixture
def fsck(run, sqlite_service, monkeypatch, make_party):
    """``fsck()`` runs the command on the database of ``sqlite_service``."""
    for name in ("One", "Two", "Three"):
        make_party(name)
    monkeypatch.setenv("TRACEABILITY_DATABASE_URL", sqlite_service.settings.database_url)
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(sqlite_service.settings.state_dir))
    return lambda *options: run("fsck", *options)


def test_nothing_wrong(fsck):
    assert fsck().out.startswith("ok: 3 entries, ")
    assert "--deep" in fsck().out
    assert "--deep" not in fsck("--deep").out
    found = fsck("--json")
    assert (found.code, found.json["verdict"], found.json["entries"], found.json["first_bad"]) == (0, "ok", 3, None)
    assert found.json["problems"] == []


def test_a_problem_is_exit_code_1_and_named(fsck, sqlite_service):
    with sqlite_service.store.writer_engine.begin() as connection:
        connection.execute(sa.text("UPDATE ledger_entry SET body = '{}' WHERE \"index\" = 2"))
    found = fsck("--json")
    assert (found.code, found.json["verdict"], found.json["first_bad"]["index"]) == (1, "failed", 2)
    assert found.json["stands"]["size"] == 2
    told = fsck()
    assert told.code == 1
    assert told.out.startswith("failed: ")
    assert "everything up to 2 entries still stands" in told.out
    assert "first bad: 2: ledger_entry: the entry was changed" in told.out


def test_it_runs_beside_the_owner_and_writes_nothing(fsck, sqlite_service, clock):
    path = sqlite_path(sqlite_service.settings.database_url)
    owner = Owner(path, "serve", fixed_clock(clock()))
    owner.acquire()
    sqlite_service.store.close()
    before = path.read_bytes()
    try:
        assert fsck("--deep").code == 0
    finally:
        owner.release()
    assert path.read_bytes() == before


def test_without_a_database(run):
    assert run("fsck").code == 3
