"""The custody part of a facts document (facts.md 4-6)."""

from datetime import date
from decimal import Decimal

import pytest

from traceability.custody import facts as facts_module
from traceability.custody.facts import identifier
from traceability.custody.model import Recorded
from traceability.events.model import Quantity


def _events(kit, story, *names, **more):
    return kit.facts(story, *names, **more).events


def _list(entry, name="quantity_list"):
    return {line["batch_id"].rpartition("/")[2]: line for line in entry.get(name, [])}


def test_times_and_ids_stand_as_they_were_written(kit):
    story = kit.Story()
    story.born("A", 5, event_id="urn:x:1", text="2026-01-01T08:00:00Z")
    [entry] = _events(kit, story, "A")
    assert (entry["event_id"], entry["event_time"]) == ("urn:x:1", "2026-01-01T08:00:00Z")


@pytest.mark.parametrize("text", ["2026-01-01t08:00:00z", "2026-01-01T08:00:00.123456789Z"])
def test_a_time_the_facts_cannot_hold_is_respelled(kit, text):
    story = kit.Story()
    story.born("A", 5, text=text)
    assert _events(kit, story, "A")[0]["event_time"] == "2026-01-01T08:00:00+00:00"


def test_an_identifier_the_facts_cannot_hold_becomes_its_digest(kit):
    assert identifier("x" * 300) == "x" * 300
    assert identifier("x" * 301).startswith("sha256:")
    assert len({identifier("x" * 301), identifier("x" * 302)}) == 2


def test_an_event_without_id_is_named_by_its_place_in_the_ledger(kit):
    event = kit.Story().born("A", 5)
    nameless = Recorded(
        type(event)(**{name: getattr(event, name) for name in event.__dataclass_fields__} | {"event_id": None}),
        7,
        kit.START,
    )
    assert kit.facts([nameless], "A").events[0]["event_id"] == "urn:x-ledger-index:7"


def test_one_entry_per_batch_and_list(kit):
    story = kit.Story()
    twice = (*kit.kgm({"A": "1.5"}), *kit.kgm({"A": 2}), Quantity(kit.lot("A"), Decimal(3), "LTR"))
    story.add("ObjectEvent", "ADD", "collecting", quantities=twice)
    [entry] = _events(kit, story, "A")
    assert entry["output_quantity_list"] == [{"batch_id": kit.lot("A"), "weight_kg": "3.5"}]


def test_a_batch_in_another_unit_has_no_entry(kit):
    story = kit.Story()
    story.add("ObjectEvent", "OBSERVE", "storing", quantities=(Quantity(kit.lot("A"), Decimal(3), "LTR"),))
    [entry] = _events(kit, story, "A")
    assert "quantity_list" not in entry
    assert kit.kinds(story, "A")["not_a_mass"] == 1


def test_transformations_of_one_id_are_one_entry(kit):
    story = kit.Story()
    story.make({"A": 5}, {}, "smelting", transformation_id="urn:t:1", site=kit.DEPOT, event_id="urn:e:1")
    story.make({"A": 4}, {"B": 8}, transformation_id="urn:t:1", site=kit.PLANT, event_id="urn:e:2")
    [entry] = _events(kit, story, "B")
    assert (entry["event_id"], entry["type"], entry["country"]) == ("urn:e:2", "smelting", "MY")
    assert entry["input_quantity_list"] == [{"batch_id": kit.lot("A"), "weight_kg": "9"}]
    assert entry["output_quantity_list"] == [{"batch_id": kit.lot("B"), "weight_kg": "8"}]


def test_a_bag_named_gives_the_kilograms_inside(kit):
    story = kit.Story()
    story.pack("1", {"A": 30, "B": 20})
    story.pack("2", {"A": 10})
    story.send(bags=["1", "2"])
    lines = _list(_events(kit, story, "A")[-1])
    assert {name: line["weight_kg"] for name, line in lines.items()} == {"A": "40", "B": "20"}
    assert lines["A"]["tag_ids"] == [kit.bag("1"), kit.bag("2")]
    assert lines["B"]["tag_ids"] == [kit.bag("1")]


def test_a_stated_quantity_counts_before_the_bags(kit):
    story = kit.Story()
    story.pack("1", {"A": 30, "B": 20})
    story.send({"A": 31}, bags=["1"])
    lines = _list(_events(kit, story, "A")[-1])
    assert set(lines) == {"A"}
    assert lines["A"]["weight_kg"] == "31"
    assert lines["A"]["tag_ids"] == [kit.bag("1")]
    assert lines["A"]["untagged_kg"] == "1"


