"""Where an event happened (facts.md 6)."""

from datetime import date

import pytest

from traceability.custody.model import Site, World, by_uri
from traceability.custody.places import coordinates, distance_km, is_geo


def _where(kit, story, world=None):
    entry = kit.facts(story, "A", world=world or kit.WORLD).events[0]
    return entry.get("site_id"), entry.get("country"), entry.get("subdivision")


def _born(kit, site, place=None, **ilmd):
    story = kit.Story()
    story.born("A", 5, site=site, biz_location=place, ilmd={f"crm:{name}": value for name, value in ilmd.items()})
    return story


UNKNOWN = "https://nowhere.example/site"


@pytest.mark.parametrize(
    ("point", "location", "ilmd", "expected"),
    [
        ("PIT", None, {}, ("PIT", "CD", "CD-NK")),
        ("PIT", "DEPOT", {}, ("PIT", "CD", "CD-NK")),
        (UNKNOWN, "DEPOT", {}, ("DEPOT", "RW", None)),
        ("geo:-1.5,28.8", "PIT", {}, ("PIT", "CD", "CD-NK")),
        ("geo:-1.5,28.8", None, {}, (None, "CD", None)),
        ("geo:-1.5,28.8", UNKNOWN, {}, (UNKNOWN, "CD", None)),
        ("geo:-1.5,28.8", None, {"originCountry": "CD", "originRegion": "CD-NK"}, (None, "CD", "CD-NK")),
        ("geo:-1.5,28.8", None, {"originCountry": "RW", "originRegion": "RW-01"}, (None, "CD", None)),
        ("geo:-1.68,29.23", None, {}, (None, None, None)),
        ("geo:-1.68,29.23", None, {"originCountry": "RW"}, (None, "RW", None)),
        ("geo:0,0", None, {"originCountry": "CD"}, (None, "CD", None)),
        ("geo:91,0", None, {}, (None, None, None)),
        (UNKNOWN, None, {"originCountry": "CD"}, (UNKNOWN, "CD", None)),
        (None, None, {"originCountry": "CD", "originRegion": "CD-SK"}, (None, "CD", "CD-SK")),
        (None, None, {"originCountry": "CD", "originRegion": "RW-01"}, (None, "CD", None)),
        (None, None, {"originCountry": "Congo"}, (None, None, None)),
        (None, None, {"originRegion": "CD-SK"}, (None, None, None)),
        ("DEPOT", None, {"originCountry": "CD", "originRegion": "CD-NK"}, ("DEPOT", "RW", None)),
    ],
)
def test_the_registered_site_then_the_stated_origin(kit, point, location, ilmd, expected):
    resolve = {"PIT": kit.PIT, "DEPOT": kit.DEPOT}
    story = _born(kit, resolve.get(point, point), resolve.get(location, location), **ilmd)
    assert _where(kit, story) == (resolve.get(expected[0], expected[0]), *expected[1:])


def test_an_origin_places_only_a_birth(kit):
    story = kit.Story()
    story.observe("storing", {"A": 5}, extensions={"crm:originCountry": "CD"})
    assert _where(kit, story) == (None, None, None)


def test_a_site_counts_on_the_days_it_is_registered_for(kit):
    sites = by_uri(
        [
            Site(kit.PIT, kit.MINE, "CD", valid_to=date(2025, 12, 31)),
            Site(kit.PIT.replace("https://id.mine", "HTTPS://ID.MINE"), kit.MINE, "RW"),
            Site(kit.PIT, kit.MINE, "UG", valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 1)),
        ]
    )
    assert _where(kit, _born(kit, kit.PIT), World(sites=sites))[1] == "UG"
    world = World(sites=sites)
    assert [world.site(kit.PIT, date(2026, 1, day), 0).country for day in (1, 2)] == ["UG", "RW"]
    assert world.site(UNKNOWN, date(2026, 1, 1), 0) is None


def _registered(kit, *rows):
    """Return a world in which the pit was registered as (ledger index, country, first day, last day) say."""
    return World(
        sites=by_uri(
            Site(kit.PIT, kit.MINE, country, valid_from=first, valid_to=last, registered=index)
            for index, country, first, last in rows
        )
    )


FIRST, MIDDLE, LAST = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)


