"""Tables of entries are the same bytes every time."""

from traceability.lists.entries import ListEntry, Name
from traceability.lists.tables import table_bytes


def test_tables_are_the_same_bytes_in_any_order():
    entries = [ListEntry("l", key, "party", (Name(key),)) for key in "ba"]
    assert table_bytes(entries) == table_bytes(entries[::-1]) == b"entry_key,kind,primary\na,party,a\nb,party,b\n"
