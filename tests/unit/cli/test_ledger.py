"""`ledger export` and `ledger mirror`: copies that an independent implementation audits from the files."""

import gzip
import json
import sqlite3
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import sqlalchemy as sa
from tlog_scales import tiles as other_tiles
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey

from traceability.cli.log_source import OverHttp
from traceability.errors import InvalidInput, Unavailable
from traceability.ledger.checkpoint import Checkpoint as Head
from traceability.ledger.checkpoint import LogKey, sign_checkpoint
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.services import published_log, receipts
from traceability.storage.engine import sqlite_path
from traceability.storage.owner import Owner


@pytest.fixture
def grow(sqlite_service):
    def run(count):
        def write(tx):
            for n in range(count):
                tx.log.append(Entry(kind="rule-set", body=digest(b"%d" % n), at=milliseconds(tx.now)))

        sqlite_service.store.write(write)

    return run


@pytest.fixture
def export(run, sqlite_service, monkeypatch):
    """``export(folder)`` runs the command on the database of ``sqlite_service``, while that goes on."""
    monkeypatch.setenv("TRACEABILITY_DATABASE_URL", sqlite_service.settings.database_url)
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(sqlite_service.settings.state_dir))
    return lambda folder, *more: run("ledger", "export", folder, "--json", *more)


