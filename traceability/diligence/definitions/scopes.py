"""Who is bound by which act: battery due diligence, CSDDD, Dodd-Frank 1502, and the audit of Reg. (EU) 2017/821."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from traceability.diligence.definitions.dates import add_months, day
from traceability.diligence.parameters import PARAMETERS

CONFLICT_MINERALS: Final = frozenset({"tin", "tantalum", "tungsten", "gold"})
"""Conflict minerals of 15 USC 78m(p) by material code."""

_BATTERY_TURNOVER = Decimal(40_000_000)
_CSDDD_EMPLOYEES = 5_000
_CSDDD_TURNOVER = Decimal(1_500_000_000)


def turnover(importer: Mapping[str, Any], key: str = "net_turnover_eur") -> Decimal | None:
    """Return a turnover in EUR, none where unknown."""
    stated = importer.get(key)
    return None if stated is None else Decimal(stated)


def batt_exempt(importer: Mapping[str, Any], shipment: Mapping[str, Any]) -> bool:
    """batt_exempt: a second-life battery, or turnover below EUR 40 million outside a larger group (Art. 47)."""
    if shipment.get("battery", {}).get("second_life") is True:
        return True
    own, group = turnover(importer), turnover(importer, "group_net_turnover_eur")
    alone = importer.get("part_of_group") is False
    return own is not None and own < _BATTERY_TURNOVER and (alone or (group is not None and group <= _BATTERY_TURNOVER))


def csddd_scope(importer: Mapping[str, Any]) -> bool:
    """csddd_scope: more than 5 000 employees and more than EUR 1 500 million turnover; unknown is not in scope."""
    own = turnover(importer)
    return importer.get("employees", 0) > _CSDDD_EMPLOYEES and own is not None and own > _CSDDD_TURNOVER


def df_scope(importer: Mapping[str, Any], materials: Collection[str]) -> bool:
    """df_scope: an SEC issuer whose goods contain tin, tantalum, tungsten or gold."""
    return importer.get("sec_issuer") is True and not CONFLICT_MINERALS.isdisjoint(materials)


def valid_audit(system: Mapping[str, Any], as_of: date) -> bool:
    """valid_audit: an independent audit of all activities, completed at most 12 months before as_of."""
    audit = system.get("audit")
    if audit is None or audit.get("covers_all_activities") is not True:
        return False
    completed = day(audit["completed_on"])
    return completed <= as_of <= add_months(completed, PARAMETERS.audit_months)


def needs_receipt(payments: Collection[Mapping[str, Any]]) -> bool:
    """Tell whether these payments to governments are none at all, or one of them has no receipt."""
    return not payments or any("receipt_document_id" not in payment for payment in payments)
