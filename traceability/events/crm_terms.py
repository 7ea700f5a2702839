"""Our own extension terms (epcis.md 3): the one definition from which schema, context and checks are made.

A value that cannot be read refuses nothing: it is recorded and flagged, and counts as not said.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from traceability.events import formats
from traceability.events.model import CRM_IRI, CRM_PREFIX, CustodyEvent
from traceability.iso import countries, is_country, is_subdivision

_DECIMAL = r"-?[0-9]+(\.[0-9]+)?"
_COMMITMENT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Term:
    """One term: its JSON Schema, what it should be in words, whether a value can be read, and its JSON-LD type."""

    schema: Mapping[str, Any]
    expected: str
    reads: Callable[[Any], bool]
    typed: str | None = None


def number(value: object) -> Decimal | None:
    """Return a JSON number, or a string holding one, as Decimal; None for anything else and for what is not finite."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        return None
    return found if found.is_finite() else None


def _text(expected: str, pattern: str = r"[\s\S]+") -> Term:
    form = re.compile(pattern)
    return Term(
        {"type": "string", "pattern": f"^({pattern})$"},
        expected,
        lambda value: isinstance(value, str) and form.fullmatch(value) is not None,
    )


def _choice(*words: str) -> Term:
    return Term({"enum": list(words)}, f"one of {', '.join(words)}", lambda value: value in words)


def _number(expected: str, low: int | None = None, high: int | None = None) -> Term:
    limits = {name: limit for name, limit in (("minimum", low), ("maximum", high)) if limit is not None}

    def reads(value: Any) -> bool:
        found = number(value)
        return found is not None and (low is None or found >= low) and (high is None or found <= high)

    schema = {"type": ["number", "string"], "pattern": f"^{_DECIMAL}$", **limits}
    return Term(schema, expected, reads, "decimal")


def _several(one: Term, expected: str) -> Term:
    """Return a term that is one such text, or a list of them."""

    def reads(value: Any) -> bool:
        members = value if isinstance(value, list) else [value]
        return bool(members) and all(map(one.reads, members))

    return Term({"anyOf": [one.schema, {"type": "array", "items": one.schema, "minItems": 1}]}, expected, reads)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_country(value: Any) -> bool:
    return isinstance(value, str) and is_country(value)


def _is_region(value: Any) -> bool:
    return isinstance(value, str) and is_subdivision(value)


def _is_area(value: Any) -> bool:
    try:
        shape = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return False
    if not isinstance(shape, dict) or shape.get("type") not in ("Polygon", "MultiPolygon"):
        return False
    return isinstance(shape.get("coordinates"), list) and bool(shape["coordinates"])


