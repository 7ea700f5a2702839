"""CBP's Withhold Release Orders and Findings, CSV (19 U.S.C. 1307): parties, and orders about goods of a place.

``Entity`` is prose: one party, several, "all cotton from X", or a ship. Only what is one name is taken as a name. Where
a person has taken a cell apart before, the reader is told (`Parted`); everything else waits for review. Only orders
``Active`` or ``Partially Active`` are in force; of one that is not, the table does not say since when.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from traceability.lists.entries import ListEntry, Name, names
from traceability.lists.fold import fold
from traceability.lists.orgforms import default_forms
from traceability.lists.places import Places
from traceability.lists.readers import table_text
from traceability.lists.readers.reading import Reading, key_of

LIST_ID = "us-cbp-wro"
_TABLE: Final = Path(__file__).parents[1] / "data" / "cbp_entities.csv"
_NEEDED: Final = (
    "Country", "Country Code", "Industry", "Status", "WRO/Finding", "Entity", "Merchandise", "Effective Date",
    "Press Release",
)  # fmt: skip
_IN_FORCE: Final = frozenset({"active", "partially active"})
_OVER: Final = frozenset({"inactive", "revoked", "terminated"})
_ALL_FROM: Final = re.compile(
    r"^all (?P<goods>[\w ,&/-]+?) (?:from|produced in|harvested in) (?P<place>[\w .'-]+)$", re.IGNORECASE
)
_SHIP: Final = re.compile(r"^(?:F/V|FV|M/V|MV|fishing vessel)\b", re.IGNORECASE)
_PROSE: Final = re.compile(
    r"\b(?:and|its|their|subsidiar\w+|affiliat\w+|entities|mines?|region|produced|harvested|all|from|includ\w+)\b|;",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Parted:
    """The names that a person found in a cell of ``Entity``, and whether the cell reaches parties it does not name.

    ``aliases`` are other names of one of them, by that name.
    """

    names: tuple[str, ...]
    reaches_more: bool = False
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def parted_before() -> Mapping[str, Parted]:
    """Return the cells that people have taken apart, by their text: the table that comes with this package."""
    found: dict[str, Parted] = {}
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            known = found.get(row["entity"], Parted(()))
            others = [text for text in row["aliases"].split("|") if text]
            found[row["entity"]] = Parted(
                tuple(dict.fromkeys((*known.names, row["name"]))),
                known.reaches_more or row["reaches_more"] == "yes",
                {**known.aliases, row["name"]: others},
            )
    return found


def read(data: bytes, places: Places, seen: date, parted: Mapping[str, Parted] | None = None) -> Reading:
    """Return one entry per named party and per order about goods of a country.

    Args:
        data: the table, latin-1 as CBP writes it or UTF-8.
        places: names and codes of countries.
        seen: the day the table was retrieved. An order that is over was so on that day at the latest: before it the
            entry counts as in force, since nothing tells that it was not.
        parted: cells of ``Entity`` taken apart before, by their text.

    Raises:
        InvalidInput: it is no such table.

    """
    reading = Reading(LIST_ID)
    for line, cells in table_text.rows(data, _NEEDED, encoding=_encoding(data)):
        key = f"line {line}"
        day = None if "" in cells else _day(cells["Effective Date"])
        if day is None or cells["Status"].lower() not in _IN_FORCE | _OVER:
            why = "expected all columns, a status that is known and a date such as 06/24/2021"
            reading.ask(key, "row", ",".join(cells.values()), why, lost=True)
            continue
        over = seen - timedelta(days=1) if cells["Status"].lower() in _OVER else None
        reading.entries.extend(_entries(cells, _Order(day, over), places, parted or {}, reading))
    return reading


@dataclass(frozen=True, slots=True)
class _Order:
    begins: date
    ends: date | None


def _entries(
    cells: Mapping[str, str], order: _Order, places: Places, parted: Mapping[str, Parted], reading: Reading
) -> Iterator[ListEntry]:
    entity = " ".join(cells["Entity"].split())
    goods = _ALL_FROM.match(entity)
    known = parted.get(entity) or (Parted((entity,)) if _is_one_name(entity) else None)
    if goods:
        yield from _goods(goods["goods"], goods["place"], cells, order, places, reading)
    elif known is None:
        reading.ask(key_of(LIST_ID, entity), "entity", entity, "no single name: a person has to part it", lost=True)
    else:
        if known.reaches_more:
            reading.ask(key_of(LIST_ID, entity), "entity", entity, "reaches parties that are not named", lost=True)
        for name in known.names:
            yield _party(name, known.aliases.get(name, ()), cells, order, places)


def _party(name: str, aliases: Sequence[str], cells: Mapping[str, str], order: _Order, places: Places) -> ListEntry:
    return ListEntry(
        LIST_ID,
        key_of(LIST_ID, name, cells["Country Code"], order.begins.isoformat()),
        "party",
        names=(*names("primary", [name]), *names("strong", aliases)),
        country=_country(cells, places),
        valid_from=order.begins,
        valid_to=order.ends,
        forced_labour=True,
        source=cells["Press Release"],
        extra=_said(cells) | {"schema": "Vessel" if _SHIP.match(name) else "Organization"},
    )


def _goods(
    goods: str, place: str, cells: Mapping[str, str], order: _Order, places: Places, reading: Reading
) -> Iterator[ListEntry]:
    country = _country(cells, places)
    if country is None or country != places.country_code(place):
        raw = f"{cells['Entity']} / {cells['Country']}"
        reading.ask(key_of(LIST_ID, raw), "entity", raw, "goods of a place that is not the row's country", lost=True)
        return
    yield ListEntry(
        LIST_ID,
        key_of(LIST_ID, goods.lower(), country, order.begins.isoformat()),
        "goods",
        names=(Name(goods.strip().capitalize()),),
        country=country,
        valid_from=order.begins,
        valid_to=order.ends,
        forced_labour=True,
        source=cells["Press Release"],
        extra=_said(cells),
    )


def _said(cells: Mapping[str, str]) -> dict[str, str]:
    said = {
        "order": cells["WRO/Finding"], "order_status": cells["Status"], "merchandise": cells["Merchandise"],
        "industry": cells["Industry"],
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _country(cells: Mapping[str, str], places: Places) -> str | None:
    return places.country_code(cells["Country"]) or places.country_code(cells["Country Code"])


def _is_one_name(entity: str) -> bool:
    """Tell whether a cell is one name: no prose, and a comma only before a legal form."""
    parts: Sequence[str] = [part.strip() for part in entity.rstrip(".").split(",")]
    forms = default_forms().canonical
    return (
        bool(parts[0]) and not _PROSE.search(entity) and all(tuple(fold(part).split()) in forms for part in parts[1:])
    )


def _day(text: str) -> date | None:
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  # a calendar date has no zone
        except ValueError:
            continue
    return None


def _encoding(data: bytes) -> str:
    """CBP writes latin-1; what is UTF-8 throughout was saved again by somebody."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"
