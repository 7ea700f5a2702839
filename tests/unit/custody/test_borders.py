"""The country of a point: where the map is sure, and nothing where it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.custody.borders import SURE_KM, country_at
from traceability.custody.places import distance_km

# Places anybody can look up; degrees to two digits.
SURE = {
    "Kigali": (-1.95, 30.06, "RW"),
    "Rubaya": (-1.55, 28.87, "CD"),
    "Walikale": (-1.42, 28.06, "CD"),
    "Kolwezi": (-10.71, 25.47, "CD"),
    "Huanuni": (-18.28, -66.83, "BO"),
    "Pitinga": (-0.75, -60.10, "BR"),
    "Greenbushes": (-33.85, 116.06, "AU"),
    "Urumqi": (43.82, 87.60, "CN"),
    "Hong Kong": (22.30, 114.17, "HK"),
    "Taipei": (25.04, 121.50, "TW"),
    "the Maasvlakte, built into the sea": (51.95, 4.02, "NL"),
    "the port of Dar es Salaam": (-6.83, 39.29, "TZ"),
    "the town of Antwerp": (51.21, 4.40, "BE"),
    "a country inside another": (-29.60, 28.20, "LS"),
    "Chukotka, beyond the date line": (66.0, -179.9, "RU"),
    "Fiji, on the date line": (-16.80, 179.99, "FJ"),
}
BORDERS = {
    "Goma and Gisenyi": (-1.68, 29.23, "CD and RW"),
    "Bukavu and Cyangugu": (-2.51, 28.86, "CD and RW"),
    "Kasumbalesa": (-12.27, 27.80, "CD and ZM"),
    "Lake Kivu": (-2.0, 29.1, "CD and RW"),
    "Basel": (47.57, 7.59, "CH and DE and FR"),
}
CONTESTED = {
    "Simferopol": (44.95, 34.10),
    "Pristina": (42.66, 21.16),
    "Hargeisa": (9.56, 44.06),
    "Srinagar": (34.08, 74.80),
    "Laayoune": (27.15, -13.20),
    "Donetsk": (48.00, 37.80),
    "Kyrenia": (35.34, 33.32),
    "Tiraspol": (46.84, 29.63),
}
WORLD = st.floats(-90, 90), st.floats(-180, 180)


@pytest.mark.parametrize("name", SURE)
def test_a_country_where_the_map_is_sure(name):
    latitude, longitude, country = SURE[name]
    assert country_at(latitude, longitude) == (country, "")


@pytest.mark.parametrize("name", BORDERS)
def test_none_near_a_border(name):
    latitude, longitude, between = BORDERS[name]
    found = country_at(latitude, longitude)
    assert (found.country, f"border of {between}" in found.why) == (None, True), found


@pytest.mark.parametrize("name", CONTESTED)
def test_none_where_states_do_not_agree(name):
    found = country_at(*CONTESTED[name])
    assert (found.country, "states do not agree" in found.why) == (None, True), found


@pytest.mark.parametrize("point", [(0.0, 0.0), (90.0, 0.0), (54.0, 3.0), (-60.0, 180.0)])
def test_none_at_sea(point):
    assert country_at(*point) == (None, "it lies at sea")


@given(*WORLD)
def test_every_point_of_the_world_has_a_country_or_a_reason(latitude, longitude):
    found = country_at(latitude, longitude)
    assert bool(found.country) != bool(found.why)


@given(*WORLD, st.floats(-0.04, 0.04), st.floats(-0.04, 0.04))
def test_two_points_nearer_than_the_margin_are_never_in_two_countries(latitude, longitude, north, east):
    there = (max(min(latitude + north, 90), -90), max(min(longitude + east, 180), -180))
    one, other = country_at(latitude, longitude).country, country_at(*there).country
    if one and other and distance_km((latitude, longitude), there) < SURE_KM / 2:
        assert one == other
