import json
from datetime import date

from traceability.lists.entries import ListEntry, Name, from_payload, names


def test_payload_comes_back_through_json(full_entry):
    assert from_payload(json.loads(json.dumps(full_entry.payload()))) == full_entry


def test_payload_leaves_out_what_is_empty():
    assert ListEntry("l", "1", "area", code="CD").payload() == {
        "list_id": "l",
        "entry_key": "1",
        "kind": "area",
        "code": "CD",
    }


def test_name_to_show_is_the_first_primary_one():
    assert ListEntry("l", "1", "party", (Name("B", "weak"), Name("A"))).name == "A"
    assert ListEntry("l", "1", "party", (Name("B", "weak"),)).name == "B"
    assert ListEntry("l", "1", "party").name == "1"


def test_countries_join_country_and_extra(full_entry):
    assert full_entry.countries == {"CD", "UG"}
    assert ListEntry("l", "1", "party").countries == frozenset()


def test_in_force_is_inclusive_on_both_sides():
    entry = ListEntry("l", "1", "party", valid_from=date(2024, 8, 9), valid_to=date(2024, 8, 20))
    found = [day for day in (8, 9, 20, 21) if entry.in_force(date(2024, 8, day))]
    assert found == [9, 20]


def test_absent_bounds_are_open():
    assert ListEntry("l", "1", "party").in_force(date.min)
    assert ListEntry("l", "1", "party").in_force(date.max)


def test_names_are_said_once():
    assert names("strong", ["A ", "", "B", "A"]) == (Name("A", "strong"), Name("B", "strong"))
