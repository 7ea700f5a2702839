"""Salted commitments: what opens one, and what does not."""

import base64
import hashlib

import pytest

from traceability.errors import InvalidInput
from traceability.ledger.commitment import Opening, commit, new_opening


def test_a_commitment_is_the_base64_of_the_hash_of_salt_and_value():
    salt = bytes(range(16))
    assert commit("Jean", salt) == base64.b64encode(hashlib.sha256(salt + b"Jean").digest()).decode()


def test_an_opening_opens_its_own_commitment_alone():
    one, other = new_opening("miner", "Jean"), new_opening("miner", "Jean")
    assert one.opens
    assert one.commitment != other.commitment, "the same value twice cannot be recognised"
    for wrong in (
        Opening(one.commitment, "miner", "Jeanne", one.salt), Opening(one.commitment, "miner", "Jean", other.salt),
        Opening(other.commitment, "miner", "Jean", one.salt),
    ):  # fmt: skip
        assert not wrong.opens


@pytest.mark.parametrize("salt", [b"", b"x" * 15, b"x" * 33])
def test_a_salt_has_16_to_32_bytes(salt):
    with pytest.raises(InvalidInput, match="salt of 16 to 32"):
        Opening("c", "miner", "Jean", salt)


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"commitment": "c", "name": "n", "value": 7, "salt": "s"},
     {"commitment": "c", "name": "n", "value": "secret", "salt": "not base64!"},
     {"commitment": "c", "name": "n", "value": "secret", "salt": "c2hvcnQ="},
     {"commitment": "c", "name": "n", "value": "secret", "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "more": "x"}],
)  # fmt: skip
def test_another_form_is_refused_without_repeating_the_value(value):
    with pytest.raises(InvalidInput) as refused:
        Opening.from_value(value)
    assert "secret" not in refused.value.detail


def test_an_opening_survives_its_json():
    one = new_opening("miner", "Jean-Bosco Mutombo, \u00e9")
    assert Opening.from_value(one.as_dict()) == one
