"""Officer decisions: named findings, two persons, stale forms, and what happens when a critical goes away."""

import dataclasses

import pytest

from traceability.diligence.status import HOLD, INFO_REQUIRED, NO_FINDINGS, PENDING, REVIEW
from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound, Unprocessable
from traceability.ledger.entry import Entry
from traceability.services import disclose, documents, review, touched
from traceability.storage.tables import AssessmentRow, Decision, LedgerEntry, Screening

LOT = "https://mine.example/lot/L-1"
REASON = "Looked at the paper itself, and called who issued it."
OTHER = "https://mine.example/lot/L-2"


@pytest.fixture
def hit_mine(world, tell):
    """A chain whose mine stands on the UN list."""
    world.lists(tell.listed("UN.9", "Mine", country="RW"))
    world.chain(LOT)
    world.shipment([LOT], supplier={"name": "Mine", "address": "Kigali", "party_id": world.mine.did})
    world.work()
    return world


@pytest.fixture
def critical(quick, tell):
    """A shipment with one critical: its certificate names another origin."""
    quick.lists()
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.paper(b"cert", [("shipment", "S-1")], facts=tell.declared(origins=(tell.origin("CD"),)))
    quick.work()
    assert quick.state("shipment", "S-1").state == HOLD
    return quick


def test_a_reason_has_at_least_twenty_characters(critical):
    with pytest.raises(InvalidInput, match="20"):
        critical.decide("suspended", "shipment", "S-1", reason=" too short            ")
    proposal = critical.decide("released", "shipment", "S-1")
    with pytest.raises(InvalidInput, match="20"):
        review.confirm(critical.service, critical.officer("bert"), proposal.id, "fine")
    with pytest.raises(InvalidInput):
        review.judge(critical.service, critical.officer(), "hit", "a|b|c", "rejected", "short")


def test_a_release_names_every_major_and_critical(critical):
    with pytest.raises(Unprocessable, match="ORIGIN-MISMATCH"):
        critical.decide("released", "shipment", "S-1", findings=())
    assert critical.rows(Decision) == []


def test_a_critical_stays_on_hold_until_a_second_person_confirms(critical, make_api_key):
    proposal = critical.decide("released", "shipment", "S-1")
    assert (proposal.state, proposal.needs_second) == ("waiting", True)
    assert critical.state("shipment", "S-1").state == HOLD
    with pytest.raises(Forbidden, match="another officer"):
        critical.confirm(proposal, by="anna")
    key = dataclasses.replace(critical.officer("key of anna"), made_by="anna")
    with pytest.raises(Forbidden):
        review.confirm(critical.service, key, proposal.id, "Confirmed through software this time.")
    critical.confirm(proposal)
    state = critical.state("shipment", "S-1")
    assert state.state == NO_FINDINGS
    assert [f.code for f in state.findings if f.covered and f.severity == "critical"] == ["ORIGIN-MISMATCH"]
    assert state.decision.id == proposal.id
    with pytest.raises(NotFound):
        critical.confirm(proposal, by="carl")


def test_decisions_are_ledger_entries_that_refer_to_the_assessment(critical):
    assessed = critical.state("shipment", "S-1").assessment
    proposal = critical.decide("released", "shipment", "S-1")
    critical.confirm(proposal)
    entries = {row.index: Entry.parse(bytes(row.body)) for row in critical.rows(LedgerEntry)}
    stored = critical.rows(Decision)[0]
    made, agreed = entries[stored.entry_index], entries[stored.confirmed_index]
    assert (made.kind, made.ref) == ("decision", (assessed.entry_index,))
    assert (agreed.kind, agreed.ref) == ("decision", (stored.entry_index,))


def test_another_officer_of_another_importer_neither_sees_nor_confirms(critical):
    other = critical.party("Rival", ["importer"], "NL")
    proposal = critical.decide("released", "shipment", "S-1")
    with pytest.raises(NotFound):
        review.confirm(critical.service, critical.officer("bert", other), proposal.id, "I would like to confirm this.")
    assert review.decisions(critical.service, critical.officer("bert", other)) == []
    with pytest.raises(NotFound):
        review.decide(
            critical.service,
            critical.officer("bert", other),
            review.Proposal("shipment", "S-1", "suspended", "A reason that is long enough."),
        )


