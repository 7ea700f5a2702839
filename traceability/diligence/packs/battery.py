"""BATT: Reg. (EU) 2023/1542, battery due diligence (Art. 47 to 52, Annex X) and recycled content (Art. 8)."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from traceability.diligence.case import Case
from traceability.diligence.definitions.areas import Location
from traceability.diligence.definitions.dates import report_year_due
from traceability.diligence.definitions.items import Item, items
from traceability.diligence.packs.cmr_system import SYSTEM
from traceability.diligence.packs.registry import Pack, Place, Test, at, each
from traceability.diligence.parameters import PARAMETERS
from traceability.diligence.tables import annex_x_materials

PACK = Pack()

_MIN_RETENTION_YEARS: Final = 10
_FIRST_REPORT_YEAR: Final = 2028
_HIGHER_SHARES_FROM: Final = date(2036, 8, 18)
_SHARES: Final = {"cobalt": (16, 26), "lead": (85, 85), "lithium": (6, 12), "nickel": (6, 15)}
RISKS: Final = {
    "BATT-X-2a": "environmental_harm",
    "BATT-X-2b-i": "health_and_safety",
    "BATT-X-2b-ii": "worst_forms_child_labour",
    "BATT-X-2b-iii": "forced_labour",
    "BATT-X-2b-iv": "discrimination",
    "BATT-X-2b-v": "trade_union_restriction",
    "BATT-X-2c": "community_harm",
}
_Material = Mapping[str, Any]


@PACK.rule("BATT-47-EXEMPT")
def outside_due_diligence(case: Case) -> list[Place]:
    return at("/importer/places_batteries_on_market") if case.places_batteries and case.batt_exempt else []


@PACK.rule("BATT-49-1-SYSTEM")
def system_incomplete(case: Case) -> list[Place]:
    system = case.system
    lacking = {
        "policy": "policy" not in system,
        "senior management responsibility": "senior_management_responsible" not in system,
        "clause in supplier contracts": system.get("supplier_contract_clause") is not True,
        "grievance mechanism": system.get("grievance_mechanism", "none") == "none",
    }
    parts = [part for part, missing in lacking.items() if missing]
    return at(SYSTEM, parts=parts) if case.batt_scope and case.has_system and parts else []


@PACK.rule("BATT-49-1-RETENTION")
def records_kept_too_short(case: Case) -> list[Place]:
    years = case.system.get("record_retention_years")
    short = years is None or years < _MIN_RETENTION_YEARS
    applies = case.batt_scope and case.has_system
    return at(case.nearest(f"{SYSTEM}/record_retention_years"), years=years) if applies and short else []


@PACK.rule("BATT-49-2-MATERIALS")
def materials_not_stated(case: Case) -> list[Place]:
    missing = case.cn_code.startswith("8507") and not case.shipment.get("battery_raw_materials")
    return at("/shipment/cn_code") if case.batt_scope and missing else []


def _no_supplier(material: _Material) -> bool:
    supplier = material.get("supplier", {})
    return "name" not in supplier or "address" not in supplier


def _no_origin(material: _Material) -> bool:
    return "country_of_origin" not in material or not material.get("market_transactions")


def _material_lacks(missing: Callable[[_Material], bool]) -> Test:
    def test(case: Case) -> list[Place]:
        return each(material for material in _annex_x_materials(case) if missing(material.value))

    return test


ASKED: Final[Mapping[str, Callable[[_Material], bool]]] = {
    "BATT-49-2-a": lambda material: "description" not in material,
    "BATT-49-2-b": _no_supplier,
    "BATT-49-2-c": _no_origin,
    "BATT-49-2-d": lambda material: "share_pct" not in material and "weight_kg" not in material,
}
"""By code, whether a raw material of a battery lacks what Art. 49(2) asks for."""

for _code, _missing in ASKED.items():
    PACK.rule(_code)(_material_lacks(_missing))


@PACK.rule("BATT-49-2-f")
def risk_area_data_missing(case: Case) -> list[Place]:
    def incomplete(material: _Material) -> bool:
        full = ("mine_of_origin", "upstream_locations", "taxes_fees_royalties")
        return "verification_report_document_id" not in material and not all(material.get(key) for key in full)

    places = []
    for material in _annex_x_materials(case):
        country = material.value.get("country_of_origin")
        if country is None or not incomplete(material.value):
            continue
        where = Location(country, material.value.get("origin_subdivision"), case.as_of, material.at)
        match = case.area("cahra").match(where)
        if match is not None:
            places.append(Place(match.evidence, {"material": material.value["material"], "country": country}))
    return places


def _reported_risk(risk_class: str) -> Test:
    def test(case: Case) -> list[Place]:
        contained = [entry["material"] for entry in case.shipment.get("battery_raw_materials", ())]
        batt_material = not annex_x_materials().isdisjoint([*case.materials, *contained])
        return each(case.reports_of(risk_class)) if case.batt_scope and batt_material else []

    return test


for _code, _class in RISKS.items():
    PACK.rule(_code)(_reported_risk(_class))


@PACK.rule("BATT-51-VERIFICATION")
def not_verified(case: Case) -> list[Place]:
    missing = case.has_system and "battery_verification_on" not in case.system
    return at(SYSTEM) if case.batt_scope and missing else []


@PACK.rule("BATT-52-REPORT")
def battery_report_missing(case: Case) -> list[Place]:
    due_year = report_year_due(case.as_of, PARAMETERS.report_due_month)
    reported = case.system.get("battery_report_year")
    missing = due_year >= _FIRST_REPORT_YEAR and (reported is None or reported < due_year)
    if not case.batt_scope or not case.has_system or not missing:
        return []
    return at(case.nearest(f"{SYSTEM}/battery_report_year"), report_year_due=due_year)


@PACK.rule("BATT-8-RECYCLED")
def recycled_content_low(case: Case) -> list[Place]:
    battery = case.shipment.get("battery", {})
    if not case.places_batteries or battery.get("second_life") is True:
        return []
    later = case.as_of >= _HIGHER_SHARES_FROM
    places = []
    for content in items(battery, "recycled_content", "/shipment/battery"):
        minimum = _SHARES[content.value["material"]][later]
        if Decimal(content.value["share_pct"]) < minimum:
            places.append(Place((content.at,), {**content.value, "minimum": minimum}))
    return places


def _annex_x_materials(case: Case) -> list[Item]:
    stated = case.shipment_items("battery_raw_materials") if case.batt_scope else []
    return [material for material in stated if material.value["material"] in annex_x_materials()]
