"""Tables of publishers: their encodings, ends and broken rows."""

import pytest

from traceability.errors import InvalidInput
from traceability.lists.readers.table_text import rows


def test_rows_come_by_column_in_any_order_and_stripped():
    assert list(rows(b"b,a\r\n 1 ,2\r\n\r\n3,\r\n", ["a", "b"])) == [
        (2, {"b": "1", "a": "2"}),
        (4, {"b": "3", "a": ""}),
    ]


def test_a_row_of_another_length_is_handed_over_as_a_whole():
    assert list(rows(b"a,b\n1\n1,2,3\n", ["a"])) == [(2, {"": "1"}), (3, {"": "1,2,3"})]


def test_an_end_of_file_mark_is_no_row():
    assert [cells for _, cells in rows(b"a\n1\n\x1a", ["a"])] == [{"a": "1"}]


def test_windows_quotation_marks_are_read_as_such():
    assert [cells["a"] for _, cells in rows("a\nHA\x92Assif\n".encode(), ["a"])] == ["HA’Assif"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "a is missing"),
        (b"b\n1\n", "a is missing"),
        (b'a\n"cut off', "damaged"),
        ("a\nç\n".encode("latin-1"), "expected a table in utf-8"),
    ],
)
def test_what_is_no_such_table_is_refused(data, said):
    with pytest.raises(InvalidInput, match=said):
        list(rows(data, ["a"]))