def test_another_importers_state_of_the_same_batch_is_untouched(quick, tell):
    rival = quick.party("Rival", ["importer"], "NL")
    quick.chain(LOT)
    quick.capture(quick.importer, tell.hand("shipping", quick.importer, rival, LOT, 1000, "2026-11-15"))
    quick.work()
    before = quick.state("batch", LOT, rival).state
    assert before != PENDING
    decision = quick.decide("released", "batch", LOT)
    if decision.state == "waiting":
        quick.confirm(decision)
    assert quick.state("batch", LOT).decision is not None
    assert quick.state("batch", LOT, rival).decision is None
    assert quick.state("batch", LOT, rival).state == before


@pytest.mark.parametrize("disposition", ["suspended", "disengaged", "reported_to_authority"])
def test_what_is_no_release_clears_nothing(critical, disposition):
    decision = critical.decide(disposition, "shipment", "S-1")
    assert decision.state == "in_force"
    state = critical.state("shipment", "S-1")
    assert state.state == HOLD
    assert not any(item.covered for item in state.findings)
    assert state.decision.disposition == disposition


def test_mitigation_needs_a_step_with_a_date(critical):
    with pytest.raises(InvalidInput, match="measurable"):
        critical.decide("released_with_mitigation", "shipment", "S-1", steps=({"what": "visit"},))
    steps = ({"what": "visit", "due_on": "2027-01-01"},)
    assert critical.decide("released_with_mitigation", "shipment", "S-1", steps=steps).steps == list(steps)


def test_a_new_critical_reopens_a_release_and_more_notes_do_not(critical, tell):
    critical.confirm(critical.decide("released", "shipment", "S-1"))
    critical.site(critical.mine, "elsewhere", "RW")
    critical.work()
    assert critical.state("shipment", "S-1").state == NO_FINDINGS
    critical.paper(b"audit", [("shipment", "S-1")], findings=(tell.passage("armed_group"),))
    critical.work()
    state = critical.state("shipment", "S-1")
    assert state.state == HOLD
    assert not any(item.covered for item in state.findings)


def test_a_reopened_release_says_since_when_and_by_what_and_does_not_stand(critical, tell):
    critical.confirm(critical.decide("released", "shipment", "S-1"))
    assert critical.state("shipment", "S-1").reopened is None
    critical.service.clock.advance(days=1)
    critical.paper(b"audit", [("shipment", "S-1")], findings=(tell.passage("armed_group"),))
    critical.work()
    day = critical.service.clock().date().isoformat()
    critical.service.clock.advance(days=1)
    touched.sweep(critical.service)
    critical.work()
    state = critical.state("shipment", "S-1")
    assert state.decision is None
    assert state.reopened.said == f"reopened on {day} by DOC-ARMED-GROUP"
    shown = disclose.assessed(state)
    assert (shown["decision"], shown["reopened"]["reopened"]["codes"]) == (None, ["DOC-ARMED-GROUP"])
    (listed,) = disclose.decisions(critical.service, critical.officer())
    assert listed["reopened"]["on"] == day


def test_a_release_past_its_review_date_does_not_stand(critical):
    today = critical.service.clock().date()
    critical.confirm(critical.decide("released", "shipment", "S-1", review_on=today.replace(day=today.day + 1)))
    critical.service.clock.advance(days=2)
    state = critical.state("shipment", "S-1")
    assert (state.decision, state.reopened.codes) == (None, ())
    assert "with its review date" in state.reopened.said


def test_a_changed_critical_reopens_a_release(critical, tell):
    critical.confirm(critical.decide("released", "shipment", "S-1"))
    critical.paper(b"cert2", [("shipment", "S-1")], facts=tell.declared(origins=(tell.origin("UG"),)))
    critical.work()
    assert critical.state("shipment", "S-1").state == HOLD


