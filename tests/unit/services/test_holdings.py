"""Who had a batch: proved by hand-overs of those that had it, by no claim about oneself."""

import pytest
from sqlmodel import select

from traceability.services.visible import party_view
from traceability.storage.tables import Event, Holding, Item, PartyClaim

BAG = "https://id.example/bag/1"


@pytest.fixture
def parties(make_sender):
    return [make_sender(f"Party {number}", role="importer", roles=["importer"]) for number in range(4)]


@pytest.fixture
def holders(service, parties, story, work):
    """``holders("A")`` are the numbers of the parties that had lot A."""

    def find(name):
        work()
        query = select(Holding.party_id).join(Item, Item.id == Holding.item_id).where(Item.key == story.lot(name))
        with service.store.read() as session:
            found = set(session.exec(query))
        return {number for number, one in enumerate(parties) if one.party.id in found}

    return find


def post(sender, story, *events):
    answer = sender.post(story.document(*events))
    assert answer.status_code == 202, answer.json


def test_the_maker_and_those_it_hands_over_to_had_it(parties, story, holders):
    maker, second, third, _ = parties
    post(maker, story, story.born("A"))
    post(second, story, story.handed(third.party.did, "A"))
    assert holders("A") == {0}, "the second had nothing to hand over yet"
    post(maker, story, story.handed(second.party.did, "A"))
    assert holders("A") == {0, 1, 2}, "in whatever order the events came"


def test_naming_oneself_as_receiver_or_maker_proves_nothing(parties, story, holders):
    maker, spy, *_ = parties
    post(maker, story, story.born("A"))
    post(
        spy,
        story,
        story.handed(spy.party.did, "A"),
        story.born("A"),
        story.made(["A"], ["B"]),
        story.made(["B"], ["A"]),
    )
    assert holders("A") == {0}
    assert holders("B") == {1}


def test_a_bag_hands_over_what_its_holder_packed(parties, story, holders):
    maker, second, spy, _ = parties
    post(maker, story, story.born("A"), story.packed(BAG, "A"), story.handed(second.party.did, epcs=[BAG]))
    post(spy, story, story.packed(BAG, "A"))
    assert holders("A") == {0, 1}


def test_packing_a_foreign_batch_into_ones_own_bag_proves_nothing(parties, story, holders):
    maker, spy, *_ = parties
    post(maker, story, story.born("A"), story.born("C"), story.packed(BAG, "C"))
    post(maker, story, story.handed(spy.party.did, epcs=[BAG]))
    post(spy, story, story.packed(BAG, "A"))
    assert holders("A") == {0}
    assert holders("C") == {0, 1}


def test_a_bag_that_was_emptied_hands_over_what_was_packed_since(parties, story, holders):
    trader, first, second, _ = parties
    post(
        trader, story, story.born("A"), story.born("C"),
        story.packed(BAG, "A"), story.handed(first.party.did, epcs=[BAG]), story.packed(BAG, "A", action="DELETE"),
        story.packed(BAG, "C"), story.handed(second.party.did, epcs=[BAG]),
    )  # fmt: skip
    assert holders("A") == {0, 1}
    assert holders("C") == {0, 2}


def test_the_receiver_of_a_bag_empties_it_and_a_stranger_does_not(parties, story, holders):
    trader, first, second, spy = parties
    packed, taken = story.packed(BAG, "A"), story.packed(BAG, "A", action="DELETE")
    handed = story.handed(first.party.did, epcs=[BAG])
    emptied = story.packed(BAG, "A", action="DELETE")
    post(spy, story, taken)
    post(trader, story, story.born("A"), packed, handed)
    post(first, story, emptied)
    post(trader, story, story.packed(BAG, "C"), story.handed(second.party.did, epcs=[BAG]))
    assert holders("A") == {0, 1}


def test_a_packing_that_was_corrected_hands_over_nothing(parties, story, holders):
    trader, first, *_ = parties
    wrong, right = story.packed(BAG, "A"), story.packed(BAG, "C")
    declared = {"declarationTime": "2026-11-21T08:00:00Z", "correctiveEventIDs": [right["eventID"]]}
    post(trader, story, story.born("A"), story.born("C"), wrong)
    post(trader, story, wrong | {"errorDeclaration": declared}, right, story.handed(first.party.did, epcs=[BAG]))
    assert holders("A") == {0}
    assert holders("C") == {0, 1}


