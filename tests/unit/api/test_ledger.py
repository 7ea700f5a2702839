"""The public log: static resources as C2SP tlog-tiles has them, proofs between stored sizes, receipts of one's own."""

import dataclasses
import gzip

import pytest
import sqlalchemy as sa

from traceability.app import create_app
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.encoding import from_b64
from traceability.ledger.entry import Entry, digest, milliseconds
from traceability.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from traceability.ledger.proof import parse_proof
from traceability.ledger.tile_paths import read_bundle

FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture
def app(service):
    return create_app(service=service)


@pytest.fixture
def grow(service):
    """``grow(n)`` appends n entries under one checkpoint and returns the log's size."""

    def run(count):
        def write(tx):
            entries = [Entry(kind="rule-set", body=digest(b"%d" % n), at=milliseconds(tx.now)) for n in range(count)]
            return [tx.log.append(entry) for entry in entries][-1] + 1

        return service.store.write(write)

    return run


@pytest.fixture
def head(service, client):
    """``head()`` is the published checkpoint, its signature verified."""

    def run():
        note = client.get("/ledger/checkpoint").text
        return verify_checkpoint(note, [service.log_key.verifier])[0]

    return run


def test_an_empty_log_shows_nothing(client):
    for path in ("/ledger/checkpoint", "/ledger/tile/0/000", "/ledger/tile/0/000.p/1", "/ledger/tile/entries/000",
                 "/v1/ledger/checkpoints/0", "/v1/ledger/checkpoints/1", "/v1/ledger/proofs/inclusion?index=0",
                 "/v1/ledger/proofs/consistency?from=1"):  # fmt: skip
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path


def test_tiles_and_entries_are_those_of_the_checkpoint(client, grow, head):
    grow(3), grow(300)
    found = head()
    assert found.size == 303
    answers = {path: client.get(f"/ledger/tile/{path}") for path in
               ("0/000", "0/001.p/47", "1/000.p/1", "entries/000", "entries/001.p/47")}  # fmt: skip
    for path, answer in answers.items():
        assert (answer.status_code, answer.content_type) == (200, "application/octet-stream"), path
        assert answer.headers["Cache-Control"] == FOREVER
        assert "Set-Cookie" not in answer.headers
    leaves = answers["0/000"].data + answers["0/001.p/47"].data
    entries = read_bundle(answers["entries/000"].data) + read_bundle(answers["entries/001.p/47"].data)
    assert b"".join(map(leaf_hash, entries)) == leaves
    assert len(answers["1/000.p/1"].data) == 32