def test_a_stale_form_is_refused_with_the_new_finding_named(critical, tell):
    state = critical.state("shipment", "S-1")
    form = {
        "findings": tuple(item.digest for item in state.findings),
        "inputs_hash": state.assessment.inputs_hash,
    }
    critical.paper(b"audit", [("shipment", "S-1")], findings=(tell.passage("armed_group"),))
    critical.work()
    for disposition in ("released", "suspended"):
        with pytest.raises(Conflict, match="DOC-ARMED-GROUP"):
            critical.decide(disposition, "shipment", "S-1", **form)


def test_a_proposal_that_no_longer_fits_is_not_confirmed(critical, tell):
    proposal = critical.decide("released", "shipment", "S-1")
    critical.paper(b"audit", [("shipment", "S-1")], findings=(tell.passage("armed_group"),))
    with pytest.raises(Conflict, match="no longer fits"):
        critical.confirm(proposal)
    critical.work()
    with pytest.raises(Conflict, match="DOC-ARMED-GROUP"):
        critical.confirm(proposal)
    review.decline(critical.service, critical.officer("bert"), proposal.id, "A passage about an armed group came.")
    assert critical.rows(Decision)[0].state == "refused"


def test_a_proposal_older_than_another_decision_is_not_confirmed(critical):
    proposal = critical.decide("released", "shipment", "S-1")
    critical.decide("suspended", "shipment", "S-1", by="carl")
    with pytest.raises(Conflict, match="another decision"):
        critical.confirm(proposal)
    assert critical.state("shipment", "S-1").state == HOLD


def test_nothing_pending_is_released(critical):
    critical.service.clock.advance(days=4)
    with pytest.raises(Conflict, match="pending"):
        critical.decide("released", "shipment", "S-1")


def test_a_release_ends_with_its_review_date(critical):
    today = critical.service.clock().date()
    critical.confirm(critical.decide("released", "shipment", "S-1", review_on=today.replace(day=today.day + 1)))
    assert critical.state("shipment", "S-1").state == NO_FINDINGS
    critical.service.clock.advance(days=2)
    assert critical.state("shipment", "S-1").state == HOLD


def test_rejecting_a_hit_that_holds_up_a_critical_takes_two(hit_mine, tell):
    world = hit_mine
    world.chain(OTHER)
    world.shipment([OTHER], shipment_id="S-2")
    world.work()
    for shipment in ("S-1", "S-2"):
        assert "SANCTION-ENTITY" in world.state("shipment", shipment).codes
    subject = world.hit("S-1")
    proposal = world.judge("hit", subject, "rejected")
    assert proposal.needs_second
    world.work()
    assert world.state("shipment", "S-1").state == HOLD
    assert "disposition" not in world.facts("shipment", "S-1")["entity_hits"][0]
    with pytest.raises(Forbidden):
        world.confirm(proposal, by="anna")
    world.service.clock.advance(days=2)  # the sweep has run in between: newer assessments show the same critical
    touched.sweep(world.service)
    world.work()
    world.confirm(proposal)
    assert world.state("shipment", "S-1").state == HOLD  # its assessment is asked for, and has not run
    world.work()
    hits = world.facts("shipment", "S-1")["entity_hits"]
    left = [hit for hit in hits if hit.get("disposition") != "rejected"]
    while left:  # the chain's mine and the stated supplier are two subjects: each is judged by itself
        number = hits.index(left[0])
        world.confirm(world.judge("hit", world.hit("S-1", number), "rejected"))
        world.work()
        hits = world.facts("shipment", "S-1")["entity_hits"]
        left = [hit for hit in hits if hit.get("disposition") != "rejected"]
    for shipment in ("S-1", "S-2"):
        state = world.state("shipment", shipment)
        assert "SANCTION-ENTITY" not in state.codes
        assert state.open_criticals == ()
        assert state.state == INFO_REQUIRED
    assert all(hit["disposition"] == "rejected" for hit in hits)  # shown as dismissed, not absent


