"""Dates of a paper that cannot be if the chain is right, and those that may."""

import pytest

from traceability.services.contradictions.dates import dates

ORIGIN, EXPORT = "certificate_of_origin", "export_certificate"


def found(tell, chain, text, kind=ORIGIN, **fields):
    return [(one.review, one.why.partition(": ")[2]) for one in dates(tell.paper(text, kind, **fields), chain)]


@pytest.mark.parametrize("day", ["2026-02-07", "2026-03-05", "2026-03-08", "5 March 2026"])
def test_a_certificate_from_before_the_export(tell, chain, day):
    assert found(tell, chain, f"Date of issue: {day}\n") == []


@pytest.mark.parametrize("kind", [ORIGIN, EXPORT])
def test_a_certificate_from_after_the_export(tell, chain, kind):
    [one] = dates(tell.paper("Date of issue: 2026-03-09\n", kind), chain)
    assert one.message("paper.txt") == (
        "paper.txt, page 1, Date of issue: '2026-03-09' (read by machine); signed: export, 2026-03-05: "
        "2026-03-09: it is made out after the goods had left"
    )
    assert one.review


def test_the_import_counts_where_no_export_is_signed(tell, chain):
    bare = tell.Chain([event for event in chain.events if event["type"] != "export"])
    assert found(tell, bare, "Date of issue: 2026-04-23\n") == []
    assert found(tell, bare, "Date of issue: 2026-04-24\n") == [(True, "it is made out after the goods had left")]


@pytest.mark.parametrize("kind", ["invoice", "audit_report", "policy", "supplier_letter"])
def test_other_papers_may_come_later(tell, chain, kind):
    assert found(tell, chain, "Date of issue: 2026-09-09\n", kind) == []


@pytest.mark.parametrize("kind", [ORIGIN, "packing_list", "assay_report"])
def test_a_paper_of_goods_from_before_they_were_mined(tell, chain, kind):
    why = (True, "before that day there were no goods")
    assert found(tell, chain, "Date of issue: 2026-02-06\n", kind) == [why]
    assert found(tell, chain, "Date of issue: 2026-02-06\n", "contract") == []


def test_a_chain_that_does_not_begin_with_its_goods_proves_no_beginning(tell, chain):
    bare = tell.Chain([event for event in chain.events if event["type"] != "extraction"])
    assert found(tell, bare, "Date of issue: 2025-12-01\n") == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Shipped on board: 2026-02-01", "before that day there were no goods"),
        ("Date of shipment: 2026-04-24", "the goods had arrived before"),
        ("Sample received: 2026-02-01", "before that day there were no goods"),
        ("Valid until: 2026-03-04", "it had ended when the goods left"),
        ("Date of export: 2026-03-20", "no export is signed for then"),
        ("Production date: 2026-02-14", "nothing was produced then"),
    ],
)
def test_days_that_cannot_be(tell, chain, text, why):
    assert found(tell, chain, text + "\n") == [(True, why)]


@pytest.mark.parametrize(
    "text",
    [
        "Shipped on board: 2026-03-20", "Date of shipment: 2026-04-23", "Sample received: 2026-02-08",
        "Valid until: 2026-03-05", "Date of export: 2026-03-08", "Production date: 2026-02-13",
        "Inspection date: 2026-06-01", "Approved on: 2024-01-01", "On 1 February 2020 the mine was opened.",
    ],
)  # fmt: skip
def test_days_that_may_be(tell, chain, text):
    assert found(tell, chain, text + "\n") == []


def test_work_before_the_lot_was_made_up_asks_nobody(tell, chain):
    assert found(tell, chain, "Production date: 2026-01-05\n") == [(False, "nothing was produced then")]


def test_a_day_that_may_be_a_month_is_held_against_nobody(tell, chain):
    assert found(tell, chain, "Date of issue: 05/03/2026\n") == []
    assert found(tell, chain, "Date of issue: 03/05/2026\n") == []  # in May, or in March as it should be
    assert found(tell, chain, "Date of issue: 04/05/2026\n") == [(False, "it is made out after the goods had left")]
    assert found(tell, chain, "Date of issue: 24/05/2026\n") == [(True, "it is made out after the goods had left")]


def test_a_paper_dated_after_it_was_handed_over(tell, chain):
    handed = {"kind": "invoice", "handed_over": tell.date(2026, 5, 1), "entry_index": 7}
    assert found(tell, chain, "Invoice date: 2026-05-02\nDate: 2026-05-02\n", **handed) == []
    assert found(tell, chain, "Date: 2026-05-03\n", **handed) == [
        (True, "it is dated after the day it was handed over")
    ]


def test_one_of_several_dates_of_a_kind_may_be_that_of_a_stamp(tell, chain):
    assert found(tell, chain, "Date of issue: 2026-03-04\nDate: 2026-05-01\n") == []
    late = "Date of issue: 2026-03-20\nDate: 2026-05-01\n"
    assert found(tell, chain, late) == [(True, "it is made out after the goods had left")]
