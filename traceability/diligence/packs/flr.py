"""FLR: Reg. (EU) 2024/3015 on products made with forced labour, for goods on or leaving the Union market.

Applies from 14 December 2027; before that its findings are advisory.
"""

from collections.abc import Callable, Mapping
from typing import Any

from traceability.diligence.case import Case
from traceability.diligence.definitions.areas import matches
from traceability.diligence.definitions.countries import EU27
from traceability.diligence.definitions.dates import in_force
from traceability.diligence.definitions.items import Item, items
from traceability.diligence.packs.cmr_system import overdue, still_open
from traceability.diligence.packs.registry import Pack, Place, Test, at, each

PACK = Pack()

PACK.rule("FLR-17-OVERDUE")(overdue("FLR"))
PACK.rule("FLR-17-OPEN")(still_open("FLR"))


@PACK.rule("FLR-RISK-GEO")
def listed_area(case: Case) -> list[Place]:
    found = matches(case.area("forced_labour_areas").strict, case.geo) if case.eu_market else []
    return [Place(match.evidence, {"place": match.location.name, "code": match.entry.value["code"]}) for match in found]


@PACK.rule("FLR-GEO-UNKNOWN")
def subdivision_unknown(case: Case) -> list[Place]:
    if not case.eu_market or case.any_raised("FLR-RISK-GEO"):
        return []
    found = matches(case.area("forced_labour_areas").unknown_part, case.geo)
    return [Place(match.evidence, {"place": match.location.name}) for match in found]


@PACK.rule("FLR-RISK-ENTITY")
def listed_party(case: Case) -> list[Place]:
    return each(hit for hit in case.strong_hits if case.eu_market and hit.value["category"] == "forced_labour")


@PACK.rule("FLR-RISK-REPORT")
def reported_forced_labour(case: Case) -> list[Place]:
    return each(case.reports_of("forced_labour")) if case.eu_market else []


@PACK.rule("FLR-20-BAN")
def prohibited_product(case: Case) -> list[Place]:
    decisions = _products(case, "flr_decisions") if case.eu_market else []
    return each(decision for decision in decisions if _covers(decision.value, case.shipment))


def _covers(decision: Mapping[str, Any], shipment: Mapping[str, Any]) -> bool:
    """A decision names a manufacturer, a supplier, both or neither; unknown suppliers cannot exclude the named one."""
    manufacturer, supplier = decision.get("manufacturer_name"), decision.get("supplier_name")
    made_by = manufacturer is None or manufacturer == shipment.get("manufacturer", {}).get("name")
    suppliers = shipment.get("product_suppliers")
    return made_by and (supplier is None or not suppliers or any(party.get("name") == supplier for party in suppliers))


def _no_description(shipment: Mapping[str, Any]) -> bool:
    return "product_description" not in shipment


def _no_manufacturer(shipment: Mapping[str, Any]) -> bool:
    return "name" not in shipment.get("manufacturer", {})


def _no_suppliers(shipment: Mapping[str, Any]) -> bool:
    return not shipment.get("product_suppliers")


def _customs_information(field: str, missing: Callable[[Mapping[str, Any]], bool]) -> Test:
    """Return the test for information customs needs at the border of the Union (Art. 27(2))."""

    def test(case: Case) -> list[Place]:
        crosses_border = case.eu_market and not (case.eu_dest and case.shipment.get("dispatch_country") in EU27)
        named = _products(case, "flr_delegated_products") if crosses_border and missing(case.shipment) else []
        return at(case.nearest(f"/shipment/{field}"), *(product.at for product in named)) if named else []

    return test


for _code, _field, _missing in (
    ("FLR-27-2-PRODUCT", "product_description", _no_description),
    ("FLR-27-2-MANUFACTURER", "manufacturer", _no_manufacturer),
    ("FLR-27-2-SUPPLIERS", "product_suppliers", _no_suppliers),
):
    PACK.rule(_code)(_customs_information(_field, _missing))


def _products(case: Case, name: str) -> list[Item]:
    """Return the entries of a product list in force on as_of whose cn_prefix fits the shipment's CN code."""
    entries = items(case.lists.get(name, {}), "entries", f"/lists/{name}")
    fitting = (entry for entry in entries if case.cn_code.startswith(entry.value["cn_prefix"]))
    return [entry for entry in fitting if in_force(entry.value, case.as_of)]
