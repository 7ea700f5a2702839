"""US Consolidated Screening List, CSV of 28 columns: nine lists of three departments in one table.

A name may begin with a blank, the type may be empty, an order may have ended; what the SDN list says in remarks stands
in ``ids`` here, as ``CO, 1978075, Matricula Mercantil No`` beside sentences that are no identifiers.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from traceability.lists.entries import Identifier, ListEntry, names
from traceability.lists.places import Places
from traceability.lists.readers import births, ofac_remarks, table_text
from traceability.lists.readers.reading import Reading, key_of

LIST_ID = "us-csl"
_NEEDED: Final = (
    "source", "entity_number", "type", "programs", "name", "addresses", "federal_register_notice", "start_date",
    "end_date", "source_list_url", "alt_names", "citizenships", "nationalities", "vessel_flag", "ids",
)  # fmt: skip
_SCHEMAS: Final = {"Entity": "Organization", "Individual": "Person", "Vessel": "Vessel", "Aircraft": "Aircraft"}
_SHORT: Final = re.compile(r"\(([A-Z]{2,5})\)")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def read(data: bytes, places: Places) -> Reading:
    """Return the entries of the table, each with the list it comes from in ``extra``."""
    reading = Reading(LIST_ID)
    seen: set[str] = set()
    for line, cells in table_text.rows(data, _NEEDED):
        if "" in cells or not cells["name"]:
            reading.ask(f"line {line}", "row", ",".join(cells.values()), "expected 28 cells and a name", lost=True)
            continue
        key = _key(cells)
        if key not in seen:
            seen.add(key)
            reading.entries.append(_entry(key, cells, places, reading))
    return reading


def _entry(key: str, cells: Mapping[str, str], places: Places, reading: Reading) -> ListEntry:
    countries = sorted(set(_countries(key, cells, places, reading)))
    extra = {"list": _list_of(cells), "source_url": cells["source_list_url"]}
    schema = _SCHEMAS.get(cells["type"], "")
    if cells["type"] and not schema:
        reading.ask(key, "type", cells["type"], "an unknown type: the entry is compared with every kind", lost=False)
    return ListEntry(
        LIST_ID,
        key,
        "party",
        names=(*names("primary", [cells["name"]]), *names("strong", cells["alt_names"].split("; "))),
        identifiers=tuple(dict.fromkeys(_identifiers(key, cells["ids"], places, reading))),
        country=countries[0] if len(countries) == 1 else None,
        programmes=tuple(filter(None, (part.strip() for part in cells["programs"].split(";")))),
        valid_from=_day(key, "start_date", cells, reading),
        valid_to=_day(key, "end_date", cells, reading),
        source=cells["source"],
        extra={
            column: value
            for column, value in (
                extra
                | {"schema": schema, "countries": "|".join(countries) if len(countries) > 1 else ""}
                | births.kept(map(births.iso, cells.get("dates_of_birth", "").split(";")))
            ).items()
            if value
        },
    )


def _key(cells: Mapping[str, str]) -> str:
    """Return the number a list gives, else what tells two orders against one name apart."""
    if cells["entity_number"]:
        return f"{_list_of(cells)}/{cells['entity_number']}"
    told = ("name", "addresses", "federal_register_notice", "start_date", "end_date")
    return f"{_list_of(cells)}/{key_of(*(cells[column] for column in told))}"


def _list_of(cells: Mapping[str, str]) -> str:
    found = _SHORT.search(cells["source"])
    return found[1] if found else key_of(cells["source"])


def _countries(key: str, cells: Mapping[str, str], places: Places, reading: Reading) -> Iterator[str]:
    stated = [address.rpartition(",")[2].strip() for address in cells["addresses"].split(";")]
    yield from (code for code in stated if _COUNTRY.fullmatch(code) and places.country_code(code))
    named = (part.strip() for name in ("nationalities", "citizenships") for part in cells[name].split(";"))
    for text in filter(None, dict.fromkeys((*named, cells["vessel_flag"]))):
        code = places.country_code(text)
        if code:
            yield code
        else:
            reading.ask(key, "country", text, "country name not in the table of names", lost=False)


def _day(key: str, column: str, cells: Mapping[str, str], reading: Reading) -> date | None:
    try:
        return date.fromisoformat(cells[column]) if cells[column] else None
    except ValueError:
        # Without the day the entry counts as in force: that asks a person, the opposite would clear.
        reading.ask(key, column, cells[column], "expected a date such as 2024-08-09; taken as open", lost=False)
        return None


def _identifiers(key: str, cell: str, places: Places, reading: Reading) -> Iterator[Identifier]:
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        words = [word.strip() for word in part.split(",")]
        country = words[0] if len(words) > 2 and _COUNTRY.fullmatch(words[0]) else None  # noqa: PLR2004  # country, number, label
        value = ", ".join(words[1 if country else 0 : -1])
        remarks = ofac_remarks.read(f"{words[-1]} {value}.", places)
        yield from (replace(item, country=country or item.country) for item in remarks.identifiers)
        for raw, reason in remarks.questions:
            reading.ask(key, "ids", raw, reason, lost=False)