def test_one_person_rejects_a_signal_that_holds_up_no_critical(quick, tell):
    quick.lists()
    quick.chain(LOT)
    quick.shipment([LOT])
    paper = quick.paper(b"audit", [("shipment", "S-1")], findings=(tell.passage("child_labour"),))
    quick.work()
    assert quick.state("shipment", "S-1").state == REVIEW
    decision = quick.judge("signal", f"{paper.sha256}|child_labour|0-12", "rejected")
    assert decision.state == "in_force"
    quick.work()
    assert quick.state("shipment", "S-1").state == INFO_REQUIRED
    assert quick.facts("shipment", "S-1")["text_signals"][0]["disposition"] == "rejected"


def test_what_one_person_rejected_does_not_stop_a_later_critical(quick, tell):
    """A forced-labour entity is no critical for the Union, and is one for the United States."""
    quick.lists()
    quick.load("us-uflpa", tell.listed("E1", "Mine", country="RW"))
    quick.chain(LOT)
    quick.shipment([LOT])
    quick.work()
    assert "SANCTION-ENTITY" not in quick.state("shipment", "S-1").codes
    assert quick.judge("hit", quick.hit("S-1"), "rejected").state == "in_force"
    quick.work()
    assert quick.facts("shipment", "S-1")["entity_hits"][0]["disposition"] == "rejected"
    quick.shipment([LOT], shipment_id="S-US", destination_country="US")
    quick.work()
    state = quick.state("shipment", "S-US")
    assert "UFLPA-ENTITY" in state.codes
    assert state.state == HOLD
    assert "rejection_waits" in {note["kind"] for note in state.notes}
    again = quick.judge("hit", quick.hit("S-US"), "rejected")
    assert again.needs_second
    quick.confirm(again)
    quick.work()
    state = quick.state("shipment", "S-US")
    assert "UFLPA-ENTITY" not in state.codes
    assert not state.open_criticals


def test_a_decision_about_one_company_is_none_about_its_namesake(hit_mine, tell):
    world = hit_mine
    namesake = world.party("Mine", ["mine"], "RW", did="did:web:namesake.example")
    world.site(namesake, "pit", "RW")
    lot = "https://namesake.example/lot/N-1"
    world.capture(namesake, tell.extraction(namesake, lot), tell.hand("shipping", namesake, world.importer, lot))
    world.capture(world.importer, tell.hand("receiving", namesake, world.importer, lot))
    world.shipment([lot], shipment_id="S-N")
    world.work()
    assert "SANCTION-ENTITY" in world.state("shipment", "S-N").codes
    for number in range(len(world.facts("shipment", "S-1")["entity_hits"])):
        decision = world.judge("hit", world.hit("S-1", number), "rejected")
        assert {item["subject"] for item in decision.findings} == {"S-1"}
        world.confirm(decision)
    world.work()
    assert "SANCTION-ENTITY" not in world.state("shipment", "S-1").codes
    assert world.state("shipment", "S-N").state == HOLD


def test_a_critical_that_goes_by_a_corrected_record_stays_on_hold(critical):
    critical.shipment([LOT], origins=[{"country": "RW"}, {"country": "CD"}])
    critical.work()
    state = critical.state("shipment", "S-1")
    assert "ORIGIN-MISMATCH" not in state.codes
    assert state.open_criticals == ("ORIGIN-MISMATCH",)
    assert state.state == HOLD
    proposal = critical.decide("released", "shipment", "S-1")
    assert proposal.needs_second
    assert critical.state("shipment", "S-1").state == HOLD
    critical.confirm(proposal)
    assert critical.state("shipment", "S-1").state == NO_FINDINGS


@pytest.fixture
def xinjiang(world):
    """A record of silicon from Xinjiang bound for the United States: held."""
    world.lists()
    world.chain(LOT)
    world.shipment([LOT], **_TO_US)
    world.work()
    assert world.batch(LOT).state == HOLD
    assert "UFLPA-XUAR" in world.batch(LOT).codes
    return world


_TO_US = {"destination_country": "US", "origins": [{"country": "CN", "subdivision": "CN-XJ"}]}
_TO_DE = _TO_US | {"destination_country": "DE"}


