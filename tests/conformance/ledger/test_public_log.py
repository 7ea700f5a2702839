"""Two independent implementations (tlog-scales, aics-tlog) read and audit the log as we serve it."""

import pytest
from tlog_scales import tiles as other_tiles
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey

from traceability.app import create_app
from traceability.ledger.encoding import b64
from traceability.ledger.entry import Entry, digest, milliseconds


class OverHttp:
    """The backend of tlog-scales over our application's test client."""

    def __init__(self, client):
        self.client = client
        self.asked = []

    def get(self, *path):
        self.asked.append("/".join(path))
        answer = self.client.get("/ledger/" + self.asked[-1])
        assert answer.status_code in (200, 404)
        return answer.data if answer.status_code == 200 else None


def grow(service, count):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind="rule-set", body=digest(b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


@pytest.mark.parametrize("steps", [(1,), (255, 1), (256, 1), (300, 212, 1), (70_000,)])
def test_another_implementation_audits_the_served_log(sqlite_service, steps):
    client = create_app(service=sqlite_service).test_client()
    earlier = []
    for step in steps:
        grow(sqlite_service, step)
        reader = TilesReader(OverHttp(client))
        checkpoint = reader.get_checkpoint()
        checkpoint.verify(Vkey.from_string(sqlite_service.log_key.vkey))
        assert reader.calculate_root_hash() == checkpoint.root_hash
        for index in {0, checkpoint.size // 2, checkpoint.size - 1}:
            leaf = other_tiles.leaf_hash(reader.get_entry(index))
            reader.get_inclusion_proof(index, checkpoint.size).check(leaf, checkpoint.root_hash)
        for old in earlier:
            reader.get_consistency_proof(old.size, checkpoint.size).check(old.root_hash, checkpoint.root_hash)
        earlier.append(checkpoint)
    assert checkpoint.size == sum(steps)


class TileReader:
    """The port of aics-tlog over our application's test client."""

    def __init__(self, client):
        self.client = client

    def get(self, path):
        answer = self.client.get(f"/ledger/{path}")
        return answer.data if answer.status_code == 200 else None

    def read_tile(self, level, index, width):
        from aics_tlog.tiles import tile_path

        return self.get(tile_path(level, index, width))

    def read_entry_bundle(self, index, width):
        from aics_tlog.tiles import entry_bundle_path

        return self.get(entry_bundle_path(index, width))


@pytest.mark.parametrize("steps", [(1,), (255, 1), (300, 212, 1), (66_000,)])
def test_a_second_implementation_audits_every_tile_and_entry(sqlite_service, steps):
    """aics-tlog shares no code with tlog-scales, and walks the whole tree instead of its right edge."""
    other = pytest.importorskip("aics_tlog", reason="aics-tlog needs Python 3.12 or later")
    client = create_app(service=sqlite_service).test_client()
    key, reader = other.parse_vkey(sqlite_service.log_key.vkey), TileReader(client)
    earlier = []
    for step in steps:
        grow(sqlite_service, step)
        note = other.parse_note(client.get("/ledger/checkpoint").data)
        assert other.verify_checkpoint(note, key, expected_origin=sqlite_service.settings.log_origin).ok
        head = other.parse_checkpoint(note.text)
        found = other.audit_tiles(reader, head.size, head.root)
        assert (found.size, found.bundles) == (head.size, -(-head.size // 256))
        for index in {0, head.size // 2, head.size - 1}:
            proof = other.inclusion_proof_from_tiles(reader, index, head.size)
            assert other.verify_leaf_inclusion(
                other.read_entry(reader, index, head.size), index, head.size, proof, head.root
            )
            ours = client.get(f"/v1/ledger/proofs/inclusion?index={index}").json["path"]
            assert [b64(item) for item in proof] == ours
        for old in earlier:
            proof = other.consistency_proof_from_tiles(reader, old.size, head.size)
            assert other.verify_consistency(old.size, head.size, old.root, head.root, proof)
            ours = client.get(f"/v1/ledger/proofs/consistency?from={old.size}").json["path"]
            assert [b64(item) for item in proof] == ours
        earlier.append(head)
    assert head.size == sum(steps)
