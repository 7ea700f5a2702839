"""Every format takes whatever a stranger wrote, and gives the same bytes for the same report."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from traceability.diligence.reports.model import Bar, Column, Gap, Report, Section, Table
from traceability.services.reports.registry import kinds, report
from traceability.services.reports.render import MEDIA, render
from traceability.services.reports.render.archive import fixed
from traceability.services.reports.render.svg import as_svg

FORMS = ("json", "pdf", "docx", "xlsx", "csv")
HOSTILE = (
    "=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\x00\x07\x1b", "\u202egnp.exe", "\ud800", "\U0001f9ff", "漢字", "עברית",
    "#evil[]", "<b>&amp;", "]]>", "#N/A", "", " ", "x" * 40_000, "\ufffe", "[]:*?/\\'", "line\nbreak\r\n",
)  # fmt: skip


def made(text="tin", rows=(), percent="62.5"):
    columns = (Column("name", text or "Name"), Column("kg", "Weight", "kg"))
    table = Table(text, text, columns, rows or ((text, Decimal("1.50")), (None, 3)), note=text)
    twin = Table(text, text, columns, ())
    section = Section(text, (text,), (table, twin), (Bar(text, Decimal(percent), Decimal(65)),), law=text)
    return Report(
        "k", text, text, text, text, (date(2026, 1, 1), date(2026, 12, 31)), date(2026, 11, 2), (section,),
        (Gap(text, text, text),), {text: text}, "public", {"x": text},
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_same_report_gives_the_same_bytes_at_any_time(form, monkeypatch):
    first = render(made(), form)
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 4, 3, 2, 2, 0, 1, 0))
    assert render(made(), form) == first


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", ["json", "docx", "xlsx", "csv"])
def test_no_text_breaks_a_file(form, text):
    data = render(made(text), form)
    if form == "json":
        assert json.loads(data)["title"] == text  # nothing shortened, nothing written otherwise
    elif form == "docx":
        assert len(Document(io.BytesIO(data)).tables) == 3
    elif form == "xlsx":
        assert len(load_workbook(io.BytesIO(data)).sheetnames) == 5
    else:
        assert list(csv.reader(io.StringIO(data.decode(), newline="")))


def test_no_text_breaks_a_pdf():
    everything = made("\n".join(HOSTILE))
    pages = PdfReader(io.BytesIO(render(everything, "pdf")))
    assert pages.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert json.loads(pages.attachments["report.json"][0])["title"] == "\n".join(HOSTILE)


@pytest.mark.parametrize("text", [one for one in HOSTILE if one[:1] in set("=+-@\t")])
def test_no_cell_is_a_formula(text):
    book = load_workbook(io.BytesIO(render(made(text), "xlsx")))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    rows = csv.reader(io.StringIO(render(made(text), "csv").decode(), newline=""))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_what_shows_nothing_is_named_and_what_is_unknown_says_so():
    rows = ((None, Decimal("0.10")), ("a\u202eb", None))
    book = load_workbook(io.BytesIO(render(made(rows=rows), "xlsx")))
    cells = [cell.value for row in book["tin"].iter_rows(min_row=2) for cell in row]
    assert cells == ["not recorded", 0.1, "a[U+202E]b", "not recorded"]
    text = [cell.text for cell in Document(io.BytesIO(render(made(rows=rows), "docx"))).tables[0]._cells]
    assert text[2:] == ["not recorded", "0.10", "a[U+202E]b", "not recorded"]


def test_a_number_that_a_spreadsheet_would_round_stays_text():
    exact = Decimal("123456789012345.678901")
    book = load_workbook(io.BytesIO(render(made(rows=(("a", exact),)), "xlsx")))
    assert book["tin"]["B2"].value == str(exact)


def test_what_is_cut_says_so():
    text = [one.text for one in Document(io.BytesIO(render(made("x" * 40_000), "docx"))).paragraphs]
    assert any(one.endswith("[cut: 40000 characters in all; the JSON of this report has them]") for one in text)


@pytest.mark.parametrize(("percent", "width", "line"), [("0", 0, 193.7), ("50", 149, 193.7), ("200", 298, 96.8)])
def test_a_bar_is_hatched_and_its_words_are_in_it(percent, width, line):
    bar = ET.fromstring(as_svg(Bar("<gold>", Decimal(percent), Decimal(65))))  # our own text
    names = {"s": "http://www.w3.org/2000/svg"}
    filled = bar.find("s:rect", names)
    assert (float(filled.get("width")), filled.get("fill")) == (width, "url(#hatch)")
    assert bar.find("s:title", names).text == f"<gold>: {percent} %, held against the line of 65 %"
    assert float(bar.findall("s:path", names)[-1].get("d")[1:].split()[0]) == pytest.approx(line, abs=0.1)


@pytest.mark.parametrize(("day", "ahead"), [(date(2026, 11, 3), True), (date(2026, 11, 2), False), (None, False)])
def test_a_law_that_does_not_apply_yet_says_so_in_the_head_of_every_format(day, ahead):
    report = replace(made(), applicable_from=day)
    assert bool(json.loads(render(report, "json"))["not_yet_applicable"]) == ahead
    docx = [one.text for one in Document(io.BytesIO(render(report, "docx"))).paragraphs]
    xlsx = [row[1].value for row in load_workbook(io.BytesIO(render(report, "xlsx")))["About"].iter_rows(max_row=4)]
    pdf = " ".join(PdfReader(io.BytesIO(render(report, "pdf"))).pages[0].extract_text().replace("\u200b", "").split())
    said = "NOT YET APPLICABLE: this law applies from 2026-11-03."
    assert [said in text for text in (" ".join(docx[:4]), " ".join(xlsx), pdf)] == [ahead] * 3


def test_an_office_file_says_the_day_of_the_report():
    for form in ("docx", "xlsx"):
        core = zipfile.ZipFile(io.BytesIO(render(made(), form))).read("docProps/core.xml").decode()
        assert core.count("2026-11-02T00:00:00Z") == 2, core
        assert fixed(render(made(), form), "2026-11-02T00:00:00Z") == render(made(), form)


def test_a_kind_is_registered_once_with_a_right_there_is():
    assert len({one.name for one in kinds()}) == len(kinds()) >= 6
    assert all(set(one.formats) <= set(MEDIA) and "json" in one.formats for one in kinds())
    for wrong in ({"right": "nothing"}, {"formats": ("zip",)}, {}):
        with pytest.raises(ValueError, match="cannot be registered"):
            report("due-diligence" if not wrong else "new", "t", "l", audience="own", **wrong)(lambda *_: made())
