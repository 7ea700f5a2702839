"""Shares against the benchmark: exact at the line, never lower than they may be, and nothing unknown is dropped."""

from datetime import date
from decimal import Decimal

import pytest

from traceability.diligence.reports.concentration import Consignment, concentration
from traceability.diligence.reports.model import About, Gap

ABOUT = About("did:web:a.example", "A", (date(2026, 1, 1), date(2026, 12, 31)), date(2027, 1, 2))


def consignment(material="cobalt", supplier="S", **countries):
    kg = {None if name == "none" else name: Decimal(amount) for name, amount in countries.items()}
    materials = (material,) if isinstance(material, str) else material
    return Consignment(
        materials, sum(kg.values(), Decimal(0)), {"extraction": kg, "processing": {}, "recycling": {}}, supplier
    )


def made(*found, importer=None, limits=()):
    return concentration(ABOUT, found, importer or {}, limits)


def shares(report):
    (table,) = report.sections[1].tables
    return {row[3]: row for row in table.rows}


@pytest.mark.parametrize(
    ("kg", "said"),
    [
        ({"CD": "65", "DE": "35"}, "not above"), ({"CD": "65.001", "DE": "34.999"}, "above"),
        ({"CD": "50", "DE": "35", "none": "15"}, "not above"), ({"CD": "50", "DE": "34", "none": "16"}, "cannot be told"),
        ({"none": "1", "CD": "99"}, "above"),
    ],
)  # fmt: skip
def test_the_benchmark_is_exceeded_above_65_and_unknown_mass_may_be_anybodys(kg, said):
    found = shares(made(consignment(**kg)))
    assert found["CD"][7] == said
    assert sum(row[5] for row in found.values()) == 100
    if "DE" in kg:
        assert found["DE"][7] == "not asked: in the Union"
    if "none" in kg:
        assert found[None][7] == "country not recorded"
        assert list(found)[-1] is None


def test_only_strategic_materials_have_the_line_and_others_are_named():
    report = made(consignment("tantalum", CD="5"), consignment("tin", PE="7"), consignment("cobalt", CD="3", FI="1"))
    (table,) = report.sections[1].tables
    assert [(row[0], row[3], row[7]) for row in table.rows] == [
        ("cobalt", "CD", "above"), ("cobalt", "FI", "not asked: in the Union"), ("tantalum", "CD", "not asked: not strategic"),
    ]  # fmt: skip
    assert [bar.line for bar in report.sections[1].bars] == [Decimal(65), None, None]
    assert "not shown: tin." in report.sections[1].paragraphs[0]
    assert "no limit for a company" in report.sections[0].paragraphs[0]


def test_shares_add_consignments_and_the_largest_supplier_is_a_share_without_a_name():
    report = made(consignment(CD="10"), consignment(CD="30", supplier="T"), consignment(ZM="60", supplier=None))
    assert {name: row[6] for name, row in shares(report).items()} == {"ZM": Decimal("60.00"), "CD": Decimal("40.00")}
    (table,) = report.sections[2].tables
    assert table.rows == (("cobalt", 3, 2, 1, Decimal("30.00")),)


def test_what_is_not_known_is_a_gap():
    several = consignment(("cobalt", "nickel"), CD="10", none="2")
    bare = Consignment((), None, {"extraction": {}, "processing": {}, "recycling": {}}, None)
    given = Gap("an assessment", "law", "wait")
    said = [gap.what for gap in made(several, bare, limits=[given]).gaps]
    assert said[0] == "an assessment"
    for what in ("the country of 2.000 kg (cobalt, extraction)", "the country of 2.000 kg (nickel, extraction)",
                 "the material of 1 consignment", "the net weight, so the shares lack it, of 1 consignment",
                 "the kg of each material, so each counts with the whole, of 1 consignment", "the share of strategic projects"):  # fmt: skip
        assert what in said, what
    assert made().sections[1].tables[0].rows == ()