def test_a_batch_used_up_by_bag_does_not_vanish_behind_one_used_up_by_weight(kit):
    story = kit.Story()
    story.pack("1", {"A": 30, "B": 20})
    story.make({"A": 31, "C": 5}, {"D": 56}, bags=["1"])
    found = kit.facts(story, "D")
    lines = _list(found.events[-1], "input_quantity_list")
    assert {name: line["weight_kg"] for name, line in lines.items()} == {"A": "31", "B": "20", "C": "5"}
    assert kit.lot("B") in found.batches


def test_a_container_of_bags_is_no_tag(kit):
    story = kit.Story()
    story.pack("1", {"A": 30})
    story.pack("box", {}, inner=["1"])
    story.send(bags=["box"])
    assert _list(_events(kit, story, "A")[-1])["A"]["tag_ids"] == [kit.bag("1")]


def test_the_birth_carries_the_bags_packed_before_the_first_move(kit):
    story = kit.Story()
    story.born("A", 100)
    story.pack("1", {"A": 50})
    story.pack("2", {"A": 49})
    story.observe("inspecting", {"A": 100})
    story.send(bags=["1"])
    story.pack("3", {"A": 1})
    [born, *_] = _events(kit, story, "A")
    assert born["quantity_list"][0]["tag_ids"] == [kit.bag("1"), kit.bag("2")]
    assert "untagged_kg" not in born["quantity_list"][0]


@pytest.mark.parametrize(("packed", "untagged"), [(98, None), ("97.9", "2.1"), (50, "50")])
def test_less_than_98_per_cent_in_bags_is_partly_untagged(kit, packed, untagged):
    story = kit.Story()
    story.born("A", 100)
    story.pack("1", {"A": packed})
    assert _events(kit, story, "A")[0]["quantity_list"][0].get("untagged_kg") == untagged


def test_an_input_carries_every_bag_packed_before(kit):
    story = kit.Story()
    story.born("A", 100)
    story.pack("1", {"A": 60})
    story.send(bags=["1"])
    story.take(bags=["1"])
    story.unpack("1")
    story.make({"A": 100}, {"B": 100})
    story.pack("2", {"A": 5})
    use = next(entry for entry in _events(kit, story, "B") if entry["type"] == "consolidation")
    line = use["input_quantity_list"][0]
    assert (line["tag_ids"], line["untagged_kg"]) == ([kit.bag("1")], "40")


def test_an_input_by_bag_carries_that_bag(kit):
    story = kit.Story()
    story.born("A", 100)
    story.pack("1", {"A": 60})
    story.pack("2", {"A": 40})
    story.make({}, {"B": 60}, bags=["1"])
    [line] = _events(kit, story, "B")[-1]["input_quantity_list"]
    assert line == {"batch_id": kit.lot("A"), "weight_kg": "60", "tag_ids": [kit.bag("1")]}


def test_commissioning_a_tag_creates_no_batch(kit):
    story = kit.Story()
    story.born("A", 100)
    story.pack("1", {"A": 100})
    story.add("ObjectEvent", "ADD", "commissioning", epcs=(kit.bag("1"),), event_id="tag")
    tag = next(entry for entry in _events(kit, story, "A") if entry["event_id"] == "tag")
    assert "quantity_list" not in tag
    assert kit.kinds(story, "A").keys().isdisjoint({"double_spend", "excess_weight"})


def test_seals_of_the_event_and_of_closed_bags(kit):
    story = kit.Story()
    story.pack("1", {"A": 10}, seal="S1")
    story.pack("2", {"A": 10}, seal="S2")
    story.send(bags=["1", "2"], extensions={"crm:sealNumber": ["T1", "T2", ""]})
    story.unpack("1")
    story.take(bags=["1", "2"])
    entries = _events(kit, story, "A")
    assert [entry.get("seal_numbers") for entry in entries] == [
        ["S1"],
        ["S2"],
        ["T1", "T2", "S1", "S2"],
        ["S1"],
        ["S2"],
    ]


def test_partial_is_lighter_than_98_per_cent_of_the_balance(kit):
    story = kit.Story()
    story.born("A", 100)
    story.send({"A": "97.99"})
    story.send({"A": 98})
    story.lose({"A": 50})
    story.send({"A": 49})
    entries = _events(kit, story, "A")
    assert [_list(entry)["A"].get("partial") for entry in (entries[1], entries[2], entries[4])] == [True, None, None]


def test_of_a_batch_never_born_nothing_is_partial(kit):
    story = kit.Story()
    story.send({"A": 1})
    assert "partial" not in _list(_events(kit, story, "A")[0])["A"]


def test_what_is_taken_away_is_an_input(kit):
    story = kit.Story()
    story.born("A", 100)
    story.lose({"A": 2}, extensions={"crm:gradePercent": Decimal("60.5")})
    line = _events(kit, story, "A")[1]["input_quantity_list"][0]
    assert line == {"batch_id": kit.lot("A"), "weight_kg": "2", "grade_pct": "60.5"}


