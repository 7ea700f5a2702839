"""The battery report counts what is stated of raw materials and what rules raised, and names nobody."""

from datetime import date

import pytest

from traceability.diligence.packs.battery import RISKS
from traceability.diligence.reports.battery import Goods, battery_report, is_concerned
from traceability.diligence.reports.model import About, Gap

ABOUT = About("did:web:a.example", "A", (date(2027, 1, 1), date(2027, 12, 31)), date(2028, 2, 1))
ENTRY = {
    "material": "cobalt", "description": "hydroxide", "supplier": {"name": "Secret Ltd", "address": "Road 1"},
    "country_of_origin": "CD", "market_transactions": [{"seller": "x", "buyer": "y"}], "share_pct": "7",
    "verification_report_document_id": "d",
}  # fmt: skip
SYSTEM = {
    "policy": {"published_url": "https://a.example/p"}, "senior_management_responsible": "Chief Secret",
    "supplier_contract_clause": True, "grievance_mechanism": "own", "record_retention_years": 10,
    "battery_verification_on": "2027-05-01", "battery_report_year": 2027,
}  # fmt: skip
IMPORTER = {"places_batteries_on_market": True, "net_turnover_eur": "50000000", "management_system": SYSTEM}


def goods(*contained, materials=(), battery=True, recycled=False, raised=frozenset()):
    return Goods(frozenset(materials), contained, battery, recycled, raised)


def made(*found, importer=None, measures=(), limits=()):
    report = battery_report(ABOUT, IMPORTER if importer is None else importer, found, measures, limits)
    tables = {table.name: table.rows for section in report.sections for table in section.tables}
    return report, tables, [gap.what for gap in report.gaps]


def test_raw_materials_are_counted_by_what_is_stated_of_each():
    bare = {"material": "cobalt"}
    _, tables, gaps = made(goods(ENTRY, bare), goods(materials=["nickel"], battery=False))
    rows = {row[0]: row[1:] for row in tables["materials"]}
    assert set(rows) == {"cobalt", "lithium", "natural graphite", "nickel"}
    assert (rows["cobalt"], rows["nickel"]) == ((0, 2, 1, 1, 1, 1, 1), (1, 0, 0, 0, 0, 0, 0))
    for said in ("description", "supplier name and address", "country of origin and market transactions", "share or weight in the battery"):  # fmt: skip
        assert f"{said}, of 1 raw material in batteries" in gaps, said


def test_indicators_and_measures_are_counted_and_nobody_is_named():
    found = [goods(ENTRY, raised=frozenset({"BATT-X-2b-ii", "CMR-OTHER"})), goods(ENTRY, raised=frozenset({"BATT-X-2b-ii"})),
             goods(ENTRY, raised=None)]  # fmt: skip
    report, tables, gaps = made(*found, measures=[("suspended", True), ("suspended", False)])
    assert {row[0]: row[2] for row in tables["risks"]} == dict.fromkeys(RISKS, 0) | {"BATT-X-2b-ii": 2}
    assert tables["measures"] == (("suspended", 2, 1),)
    assert "3 of batteries, 0 declared recycled, 2 assessed" in report.sections[2].paragraphs[0]
    assert not [word for word in ("Secret", "Road 1", "CD") if word in str(report)]
    assert report.applicable_from == date(2027, 8, 18)
    assert all("in words" in gap or "last battery" in gap for gap in gaps)


def test_an_empty_profile_answers_nothing():
    _, tables, gaps = made(importer={}, limits=[Gap("x", "y", "z")])
    assert gaps[0] == "x"
    for said in ("places batteries", "a due diligence policy", "top management", "contracts", "a grievance mechanism",
                 "at least 10 years", "notified body", "a report for 2027 was made public"):  # fmt: skip
        assert any(said in gap for gap in gaps), said
    assert {row[1] for name in ("scope", "system", "verification") for row in tables[name]} == {None}


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"net_turnover_eur": "39999999", "part_of_group": False}, "yes"), ({"net_turnover_eur": "40000000"}, "no"),
        ({"net_turnover_eur": "39999999"}, None), ({}, None), ({"net_turnover_eur": "1", "part_of_group": True}, None),
        ({"net_turnover_eur": "1", "part_of_group": True, "group_net_turnover_eur": "40000001"}, "no"),
    ],
)  # fmt: skip
def test_what_is_stated_decides_the_words_on_the_exemption(stated, said):
    assert made(importer=stated)[1]["scope"][2][1] == said


@pytest.mark.parametrize(
    "more", [{"places_batteries_on_market": False}, {"net_turnover_eur": "1", "part_of_group": False}]
)
def test_where_the_rules_did_not_run_no_risk_is_counted_as_none(more):
    report, tables, gaps = made(goods(ENTRY, raised=frozenset()), importer=IMPORTER | more)
    assert {row[2] for row in tables["risks"]} == {None}
    assert "did not run" in report.sections[3].paragraphs[-1]
    assert "which risks rules find: those on batteries did not run" in gaps


def test_batteries_without_raw_materials_and_recycled_ones_are_gaps():
    _, _, gaps = made(goods(), goods(ENTRY, recycled=True))
    assert "the raw materials of 1 consignment of batteries" in gaps
    assert "the conclusion on recycled materials, in words" in gaps


@pytest.mark.parametrize(
    ("record", "is_one"),
    [
        ({"cn_code": "85076000"}, True), ({"materials": ["cobalt"]}, True), ({"materials": ["tin"]}, False), ({}, False),
        ({"battery_raw_materials": [{"material": "lithium"}]}, True), ({"battery_raw_materials": [{"material": "lead"}]}, False),
    ],
)  # fmt: skip
def test_a_record_is_concerned_by_its_code_or_its_materials(record, is_one):
    assert is_concerned(record) == is_one
