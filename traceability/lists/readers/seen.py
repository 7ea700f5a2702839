"""The two US forced-labour name lists as far as they were seen in public pages: tables of facts, not the lists.

UFLPA entities with the page each was read in, and names in withhold release orders without dates; both are partial.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from traceability.lists.entries import ListEntry, names
from traceability.lists.places import Places
from traceability.lists.readers import table_text
from traceability.lists.readers.reading import Reading, key_of

UFLPA: Final = "us-uflpa"
WRO: Final = "us-cbp-wro"
_UFLPA_NEEDED: Final = (
    "name", "aliases", "former_names", "subsidiaries_rule", "clause", "clause_basis", "effective_date",
    "effective_date_basis", "source_type", "source_title", "source_url", "retrieved", "notes",
)  # fmt: skip
_WRO_NEEDED: Final = ("name", "aliases", "schema", "address", "country", "notes", "cbp_entity_field_verbatim")
_SCHEMAS: Final = {"LegalEntity": "Organization", "Vessel": "Vessel"}
_GOODS_OR_PLACE: Final = re.compile(r"\bproduced in\b|^All |^Artisanal Small Mines$|Diamond Fields|Autonomous Region")


def read_uflpa(data: bytes) -> Reading:
    """Return the UFLPA entities; each row names the page it was read in. Rules about subsidiaries wait for review.

    Raises:
        InvalidInput: it is no such table.

    """
    reading = Reading(UFLPA)
    for line, row in table_text.rows(data, _UFLPA_NEEDED):
        day = None if "" in row or not row["name"] else _day(row["effective_date"])
        if day is None:
            why = "expected all columns, a name and a date such as 2024-08-09"
            reading.ask(f"line {line}", "row", ",".join(row.values()), why, lost=True)
            continue
        key = key_of(UFLPA, row["name"], row["clause"])
        if row["subsidiaries_rule"]:
            rule = f"{row['name']} {row['subsidiaries_rule']}"
            reading.ask(key, "subsidiaries", rule, "a rule, not a name: the subsidiaries are not named", lost=True)
        if "cut off" in row["notes"]:
            reading.ask(key, "names", row["name"], row["notes"], lost=True)
        reading.entries.append(_uflpa_entry(key, row, day))
    return reading


def _uflpa_entry(key: str, row: Mapping[str, str], day: date) -> ListEntry:
    found = (
        *names("primary", [row["name"]]),
        *names("strong", row["aliases"].split("; ")),
        *names("former", row["former_names"].split("; ")),
    )
    kept = ("source_type", "source_url", "retrieved", "clause", "clause_basis", "effective_date_basis")
    return ListEntry(
        UFLPA,
        key,
        "party",
        names=found,
        valid_from=day,
        source=row["source_title"],
        extra={"schema": "Organization"} | {column: row[column] for column in kept},
    )


def read_wro(data: bytes, places: Places) -> Reading:
    """Return the names in withhold release orders and findings; orders about goods or places wait for review.

    Raises:
        InvalidInput: it is no such table.

    """
    reading = Reading(WRO)
    found: dict[str, ListEntry] = {}
    for line, row in table_text.rows(data, _WRO_NEEDED):
        if "" in row or not row["name"] or row["schema"] not in _SCHEMAS:
            why = "expected all columns, a name and a known kind"
            reading.ask(f"line {line}", "row", ",".join(row.values()), why, lost=True)
            continue
        key = key_of(WRO, row["name"], row["address"])
        if names_goods(row["name"]):
            reading.ask(key, "name", row["name"], "an order about goods or a place, not about a party", lost=True)
            continue
        if row["notes"]:
            reading.ask(key, "notes", row["cbp_entity_field_verbatim"], "reaches parties that are not named", lost=True)
        found.setdefault(key, _wro_entry(key, row, places))
    reading.entries.extend(found.values())
    return reading


def names_goods(text: str) -> bool:
    """Return whether what stands for a name is an order about goods or a place."""
    return bool(_GOODS_OR_PLACE.search(text))


def _wro_entry(key: str, row: Mapping[str, str], places: Places) -> ListEntry:
    stated = row["country"] or row["address"].rpartition(",")[2]
    return ListEntry(
        WRO,
        key,
        "party",
        names=(*names("primary", [row["name"]]), *names("strong", row["aliases"].split("; "))),
        country=places.country_code(stated),
        extra={"schema": _SCHEMAS[row["schema"]], "order_status": "unknown"},
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
