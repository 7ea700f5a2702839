"""The EU list of conflict-affected and high-risk areas (Reg. (EU) 2017/821 Art. 14(2)), as JSON or CSV.

The JSON seen has one object per country, with its regions; it was made from what the list's site answers to browsers,
whose own form was not seen. The CSV has the same fields, one row per area; it too is a copy made from that JSON: no
CSV of the publisher's own was found.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry, Name
from traceability.lists.readers import table_text
from traceability.lists.readers.reading import Reading, within_limit

LIST_ID = "eu-cahra"
_TEXT = {"type": "string", "minLength": 1}
_FLAG = {"type": ["boolean", "null"]}
_REGION = {
    "type": "object",
    "required": ["name", "code"],
    "properties": {
        "name": _TEXT,
        "code": {"type": "string", "pattern": "^[A-Z]{2}-[A-Z0-9]{1,3}$"},
        "conflictAffected": _FLAG,
        "highRisk": _FLAG,
    },
}
_COUNTRY = {
    "type": "object",
    "required": ["countryName", "iso2", "wholeCountry", "regions"],
    "properties": {
        "countryName": _TEXT,
        "iso2": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "wholeCountry": {"type": "boolean"},
        "regions": {"type": ["array", "null"], "items": _REGION},
    },
}
_COLUMNS: Final = ("country", "iso2", "whole_country", "region", "iso3166_2", "conflict_affected", "high_risk")
_FLAGS: Final = {"true": True, "false": False}
_CODE: Final = re.compile("[A-Z]{2}")
_REGION_CODE: Final = re.compile("[A-Z]{2}-[A-Z0-9]{1,3}")
_SHAPE = {
    "type": "object",
    "required": ["meta", "entries"],
    "properties": {
        "meta": {"type": "object", "required": ["version"], "properties": {"version": _TEXT}},
        "entries": {"type": "array", "items": _COUNTRY},
    },
}


def version(data: bytes) -> str:
    """Return the version the publisher states."""
    return str(_document(data)["meta"]["version"])


def read(data: bytes) -> Reading:
    """Return one entry per listed region, and one per country that is listed as a whole. No entry has a first day."""
    reading = Reading(LIST_ID)
    for country in _document(data)["entries"]:
        regions = country["regions"] or []
        if country["wholeCountry"]:
            reading.entries.append(_area(country, country["iso2"], country["countryName"], country))
        elif not regions:
            reading.ask(
                country["iso2"], "regions", country["countryName"], "neither regions nor whole country", lost=True
            )
        reading.entries.extend(_area(country, region["code"], region["name"], region) for region in regions)
    return reading


def read_csv(data: bytes) -> Reading:
    """Return the same entries from a table of areas; a row without a region is a country listed as a whole.

    Raises:
        InvalidInput: it is no such table.

    """
    reading = Reading(LIST_ID)
    for line, cells in table_text.rows(data, _COLUMNS):
        region, whole = cells.get("iso3166_2", ""), _FLAGS.get(cells.get("whole_country", "").lower())
        if "" in cells or not _CODE.fullmatch(cells["iso2"]) or not _is_area(cells, region, whole=whole):
            why = "expected all columns, a country code, and a region of it with its code or a whole country"
            reading.ask(f"line {line}", "row", ",".join(cells.values()), why, lost=True)
            continue
        name = cells["region"] or cells["country"]
        reading.entries.append(_area(cells, region or cells["iso2"], name, _flags(cells)))
    return reading


def _is_area(cells: Mapping[str, str], region: str, *, whole: bool | None) -> bool:
    if not region:
        return whole is True
    return bool(cells["region"]) and region.startswith(f"{cells['iso2']}-") and bool(_REGION_CODE.fullmatch(region))


def _flags(cells: Mapping[str, str]) -> dict[str, bool | None]:
    stated = {"conflictAffected": cells["conflict_affected"], "highRisk": cells["high_risk"]}
    return {name: _FLAGS.get(text.lower()) for name, text in stated.items()}


def _document(data: bytes) -> Any:
    from jsonschema import Draft202012Validator  # its formats take seconds to import

    document = strict_json.loads(within_limit(data))
    for error in Draft202012Validator(_SHAPE).iter_errors(document):
        place = "/".join(map(str, error.absolute_path)) or "the document"
        raise InvalidInput(f"{place}: not the form of the CAHRA list: {error.message[:200]}")
    return document


def _area(country: Mapping[str, Any], code: str, name: str, flags: Mapping[str, Any]) -> ListEntry:
    stated = {"conflict_affected": flags.get("conflictAffected"), "high_risk": flags.get("highRisk")}
    extra = {column: "yes" if value else "no" for column, value in stated.items() if value is not None}
    whole = {"whole_country": "yes"} if "-" not in code else {}
    return ListEntry(
        LIST_ID, code, "area", names=(Name(name),), country=country["iso2"], code=code, extra=extra | whole
    )
