"""The EU list of conflict-affected and high-risk areas (Reg. (EU) 2017/821 Art. 14(2)), as the JSON its site offers."""

from typing import Any

import jsonschema

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry, Name
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


def _document(data: bytes) -> Any:
    document = strict_json.loads(within_limit(data))
    for error in jsonschema.Draft202012Validator(_SHAPE).iter_errors(document):
        place = "/".join(map(str, error.absolute_path)) or "the document"
        raise InvalidInput(f"{place}: not the form of the CAHRA list: {error.message[:200]}")
    return document


def _area(country: dict[str, Any], code: str, name: str, flags: dict[str, Any]) -> ListEntry:
    stated = {"conflict_affected": flags.get("conflictAffected"), "high_risk": flags.get("highRisk")}
    extra = {column: "yes" if value else "no" for column, value in stated.items() if value is not None}
    whole = {"whole_country": "yes"} if "-" not in code else {}
    return ListEntry(
        LIST_ID, code, "area", names=(Name(name),), country=country["iso2"], code=code, extra=extra | whole
    )
