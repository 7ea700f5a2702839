"""Jobs stand in the transaction of their cause, run twice without harm, and follow what happens to keys and rows."""

import json

import pytest

from traceability.diligence.status import HOLD, PENDING
from traceability.services import assess, revocation, touched
from traceability.services.access import Actor
from traceability.storage.jobs import all_jobs
from traceability.storage.tables import AssessmentRow, Capture, Event, Holding

LOT = "https://mine.example/lot/L-1"


def waiting(world):
    with world.service.store.read() as session:
        return sorted(job.name for job in all_jobs(session))


def test_a_rolled_back_cause_leaves_no_job(world, monkeypatch):
    world.work()
    from traceability.services import documents, shipments

    def fails(*_args, **_named):
        raise RuntimeError("after the job was asked for")

    monkeypatch.setattr(shipments, "Recorded", fails)
    with pytest.raises(RuntimeError):
        world.shipment([LOT])
    monkeypatch.setattr(documents, "_ask", fails)
    with pytest.raises(RuntimeError):
        world.paper(b"paper", [("shipment", "S-1")])
    assert waiting(world) == []
    world.chain(LOT)
    assert waiting(world) == ["touched", "touched"]


def test_a_job_may_run_twice(world):
    world.lists()
    world.chain(LOT)
    world.shipment([LOT])
    world.work()
    before = world.state("shipment", "S-1")
    items = sorted({row.item_id for row in world.rows(Holding)})
    holdings = len(world.rows(Holding))
    for _ in range(2):
        touched.touched(world.service, {"items": items})
        touched.assess_job(world.service, {"owner_id": world.importer.id, "kind": "shipment", "subject": "S-1"})
    world.work()
    after = world.state("shipment", "S-1")
    assert len(world.rows(Holding)) == holdings
    assert (after.state, after.codes) == (before.state, before.codes)
    assert after.assessment.inputs_hash == before.assessment.inputs_hash


def test_a_list_version_asks_for_everything_again(quick, tell):
    quick.lists()
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    assert "SANCTION-ENTITY" not in quick.state("shipment", "S-1").codes
    quick.load("un-sc", tell.listed("UN.9", "Mine", country="RW"), published="2026-11-22")
    assert quick.state("shipment", "S-1").state == PENDING
    quick.work()
    state = quick.state("shipment", "S-1")
    assert "SANCTION-ENTITY" in state.codes
    assert state.state == HOLD
    hit = next(item.body for item in state.findings if item.code == "SANCTION-ENTITY")
    assert hit["message"].endswith(" List: UN Security Council list, version 2026-11-22.")
    version = {"list_id": "un-sc", "title": "UN Security Council list", "version": "2026-11-22"}
    assert hit["lists"] == [version], "a finding names the version of its lists"
    before = quick.runs()
    quick.load("un-sc", tell.listed("UN.9", "Mine", country="RW"), published="2026-11-22")
    quick.work()
    assert quick.runs() == before


def test_a_compromised_key_disputes_its_later_events_in_everything_made_of_them(world, tell):
    world.chain(LOT)
    made = f"{LOT}-made"
    world.capture(world.importer, tell.blend(world.importer, {LOT: 1000}, {made: 1000}))
    world.work()
    assert "INT-KEY-REVOKED" not in world.state("batch", made).codes
    first = min(row.index for row in world.rows(Event))
    actor = world.mine.actor("supplier")
    revocation.revoke(world.service, actor, world.mine.key.kid, "The laptop with this key was stolen.", first)
    assert world.state("batch", made).state == PENDING
    world.work()
    for lot in (LOT, made):
        state = world.state("batch", lot)
        assert "INT-KEY-REVOKED" in state.codes
        assert state.state == HOLD
    statuses = {event["signature_status"] for event in world.facts("batch", made)["custody_events"]}
    assert "key_revoked" in statuses


def test_a_key_that_only_ended_disputes_nothing(quick):
    quick.chain(LOT)
    quick.work()
    revocation.revoke(
        quick.service, quick.mine.actor("supplier"), quick.mine.key.kid, "The key is replaced by another one."
    )
    quick.work()
    touched.sweep(quick.service)
    assert "INT-KEY-REVOKED" not in quick.state("batch", LOT).codes


@pytest.mark.parametrize("what", ["body", "signed bytes", "signature", "content", "signer", "position"])
def test_rows_changed_behind_our_back_are_seen(quick, what):
    quick.chain(LOT)
    quick.work()
    assert "INT-SIGNATURE" not in quick.state("batch", LOT).codes
    event = min(quick.rows(Event), key=lambda row: row.index)
    capture = next(row for row in quick.rows(Capture) if row.id == event.capture_id)
    if what == "body":
        lighter = json.loads(event.body)
        lighter["quantityList"][0]["quantity"] = 999
        quick.sql(Event, Event.index == event.index, body=json.dumps(lighter))
    elif what == "signed bytes":
        quick.sql(Capture, Capture.id == capture.id, body=bytes(capture.body).replace(b"1000", b"1001"))
    elif what == "signature":
        quick.sql(Capture, Capture.id == capture.id, jws=capture.jws[:-6] + "AAAAAA")
    elif what == "content":
        quick.sql(Event, Event.index == event.index, content="0" * 64)
    elif what == "signer":
        quick.sql(Event, Event.index == event.index, signer_id=quick.importer.id)
    else:
        quick.sql(Event, Event.index == event.index, position=7)
    assess.assess_subject(quick.service, quick.importer.id, "batch", LOT)
    assert "INT-SIGNATURE" in quick.state("batch", LOT).codes
    assert quick.state("batch", LOT).state == HOLD


