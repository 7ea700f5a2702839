import base64
import json

import pytest

from traceability.errors import InvalidInput
from traceability.ledger.errors import ProofError
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import FORMAT, Receipt, make_receipt


def test_there_and_back(story):
    for receipt in (story.detached_receipt(), story.enveloped_receipt()):
        assert Receipt.from_json(receipt.to_json()) == receipt


def test_the_published_form(story):
    value = json.loads(story.detached_receipt().to_json())
    assert value["format"] == FORMAT == "traceability-receipt@v1"
    assert value.keys() == {"format", "log_key", "entry", "proof", "body", "body_hash", "jws", "key"}
    assert value["key"].keys() == {"jwk", "state", "entry", "proof"}
    assert base64.b64decode(value["body"]) == story.body
    assert base64.b64decode(value["entry"]) == story.log.entries[story.event]
    assert value["jws"] == story.jws
    assert value["log_key"] == story.log.key.vkey
    assert parse_proof(value["proof"]).index == story.event


def test_only_the_hash_where_the_holder_has_the_bytes(story, make_entry):
    full = story.detached_receipt()
    hashed = story.log.receipt(story.event, full.body_hash, jws=story.jws, signer=(story.key.public, story.added))
    assert (hashed.body, hashed.body_hash) == (None, full.body_hash)
    assert Receipt.from_json(hashed.to_json()) == hashed


def test_the_size_is_about_what_the_design_says(story):
    receipt = story.log.receipt(0, "x" * 43)
    # 9 hashes at 308 entries; 22 hashes of 45 bytes at 4 M: about 1 KB more at most.
    assert len(receipt.to_json()) < 1600


def test_nothing_false_is_handed_out(story):
    parts = {"log_key": story.log.key.vkey, "checkpoint": story.log.checkpoint(), "body": story.body, "jws": story.jws}
    right, other = story.log.included(story.event), story.log.included(story.added)
    with pytest.raises(ProofError):
        make_receipt(**parts, included=type(right)(right.index, other.entry, right.path))
    with pytest.raises(ProofError):
        make_receipt(**parts, included=type(right)(other.index, right.entry, right.path))
    with pytest.raises(ProofError):
        make_receipt(
            **parts, included=right, signer=(story.key.public, "active", type(other)(0, other.entry, other.path))
        )


def test_a_proof_for_another_size_than_the_stored_checkpoints_is_not_handed_out(make_log, make_entry):
    log = make_log()
    log.add(make_entry("assessment", "a"))
    log.add(make_entry("assessment", "b"))
    old = log.checkpoint()
    log.add(make_entry("assessment", "c"))
    with pytest.raises(ProofError):
        log.receipt(0, b"a", checkpoint=old)


CHANGES = [
    {"format": "traceability-receipt@v2"}, {"format": None}, {"log_key": 5}, {"entry": "*"}, {"entry": None}, {"entry": "A" * 90_000},
    {"proof": []}, {"body": 5}, {"body": "AAB="}, {"body_hash": None}, {"jws": 5}, {"key": []}, {"key": {}}, {"key": "x"}, {"more": 1},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_other_forms_are_refused(story, change):
    with pytest.raises(InvalidInput):
        Receipt.from_json(json.dumps(story.detached_receipt().as_dict() | change).encode())


@pytest.mark.parametrize("missing", ["format", "log_key", "entry", "proof", "body", "body_hash", "jws", "key"])
def test_a_missing_member_is_refused(story, missing):
    value = story.detached_receipt().as_dict()
    del value[missing]
    with pytest.raises(InvalidInput, match="exactly"):
        Receipt.from_json(json.dumps(value).encode())


@pytest.mark.parametrize(
    "change", [{"jwk": "x"}, {"jwk": {}}, {"state": None}, {"entry": "*"}, {"proof": None}, {"more": 1}]
)
def test_the_key_in_another_form_is_refused(story, change):
    value = story.detached_receipt().as_dict()
    value["key"] |= change
    with pytest.raises(InvalidInput):
        Receipt.from_json(json.dumps(value).encode())


def test_a_key_with_members_that_nobody_signed_is_refused(story):
    value = story.detached_receipt().as_dict()
    value["key"]["jwk"]["kid"] = "x"
    with pytest.raises(InvalidInput, match="no other members"):
        Receipt.from_json(json.dumps(value).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"5", b'{"format":1,"format":1}', b"\xff"])
def test_bytes_that_are_no_receipt_are_refused(data):
    with pytest.raises(InvalidInput):
        Receipt.from_json(data)


def test_a_huge_file_is_refused_unread():
    with pytest.raises(InvalidInput, match="at most"):
        Receipt.from_json(b" " * 20_000_001)
