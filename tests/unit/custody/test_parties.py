"""Who acted, who held, and whose signature that takes (facts.md 6)."""

import pytest

from traceability.custody.model import Recorded
from traceability.custody.parties import signature_status, worst


def _entry(kit, story, *names, **more):
    return kit.facts(story, *names, **more).events[-1]


def _signed(kit, story, name, signer, **more):
    """Return the signature status of the last event of the story when everything is signed by one party."""
    return kit.facts(kit.recorded(story.events, signer, **more), name).events[-1]["signature_status"]


def _statuses(kit, story, name):
    parties = (kit.MINE, kit.TRADER, kit.SMELTER, kit.IMPORTER)
    return [party for party in parties if _signed(kit, story, name, party) == "valid"]


STORIES = {
    "birth": (lambda kit, story: story.born("A", 5, party=kit.TRADER), ["TRADER"]),
    "dispatch": (lambda kit, story: story.send({"A": 5}, kit.TRADER, kit.SMELTER), ["TRADER"]),
    "receipt": (lambda kit, story: story.take({"A": 5}, kit.TRADER, kit.SMELTER), ["SMELTER"]),
    "back": (lambda kit, story: story.observe("void_shipping", {"A": 5}, source=kit.TRADER), ["TRADER"]),
    "leg": (
        lambda kit, story: story.observe("transporting", {"A": 5}, source=kit.TRADER, destination=kit.SMELTER),
        ["TRADER", "SMELTER"],
    ),
    "sale": (
        lambda kit, story: story.observe(
            "accepting", {"A": 5}, sources=kit.owning(kit.TRADER), destinations=kit.owning(kit.IMPORTER)
        ),
        ["TRADER", "IMPORTER"],
    ),
    "import": (
        lambda kit, story: story.observe(
            "arriving",
            {"A": 5},
            papers=[("crm:customsDeclaration", "1")],
            sources=kit.owning(kit.TRADER),
            destinations=kit.owning(kit.IMPORTER),
        ),
        ["IMPORTER"],
    ),
    "export": (
        lambda kit, story: story.observe(
            "departing",
            {"A": 5},
            papers=[("crm:customsDeclaration", "1")],
            sources=kit.owning(kit.TRADER),
            destinations=kit.owning(kit.IMPORTER),
        ),
        ["TRADER"],
    ),
    "site": (lambda kit, story: story.make({"A": 5}, {"B": 5}, site=kit.PLANT), ["SMELTER"]),
    "holder": (lambda kit, story: story.make({"A": 5}, {"B": 5}, site=None), ["MINE"]),
    "assay": (lambda kit, story: story.observe("inspecting", {"A": 5}), ["MINE"]),
    "sample": (lambda kit, story: story.lose({"A": 1}, read_point=kit.DEPOT), ["TRADER"]),
    "nobody": (lambda kit, story: story.observe("shipping", {"A": 5}), []),
}


@pytest.mark.parametrize("name", STORIES)
def test_only_the_acting_party_can_sign(kit, name):
    story = kit.Story()
    story.born("A", 5)
    write, expected = STORIES[name]
    write(kit, story)
    assert _statuses(kit, story, "A") == [getattr(kit, party) for party in expected]


def test_the_holder_after_a_receipt_is_the_receiver(kit):
    story = kit.Story()
    story.born("A", 5)
    story.send({"A": 5})
    story.observe("inspecting", {"A": 5})
    assert _statuses(kit, story, "A") == [kit.MINE]
    story.take({"A": 5})
    story.observe("inspecting", {"A": 5})
    assert _statuses(kit, story, "A") == [kit.TRADER]


def test_a_batch_in_parts_has_several_holders(kit):
    story = kit.Story()
    story.born("A", 10)
    story.send({"A": 4})
    story.take({"A": 4})
    story.observe("inspecting", {"A": 4})
    assert _statuses(kit, story, "A") == [kit.MINE, kit.TRADER]


def test_who_made_a_batch_holds_it(kit):
    story = kit.Story()
    story.make({"A": 5}, {"B": 5}, site=kit.PLANT)
    story.observe("inspecting", {"B": 5})
    assert _statuses(kit, story, "B") == [kit.SMELTER]