@pytest.mark.parametrize(
    ("rows", "index", "expected"),
    [
        ([(5, "RW", FIRST, None), (9, "UG", FIRST, None)], 7, "RW"),  # an event recorded before a correction stays
        ([(5, "RW", FIRST, None), (9, "UG", FIRST, None)], 10, "UG"),  # one after it stands at the corrected place
        ([(5, "RW", MIDDLE, None), (9, "UG", FIRST, None)], 10, "UG"),  # from an earlier day too
        ([(5, "RW", FIRST, None), (9, "UG", LAST, None)], 10, "RW"),  # moved later: the day before is what it was
        ([(5, "RW", None, None), (9, "UG", None, None)], 10, "UG"),
        ([(5, "RW", FIRST, None), (9, "RW", FIRST, date(2026, 2, 1))], 10, None),  # closed: no site on that day
        ([(5, "RW", FIRST, None), (9, "RW", FIRST, date(2026, 2, 1))], 7, "RW"),
        ([(9, "UG", FIRST, None), (12, "RW", FIRST, None)], 7, "UG"),  # registered late: the first word stands
        ([(9, "UG", LAST, None)], 7, None),
    ],
)
def test_the_registration_known_when_the_event_came_counts(kit, rows, index, expected):
    site = _registered(kit, *rows).site(kit.PIT, MIDDLE, index)
    assert (site and site.country) == expected


def test_a_place_belongs_to_the_party_that_registered_it_first(kit):
    shouted = kit.PIT.replace("https://id.mine", "HTTPS://ID.MINE")
    sites = [Site(kit.PIT, kit.MINE, "CD", registered=1), Site(shouted, kit.TRADER, "RU", FIRST, registered=2)]
    world = World(sites=by_uri(sites))
    assert [world.site(uri, MIDDLE, 10).party for uri in (kit.PIT, shouted)] == [kit.MINE] * 2
    assert world.sites_by_party(MIDDLE) == {kit.MINE: sites[:1]}


def test_a_later_part_of_a_transformation_does_not_move_it(kit):
    story = kit.Story()
    story.born("A", 5)
    for output in ("B", "C"):
        story.make({"A": 2}, {output: 2}, site=kit.PIT, transformation_id="urn:uuid:1")
    world = _registered(kit, (0, "CN", FIRST, None), (2, "RW", FIRST, None))
    places = [event["country"] for event in kit.facts(story, "B", "C", world=world).events if "country" in event]
    assert "RW" not in places


def test_every_place_a_site_was_said_to_be_stands_among_its_partys_locations(kit):
    world = _registered(kit, (1, "CN", FIRST, None), (2, "RW", FIRST, None), (3, "RW", FIRST, None))
    assert [site.country for site in world.sites_by_party(MIDDLE)[kit.MINE]] == ["CN", "RW"]
    closed = _registered(kit, (1, "CN", FIRST, None), (2, "CN", FIRST, date(2026, 2, 1)))
    assert closed.sites_by_party(MIDDLE) == {}


def test_a_registration_that_contradicts_the_one_that_counts_is_noted(kit):
    story = _born(kit, kit.PIT)
    world = _registered(kit, (-1, "CN", None, None), (5, "RW", None, None))
    notes = [note for note in kit.facts(story, "A", world=world).notes if note.kind == "site_contradicted"]
    assert len(notes) == 1
    assert "registered in CN" in notes[0].message
    assert "registration in RW" in notes[0].message
    assert _where(kit, story, world)[1] == "CN"
    agreeing = _registered(kit, (-1, "CN", None, None), (5, "CN", None, None))
    assert "site_contradicted" not in {note.kind for note in kit.facts(story, "A", world=agreeing).notes}


def test_the_day_is_the_one_written_in_the_event(kit):
    world = World(sites=by_uri([Site(kit.PIT, kit.MINE, "CD", valid_from=date(2026, 1, 2))]))
    story = kit.Story()
    story.born("A", 5, hours=17)
    event = story.events[0]
    assert event.event_time.date() == date(2026, 1, 2)
    assert _where(kit, story, world)[1] == "CD"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("geo:-1.5667,28.8833", (-1.5667, 28.8833)),
        ("GEO:1,2;u=35", (1.0, 2.0)),
        ("geo:1,2,300", (1.0, 2.0)),
        ("geo:91,2", None),
        ("geo:1,181", None),
        ("geo:1", None),
        ("https://a.example", None),
    ],
)
def test_coordinates_of_a_geo_uri(uri, expected):
    assert coordinates(uri) == expected
    assert is_geo(uri) is uri.lower().startswith("geo:")


def test_distances_are_great_circles():
    goma, rotterdam = (-1.68, 29.22), (51.92, 4.48)
    assert distance_km(goma, goma) == 0
    assert 6350 < distance_km(goma, rotterdam) < 6450
    assert round(distance_km((0, 0), (0, 180))) == 20015
