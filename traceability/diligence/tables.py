"""Facts of the acts, packaged as tables with their source columns: Annex I rows, raw materials, Annex X, UFLPA sectors.

These copies are what the rules read; the tables of the same content under ``seed/`` are equal to them, row by row.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import zip_longest

from traceability.diligence.schema import facts_schema

TABLES = ("annex_i_2017_821.csv", "battery_annex_x.csv", "crm_2024_1252.csv", "uflpa_high_priority_sectors.csv")


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """One row of Annex I of Reg. (EU) 2017/821.

    ``part`` is A (minerals) or B (metals), ``taric_sub`` the only TARIC subdivision covered, where the row covers its
    CN code in part. Its threshold has dates of its own: ``thresholds``.
    """

    row_id: str
    part: str
    metal: str
    prefixes: tuple[str, ...]
    taric_sub: str | None


@dataclass(frozen=True, slots=True)
class Threshold:
    """Kilograms per importer and calendar year from which the Regulation applies, and the days on which that is so.

    ``last`` is None of the one that no later line of the table ends.
    """

    kilograms: Decimal
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Sector:
    """A high-priority sector of the UFLPA strategy that has a material code."""

    name: str
    material: str
    added_year: int


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of a packaged CSV as written, header names as keys."""
    text = (files("traceability.diligence") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def annex_rows() -> tuple[AnnexRow, ...]:
    """Return the 23 rows of Annex I of Reg. (EU) 2017/821 (consolidated 2020-11-19)."""
    return tuple(
        AnnexRow(
            row_id=row["row_id"],
            part=row["part"],
            metal=row["metal"],
            prefixes=tuple(row["cn_prefixes"].split("|")),
            taric_sub=row["taric_sub"] or None,
        )
        for row in read_table("annex_i_2017_821.csv")
    )


@cache
def thresholds() -> Mapping[str, tuple[Threshold, ...]]:
    """Return the thresholds of each row of Annex I by row_id, the earliest first.

    Art. 1(5) lets delegated acts change them every three years, so each has dates. An amended one is a further line of
    the table; the line it follows needs no last day: it ends the day before.

    Raises:
        ValueError: two of one row begin on one day, or a stated last day is not the one before the next line's first.

    """
    found: dict[str, list[Threshold]] = {}
    for line in sorted(read_table("annex_i_thresholds.csv"), key=lambda line: line["applicable_from"]):
        found.setdefault(line["row_id"], []).append(_threshold(line))
    return {row_id: tuple(_in_turn(row_id, known)) for row_id, known in found.items()}


def _threshold(line: Mapping[str, str]) -> Threshold:
    last = line["applicable_to"]
    first = date.fromisoformat(line["applicable_from"])
    return Threshold(Decimal(line["threshold_kg"]), first, date.fromisoformat(last) if last else None)


def _in_turn(row_id: str, known: list[Threshold]) -> Iterator[Threshold]:
    """Yield the thresholds of one row, each until the day before the next one."""
    for one, following in zip_longest(known, known[1:]):
        last = None if following is None else following.first - timedelta(days=1)
        if one.last not in (None, last) or (last is not None and last < one.first):
            raise ValueError(f"annex_i_thresholds.csv: {row_id}, from {one.first}: expected the next line's day before")
        yield replace(one, last=last)


@cache
def sectors() -> tuple[Sector, ...]:
    """Return the UFLPA high-priority sectors that can be told from a material code, in the order of the table."""
    return tuple(
        Sector(name=row["sector"], material=row["material_code"], added_year=int(row["added_year"]))
        for row in read_table("uflpa_high_priority_sectors.csv")
        if row["material_code"]
    )


@cache
def annex_x_materials() -> frozenset[str]:
    """Return the material codes of the raw materials of Annex X of Reg. (EU) 2023/1542 (consolidated 2025-07-31).

    Its point 1(e), chemical compounds based on the others, has no code of its own.
    """
    codes = facts_schema()["$defs"]["material"]["enum"]
    return frozenset(row["text"].replace(" ", "_") for row in read_table("battery_annex_x.csv")).intersection(codes)


@cache
def _raw_materials() -> Mapping[str, Mapping[str, str]]:
    return {row["material_code"]: row for row in read_table("crm_2024_1252.csv")}


def is_strategic(material: str) -> bool:
    """Tell whether the material is in Annex I of Reg. (EU) 2024/1252 (strategic raw materials)."""
    return _raw_materials().get(material, {}).get("strategic") == "yes"


def is_critical(material: str) -> bool:
    """Tell whether the material is in Annex II of Reg. (EU) 2024/1252 (critical raw materials)."""
    return _raw_materials().get(material, {}).get("critical") == "yes"
