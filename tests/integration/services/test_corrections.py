"""Error declarations: ordinary ones take effect, those that would clear a critical wait for two persons (epcis.md 8)."""

from traceability.diligence.status import HOLD

LOT = "https://mine.example/lot/L-1"


def _double_birth(world, tell):
    """Two births of one lot: a critical."""
    first = tell.extraction(world.mine, LOT, 1000, "2026-11-01")
    second = tell.extraction(world.mine, LOT, 900, "2026-11-02")
    world.capture(world.mine, first, second, tell.hand("shipping", world.mine, world.importer, LOT))
    world.capture(world.importer, tell.hand("receiving", world.mine, world.importer, LOT))
    world.work()
    assert "INT-BATCH-DUPLICATE" in world.state("batch", LOT).codes
    return second


def test_a_correction_that_would_clear_a_critical_waits_for_two(world, tell):
    wrong = _double_birth(world, tell)
    world.capture(world.mine, tell.declared_wrong(wrong))
    world.work()
    state = world.state("batch", LOT)
    assert state.state == HOLD
    assert "INT-BATCH-DUPLICATE" in state.codes
    assert "correction_waits" in {note["kind"] for note in state.notes}
    decision = world.judge("correction", wrong["eventID"], "accepted")
    assert decision.needs_second
    world.work()
    assert world.state("batch", LOT).state == HOLD
    world.confirm(decision)
    world.work()
    state = world.state("batch", LOT)
    assert "INT-BATCH-DUPLICATE" not in state.codes
    assert state.open_criticals == ()
    assert state.state != HOLD


def test_a_refused_correction_does_not_count_and_stays_visible(quick, tell):
    wrong = _double_birth(quick, tell)
    quick.capture(quick.mine, tell.declared_wrong(wrong))
    quick.work()
    assert quick.judge("correction", wrong["eventID"], "refused").state == "in_force"
    quick.work()
    state = quick.state("batch", LOT)
    assert "INT-BATCH-DUPLICATE" in state.codes
    assert "correction_held" in {note["kind"] for note in state.notes}
    quick.confirm(quick.judge("correction", wrong["eventID"], "accepted"))
    quick.work()
    assert "INT-BATCH-DUPLICATE" not in quick.state("batch", LOT).codes


def test_an_ordinary_correction_takes_effect_and_accuses_nobody(world, tell):
    """The replaced and the replacing event are never counted side by side."""
    wrong = tell.extraction(world.mine, LOT, 1100, "2026-11-01")
    right = tell.extraction(world.mine, LOT, 1000, "2026-11-02")
    world.capture(world.mine, wrong, tell.hand("shipping", world.mine, world.importer, LOT))
    world.capture(world.importer, tell.hand("receiving", world.mine, world.importer, LOT))
    world.work()
    world.capture(world.mine, right, tell.declared_wrong(wrong, right["eventID"]))
    world.work()
    state = world.state("batch", LOT)
    assert "correction_waits" not in {note["kind"] for note in state.notes}
    assert not [item for item in state.findings if item.severity == "critical"], state.codes
    assert state.open_criticals == ()


def test_a_correction_whose_replacement_is_missing_is_pending(quick, tell):
    quick.chain(LOT)
    wrong = tell.extraction(quick.mine, LOT)
    quick.capture(quick.mine, tell.declared_wrong(wrong, "urn:uuid:00000000-0000-4000-8000-000000000001"))
    quick.work()
    assert any("declared wrong" in why for why in quick.state("batch", LOT).pending)