def test_two_workers_on_one_subject_keep_every_critical(quick, monkeypatch, tell):
    """The slower run must not forget what the quicker one saw as critical."""
    quick.lists(tell.listed("UN.9", "Mine", country="RW"))
    quick.chain(LOT)
    quick.shipment([LOT], origins=[{"country": "RW"}])
    quick.work()
    quick.paper(b"cert", [("shipment", "S-1")], facts=tell.declared(origins=(tell.origin("CD"),)))
    real, once = assess.assemble, []

    def slow(*args, **named):
        found = real(*args, **named)
        if not once:
            once.append(1)
            quick.work()  # another worker reads the paper and assesses first
        return found

    monkeypatch.setattr(assess, "assemble", slow)
    assess.assess_subject(quick.service, quick.importer.id, "shipment", "S-1")
    quick.work()
    row = quick.state("shipment", "S-1").assessment
    assert {"SANCTION-ENTITY", "ORIGIN-MISMATCH"} <= set(row.criticals)
    assert quick.state("shipment", "S-1").state == HOLD


def test_an_importer_that_only_names_a_batch_is_assessed_again_too(quick, tell):
    rival = quick.party("Rival", ["importer"], "NL")
    quick.chain(LOT)
    quick.shipment([LOT], rival, shipment_id="R")
    quick.work()
    quick.capture(quick.importer, tell.hand("shipping", quick.importer, rival, LOT, 1000, "2026-11-15"))
    quick.work()
    state = quick.state("shipment", "R", rival)
    assert not state.pending
    assert len(state.assessment.facts["custody_events"]) == 4


def test_a_lot_used_out_of_its_bag_reaches_what_was_made(quick, tell):
    """A new event on a lot concerns the batch its bag went into."""
    quick.chain(LOT)
    bag, made = "https://mine.example/bag/B-1", f"{LOT}-made"
    quick.capture(quick.mine, tell.event(
        "AggregationEvent", "2026-11-02T08:00:00Z", "packing", action="ADD", parentID=bag,
        childQuantityList=[tell.quantity(LOT, 1000)], readPoint={"id": tell.uri(quick.mine, "site", "pit")},
    ))  # fmt: skip
    blend = tell.blend(quick.importer, {}, {made: 1000}) | {"inputEPCList": [bag]}
    quick.capture(quick.importer, {name: value for name, value in blend.items() if value != []})
    quick.work()
    assert LOT in quick.state("batch", made).assessment.batches
    before = quick.state("batch", made).assessment.id
    quick.capture(quick.importer, tell.hand("receiving", quick.mine, quick.importer, LOT, 5, "2026-11-07"))
    quick.work()
    state = quick.state("batch", made)
    assert state.assessment.id > before
    assert not any("events came" in why for why in state.pending)


def test_an_admin_lets_everything_be_assessed_again(quick):
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    before = quick.runs()
    assert assess.reassess_all(quick.service, Actor("root", "root", "admin")) >= 1
    quick.work()
    assert quick.runs() > before
    assert max(row.id for row in quick.rows(AssessmentRow)) == quick.state("shipment", "S-1").assessment.id


def test_the_mine_behind_a_smelter_that_used_a_bag_is_seen(quick, tell):
    """The importer never had the lot; the smelter had it in a bag, and used the bag."""
    smelter = quick.party("Smelter", ["smelter"], "RW")
    quick.site(smelter, "yard", "RW")
    bag, metal = "https://mine.example/bag/B-1", tell.uri(smelter, "lot", "M-1")
    quick.capture(
        quick.mine,
        tell.extraction(quick.mine, LOT),
        tell.event(
            "AggregationEvent", "2026-11-02T08:00:00Z", "packing", action="ADD", parentID=bag,
            childQuantityList=[tell.quantity(LOT, 1000)], readPoint={"id": tell.uri(quick.mine, "site", "pit")},
        ),
        tell.hand("shipping", quick.mine, smelter, LOT) | {"quantityList": [], "epcList": [bag]},
    )  # fmt: skip
    used = tell.blend(smelter, {}, {metal: 1000}) | {"inputEPCList": [bag]}
    quick.capture(
        smelter,
        {name: value for name, value in used.items() if value != []},
        tell.hand("shipping", smelter, quick.importer, metal, 1000, "2026-11-12"),
    )
    quick.work()
    found = quick.state("batch", metal).assessment
    assert LOT in found.batches
    assert "extraction" in {item["type"] for item in found.facts["custody_events"]}
    stranger = quick.party("Stranger", ["importer"], "NL")
    lot = tell.uri(stranger, "lot", "1")
    claim = tell.blend(stranger, {}, {lot: 1}, "2026-11-13") | {"inputEPCList": [bag]}
    quick.capture(stranger, {name: value for name, value in claim.items() if value != []})
    quick.work()
    seen = quick.state("batch", lot, stranger).assessment.facts["custody_events"]
    assert len(seen) == 1  # who only claims to have used the bag sees its own event
