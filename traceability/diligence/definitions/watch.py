"""What screening and reporting found: open reports, strong and weak hits, active signals, deadlines of authorities."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from traceability.diligence.definitions.dates import add_days, add_working_days, day, in_force, optional_day
from traceability.diligence.notice_kinds import period_by_law
from traceability.diligence.parameters import PARAMETERS


def is_open(report: Mapping[str, Any]) -> bool:
    """Open report: status absent, open or substantiated."""
    return report.get("status", "open") in {"open", "substantiated"}


def is_strong(hit: Mapping[str, Any], as_of: date) -> bool:
    """Strong hit: in force, not rejected, and matched by identifier or exact name, or confirmed by an officer."""
    disposition = hit.get("disposition")
    sure = hit["match_basis"] in {"identifier", "exact_name"} or disposition == "confirmed"
    return sure and disposition != "rejected" and in_force(hit, as_of)


def is_weak(hit: Mapping[str, Any], as_of: date) -> bool:
    """Weak hit: in force, undecided, fuzzy_name with at least the weak match score; an absent score is 0."""
    undecided = hit.get("disposition", "pending") == "pending" and hit["match_basis"] == "fuzzy_name"
    return undecided and Decimal(hit.get("score", "0")) >= PARAMETERS.weak_match_score and in_force(hit, as_of)


def is_active(signal: Mapping[str, Any]) -> bool:
    """Active signal: affirmed or reported, and not rejected by an officer."""
    return signal["assertion"] in {"affirmed", "reported"} and not_rejected(signal)


def not_rejected(signal: Mapping[str, Any]) -> bool:
    """Tell whether rules may read the signal: nobody decided that the machine misread it."""
    return bool(signal.get("disposition") != "rejected")


def due(request: Mapping[str, Any]) -> date | None:
    """Work out due (authority_requests): stated, else computed where a law sets a period, else unknown.

    30 days for a German notice of remedial action (MinRohSorgG s. 3(3)), 30 working days for a request of the
    preliminary phase (Reg. (EU) 2024/3015 Art. 17(2)).
    """
    if "due_on" in request:
        return day(request["due_on"])
    period = period_by_law(request["regime"], request["kind"], request["authority_country"])
    if period is None:
        return None
    received = optional_day(request, "received_on", "issued_on") or day(request["issued_on"])
    if period.unit == "calendar":
        return add_days(received, period.days)
    return add_working_days(received, period.days, frozenset(map(day, request.get("public_holidays", ()))))


def is_overdue(request: Mapping[str, Any], as_of: date) -> bool:
    """Tell whether the deadline is known and ``as_of`` lies after it."""
    deadline = due(request)
    return deadline is not None and as_of > deadline
