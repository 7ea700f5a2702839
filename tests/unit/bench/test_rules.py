"""The facts the rules are measured with are such as may be assessed, and raise what goods in order raise."""

from bench.rule_facts import batch, shipment
from traceability.diligence.engine import assess


def test_a_long_chain_and_a_small_batch_can_be_assessed():
    facts = shipment(100)
    assert len(facts["custody_events"]) == 100
    assert [finding.code for finding in assess(facts).findings] == ["CMR-02-IN-SCOPE"]
    assert len(batch(7)["custody_events"]) == 5
    assert assess(batch(7)).findings == ()
    assert assess(batch(7)).inputs_hash != assess(batch(8)).inputs_hash
