"""Facts documents for the bench of the rules: a long chain from mine to importer, and one small batch."""

from typing import Any

_DAY_MINUTES = 1440
_LISTS = {
    "cahra": [{"code": code} for code in ("CD-NK", "CD-SK", "CD-IT", "SD", "SS", "CO-NSA", "MM", "YE", "LY", "CF")],
    "transit_watch": [{"code": code} for code in ("RW", "UG", "BI", "AE", "TZ")],
    "forced_labour_areas": [{"code": "CN-XJ"}, {"code": "KP"}],
    "aml_weak": [{"code": code} for code in ("IR", "KP", "MM")],
}
_TVPRA = {"material": "tin", "country": "BO", "child_labour": True, "forced_labour": False}


def shipment(events: int) -> dict[str, Any]:
    """Return the facts of a consignment of tin ore whose chain has so many custody events."""
    made = list(_chain(events))
    return {
        "schema_version": "1.0",
        "as_of": "2026-11-23",
        "shipment": {
            "shipment_id": "NL-2026-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
            "net_weight_kg": "900", "trade_name": "cassiterite", "material_type": "concentrate",
            "supplier": {"name": "Invented Minerals Ltd", "address": "1 Test Road"}, "origins": [{"country": "PE"}],
            "extraction_period": {"start": "2026-01-01", "end": "2026-03-01"}, "batch_ids": [_last(made)],
        },
        "importer": {"party_id": "did:web:importer.example", "name": "Importer", "country": "NL"},
        "importer_ytd_kg": {"A-26090000": "6000"}, "custody_events": made, "documents": [], "text_signals": [],
        "entity_hits": [], "upstream_parties": _parties(made), "lists": _lists(),
    }  # fmt: skip


def batch(number: int) -> dict[str, Any]:
    """Return the facts of a batch that no shipment record names: five events, from the mine to the trader."""
    made = list(_chain(5, f"{number:06}-"))
    watched = {"transit_watch": {"list_version": "A-1", "entries": _LISTS["transit_watch"]}}
    return {"schema_version": "1.0", "as_of": "2026-11-23", "custody_events": made, "lists": watched}


def _chain(events: int, prefix: str = "") -> Any:
    """Yield events of lots, five for each: mined, sent, received, crushed, assayed; a consignment ends the chain."""
    for number in range(events):
        lot, step = divmod(number, 5)
        name = f"https://id.mine.example/lot/{prefix}{lot}"
        yield _STEPS[step](f"urn:uuid:{prefix}{number:08}", name, number) | {"event_time": _moment(number)}


def _moment(number: int) -> str:
    day, minute = divmod(number * 7, _DAY_MINUTES)
    return f"2026-{1 + day // 28:02}-{1 + day % 28:02}T{minute // 60:02}:{minute % 60:02}:00Z"


def _entry(lot: str, weight: str, **more: str) -> dict[str, Any]:
    return {"batch_id": lot, "weight_kg": weight, "moisture_pct": "4.5", "grade_pct": "62.5", **more}


def _event(event_id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"event_id": event_id, "type": kind, "country": "PE", "signature_status": "valid", **more}


_MINE, _TRADER = "did:web:mine.example", "did:web:trader.example"
_STEPS = (
    lambda i, lot, n: _event(i, "extraction", destination_party=_MINE, subdivision="PE-PUN",
                             quantity_list=[_entry(lot, "1000", tag_ids=[f"TAG-{n:07}"])]),
    lambda i, lot, _: _event(i, "dispatch", source_party=_MINE, destination_party=_TRADER,
                             quantity_list=[_entry(lot, "1000")]),
    lambda i, lot, _: _event(i, "receipt", source_party=_MINE, destination_party=_TRADER,
                             quantity_list=[_entry(lot, "998.5")]),
    lambda i, lot, _: _event(i, "processing", input_quantity_list=[_entry(lot, "998.5")],
                             output_quantity_list=[_entry(f"{lot}-c", "990")]),
    lambda i, lot, _: _event(i, "assay", quantity_list=[_entry(f"{lot}-c", "990")]),
)  # fmt: skip


def _last(made: list[dict[str, Any]]) -> str:
    return str(made[-1]["quantity_list"][0]["batch_id"])


def _parties(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    days = sorted({event["event_time"][:10] for event in made})
    where = [{"country": "PE", "subdivision": "PE-PUN"}]
    return [
        {"party_id": _MINE, "name": "Mine One", "operating_locations": where, "sourced_from": []},
        {"party_id": _TRADER, "name": "Trader", "operating_locations": where,
         "sourced_from": [{"country": "PE", "date": day} for day in days]},
    ]  # fmt: skip


def _lists() -> dict[str, Any]:
    areas = {name: {"list_version": "A-1", "entries": entries} for name, entries in _LISTS.items()}
    areas["cahra"]["published_on"] = "2026-10-01"
    return areas | {"tvpra": {"list_version": "A-1", "entries": [_TVPRA]}}
