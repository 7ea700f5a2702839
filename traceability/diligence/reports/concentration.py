"""From which countries raw materials come, stage by stage, against the Union's benchmark (Reg. (EU) 2024/1252).

The benchmark is the Union's, for 2030, and no duty of a company: a share above it here is an indicator.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from traceability.diligence.definitions.countries import EU27
from traceability.diligence.definitions.numbers import total
from traceability.diligence.reports.model import About, Bar, Column, Gap, Report, Section, Table
from traceability.diligence.reports.origins import STAGES, Countries, Stage
from traceability.diligence.tables import is_critical, is_strategic, read_table

KIND, TITLE = "crma-concentration", "Concentration and vulnerability of raw materials"
LAW: Final = "Reg. (EU) 2024/1252"
ARTICLE = f"{LAW} Art. 5(1), 24(2)-(4)"
BENCHMARK: Final = Decimal(65)
_BARS = 40  # the table has them all
_CENT, _GRAM = Decimal("0.01"), Decimal("0.001")
_SHARES = (
    Column("material", "Material"), Column("annex", "Annex"), Column("stage", "Stage"), Column("country", "Country"),
    Column("union", "Where"), Column("kg", "Mass", "kg"), Column("percent", "Share", "%"),
    Column("benchmark", "Beside 65 %"),
)  # fmt: skip
_SUPPLIERS = (
    Column("material", "Material"), Column("consignments", "Consignments"), Column("suppliers", "Suppliers named"),
    Column("unnamed", "Consignments without a supplier"), Column("largest", "Mass from the largest supplier", "%"),
)  # fmt: skip
_STATED = (Column("what", "What"), Column("stated", "As the importer stated it"))
_BY_HAND = "the report itself (DOCX), by the person who answers for it"
_RECORD = "the shipment record"


@dataclass(frozen=True, slots=True)
class Consignment:
    """A consignment of the period: its materials by code, net weight in kg, kg by stage and country, its supplier."""

    materials: tuple[str, ...]
    kg: Decimal | None
    stages: Mapping[Stage, Countries]
    supplier: str | None


def concentration(
    about: About, found: Sequence[Consignment], importer: Mapping[str, Any], limits: Sequence[Gap]
) -> Report:
    """Return the report of an importer's consignments.

    Args:
        about: whose it is.
        found: the consignments of the period.
        importer: what the importer stated about itself; ``management_system`` may say when it last assessed.
        limits: what keeps the records from being all there are.

    """
    materials = _materials(found)
    shares = [line for material in materials for stage in STAGES for line in _lines(material, stage, found)]
    table = Table("shares", "Shares by material, stage and country", _SHARES, tuple(map(_cells, shares)), _MASS)
    supply = Table("suppliers", "Dependence on suppliers", _SUPPLIERS, tuple(_suppliers(materials, found)))
    sections = (
        Section("What the law asks", _ASKED, (_stated(importer),)),
        Section("Concentration", (_counted(found, materials),), (table,), tuple(_bars(shares)), f"{LAW} Art. 5(1)"),
        Section("Vulnerability", (_FACTORS,), (supply,), law=f"{LAW} Art. 24(2)"),
    )
    lists = {row["law_ref"]: f"in force since {row['valid_from']}" for row in read_table("crm_2024_1252.csv")}
    return Report(
        kind=KIND, title=TITLE, law=ARTICLE, party_id=about.party_id, party_name=about.party_name, period=about.period,
        as_of=about.as_of, sections=sections, gaps=(*limits, *_gaps(found, shares)), list_versions=lists,
        audience="own",
    )  # fmt: skip


_ASKED = (
    (
        "By 2030 the Union wants not more than 65 % of its annual consumption of each strategic raw material, at any "
        "relevant stage, to come from one third country. That is a benchmark of the Union and no limit for a company; "
        "a share above it here is an indicator."
    ),
    (
        "Large companies that a Member State has identified assess at least every three years, as far as the "
        "information is available, where their strategic raw materials are extracted, processed and recycled, what may "
        "affect their supply, and how vulnerable it is. Whether this party is one of them the service does not decide."
    ),
)
_FACTORS = (
    "What may affect supply - trade measures, disruptions, substitutes - and how vulnerable it is a person judges. "
    "From the records: on how many suppliers each material depends."
)
_MASS = (
    "Mass is the net weight of the consignments as imported, in kg, neither dry nor metal contained. It is followed "
    "back through the signed events of the chain: kilograms pass from inputs to outputs by weight. Extraction and "
    "recycling together are the whole; processing is the last smelting, refining, processing or separation. Countries "
    "are those of the events (ISO 3166-1), not those declared. What no validly signed event tells is a row of its own."
)


@dataclass(frozen=True, slots=True)
class _Line:
    material: str
    stage: Stage
    country: str | None
    kg: Decimal
    whole: Decimal
    unknown: Decimal

    @property
    def percent(self) -> Decimal:
        return self.kg * 100 / self.whole

    @property
    def held(self) -> bool:
        """Whether the benchmark speaks of it: a strategic raw material from a third country."""
        return self.country is not None and self.country not in EU27 and is_strategic(self.material)


def _materials(found: Iterable[Consignment]) -> list[str]:
    """Return the materials of Annexes I and II, strategic ones first."""
    named = {material for one in found for material in one.materials if is_strategic(material) or is_critical(material)}
    return sorted(named, key=lambda material: (not is_strategic(material), material))


def _lines(material: str, stage: Stage, found: Iterable[Consignment]) -> list[_Line]:
    amounts: dict[str | None, list[Decimal]] = {}
    for one in found:
        for country, kg in one.stages[stage].items() if material in one.materials else ():
            amounts.setdefault(country, []).append(kg)
    kgs = {country: total(parts) for country, parts in amounts.items()}
    whole, unknown = total(kgs.values()), kgs.get(None, Decimal(0))
    lines = [_Line(material, stage, country, kg, whole, unknown) for country, kg in kgs.items()]
    return sorted(lines, key=lambda line: (line.country is None, -line.kg, line.country or ""))


def _cells(line: _Line) -> tuple[str | Decimal | None, ...]:
    annex = "strategic (Annex I)" if is_strategic(line.material) else "critical (Annex II)"
    where = None if line.country is None else "Union" if line.country in EU27 else "third country"
    return (
        line.material.replace("_", " "), annex, line.stage, line.country, where, line.kg.quantize(_GRAM),
        line.percent.quantize(_CENT), _beside(line),
    )  # fmt: skip


def _beside(line: _Line) -> str:
    """Return where a share stands; exact values are compared, and what is not recorded may belong to the country."""
    if line.country is None:
        return "country not recorded"
    if not line.held:
        return "not asked: in the Union" if line.country in EU27 else "not asked: not strategic"
    if line.kg * 100 > BENCHMARK * line.whole:
        return "above"
    return "cannot be told" if (line.kg + line.unknown) * 100 > BENCHMARK * line.whole else "not above"


def _bars(shares: Sequence[_Line]) -> Iterator[Bar]:
    for line in shares[:_BARS]:
        label = f"{line.material.replace('_', ' ')}, {line.stage}: {line.country or 'not recorded'}"
        yield Bar(label, line.percent.quantize(_CENT), BENCHMARK if line.held else None)


def _counted(found: Sequence[Consignment], materials: Sequence[str]) -> str:
    others = sorted({material for one in found for material in one.materials} - set(materials))
    said = f"Consignments of the period: {len(found)}. "
    more = f"In neither annex and not shown: {', '.join(others).replace('_', ' ')}. " if others else ""
    return f"{said}{more}Of more than {_BARS} shares the first have a bar; the table has all."


def _suppliers(
    materials: Iterable[str], found: Sequence[Consignment]
) -> Iterator[tuple[str | int | Decimal | None, ...]]:
    for material in materials:
        own = [one for one in found if material in one.materials]
        by_supplier: dict[str, list[Decimal]] = {}
        for one in own:
            if one.supplier is not None:
                by_supplier.setdefault(one.supplier, []).append(one.kg or Decimal(0))
        whole = total(one.kg or Decimal(0) for one in own)
        largest = max((total(kgs) for kgs in by_supplier.values()), default=None)
        share = None if largest is None or not whole else (largest * 100 / whole).quantize(_CENT)
        unnamed = sum(one.supplier is None for one in own)
        yield material.replace("_", " "), len(own), len(by_supplier), unnamed, share


def _stated(importer: Mapping[str, Any]) -> Table:
    system = importer.get("management_system") or {}
    makes = importer.get("strategic_technology_manufacturer")
    rows = (
        (
            "Uses strategic raw materials for strategic technologies",
            None if makes is None else "yes" if makes else "no",
        ),
        ("Employees", importer.get("employees")),
        ("Net worldwide turnover (EUR)", importer.get("net_turnover_eur")),
        ("Last assessment of risks to supply", system.get("supply_risk_assessment_on")),
    )
    return Table("company", "The company", _STATED, rows)


def _gaps(found: Sequence[Consignment], shares: Iterable[_Line]) -> Iterator[Gap]:
    for line in shares:
        if line.country is None:
            named = f"{line.material.replace('_', ' ')}, {line.stage}"
            said = f"the country of {line.kg.quantize(_GRAM):f} kg ({named})"
            yield Gap(said, f"{LAW} Art. 24(2)", "signed events of the chain, by those who did the steps")
    counted = {
        "the material": sum(not one.materials for one in found),
        "the net weight, so the shares lack it,": sum(one.kg is None for one in found),
        "the kg of each material, so each counts with the whole,": sum(len(one.materials) > 1 for one in found),
    }
    for what, number in counted.items():
        if number:
            yield Gap(f"{what} of {number} consignment{'s' * (number != 1)}", f"{LAW} Art. 24(2)", _RECORD)
    yield Gap("the share of strategic projects", f"{LAW} Art. 5(1)", _BY_HAND)
    yield Gap("what may affect supply, and how vulnerable it is, in words", f"{LAW} Art. 24(2)", _BY_HAND)
    yield Gap("the log of requests to suppliers and what they answered", f"{LAW} Art. 24(3)", _BY_HAND)
    yield Gap("measures to mitigate, diversification or substitution among them", f"{LAW} Art. 24(4)", _BY_HAND)
    yield Gap("whether a Member State has identified the company", f"{LAW} Art. 24(1)", _BY_HAND)
