"""`serve` as an operator runs it: one writer on SQLite, an orderly end, a hard end, and the job worker inside."""

import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.unit.services.test_witnessing import serving
from traceability.cli.witness_app import create_witness_app
from traceability.config import load_settings
from traceability.ledger.checkpoint import Checkpoint, sign_checkpoint
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services.context import open_service
from traceability.services.witness_host import WitnessHost
from traceability.storage.witness_files import WitnessFiles

pytestmark = pytest.mark.slow


def test_one_writer_an_orderly_end_and_a_hard_one(make_place):
    place = make_place(None)
    first = place.serve()
    assert place.json("health")["status"] == "ok"
    refused = place.run("users", "add", "alice", "--role", "admin")
    assert refused.returncode == 3
    assert f"`traceability serve`, process {first.pid}" in refused.stderr
    second = place.run("serve")
    assert (second.returncode, "is owned by" in second.stderr) == (3, True)
    first.send_signal(signal.SIGHUP)
    time.sleep(1)
    assert place.json("health")["status"] == "ok", "a closing terminal's signal starts no second writer"
    assert place.stop(first) == 0
    assert place.run("health").returncode == 3
    once = place.json("users", "add", "alice", "--role", "admin")
    assert list(once) == ["name", "role", "password"]
    killed = place.serve()
    place.stop(killed, signal.SIGKILL)
    for _ in range(100):
        if place.run("users", "reset", "alice").returncode == 0:
            break
        time.sleep(0.2)
    else:
        pytest.fail("the lock of a killed process is never free")


def test_the_worker_inside_does_the_jobs(make_place, tmp_path):
    place = make_place(None)
    assert place.run("lists", "load").returncode == 0
    process = place.serve()
    for _ in range(300):
        jobs = place.json("health")["jobs"]
        if not jobs["waiting"] and not jobs["running"]:
            break
        time.sleep(0.2)
    assert (jobs["waiting"], jobs["failed"]) == (0, 0), jobs
    assert place.stop(process) == 0


def test_the_log_lines_are_one_json_object_each(make_place):
    import json

    place = make_place(None)
    place.env["TRACEABILITY_LOG_FORMAT"] = "json"
    process = place.serve()
    place.json("health")
    place.stop(process)
    lines = [json.loads(line) for line in (place.folder / "serve.log").read_text().splitlines()]
    assert any(line["event"] == "request" and line["path"] == "/health" for line in lines)


def test_an_older_copy_put_back_is_served_for_reading(make_place):
    """The mistake an operator makes at night: yesterday's file in the place of today's."""
    place = make_place(None)
    place.run("migrate")
    settings = load_settings({name: value for name, value in place.env.items() if name.startswith("TRACEABILITY_")})
    database = Path(settings.database_url.removeprefix("sqlite:///"))

    def append():
        service = open_service(settings)
        service.store.write(
            lambda tx: tx.log.append(Entry(kind="rule-set", body=digest(b"x"), at=milliseconds(tx.now)))
        )
        service.close()

    append()
    shutil.copy(database, place.folder / "yesterday.db")
    append()
    database.with_name(database.name + "-wal").unlink(missing_ok=True)
    shutil.copy(place.folder / "yesterday.db", database)
    process = place.serve()
    health = place.run("health")
    assert (health.returncode, "an older copy was put back" in health.stdout) == (1, True), health.stdout
    assert place.run("ledger", "export", "copy").returncode == 0
    assert place.stop(process) == 0
    log = (place.folder / "serve.log").read_text()
    assert "nothing is written" in log
    assert "jobs cannot be taken" not in log, "no worker tries in vain"
    refused = place.run("users", "add", "alice", "--role", "admin")
    assert (refused.returncode, "newest copy" in refused.stderr) == (3, True)


def test_a_machine_put_back_with_its_memory_is_found_by_its_witness_before_it_writes(make_place):
    """Database and STATE_DIR came out of one backup: only the witness knows of what was signed since."""
    place = make_place(None)
    place.run("migrate")
    settings = load_settings({name: value for name, value in place.env.items() if name.startswith("TRACEABILITY_")})
    service = open_service(settings)
    service.store.write(lambda tx: tx.log.append(Entry(kind="rule-set", body=digest(b"x"), at=milliseconds(tx.now))))
    files = WitnessFiles(place.folder / "witness")
    later = Checkpoint(settings.log_origin, 7, bytes(32))
    files.remember(later.origin, sign_checkpoint(later, service.log_key))
    key = CosigningKey.generate("witness.example/w1")
    host = WitnessHost((key,), {settings.log_origin: [service.log_key.verifier]}, files, service.clock)
    service.close()
    with serving(create_witness_app(host)) as url:
        (place.folder / "witnesses").write_text(f"witness W {key.public.vkey} {url}\nquorum W\n")
        place.env["TRACEABILITY_WITNESSES"] = str(place.folder / "witnesses")
        place.env["TRACEABILITY_PRIVATE_ADDRESSES"] = "true"
        process = place.serve()
        health = place.run("health")
        assert place.stop(process) == 0
    told = "it says it has cosigned 7 entries, this log has 1"
    assert (health.returncode, health.stdout.count(told)) == (1, 2), health.stdout
    assert "nothing is written" in (place.folder / "serve.log").read_text()