def test_a_batch_stays_on_hold_under_another_records_id_and_under_none(xinjiang):
    world = xinjiang
    world.shipment([LOT], **_TO_DE)
    world.work()
    assert world.state("shipment", "S-1").open_criticals == ("UFLPA-XUAR",)
    world.shipment([], **_TO_DE)
    world.work()
    assert "UFLPA-XUAR" in world.batch(LOT).subjects[0].open_criticals
    assert world.batch(LOT).state == HOLD
    world.shipment([LOT], shipment_id="S-2", **_TO_DE)
    world.work()
    state = world.state("shipment", "S-2")
    assert "UFLPA-XUAR" not in state.codes
    assert state.open_criticals == ("UFLPA-XUAR",)
    assert (state.state, world.batch(LOT).state) == (HOLD, HOLD)
    proposal = world.decide("released", "shipment", "S-2")
    assert (proposal.needs_second, proposal.state) == (True, "waiting")
    assert world.batch(LOT).state == HOLD
    world.confirm(proposal)
    assert world.state("shipment", "S-2").open_criticals == ()
    assert world.batch(LOT).state != HOLD
    world.shipment([], shipment_id="S-2", **_TO_DE)
    world.shipment([LOT], shipment_id="S-3", **_TO_DE)
    world.work()
    assert world.state("shipment", "S-3").open_criticals == (), "two persons have decided about this batch"


def test_a_batch_put_into_a_held_record_leaves_it_held(quick):
    quick.lists()
    quick.chain(LOT)
    quick.shipment([], **_TO_US)
    quick.work()
    quick.shipment([LOT], **_TO_DE)
    quick.work()
    assert quick.batch(LOT).state == HOLD
    quick.shipment([], **_TO_DE)
    quick.shipment([LOT], shipment_id="S-2", **_TO_DE)
    quick.work()
    assert quick.batch(LOT).state == HOLD


def test_a_batch_that_was_critical_by_itself_stays_on_hold_in_a_record(world, tell):
    world.lists()
    world.chain(LOT)
    world.capture(world.importer, tell.event(
        "ObjectEvent", "2026-11-30T08:00:00Z", "storing", action="OBSERVE", quantityList=[tell.quantity(LOT, 1000)],
        readPoint={"id": tell.uri(world.importer, "site", "yard")},
    ))  # fmt: skip
    world.work()
    assert "INT-CLOCK" in world.batch(LOT).codes, "a date still to come"
    world.service.clock.advance(days=10)
    world.shipment([LOT])
    world.work()
    state = world.state("shipment", "S-1")
    assert "INT-CLOCK" not in state.codes, state.codes
    assert state.open_criticals == ("INT-CLOCK",)
    assert world.batch(LOT).state == HOLD


def test_another_record_of_the_batch_is_not_held_for_what_counts_elsewhere(xinjiang):
    world = xinjiang
    world.shipment([LOT], shipment_id="S-2", **_TO_DE)
    world.work()
    assert world.state("shipment", "S-2").open_criticals == ()
    assert world.batch(LOT).state == HOLD, "by the record bound for the United States"
    world.shipment([OTHER], **_TO_US)
    world.work()
    assert world.state("shipment", "S-2").state == HOLD, "that record names it no more"


def test_what_was_made_of_a_batch_that_no_record_names_any_more_stays_on_hold(xinjiang, tell):
    world = xinjiang
    made = f"{LOT}-made"
    world.capture(world.importer, tell.blend(world.importer, {LOT: 1000}, {made: 1000}))
    world.shipment([made], shipment_id="child", **_TO_DE)
    world.work()
    assert world.batch(made).state == HOLD
    world.shipment([], **_TO_US)
    world.work()
    assert world.batch(made).state == HOLD


def test_a_critical_that_became_less_still_takes_two(critical):
    """A code that escalates is critical today and major tomorrow."""
    row = critical.state("shipment", "S-1").assessment
    milder = [item | {"severity": "major"} for item in row.result["findings"] if item["code"] == "ORIGIN-MISMATCH"]
    critical.sql(AssessmentRow, AssessmentRow.id == row.id, result=row.result | {"findings": milder})
    state = critical.state("shipment", "S-1")
    assert (state.state, state.open_criticals) == (HOLD, ("ORIGIN-MISMATCH",))
    assert critical.decide("released", "shipment", "S-1").needs_second


