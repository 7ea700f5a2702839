"""Our log and a witness, over real HTTP: checkpoints are cosigned, and nothing a witness does stops capture."""

import base64
import dataclasses
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlmodel import select
from werkzeug.serving import make_server

from traceability.cli.witness_app import create_witness_app
from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint as Head
from traceability.ledger.checkpoint import LogKey, read_checkpoint, sign_checkpoint
from traceability.ledger.cosignature import CosigningKey, cosignatures
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.note import note_text
from traceability.ledger.policy import Policy, Witness
from traceability.ledger.proof import parse_proof
from traceability.ledger.verify import verify_receipt
from traceability.ledger.witness import AddCheckpoint, WitnessRefusal
from traceability.services import receipts, witness_calls, witnessing
from traceability.services.outgoing import Outgoing
from traceability.services.witness_host import WitnessHost
from traceability.storage.tables import Checkpoint, Cosignature
from traceability.storage.witness_files import WitnessFiles

START = datetime(2026, 11, 23, 9, tzinfo=UTC)


def append(service, count=1):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind="evidence-pack", body=digest(b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


def kept(service):
    with service.store.read() as session:
        return [(row.size, row.line) for row in session.exec(select(Cosignature).order_by(Cosignature.size))]


@contextmanager
def serving(app):
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(database_url, make_settings):
    return make_settings(database_url, private_addresses=True)


@pytest.fixture
def key():
    return CosigningKey.generate("witness.example/w1")


@pytest.fixture
def host(service, key, tmp_path, clock):
    logs = {service.settings.log_origin: [service.log_key.verifier]}
    return WitnessHost((key,), logs, WitnessFiles(tmp_path / "witness"), clock)


@pytest.fixture
def witness(host, key):
    with serving(create_witness_app(host)) as url:
        yield Witness("W", key.public, url)


def test_each_new_checkpoint_is_cosigned_and_the_cosignature_verifies(service, witness, key):
    append(service)
    assert witness_calls.submit(service, witness) == 1
    assert witness_calls.submit(service, witness) is None
    append(service, 300)
    assert witness_calls.submit(service, witness) == 301
    assert [size for size, _ in kept(service)] == [1, 301]
    with service.store.read() as session:
        note = session.get(Checkpoint, 301).note
    assert cosignatures(note + kept(service)[1][1], [key.public])[0].key == key.public


def test_receipts_grow_by_cosignatures_and_meet_a_quorum(service, witness, key):
    append(service, 3)
    plain = receipts.entry_receipt(service, 1)
    append(service, 3)
    witness_calls.submit(service, witness)
    grown = receipts.entry_receipt(service, 1)
    policy = Policy.parse(f"log {service.log_key.vkey}\nwitness W {key.public.vkey}\nquorum W\n".encode())
    before, after = (verify_receipt(one.to_json(), policy=policy) for one in (plain, grown))
    assert (before.verdict, after.verdict) == ("failed", "ok")
    assert before.reason.startswith("witnesses: expected cosignatures")
    assert read_checkpoint(parse_proof(grown.proof).checkpoint).size == 6


def test_an_empty_log_has_nothing_to_submit(service, witness):
    assert witness_calls.submit(service, witness) is None


def test_a_cosignature_that_got_lost_is_asked_for_again(service, witness, host):
    append(service, 5)
    with service.store.read() as session:
        note = session.get(Checkpoint, 5).note
    host.add_checkpoint(AddCheckpoint(0, (), note).to_bytes())  # it answered, and nobody heard
    assert witness_calls.submit(service, witness) == 5
    append(service, 2)
    assert witness_calls.submit(service, witness) == 7


def test_a_witness_that_has_seen_more_means_an_older_copy(service, witness, host):
    append(service, 3)
    longer = Head(service.settings.log_origin, 9, bytes(32))
    host.files.remember(longer.origin, sign_checkpoint(longer, service.log_key))
    with pytest.raises(witness_calls.LogBehindWitness, match="restored from an older copy"):
        witness_calls.submit(service, witness)
    append(service)  # capture goes on: who stops it is the operator
    assert kept(service) == []


def test_a_forked_log_is_not_cosigned_and_leaves_evidence(service, host, witness):
    append(service, 3)
    other = Head(service.settings.log_origin, 2, bytes(32))
    host.files.remember(other.origin, sign_checkpoint(other, service.log_key))
    with pytest.raises(witness_calls.NotWitnessed, match="422"):
        witness_calls.submit(service, witness)
    assert len(list(host.files.folder.glob("*.evidence"))) == 1
    assert host.files.latest(other.origin) == other


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""), (200, b"\xff\xfe"), (200, b"no signature line\n"), (200, "— witness.example/w1 AAAAAAAA\n".encode()),
        (409, b""), (409, b"-1\n"), (409, b"9" * 30), (500, b"x" * 100_000), (302, b""), (404, b"who?"),
    ],
)  # fmt: skip
def test_whatever_a_witness_answers_is_an_error_of_its_own(service, key, status, body):
    class Liar(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    append(service)
    server = HTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        policy = Policy((), {"W": Witness("W", key.public, f"http://127.0.0.1:{server.server_port}")})
        assert "cosigned" not in witnessing.submit_all(service, policy)["W"]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert kept(service) == []


@contextmanager
def lying(answer):
    """A witness that answers ``answer(request body) -> (status, body, headers)``; yields its address."""

    class Liar(BaseHTTPRequestHandler):
        def do_POST(self):
            status, body, headers = answer(self.rfile.read(int(self.headers["Content-Length"])))
            with suppress(OSError):  # who has gone reads no answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def text_of(body):
    return note_text(AddCheckpoint.parse(body).checkpoint)


def other_root(body):
    text = text_of(body)
    return dataclasses.replace(Head.from_text(text), root=bytes(32)).to_text()


STRANGER = CosigningKey.generate("witness.example/w1")
LIES = {
    "another root": lambda key, body: (200, key.cosign(other_root(body), START).encode()),
    "another size": lambda key, body: (200, key.cosign(text_of(body).replace("\n2\n", "\n1\n"), START).encode()),
    "another key": lambda _key, body: (200, STRANGER.cosign(text_of(body), START).encode()),
    "another time": lambda key, body: (200, retimed(key.cosign(text_of(body), START))),
    "a time that is none": lambda key, body: (200, key.cosign(text_of(body), FarAway()).encode()),
    "one line good, one false": lambda key, body: (
        200, (key.cosign(text_of(body), START) + key.cosign(other_root(body), START)).encode()),
    "an absurd size": lambda _key, _body: (409, b"999999999999999999\n"),
    "an absurder size": lambda _key, _body: (409, b"9" * 400 + b"\n"),
    "our own size": lambda _key, _body: (409, b"2\n"),
    "the size we asked with": lambda _key, _body: (409, b"0\n"),
    "a fraction": lambda _key, _body: (409, b"1.5\n"),
    "unprocessable": lambda _key, _body: (422, b"no\n"),
    "forbidden": lambda _key, _body: (403, b"\xff\xfe"),
    "garbage": lambda _key, _body: (200, bytes(range(256)) * 8),
    "huge": lambda _key, _body: (200, b"\xe2\x80\x94 w AAAA\n" * 100_000),
}  # fmt: skip


class FarAway:
    """A time below 2^63 that no calendar has."""

    def timestamp(self):
        return 2**62


def retimed(line):
    name, data = line.split(" ")[1:]
    raw = bytearray(base64.b64decode(data))
    raw[11] ^= 1  # the last byte of the time
    return f"\N{EM DASH} {name} {base64.b64encode(bytes(raw)).decode()}\n".encode()


@pytest.mark.parametrize("lie", LIES)
def test_whatever_it_lies_capture_goes_on_and_the_receipt_grows_later(service, witness, host, key, clock, lie):
    append(service)
    append(service)
    with lying(lambda body: (*LIES[lie](key, body), {})) as url:
        states = {}
        said = witnessing.submit_all(service, Policy((), {"W": Witness("W", key.public, url)}), states)
        assert not said["W"].startswith("cosigned")
    assert (kept(service), states["W"].failures) == ([], 1)
    append(service)  # capture goes on
    before = receipts.entry_receipt(service, 0)
    clock.advance(seconds=3)
    assert witnessing.submit_all(service, Policy((), {"W": witness}), states) == {"W": "cosigned 3"}
    after = receipts.entry_receipt(service, 0)
    policy = Policy.parse(f"log {service.log_key.vkey}\nwitness W {key.public.vkey}\nquorum W\n".encode())
    verdicts = [verify_receipt(one.to_json(), policy=policy).verdict for one in (before, after)]
    assert verdicts == ["failed", "ok"]


def test_lines_of_unknown_keys_beside_its_own_are_ignored(service, key):
    append(service)

    def answer(body):
        lines = STRANGER.cosign(text_of(body), START) + key.cosign(text_of(body), START)
        return 200, lines.encode(), {}

    with lying(answer) as url:
        assert witness_calls.submit(service, Witness("W", key.public, url)) == 1
    assert [line.count("\N{EM DASH}") for _, line in kept(service)] == [1]


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/admin", "https://169.254.169.254/", "file:///etc/passwd"])
def test_a_redirect_is_not_followed_wherever_it_leads(service, key, target):
    append(service)
    heard = []
    with lying(lambda body: heard.append(body) or (200, b"", {})) as inside:
        where = target.format(port=inside.rpartition(":")[2])
        with lying(lambda _body: (308, b"", {"Location": where})) as url:
            said = witnessing.submit_all(service, Policy((), {"W": Witness("W", key.public, url)}))
    assert "answered 308" in said["W"]
    assert heard == []


def test_a_slow_witness_is_given_up_while_capture_goes_on(service, witness, key, monkeypatch):
    append(service)
    asked, hold = threading.Event(), threading.Event()
    monkeypatch.setattr(witness_calls, "outgoing", lambda _settings: Outgoing(private=True, seconds=0.5))
    with lying(lambda _body: asked.set() or hold.wait(5) or (200, b"", {})) as url:
        policy = Policy((), {"slow": Witness("slow", STRANGER.public, url), "W": witness})
        said = {}
        thread = threading.Thread(target=lambda: said.update(witnessing.submit_all(service, policy)))
        thread.start()
        assert asked.wait(5)
        append(service)  # while it is being asked
        thread.join()
        hold.set()
    assert "does not answer within 0.5 s" in said["slow"]
    assert said["W"] == "cosigned 2"


def test_without_the_setting_no_private_address_is_called(sqlite_service, key):
    append(sqlite_service)
    with lying(lambda _body: pytest.fail("called")) as url:
        for address, why in [(url, "expected an address https"), (url.replace("http", "https"), "no public address")]:
            said = witnessing.submit_all(sqlite_service, Policy((), {"W": Witness("W", key.public, address)}))
            assert why in said["W"]


def test_a_witness_whose_clock_differs_is_told(service, key, caplog):
    append(service)
    late = START + timedelta(hours=1)
    with lying(lambda body: (200, key.cosign(text_of(body), late).encode(), {})) as url:
        assert witness_calls.submit(service, Witness("W", key.public, url)) == 1
    assert "witness W are 3600 s apart" in caplog.text


def test_a_witness_that_is_gone_is_left_alone_for_a_while(service, key, clock):
    append(service)
    policy = Policy((), {"W": Witness("W", key.public, "http://127.0.0.1:1")})
    states = {}
    assert "does not answer" in witnessing.submit_all(service, policy, states)["W"]
    assert witnessing.submit_all(service, policy, states) == {}
    clock.advance(seconds=2)
    assert "does not answer" in witnessing.submit_all(service, policy, states)["W"]
    clock.advance(seconds=2)
    assert witnessing.submit_all(service, policy, states) == {}
    states["W"].failures = 60
    clock.advance(hours=1)
    witnessing.submit_all(service, policy, states)
    assert states["W"].not_before - clock() <= timedelta(minutes=10)


def test_one_witness_down_does_not_keep_the_next_from_cosigning(service, witness, key):
    append(service)
    gone = Witness("gone", CosigningKey.generate("witness.example/w0").public, "http://127.0.0.1:1")
    said = witnessing.submit_all(service, Policy((), {"gone": gone, "W": witness}))
    assert said["W"] == "cosigned 1"


def test_two_threads_cannot_roll_a_witness_back(service, host):
    append(service, 4)
    append(service, 4)
    with service.store.read() as session:
        notes = {size: session.get(Checkpoint, size).note for size in (4, 8)}
    host.add_checkpoint(AddCheckpoint(0, (), notes[8]).to_bytes())
    with pytest.raises(WitnessRefusal) as refused:
        host.add_checkpoint(AddCheckpoint(0, (), notes[4]).to_bytes())
    assert (refused.value.status, refused.value.size) == (409, 8)


def test_a_witness_remembers_across_a_restart(service, host, tmp_path):
    append(service, 4)
    with service.store.read() as session:
        host.add_checkpoint(AddCheckpoint(0, (), session.get(Checkpoint, 4).note).to_bytes())
    again = WitnessFiles(tmp_path / "witness")
    assert again.latest(service.settings.log_origin).size == 4


def test_the_answers_over_http_are_those_of_the_specification(service, host):
    app = create_witness_app(host)
    append(service, 4)
    with service.store.read() as session:
        good = AddCheckpoint(0, (), session.get(Checkpoint, 4).note).to_bytes()
    with app.test_client() as client:
        assert client.post("/add-checkpoint", data=b"hello").status_code == 400
        assert client.post("/add-checkpoint", data=b"x" * 70_000).status_code == 413
        foreign = LogKey.generate("other.example/log")
        unknown = AddCheckpoint(0, (), sign_checkpoint(Head(foreign.name, 0, bytes(32)), foreign)).to_bytes()
        assert client.post("/add-checkpoint", data=unknown).status_code == 404
        answer = client.post("/add-checkpoint", data=good)
        assert (answer.status_code, answer.text[0]) == (200, "—")
        conflict = client.post("/add-checkpoint", data=good)
        assert (conflict.status_code, conflict.text, conflict.content_type) == (409, "4\n", "text/x.tlog.size")
    assert not list(host.files.folder.glob("*other*"))


def test_the_witness_file_is_checked_at_the_start(sqlite_service, tmp_path, key):
    path, opened = tmp_path / "witnesses", sqlite_service
    for text, why in [
        (f"witness W {key.public.vkey}\nquorum W\n", "witness W: expected an address https"),
        (f"witness W {key.public.vkey} file:///etc/passwd\nquorum W\n", "expected an address https"),
        (f"witness W {key.public.vkey} http://w.example/\nquorum W\n", "expected an address https"),
    ]:
        path.write_text(text)
        with pytest.raises(InvalidInput, match=why):
            witness_calls.load_witnesses(_with(opened, witnesses=path))
    with pytest.raises(InvalidInput, match="cannot be read"):
        witness_calls.load_witnesses(_with(opened, witnesses=tmp_path / "none"))
    path.write_text(f"witness W {key.public.vkey} https://w.example/\nquorum W\n")
    assert list(witness_calls.load_witnesses(_with(opened, witnesses=path)).witnesses) == ["W"]
    assert witness_calls.load_witnesses(opened).witnesses == {}


def _with(service, **settings):
    return dataclasses.replace(service, settings=dataclasses.replace(service.settings, **settings))
