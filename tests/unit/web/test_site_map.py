"""The drawn map: every place on it or said to be missing, listed ones by shape and not by colour, light enough."""

import re

import pytest

from traceability.services.site_map import Leg, Place, SiteMap, Spot
from traceability.web import site_map

PIT, PORT = (-1.55, 28.88), (53.53, 9.98)


def spot(number, at=(None, None), area="not_listed", country="CD"):
    return Spot(number, Place(f"https://id.example/{number}", country, None, *at), None, (number,), area)


def made(*spots, legs=(), **more):
    return SiteMap(spots, legs, **{"unplaced": 0, "version": "2026-06", "countries": frozenset({"CD"}), **more})


def test_a_map_draws_what_has_coordinates_and_says_what_has_none():
    found = made(
        spot(1, PIT, "listed"),
        spot(2, PORT, country="DE"),
        spot(3),
        legs=[Leg(1, 2, "", "", ()), Leg(2, 3, "", "", ())],
    )
    drawn = site_map.picture(found)
    assert [(mark.numbers, mark.listed) for mark in drawn.marks] == [("1", True), ("2", False)]
    assert len(drawn.legs) == 1, "a leg to a place that is not on the map has no end to draw"
    assert drawn.marks[1].y < drawn.marks[0].y, "north is up"
    assert site_map.summary(found) == (
        "3 sites, 2 legs, 1 in a listed conflict-affected or high-risk area, 1 without coordinates, so not on the map"
    )


def test_only_listed_countries_are_hatched():
    drawn = site_map.picture(made(spot(1, PIT), spot(2, PORT)))
    nothing = site_map.picture(made(spot(1, PIT), spot(2, PORT), countries=frozenset()))
    assert nothing.hatched == ""
    assert 0 < len(drawn.hatched) < len(drawn.land) < len(nothing.land)


@pytest.mark.parametrize(
    "spots", [(PIT, PORT), (PIT, (30, 120), (-33, -70)), (PIT,), ((-18.1, 178.4), (-13.8, -171.8))]
)
def test_a_map_is_light_and_runs_in_whole_pixels(spots):
    drawn = site_map.picture(made(*(spot(n, at) for n, at in enumerate(spots, start=1))))
    assert len(drawn.land) + len(drawn.hatched) < 90_000
    assert not re.search(r"[^Mlz0-9 -]", drawn.land)
    assert all(0 <= mark.x <= drawn.width and 0 <= mark.y <= drawn.height for mark in drawn.marks)


def test_of_very_many_sites_no_map_is_drawn_and_of_very_many_events_the_first_are_named():
    many = made(*(spot(number, PIT) for number in range(1, 202)))
    context = site_map.context(many)
    assert (context["map_picture"], context["map_too_large"]) == (None, True)
    assert "201 sites" in context["map_words"]
    assert site_map.context(made(*many.spots[:200]))["map_picture"].marks[0].numbers.startswith("1, 2, 3")
    assert site_map._entries(range(1, 24)) == ", ".join(map(str, range(1, 21))) + " and 3 more"
    assert site_map._entries((7, 8)) == "7, 8"


def test_without_coordinates_there_is_no_picture_and_without_the_list_no_area():
    found = made(spot(1, area="not_known"), version=None, unplaced=2)
    assert site_map.picture(found) is None
    assert "not loaded" in site_map.source(found)
    assert "of 1 it is not known whether it lies in a listed area" in site_map.summary(found)
    assert "2 events without a place" in site_map.summary(found)
