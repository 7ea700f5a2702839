"""Tables and their twins; words and numbers for people."""

import csv
import io

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from traceability.services.spreadsheet import plain
from traceability.web import words
from traceability.web.page import Cell, Column, table

COLUMNS = (Column("a", "A"), Column("b", "B", "number"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_begins_like_a_formula_is_quoted(text):
    assert plain(text) == "'" + text


@given(st.text())
def test_no_cell_of_a_csv_begins_like_a_formula(text):
    made = table("t", "T", COLUMNS, [{"a": text, "b": Cell(text)}], "none")
    (row,) = list(csv.reader(io.StringIO(made.as_csv(), newline="")))[1:]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert made.as_json() == [{"a": text, "b": text}]


@pytest.mark.parametrize(
    ("asked", "number", "first"),
    [("1", 1, "0"), ("2", 2, "200"), ("9", 3, "400"), ("0", 1, "0"), ("x", 1, "0"), ("\u0662", 1, "0")],
)
def test_long_tables_are_paged_and_twins_have_all(asked, number, first):
    rows = [{"a": str(n), "b": None} for n in range(401)]
    with Flask("test").test_request_context(query_string={"t-page": asked}):
        made = table("t", "T", COLUMNS, rows, "none")
        assert (made.number, made.pages, made.shown[0].cells["a"].text) == (number, 3, first)
        assert len(made.as_json()) == 401


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1250.50", "1\u202f250.50 kg"),
        ("0.001", "0.001 kg"),
        ("1234567", "1\u202f234\u202f567 kg"),
        (None, "not stated"),
    ],
)
def test_kilograms_are_never_rounded(value, said):
    assert words.kilograms(value) == said


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [(1, "finding", "1 finding"), (2, "finding", "2 findings"), (0, "batch", "0 batches"), (2, "party", "2 parties"),
     (3, "entry", "3 entries"), (1, "batch", "1 batch")],
)  # fmt: skip
def test_plurals(count, noun, said):
    assert words.plural(count, noun) == said


def test_long_identifiers_keep_both_ends():
    assert words.short("https://id.example/lot/" + "x" * 60 + "END").endswith("END")
    assert words.short("https://id.example/lot/MIX-1") == "MIX-1"


def test_times_say_their_zone():
    assert words.clock_time("2026-02-01T09:00:00+02:00") == "2026-02-01 09:00 +02:00"
    assert words.clock_time("2026-02-01T09:00:00Z") == "2026-02-01 09:00 UTC"
    assert words.moment("2026-02-01T09:00:00+00:00") == "2026-02-01 09:00 UTC"
    assert words.moment("2026-02-01T09:00:00+02:00") == "2026-02-01 09:00+02:00"
    assert words.moment(None) == words.day(None) == ""
