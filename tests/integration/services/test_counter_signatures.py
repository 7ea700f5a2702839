"""The same event signed by another party: evidence of its own, with an entry and a receipt (epcis.md 7)."""

import json

import pytest
from sqlmodel import select

from traceability.errors import Conflict
from traceability.ledger.entry import Entry
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt
from traceability.services import receipts, revocation
from traceability.services.capture import capture_job
from traceability.services.visible import party_view
from traceability.storage.tables import (
    Capture,
    CounterSignature,
    Event,
    Holding,
    Item,
    LedgerEntry,
    PartyClaim,
    PartyKey,
)

LOT = "https://mine.example/lot/L-1"


def relayed_chain(world, tell):
    """Everything is posted by a forwarder first, as it relays it; return the mine's events."""
    forwarder = world.party("Forwarder", ["carrier"], "BE")
    born, sent = tell.extraction(world.mine, LOT), tell.hand("shipping", world.mine, world.importer, LOT)
    received = tell.hand("receiving", world.mine, world.importer, LOT)
    world.capture(forwarder, born, sent, received)
    return forwarder, [born, sent], [received]


def statuses(world, lot=LOT):
    return [event["signature_status"] for event in world.facts("batch", lot)["custody_events"]]


def found_receipts(world, party, captured):
    actor = party.actor("importer")
    row = capture_job(world.service, actor, captured.capture_id)
    return receipts.capture_receipts(world.service, actor, row)


def test_the_acting_partys_own_signature_cures_a_relay(world, tell):
    _, mines, importers = relayed_chain(world, tell)
    world.capture(world.importer, *importers)
    world.work()
    assert statuses(world) == ["unsigned", "unsigned", "valid"]
    assert "INT-UNSIGNED" in world.state("batch", LOT).codes
    done = world.capture(world.mine, *mines)
    assert [(placed.repeated, placed.counter_signature) for placed in done.events] == [(True, True)] * 2
    assert done.new == 0
    world.work()
    assert statuses(world) == ["valid", "valid", "valid"]
    assert "INT-UNSIGNED" not in world.state("batch", LOT).codes


def test_it_has_an_entry_and_a_receipt_that_verifies_offline(world, tell):
    _, mines, _ = relayed_chain(world, tell)
    first = {row.event_id: row.index for row in world.rows(Event)}
    done = world.capture(world.mine, *mines)
    policy = Policy.pin(world.service.log_key.vkey)
    found = found_receipts(world, world.mine, done)
    assert [event_id for event_id, _ in found] == [event["eventID"] for event in mines]
    for (event_id, receipt), placed in zip(found, done.events, strict=True):
        verdict = verify_receipt(json.dumps(receipt.as_dict()).encode(), policy=policy)
        assert verdict.verdict == "ok", verdict
        entry = Entry.parse(receipt.entry)
        assert (entry.kind, entry.who) == ("event", world.service.who(world.mine.id))
        assert entry.ref == (first[event_id],), "it says which event it signs besides"
        alone = receipts.event_receipt(world.service, world.mine.actor(), placed.index)
        assert alone.as_dict() == receipt.as_dict()


def test_again_it_gives_the_same_receipt_and_no_new_leaf(world, tell):
    forwarder, mines, _ = relayed_chain(world, tell)
    first = world.capture(world.mine, *mines)
    before = len(world.rows(LedgerEntry))
    again = world.capture(world.mine, *mines)
    assert [one.as_dict() for one in again.events] == [one.as_dict() for one in first.events]
    receipts_ = [found_receipts(world, world.mine, done) for done in (first, again)]
    assert [r.entry for _, r in receipts_[0]] == [r.entry for _, r in receipts_[1]]
    world.capture(forwarder, *mines)
    assert len(world.rows(LedgerEntry)) == before, "nor is the sender's own event counter-signed by itself"
    assert len(world.rows(CounterSignature)) == 2


def test_new_and_counter_signed_events_of_one_capture(world, tell):
    _, mines, _ = relayed_chain(world, tell)
    fresh = tell.extraction(world.mine, LOT + "-2")
    done = world.capture(world.mine, fresh, *mines)
    assert [placed.counter_signature for placed in done.events] == [False, True, True]
    (row,) = [row for row in world.rows(Capture) if row.id == done.capture_id]
    assert (row.new_events, row.entry_index) == (1, done.events[0].index - 1)
    assert len({placed.index for placed in done.events}) == 3
    assert len(found_receipts(world, world.mine, done)) == 3


def test_a_correction_stays_the_first_signers(world, tell):
    forwarder, mines, _ = relayed_chain(world, tell)
    world.capture(world.mine, *mines)
    wrong = tell.declared_wrong(mines[0])
    with pytest.raises(Conflict, match="original signer"):
        world.capture(world.mine, wrong)
    world.capture(forwarder, wrong)
    with pytest.raises(Conflict, match="original signer"):
        world.capture(world.mine, wrong)


