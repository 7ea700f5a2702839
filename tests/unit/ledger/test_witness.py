"""The witness protocol: every answer the specification (C2SP tlog-witness) asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.tiles import TileTree
from traceability.ledger.witness import AddCheckpoint, WitnessRefusal, judge

LOG = LogKey.generate("log.example/a")
LOGS = {LOG.name: [LOG.verifier]}
TREE = TileTree(lambda _level, _index: None)
TREE.append([leaf_hash(b"%d" % n) for n in range(20)])


def head(size, root=None):
    return Checkpoint(LOG.name, size, root or TREE.root(size))


def asked(old, size, *, key=LOG, proof=None, root=None):
    path = TREE.consistency(old, size) if proof is None and 0 < old <= size else (proof or [])
    return AddCheckpoint(old, tuple(path), sign_checkpoint(Checkpoint(key.name, size, root or TREE.root(size)), key))


def refusal(*args, **named):
    with pytest.raises(WitnessRefusal) as caught:
        judge(*args, **named)
    return caught.value.status, caught.value.size


@pytest.mark.parametrize(("old", "size"), [(0, 1), (0, 20), (1, 2), (7, 20), (8, 16), (20, 20)])
def test_growth_is_cosigned(old, size):
    latest = head(old) if old else None
    request = AddCheckpoint.parse(asked(old, size).to_bytes())
    assert request == asked(old, size)
    assert judge(request, LOGS, latest) == head(size)


def test_an_unknown_log_is_not_found():
    assert refusal(asked(0, 3, key=LogKey.generate("log.example/b")), LOGS, None) == (404, None)


def test_a_foreign_signature_is_forbidden():
    assert refusal(asked(0, 3, key=LogKey.generate(LOG.name)), LOGS, None) == (403, None)


def test_a_key_that_was_rotated_gets_nothing_cosigned_beyond_its_end():
    ends = {LOG.vkey: 9}
    assert judge(asked(5, 9), LOGS, head(5), ends) == head(9)
    assert refusal(asked(5, 10), LOGS, head(5), ends) == (403, None)


def test_an_old_size_above_the_new_one_is_a_bad_request():
    assert refusal(asked(9, 7, proof=[]), LOGS, head(9)) == (400, None)


@pytest.mark.parametrize(("old", "latest"), [(0, 5), (4, 5), (6, 5), (3, 0)])
def test_another_old_size_conflicts_and_is_told_the_right_one(old, latest):
    assert refusal(asked(old, 9), LOGS, head(latest) if latest else None) == (409, latest)


def test_two_roots_of_one_size_conflict():
    assert refusal(asked(5, 5, root=bytes(32)), LOGS, head(5)) == (409, 5)


@pytest.mark.parametrize(
    "request_", [asked(5, 9, proof=[]), asked(5, 9, root=bytes(32)), asked(5, 9, proof=[bytes(32)] * 4)]
)
def test_a_log_that_did_not_only_grow_is_unprocessable(request_):
    assert refusal(request_, LOGS, head(5)) == (422, None)


def test_a_proof_from_nothing_is_unprocessable():
    assert refusal(asked(0, 9, proof=[bytes(32)]), LOGS, None) == (422, None)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"old 1", b"old 01\n\nx", b"old -1\n\nx", b"old 1\n\n", b"old 1\nnot base64\n\n" + b"x", b"\xff\xfe",
        asked(0, 3).to_bytes().replace(b"old 0\n", b"old 0\n" + b"AAAA\n"),
        asked(0, 3).to_bytes().replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n" * 1 + (b"A" * 43 + b"=\n") * 63),
        b"old 0\n\n" + b"x" * 70_000,
    ],
    ids=range(10),
)  # fmt: skip
def test_another_form_is_a_bad_request(data):
    with pytest.raises(WitnessRefusal) as caught:
        AddCheckpoint.parse(data)
    assert caught.value.status == 400


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(data):
    with pytest.raises(WitnessRefusal):
        AddCheckpoint.parse(data)
