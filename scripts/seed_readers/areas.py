"""Area lists: the EU list of conflict-affected and high-risk areas, and our own two tables with a source per row."""

import json
from pathlib import Path
from typing import Any

from seed_readers.table import Reading, key_of, read_csv
from traceability.lists.entries import ListEntry, Name

CAHRA = "eu-cahra"


def cahra_version(path: Path) -> str:
    """Return the version the publisher states."""
    return str(json.loads(path.read_bytes())["meta"]["version"])


def read_cahra(path: Path) -> Reading:
    """Return one entry per listed region, and one per country that is listed as a whole. No entry has a first day."""
    reading = Reading(CAHRA)
    for country in json.loads(path.read_bytes())["entries"]:
        regions = country["regions"] or []
        if country["wholeCountry"]:
            reading.entries.append(_area(country, country["iso2"], country["countryName"], country))
        elif not regions:
            reading.ask(
                country["iso2"], "regions", country["countryName"], "neither regions nor whole country", lost=True
            )
        reading.entries.extend(_area(country, region["code"], region["name"], region) for region in regions)
    return reading


def read_own(path: Path, list_id: str) -> Reading:
    """Return the rows of one of our own tables: an area and the source that names it; no source gives a first day."""
    reading = Reading(list_id)
    for row in read_csv(path):
        kept = ("minerals", "source_type", "url_or_act", "source_date", "retrieved")
        extra = {column: row[column].replace("|", " ") for column in kept if row.get(column)}
        reading.entries.append(
            ListEntry(
                list_id,
                f"{row['code']}/{key_of(row['code'], row.get('minerals', ''), row['source'])}",
                "area",
                names=(Name(row["country"]),) if "-" not in row["code"] else (),
                country=row["code"][:2],
                code=row["code"],
                source=row["source"],
                extra=extra,
            )
        )
    return reading


def _area(country: dict[str, Any], code: str, name: str, flags: dict[str, Any]) -> ListEntry:
    stated = {"conflict_affected": flags.get("conflictAffected"), "high_risk": flags.get("highRisk")}
    extra = {column: "yes" if value else "no" for column, value in stated.items() if value is not None}
    whole = {"whole_country": "yes"} if "-" not in code else {}
    return ListEntry(CAHRA, code, "area", names=(Name(name),), country=country["iso2"], code=code, extra=extra | whole)
