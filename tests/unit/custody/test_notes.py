"""Record and flag: each kind of note is raised by its story, and by no honest one (epcis.md 9)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from traceability.custody.model import REVIEW_KINDS, Note, Recorded, Site, World, by_uri
from traceability.events.event_hash import event_hash
from traceability.events.model import Quantity, Transaction


def _signed(kit, story):
    """Return the story recorded with each event signed by the party of its site."""
    signers = {kit.PIT: kit.MINE, kit.DEPOT: kit.TRADER, kit.PLANT: kit.SMELTER, kit.PORT: kit.IMPORTER}
    return [
        Recorded(event, index, event.event_time + timedelta(minutes=1), signers.get(event.read_point))
        for index, event in enumerate(story.events)
    ]


def _honest(kit):
    story = kit.Story()
    story.born("A", 100)
    story.pack("1", {"A": 60}, seal="S1")
    story.pack("2", {"A": 40}, seal="S2")
    story.send(bags=["1", "2"], hours=10, papers=[("bol", "1")])
    story.take(bags=["1", "2"], hours=30, papers=[("bol", "1")])
    story.make({"A": 100}, {"B": 99}, hours=40)
    story.send({"B": 99}, kit.TRADER, kit.SMELTER, read_point=kit.DEPOT, hours=50)
    story.take({"B": 99}, kit.TRADER, kit.SMELTER, read_point=kit.PLANT, hours=90)
    story.make({"B": 99}, {"C": 60}, "smelting", site=kit.PLANT, hours=100)
    return story


def test_an_honest_chain_has_no_notes(kit):
    world = replace(kit.WORLD, prefixes={kit.lot("A"): kit.MINE})
    found = kit.facts(_signed(kit, _honest(kit)), "C", world=world)
    assert found.notes == []
    assert {entry["signature_status"] for entry in found.events} == {"valid"}


@pytest.mark.parametrize("kind", sorted(REVIEW_KINDS))
def test_the_kinds_in_bold_raise_the_state(kind):
    assert Note(kind, "").review


def test_no_other_kind_raises_the_state(kit):
    story = kit.Story()
    story.send({"A": 1}, "did:web:unheard.example", read_point="https://unheard.example/site")
    for note in kit.facts(story, "A").notes:
        assert note.review is (note.kind in {"no_birth", "signer_not_actor"})
        assert note.message.startswith("expected ")


# --- births and inputs ---------------------------------------------------------------------------------------------


def test_a_batch_without_birth(kit):
    story = kit.Story()
    story.send({"A": 1})
    [note] = [note for note in kit.facts(story, "A").notes if note.kind == "no_birth"]
    assert (note.event_id, note.index, note.batches) == (None, None, (kit.lot("A"),))


def test_an_input_that_never_was(kit):
    story = kit.Story()
    story.make({"A": 1}, {"B": 1}, event_id="use")
    found = [note for note in kit.facts(story, "B").notes if note.kind in {"unknown_input", "no_birth"}]
    assert [(note.kind, note.event_id, note.index, note.batches) for note in found] == [
        ("unknown_input", "use", 0, (kit.lot("A"),))
    ]


def test_a_birth_declared_wrong_leaves_none(kit):
    story = kit.Story()
    story.declare_wrong(story.born("A", 5))
    assert kit.kinds(story, "A")["no_birth"] == 1
    assert kit.facts(story, "A").pending == []
    story.born("A", 4)
    assert "no_birth" not in kit.kinds(story, "A")


def test_a_missing_correction_is_told(kit):
    story = kit.Story()
    story.declare_wrong(story.born("A", 5), "right")
    assert kit.kinds(story, "A")["correction_outstanding"] == 1
    assert "right not recorded" in kit.facts(story, "A").pending[0]


def test_a_circle_of_batches(kit):
    story = kit.Story()
    story.born("X", 1)
    story.make({"A": 5, "X": 1}, {"B": 6})
    story.make({"B": 5}, {"A": 5})
    story.make({"A": 5}, {"D": 5})
    [note] = [note for note in kit.facts(story, "D").notes if note.kind == "cycle"]
    assert note.batches == (kit.lot("A"), kit.lot("B"))


def test_a_batch_made_from_itself_is_a_circle(kit):
    story = kit.Story()
    story.make({"A": 5}, {"A": 5})
    assert kit.kinds(story, "A")["cycle"] == 1


# --- kilograms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("taken", "raised"), [(102, 0), ("102.01", 1)])
def test_more_taken_than_born(kit, taken, raised):
    story = kit.Story()
    story.born("A", 100)
    story.make({"A": 60}, {"B": 60})
    story.lose({"A": Decimal(taken) - 60})
    assert kit.kinds(story, "A", "B").get("double_spend", 0) == raised


@pytest.mark.parametrize(("sent", "raised"), [(52, 0), (53, 1)])
def test_a_party_cannot_send_more_than_it_had(kit, sent, raised):
    story = kit.Story()
    story.born("A", 100)
    story.send({"A": 50}, destination=kit.TRADER)
    story.send({"A": sent}, destination=kit.SMELTER)
    assert kit.kinds(story, "A").get("double_spend", 0) == raised


def test_two_legs_under_one_paper_are_one_journey(kit):
    story = kit.Story()
    story.born("A", 100)
    story.send({"A": 100}, papers=[("bol", "1")])
    story.observe("departing", {"A": 100}, source=kit.MINE, papers=[("bol", "1")])
    assert "double_spend" not in kit.kinds(story, "A")


def test_goods_that_came_back_can_be_sent_again(kit):
    story = kit.Story()
    story.born("A", 100)
    story.send({"A": 100})
    story.observe("void_shipping", {"A": 100}, source=kit.MINE, destination=kit.TRADER)
    story.send({"A": 100}, destination=kit.SMELTER)
    assert "double_spend" not in kit.kinds(story, "A")


def test_a_party_of_unknown_stock_is_not_accused(kit):
    story = kit.Story()
    story.born("A", 100)
    story.send({"A": 500}, source=kit.SMELTER)
    story.send({"A": 1}, source=None)
    assert "double_spend" not in kit.kinds(story, "A")


def test_who_made_a_batch_had_it(kit):
    story = kit.Story()
    story.make({"X": 10}, {"A": 10})
    story.send({"A": 10}, kit.TRADER, kit.SMELTER)
    story.send({"A": 10}, kit.TRADER, kit.IMPORTER)
    assert kit.kinds(story, "A")["double_spend"] == 1


@pytest.mark.parametrize(("step", "kg", "raised"), [("storing", 51, 0), ("storing", 52, 1), ("inspecting", 100, 0)])
def test_more_seen_than_is_left(kit, step, kg, raised):
    story = kit.Story()
    story.born("A", 100)
    story.make({"A": 50}, {"B": 50})
    story.observe(step, {"A": kg})
    assert kit.kinds(story, "A").get("excess_weight", 0) == raised


@pytest.mark.parametrize(
    ("out", "terms_in", "terms_out", "raised"),
    [
        (102, {}, {}, 0),
        ("102.1", {}, {}, 1),
        (100, {"gradePercent": 50}, {"gradePercent": 51}, 0),
        (100, {"gradePercent": 50}, {"gradePercent": 52}, 1),
        (50, {"gradePercent": 30}, {"gradePercent": 60}, 0),
        (120, {}, {"moisturePercent": 20}, 0),
        (100, {"moisturePercent": 10}, {}, 1),
    ],
)
def test_more_out_than_in(kit, out, terms_in, terms_out, raised):
    story = kit.Story()
    story.born("A", 100, ilmd={f"crm:{name}": value for name, value in terms_in.items()})
    story.make(
        {"A": 100}, {"B": out}, "concentrating", ilmd={f"crm:{name}": value for name, value in terms_out.items()}
    )
    assert kit.kinds(story, "B").get("excess_output", 0) == raised


def test_inputs_without_a_mass_accuse_nobody(kit):
    story = kit.Story()
    story.add(
        "TransformationEvent",
        None,
        "commissioning",
        inputs=(Quantity(kit.lot("A"), Decimal(5), "LTR"), *kit.kgm({"X": 1})),
        outputs=kit.kgm({"B": 100}),
    )
    found = kit.kinds(story, "B")
    assert "excess_output" not in found
    assert found["not_a_mass"] == 1


def test_a_batch_created_without_weight_is_flagged(kit):
    story = kit.Story()
    story.add("ObjectEvent", "ADD", "commissioning", quantities=kit.kgm({"A": 0}))
    story.add("ObjectEvent", "OBSERVE", "stock_taking", quantities=kit.kgm({"A": 0}))
    (note,) = [note for note in kit.facts(story, "A").notes if note.kind == "no_weight"]
    assert note.message == f"expected more than 0 kg of {kit.lot('A')}, got 0"


def test_a_sum_beyond_all_ore_on_earth_is_left_out(kit):
    story = kit.Story()
    story.add("ObjectEvent", "OBSERVE", "storing", quantities=kit.kgm({"A": "6e14"}) * 2)
    found = kit.facts(story, "A")
    assert "quantity_list" not in found.events[0]
    assert [note.message for note in found.notes if note.kind == "not_a_mass"] == [
        f"expected less than 1000000000000000 kg of {kit.lot('A')}, got more; left out of balances"
    ]


@pytest.mark.parametrize(
    ("process", "out", "loss", "raised"),
    [
        (None, 98, None, 0),
        (None, 97, None, 1),
        (None, 90, 10, 0),
        (None, 90, 5, 1),
        ("smelting", 60, None, 0),
        ("smelting", 60, 40, 0),
        ("smelting", 60, 50, 1),
        ("smelting", 60, -50, 0),
        ("smelting", 60, "x", 0),
    ],
)
def test_a_loss_nobody_can_explain(kit, process, out, loss, raised):
    story = kit.Story()
    ilmd = {} if loss is None else {"crm:processLossKg": loss}
    story.make({"A": 100}, {"B": out}, process, ilmd=ilmd)
    assert kit.kinds(story, "B").get("implausible_loss", 0) == raised


# --- hand-overs, time and distance -----------------------------------------------------------------------------------


def test_a_hand_over_without_receipt(kit):
    story = kit.Story()
    story.born("A", 5)
    story.send({"A": 5})
    assert "no_receipt" not in kit.kinds(story, "A")
    story.make({"A": 5}, {"B": 5})
    assert kit.kinds(story, "B")["no_receipt"] == 1


def test_a_receipt_nobody_sent(kit):
    story = kit.Story()
    story.take({"A": 5})
    assert kit.kinds(story, "A")["no_dispatch"] == 1


def test_a_receiver_who_is_not_the_named_one(kit):
    story = kit.Story()
    story.send({"A": 5}, destination=kit.TRADER, papers=[("bol", "1")])
    story.take({"A": 5}, destination=kit.SMELTER, papers=[("bol", "1")])
    [note] = [note for note in kit.facts(story, "A").notes if note.kind == "other_receiver"]
    assert note.message == f"expected {kit.TRADER} to receive, got {kit.SMELTER}"


def test_a_sender_or_user_who_does_not_hold_the_goods(kit):
    story = kit.Story()
    story.born("A", 5)
    story.send({"A": 5}, source=kit.TRADER)
    assert kit.kinds(story, "A")["not_the_holder"] == 1
    story = kit.Story()
    story.born("A", 5)
    story.make({"A": 5}, {"B": 5}, site=kit.DEPOT)
    assert kit.kinds(story, "B")["not_the_holder"] == 1


def test_a_time_before_the_event_it_follows(kit):
    story = kit.Story()
    story.born("A", 5, hours=5)
    story.send({"A": 5}, hours=1, event_id="send")
    [note] = [note for note in kit.facts(story, "A").notes if note.kind == "time_order"]
    assert note.event_id == "send"


def test_events_that_each_must_come_first(kit):
    story = kit.Story()
    for name, other in (("a", "b"), ("b", "a")):
        papers = (Transaction("upevt", other),)
        story.add("ObjectEvent", "OBSERVE", "storing", quantities=kit.kgm({"A": 5}), event_id=name, transactions=papers)
    assert kit.kinds(story, "A")["order_circle"] == 1


@pytest.mark.parametrize(
    ("ahead", "kind"),
    [
        (timedelta(minutes=10), None),
        (timedelta(minutes=11), "future_time"),
        (timedelta(days=-30), None),
        (timedelta(days=-31), "late_report"),
    ],
)
def test_times_against_the_server_s_clock(kit, ahead, kind):
    story = kit.Story()
    event = story.born("A", 5)
    notes = kit.facts([Recorded(event, 0, event.event_time - ahead, kit.MINE)], "A").notes
    assert [note.kind for note in notes] == ([kind] if kind else [])


@pytest.mark.parametrize(("hours", "raised"), [(8, 0), (5, 1)])
def test_goods_faster_than_an_aircraft(kit, hours, raised):
    story = kit.Story()
    story.born("A", 5, hours=0)
    story.take({"A": 5}, read_point=kit.PORT, hours=hours)
    assert kit.kinds(story, "A").get("impossible_distance", 0) == raised


def test_parts_of_a_batch_may_be_far_apart_and_a_bag_may_not(kit):
    story = kit.Story()
    story.born("A", 100, hours=0)
    story.pack("1", {"A": 10}, hours=0)
    story.send({"A": 10}, hours=0)
    story.take({"A": 10}, read_point=kit.PORT, hours=1)
    assert "impossible_distance" not in kit.kinds(story, "A")
    story.observe("storing", bags=["1"], read_point=kit.PORT, hours=1)
    assert kit.kinds(story, "A")["impossible_distance"] == 1


def test_a_laboratory_may_be_anywhere(kit):
    story = kit.Story()
    story.born("A", 5, hours=0)
    story.observe("inspecting", {"A": 5}, read_point=kit.PORT, hours=0)
    assert "impossible_distance" not in kit.kinds(story, "A")


def test_neighbouring_places_are_never_too_far(kit):
    story = kit.Story()
    story.born("A", 5, site="geo:-1.5,28.8", hours=0)
    story.observe("storing", {"A": 5}, read_point=kit.PIT, hours=0)
    story.observe("storing", {"A": 5}, read_point="geo:nowhere", hours=0)
    assert "impossible_distance" not in kit.kinds(story, "A")


# --- bags, tags and seals --------------------------------------------------------------------------------------------


def test_a_bag_filled_from_two_batches(kit):
    story = kit.Story()
    story.pack("1", {"A": 5}, seal="S1")
    story.unpack("1")
    story.pack("1", {"B": 5}, seal="S2")
    for name in ("A", "B"):
        assert kit.kinds(story, name)["tag_reused"] == 1


def test_a_batch_partly_without_tags(kit):
    story = kit.Story()
    story.born("A", 100)
    assert "tag_missing" not in kit.kinds(story, "A")
    story.pack("1", {"A": 97}, seal="S1")
    assert kit.kinds(story, "A")["tag_missing"] == 1


def test_seals_missing_and_used_twice(kit):
    story = kit.Story()
    story.pack("1", {"A": 5}, seal="S1")
    story.pack("2", {"A": 5}, seal="S1")
    story.pack("1", {"A": 5}, seal="S1")
    story.pack("3", {"A": 5})
    story.pack("box", {}, inner=["1"])
    found = kit.kinds(story, "A")
    assert (found["seal_reused"], found["seal_missing"]) == (1, 1)


def test_a_bag_in_which_nothing_is_known_to_be(kit):
    story = kit.Story()
    story.send({"A": 5}, bags=["unheard"])
    assert kit.kinds(story, "A")["unknown_bag"] == 1


# --- parties, places, signatures ---------------------------------------------------------------------------------------


def test_unknown_parties_and_sites(kit):
    story = kit.Story()
    story.born("A", 5, party="did:web:unheard.example", site="https://unheard.example/site")
    found = kit.kinds(story, "A")
    assert (found["unknown_party"], found["unknown_site"]) == (1, 1)


def test_coordinates_alone_are_noted(kit):
    story = kit.Story()
    story.born("A", 5, site="geo:-1.5,28.8")
    assert kit.kinds(story, "A")["coordinates_only"] == 1


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ("geo:-1.5,28.8", "which the map has in CD"),
        ("geo:-1.68,29.23", "no country is read: it lies within 10 km of the border of CD and RW"),
        ("geo:0,0", "no country is read: it lies at sea"),
        ("geo:44.95,34.1", "no country is read: states do not agree whose Crimea is"),
        ("geo:91,0", "no country is read: there is no such point"),
    ],
)
def test_coordinates_say_what_the_map_has(kit, point, said):
    story = kit.Story()
    story.born("A", 5, site=point)
    (note,) = [note for note in kit.facts(story, "A").notes if note.kind == "coordinates_only"]
    assert said in note.message


def test_coordinates_contradict_a_stated_origin(kit):
    for origin, number in (("RW", 1), ("CD", 0)):
        story = kit.Story()
        story.born("A", 5, site="geo:-1.5,28.8", ilmd={"crm:originCountry": origin})
        assert kit.kinds(story, "A").get("origin_differs", 0) == number


@pytest.mark.parametrize(
    ("country", "region", "raised"),
    [("CD", None, 0), ("CD", "CD-NK", 0), ("CD", "CD-SK", 1), ("RW", None, 1), (None, None, 0)],
)
def test_a_stated_origin_that_is_not_the_place(kit, country, region, raised):
    story = kit.Story()
    terms = {"crm:originCountry": country, "crm:originRegion": region}
    story.born("A", 5, ilmd={name: value for name, value in terms.items() if value})
    assert kit.kinds(story, "A").get("origin_differs", 0) == raised


def test_a_term_that_cannot_be_read_says_what_was_expected(kit):
    story = kit.Story()
    bad = {
        "crm:mineral": ["a"], "crm:originCountry": {"name": "Congo"}, "crm:gradePercent": "x", "crm:processLossKg": -5,
        "crm:originPolygon": "{" * 500,
    }  # fmt: skip
    story.born("A", 5, ilmd=bad)
    notes = [note for note in kit.facts(story, "A").notes if note.kind == "unreadable_term"]
    assert len(notes) == len(bad)
    said = " ".join(note.message for note in notes)
    assert "expected crm:gradePercent as a number from 0 to 100, got x; it counts as not said" in said
    assert "crm:processLossKg as kilograms of 0 or more, got -5" in said
    assert all(len(note.message) < 250 and note.event_id and note.batches for note in notes)
    good = kit.Story()
    good.born("A", 5, ilmd={"crm:mineral": "gold", "crm:note": 5})
    assert "unreadable_term" not in kit.kinds(good, "A")


def test_who_signed_and_who_acted(kit):
    story = kit.Story()
    story.born("A", 5)
    notes = {note.kind: note.message for note in kit.facts(kit.recorded(story.events, kit.TRADER), "A").notes}
    assert notes["signer_not_actor"] == f"expected a signature of {kit.MINE}; signed by {kit.TRADER}"
    assert notes["foreign_birth"].endswith(f"got {kit.TRADER}")
    notes = {note.kind: note.message for note in kit.facts(story, "A").notes}
    assert notes["signer_not_actor"].endswith("signed by nobody")
    assert notes["foreign_birth"].endswith("got nobody")
    relayed = kit.recorded(story.events, kit.IMPORTER, credential_by=kit.MINE)
    assert kit.facts(relayed, "A").notes == []


def test_a_transformation_in_parts_by_several_parties(kit):
    story = kit.Story()
    story.make({"A": 5}, {}, transformation_id="urn:t:1")
    story.make({}, {"B": 5}, transformation_id="urn:t:1")
    by_one = kit.recorded(story.events, kit.TRADER)
    assert "shared_transformation" not in kit.kinds(by_one, "B")
    assert kit.kinds([by_one[0], replace(by_one[1], signer=kit.MINE)], "B")["shared_transformation"] == 1


def test_nobody_known_to_have_acted(kit):
    story = kit.Story()
    story.observe("inspecting", {"A": 5})
    assert kit.kinds(story, "A")["actor_unknown"] == 1


def test_a_declaration_repeats_no_notes(kit):
    story = kit.Story()
    story.declare_wrong(story.born("A", 5, site="geo:-1.5,28.8"))
    assert kit.kinds(story, "A")["coordinates_only"] == 1


def test_an_event_hash_that_is_not_of_the_content(kit):
    raw = {
        "type": "ObjectEvent",
        "eventTime": "2026-01-01T08:00:00Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "storing",
        "quantityList": [{"epcClass": kit.lot("A"), "quantity": 5, "uom": "KGM"}],
    }
    right, wrong = event_hash(raw), f"ni:///sha-256;{'0' * 64}?ver=CBV2.0"

    def raised(event_id, **more):
        story = kit.Story()
        story.observe("storing", {"A": 5}, event_id=event_id, **({"raw": raw} | more))
        return kit.kinds(story, "A").get("hash_mismatch", 0)

    assert raised(wrong) == 1
    assert raised(right) == 0
    assert raised("urn:uuid:00000000-0000-4000-8000-000000000000") == 0
    assert raised(wrong, raw={}) == 0
    assert raised(wrong, extensions={"x:y": 1}) == 0
    assert raised(wrong, extensions={"x:y": 1}, raw=raw | {"@context": {"x": "https://x.example/"}}) == 1


# --- the registered world ------------------------------------------------------------------------------------------------


def test_the_longest_prefix_owns_an_identifier(kit):
    world = World(
        prefixes={"https://a.example": kit.MINE, "https://a.example/b/": kit.TRADER, "urn:x:": "https://lei.example/S"},
        aliases={"https://lei.example/S": kit.SMELTER},
    )
    owners = {
        "https://a.example/lot/1": kit.MINE,
        "https://A.example": kit.MINE,
        "https://a.example#1": kit.MINE,
        "https://a.example/b/1": kit.TRADER,
        "https://a.example.evil/1": None,
        "https://a.example:pw@evil/1": None,
        "urn:x:1": kit.SMELTER,
        "https://b.example/1": None,
    }
    assert {uri: world.prefix_owner(uri) for uri in owners} == owners


def test_a_party_is_known_by_any_spelling_of_its_identifiers(kit):
    world = World(
        parties=frozenset({"https://party.example/1"}), aliases={"https://lei.example/1": "https://party.example/1"}
    )
    for spelling in ("https://party.example/1", "HTTPS://PARTY.example/1", "https://LEI.example/1"):
        assert world.party(spelling) == "https://party.example/1"
        assert world.known_party(spelling)
    assert world.party("HTTPS://other.example") == "HTTPS://other.example"
    assert not world.known_party("HTTPS://other.example")


def test_nobodys_alias_is_a_registered_party(kit):
    world = World(parties=frozenset({kit.MINE, kit.TRADER}), aliases={kit.MINE: kit.TRADER})
    assert world.party(kit.MINE) == kit.MINE


def test_sites_by_party_are_those_of_the_day(kit):
    sites = [Site(f"https://s.example/{name}", party, "CD") for name, party in (("b", "p"), ("a", "p"), ("c", "q"))]
    found = World(sites=by_uri(sites), aliases={"q": "p"}).sites_by_party(kit.START.date())
    assert {party: [site.uri[-1] for site in own] for party, own in found.items()} == {"p": ["a", "b", "c"]}
