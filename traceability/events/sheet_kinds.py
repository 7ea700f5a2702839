"""What a row of the supplier's sheet can say happened, and the EPCIS 2.0 event it becomes (epcis.md 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from traceability.events import formats

Values = Mapping[str, Any]

_OBJECT, _AGGREGATION, _TRANSFORMATION = "ObjectEvent", "AggregationEvent", "TransformationEvent"


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can happen: the event it makes, the columns it needs, and those it may use besides."""

    help: str
    type: str
    action: str | None
    step: str
    disposition: str | None
    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    owner_changes: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """Every column this kind reads."""
        weighed = "quantity" in self.needs or "quantity" in self.may
        return frozenset({*self.needs, *self.may, *_ALWAYS, *(("uom",) if weighed else ())})


_ALWAYS = ("what", "when", "zone", "site", "permit", *(
    "bill_of_lading", "purchase_order", "invoice", "despatch_advice", "receiving_advice", "test_result", "certificate",
    "customs_declaration",
))  # fmt: skip
_BIRTH = (
    "to", "hs_code", "cn_code", "origin_region", "latitude", "longitude", "mine_site", "mining_method",
    "material_origin", "grade_percent", "moisture_percent",
)  # fmt: skip
_MOVE = ("bags", "batch", "quantity", "seal", "to_site", "cn_code", "moisture_percent", "vessel", "vessel_imo")
_MADE = (
    "mineral", "hs_code", "cn_code", "process_loss_kg", "custody_model", "smelter_id", "grade_percent",
    "moisture_percent", "from", "to",
)  # fmt: skip
_GOODS = ("batch", "quantity")

KINDS: dict[str, Kind] = {
    "extraction": Kind(
        "A batch comes out of the mine.",
        _OBJECT, "ADD", "commissioning", "active", (*_GOODS, "mineral", "origin_country"), _BIRTH,
    ),
    "recycling_feed": Kind(
        "Scrap is collected as a new batch.",
        _OBJECT, "ADD", "collecting", "active", (*_GOODS, "mineral"), (*_BIRTH, "origin_country"),
    ),
    "packing": Kind(
        "Part of a batch goes into one tagged bag.",
        _AGGREGATION, "ADD", "packing", "container_closed", ("bags", *_GOODS), ("seal",),
    ),
    "unpacking": Kind(
        "A bag is opened and emptied.",
        _AGGREGATION, "DELETE", "unpacking", "container_open", ("bags",), ("batch", "quantity", "seal"),
    ),
    "dispatch": Kind(
        "Goods leave for somebody else.", _OBJECT, "OBSERVE", "shipping", "in_transit", ("from", "to"), _MOVE
    ),
    "cancelled_dispatch": Kind(
        "A dispatch did not take place.", _OBJECT, "OBSERVE", "void_shipping", "in_progress", (), (*_MOVE, "from", "to")
    ),
    "transport": Kind(
        "Goods are under way; one row for each leg.",
        _OBJECT, "OBSERVE", "transporting", "in_transit", (), (*_MOVE, "from", "to"),
    ),
    "arrival": Kind(
        "Goods arrive, not yet taken over.", _OBJECT, "OBSERVE", "arriving", "in_progress", (), (*_MOVE, "from", "to")
    ),
    "receipt": Kind("Goods are taken over.", _OBJECT, "OBSERVE", "receiving", "in_progress", ("from", "to"), _MOVE),
    "sale": Kind(
        "Goods change their owner.",
        _OBJECT, "OBSERVE", "accepting", "in_progress", (*_GOODS, "from", "to"), ("cn_code",), owner_changes=True,
    ),
    "blending": Kind(
        "Batches are put together to new ones.",
        _TRANSFORMATION, None, "creating_class_instance", None, ("inputs", "outputs"), _MADE,
    ),
    "processing": Kind(
        "Batches are worked into new ones: crushed, concentrated, smelted, refined.",
        _TRANSFORMATION, None, "commissioning", None, ("inputs", "outputs", "process"), _MADE,
    ),
    "assay": Kind(
        "A batch is analysed.",
        _OBJECT, "OBSERVE", "inspecting", None, (*_GOODS, "result"), ("grade_percent", "moisture_percent"),
    ),
    "sampling": Kind(
        "A sample is taken and used up; quantity is the sample's.",
        _OBJECT, "DELETE", "sampling", "destroyed", _GOODS,
    ),
    "weighing": Kind(
        "Stock is weighed.", _OBJECT, "OBSERVE", "stock_taking", "in_progress", _GOODS, ("moisture_percent",)
    ),
    "loss": Kind("Goods are lost or destroyed.", _OBJECT, "DELETE", "destroying", "destroyed", _GOODS),
    "theft": Kind("Goods are stolen.", _OBJECT, "DELETE", "decommissioning", "stolen", _GOODS),
    "export": Kind(
        "Goods leave the country.",
        _OBJECT, "OBSERVE", "departing", "in_transit", ("customs_declaration",), (*_MOVE, "from", "to"),
    ),
    "import": Kind(
        "Goods are declared where they arrive.",
        _OBJECT, "OBSERVE", "arriving", "in_progress", ("customs_declaration", "to"), (*_MOVE, "from"),
        owner_changes=True,
    ),
}  # fmt: skip

