"""What is left of a record when its body is erased: what the chain of others rests on, and nothing else.

Named one by one, so that a field nobody thought of goes. Parties here are organisations, places are registered sites.
"""

from collections.abc import Mapping
from typing import Any

_EVENT = frozenset({
    "@context", "type", "eventID", "eventTime", "eventTimeZoneOffset", "action", "bizStep", "parentID", "epcList",
    "childEPCs", "inputEPCList", "outputEPCList", "transformationID",
})  # fmt: skip
_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_QUANTITY = frozenset({"epcClass", "quantity", "uom"})
_SHIPMENT = frozenset({
    "shipment_id", "batch_ids", "released_on", "cn_code", "taric_subdivision", "purity_pct", "net_weight_kg",
    "material_class",
})  # fmt: skip
_FINDING = ("code", "severity", "advisory", "digest", "title", "law_ref", "applicable_from", "lists")
ERASED = "erased"


def event(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return what balances, hand-overs and the graph read of an event."""
    left = {name: value for name, value in whole.items() if name in _EVENT}
    for name in _QUANTITIES:
        if name in whole:
            left[name] = [{key: value for key, value in one.items() if key in _QUANTITY} for one in whole[name]]
    for name in ("sourceList", "destinationList"):
        if name in whole:
            left[name] = [
                {key: value for key, value in one.items() if key in {"type", name[:-4]}} for one in whole[name]
            ]
    for name in ("readPoint", "bizLocation"):
        if name in whole:
            left[name] = {"id": whole[name]["id"]}
    if "errorDeclaration" in whole:
        said = whole["errorDeclaration"]
        kept = ("declarationTime", "reason", "correctiveEventIDs")
        left["errorDeclaration"] = {name: said[name] for name in kept if name in said}
    return left


def shipment(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what yearly volumes count of a shipment record: goods, kilograms and day, no name."""
    return {name: value for name, value in record.items() if name in _SHIPMENT}


def result(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stays of an assessment: which rules raised something under which lists, without quotes and names."""
    findings = [
        {name: one[name] for name in _FINDING if name in one}
        | {"message": ERASED, "evidence": [], "reviewer_options": []}
        for one in said["findings"]
    ]
    return {**said, "findings": findings, "notes": []}


def notes(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return notes without their words; their kind still decides about the state."""
    return [{"kind": one["kind"], "message": ERASED, "review": one.get("review", False)} for one in said]
