"""A map is a picture of its own: well-formed, every place inside it, the date line crossed on the short side."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.diligence.reports.model import Map, Point
from traceability.services.reports.render.map_svg import as_map_svg

SVG = "{http://www.w3.org/2000/svg}"
ROUTE = Map(
    "Sites", (Point(1, "Rubaya", -1.55, 28.88), Point(2, "Goma", -1.67, 29.22), Point(5, "Rotterdam", 51.95, 4.14)),
    ((1, 2), (2, 5)),
)  # fmt: skip


def drawn(one):
    tree = ET.fromstring(as_map_svg(one))
    size = float(tree.get("width")), float(tree.get("height"))
    marks = [(float(mark.get("cx")), float(mark.get("cy"))) for mark in tree.iter(f"{SVG}circle")]
    return tree, size, marks


def test_places_that_would_cover_each_other_share_a_mark_with_all_their_numbers():
    tree, (width, height), marks = drawn(ROUTE)
    assert [text.text for text in tree.iter(f"{SVG}text")] == ["1, 2", "5"]
    assert all(0 < x < width and 0 < y < height for x, y in marks)
    assert marks[1][1] < marks[0][1]  # north is up
    assert marks[1][0] < marks[0][0]  # west is left


def test_its_words_name_every_place_and_journey():
    title = drawn(ROUTE)[0].find(f"{SVG}title").text
    assert title == "Sites: 1 Rubaya; 2 Goma; 5 Rotterdam. Journeys: 1 to 2, 2 to 5."


def test_countries_are_drawn_and_none_of_their_lines_runs_across_the_picture():
    tree, (width, _), _ = drawn(Map("m", (Point(1, "Suva", -18.1, 178.4), Point(2, "Apia", -13.8, -171.8)), ((1, 2),)))
    lines = [
        [float(x) for x in re.findall(r"[ML](-?[\d.]+) ", f"M{line}")]
        for line in tree.find(f"{SVG}path").get("d").split("M")[1:]
    ]
    assert len(lines) > 10  # islands on both sides of the date line
    steps = [abs(a - b) for line in lines for a, b in pairwise(line)]
    assert max(steps) < width / 2


def test_a_name_that_a_stranger_wrote_is_text():
    assert ET.fromstring(as_map_svg(Map("m", (Point(1, "</title><script>", 0.0, 0.0),)))).find(f"{SVG}script") is None


def test_a_map_without_a_place_is_refused():
    with pytest.raises(ValueError, match="without a place"):
        as_map_svg(Map("m", ()))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=4))
def test_every_place_of_the_world_lies_in_its_picture(places):
    points = tuple(Point(number, "p", lat, lon) for number, (lat, lon) in enumerate(places, start=1))
    _, (width, height), marks = drawn(Map("m", points))
    assert all(-0.1 <= x <= width + 0.1 and -0.1 <= y <= height + 0.1 for x, y in marks)