def audit(folder, vkey):
    """Audit every leaf of a copy with tlog-scales alone."""
    reader = TilesReader(LocalBackend(folder))
    checkpoint = reader.get_checkpoint()
    checkpoint.verify(Vkey.from_string(vkey))
    assert reader.calculate_root_hash() == checkpoint.root_hash
    for index in range(checkpoint.size):
        leaf = other_tiles.leaf_hash(reader.get_entry(index))
        assert leaf == reader.mth(index, index + 1)
    proof = reader.get_inclusion_proof(checkpoint.size // 2, checkpoint.size)
    middle = other_tiles.leaf_hash(reader.get_entry(checkpoint.size // 2))
    proof.check(middle, checkpoint.root_hash)
    return checkpoint


def test_export_is_audited_by_another_implementation(export, sqlite_service, grow, tmp_path):
    folder, vkey = tmp_path / "copy", sqlite_service.log_key.vkey
    empty = export(folder)
    assert (empty.code, "nothing has been recorded" in empty.err) == (2, True)
    grow(300)
    first = export(folder).json
    assert first.keys() == {"verdict", "origin", "size", "root", "new_entries", "files"}
    assert (first["verdict"], first["size"], first["new_entries"]) == ("ok", 300, 300)
    before = audit(folder, vkey)
    grow(400)
    second = export(folder).json
    assert (second["size"], second["new_entries"]) == (700, 400)
    assert audit(folder, vkey).size == 700
    reader = TilesReader(LocalBackend(folder))
    now = reader.get_checkpoint()
    reader.get_consistency_proof(300, 700).check(before.root_hash, now.root_hash)
    assert export(folder).json["files"] == 0


def test_export_of_a_damaged_log_is_a_finding(export, sqlite_service, grow, tmp_path):
    grow(300)
    with sqlite_service.store.writer_engine.begin() as connection:
        connection.execute(sa.text('UPDATE ledger_entry SET body = :other WHERE "index" = 7'), {"other": b"{}"})
    done = export(tmp_path / "copy")
    assert (done.code, done.json["verdict"]) == (1, "failed")
    assert "tile/entries/000" in done.json["reason"]
    assert not (tmp_path / "copy" / "checkpoint").exists()


def test_mirror_over_http(run, server, sqlite_service, grow, tmp_path):
    grow(270)
    folder, vkey = tmp_path / "copy", sqlite_service.log_key.vkey
    policy = tmp_path / "policy"
    policy.write_text(f"log {vkey}\nquorum none\n")
    done = run("ledger", "mirror", f"{server}/ledger/", folder, "--policy", policy, "--json")
    assert (done.code, done.json["size"]) == (0, 270), done.err
    grow(300)
    assert run("ledger", "mirror", f"{server}/ledger", folder, "--pin", vkey).out.startswith("ok: ")
    assert audit(folder, vkey).size == 570
    (folder / "tile" / "entries" / "000").write_bytes(b"rotten")
    assert run("ledger", "mirror", f"{server}/ledger", folder, "--pin", vkey, "--check", "--json").json["files"] == 1
    assert audit(folder, vkey).size == 570


def test_mirror_trusts_only_a_key_known_before(run, server, grow, tmp_path):
    grow(3)
    unpinned = run("ledger", "mirror", f"{server}/ledger", tmp_path / "copy")
    assert (unpinned.code, "--pin or --policy" in unpinned.err) == (2, True)
    stranger = LogKey.generate("traceability.example/log").vkey
    other = run("ledger", "mirror", f"{server}/ledger", tmp_path / "copy", "--pin", stranger, "--json")
    assert (other.code, other.json["verdict"]) == (1, "failed")
    assert not (tmp_path / "copy" / "checkpoint").exists()


def test_an_address_that_is_no_log(run, server, sqlite_service, grow, tmp_path):
    vkey = sqlite_service.log_key.vkey
    assert run("ledger", "mirror", f"{server}/nowhere", tmp_path, "--pin", vkey).code == 2
    assert run("ledger", "mirror", "ftp://log.example", tmp_path, "--pin", vkey).code == 2
    assert run("ledger", "mirror", "http://127.0.0.1:9", tmp_path, "--pin", vkey).code == 3


class Answers:
    """An opener that answers with given bytes."""

    def __init__(self, data, encoding=None):
        self.data, self.headers = data, {"Content-Encoding": encoding} if encoding else {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def read(self, size):
        return self.data[:size]


@pytest.mark.parametrize(
    ("answer", "told"),
    [(Answers(bytes(17_000_000)), "more than"), (Answers(gzip.compress(bytes(17_000_000)), "gzip"), "more than"),
     (Answers(b"no gzip", "gzip"), "does not answer"),
     (Answers(gzip.compress(b"abc" * 99)[:12] + b"xxxxxxxxxxxxxxxxxxxx", "gzip"), "does not answer"), (Answers(gzip.compress(b"abc")[:-3], "gzip"), "does not answer")],
)  # fmt: skip
def test_answers_no_resource_can_be(monkeypatch, answer, told):
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *_args, **_named: answer)
    with pytest.raises(Unavailable, match=told):
        OverHttp("https://log.example/").get("checkpoint")


def test_gzip_without_being_asked(monkeypatch):
    monkeypatch.setattr(
        "urllib.request.OpenerDirector.open", lambda *_args, **_named: Answers(gzip.compress(b"abc"), "gzip")
    )
    assert OverHttp("https://log.example/").get("checkpoint") == b"abc"


@pytest.fixture
def pointing():
    """``pointing(code, target)`` is the address of a server that sends everybody to ``target``, and what it was asked."""
    servers = []

    def start(code, target):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(code if target else 200)
                if target:
                    self.send_header("Location", target)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_wherever_it_leads(run, pointing, tmp_path, code):
    """Whoever serves a log could else have a mirror ask what only its own network may, the metadata of a cloud host say."""
    inside, asked = pointing(200, None)
    for target in (f"{inside}/latest/meta-data/", "file:///etc/hostname", "/elsewhere/checkpoint"):
        address, _ = pointing(code, target)
        with pytest.raises(Unavailable, match="is not followed") as refused:
            OverHttp(address).get("checkpoint")
        assert f"answers {code}, a redirect to '{target}'" in refused.value.detail
    assert asked == []
    vkey = LogKey.generate("log.example/l").vkey
    done = run("ledger", "mirror", address, tmp_path / "copy", "--pin", vkey)
    assert (done.code, "is not followed" in done.err) == (3, True)
    assert not (tmp_path / "copy" / "checkpoint").exists()


@pytest.mark.parametrize("url", ["log.example", "file:///etc/passwd", "https://", "javascript:1"])
def test_only_addresses_of_the_web(url):
    with pytest.raises(InvalidInput, match="address of a log"):
        OverHttp(url)


def test_the_key_is_rotated_by_the_operator_alone(run, export, sqlite_service, grow, tmp_path):
    assert export
    grow(3)
    old = sqlite_service.log_key.vkey
    done = run("ledger", "rotate-key", "--json").json
    assert (done["index"], done["size"], done["old"]) == (3, 4, old)
    grow(1)
    assert sqlite_service.log_key.vkey == done["new"]
    shown = run("ledger", "policy", "--json").json
    assert [(key["vkey"], key["until_size"]) for key in shown["keys"]] == [(old, 4), (done["new"], None)]
    policy = tmp_path / "log.policy"
    policy.write_text(run("ledger", "policy").out)
    assert f"log {old} http://127.0.0.1:8080/ledger#until=4\n" in policy.read_text()
    assert export(tmp_path / "copy").json["size"] == 5
    text = run("ledger", "rotate-key")
    assert (text.code, "both keys signed the checkpoint of 6 entries" in text.out) == (0, True)


def test_a_key_that_was_prepared_is_the_one_that_follows(run, export, sqlite_service, grow):
    assert export
    grow(3)
    made = run("ledger", "rotate-key", "--prepare", "--json").json
    assert (made["index"], made["size"], made["old"]) == (None, None, sqlite_service.log_key.vkey)
    (file,) = made["files"]
    assert file == str(sqlite_service.settings.state_dir / f"log-{made['new'].split('+')[1]}.key")
    shown = run("ledger", "rotate-key", "--prepare").out
    assert f"copy to the STATE_DIR of every host that records, mode 0600:\n  {file}\n" in shown
    done = run("ledger", "rotate-key", "--json").json
    assert (done["old"], done["new"], done["files"]) == (made["old"], made["new"], [file])


def test_on_postgresql_a_key_is_prepared_first(run, make_database, make_settings, open_at, clock, monkeypatch):
    service = open_at(make_settings(make_database("postgresql")), clock)
    service.store.check()
    monkeypatch.setenv("TRACEABILITY_DATABASE_URL", service.settings.database_url)
    monkeypatch.setenv("TRACEABILITY_STATE_DIR", str(service.settings.state_dir))
    refused = run("ledger", "rotate-key")
    assert (refused.code, "rotate-key --prepare" in refused.err) == (2, True)
    assert len(list(service.settings.state_dir.glob("log*"))) == 1
    made = run("ledger", "rotate-key", "--prepare", "--json").json
    assert run("ledger", "rotate-key", "--json").json["new"] == made["new"]


def test_a_key_is_not_rotated_beside_a_process_that_writes(run, export, sqlite_service, grow, clock):
    assert export
    grow(1)
    owner = Owner(sqlite_path(sqlite_service.settings.database_url), "serve", clock)
    owner.acquire()
    try:
        done = run("ledger", "rotate-key")
    finally:
        owner.release()
    assert (done.code, "`traceability serve`" in done.err) == (3, True)
    assert len(list(sqlite_service.settings.state_dir.glob("log*.key"))) == 1


def test_checkpoints_are_compared_from_files_receipts_and_copies(run, export, sqlite_service, grow, tmp_path):
    notes = {}
    for size in (3, 300):
        grow(size - len(notes) * 3)
        notes[size] = tmp_path / f"{size}.checkpoint"
        notes[size].write_text(published_log.checkpoint(sqlite_service, size).note)
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(receipts.entry_receipt(sqlite_service, 1).to_json())
    pin, copy = ("--pin", sqlite_service.log_key.vkey), tmp_path / "copy"
    assert export(copy).code == 0
    for first in (notes[3], receipt):
        done = run("compare-checkpoints", first, notes[300], "--log", copy, *pin, "--json")
        assert (done.code, done.json["verdict"], done.json["evidence"]) == (0, "consistent", None)
        assert done.json["proof"]
    unknown = run("compare-checkpoints", notes[3], notes[300], *pin, "--json")
    assert (unknown.code, unknown.json["verdict"]) == (1, "unknown")
    other = Head(sqlite_service.settings.log_origin, 3, bytes(32))
    notes[3].write_text(sign_checkpoint(other, sqlite_service.log_key))
    forked = run("compare-checkpoints", notes[3], notes[300], "--log", copy, *pin, "--json")
    assert (forked.code, forked.json["verdict"], forked.json["proof"]) == (1, "fork", None)
    evidence = tmp_path / "fork.json"
    evidence.write_text(json.dumps(forked.json["evidence"]))
    again = run("compare-checkpoints", evidence, *pin, "--json")
    assert (again.code, again.json["verdict"], again.json["evidence"]) == (1, "fork", forked.json["evidence"])
    assert "traceability-fork@v1" in run("compare-checkpoints", notes[3], notes[300], "--log", copy, *pin).out
    for wrong in ((notes[3], notes[300]), (notes[3], notes[300], "--log", tmp_path / "no", *pin), (receipt, *pin)):
        assert run("compare-checkpoints", *wrong).code == 2
    gone = run("compare-checkpoints", notes[3], notes[300], "--log", "http://127.0.0.1:1/ledger", *pin)
    assert gone.code == 3


def test_a_log_that_is_behind_goes_on_under_another_name(run, export, sqlite_service, grow, tmp_path, monkeypatch):
    assert export
    grow(3)
    refused = run("ledger", "new-origin", "log.example/2")
    assert (refused.code, "nothing that is remembered speaks against" in refused.err) == (2, True)
    database = sqlite_path(sqlite_service.settings.database_url)
    with sqlite3.connect(database) as source, sqlite3.connect(tmp_path / "older.db") as target:
        source.backup(target)
    target.close(), source.close()
    grow(2)
    sqlite_service.store.close()
    for path in database.parent.glob("traceability.db*"):
        path.unlink()
    (tmp_path / "older.db").rename(database)
    stopped = run("ledger", "rotate-key")
    assert (stopped.code, "ledger new-origin NAME" in stopped.err) == (3, True)
    done = run("ledger", "new-origin", "log.example/2", "--json").json
    assert (done["index"], done["size"], done["agreed"], len(done["signed"])) == (3, 3, 3, 1)
    named = run("ledger", "rotate-key")
    assert (named.code, "set TRACEABILITY_LOG_ORIGIN=log.example/2" in named.err) == (3, True)
    monkeypatch.setenv("TRACEABILITY_LOG_ORIGIN", "log.example/2")
    assert run("ledger", "rotate-key").code == 0
