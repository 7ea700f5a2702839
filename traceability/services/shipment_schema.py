"""The JSON schema of a shipment record: the facts schema's ``shipment``, stricter where a slip would switch a rule off.

The facts take any two letters as a country. A declaration may not: goods "for UE" are for no country, so no rule of
the Union or of the United States would look at them.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from traceability.diligence.facts import facts_schema
from traceability.iso import countries

REQUIRED = ("shipment_id", "cn_code", "material_class", "destination_country")

LOT_FORMAT: Final = "epc-class-of-a-lot"
SUBDIVISION_FORMAT: Final = "iso-3166-2"
CN_FORMAT: Final = "combined-nomenclature"
_KILOGRAMS: Final = {
    "not": {"pattern": r"^0(\.0+)?$"},
    "title": "more than 0 kilograms with a point, at most 6 decimals, such as 2050.5",
}
_HIDDEN = r"\u0000-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff"
_TEXT = rf"^(?=.*\S)[^{_HIDDEN}]*$"
_TEXT_TITLE = "text that can be printed, without line breaks, control or invisible characters"

#: What each kind of value looks like, in words that stand after "expected"; published as its title.
_TITLES: Final = {
    "country": "a country of ISO 3166-1 in two capital letters, such as DE",
    "subdivision": "a part of a country by its code of ISO 3166-2, such as CD-NK",
    "date": "a date between 1900 and 2099 as year-month-day, such as 2026-11-23",
    "decimal": "a number with a point, at most 6 decimals, such as 2050.5",
    "percent": "per cent from 0 to 100 with a point, such as 99.5",
}


@lru_cache(maxsize=1)
def shipment_schema() -> dict[str, Any]:
    """Return the JSON schema of a shipment record, as published in schemas/."""
    whole = facts_schema()
    shipment, defs = dict(whole["properties"]["shipment"]), whole["$defs"]
    shipment["properties"] = {
        **shipment["properties"],
        "released_on": {
            "$ref": "#/$defs/date",
            "description": "Release for free circulation; the year the volume counts in. Absent: the day received. "
            "At most a year ahead.",
        },
    }
    shipment["required"] = list(REQUIRED)
    _tighten_kinds(defs)
    _tighten_fields(shipment["properties"], defs)
    for text in (*_texts(shipment), *_texts(defs)):
        text |= {"pattern": _TEXT, "title": _TEXT_TITLE}
    return {
        "$schema": whole["$schema"],
        "$id": "urn:traceability:schema:shipment-record:1.0",
        "title": "Shipment record",
        "description": "An importer's declaration of a consignment; signed as received.",
        **{name: value for name, value in shipment.items() if name != "description"},
        "$defs": defs,
    }


def _tighten_kinds(defs: dict[str, Any]) -> None:
    for name, title in _TITLES.items():
        defs[name]["title"] = title
    defs["country"] = {key: defs["country"][key] for key in ("description", "title", "type")}
    defs["country"]["enum"] = list(countries())
    defs["subdivision"]["format"] = SUBDIVISION_FORMAT
    defs["date"]["pattern"] = "^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
    defs["party"]["minProperties"] = 1
    defs["smelter"]["anyOf"] = [{"required": ["smelter_id"]}, {"required": ["name"]}]
    smelter, tax = defs["smelter"]["properties"], defs["tax"]["properties"]
    smelter["smelter_id"] |= {"pattern": "^CID[0-9]{6}$", "title": "a smelter id: CID and six digits, as CID001234"}
    tax["currency"]["title"] = "a currency of ISO 4217 in three capital letters, such as USD"
    defs["battery_material"]["properties"]["weight_kg"] |= _KILOGRAMS


def _tighten_fields(fields: dict[str, Any], defs: dict[str, Any]) -> None:
    fields["net_weight_kg"] |= _KILOGRAMS
    fields["cn_code"] |= {
        "format": CN_FORMAT,
        "title": "a code of the Combined Nomenclature that exists: 8 digits without blanks, such as 26090000",
    }
    fields["taric_subdivision"]["title"] = "digits 9 and 10 of the TARIC code: two digits, such as 10"
    fields["waste"]["properties"]["waste_code"]["title"] = "a code of the European list of waste: six digits"
    fields["batch_ids"]["items"] = dict(defs["identifier"]) | {
        "format": LOT_FORMAT,
        "title": "a batch: the EPC class URI of a lot, such as https://id.mine.example/lot/1 or "
        "urn:epc:class:lgtin:4012345.012345.998877",
    }


def _texts(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every place of free text: bounded in length, and neither a code nor one of several words."""
    if isinstance(node, dict):
        if "maxLength" in node and not node.keys() & {"pattern", "enum", "format"}:
            yield node
        for member in node.values():
            yield from _texts(member)
    elif isinstance(node, list):
        for member in node:
            yield from _texts(member)
