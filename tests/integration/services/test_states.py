"""From assessments to the states people see (ARCHITECTURE, "What is assessed")."""

from dataclasses import replace

import pytest

from traceability.diligence import engine, versions
from traceability.diligence.status import HOLD, INFO_REQUIRED, PENDING, REVIEW
from traceability.services import touched
from traceability.services.assess import latest
from traceability.services.worker import HANDLERS
from traceability.storage.jobs import all_jobs, enqueue, enqueue_new

LOT = "https://mine.example/lot/L-1"


def test_a_clean_chain_with_every_list_has_no_serious_finding_and_says_what_is_missing(world):
    world.lists()
    world.chain(LOT)
    assert world.batch(LOT).state == PENDING  # nothing has run yet
    world.work()
    alone = world.state("batch", LOT)
    assert alone.state == INFO_REQUIRED
    assert alone.status == "NO_FINDINGS"
    assert any("no shipment record" in why for why in alone.floors)
    world.shipment([LOT])
    world.work()
    state = world.state("shipment", "S-1")
    assert not state.pending
    assert [f.code for f in state.findings if f.severity in {"critical", "major"}] == []
    assert not state.floors, state.floors
    assert world.batch(LOT).subjects[0].kind == "shipment"


def test_what_is_not_assessed_is_pending(quick):
    assert quick.state("shipment", "none").state == PENDING
    assert quick.batch("https://mine.example/lot/none").state == PENDING


def test_a_new_event_makes_the_batch_pending_until_it_is_assessed(world, tell):
    world.lists()
    world.chain(LOT)
    world.shipment([LOT])
    world.work()
    assert not world.state("shipment", "S-1").pending
    world.capture(world.importer, tell.event(
        "ObjectEvent", "2026-11-12T08:00:00Z", "inspecting", action="OBSERVE",
        quantityList=[tell.quantity(LOT, 1000)], readPoint={"id": tell.uri(world.importer, "site", "yard")},
    ))  # fmt: skip
    state = world.state("shipment", "S-1")
    assert state.state == PENDING
    assert "events came after the last assessment" in state.pending
    world.work()
    assert not world.state("shipment", "S-1").pending


def test_an_event_on_a_bag_makes_its_batch_pending(quick, tell):
    quick.lists()
    quick.chain(LOT)
    bag = "https://mine.example/bag/B-1"
    quick.capture(quick.mine, tell.event(
        "AggregationEvent", "2026-11-02T08:00:00Z", "packing", action="ADD", parentID=bag,
        childQuantityList=[tell.quantity(LOT, 500)], readPoint={"id": tell.uri(quick.mine, "site", "pit")},
    ))  # fmt: skip
    quick.work()
    quick.capture(quick.mine, tell.event(
        "ObjectEvent", "2026-11-03T08:00:00Z", "storing", action="OBSERVE", epcList=[bag],
        readPoint={"id": tell.uri(quick.mine, "site", "pit")},
    ))  # fmt: skip
    assert "events came after the last assessment" in quick.state("batch", LOT).pending


def test_an_event_that_comes_while_it_is_being_assessed_leaves_it_pending(world, tell, monkeypatch):
    """The run has read its facts already, and its ledger entry is younger than the event's."""
    from traceability.services import assess

    world.chain(LOT)
    world.work()
    real, once = assess.assemble, []

    def slow(*args, **named):
        found = real(*args, **named)
        if not once:
            once.append(1)
            world.capture(world.importer, tell.hand("receiving", world.mine, world.importer, LOT, 7, "2026-11-07"))
        return found

    monkeypatch.setattr(assess, "assemble", slow)
    assess.assess_subject(world.service, world.importer.id, "batch", LOT)
    row = world.state("batch", LOT).assessment
    assert any("while it was assessed" in why for why in row.pending)
    world.work()
    assert not world.state("batch", LOT).assessment.pending


def test_an_open_or_failed_job_makes_it_pending(world, monkeypatch):
    world.lists()
    world.chain(LOT)
    world.shipment([LOT])
    assert "not assessed yet" in world.state("shipment", "S-1").pending
    world.work()
    with_job = world.state("shipment", "S-1")
    assert not with_job.pending

    def broken(_service, _args):
        raise RuntimeError("no luck")

    monkeypatch.setitem(HANDLERS, "assess", broken)
    from traceability.services import assess

    world.service.store.write(lambda tx: assess.ask(tx, world.importer.id, "shipment", "S-1"))
    assert "an assessment is under way" in world.state("shipment", "S-1").pending
    for _ in range(9):
        world.work()
        world.service.clock.advance(hours=2)
    # How often it is tried again before it waits for an admin is the queue's affair: it is pending either way.
    told = world.state("shipment", "S-1").pending
    assert any(reason.startswith("an assessment, with its screening, ") and "failed" in reason for reason in told)