def test_a_critical_that_goes_with_its_list_entry_stays_on_hold(hit_mine, tell):
    hit_mine.load("un-sc", tell.listed("UN.1", "Nobody Of That Name Inc"), published="2026-11-22")
    hit_mine.work()
    state = hit_mine.state("shipment", "S-1")
    assert "SANCTION-ENTITY" not in state.codes
    assert state.open_criticals == ("SANCTION-ENTITY",)
    assert state.state == HOLD


def test_a_released_critical_that_goes_later_does_not_come_back(critical):
    critical.confirm(critical.decide("released", "shipment", "S-1"))
    critical.service.clock.advance(days=1)
    touched.sweep(critical.service)
    critical.work()
    critical.shipment([LOT], origins=[{"country": "RW"}, {"country": "CD"}])
    critical.work()
    assert critical.state("shipment", "S-1").open_criticals == ()


def test_a_release_that_a_suspension_replaced_resolves_no_critical(critical):
    critical.confirm(critical.decide("released", "shipment", "S-1"))
    critical.decide("suspended", "shipment", "S-1")
    critical.shipment([LOT], origins=[{"country": "RW"}, {"country": "CD"}])
    critical.work()
    state = critical.state("shipment", "S-1")
    assert state.open_criticals == ("ORIGIN-MISMATCH",)
    assert state.state == HOLD


@pytest.fixture
def unproven(world):
    """Recycled metal on the word of a letter."""
    world.lists()
    world.chain(LOT)
    letter = world.paper(b"we recycle", [("shipment", "S-1")], facts_type="supplier_letter")
    world.shipment([LOT], material_class="recycled", cn_code="80011000", recycled_evidence=[f"sha256:{letter.sha256}"])
    world.work()
    assert "CMR-03-RECYCLED-UNPROVEN" in world.state("shipment", "S-1").codes
    return world, letter


def test_two_officers_make_a_paper_into_proof_and_nobody_alone(unproven):
    world, letter = unproven
    for role in ("importer", "supplier"):
        with pytest.raises(Forbidden):
            documents.confirm_type(world.service, world.importer.actor(role), letter.id, "audit_report", REASON)
    with pytest.raises(InvalidInput, match="audit_report"):
        documents.confirm_type(world.service, world.officer(), letter.id, "gospel", REASON)
    with pytest.raises(InvalidInput, match="20"):
        documents.confirm_type(world.service, world.officer(), letter.id, "audit_report", "it is")
    proposal = documents.confirm_type(world.service, world.officer(), letter.id, "audit_report", REASON)
    assert (proposal.subject_kind, proposal.needs_second, proposal.state) == ("doc_type", True, "waiting")
    world.work()
    assert "CMR-03-RECYCLED-UNPROVEN" in world.state("shipment", "S-1").codes
    assert documents.types_of(world.service, [letter]) == {}
    with pytest.raises(Forbidden, match="another officer"):
        world.confirm(proposal, by="anna")
    world.confirm(proposal)
    world.work()
    assert "CMR-03-RECYCLED-UNPROVEN" not in world.state("shipment", "S-1").codes
    assert documents.types_of(world.service, [letter]) == {letter.id: "audit_report"}
    again = documents.confirm_type(world.service, world.officer(), letter.id, "supplier_letter", REASON)
    world.confirm(again)
    world.work()
    assert "CMR-03-RECYCLED-UNPROVEN" in world.state("shipment", "S-1").codes
    stored = [row for row in world.rows(Decision) if row.subject_kind == "doc_type"]
    assert {row.disposition for row in stored} == {"audit_report", "supplier_letter"}, "both stand in the ledger"
    assert all(row.confirmed_index > row.entry_index for row in stored)


