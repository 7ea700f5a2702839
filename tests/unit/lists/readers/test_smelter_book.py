"""Smelter workbooks: read by sheet and column in any language; what cannot be told is a gap, never a clear row."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from traceability.errors import InvalidInput
from traceability.lists.readers import smelter_book
from traceability.lists.readers.smelter_words import metal_of, pseudo_of, yes_or_no

LOOKUP = [
    ["Gold", "Alpha Refinery", "Alpha Refinery", "China", "CID990001"],
    ["Gold", "AR Metals", "Alpha Refinery", "China", "CID990001"],
    ["Gold", "Nothing we know", None, None, None],
    ["Gold", "Still open", "Unknown", None, None],
]


def book(*rows, lookup=LOOKUP, names=("Smelter List", "Smelter Look-up")):
    made = Workbook()
    made.active.title = names[0]
    other = made.create_sheet(names[1])
    for sheet, lines in ((made.active, rows), (other, lookup)):
        for number, cells in enumerate(lines, start=5):
            for column, value in enumerate(cells, start=1):
                sheet.cell(number, column, value)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def row(typed=None, metal="Gold", choice=None, name=None, **more):
    cells = [typed, metal, choice, name, *[None] * 16]
    for column, value in more.items():
        cells[ord(column.upper()) - ord("A")] = value
    return cells


def declared(*rows):
    return smelter_book.read(book(*rows)).declared


def test_an_id_is_taken_as_typed_mended_or_from_the_look_up():
    found = declared(row("CID990009"), row(" cid 990009"), row(choice="AR  metals"), row("CID99", choice="AR Metals"))
    assert [(one.cid, one.via, one.warnings) for one in found] == [
        ("CID990009", "typed", ()),
        ("CID990009", "typed_normalised", ("duplicate_of_row_5",)),
        ("CID990001", "lookup_alias", ()),
        ("CID990001", "lookup_alias", ("typed_id_malformed",)),
    ]


def test_a_choice_without_an_id_is_a_gap_in_any_language():
    found = declared(row(choice="Nothing we know", name="Tin House"), row(choice="Still open", name="Unknown"))
    assert [(one.cid, one.pseudo, one.name) for one in found] == [
        (None, "not_listed", "Tin House"),
        (None, "not_yet_identified", None),
    ]


def test_a_name_that_the_look_up_does_not_know_is_kept_without_an_id():
    (found,) = declared(row(choice="Other Works", name="Other Works Ltd"))
    assert (found.cid, found.pseudo, found.name) == (None, None, "Other Works Ltd")


def test_formulas_without_values_are_told_and_never_read_as_empty():
    (found,) = declared(row(choice="AR Metals", name='=VLOOKUP("x",A1:B2,1)'))
    assert (found.cid, found.name, found.warnings) == ("CID990001", "Alpha Refinery", ("values_not_cached",))


def test_mines_and_the_answer_about_scrap():
    (found,) = declared(row("CID990001", n="Alpha Mine; Beta Mine;", p="Vielleicht"))
    assert (found.mines, found.recycled) == (("Alpha Mine", "Beta Mine"), None)


def test_the_look_up_as_entries(places):
    reading = smelter_book.entries(smelter_book.read(book()), "smelters", places)
    (entry,) = reading.entries
    assert (entry.entry_key, entry.country, entry.material) == ("CID990001", "CN", "gold")
    assert [(name.text, name.quality) for name in entry.names] == [
        ("Alpha Refinery", "primary"),
        ("AR Metals", "strong"),
    ]


def test_the_look_up_says_where_a_smelter_is(places):
    rows = [
        ["Gold", "AR", "Alpha Refinery", "China", "CID990001", "RMI", None, "Ganzhou", None, "GoldAR"],
        ["Gold", "AR 2", "Alpha Refinery", "China", "CID990001", "RMI", "8 Invented Road", "Elsewhere", "Jiangxi", "k"],
        ["Gold", "Beta", "Beta Works", "China", "CID990002"],
    ]
    one, other = smelter_book.entries(smelter_book.read(book(lookup=rows)), "smelters", places).entries
    assert one.extra["street"] == "8 Invented Road"
    assert (one.extra["city"], one.extra["state"]) == ("Ganzhou", "Jiangxi")
    assert other.extra == {"schema": "Organization"}


@pytest.mark.parametrize(
    ("text", "metal"),
    [("Gold", "gold"), ("Wolfram", "tungsten"), ("ZINN", "tin"), ("钽", "tantalum"), ("Unobtainium", None)],
)
def test_metals(text, metal):
    assert metal_of(text) == metal


@pytest.mark.parametrize(
    ("text", "answer"), [("Yes", True), ("nein", False), ("是", True), ("perhaps", None), (None, None)]
)
def test_answers(text, answer):
    assert yes_or_no(text) is answer


def test_an_ordinary_name_is_no_gap():
    assert pseudo_of("Alpha Refinery") is None


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 210_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected a workbook"),
        (b"PK\x03\x04 broken", "expected a workbook"),
        (book(names=("List", "Smelter Look-up")), "with the sheets 'Smelter List'"),
        (book()[:-200], "expected a workbook"),
    ],
)
def test_what_is_no_such_workbook_is_refused(data, said):
    with pytest.raises(InvalidInput, match=said):
        smelter_book.read(data)


def test_a_workbook_that_expands_without_measure_is_refused():
    with pytest.raises(InvalidInput, match="unpacks to more than"):
        smelter_book.read(bomb())