def test_a_change_that_nobody_followed_up_makes_its_batches_pending(quick):
    quick.chain(LOT)
    quick.work()
    with quick.service.store.read() as session:
        items = touched._batches(session, {1, 2, 3})
    quick.service.store.write(lambda tx: enqueue(tx, "touched", "key-x", items=sorted(items)))
    assert any("followed up" in why for why in quick.state("batch", LOT).pending)
    quick.service.store.write(lambda tx: enqueue(tx, "touched", "key-y", items=[99999]))
    quick.work()
    assert not any("followed up" in why for why in quick.state("batch", LOT).pending)


def test_a_change_behind_many_jobs_makes_its_batches_pending_all_the_same(quick):
    quick.chain(LOT)
    quick.work()
    with quick.service.store.read() as session:
        items = touched._batches(session, {1, 2, 3})

    def many(tx):
        for number in range(501):
            enqueue_new(tx, "assess", f"other-{number}", owner_id="x", kind="batch", subject="x")
        enqueue(tx, "touched", "key-x", items=sorted(items))

    quick.service.store.write(many)
    assert any("followed up" in why for why in quick.state("batch", LOT).pending)


def test_an_unread_document_makes_it_pending_also_for_a_batch_by_itself(quick):
    quick.lists()
    quick.chain(LOT)
    quick.work()
    quick.paper(b"scan", [("batch", LOT)], outcome="needs_ocr")
    quick.work()
    assert any("paper.pdf" in why for why in quick.state("batch", LOT).pending)
    quick.shipment([LOT])
    quick.work()
    state = quick.state("shipment", "S-1")
    assert state.state == PENDING
    assert quick.facts("shipment", "S-1")["documents"] == [
        {"document_id": f"sha256:{quick.papers.reports[b'scan'].sha256}", "type": "other"}
    ]
    proposal = quick.judge("document", quick.papers.reports[b"scan"].sha256, "read_by_person")
    assert proposal.state == "waiting"
    quick.work()
    assert quick.state("shipment", "S-1").pending
    quick.confirm(proposal)
    quick.work()
    assert not quick.state("shipment", "S-1").pending


def test_a_batch_alone_gets_its_paper_read_by_two_persons_too(quick):
    quick.chain(LOT)
    quick.work()
    quick.paper(b"scan", [("batch", LOT)], outcome="needs_ocr")
    quick.work()
    quick.confirm(quick.judge("document", quick.papers.reports[b"scan"].sha256, "read_by_person"))
    quick.work()
    assert not quick.state("batch", LOT).pending


@pytest.mark.parametrize("kind", ["unknown_input", "no_birth"])
def test_a_note_in_bold_is_at_least_review(quick, tell, kind):
    quick.lists()
    if kind == "unknown_input":
        quick.chain(LOT)
        quick.capture(quick.importer, tell.blend(quick.importer, {LOT: 1000, f"{LOT}-x": 5}, {f"{LOT}-mix": 1005}))
        lot = f"{LOT}-mix"
    else:
        quick.capture(quick.importer, tell.hand("receiving", quick.mine, quick.importer, LOT))
        lot = LOT
    quick.work()
    state = quick.state("batch", lot)
    assert kind in {note["kind"] for note in state.notes}
    assert state.state == REVIEW
    assert any(kind in why for why in state.floors)


@pytest.mark.parametrize("coverage", ["partial", "stale", "missing"])
def test_a_required_list_that_is_not_full_is_at_least_info_required(quick, coverage):
    quick.lists()
    area = {"entry_key": "CD-X", "kind": "area", "primary": "X", "country": "CD", "code": "CD-NK"}
    if coverage == "missing":
        from traceability.storage.tables import ListVersionRow

        quick.sql(ListVersionRow, ListVersionRow.list_id == "un-sc", list_id="not-un")
    else:
        old = coverage == "stale"
        manifest = {"max_age_days": 1} if old else {"coverage": coverage}
        quick.load("eu-cahra", area, published="2026-11-21", **manifest)
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    state = quick.state("shipment", "S-1")
    assert any(item["required"] and item["state"] == coverage for item in state.coverage), state.coverage
    assert state.floors
    assert state.state == INFO_REQUIRED