def test_wrong_events_and_declarations_stand_last(kit):
    story = kit.Story()
    story.born("A", 100, event_id="born")
    wrong = story.send({"A": 100}, event_id="wrong")
    story.observe("inspecting", {"A": 100}, event_id="assay")
    story.declare_wrong(wrong, "right")
    story.send({"A": 90}, event_id="right", hours=9)
    entries = _events(kit, story, "A")
    assert [entry["event_id"] for entry in entries] == ["born", "assay", "right", "wrong", "wrong"]
    assert [entry.get("error_declaration") for entry in entries] == [None, None, None, None, True]
    assert kit.facts(story, "A").pending == []


def test_a_wrong_event_is_read_at_its_own_time(kit):
    story = kit.Story()
    story.pack("1", {"A": 10})
    wrong = story.send(bags=["1"], event_id="wrong")
    story.unpack("1")
    story.declare_wrong(wrong)
    entries = _events(kit, story, "A")
    assert [_list(entry)["A"]["weight_kg"] for entry in entries[2:]] == ["10", "10"]


def test_a_wrong_event_moves_no_balance(kit):
    story = kit.Story()
    story.born("A", 100)
    wrong = story.lose({"A": 60})
    story.declare_wrong(wrong)
    story.send({"A": 100}, hours=9)
    assert "partial" not in _list(_events(kit, story, "A")[1])["A"]


def test_upstream_parties_have_their_sites_and_purchases(kit):
    story = kit.Story()
    story.born("A", 100)
    story.send({"A": 100}, papers=[("bol", "1")])
    story.take({"A": 100}, papers=[("bol", "1")])
    story.send({"A": 100}, kit.TRADER, kit.SMELTER, read_point=kit.DEPOT)
    story.observe("accepting", {"A": 100}, sources=kit.owning(kit.TRADER), destinations=kit.owning(kit.SMELTER))
    found = {entry["party_id"]: entry for entry in kit.facts(story, "A").upstream_parties}
    pit = {"country": "CD", "subdivision": "CD-NK"}
    assert found[kit.MINE] == {"party_id": kit.MINE, "operating_locations": [pit | {"site_id": kit.PIT}]}
    assert found[kit.TRADER]["sourced_from"] == [pit | {"date": "2026-01-01"}]
    assert found[kit.SMELTER] == {
        "party_id": kit.SMELTER,
        "operating_locations": [{"country": "MY", "site_id": kit.PLANT}],
        "sourced_from": [{"country": "RW", "date": "2026-01-01"}],
    }


def test_parties_of_a_replaced_event_are_not_met(kit):
    story = kit.Story()
    wrong = story.born("A", 100, party="did:web:wrong.example", site=None)
    declared = story.declare_wrong(wrong, "right")
    assert kit.facts(story, "A").parties == {"did:web:wrong.example"}
    story.born("A", 100, event_id="right")
    assert kit.facts(story, "A").parties == {kit.MINE}
    assert declared.error_declaration


def test_operators_of_sites_are_met_too(kit):
    story = kit.Story()
    story.observe("storing", {"A": 5}, read_point=kit.PORT)
    found = kit.facts(story, "A")
    assert (found.parties, found.upstream_parties) == ({kit.IMPORTER}, [])


def test_a_chain_too_long_for_one_document_is_pending(kit, monkeypatch):
    monkeypatch.setattr(facts_module, "MAX_EVENTS", 1)
    story = kit.Story()
    story.born("A", 5)
    assert kit.facts(story, "A").pending == []
    story.observe("storing", {"A": 5})
    assert kit.facts(story, "A").pending == ["the chain has 2 events; one assessment takes 1"]


def test_holds_of_the_service_are_no_custody(kit):
    story = kit.Story()
    story.born("A", 5)
    story.observe("holding", {"A": 5})
    world = type(kit.WORLD)(service="did:web:service.example")
    by_service = [*kit.recorded(story.events[:1]), Recorded(story.events[1], 1, kit.START, "did:web:service.example")]
    by_party = [*kit.recorded(story.events[:1]), Recorded(story.events[1], 1, kit.START, kit.MINE)]
    as_of = date(2026, 6, 1)
    assert len(kit.facts(by_service, "A", world=world, as_of=as_of).events) == 1
    assert len(kit.facts(by_party, "A", world=world, as_of=as_of).events) == 2


def test_no_event_is_an_empty_list(kit):
    found = kit.facts(kit.Story(), "A")
    assert (found.events, found.pending, found.batches) == ([], [], {kit.lot("A")})