def test_two_owners_of_the_same_bytes_confirm_each_its_own(unproven):
    """Neither gains proof by what the other's officers said, nor loses what its own have."""
    world, letter = unproven
    rival = world.party("Rival", ["importer"], "NL")
    same = world.paper(b"we recycle", [("shipment", "S-9")], rival, facts_type="supplier_letter")
    assert same.sha256 == letter.sha256
    world.shipment([], rival, shipment_id="S-9", material_class="recycled", cn_code="80011000",
                   recycled_evidence=[f"sha256:{same.sha256}"])  # fmt: skip
    world.work()
    rivals = world.officer("rita", rival), world.officer("rolf", rival)

    def unproven_for(party, shipment):
        return "CMR-03-RECYCLED-UNPROVEN" in world.state("shipment", shipment, party).codes

    def types():
        return documents.types_of(world.service, [letter, same])

    world.confirm(documents.confirm_type(world.service, world.officer(), letter.id, "audit_report", REASON))
    world.work()
    assert types() == {letter.id: "audit_report"}
    assert (unproven_for(world.importer, "S-1"), unproven_for(rival, "S-9")) == (False, True)
    other = documents.confirm_type(world.service, rivals[0], same.id, "certificate_of_origin", REASON)
    assert types() == {letter.id: "audit_report"}, "it waits"
    review.confirm(world.service, rivals[1], other.id, REASON)
    world.work()
    assert types() == {letter.id: "audit_report", same.id: "certificate_of_origin"}
    assert types() == dict(reversed(documents.types_of(world.service, [same, letter]).items()))
    assert not unproven_for(world.importer, "S-1")


def test_a_decision_that_waits_holds_its_own_owners_paper_alone(unproven):
    from traceability.services.retention.holds import held

    world, letter = unproven
    rival = world.party("Rival", ["importer"], "NL")
    same = world.paper(b"we recycle", [], rival, facts_type="supplier_letter")
    documents.confirm_type(world.service, world.officer(), letter.id, "audit_report", REASON)
    with world.service.store.read() as session:
        found = held(world.service, session)
        assert (found.paper(letter), found.paper(same)) == (True, False)


def test_a_document_of_nobodys_assessment_is_judged_by_nobody(quick):
    paper = quick.paper(b"letter", [])
    quick.work()
    with pytest.raises(NotFound, match="link it"):
        documents.confirm_type(quick.service, quick.officer(), paper.id, "audit_report", REASON)
    rival = quick.party("Rival", ["importer"], "NL")
    with pytest.raises(NotFound, match="no document"):
        documents.confirm_type(quick.service, quick.officer("bert", rival), paper.id, "audit_report", REASON)


def test_nobody_judges_what_no_assessment_shows(quick, tell):
    quick.chain(LOT)
    quick.work()
    for kind, subject, verdict in (
        ("hit", "un-sc|X|y", "rejected"),
        ("hit", "nonsense", "rejected"),
        ("signal", "ab|forced_labour|1-2", "rejected"),
        ("document", "0" * 64, "read_by_person"),
        ("correction", tell.extraction(quick.mine, LOT)["eventID"], "refused"),
    ):
        with pytest.raises(NotFound):
            quick.judge(kind, subject, verdict)
    with pytest.raises(InvalidInput):
        quick.judge("hit", "un-sc|X|y", "released")


def test_screenings_are_recorded_with_versions_and_explanation(hit_mine):
    rows = hit_mine.rows(Screening)
    row = next(row for row in rows if row.hits)
    assert row.outcome == "hits"
    assert {"list_id": "un-sc", "version": "2026-11-20", "state": "full"} in row.versions
    assert row.hits[0]["listed_name"] == "Mine"
    assert row.entry_index is not None


def test_only_an_officer_decides(critical):
    for role in ("importer", "supplier", "regulator", "auditor", "dpo", "admin"):
        actor = critical.importer.actor(role)
        with pytest.raises(Forbidden):
            review.decide(
                critical.service, actor, review.Proposal("shipment", "S-1", "suspended", "A long enough reason here.")
            )
        with pytest.raises(Forbidden):
            review.judge(critical.service, actor, "hit", "a|b|c", "rejected", "A long enough reason here.")
