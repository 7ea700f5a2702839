"""What a log that lies, or a thief of an ended log key, hands out: it may be consistent in itself and is not `ok`."""

import zipfile

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.entry import Entry, digest
from traceability.ledger.log_change import Rotation, entry_of, to_record
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.pack import read_pack
from traceability.ledger.policy import Policy
from traceability.ledger.proof import make_proof
from traceability.ledger.receipt import Receipt
from traceability.ledger.succession import Link
from traceability.ledger.tiles import TileTree
from traceability.ledger.verify import verify_receipt

ORIGIN = "log.example/a"
BODY = b'{"eventID":"urn:x:1","type":"ObjectEvent"}'


def log_key():
    return LogKey._of(ORIGIN, Ed25519PrivateKey.generate())


@pytest.fixture
def keys():
    """The key that ended, the one that follows it, and a thief's."""
    return log_key(), log_key(), log_key()


@pytest.fixture
def policy(keys):
    old, new, _ = keys
    lines = f"log {old.vkey} https://log.example#until=100\nlog {new.vkey} https://log.example\nquorum none\n"
    return Policy.parse(lines.encode())


def receipt(key, entry, body=BODY, *, before=(), succession=()):
    """Return a receipt of the last entry of a log that holds nothing else but what came ``before``."""
    tree = TileTree(lambda _level, _index: None)
    tree.append([*map(leaf_hash, before), leaf_hash(entry)])
    note = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), key)
    proof = make_proof(tree.size - 1, tree.inclusion(tree.size - 1, tree.size), note)
    return Receipt(key.vkey, entry, proof, body, digest(body), None, None, succession=succession), tree


def record(kind="decision", **members):
    return Entry(kind=kind, body=digest(BODY), at=1, **members).to_bytes()


def test_a_record_of_the_log_verifies_under_the_key_that_follows(keys, policy):
    found, _ = receipt(keys[1], record())
    assert verify_receipt(found.to_json(), policy=policy).verdict == "ok"


def test_a_rotation_dated_before_the_end_of_a_stolen_key_leads_nowhere(keys, policy):
    old, _, thief = keys
    change = Rotation(origin=ORIGIN, old=old.vkey, new=thief.vkey)
    named = entry_of(change, 1).to_bytes()
    _, young = receipt(thief, named, before=[b"x"])
    both = sign_checkpoint(Checkpoint(ORIGIN, 2, young.root()), old, thief)
    before = [b"x", named, *(b"%d" % n for n in range(200))]
    _, tree = receipt(thief, record(), before=before)
    path = tuple(tree.consistency(2, tree.size))
    link = Link(to_record(change), named, make_proof(1, young.inclusion(1, 2), both), path)
    found, _ = receipt(thief, record(), before=before, succession=(link,))
    verdict = verify_receipt(found.to_json(), policy=policy)
    assert (verdict.verdict, verdict.items[0].verdict) == ("failed", "failed")
    pinned = Policy.pin(old.vkey)
    assert verify_receipt(found.to_json(), policy=pinned).verdict == "ok", "without an end the old key leads on"


@pytest.mark.parametrize("kind", ["event", "capture", "shipment"])
def test_what_only_a_party_can_say_needs_the_key_of_one(keys, policy, kind):
    members = {"n": 0, "eid": digest(b"urn:x:1")} if kind == "event" else {}
    verdict = verify_receipt(receipt(keys[1], record(kind, **members))[0].to_json(), policy=policy)
    assert verdict.verdict == "failed"
    assert "nobody signed this" in verdict.reason


def test_a_moment_beyond_the_calendar_gets_a_verdict(keys, policy):
    late = Entry(kind="decision", body=digest(BODY), at=2**53 - 1).to_bytes()
    said = verify_receipt(receipt(keys[1], late)[0].to_json(), policy=policy)
    assert any("milliseconds after 1970" in item.why for item in said.items)


@pytest.mark.parametrize("data", [b'{"format":[]}', b"[]", b"1", b'{"format":{}}'])
def test_a_link_that_is_no_record_gets_a_verdict(keys, policy, data):
    found, _ = receipt(keys[2], record(), succession=(Link(data, b"x", "x", ()),))
    assert verify_receipt(found.to_json(), policy=policy).verdict == "failed"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_pack_is_stored_or_deflated(method, tmp_path):
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("README.txt", b"x" * 1000)
    with pytest.raises(InvalidInput, match="stored or deflated"):
        read_pack(path.read_bytes())


def test_the_keys_of_a_rotation_are_written_as_they_are_read(keys):
    change = Rotation(origin=ORIGIN, old=keys[0].vkey, new=keys[1].vkey)
    assert orjson.loads(to_record(change))["format"] == "traceability-log-rotation@v1"
