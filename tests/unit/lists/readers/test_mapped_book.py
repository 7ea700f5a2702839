"""An own list in a workbook: the same rows as CSV, and what is no honest workbook refused."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from traceability.errors import InvalidInput
from traceability.lists.entries import Identifier
from traceability.lists.readers.mapped_book import read_book
from traceability.lists.readers.mapped_csv import read_mapped


def book(*rows):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    made.create_sheet("Notes").append(["id", "name"])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(data, **members):
    """Return a workbook with other bytes in some of its files; ``None`` leaves one out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            key = name.rpartition("/")[2].partition(".")[0]
            new.writestr(name, members.get(key, old.read(name)))
    return out.getvalue()


HEADER = ["Nr", "Firma", "Land", "Seit", "IDs"]
COLUMNS = {"id": "Nr", "name": "Firma", "country": "Land", "valid_from": "Seit", "identifiers": "IDs"}


def test_the_first_sheet_is_read_by_a_map_of_columns():
    data = book(
        HEADER, [7, "Mine  One", "CD", datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None), "registration:CD:57-310"],
        [], ["x", "Mine Two", None, None, None],
    )  # fmt: skip
    read = read_book(data, "own", columns=COLUMNS)
    first, second = read.entries
    assert (first.entry_key, first.name, first.country, str(first.valid_from)) == ("7", "Mine One", "CD", "2026-01-02")
    assert first.identifiers == (Identifier("registration", "57-310", "CD"),)
    assert (second.entry_key, second.country, read.rejected) == ("x", None, ())


def test_it_reads_as_the_same_table_in_csv_does():
    rows = [
        ["id", "name", "valid_from"],
        ["1", "A Co.", "2026-02-30"],
        ["2", "B Co.", ""],
        ["2", "C", ""],
        ["", "D", ""],
    ]
    text = "\n".join(",".join(row) for row in rows)
    here, there = read_book(book(*rows), "own"), read_mapped(text.encode(), "own")
    assert here.entries == there.entries
    assert [(row.line, row.reason) for row in here.rejected] == [(row.line, row.reason) for row in there.rejected]


def test_a_formula_whose_value_was_not_kept_is_handed_back():
    read = read_book(book(["id", "name"], ["1", '=UPPER("a")'], ["2", "B"]), "own")
    assert [entry.name for entry in read.entries] == ["B"]
    assert [(row.line, row.lost) for row in read.rejected] == [(2, True)]
    assert "without its value" in read.rejected[0].reason


def test_a_row_with_more_cells_than_the_header_is_handed_back():
    read = read_book(book(["id", "name"], ["1", "A", "B"]), "own")
    assert [row.reason for row in read.rejected] == ["the row has not as many cells as the header"]


ENTITY = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected a workbook"),
        (b"id,name\n1,A\n", "expected a workbook"),
        (book(["id", "name"])[:-100], "expected a workbook"),
        (changed(book(["id", "name"]), workbook=ENTITY), "expected a workbook with a sheet"),
        (changed(book(["id", "name"]), sheet1=ENTITY), "cannot be read"),
        (changed(book(["id", "name"]), sheet1=b"<worksheet><sheetData><row>"), "cannot be read"),
        (changed(book(["id", "name"]), sheet1=b"0" * 2_000_000), "more than 100 times itself"),
        (book(["no", "columns"]), "expected the columns id and name"),
    ],
)
def test_what_is_no_such_workbook_is_refused(data, said):
    with pytest.raises(InvalidInput, match=said):
        read_book(data, "own")


def test_an_encrypted_workbook_is_refused():
    data = bytearray(book(["id", "name"]))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvalidInput, match="encrypted"):
        read_book(bytes(data), "own")


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr("traceability.lists.readers.mapped_book._MAX_ROWS", 2)
    with pytest.raises(InvalidInput, match="at most 2 rows"):
        read_book(book(["id", "name"], ["1", "A"], ["2", "B"]), "own")


WHOLE = book(HEADER, [1, "A", None, None, None])


@settings(deadline=None, max_examples=40)
@given(place=st.integers(0, len(WHOLE) - 1), value=st.integers(0, 255))
def test_a_damaged_workbook_is_answered(place, value):
    data = WHOLE[:place] + bytes([value]) + WHOLE[place + 1 :]
    try:
        read_book(data, "own", columns=COLUMNS)
    except InvalidInput:
        return
