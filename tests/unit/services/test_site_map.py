"""Places of a chain in order, legs by the batches that were seen at both ends, and areas as the rules ask them."""

from datetime import date

import pytest

from traceability.diligence.definitions.areas import AreaList
from traceability.services import site_map
from traceability.services.site_map import Place

PIT = {
    "site": "https://id.mine.example/pit",
    "country": "CD",
    "subdivision": "CD-NK",
    "latitude": -1.5,
    "longitude": 28.9,
}
PORT = {
    "site": "https://id.port.example/quay",
    "country": "TZ",
    "subdivision": None,
    "latitude": None,
    "longitude": None,
}
NOWHERE = dict.fromkeys(PIT)
DAY = date(2026, 9, 1)


def event(where, index=1, **batches):
    given = {
        name: [{"batch": one, "kg": "1"} for one in batches.get(name, ())] for name in ("observed", "inputs", "outputs")
    }
    return {"index": index, "time": f"2026-09-0{index}T08:00:00Z", **where, **given}


def legs(*events):
    placed = [(site_map._place(one), one) for one in events]
    numbers = {place: n for n, place in enumerate(dict.fromkeys(p for p, _ in placed if p.country), start=1)}
    return site_map._legs(placed, numbers)


def test_goods_leave_where_they_were_seen_last_and_follow_what_they_became():
    found = legs(
        event(PIT, 1, observed=["A"]), event(PIT, 2, inputs=["A"], outputs=["B"]), event(PORT, 3, observed=["B"])
    )
    assert [(one.start, one.end, one.batches) for one in found] == [(1, 2, ("B",))]
    assert (found[0].left, found[0].arrived) == ("2026-09-02T08:00:00Z", "2026-09-03T08:00:00Z")


def test_an_event_without_a_place_ends_no_journey_and_one_place_is_none():
    found = legs(event(PIT, 1, observed=["A"]), event(NOWHERE, 2, observed=["A"]), event(PORT, 3, observed=["A", "C"]))
    assert [(one.start, one.end, one.batches) for one in found] == [(1, 2, ("A",))]
    assert legs(event(PIT, 1, observed=["A"]), event(PIT, 2, observed=["A"])) == []


@pytest.mark.parametrize(
    ("country", "part", "day", "area"),
    [
        ("CD", "CD-NK", DAY, "listed"), ("CD", "CD-KN", DAY, "not_listed"), ("CD", None, DAY, "part_unknown"),
        ("BI", None, DAY, "listed"), ("TZ", None, DAY, "not_listed"), (None, None, DAY, "not_known"),
        ("CD", "CD-NK", date(2020, 1, 1), "not_listed"),
    ],
)  # fmt: skip
def test_an_area_is_told_as_the_rules_ask_it_on_the_day(country, part, day, area):
    entries = [{"code": "CD-NK", "valid_from": "2021-01-01"}, {"code": "BI"}]
    areas = AreaList({"cahra": {"list_version": "1", "entries": entries}}, "cahra")
    assert site_map._area(areas, Place(None, country, part, None, None), day) == area


def test_without_the_list_no_place_is_called_unlisted():
    areas = AreaList({}, "cahra")
    assert site_map._area(areas, Place(None, "TZ", "TZ-02", None, None), DAY) == "not_known"
    assert site_map._worst(["not_listed", "part_unknown", "not_known"]) == "part_unknown"
    assert site_map._worst(["not_listed", "not_known"]) == "not_known", "one unknown day is no clear place"
