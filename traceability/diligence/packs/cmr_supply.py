"""CMR supply chain: Reg. (EU) 2017/821 Art. 4(f) for minerals, 4(g) for metals, 6 and the smelters' evidence."""

from collections.abc import Callable

from traceability.diligence.case import Case
from traceability.diligence.definitions import smelters
from traceability.diligence.definitions.items import Item
from traceability.diligence.definitions.scopes import needs_receipt, valid_audit
from traceability.diligence.packs.registry import Pack, Place, Test, at

PACK = Pack()

_TRIGGERS = frozenset(
    {"RF-L1", "RF-L2", "RF-L3", "RF-L4", "RF-S1", "RF-S2", "RF-X1", "RF-X2", "ORIGIN-MISMATCH"}
    | {"A2-1a", "A2-1b", "A2-1c", "A2-1d", "A2-1e", "A2-3", "A2-5", "A2-5-MITIGATION-FAILED", "A2-11", "A2-12", "A2-13"}
)


def _lacks_description(case: Case) -> str | None:
    return next((key for key in ("trade_name", "material_type") if key not in case.shipment), None)


def _lacks_supplier(case: Case) -> str | None:
    supplier = case.shipment.get("supplier", {})
    return next((f"supplier/{key}" for key in ("name", "address") if key not in supplier), None)


def _lacks_origins(case: Case) -> str | None:
    return None if case.shipment.get("origins") else "origins"


def _lacks_weight(case: Case) -> str | None:
    return None if "net_weight_kg" in case.shipment else "net_weight_kg"


def _lacks_extraction_dates(case: Case) -> str | None:
    return None if "extraction_period" in case.shipment else "extraction_period"


def _required(part: str, missing: Callable[[Case], str | None]) -> Test:
    """Return the test of a rule that a missing field of the shipment raises while obligations are on for that part."""

    def test(case: Case) -> list[Place]:
        field = missing(case) if case.obliged(part) else None
        return at(case.nearest(f"/shipment/{field}")) if field else []

    return test


for _code, _part, _missing in (
    ("CMR-08-i", "A", _lacks_description),
    ("CMR-08-ii", "A", _lacks_supplier),
    ("CMR-08-iii", "A", _lacks_origins),
    ("CMR-08-iv", "A", _lacks_weight),
    ("CMR-08-iv-NA", "A", _lacks_extraction_dates),
    ("CMR-10-i", "B", _lacks_description),
    ("CMR-10-ii", "B", _lacks_supplier),
):
    PACK.rule(_code)(_required(_part, _missing))


@PACK.rule("CMR-10-iii")
def smelter_not_identified(case: Case) -> list[Place]:
    if not case.obliged("B"):
        return []
    found = case.shipment_items("smelters")
    if not found:
        return at(case.nearest("/shipment/smelters"))
    return [Place((item.at,), {}) for item in found if "name" not in item.value or "address" not in item.value]


@PACK.rule("CMR-10-iv-UNVERIFIED")
def smelter_unverified(case: Case) -> list[Place]:
    found = case.smelters_in(smelters.NONE) if case.obliged("B") else []
    return [_smelter_place(case, smelter) for smelter in found]


@PACK.rule("CMR-10-iv-EXPIRED")
def smelter_evidence_expired(case: Case) -> list[Place]:
    found = case.smelters_in(smelters.EXPIRED) if case.obliged("B") else []
    return [_smelter_place(case, smelter) for smelter in found]


@PACK.rule("CMR-10-v")
def smelter_origins_missing(case: Case) -> list[Place]:
    found = case.smelters_in(smelters.NONE, smelters.EXPIRED) if case.obliged("B") else []
    return [_smelter_place(case, smelter) for smelter in found if not smelter.value.get("countries_of_origin")]


@PACK.rule("CMR-15-AUDIT-NEEDED")
def audit_needed(case: Case) -> list[Place]:
    needed = (case.obliged("A") and case.has_system) or (case.obliged("B") and not case.all_verified)
    if not needed or valid_audit(case.system, case.as_of):
        return []
    return at(case.nearest("/importer/management_system/audit") or "/shipment/cn_code")


@PACK.rule("CMR-15-SUBSTANTIVE-EVIDENCE")
def all_smelters_evidenced(case: Case) -> list[Place]:
    return _all_smelters(case) if case.obliged("B") and case.all_verified and not case.all_union_list else []


@PACK.rule("CMR-15-LISTED-SMELTERS")
def all_smelters_listed(case: Case) -> list[Place]:
    return _all_smelters(case) if case.obliged("B") and case.all_verified and case.all_union_list else []


@PACK.rule("CMR-09-MINE")
def mine_missing(case: Case) -> list[Place]:
    return _risk_information(case, "mine_of_origin") if "mine_of_origin" not in case.shipment else []


@PACK.rule("CMR-09-LOCATIONS")
def locations_missing(case: Case) -> list[Place]:
    return _risk_information(case, "upstream_locations") if not case.shipment.get("upstream_locations") else []


@PACK.rule("CMR-09-TAXES")
def payments_not_documented(case: Case) -> list[Place]:
    payments = case.shipment.get("taxes_fees_royalties", [])
    return _risk_information(case, "taxes_fees_royalties") if needs_receipt(payments) else []


def _risk_information(case: Case, field: str) -> list[Place]:
    """Return a place when a risk was found (cmr09_trigger), which makes the field due (Art. 4(f)(v))."""
    triggers = sorted(case.raised_of(_TRIGGERS))
    if not case.obliged("A") or not triggers:
        return []
    return at(case.nearest(f"/shipment/{field}"), **{"trigger codes": triggers})


def _smelter_place(case: Case, item: Item) -> Place:
    values = {
        "smelter": item.value.get("name", item.value.get("smelter_id", "a smelter without a name")),
        "ref_date": smelters.reference_date(item.value, case.as_of),
        "valid_to": smelters.last_valid_day(item.value, case.schemes, case.as_of),
    }
    return Place((item.at,), values)


def _all_smelters(case: Case) -> list[Place]:
    found = case.shipment_items("smelters")
    return at(*(smelter.at for smelter in found), n=len(found))