def test_the_checkpoint_is_cached_for_seconds(client, grow):
    grow(1)
    answer = client.get("/ledger/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=2"
    assert client.get("/ledger/checkpoint", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    grow(1)
    assert client.get("/ledger/checkpoint", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["0/000", "0/000.p/8", "0/000.p/0", "0/000.p/256", "0/001", "1/000.p/1", "63/000", "64/000", "0/x000/000", "0/0",
     "entries/000", "entries/000.p/8", "entries/000.p/999", "-1/000", "0/999999", "0/" + "x999/" * 6 + "999",
     "entries/" + "9" * 300, "0/..", "0/%2e%2e", "entries/000.p/5/6"],
)  # fmt: skip
def test_beyond_the_checkpoint_and_other_addresses_are_404(client, grow, path):
    grow(7)
    answer = client.get(f"/ledger/tile/{path}")
    assert answer.status_code == 404
    assert answer.headers.get("Cache-Control") != FOREVER


def test_partial_tiles_of_earlier_checkpoints_stay(client, grow):
    grow(3)
    first = client.get("/ledger/tile/0/000.p/3").data
    grow(300)
    assert client.get("/ledger/tile/0/000.p/3").data == first == client.get("/ledger/tile/0/000").data[:96]
    assert len(read_bundle(client.get("/ledger/tile/entries/000.p/3").data)) == 3


def test_compression_changes_no_byte_of_the_entries(client, grow):
    grow(40)
    path = "/ledger/tile/entries/000.p/40"
    plain = client.get(path)
    squeezed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    assert len(squeezed.data) < len(plain.data)
    assert plain.headers["Vary"] == squeezed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != squeezed.headers["ETag"]
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip;q=0"}).headers
    assert client.get(path, headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304
    assert "Content-Encoding" not in client.get("/ledger/checkpoint", headers={"Accept-Encoding": "gzip"}).headers


def test_every_pair_of_stored_sizes_is_proved(client, grow):
    sizes = [grow(count) for count in (1, 2, 5, 250, 30)]
    roots = {}
    for size in sizes:
        found = client.get(f"/v1/ledger/checkpoints/{size}").json
        assert (
            found["checkpoint"] == client.get(f"/v1/ledger/checkpoints/{size}", headers={"Accept": "text/plain"}).text
        )
        roots[size] = from_b64(found["root"])
    for old in sizes:
        for new in sizes:
            answer = client.get(f"/v1/ledger/proofs/consistency?from={old}&to={new}")
            if old > new:
                assert answer.status_code == 400
                continue
            path = [from_b64(item) for item in answer.json["path"]]
            verify_consistency(old, roots[old], new, roots[new], path)
            assert (answer.json["from"]["size"], answer.json["to"]["size"]) == (old, new)


def test_consistency_as_a_witness_is_sent_it(client, grow):
    grow(3), grow(4)
    text = client.get("/v1/ledger/proofs/consistency?from=3&to=7", headers={"Accept": "text/plain"}).text
    head, _, note = text.partition("\n\n")
    first, *path = head.split("\n")
    assert first == "old 3"
    assert note == client.get("/ledger/checkpoint").text
    assert path == client.get("/v1/ledger/proofs/consistency?from=3").json["path"]


def test_inclusion_of_every_entry_at_every_stored_size(client, grow):
    sizes = [grow(count) for count in (2, 3, 255)]
    for size in sizes:
        for index in {0, 1, size // 2, size - 1}:
            found = client.get(f"/v1/ledger/proofs/inclusion?index={index}&size={size}").json
            path = [from_b64(item) for item in found["path"]]
            entry = from_b64(found["entry"])
            assert leaf_hash(entry) == from_b64(found["leaf"])
            verify_inclusion(leaf_hash(entry), index, size, path, from_b64(found["root"]))
            asked = f"/v1/ledger/proofs/inclusion?index={index}&size={size}"
            proof = parse_proof(client.get(asked, headers={"Accept": "text/plain"}).text)
            assert (proof.index, list(proof.path), proof.checkpoint) == (index, path, found["checkpoint"])
    assert client.get("/v1/ledger/proofs/inclusion?index=0").json["size"] == sizes[-1]


@pytest.mark.parametrize(
    ("query", "status"),
    [("consistency?from=0&to=5", 400), ("consistency?from=-1", 400), ("consistency?from=x", 400), ("consistency", 400),
     ("consistency?from=3&to=5", 404), ("consistency?from=5&to=3", 404), ("consistency?from=5&to=99", 404),
     ("consistency?from=5&to=5&x=1", 400), ("inclusion?index=5&size=5", 400), ("inclusion?index=-1", 400),
     ("inclusion?index=0&size=4", 404), ("inclusion?index=0&size=0", 404), ("inclusion?size=5", 400),
     ("inclusion?index=1e3", 400), ("inclusion?index=" + "9" * 40, 400), ("inclusion?index=0&size=" + "9" * 40, 404)],
)  # fmt: skip
def test_bad_questions_are_the_callers_to_mend(client, grow, query, status):
    grow(5)
    answer = client.get(f"/v1/ledger/proofs/{query}")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    assert client.get("/v1/ledger/checkpoints/" + "9" * 40).status_code == 404


@pytest.mark.parametrize("path", ["tile/0/000.p/5", "tile/entries/000.p/5"])
def test_damage_is_told_and_never_served(service, client, grow, path):
    grow(5)
    with service.store.writer_engine.begin() as connection:
        connection.execute(sa.text('DELETE FROM ledger_entry WHERE "index" = 2'))
        connection.execute(sa.text("UPDATE ledger_tile SET hashes = :short"), {"short": b"\x00" * 128})
    for asked in (f"/ledger/{path}", "/v1/ledger/proofs/inclusion?index=2"):
        answer = client.get(asked)
        assert (answer.status_code, answer.json["title"]) == (503, "Ledger damaged"), asked


def test_a_changed_entry_is_proved_to_nobody(service, client, grow):
    grow(5)
    with service.store.writer_engine.begin() as connection:
        connection.execute(sa.text('UPDATE ledger_entry SET body = :other WHERE "index" = 2'), {"other": b"{}"})
    assert client.get("/v1/ledger/proofs/inclusion?index=2").status_code == 503
    assert client.get("/v1/ledger/proofs/inclusion?index=3").status_code == 200


def test_who_knows_of_a_newer_log_is_not_shown_an_older_one(client, grow):
    """As after a restore, or behind a replica that lags: 503 until the log has come so far."""
    grow(3)
    for path in (
        "/ledger/checkpoint",
        "/ledger/tile/0/000.p/3",
        "/ledger/tile/entries/000.p/3",
        "/v1/ledger/checkpoints/3",
    ):
        assert client.get(f"{path}?min_size=3").status_code == 200
        behind = client.get(f"{path}?min_size=4")
        assert (behind.status_code, behind.headers["Retry-After"]) == (503, "1")
        assert behind.json["title"] == "Behind"
        assert client.get(f"{path}?min_size=-1").status_code == 400
        assert client.get(f"{path}?min_size=x").status_code == 400
    assert client.get("/ledger/checkpoint?nocache=1").status_code == 200, "a cache's own parameters are passed over"


def test_the_public_log_is_read_from_the_replica_and_nothing_else_is(
    service, grow, make_database, database, open_at, clock
):
    """An older database stands for the replica; the one that streams is tested in integration/faults."""
    replica = make_database(database)
    both = open_at(dataclasses.replace(service.settings, replica_url=replica), clock)
    grow(2)
    client = create_app(service=both).test_client()
    assert client.get("/ledger/checkpoint").status_code == 404, "the replica has nothing yet"
    assert client.get("/ledger/checkpoint?min_size=2").status_code == 503
    assert client.get("/v1/log").json["size"] == 2
