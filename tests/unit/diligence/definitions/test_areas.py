from datetime import date

import pytest

from traceability.diligence.definitions.areas import AreaList, Location, location_of, matches
from traceability.diligence.definitions.items import Item

ON = date(2026, 5, 1)
LISTS = {
    "cahra": {
        "list_version": "V1",
        "entries": [
            {"code": "CD-NK"},
            {"code": "BI"},
            {"code": "SD", "valid_to": "2026-04-30"},
            {"code": "SD", "valid_from": "2026-05-02"},
            {"code": "ML-1", "valid_from": "2026-05-02"},
        ],
    }
}


def place(country, subdivision=None, on=ON):
    return Location(country, subdivision, on, "/somewhere")


@pytest.mark.parametrize(
    ("location", "match", "strict", "unknown"),
    [
        (place("BI"), True, True, False),
        (place("BI", "BI-BM"), True, True, False),
        (place("CD", "CD-NK"), True, True, False),
        (place("CD", "CD-KN"), False, False, False),
        (place("CD"), True, False, True),
        (place("RW"), False, False, False),
        (place("SD"), False, False, False),
        (place("SD", on=date(2026, 4, 30)), True, True, False),
        (place("SD", on=date(2026, 5, 2)), True, True, False),
        (place("ML"), False, False, False),
        (place("ML", on=date(2026, 5, 2)), True, False, True),
        (place("ML", "ML-1"), False, False, False),
    ],
)
def test_match_strict_and_unknown_part(location, match, strict, unknown):
    areas = AreaList(LISTS, "cahra")
    assert (areas.match(location) is not None) is match
    assert (areas.strict(location) is not None) is strict
    assert (areas.unknown_part(location) is not None) is unknown


def test_evidence_names_place_and_entry():
    assert AreaList(LISTS, "cahra").match(place("BI")).evidence == ("/somewhere", "/lists/cahra/entries/1")


def test_a_list_not_loaded_matches_nothing():
    areas = AreaList(LISTS, "transit_watch")
    assert areas.match(place("BI")) is None
    assert areas.version is None
    assert AreaList(LISTS, "cahra").version == "V1"


def test_matches_keeps_the_order_of_the_locations():
    areas = AreaList(LISTS, "cahra")
    found = matches(areas.match, [place("RW"), place("CD"), place("BI")])
    assert [match.location.name for match in found] == ["CD", "BI"]


def test_location_of():
    assert location_of(Item("/x", {"country": "CD"}), ON) == Location("CD", None, ON, "/x")
    assert location_of(Item("/x", {"country": "CD", "subdivision": "CD-NK"}), ON).name == "CD-NK"
