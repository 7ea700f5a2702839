"""The words, icons and numbers pages print, so that a state is said the same everywhere (console.md 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from traceability.custody.names import name_of
from traceability.diligence.status import HOLD, INFO_REQUIRED, NO_FINDINGS, OUT_OF_SCOPE, PENDING, REVIEW
from traceability.services.facts.decided import DOC_TYPE, document_types


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state or severity looks: its word, the icon of templates/_icons.html and the colour class, always all."""

    word: str
    icon: str
    tone: str


MARKS: Final[Mapping[str, Mark]] = {
    HOLD: Mark("Held for an officer", "octagon", "hold"),
    PENDING: Mark("Pending", "clock", "pending"),
    REVIEW: Mark("Review", "diamond", "review"),
    INFO_REQUIRED: Mark("Information required", "question", "info"),
    OUT_OF_SCOPE: Mark("Out of scope, recorded", "dash", "quiet"),
    NO_FINDINGS: Mark("No rule raised a finding", "circle", "clear"),
    "critical": Mark("critical", "octagon", "hold"),
    "major": Mark("major", "diamond", "review"),
    "gap": Mark("gap", "question", "info"),
    "minor": Mark("minor", "dash", "quiet"),
    "info": Mark("info", "dash", "quiet"),
    "advisory": Mark("advisory", "clock", "quiet"),
    "valid": Mark("signed", "circle", "clear"),
    "unsigned": Mark("unsigned", "diamond", "review"),
    "invalid": Mark("signature invalid", "octagon", "hold"),
    "key_revoked": Mark("disputed", "octagon", "hold"),
    "full": Mark("full", "circle", "clear"),
    "partial": Mark("partial", "question", "info"),
    "stale": Mark("stale", "diamond", "review"),
    "missing": Mark("missing", "octagon", "hold"),
    "hits": Mark("entries met", "diamond", "review"),
    "no_hits_full_coverage": Mark("no entry met, lists complete", "circle", "clear"),
    "no_hits_limited_coverage": Mark("no entry met, lists not complete", "question", "info"),
    "not_screened": Mark("not screened", "clock", "pending"),
    "waiting": Mark("waiting for a second person", "clock", "pending"),
    "reopened": Mark("reopened", "diamond", "review"),
    "in_force": Mark("in force", "circle", "quiet"),
    "refused": Mark("refused", "dash", "quiet"),
}

DISPOSITIONS: Final[Mapping[str, str]] = {
    "released": "Release",
    "released_with_mitigation": "Release with mitigation",
    "suspended": "Suspend the trade",
    "disengaged": "Disengage from the supplier",
    "reported_to_authority": "Report to an authority",
}
REASON_CODES: Final[Mapping[str, str]] = {
    "evidence_sufficient": "The evidence answers the finding",
    "record_corrected": "The record was corrected",
    "risk_mitigated": "The risk is being mitigated",
    "risk_confirmed": "The risk is confirmed",
    "other": "Another reason, said below",
}
VERDICTS: Final[Mapping[str, Mapping[str, str]]] = {
    "hit": {"rejected": "Dismiss: it is somebody else", "confirmed": "Confirm: it is the listed party"},
    "signal": {"rejected": "Dismiss: misread, or not about this chain", "confirmed": "Confirm the signal"},
    "document": {"read_by_person": "A person has read it to the end"},
    DOC_TYPE: {name: name.replace("_", " ") for name in document_types()},
    "correction": {"accepted": "Accept the correction", "refused": "Refuse the correction"},
}
_MANY: Final = {"batch": "batches", "party": "parties", "entry": "entries"}


def plural(count: int, noun: str) -> str:
    """Return a number with its noun, such as ``2 findings``."""
    many = next((noun.removesuffix(one) + more for one, more in _MANY.items() if noun.endswith(one)), f"{noun}s")
    return f"{count} {noun if count == 1 else many}"


def kilograms(value: Any) -> str:
    """Return kilograms from their decimal text, thousands apart by a narrow space: ``1 250.5 kg``; never rounded."""
    if value is None or value == "":
        return "not stated"
    whole, dot, rest = str(value).partition(".")
    return f"{int(whole):,}".replace(",", "\u202f") + dot + rest + " kg"


def moment(value: datetime | str | None) -> str:
    """Return a moment to the minute in UTC."""
    if value is None:
        return ""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (
        at.strftime("%Y-%m-%d %H:%M UTC")
        if at.utcoffset() is None or not at.utcoffset()
        else at.isoformat(" ", "minutes")
    )


def clock_time(text: str) -> str:
    """Return the literal time of an event to the minute, with the zone it was read in."""
    return f"{text[:10]} {text[11:16]} {'UTC' if text.endswith('Z') else text[-6:]}"


def day(value: date | datetime | str | None) -> str:
    """Return a calendar day in ISO 8601, and nothing for no day."""
    return "" if value is None else str(value)[:10]


def short(identifier: str) -> str:
    """Return the telling end of an identifier for tight places; the whole stands beside it or in its title."""
    tail = name_of(identifier).rstrip("/").rsplit("/", 1)[-1]
    return tail if len(tail) <= 40 else f"{tail[:18]}\u2026{tail[-18:]}"  # noqa: PLR2004  # what fits a table cell


def sentence(code: str) -> str:
    """Return a code such as ``party_not_screened`` as words."""
    return code.replace("_", " ")
