"""How a report says things to an authority: states, steps and values in words; nothing promises more than the facts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from traceability.diligence.status import HOLD, INFO_REQUIRED, NO_FINDINGS, OUT_OF_SCOPE, PENDING, REVIEW, SEVERITIES
from traceability.services.releases import CountedFinding
from traceability.services.states import SubjectState

NOTHING: Final = "nothing recorded"
WITHHELD: Final = "not part of what the reader of this pack may see"

_OPENING: Final[Mapping[str, str]] = {
    HOLD: "Held for an officer",
    PENDING: "Pending, so nothing is concluded",
    REVIEW: "An officer has to look",
    INFO_REQUIRED: "Information is missing",
    OUT_OF_SCOPE: "Out of scope, recorded",
    NO_FINDINGS: "No rule raised a finding; this is no statement that the goods are free of risk",
}
_NOUNS: Final = {
    "critical": ("critical finding", "critical findings"), "major": ("major finding", "major findings"),
    "gap": ("gap", "gaps"), "minor": ("minor finding", "minor findings"),
}  # fmt: skip
SIGNATURES: Final[Mapping[str, str]] = {
    "valid": "signature valid",
    "unsigned": "unsigned",
    "invalid": "signature invalid",
    "key_revoked": "key disputed",
}


def opening(state: str) -> str:
    """Return the words that stand for a state."""
    return _OPENING[state]


def counts(findings: Iterable[CountedFinding]) -> str:
    """Return how many findings of each severity count, such as ``2 critical findings, 1 gap``; empty for none."""
    found = list(findings)
    open_ = [item for item in found if not item.advisory and not item.covered]
    numbers = Counter(item.severity for item in open_)
    parts = [f"{numbers[one]} {_NOUNS[one][numbers[one] > 1]}" for one in SEVERITIES if numbers[one] and one in _NOUNS]
    advisory, covered = sum(item.advisory for item in found), sum(item.covered for item in found)
    parts += [f"{advisory} under law not yet applicable"] if advisory else []
    parts += [f"{covered} covered by a decision"] if covered else []
    return ", ".join(parts)


def subject(state: SubjectState) -> str:
    """Return what was assessed."""
    return f"{'shipment record' if state.kind == 'shipment' else 'batch'} {state.subject}"


def verdict(state: SubjectState) -> str:
    """Return the sentence about one shipment record or batch."""
    parts = [one for one in (counts(state.findings), "; ".join(state.pending)) if one]
    return f"{opening(state.state)}{': ' + '; '.join(parts) if parts else ''}."


_ASKED: Final[Mapping[str, str]] = {
    "importer_ytd_kg": "quantities the importer brought in this year",
    "tag_registry": "register of issued tags",
    "portfolio": "the importer's portfolio",
    "rcoi": "reasonable country of origin inquiry",
    "erasure_request": "requests for erasure",
    "access_request": "requests for access",
    "lists.aml_weak": "list of countries weak against money laundering",
    "lists.flr_delegated_products": "products under delegated acts on forced labour",
    "lists.flr_decisions": "decisions on products of forced labour",
    "lists.recognised_schemes": "list of recognised schemes",
}


def section(name: str) -> str:
    """Return what a section of the facts is called."""
    return _ASKED.get(name, words(name.removeprefix("lists.")))


def value(said: Any) -> str:
    """Return a value of the facts in words."""
    if said is None or said in ("", []):
        return NOTHING
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, Mapping):
        return "; ".join(f"{words(name)} {value(member)}" for name, member in said.items())
    if isinstance(said, Sequence) and not isinstance(said, str):
        return "; ".join(map(value, said))
    return str(said)


def words(code: str) -> str:
    """Return a code such as ``party_not_screened`` as words."""
    return code.replace("_", " ")


def kilograms(said: str | None) -> str:
    """Return kilograms, thousands apart by a narrow space, never rounded."""
    if said is None:
        return "not stated"
    whole, dot, rest = said.partition(".")
    return f"{int(whole):,}".replace(",", "\u202f") + dot + rest + " kg"


def moment(said: str) -> str:
    """Return the literal time of an event or record to the minute, with its zone."""
    return f"{said[:10]} {said[11:16]} {'UTC' if said.endswith(('Z', '+00:00')) else said[-6:]}"
