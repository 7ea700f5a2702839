import pytest

from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry, Name
from traceability.lists.rows import from_row, to_row


def test_an_entry_comes_back_from_its_row(full_entry):
    assert from_row("un-sc", to_row(full_entry)) == full_entry


def test_a_value_with_the_separator_is_refused():
    with pytest.raises(InvalidInput, match="separates values"):
        to_row(ListEntry("l", "1", "party", (Name("A|B"),)))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"entry_key": ""}, "column entry_key"),
        ({"kind": "person"}, "column kind: expected one of party, area, goods, smelter, code"),
        ({"identifiers": "imo"}, "expected scheme:COUNTRY:value"),
        ({"identifiers": ":CD:1"}, "expected scheme:COUNTRY:value"),
        ({"child_labour": "maybe"}, "column child_labour: expected yes, no or nothing"),
        ({"valid_from": "2024-13-01"}, "column valid_from: expected a date such as 2024-08-09"),
    ],
)
def test_a_cell_that_is_not_what_its_column_holds_is_named(cells, said):
    with pytest.raises(InvalidInput, match=said):
        from_row("l", {"entry_key": "1", "kind": "party"} | cells)


def test_unknown_columns_are_kept():
    assert from_row("l", {"entry_key": "1", "kind": "party", "clause": "ii", "note": ""}).extra == {"clause": "ii"}
