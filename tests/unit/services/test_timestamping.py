"""Our checkpoints and a time-stamping authority over real HTTP (ledger.md 10, fault 22): nothing it does stops capture."""

import dataclasses
import hashlib
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlmodel import select

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import read_checkpoint
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.timestamp import Trust, checker
from traceability.ledger.verify import verify_receipt
from traceability.services import receipts, timestamping
from traceability.services.timestamping import Authority, load_authorities, stamp, stamp_all
from traceability.storage.tables import Checkpoint, CheckpointTimestamp, Cosignature


@pytest.fixture
def settings(database_url, make_settings):
    return make_settings(database_url, private_addresses=True)


def append(service, count=1):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind="evidence-pack", body=digest(b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


def cosigned(service, size, *names):
    """Rows as witnesses leave them; nobody reads their lines here."""

    def write(tx):
        for name in names:
            tx.session.add(Cosignature(size=size, witness=name, line=f"\N{EM DASH} {name} AAAAAAAA\n", at=tx.now))

    service.store.write(write)


def kept(service):
    with service.store.read() as session:
        return [(row.size, row.authority) for row in session.exec(select(CheckpointTimestamp)).all()]


@contextmanager
def serving(answer):
    """An authority's address: ``answer(request) -> (status, body, headers)``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.headers["Content-Type"] == "application/timestamp-query"
            status, body, headers = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    class Quiet(HTTPServer):
        def handle_error(self, *_args):
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def tsa(make_tsa):
    return make_tsa()


@pytest.fixture
def authority(tsa):
    with serving(lambda request: (200, tsa.answer(request), {})) as url:
        yield Authority("TSA", url, Trust.read(tsa.root.pem))


def test_the_newest_checkpoint_is_stamped_once_an_interval(service, authority, tsa, clock):
    assert stamp(service, authority) is None  # nothing recorded yet
    append(service, 3)
    assert stamp(service, authority) == 3
    append(service, 2)
    assert stamp(service, authority) is None
    clock.advance(seconds=service.settings.timestamp_seconds)
    assert stamp(service, authority) == 5
    clock.advance(seconds=service.settings.timestamp_seconds)
    assert stamp(service, authority) is None  # nothing new
    assert kept(service) == [(3, "TSA"), (5, "TSA")]


def test_what_is_stamped_is_the_note_as_it_is_stored(service, authority, tsa):
    append(service)
    stamp(service, authority)
    with service.store.read() as session:
        note = session.get(Checkpoint, 1).note
        row = session.get(CheckpointTimestamp, (1, "TSA"))
    check = checker([Trust.read(tsa.root.pem)])
    assert check(row.token, [hashlib.sha256(note.encode()).digest()]) == row.at == service.clock()


def test_receipts_grow_by_tokens_and_the_token_verifies(service, authority, tsa):
    append(service, 3)
    plain = receipts.entry_receipt(service, 1)
    append(service, 3)
    stamp(service, authority)
    grown = receipts.entry_receipt(service, 1)
    assert plain.timestamps == ()
    assert read_checkpoint(parse_proof(grown.proof).checkpoint).size == 6
    verdict = verify_receipt(
        grown.to_json(), policy=Policy.pin(service.log_key.vkey), check_stamp=checker([Trust.read(tsa.root.pem)])
    )
    assert verdict.verdict == "ok"
    assert "TSA at 2026-11-23T09:00:00+00:00" in next(one.why for one in verdict.items if one.what == "time stamp")


def test_the_checkpoint_is_served_with_its_tokens(service, authority, client):
    append(service)
    assert "timestamps" not in client.get("/v1/ledger/checkpoints/1").json
    stamp(service, authority)
    found = client.get("/v1/ledger/checkpoints/1").json["timestamps"]
    assert [one["authority"] for one in found] == ["TSA"]
    assert found == [one.as_dict() for one in receipts.entry_receipt(service, 0).timestamps]


def test_a_cosigned_checkpoint_is_stamped_so_that_one_receipt_carries_both(service, authority):
    for _ in range(4):
        append(service)
    cosigned(service, 2, "w1", "w2")
    cosigned(service, 3, "w1", "w2")
    cosigned(service, 4, "w1")
    assert stamp(service, authority) == 3
    assert len(receipts.entry_receipt(service, 0).timestamps) == 1
    assert read_checkpoint(parse_proof(receipts.entry_receipt(service, 0).proof).checkpoint).size == 3
    assert read_checkpoint(parse_proof(receipts.entry_receipt(service, 3).proof).checkpoint).size == 4


def test_a_token_never_costs_a_receipt_its_cosignatures(service, authority):
    append(service)
    cosigned(service, 1, "w1")
    append(service)
    service.store.write(lambda tx: tx.session.add(_row(2, tx)))
    receipt = receipts.entry_receipt(service, 0)
    assert read_checkpoint(parse_proof(receipt.proof).checkpoint).size == 1
    assert receipts.entry_receipt(service, 1).timestamps[0].authority == "X"


def _row(size, tx):
    return CheckpointTimestamp(size=size, authority="X", token=b"t", at=tx.now, received_at=tx.now)


WRONG = [
    ("imprint", {"imprint": bytes(32)}, "other bytes"),
    ("nonce", {"nonce": 7}, "nonce"),
    ("expired", {"days": -1}, "no trusted authority"),
    ("refusal", {"status": 2}, "granted"),
    ("cut", {"spoil": lambda answer: answer[:-1]}, "granted"),
    ("garbage", {"spoil": lambda _answer: b"\xff" * 300}, "granted"),
    ("empty", {"spoil": lambda _answer: b""}, "granted"),
    ("huge", {"spoil": lambda _answer: b"\x30" * 1_000_000}, "more than"),
]


@pytest.mark.parametrize(("changes", "why"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_token_is_refused_logged_and_asked_for_again(service, make_tsa, clock, caplog, changes, why):
    tsa = make_tsa(**changes)
    with serving(lambda request: (200, tsa.answer(request), {})) as url:
        refused_and_retried(service, Authority("TSA", url, Trust.read(tsa.root.pem)), clock, caplog, why)


def test_an_authority_of_another_ca_is_refused(service, make_tsa, clock, caplog):
    tsa = make_tsa()
    with serving(lambda request: (200, tsa.answer(request), {})) as url:
        other = Trust.read(make_tsa().root.pem)
        refused_and_retried(service, Authority("TSA", url, other), clock, caplog, "no trusted authority")


@pytest.mark.parametrize("status", [500, 404, 204, 403])
def test_an_answer_of_another_status_is_none(service, tsa, clock, caplog, status):
    with serving(lambda request: (status, tsa.answer(request), {})) as url:
        refused_and_retried(
            service, Authority("TSA", url, Trust.read(tsa.root.pem)), clock, caplog, f"answered {status}"
        )


def test_a_redirect_is_not_followed(service, authority, clock, caplog):
    with serving(lambda _request: (307, b"", {"Location": authority.url})) as url:
        elsewhere = dataclasses.replace(authority, url=url)
        refused_and_retried(service, elsewhere, clock, caplog, "answered 307")


def test_one_that_is_gone(service, authority, clock, caplog):
    gone = dataclasses.replace(authority, url="http://127.0.0.1:1/tsr")
    refused_and_retried(service, gone, clock, caplog, "does not answer")


def test_one_that_is_slow(service, authority, clock, caplog, monkeypatch):
    from traceability.services.outgoing import Outgoing

    monkeypatch.setattr(timestamping, "outgoing", lambda _settings: Outgoing(private=True, seconds=0.3))
    with serving(lambda _request: time.sleep(1) or (200, b"", {})) as url:
        slow = dataclasses.replace(authority, url=url)
        refused_and_retried(service, slow, clock, caplog, "does not answer within 0.3 s")


def refused_and_retried(service, authority, clock, caplog, why):
    append(service)
    states = {}
    assert why in stamp_all(service, [authority], states)["TSA"]
    assert why in caplog.text
    append(service)  # capture goes on
    assert stamp_all(service, [authority], states) == {}  # left alone for a while
    clock.advance(seconds=2)
    assert why in stamp_all(service, [authority], states)["TSA"]
    clock.advance(seconds=2)
    assert stamp_all(service, [authority], states) == {}
    assert kept(service) == []
    assert receipts.entry_receipt(service, 0).timestamps == ()


def test_an_address_that_is_not_allowed_is_not_called(sqlite_service, tsa):
    append(sqlite_service)
    with serving(lambda _request: pytest.fail("called")) as url:
        said = stamp_all(sqlite_service, [Authority("TSA", url, Trust.read(tsa.root.pem))])
        assert "expected an address https" in said["TSA"]
        said = stamp_all(sqlite_service, [Authority("T", url.replace("http:", "https:"), Trust.read(tsa.root.pem))])
        assert "no public address" in said["T"]


def test_one_that_is_wrong_does_not_keep_the_next_from_stamping(service, authority):
    append(service)
    gone = dataclasses.replace(authority, name="gone", url="http://127.0.0.1:1/tsr")
    assert stamp_all(service, [gone, authority])["TSA"] == "stamped 1"


def test_two_processes_that_asked_at_once_keep_one_token(service, authority, monkeypatch):
    append(service)
    real = timestamping._keep

    def late(tx, head, authority, found):
        real(tx, head, authority, found)
        real(tx, head, authority, dataclasses.replace(found, token=b"another"))

    monkeypatch.setattr(timestamping, "_keep", late)
    stamp(service, authority)
    assert kept(service) == [(1, "TSA")]
    assert receipts.entry_receipt(service, 0).timestamps[0].token != b"another"


def test_a_clock_that_differs_from_the_authoritys_is_told(service, authority, tsa, clock, caplog):
    append(service)
    tsa.clock = lambda: clock().replace(hour=12)
    stamp(service, authority)
    assert "authority TSA are 10800 s apart" in caplog.text


def test_the_file_of_authorities(sqlite_service, tsa, tmp_path):
    path = tmp_path / "authorities"
    (tmp_path / "ca.pem").write_bytes(tsa.root.pem)
    opened = _with(sqlite_service, timestamp_authorities=path)
    path.write_text(
        "# comment\n\nauthority ONE https://one.example/tsr ca.pem\nauthority TWO https://two.example/ ca.pem 1.2.3\n"
    )
    found = load_authorities(opened)
    assert [(one.name, one.url) for one in found] == [
        ("ONE", "https://one.example/tsr"),
        ("TWO", "https://two.example/"),
    ]
    assert [one.trust.policy and one.trust.policy.dotted_string for one in found] == [None, "1.2.3"]
    for line, why in [
        ("authority", "expected 'authority"),
        ("tsa ONE https://one.example/ ca.pem", "expected 'authority"),
        ("authority ONE http://one.example/ ca.pem", "line 1: expected an address https"),
        ("authority ONE https://one.example/ none.pem", "cannot be read"),
        ("authority ONE https://one.example/ authorities", "expected certificates"),
        ("authority ONE https://one.example/ ca.pem x", "object identifier"),
        ("authority ../x https://one.example/ ca.pem", "expected 'authority"),
        ("authority ONE https://one.example/ ca.pem\nauthority ONE https://one.example/ ca.pem", "is taken"),
    ]:
        path.write_text(line)
        with pytest.raises(InvalidInput, match=why):
            load_authorities(opened)
    assert load_authorities(sqlite_service) == []


def test_a_wrong_file_is_told_and_stops_nothing_else(sqlite_service, tmp_path, caplog):
    opened = _with(sqlite_service, timestamp_authorities=tmp_path / "none")
    timestamping.follow_authorities(opened, threading.Event())
    assert "no checkpoint is time-stamped" in caplog.text


def test_following_stops_when_told(service, authority, monkeypatch):
    append(service)
    monkeypatch.setattr(timestamping, "load_authorities", lambda _service: [authority])
    stop = threading.Event()
    stop.set()
    timestamping.follow_authorities(service, stop)
    assert kept(service) == [(1, "TSA")]


def _with(service, **settings):
    return dataclasses.replace(service, settings=dataclasses.replace(service.settings, **settings))
