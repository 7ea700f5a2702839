"""Concentration: of each strategic material and stage the shares of countries, beside the Union's benchmark (page 6).

The figures are those of the report on Reg. (EU) 2024/1252. A share above the line is an indicator, and no limit for a
company.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, Literal

from flask import request

from traceability.diligence.reports.concentration import BENCHMARK, KIND
from traceability.diligence.reports.model import Report
from traceability.diligence.reports.model import Table as Figures
from traceability.errors import InvalidQuery
from traceability.services.reports import asking
from traceability.web import words
from traceability.web.language import N_, country_name, decimal, gettext
from traceability.web.page import Cell, Column, Page, table
from traceability.web.reports import asked_year
from traceability.web.routes import page
from traceability.web.session import actor, service

Beside = Literal["above", "not_above", "cannot_tell", "in_union", "not_strategic", "unknown"]
WIDTH: Final = Decimal(298)  # units of a bar's whole

_SHARES = (
    Column("material", "Material"), Column("stage", "Stage"), Column("country", "Country"),
    Column("where", "Where"), Column("percent", "Share", "number"), Column("kg", "Kilograms", "number"),
    Column("beside", "Beside 65 %"), Column("annex", "Annex"),
)  # fmt: skip
_STRESS = (
    Column("material", "Material"), Column("stage", "Stage"), Column("lost", "Falls away", "number"),
    Column("most", "At most", "number"), Column("kg", "Kilograms", "number"), Column("left", "Countries left"),
)  # fmt: skip
_SUPPLIERS = (
    Column("material", "Material"), Column("consignments", "Consignments", "number"),
    Column("suppliers", "Suppliers named", "number"), Column("unnamed", "Without a supplier", "number"),
    Column("largest", "From the largest supplier", "number"),
)  # fmt: skip
_GAPS = (Column("what", "Not recorded"), Column("law", "Asked for by"), Column("mend", "Where to record it"))
_BESIDE: Final[Mapping[Beside, tuple[str, str]]] = {
    "above": (N_("above 65 %"), "major"), "not_above": (N_("not above 65 %"), "in_force"),
    "cannot_tell": (N_("cannot be told: too much is not recorded"), "gap"),
    "in_union": (N_("not asked: in the Union"), "in_force"),
    "not_strategic": (N_("not asked: not strategic"), "in_force"), "unknown": (N_("country not recorded"), "gap"),
}  # fmt: skip
_EMPTY = N_(
    "No shipment record released in this year names a material of Annex I or II, so there is no share to tell. Another "
    "year may have some."
)
_NO_STRESS = N_("Nothing recorded comes from there in this year; what is not recorded may.")
_NO_GAPS = N_("Nothing is named as missing from these figures.")


@dataclass(frozen=True, slots=True)
class Share:
    """One share of the report: kilograms of a material that come from a country at a stage, and the percent of it."""

    material: str
    strategic: bool
    stage: str
    country: str | None
    union: bool
    kg: Decimal
    percent: Decimal
    beside: Beside


@page("/concentration")
def concentration_page() -> Page:
    """The shares of a year, what falls away without one country, and on how many suppliers each material depends."""
    who, year = actor(), asked_year()
    who.require("reports")
    report = asking.built(service(), who, KIND, {"year": year})
    found = shares(report)
    without = _without(found)
    tables = [
        table("shares", gettext("Shares of %(year)s", year=year), _SHARES, map(_row, found), _EMPTY),
        table("suppliers", "Dependence on suppliers", _SUPPLIERS, map(_supplier, _figures(report, "suppliers").rows),
              _EMPTY),
        table("gaps", "What is not known", _GAPS,
              [{"what": gap.what, "law": gap.law, "mend": gap.mend} for gap in report.gaps], _NO_GAPS),
    ]  # fmt: skip
    if without:
        fallen = map(_stress_row, stress(found, without))
        caption = gettext("If nothing came from %(country)s", country=country_name(without))
        tables.append(table("stress", caption, _STRESS, fallen, _NO_STRESS))
    return Page("Concentration", "concentration.html", tables, {"year": year, "without": without}, {
        "groups": [_group(*one) for one in grouped(found)], "as_of": report.as_of,
        "countries": sorted({one.country for one in found if one.country}), "named": country_name,
    })  # fmt: skip


def shares(report: Report) -> list[Share]:
    """Return the shares of a report, in its order: strategic materials first, of each the largest share first."""
    return [_share(row) for row in _figures(report, "shares").rows]


def _figures(report: Report, name: str) -> Figures:
    return next(one for section in report.sections for one in section.tables if one.name == name)


def _share(row: Sequence[Any]) -> Share:
    material, annex, stage, country, where, kg, percent, beside = row
    return Share(
        material, annex.startswith("strategic"), stage, country, where == "Union", kg, percent, _beside(beside)
    )


def _beside(said: str) -> Beside:
    """Return the code of what the report says of a share; words it does not know are no good news."""
    known: Mapping[str, Beside] = {
        "above": "above", "not above": "not_above", "not asked: in the Union": "in_union",
        "not asked: not strategic": "not_strategic", "country not recorded": "unknown",
    }  # fmt: skip
    return known.get(said, "cannot_tell")


def grouped(found: Iterable[Share]) -> list[tuple[tuple[str, str], list[Share]]]:
    """Return the shares of strategic materials by material and stage."""
    held = [one for one in found if one.strategic]
    return [(key, list(of)) for key, of in groupby(held, key=lambda one: (one.material, one.stage))]


def _group(key: tuple[str, str], found: Sequence[Share]) -> dict[str, Any]:
    """Return what the bars of one material and stage need, with its Union share and what is not recorded in words."""
    union = sum((one.percent for one in found if one.union), Decimal(0))
    unknown = sum((one.percent for one in found if one.country is None), Decimal(0))
    said = gettext("In the Union %(union)s, not recorded %(unknown)s.", union=percent(union), unknown=percent(unknown))
    name = f"{words.sentence(key[0])}, {words.sentence(key[1])}"
    return {"name": name, "said": said, "bars": [bar(one) for one in found]}


def bar(one: Share) -> dict[str, Any]:
    """Return what the picture of a share needs: 298 units are the whole, and the line only where it speaks of it."""
    held = one.beside in ("above", "not_above", "cannot_tell")
    said = f"{percent(one.percent)}, {_kg(one.kg)}"
    return {
        "name": _country(one), "width": f"{one.percent * WIDTH / 100:.1f}", "state": one.beside, "known": True,
        "line": f"{BENCHMARK * WIDTH / 100 + 1:.1f}" if held else None,
        "said": f"{said}: {gettext(_BESIDE[one.beside][0])}" if held else said,
    }  # fmt: skip


def percent(value: Decimal) -> str:
    """Return a share with two decimals, as the reader writes numbers."""
    return f"{decimal(f'{value:.2f}')} %"


def _kg(value: Decimal) -> str:
    """Return kilograms of the report, which are to the gram, without noughts at the end."""
    return words.kilograms(f"{value.normalize():f}")


def _country(one: Share) -> str:
    return gettext("not recorded") if one.country is None else f"{country_name(one.country)} ({one.country})"


def _row(one: Share) -> dict[str, Any]:
    said, mark = _BESIDE[one.beside]
    where = (
        gettext("not known") if one.country is None else gettext("the Union") if one.union else gettext("third country")
    )
    return {
        "material": words.sentence(one.material), "stage": words.sentence(one.stage), "country": _country(one),
        "where": where, "percent": percent(one.percent), "kg": _kg(one.kg),
        "beside": Cell(gettext(said), mark=mark),
        "annex": gettext("strategic (Annex I)") if one.strategic else gettext("critical (Annex II)"),
    }  # fmt: skip


def _without(found: Iterable[Share]) -> str | None:
    """Return the country that the address asks to think away; raises InvalidQuery for one that no share names."""
    asked = request.args.get("without", "").strip().upper()
    if asked and asked not in {one.country for one in found}:
        raise InvalidQuery(gettext("expected a country of these shares; got %(got)r", got=asked[:20]))
    return asked or None


@dataclass(frozen=True, slots=True)
class Fallen:
    """What falls away of a material at a stage: percent and kg recorded, percent at most, countries that are left."""

    material: str
    stage: str
    percent: Decimal
    most: Decimal
    kg: Decimal
    left: tuple[str, ...]


def stress(found: Iterable[Share], country: str) -> list[Fallen]:
    """Return what falls away if nothing came from a country, the most first; what is not recorded may be from there."""
    fallen = []
    for (material, stage), each in groupby(found, key=lambda one: (one.material, one.stage)):
        of = list(each)
        lost = [one for one in of if one.country == country]
        unknown = sum((one.percent for one in of if one.country is None), Decimal(0))
        if lost:
            left = tuple(one.country for one in of if one.country and one.country != country)
            fallen.append(Fallen(material, stage, lost[0].percent, lost[0].percent + unknown, lost[0].kg, left))
    return sorted(fallen, key=lambda one: -one.percent)


def _stress_row(one: Fallen) -> dict[str, Any]:
    return {
        "material": words.sentence(one.material), "stage": words.sentence(one.stage), "lost": percent(one.percent),
        "most": percent(one.most), "kg": _kg(one.kg),
        "left": ", ".join(map(country_name, one.left)) or gettext("none that is recorded"),
    }  # fmt: skip


def _supplier(row: Sequence[Any]) -> dict[str, Any]:
    material, consignments, suppliers, unnamed, largest = row
    return {
        "material": words.sentence(material), "consignments": consignments, "suppliers": suppliers,
        "unnamed": unnamed, "largest": gettext("not known") if largest is None else percent(largest),
    }  # fmt: skip