def test_an_assessment_older_than_two_days_is_pending_and_the_sweep_brings_it_up(world):
    world.lists()
    world.chain(LOT)
    world.shipment([LOT])
    world.work()
    world.service.clock.advance(days=3)
    assert any("last assessed for" in why for why in world.state("shipment", "S-1").pending)
    assert touched.sweep(world.service) == 1
    world.work()
    assert not world.state("shipment", "S-1").pending
    before = world.runs()
    assert touched.sweep(world.service) == 0
    world.work()
    assert world.runs() == before


def test_other_rules_are_followed_where_they_judge_otherwise(world):
    """The facts of what an older program judged are put to today's rules; only what they say otherwise is asked for."""
    world.lists()
    world.chain(LOT)
    world.shipment([LOT])
    world.work()

    def judged_by_others(**changed):
        def change(tx):
            row = latest(tx.session, world.importer.id, "shipment", "S-1")
            row.result = row.result | {"rule_pack_version": "sha256:older"} | changed
            return row.result["findings"]

        return world.service.store.write(change)

    findings = judged_by_others()
    assert findings
    assert touched.sweep(world.service) == 0
    judged_by_others(findings=findings[1:])
    assert touched.sweep(world.service) == 1
    world.work()
    assert [one.code for one in world.state("shipment", "S-1").findings] == [one["code"] for one in findings]
    assert touched.sweep(world.service) == 0
    judged_by_others(findings=[findings[0] | {"severity": "info"}, *findings[1:]])
    assert touched.sweep(world.service) == 1


def test_a_change_of_one_pack_concerns_what_that_pack_judges_otherwise(world, monkeypatch):
    world.lists()
    world.chain(LOT)
    world.shipment([LOT])
    world.shipment([], shipment_id="S-2", waste={"stream": "other"})
    world.work()
    kept = {one["pack"]: one["pack_version"] for one in latest_findings(world, "S-2")}
    assert kept["WASTE"] == versions.packs()["WASTE"].version
    harsher = [(rule, replace(row, severity="major") if row.pack == "WASTE" else row) for rule, row in engine.ROWS]
    monkeypatch.setattr(engine, "ROWS", harsher)
    monkeypatch.setattr(versions, "rule_pack_version", lambda: "sha256:of today")
    assert touched.sweep(world.service) == 1
    with world.service.store.read() as session:
        assert [job.args["subject"] for job in all_jobs(session)] == ["S-2"]
    world.work()
    assert {one.severity for one in world.state("shipment", "S-2").findings if one.body["pack"] == "WASTE"} == {"major"}


def latest_findings(world, shipment_id):
    with world.service.store.read() as session:
        return latest(session, world.importer.id, "shipment", shipment_id).result["findings"]


def test_a_batch_that_a_record_names_is_not_swept_again_every_hour(quick):
    quick.chain(LOT)
    quick.work()
    quick.shipment([LOT])
    quick.work()
    quick.service.clock.advance(days=1, hours=2)
    touched.sweep(quick.service)
    quick.work()
    before = quick.runs()
    for _ in range(3):
        quick.service.clock.advance(hours=1)
        touched.sweep(quick.service)
        quick.work()
    assert quick.runs() == before


def test_a_record_that_no_longer_names_a_batch_leaves_it_assessed_by_itself(quick):
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    quick.shipment([])
    quick.work()
    state = quick.batch(LOT)
    assert [subject.kind for subject in state.subjects] == ["batch"]
    assert state.subjects[0].assessment is not None


def test_findings_of_the_goods_reach_what_was_made_of_them_and_gaps_do_not(world, tell):
    world.lists()
    world.chain(LOT)
    made = f"{LOT}-made"
    world.capture(world.importer, tell.blend(world.importer, {LOT: 1000}, {made: 1000}))
    world.shipment([LOT], shipment_id="parent", trade_name=None)
    world.shipment([made], shipment_id="child")
    world.work()
    parent = world.state("shipment", "parent")
    assert "CMR-08-i" in parent.codes
    child = world.state("shipment", "child")
    assert "CMR-08-i" not in child.codes
    assert world.batch(made).state == child.state
    world.paper(b"cert", [("shipment", "parent")], facts=tell.declared(origins=(tell.origin("CD"),)))
    world.work()
    assert "ORIGIN-MISMATCH" in world.state("shipment", "parent").codes
    assert "ORIGIN-MISMATCH" not in world.state("shipment", "child").codes
    assert world.batch(made).state == HOLD
    world.confirm(world.decide("released", "shipment", "parent"))
    assert world.state("shipment", "parent").state != HOLD
    assert world.batch(made).state == HOLD  # a parent's release clears no child
    from traceability.services.batches import queue

    rows = {row.title: row.state.state for row in queue(world.service, world.officer())}
    assert rows["child"] == HOLD
    assert rows["parent"] != HOLD
