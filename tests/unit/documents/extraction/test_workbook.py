import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.comments import Comment

from traceability.documents.extraction import extract


def workbook(fill, title="Packing list"):
    book = openpyxl.Workbook()
    book.active.title = title
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(data, change):
    """The same package with the text of each XML part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return out.getvalue()


def test_sheets_are_pages_and_rows_keep_their_columns():
    def fill(book):
        sheet = book.active
        sheet.append(["PACKING LIST"])
        sheet.append([])
        sheet.append(["Lot", "Net kg", "Origin", "Tags"])
        sheet.append(["A-1", 20000.0, None, "T1\nT2"])
        sheet.append(["A-2", 0.125, "Bolivia"])
        sheet.append([])
        sheet.append([datetime.fromisoformat(day) for day in ("2026-04-02", "2026-04-02T09:30")] + [date(2026, 4, 3)])
        sheet.append([None, None])
        book.create_sheet("Second").append(["Remark", "The mine is not known."])

    found = extract(workbook(fill), "a.xlsx")
    assert found.outcome == "parsed"
    assert found.pages == (
        (
            1,
            "PACKING LIST\nLot\tNet kg\tOrigin\tTags\nA-1\t20000\t\tT1 T2\nA-2\t0.125\tBolivia\t\n2026-04-02\t2026-04-02 09:30:00\t2026-04-03",
        ),
        (2, "Remark\tThe mine is not known."),
    )
    row = found.blocks[2]
    assert (row.kind, [found.text[start:end] for start, end in row.cells]) == (
        "table_row",
        ["A-1", "20000", "", "T1 T2"],
    )
    assert found.text[found.blocks[-1].start : found.blocks[-1].end] == "Remark\tThe mine is not known."


def test_hidden_sheets_and_comments_are_read_and_said():
    def fill(book):
        book.active["A1"] = "Lot A-1"
        book.active["A1"].comment = Comment("Bought from a trader in Goma.", "x")
        hidden = book.create_sheet("Real origin")
        hidden["B2"] = "Walikale"
        hidden.sheet_state = "veryHidden"

    found = extract(workbook(fill), "a.xlsx")
    assert "Bought from a trader in Goma." in found.text
    assert "Walikale" in found.text
    assert [(note.code, note.page) for note in found.notes] == [("hidden_sheet", 2)]


def test_a_sheet_of_pictures_alone_is_unread(enlarged):
    data = enlarged(workbook(lambda book: None), {"xl/media/image1.png": b"x"})
    found = extract(data, "a.xlsx")
    assert (found.outcome, found.reason, found.unread) == ("needs_ocr", "no_text_layer", (1,))


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_document_type_is_refused(name):
    data = rewritten(
        workbook(lambda book: book.active.append(["x"])),
        lambda part, body: b'<!DOCTYPE x [<!ENTITY a "b">]>' + body if part == name else body,
    )
    found = extract(data, "a.xlsx")
    assert (found.outcome, found.reason) == ("rejected", "broken")


def test_what_a_sheet_says_of_its_own_size_is_not_believed():
    def change(name, body):
        return body.replace(b'<dimension ref="A1:A1"', b'<dimension ref="A1:XFD1048576"')

    found = extract(rewritten(workbook(lambda book: book.active.append(["Some words."])), change), "a.xlsx")
    assert found.text == "Some words."


def test_too_many_columns_are_a_limit():
    assert extract(workbook(lambda book: book.active.append(["x"] * 300)), "a.xlsx").reason == "limit"


def test_macros_are_a_note_and_linked_workbooks_are_refused(enlarged):
    data = workbook(lambda book: book.active.append(["x"]))
    assert [note.code for note in extract(enlarged(data, {"xl/vbaProject.bin": b"x"}), "a.xlsm").notes] == ["macro"]
    link = b'<Relationships><Relationship Id="r" Type="a/externalLinkPath" Target="b.xlsx" TargetMode="External"/></Relationships>'
    linked = enlarged(data, {"xl/externalLinks/_rels/externalLink1.xml.rels": link})
    assert extract(linked, "a.xlsx").reason == "external_content"


def test_a_formula_whose_value_nobody_kept_is_said_and_its_workbook_not_read_to_the_end():
    def fill(book):
        book.active.append(["Lot", "Net kg"])
        book.active.append(["A-1", "=SUM(1,2)"])

    data = workbook(fill)  # openpyxl computes nothing, and writes no value beside the formula
    found = extract(data, "a.xlsx")
    assert (found.outcome, found.unread) == ("needs_ocr", (1,))
    assert [note.code for note in found.notes] == ["formula_without_value"]
    kept = rewritten(data, lambda name, body: body.replace(b"<v></v>", b"<v>3</v>").replace(b"<v />", b"<v>3</v>"))
    found = extract(kept, "a.xlsx")
    assert (found.outcome, found.notes) == ("parsed", ())
    assert found.text.endswith("A-1\t3")


def test_pictures_beside_text_are_said(enlarged):
    data = workbook(lambda book: book.active.append(["Enough words in this one cell, surely."]))
    found = extract(enlarged(data, {"xl/media/image1.png": b"x"}), "a.xlsx")
    assert (found.outcome, [note.code for note in found.notes]) == ("parsed", ["picture_not_read"])
