"""Severities, the five statuses of the engine and the order of states, worst first (rule-catalogue.md 2)."""

from collections.abc import Iterable
from typing import Final, Protocol

SEVERITIES: Final = ("critical", "major", "gap", "minor", "info")
"""Worst first: stop until an officer decides; an officer must look; required information is missing; minor; info."""

HOLD: Final = "HOLD_PENDING_OFFICER"
PENDING: Final = "pending"
REVIEW: Final = "REVIEW"
INFO_REQUIRED: Final = "INFO_REQUIRED"
OUT_OF_SCOPE: Final = "OUT_OF_SCOPE_RECORDED"
NO_FINDINGS: Final = "NO_FINDINGS"

STATES: Final = (HOLD, PENDING, REVIEW, INFO_REQUIRED, OUT_OF_SCOPE, NO_FINDINGS)
"""What people see of a batch or shipment, worst first. All but ``pending`` are also statuses of the engine."""

_OUT_OF_SCOPE_CODES = frozenset({"CMR-02-BELOW", "CMR-03-RECYCLED", "CMR-03-STOCK", "BATT-47-EXEMPT"})

# Law not yet applicable cannot stop goods or demand data, but it can ask an officer to look.
_ADVISORY_RANK = {"critical": "major", "gap": "minor"}


class Ranked(Protocol):
    """What a status needs to know of a finding."""

    @property
    def code(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def advisory(self) -> bool: ...


def severity_rank(severity: str) -> int:
    """Return 0 for critical up to 4 for info, so that sorting puts the worst first.

    Raises:
        ValueError: there is no such severity.

    """
    return SEVERITIES.index(severity)


def effective_severity(severity: str, *, advisory: bool) -> str:
    """Return the severity that counts for the status: advisory, a critical counts as major and a gap as minor."""
    return _ADVISORY_RANK.get(severity, severity) if advisory else severity


def status_of(findings: Iterable[Ranked]) -> str:
    """Return the engine's status for these findings (rule-catalogue.md 2).

    ``NO_FINDINGS`` means that no rule raised a finding above minor, nothing more.
    """
    found = tuple(findings)
    ranks = {effective_severity(finding.severity, advisory=finding.advisory) for finding in found}
    for severity, status in (("critical", HOLD), ("major", REVIEW), ("gap", INFO_REQUIRED)):
        if severity in ranks:
            return status
    return OUT_OF_SCOPE if any(finding.code in _OUT_OF_SCOPE_CODES for finding in found) else NO_FINDINGS


def state_rank(state: str) -> int:
    """Return the place of a state or status in ``STATES``: 0 is the worst.

    Raises:
        ValueError: there is no such state.

    """
    return STATES.index(state)


def worst(*states: str) -> str:
    """Return the worst of these states; of none at all ``pending``, because unassessed is not clear.

    Raises:
        ValueError: one of them is no state.

    """
    return min(states, key=state_rank, default=PENDING)
