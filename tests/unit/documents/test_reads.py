"""Where declared values were read, and how sure each reading is."""

import pytest

from traceability.documents.declared import declared
from traceability.documents.extraction import extract
from traceability.documents.fields import read_fields
from traceability.documents.report import Report, declared_from_dict
from traceability.documents.values import days, states_unit, weights


def read(text, lang="en"):
    extracted = extract(text.encode(), "paper.txt")
    found = declared(read_fields(extracted), lang)
    every = [
        *(one.read for one in (*found.dates, *found.parties, *found.smelters, *found.origins)),
        *(one for item in found.items for one in item.reads),
    ]
    assert all(extracted.text[one.start : one.end] == one.quote for one in every)
    return found


FORM = """PACKING LIST
Date of issue: 5 March 2026
Exporter: Nyungwe Tin Ltd
Mineral: Cassiterite
Lot number: CT-14
Net weight: 4,200 kg
Tags: 0099871
Country of origin: Rwanda
"""


def test_every_value_says_where_it_stands():
    found = read(FORM)
    [item] = found.items
    assert {one.of: (one.label, one.quote, one.confidence) for one in item.reads} == {
        "mineral": ("Mineral", "Cassiterite", "high"),
        "lot": ("Lot number", "CT-14", "high"),
        "net": ("Net weight", "4,200 kg", "high"),
        "tags": ("Tags", "0099871", "high"),
    }
    [date], [party], [origin] = found.dates, found.parties, found.origins
    assert (date.read.quote, party.read.label, origin.read.confidence) == ("5 March 2026", "Exporter", "high")


def test_cells_are_read_under_the_head_of_their_column():
    found = read("Lot number\tMineral\tNet weight (kg)\nCT-14\tTin\t4200\nCT-15\tTin\t900\n")
    assert [item.read("net").label for item in found.items] == ["Net weight (kg)"] * 2
    assert {one.confidence for item in found.items for one in item.reads} == {"high"}


@pytest.mark.parametrize(
    ("text", "of"),
    [
        (FORM.replace("4,200 kg", "4,200"), "net"),
        (FORM.replace("Lot number: CT-14", "Lot number CT-14"), "lot"),
    ],
)
def test_what_may_be_something_else_is_less_sure(text, of):
    [item] = read(text).items
    assert {one.of for one in item.reads if one.confidence == "low"} == {of}


def test_a_day_that_may_be_a_month_is_less_sure():
    assert read("Date of issue: 05/03/2026\n").dates[0].read.confidence == "low"
    assert read("Date of issue: 25/03/2026\n").dates[0].read.confidence == "high"


def test_reads_are_kept_with_a_report_and_older_reports_have_none():
    found = read(FORM)
    report = Report("", "parsed", None, "", "", "en", (), None, "", found)
    assert Report.from_dict(report.to_dict()) == report
    old = report.to_dict()["facts"]
    for kind in ("dates", "parties", "items", "smelters", "origins"):
        old[kind] = [{name: value for name, value in one.items() if name not in ("read", "reads")} for one in old[kind]]
    assert declared_from_dict(old).items[0].read("net") is None


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        ("Net weight", "4,200 kg", True), ("Net weight (kg)", "4,200", True), ("Net weight", "4.2 t", True),
        ("Quantity", "40 drums", False), ("Net weight (kg)", "9,259 lbs", False), ("Net weight", "4,200", False),
        ("Net weight (kg)", "none", False),
    ],
)  # fmt: skip
def test_a_weight_states_its_unit_or_not(label, value, said):
    assert states_unit(label, value) is said


def test_what_a_number_and_a_date_may_mean():
    assert weights("4.200 kg", 4200) == (4200, 4200000, 4.2)
    assert weights("4200 kg", 4200) == (4200,)
    assert days("03/04/2026", "2026-04-03") == ("2026-04-03", "2026-03-04")
    assert days("3 April 2026", "2026-04-03") == ("2026-04-03",)
    assert days("04/04/2026", "2026-04-04") == ("2026-04-04",)
