"""The two US forced-labour name lists as seen so far: UFLPA entities and CBP withhold release orders. Both partial."""

import re
from datetime import date
from pathlib import Path

from seed_readers.table import read_csv
from traceability.lists.entries import ListEntry, names
from traceability.lists.places import Places
from traceability.lists.readers.reading import Reading, key_of

UFLPA = "us-uflpa"
WRO = "us-cbp-wro"
_SCHEMAS = {"LegalEntity": "Organization", "Vessel": "Vessel"}
_GOODS_OR_PLACE = re.compile(r"\bproduced in\b|^All |^Artisanal Small Mines$|Diamond Fields|Autonomous Region")


def read_uflpa(path: Path) -> Reading:
    """Return the UFLPA entities; each row names the page it was read in. Rules about subsidiaries wait for review."""
    reading = Reading(UFLPA)
    for row in read_csv(path):
        key = key_of(UFLPA, row["name"], row["clause"])
        if row["subsidiaries_rule"]:
            rule = f"{row['name']} {row['subsidiaries_rule']}"
            reading.ask(key, "subsidiaries", rule, "a rule, not a name: the subsidiaries are not named", lost=True)
        if "cut off" in row["notes"]:
            reading.ask(key, "names", row["name"], row["notes"], lost=True)
        reading.entries.append(_uflpa_entry(key, row))
    return reading


def _uflpa_entry(key: str, row: dict[str, str]) -> ListEntry:
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
        valid_from=date.fromisoformat(row["effective_date"]),
        source=row["source_title"],
        extra={"schema": "Organization"} | {column: row[column] for column in kept},
    )


def read_wro(path: Path, places: Places) -> Reading:
    """Return the names in withhold release orders and findings; orders about goods or places wait for review."""
    reading = Reading(WRO)
    found: dict[str, ListEntry] = {}
    for row in read_csv(path):
        key = key_of(WRO, row["name"], row["address"])
        if _GOODS_OR_PLACE.search(row["name"]):
            reading.ask(key, "name", row["name"], "an order about goods or a place, not about a party", lost=True)
            continue
        if row["notes"]:
            reading.ask(key, "notes", row["cbp_entity_field_verbatim"], "reaches parties that are not named", lost=True)
        found.setdefault(key, _wro_entry(key, row, places))
    reading.entries.extend(found.values())
    return reading


def _wro_entry(key: str, row: dict[str, str], places: Places) -> ListEntry:
    stated = row["country"] or row["address"].rpartition(",")[2]
    return ListEntry(
        WRO,
        key,
        "party",
        names=(*names("primary", [row["name"]]), *names("strong", row["aliases"].split("; "))),
        country=places.country_code(stated),
        extra={"schema": _SCHEMAS[row["schema"]], "order_status": "unknown"},
    )
