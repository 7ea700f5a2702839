"""A proof is made for the size of a stored checkpoint, and for no other: also while the log grows (fault 20)."""

import dataclasses

import pytest
from sqlmodel import select

from traceability.errors import NotFound
from traceability.ledger.checkpoint import read_checkpoint
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.policy import Policy
from traceability.ledger.proof import make_proof, parse_proof
from traceability.ledger.tiles import TileTree
from traceability.ledger.verify import verify_receipt
from traceability.services import published_log, receipts, rotation, witnessing
from traceability.services.receipts import tile_reader
from traceability.storage.tables import Checkpoint, LogHead

COMMITS = (3, 5, 1, 254, 2, 60)


@pytest.fixture
def grown(service):
    for number, count in enumerate(COMMITS):

        def write(tx, count=count, number=number):
            for n in range(count):
                tx.log.append(Entry(kind="rule-set", body=digest(b"%d %d" % (number, n)), at=milliseconds(tx.now)))

        service.store.write(write)
        if number in (1, 4):
            witnessing.publish(service)
    return service


def sizes(service):
    with service.store.read() as session:
        return set(session.exec(select(Checkpoint.size)))


def test_every_receipt_is_proved_at_the_size_of_the_checkpoint_in_it(grown):
    rotation.rotate_log_key(grown)
    stored, policy = sizes(grown), Policy.pin(grown.log_key.vkey)
    for index in (0, 2, 3, 8, 262, 263, 324):
        receipt = receipts.entry_receipt(grown, index)
        head = read_checkpoint(parse_proof(receipt.proof).checkpoint)
        assert head.size in stored
        assert index < head.size
        assert verify_receipt(receipt.to_json(), policy=policy).verdict == "ok"


def test_a_path_for_any_other_size_fails(grown):
    receipt, policy = receipts.entry_receipt(grown, 1), Policy.pin(grown.log_key.vkey)
    proof = parse_proof(receipt.proof)
    size = read_checkpoint(proof.checkpoint).size
    with grown.store.read() as session:
        tree = TileTree(tile_reader(session), session.get_one(LogHead, 1).size)
        for other in range(2, tree.size + 1, 3):
            path = tree.inclusion(1, other)
            if other == size or path == list(proof.path):
                continue
            wrong = dataclasses.replace(receipt, proof=make_proof(1, path, proof.checkpoint))
            found = verify_receipt(wrong.to_json(), policy=policy)
            assert (found.verdict, found.reason[:9]) == ("failed", "inclusion"), other


def test_no_proof_is_made_for_a_size_that_was_not_signed(grown):
    stored = sizes(grown)
    assert max(stored) == sum(COMMITS)
    for size in sorted({*range(1, 20), 261, 300, 326, 1000} - stored):
        for ask in (
            lambda size=size: published_log.inclusion(grown, 0, size),
            lambda size=size: published_log.consistency(grown, 3, size),
            lambda size=size: published_log.consistency(grown, size),
        ):
            with pytest.raises((NotFound, published_log.InvalidQuery)):
                ask()
