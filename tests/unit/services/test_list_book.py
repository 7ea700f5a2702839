"""The book of lists in force: which of them count as asked."""

from datetime import date

from traceability.lists.entries import ListEntry, ListVersion, Name
from traceability.lists.match import Query
from traceability.services.lists import ListBook


def version(list_id):
    return ListVersion(list_id, "1", None, None, None, "https://list.example/", "00", 1, 1, 1, "full", 30, "P", "T")


def test_tables_for_reference_are_asked_by_nobody():
    book = ListBook({name: version(name) for name in ("hs", "un-sc", "my-list", "rmi-smelter-look-up")}, {}, "x")
    found = book.coverage(date(2026, 11, 23), frozenset({"un-sc", "eu-cahra"}))
    assert [(item.list_id, item.required) for item in found] == [
        ("eu-cahra", True), ("my-list", False), ("un-sc", True),
    ]  # fmt: skip
    assert found[0].sentence == "EU list of conflict-affected and high-risk areas is not loaded"


def test_nobody_is_screened_against_a_table_for_reference():
    smelter = ListEntry("rmi-smelter-look-up", "CID990001", "party", (Name("Alpha Refinery"),))
    book = ListBook({}, {"rmi-smelter-look-up": [smelter]}, "x")
    assert not book.has_names
    assert book.names.match(Query("Alpha Refinery"), as_of=date(2026, 11, 23)) == []
    listed = ListBook({}, {"un-sc": [smelter]}, "x")
    assert listed.has_names
    assert listed.names.match(Query("Alpha Refinery"), as_of=date(2026, 11, 23)) != []