_TRANSACTIONS = {
    "bill_of_lading": "bol", "purchase_order": "po", "invoice": "inv", "despatch_advice": "desadv",
    "receiving_advice": "recadv", "test_result": "testres", "certificate": "cert",
    "customs_declaration": "crm:customsDeclaration",
}  # fmt: skip
_ILMD = {
    "mineral": "crm:mineral", "hs_code": "crm:hsCode", "origin_country": "crm:originCountry",
    "origin_region": "crm:originRegion", "latitude": "crm:originLatitude", "longitude": "crm:originLongitude",
    "mine_site": "crm:mineSiteId", "mining_method": "crm:miningMethod", "material_origin": "crm:materialOrigin",
    "grade_percent": "crm:gradePercent", "moisture_percent": "crm:moisturePercent", "process": "crm:processType",
    "process_loss_kg": "crm:processLossKg", "custody_model": "crm:custodyModel", "smelter_id": "crm:smelterId",
    "cn_code": "crm:cnCode",
}  # fmt: skip
_LEVEL = {
    "cn_code": "crm:cnCode", "seal": "crm:sealNumber", "grade_percent": "crm:gradePercent",
    "moisture_percent": "crm:moisturePercent", "vessel": "crm:vesselName", "vessel_imo": "crm:vesselImo",
}  # fmt: skip


def missing(kind: Kind, values: Values) -> str | None:
    """Return what a row of this kind lacks beyond its needed columns, or None."""
    if kind.type == _OBJECT and not ("bags" in values or {"batch", "quantity"} <= values.keys()):
        return "batch and quantity, or bags, are needed: say which goods"
    if ("batch" in values) != ("quantity" in values):
        return "batch and quantity go together: fill in both, or neither"
    if kind.type == _AGGREGATION and len(values["bags"]) != 1:
        return "one bag for each row: copy the row for the others"
    return None


def event(kind: Kind, values: Values, moment: tuple[str, str], party: str) -> dict[str, Any]:
    """Return the EPCIS event, still without eventID; ``moment`` is the time with its zone, and the zone."""
    made: dict[str, Any] = {"type": kind.type, "eventTime": moment[0], "eventTimeZoneOffset": moment[1]}
    optional = {
        "action": kind.action,
        "bizStep": kind.step,
        "disposition": values.get("result") if kind.step == "inspecting" else kind.disposition,
        **_goods(kind, values),
        "readPoint": {"id": values["site"]} if "site" in values else None,
        "bizTransactionList": _transactions(values, party),
        "sourceList": _endpoints(kind, values, values.get("from"), "source"),
        "destinationList": _endpoints(kind, values, values.get("to") or _first_holder(kind, party), "destination"),
        "certificationInfo": [values["permit"]] if "permit" in values else None,
        **_terms(kind, values),
    }
    return made | {name: value for name, value in optional.items() if value}


def _goods(kind: Kind, values: Values) -> dict[str, Any]:
    unit = values.get("uom", "KGM")
    stock = [{"epcClass": values["batch"], "quantity": values["quantity"], "uom": unit}] if "batch" in values else None
    if kind.type == _AGGREGATION:
        return {"parentID": values["bags"][0], "childQuantityList": stock}
    if kind.type == _TRANSFORMATION:
        return {
            f"{side}QuantityList": [
                {"epcClass": lot, "quantity": weight, "uom": "KGM"} for lot, weight in values[f"{side}s"]
            ]
            for side in ("input", "output")
        }
    return {"epcList": values.get("bags"), "quantityList": stock}


def _first_holder(kind: Kind, party: str) -> str | None:
    """Return who holds a batch at its birth where the row does not say: the party whose sheet it is."""
    return party if kind.type == _OBJECT and kind.action == "ADD" and formats.is_uri(party) else None


def _endpoints(kind: Kind, values: Values, who: str | None, name: str) -> list[dict[str, str]]:
    """Return who gives or takes: the owner in a sale or import, the holder else, both where a batch is born."""
    types = ["owning_party" if kind.owner_changes else "possessing_party"]
    if kind.action == "ADD":
        types = ["owning_party", "possessing_party"]
    entries = [{"type": one, name: who} for one in types] if who else []
    if name == "destination" and "to_site" in values:
        entries.append({"type": "location", name: values["to_site"]})
    return entries


def _transactions(values: Values, party: str) -> list[dict[str, str]]:
    return [
        {"type": kind, "bizTransaction": _document_uri(values[column], kind, party)}
        for column, kind in _TRANSACTIONS.items()
        if column in values
    ]


def _document_uri(number: str, kind: str, party: str) -> str:
    """Return a URI for a document: a bare number is only unique within the party that wrote it."""
    return number if formats.is_uri(number) else f"urn:x-doc:{quote(party, safe='')}:{kind}:{quote(number, safe='')}"


def _terms(kind: Kind, values: Values) -> dict[str, Any]:
    """Return our extension terms: in ilmd where a batch is made, else at event level."""
    if (kind.action == "ADD" and kind.type == _OBJECT) or kind.type == _TRANSFORMATION:
        found = {term: values[column] for column, term in _ILMD.items() if column in values}
        if kind.step == "collecting":
            found.setdefault("crm:materialOrigin", "recycled")
        if kind.step == "creating_class_instance":
            found["crm:processType"] = "blending"
        return {"ilmd": found}
    return {term: values[column] for column, term in _LEVEL.items() if column in values}
