"""The fields of a shipment record: those of the facts schema's ``shipment``, and the release date (our own)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from traceability.diligence.facts import facts_schema
from traceability.errors import InvalidInput, Problem
from traceability.strict_json import loads

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

REQUIRED = ("shipment_id", "cn_code", "material_class", "destination_country")
_MAX_PROBLEMS = 100


@lru_cache(maxsize=1)
def shipment_schema() -> dict[str, Any]:
    """Return the JSON schema of a shipment record, as published in schemas/."""
    whole = facts_schema()
    shipment = dict(whole["properties"]["shipment"])
    shipment["properties"] = {
        **shipment["properties"],
        "released_on": {
            "$ref": "#/$defs/date",
            "description": "Release for free circulation; the year the volume counts in. Absent: the day received.",
        },
    }
    shipment["required"] = list(REQUIRED)
    return {
        "$schema": whole["$schema"],
        "$id": "urn:traceability:schema:shipment-record:1.0",
        "title": "Shipment record",
        "description": "An importer's declaration of a consignment; signed as received.",
        **{name: value for name, value in shipment.items() if name != "description"},
        "$defs": whole["$defs"],
    }


@lru_cache(maxsize=1)
def _validator() -> "Draft202012Validator":
    from jsonschema import Draft202012Validator, FormatChecker  # its formats take seconds to import

    return Draft202012Validator(shipment_schema(), format_checker=FormatChecker())


def problems_of(record: Any) -> list[Problem]:
    """Return what is wrong with a shipment record, by field."""
    errors = sorted(_validator().iter_errors(record), key=lambda error: list(map(str, error.absolute_path)))
    found = [Problem(".".join(map(str, error.absolute_path)) or "record", error.message[:300]) for error in errors]
    return (found or _contradictions(record))[:_MAX_PROBLEMS]


def _contradictions(record: Mapping[str, Any]) -> list[Problem]:
    found = []
    for name in ("supplier", "manufacturer", "mine_of_origin"):
        place = record.get(name, {})
        if "subdivision" in place and place["subdivision"][:2] != place.get("country", place["subdivision"][:2]):
            found.append(Problem(f"{name}.subdivision", "lies in another country than the one beside it"))
    for number, origin in enumerate(record.get("origins", [])):
        if "subdivision" in origin and origin["subdivision"][:2] != origin["country"]:
            found.append(Problem(f"origins.{number}.subdivision", "lies in another country than the one beside it"))
    batches = record.get("batch_ids", [])
    if len(set(batches)) != len(batches):
        found.append(Problem("batch_ids", "names a batch twice"))
    return found


def check(record: Any) -> Mapping[str, Any]:
    """Return the record.

    Raises:
        InvalidInput: fields are missing, unknown or not of their form.

    """
    problems = problems_of(record)
    if problems:
        raise InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was recorded", problems=problems)
    checked: Mapping[str, Any] = record
    return checked


def parse(data: bytes) -> Mapping[str, Any]:
    """Return the record in a JSON body, checked."""
    return check(loads(data))
