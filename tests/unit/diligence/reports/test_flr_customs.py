"""The customs information file: three things the article names, null where they are not recorded, and no finding."""

from datetime import UTC, date, datetime

import pytest

from traceability.diligence.reports.flr_customs import customs_information
from traceability.diligence.reports.model import About
from traceability.diligence.reports.tracing import Consignment, Spot, Step

DAY = date(2027, 1, 2)
ABOUT = About("did:web:a.example", "A", (DAY, DAY), DAY)
MAKER = {"name": "M", "address": "Road 1", "country": "CN", "party_id": "did:m"}
WHOLE = {
    "product_description": "chunks", "cn_code": "28046100", "manufacturer": MAKER, "product_suppliers": [MAKER],
    "dispatch_country": "CN", "destination_country": "DE", "batch_ids": ["b"], "net_weight_kg": "5",
}  # fmt: skip


def made(record=None, **more):
    found = Consignment("S-1", WHOLE if record is None else record, DAY, more.pop("steps", ()), (), (), **more)
    report = customs_information(ABOUT, found)
    tables = {table.name: table.rows for section in report.sections for table in section.tables}
    return report, tables, [gap.what for gap in report.gaps]


def test_a_whole_record_leaves_only_what_the_importer_cannot_state():
    report, tables, gaps = made(eori="DE1", named=True, findings=[("FLR-RISK-GEO", "t", "l", "secret finding")])
    assert gaps == []
    assert tables["suppliers"] == tables["manufacturer"] == (("M", "Road 1", "CN", None, "did:m"),)
    assert "names the CN code" in report.sections[0].paragraphs[-1]
    data = report.data["flr_customs_information"]
    assert (data["product"]["description"], data["manufacturer"], data["operator"]["eori"]) == ("chunks", MAKER, "DE1")
    assert "secret finding" not in str(report)
    assert report.applicable_from == date(2027, 12, 14)


def test_an_empty_record_is_gaps_and_nulls():
    report, tables, gaps = made({})
    data = report.data["flr_customs_information"]
    assert (data["manufacturer"], data["product_suppliers"], data["product"]["cn_code"]) == (None, None, None)
    assert tables["suppliers"] == tables["manufacturer"] == ()
    for said in ("information identifying the product", "the name of the manufacturer or producer", "the product suppliers",
                 "the EORI number", "whether a delegated act names the goods", "the country of dispatch"):  # fmt: skip
        assert any(gap.startswith(said) for gap in gaps), said
    assert "not known: no list" in report.sections[0].paragraphs[-1]
    assert "does not name" in made(named=False)[0].sections[0].paragraphs[-1]


def test_a_supplier_without_an_address_is_a_gap():
    assert (
        "name or address of 2 product suppliers" in made({**WHOLE, "product_suppliers": [{"name": "x"}, {}, MAKER]})[2]
    )


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("CN", "DE", "release for free circulation"), ("DE", "US", "export"), ("DE", "NL", "none: a move inside the Union"),
        ("CN", "US", "none of the Union: neither comes in nor leaves"), (None, "DE", None), ("CN", None, None),
    ],
)  # fmt: skip
def test_the_procedure_follows_from_the_countries(start, end, said):
    _, tables, _ = made({"dispatch_country": start, "destination_country": end})
    assert tables["customs"][3][1] == said


def test_signed_steps_show_where_goods_were_made_and_the_customs_declarations_once():
    spot = Spot("s:works", "Works", "CN", "CN-JS")
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def step(kind, **more):
        return Step(1, at, kind, spot, None, None, ("W",), "key_revoked", **more)

    steps = [step("refining"), step("refining"), step("export", papers=(("customsDeclaration", "MRN1"), ("bol", "b"))),
             step("import", papers=(("customsDeclaration", "MRN1"),))]  # fmt: skip
    _, tables, _ = made(steps=steps)
    assert tables["production"] == (("refining", "W", "Works", "CN", "CN-JS", "key revoked"),)
    assert tables["customs"][5][1] == "MRN1"
