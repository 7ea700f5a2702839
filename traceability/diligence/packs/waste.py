"""WASTE: shipments of black mass and battery waste (Reg. (EU) 2024/1157, Dec. 2000/532/EC)."""

from traceability.diligence.case import Case
from traceability.diligence.definitions.countries import EU27, OECD38
from traceability.diligence.packs.registry import Pack, Place, at

PACK = Pack()


@PACK.rule("WASTE-BLACKMASS-EXPORT")
def black_mass_outside_oecd(case: Case) -> list[Place]:
    dispatch = case.shipment.get("dispatch_country")
    from_union = dispatch is None or dispatch in EU27
    outside = case.destination not in OECD38 and case.destination not in EU27
    if _stream(case) != "black_mass" or not outside or not from_union:
        return []
    return at("/shipment/waste/stream", "/shipment/destination_country", destination_country=case.destination)


@PACK.rule("WASTE-NOTIFICATION")
def notification_missing(case: Case) -> list[Place]:
    dispatch = case.shipment.get("dispatch_country")
    if _stream(case) not in {"black_mass", "battery_waste"} or dispatch is None or dispatch == case.destination:
        return []
    missing = "notification_number" not in case.shipment["waste"]
    return at("/shipment/waste") if missing and case.eu_market else []


@PACK.rule("WASTE-CODE")
def code_missing(case: Case) -> list[Place]:
    waste = case.shipment.get("waste")
    return at("/shipment/waste") if waste is not None and "waste_code" not in waste else []


def _stream(case: Case) -> str | None:
    stream: str | None = case.shipment.get("waste", {}).get("stream")
    return stream