def test_a_container_hands_over_what_lies_in_its_bags(parties, story, holders):
    maker, second, third, _ = parties
    container = "https://id.example/container/1"
    inner = {"action": "ADD", "bizStep": "packing", "parentID": container, "childEPCs": [BAG]}
    post(maker, story, story.born("A"), story.packed(BAG, "A"), story.event("AggregationEvent", **inner),
         story.handed(second.party.did, epcs=[container]))  # fmt: skip
    post(maker, story, story.event("AggregationEvent", **inner | {"action": "DELETE"}),
         story.handed(third.party.did, epcs=[container]))  # fmt: skip
    assert holders("A") == {0, 1}


def test_a_buyer_of_what_was_made_of_one_filling_sees_nothing_of_the_next(service, parties, story, holders):
    trader, importer, other, _ = parties
    born, first = [story.born("A"), story.born("C")], story.packed(BAG, "A")
    use = story.event("TransformationEvent", bizStep="creating_class_instance", inputEPCList=[BAG],
                      outputQuantityList=story.goods("MIX"))  # fmt: skip
    empty, again = story.packed(BAG, "A", action="DELETE"), story.packed(BAG, "C")
    sold = [story.handed(importer.party.did, "MIX"), story.handed(other.party.did, epcs=[BAG])]
    post(trader, story, *born, first, use, empty, again, *sold)
    assert holders("MIX") == {0, 1}
    with service.store.read() as session:
        ids = {item.key: item.id for item in session.exec(select(Item))}
        view = party_view(session, importer.party.id)
        condition = view.condition(session.get_bind().dialect.name)
        shown = {row.event_id for row in session.exec(select(Event).where(condition))}
    assert ids[story.lot("A")] in view.full
    assert not view.sees_item(ids[story.lot("C")])
    assert again["eventID"] not in shown, "the next filling of the same bag"


def test_a_claimed_prefix_keeps_others_from_being_the_maker(service, parties, story, holders):
    owner, squatter, *_ = parties

    def claim(tx):
        tx.session.add(
            PartyClaim(party_id=owner.party.id, kind="prefix", value="https://id.example/lot/A/", state="active")
        )

    service.store.write(claim)
    post(squatter, story, story.born("A/1"), story.born("B/1"), story.born("A"))
    assert holders("A/1") == set()
    assert holders("B/1") == holders("A") == {1}


def test_an_event_declared_wrong_still_happened_but_its_declaration_is_no_ground(parties, story, holders):
    maker, second, *_ = parties
    event = story.handed(second.party.did, "A")
    post(maker, story, story.born("A"))
    post(maker, story, event | {"errorDeclaration": {"declarationTime": "2026-11-21T08:00:00Z"}})
    assert holders("A") == {0}
    post(maker, story, event)
    assert holders("A") == {0, 1}


def test_a_buyer_of_what_was_made_sees_the_hand_over_that_names_the_bag_alone(service, parties, story, holders):
    mine, trader, importer, other = parties
    dispatch = story.handed(trader.party.did, epcs=[BAG])
    post(mine, story, story.born("A"), story.packed(BAG, "A"), dispatch)
    post(trader, story, story.made(["A"], ["MIX"]), story.handed(importer.party.did, "MIX"))
    post(other, story, story.handed(mine.party.did, epcs=[BAG]))
    assert holders("MIX") == {1, 2}
    with service.store.read() as session:
        view = party_view(session, importer.party.id)
        condition = view.condition(session.get_bind().dialect.name)
        rows = list(session.exec(select(Event).where(condition)))
    assert dispatch["eventID"] in {row.event_id for row in rows}
    assert other.party.id not in {row.signer_id for row in rows}, "what a stranger says of the bag is not shown"


def test_parts_of_one_transformation_are_one_chain(service, parties, story, holders):
    mine, trader, importer, spy = parties
    process = "https://id.example/process/1"
    post(mine, story, story.born("A"), story.handed(trader.party.did, "A"))
    post(trader, story, story.made(["A"], [], transformationID=process))
    post(trader, story, story.made([], ["MIX"], transformationID=process), story.handed(importer.party.did, "MIX"))
    post(spy, story, story.made([], ["SPY"], transformationID=process))
    assert holders("MIX") == {1, 2}
    with service.store.read() as session:
        ids = {item.key: item.id for item in session.exec(select(Item))}
        seen = party_view(session, importer.party.id).full
        spied = party_view(session, spy.party.id)
    assert ids[story.lot("A")] in seen
    assert not spied.sees_item(ids[story.lot("A")])
