"""The book of lists in force: which of them count as asked."""

from datetime import date

from traceability.lists.entries import ListVersion
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
