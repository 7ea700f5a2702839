"""Smelters and refiners: which assurance counts on the date of processing (Reg. (EU) 2017/821 Art. 4(g), 6, 8, 9)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from traceability.diligence.definitions.dates import day, in_force

VERIFIED: Final = "verified"
EXPIRED: Final = "expired"
NONE: Final = "none"


class Schemes:
    """lists.recognised_schemes by scheme name; nothing is recognised unless loaded."""

    def __init__(self, lists: Mapping[str, Any]) -> None:
        self._entries: dict[str, list[Mapping[str, Any]]] = {}
        for entry in lists.get("recognised_schemes", {}).get("entries", ()):
            self._entries.setdefault(entry["scheme"], []).append(entry)

    def recognised(self, scheme: str | None, on: date) -> bool:
        """Tell whether the scheme is recognised under Art. 8 on that date."""
        return scheme is not None and any(in_force(entry, on) for entry in self._entries.get(scheme, ()))


def reference_date(smelter: Mapping[str, Any], as_of: date) -> date:
    """Smelter reference date: processed_on, else as_of."""
    return day(smelter["processed_on"]) if "processed_on" in smelter else as_of


def countable(smelter: Mapping[str, Any], schemes: Schemes, on: date) -> Iterator[Mapping[str, Any]]:
    """Countable assurance: an audit report provided, the Union list, or a scheme recognised on the reference date."""
    for assurance in smelter.get("assurances", ()):
        kind = assurance["kind"]
        audited = kind == "third_party_audit_report" and "document_id" in assurance
        in_scheme = kind == "recognised_scheme" and schemes.recognised(assurance.get("scheme"), on)
        if audited or in_scheme or kind == "union_list":
            yield assurance


def smelter_state(smelter: Mapping[str, Any], schemes: Schemes, as_of: date) -> str:
    """smelter_state: verified on the reference date, else expired before it, else none."""
    on = reference_date(smelter, as_of)
    assurances = list(countable(smelter, schemes, on))
    if any(in_force(assurance, on) for assurance in assurances):
        return VERIFIED
    return EXPIRED if any(_ended_before(assurance, on) for assurance in assurances) else NONE


def on_union_list(smelter: Mapping[str, Any], as_of: date) -> bool:
    """Tell whether an assurance of kind union_list covers the smelter on its reference date (Art. 9)."""
    on = reference_date(smelter, as_of)
    return any(entry["kind"] == "union_list" and in_force(entry, on) for entry in smelter.get("assurances", ()))


def last_valid_day(smelter: Mapping[str, Any], schemes: Schemes, as_of: date) -> date | None:
    """Return the latest end of a countable assurance that ended before the reference date, for the message."""
    on = reference_date(smelter, as_of)
    ended = (day(entry["valid_to"]) for entry in countable(smelter, schemes, on) if _ended_before(entry, on))
    return max(ended, default=None)


def _ended_before(assurance: Mapping[str, Any], on: date) -> bool:
    return "valid_to" in assurance and day(assurance["valid_to"]) < on