def test_holders_of_all_inputs_are_asked_for(kit):
    story = kit.Story()
    story.born("A", 5, party=kit.MINE)
    story.born("B", 5, party=kit.TRADER)
    story.make({"A": 5, "B": 5}, {"C": 5}, site=None)
    assert _statuses(kit, story, "C") == []


def test_an_alias_of_a_party_is_that_party(kit):
    story = kit.Story()
    story.born("A", 5, party="https://lei.example/TRADER")
    assert _statuses(kit, story, "A") == [kit.TRADER]
    assert _entry(kit, story, "A")["destination_party"] == kit.TRADER


def test_possession_gives_parties_and_ownership_does_not(kit):
    story = kit.Story()
    story.observe("accepting", {"A": 5}, sources=kit.owning(kit.MINE), destinations=kit.owning(kit.TRADER))
    assert not {"source_party", "destination_party"} & set(_entry(kit, story, "A"))
    story.send({"A": 5}, "did:web:unheard.example")
    assert _entry(kit, story, "A")["source_party"] == "did:web:unheard.example"


def test_goods_that_came_back_name_no_parties(kit):
    story = kit.Story()
    story.observe("void_shipping", {"A": 5}, source=kit.MINE, destination=kit.TRADER)
    entry = _entry(kit, story, "A")
    assert entry["type"] == "receipt"
    assert not {"source_party", "destination_party"} & set(entry)


def test_two_possessors_on_one_side_name_nobody(kit):
    story = kit.Story()
    story.observe("storing", {"A": 5}, sources=kit.possessing(kit.MINE, kit.TRADER))
    assert "source_party" not in _entry(kit, story, "A")
    assert kit.kinds(story, "A")["ambiguous_party"] == 1


@pytest.mark.parametrize("verdict", ["invalid", "key_revoked"])
def test_a_broken_signature_comes_before_who_gave_it(kit, verdict):
    story = kit.Story()
    story.born("A", 5)
    assert _signed(kit, story, "A", kit.MINE, verdict=verdict) == verdict


def test_a_relayed_credential_of_the_acting_party_is_valid(kit):
    story = kit.Story()
    story.born("A", 5)
    assert _signed(kit, story, "A", kit.IMPORTER) == "unsigned"
    assert _signed(kit, story, "A", kit.IMPORTER, credential_by=kit.MINE) == "valid"
    assert _signed(kit, story, "A", kit.MINE, credential_by=kit.IMPORTER) == "valid"
    assert _signed(kit, story, "A", None) == "unsigned"


def test_a_counter_signature_of_the_acting_party_is_valid(kit):
    story = kit.Story()
    story.born("A", 5)
    signed = {"counter_signers": (kit.TRADER, kit.MINE)}
    assert _signed(kit, story, "A", kit.IMPORTER, **signed) == "valid"
    assert _signed(kit, story, "A", kit.IMPORTER, counter_signers=(kit.TRADER,)) == "unsigned"
    assert _signed(kit, story, "A", kit.IMPORTER, verdict="key_revoked", **signed) == "valid"
    assert _signed(kit, story, "A", kit.IMPORTER, verdict="invalid", **signed) == "invalid"


def test_the_worst_signature_counts_for_a_joined_transformation(kit):
    story = kit.Story()
    first = story.make({"A": 5}, {}, transformation_id="urn:t:1", site=kit.DEPOT)
    second = story.make({}, {"B": 5}, transformation_id="urn:t:1", site=kit.DEPOT)
    entries = [
        Recorded(first, 0, first.event_time, kit.TRADER),
        Recorded(second, 1, second.event_time, kit.TRADER, verdict="key_revoked"),
    ]
    assert kit.facts(entries, "B").events[0]["signature_status"] == "key_revoked"
    assert signature_status(entries[0], frozenset({kit.TRADER}), kit.WORLD) == "valid"
    assert worst(["valid", "unsigned", "key_revoked", "invalid"]) == "invalid"
