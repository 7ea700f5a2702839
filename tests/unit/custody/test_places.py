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
        ("geo:-1.5,28.8", None, {}, (None, None, None)),
        ("geo:-1.5,28.8", UNKNOWN, {}, (UNKNOWN, None, None)),
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
            Site(
                kit.PIT.upper().replace("HTTPS://ID.MINE.EXAMPLE/SITE", "HTTPS://ID.MINE.EXAMPLE/site"), kit.MINE, "RW"
            ),
            Site(kit.PIT, kit.MINE, "UG", valid_from=date(2026, 1, 1), valid_to=date(2026, 1, 1)),
        ]
    )
    assert _where(kit, _born(kit, kit.PIT), World(sites=sites))[1] == "UG"
    world = World(sites=sites)
    assert [world.site(kit.PIT, date(2026, 1, day)).country for day in (1, 2)] == ["UG", "RW"]
    assert world.site(UNKNOWN, date(2026, 1, 1)) is None


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
