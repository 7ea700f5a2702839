"""An independent implementation (tlog-scales) reads and audits the log as we serve it."""

import pytest
from tlog_scales import tiles as other_tiles
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey

from traceability.app import create_app
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