def test_other_content_under_the_id_is_still_a_conflict(world, tell):
    _, mines, _ = relayed_chain(world, tell)
    with pytest.raises(Conflict, match="other content"):
        world.capture(world.mine, mines[0] | {"disposition": "damaged"})


def holders(world, lot=LOT):
    world.work()
    query = select(Holding.party_id).join(Item, Item.id == Holding.item_id).where(Item.key == lot)
    with world.service.store.read() as session:
        return set(session.exec(query))


def test_copying_an_event_makes_nobody_a_holder(world, tell):
    spy = world.party("Spy", ["trader"], "BE")
    born, sent = tell.extraction(world.mine, LOT), tell.hand("shipping", world.mine, world.importer, LOT)
    blended = tell.blend(world.importer, {LOT: 500}, {LOT + "-mix": 500})
    world.capture(world.mine, born, sent)
    world.capture(world.importer, blended)
    world.capture(spy, born, sent, blended)
    assert holders(world) == {world.mine.id, world.importer.id}
    assert holders(world, LOT + "-mix") == {world.importer.id}
    with world.service.store.read() as session:
        view = party_view(session, spy.id)
        shown = set(session.exec(select(Event.event_id).where(view.condition(session.get_bind().dialect.name))))
    assert not view.full
    assert not view.limited
    assert shown == {born["eventID"], sent["eventID"], blended["eventID"]}, "what it signed itself, and no more"


def test_a_holders_counter_signature_hands_over_as_its_own_event_would(world, tell):
    forwarder = world.party("Forwarder", ["carrier"], "BE")
    sent = tell.hand("shipping", world.mine, world.importer, LOT)
    world.capture(world.mine, tell.extraction(world.mine, LOT))
    world.capture(forwarder, sent)
    assert holders(world) == {world.mine.id}, "a stranger hands nothing over"
    world.capture(world.mine, sent)
    assert holders(world) == {world.mine.id, world.importer.id}


def test_a_prefixs_owner_is_the_maker_once_it_signed_the_birth_too(world, tell):
    world.service.store.write(
        lambda tx: tx.session.add(
            PartyClaim(party_id=world.mine.id, kind="prefix", value="https://mine.example/", state="active")
        )
    )
    stranger = world.party("Stranger", ["trader"], "BE")
    born = tell.extraction(stranger, LOT)
    world.capture(stranger, born)
    assert holders(world) == set()
    world.capture(world.mine, born)
    assert world.mine.id in holders(world)


def test_who_counter_signs_one_part_of_a_transformation_does_not_vouch_for_the_others(world, tell):
    """Had it signed that part itself, the parts of two signers would not be one chain."""
    spy, holder = (world.party(name, ["smelter"], "BE") for name in ("Spy", "Holder"))
    process = {"transformationID": "https://x.example/process/1"}
    taken = tell.event(
        "TransformationEvent", "2026-11-10T08:00:00Z", "creating_class_instance",
        inputQuantityList=[tell.quantity(LOT, 500)], **process,
    )  # fmt: skip
    made = tell.event(
        "TransformationEvent", "2026-11-10T09:00:00Z", "creating_class_instance",
        outputQuantityList=[tell.quantity(LOT + "-out", 500)], **process,
    )  # fmt: skip
    world.capture(world.mine, tell.extraction(world.mine, LOT), tell.hand("shipping", world.mine, holder, LOT))
    world.capture(spy, taken, made)
    world.capture(holder, made)
    world.work()
    with world.service.store.read() as session:
        view = party_view(session, spy.id)
        ids = {item.key: item.id for item in session.exec(select(Item))}
    assert view.full == {ids[LOT + "-out"]}
    assert view.limited == {ids[LOT]: {spy.id}}


def test_a_compromised_key_takes_its_counter_signatures_back(world, tell):
    _, mines, importers = relayed_chain(world, tell)
    world.capture(world.importer, *importers)
    done = world.capture(world.mine, *mines)
    world.work()
    assert statuses(world)[0] == "valid"
    revocation.revoke(
        world.service, world.mine.actor("importer"), world.mine.key.kid, "stolen with the laptop", done.events[0].index
    )
    world.work()
    assert statuses(world)[0] == "unsigned"


def test_a_counter_signature_changed_behind_our_back_counts_for_nothing(world, tell):
    _, mines, importers = relayed_chain(world, tell)
    world.capture(world.importer, *importers)
    done = world.capture(world.mine, *mines)
    world.sql(CounterSignature, CounterSignature.entry_index == done.events[0].index, position=1)
    other = next(row for row in world.rows(PartyKey) if row.party_id == world.importer.id)
    world.sql(CounterSignature, CounterSignature.entry_index == done.events[1].index, key_id=other.id)
    world.work()
    assert statuses(world)[:2] == ["unsigned", "unsigned"]