def _is_commitment(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(base64.b64decode(value, validate=True)) == _COMMITMENT_BYTES
    except (binascii.Error, ValueError):
        return False


_URI = Term({"type": "string", "format": "uri"}, "an absolute URI", formats.is_uri, "@id")
_DATE = Term({"type": "string", "format": "date"}, "a date such as 2026-02-01", _is_date, "date")
_PERCENT = _number("a number from 0 to 100", 0, 100)
_SMELTER = Term(
    {"anyOf": [{"type": "string", "pattern": "^CID[0-9]{6}$"}, {"type": "string", "format": "uri"}]},
    "CID with six digits, or an absolute URI",
    lambda value: isinstance(value, str) and (re.fullmatch(r"CID[0-9]{6}", value) is not None or formats.is_uri(value)),
)

TERMS: Mapping[str, Term] = {
    "mineral": _text("a code such as cassiterite, coltan or gold"),
    "hsCode": _text("six digits as text", "[0-9]{6}"),
    "cnCode": _text("eight digits as text", "[0-9]{8}"),
    "taricCode": _text("ten digits as text", "[0-9]{10}"),
    "originCountry": Term(
        {"type": "string", "enum": list(countries())},
        "an ISO 3166-1 country that exists today, such as CD",
        _is_country,
    ),
    "originRegion": Term(
        {"type": "string", "pattern": "^[A-Z]{2}-[A-Z0-9]{1,3}$"}, "an ISO 3166-2 subdivision such as CD-NK", _is_region
    ),
    "originLatitude": _number("degrees from -90 to 90 (WGS 84)", -90, 90),
    "originLongitude": _number("degrees from -180 to 180 (WGS 84)", -180, 180),
    "originPolygon": Term(
        {"type": "string", "contentMediaType": "application/geo+json"},
        "a GeoJSON Polygon or MultiPolygon as text",
        _is_area,
    ),
    "mineSiteId": _URI,
    "firstSeparationPoint": _URI,
    "extractionDateFrom": _DATE,
    "extractionDateTo": _DATE,
    "miningMethod": _choice("ASM", "LSM"),
    "gradePercent": _PERCENT,
    "moisturePercent": _PERCENT,
    "tagScheme": _text("a text"),
    "sealNumber": _several(_text("a text"), "a text, or a list of texts"),
    "processType": _choice("crushing", "concentrating", "blending", "smelting", "refining", "alloying", "recycling"),
    "processLossKg": _number("kilograms of 0 or more", 0),
    "custodyModel": _choice("identity_preserved", "segregated", "mass_balance", "book_and_claim"),
    "smelterId": _SMELTER,
    "vesselName": _text("the name of a ship", r"[\s\S]{1,300}"),
    "vesselImo": _text("an IMO ship number: seven digits as text", "[0-9]{7}"),
    "materialOrigin": _choice("primary", "recycled", "by_product", "stock"),
    "wasteCode": _text("an EU waste code such as 16 06 05", r"[0-9]{2} ?[0-9]{2} ?[0-9]{2}\*?"),
    "customsDeclaration": _URI,
    "eventCredential": _text("a compact vc+jwt", r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}"),
    "commitment": _several(
        Term({"type": "string", "contentEncoding": "base64"}, "base64 of 32 bytes", _is_commitment),
        "base64 of 32 bytes, or a list of such",
    ),
}
"""By name without prefix. customsDeclaration is a type of business transaction; others stand in ilmd or the event."""


def is_readable(name: str, value: object) -> bool:
    """Tell whether a value of a term is what it may be."""
    return TERMS[name].reads(value)


def unreadable(event: CustodyEvent) -> Iterator[tuple[str, str, Any]]:
    """Yield (term, what was expected, what came) for every term of an event that cannot be read."""
    for holder in (event.ilmd, event.extensions):
        for spelling, value in holder.items():
            name = _local(spelling, event.crm_prefixes)
            term = TERMS.get(name)
            if term is not None and not term.reads(value):
                yield name, term.expected, value
    country, region = event.crm("originCountry"), event.crm("originRegion")
    both = is_readable("originCountry", country) and is_readable("originRegion", region)
    if both and region[:2] != country:
        yield "originRegion", f"a subdivision of the originCountry {country}", region


def _local(spelling: str, prefixes: frozenset[str]) -> str:
    """Return the name of a term of ours without its prefix or IRI; an empty text for other names."""
    if spelling.startswith(CRM_IRI):
        return spelling.removeprefix(CRM_IRI)
    prefix, _, name = spelling.partition(":")
    return name if prefix in prefixes else ""


def crm_schema() -> dict[str, Any]:
    """Return the JSON Schema of our terms in ilmd and at event level, as published in schemas/crm.schema.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Extension terms of custody events",
        "description": f"Members of ilmd, or of the event, under the prefix {CRM_PREFIX} ({CRM_IRI}). An event with a "
        "value that cannot be read is recorded, and flagged with a note; the value counts as not said.",
        "type": "object",
        "properties": {
            f"{CRM_PREFIX}:{name}": {**term.schema, "description": f"Expected: {term.expected}."}
            for name, term in TERMS.items()
        },
    }
