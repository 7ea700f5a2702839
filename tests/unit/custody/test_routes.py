"""Transport in a third country is transit (facts.md 4)."""

import pytest

from traceability.custody.model import Site, World, by_uri
from traceability.events.model import Endpoint

LEG = "https://leg.example/site"


def _types(kit, country, *, sent=True, taken=False, destination=None, goods=None, born=True, target=None):
    story = kit.Story()
    goods = goods or {"A": 5}
    if born:
        story.born("A", 5)
    if sent:
        ends = kit.possessing(kit.TRADER)
        if target:
            ends = (*ends, Endpoint("location", target))
        story.observe("shipping", {"A": 5}, source=kit.MINE, destinations=ends, read_point=kit.PIT)
    story.observe("transporting", goods, read_point=LEG)
    if taken:
        story.take({"A": 5})
    sites = dict(kit.WORLD.sites) | by_uri([Site(LEG, kit.TRADER, country)])
    found = kit.facts(story, "A", world=World(sites=sites), destination_country=destination)
    return next(entry["type"] for entry in found.events if entry["type"].startswith("trans"))


@pytest.mark.parametrize(
    ("country", "story", "expected"),
    [
        ("CD", {}, "transport"),
        ("RW", {}, "transit"),
        ("RW", {"taken": True}, "transport"),
        ("UG", {"taken": True}, "transit"),
        ("NL", {"destination": "NL"}, "transport"),
        ("NL", {"taken": True, "destination": "NL"}, "transit"),
        ("MY", {"target": "https://id.smelter.example/site"}, "transport"),
        ("MY", {"target": "https://unheard.example/site"}, "transit"),
        ("CD", {"sent": False}, "transport"),
        ("RW", {"sent": False}, "transit"),
        ("RW", {"sent": False, "born": False}, "transit"),
    ],
)
def test_a_leg_is_in_transit_where_it_is_neither_start_nor_end(kit, country, story, expected):
    assert _types(kit, country, **story) == expected


def test_an_unknown_country_is_never_transit(kit):
    story = kit.Story()
    story.born("A", 5)
    story.observe("transporting", {"A": 5}, read_point="https://unheard.example/site")
    assert kit.facts(story, "A").events[1]["type"] == "transport"


def test_a_leg_of_two_batches_is_in_transit_when_it_is_for_one(kit):
    story = kit.Story()
    story.born("A", 5)
    story.born("B", 5, site=kit.DEPOT)
    story.observe("transporting", {"A": 5, "B": 5}, read_point=kit.DEPOT)
    story.make({"A": 5, "B": 5}, {"C": 10})
    assert kit.facts(story, "C").events[2]["type"] == "transit"


def test_events_without_kilograms_form_one_thread(kit):
    story = kit.Story()
    story.pack("1", {"A": 5})
    story.unpack("1", {"A": 5})
    story.observe("shipping", bags=["1"], source=kit.MINE, read_point=kit.PIT)
    story.observe("transporting", bags=["1"], read_point=kit.PIT)
    story.observe("storing", {"A": 5})
    assert [entry["type"] for entry in kit.facts(story, "A").events] == ["other", "other", "transport"]


def test_a_dispatch_of_unknown_place_leaves_the_birth_as_start(kit):
    story = kit.Story()
    story.born("A", 5)
    story.send({"A": 5}, read_point=None)
    story.observe("transporting", {"A": 5}, read_point=kit.PIT)
    assert kit.facts(story, "A").events[2]["type"] == "transport"


def test_purchases_need_a_known_place_of_dispatch(kit):
    story = kit.Story()
    story.send({"A": 5}, read_point=None)
    story.take({"A": 5})
    story.observe("accepting", {"A": 5}, destinations=kit.owning(kit.TRADER))
    story.observe("accepting", {"A": 5}, destinations=kit.owning(kit.IMPORTER))
    assert all("sourced_from" not in party for party in kit.facts(story, "A").upstream_parties)
