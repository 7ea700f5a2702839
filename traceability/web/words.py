"""The words, icons and numbers pages print, so that a state is said the same everywhere (console.md 1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from traceability.custody.names import name_of
from traceability.diligence.status import HOLD, INFO_REQUIRED, NO_FINDINGS, OUT_OF_SCOPE, PENDING, REVIEW
from traceability.services.facts.decided import DOC_TYPE, document_types
from traceability.web import language
from traceability.web.language import N_, gettext, ngettext


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state or severity looks: its word, the icon of templates/_icons.html and the colour class, always all."""

    text: str
    icon: str
    tone: str

    @property
    def word(self) -> str:
        """Return its word in the reader's language."""
        return gettext(self.text)


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
    "released": N_("Release"),
    "released_with_mitigation": N_("Release with mitigation"),
    "suspended": N_("Suspend the trade"),
    "disengaged": N_("Disengage from the supplier"),
    "reported_to_authority": N_("Report to an authority"),
}
REASON_CODES: Final[Mapping[str, str]] = {
    "evidence_sufficient": N_("The evidence answers the finding"),
    "record_corrected": N_("The record was corrected"),
    "risk_mitigated": N_("The risk is being mitigated"),
    "risk_confirmed": N_("The risk is confirmed"),
    "other": N_("Another reason, said below"),
}
VERDICTS: Final[Mapping[str, Mapping[str, str]]] = {
    "hit": {"rejected": N_("Dismiss: it is somebody else"), "confirmed": N_("Confirm: it is the listed party")},
    "signal": {"rejected": N_("Dismiss: misread, or not about this chain"), "confirmed": N_("Confirm the signal")},
    "document": {"read_by_person": N_("A person has read it to the end")},
    DOC_TYPE: {name: name.replace("_", " ") for name in document_types()},
    "correction": {"accepted": N_("Accept the correction"), "refused": N_("Refuse the correction")},
}


def plural(count: int, noun: str) -> str:
    """Return a number with its noun, such as ``2 findings``; the noun is one of those below."""
    return _NOUNS[noun](count)


_NOUNS: Final[Mapping[str, Callable[[int], str]]] = {
    "page": lambda num: ngettext("%(num)s page", "%(num)s pages", num),
    "entry": lambda num: ngettext("%(num)s entry", "%(num)s entries", num),
    "row": lambda num: ngettext("%(num)s row", "%(num)s rows", num),
    "file": lambda num: ngettext("%(num)s file", "%(num)s files", num),
    "request": lambda num: ngettext("%(num)s request", "%(num)s requests", num),
    "event": lambda num: ngettext("%(num)s event", "%(num)s events", num),
    "deadline": lambda num: ngettext("%(num)s deadline", "%(num)s deadlines", num),
    "notice": lambda num: ngettext("%(num)s notice", "%(num)s notices", num),
    "batch": lambda num: ngettext("%(num)s batch", "%(num)s batches", num),
    "part": lambda num: ngettext("%(num)s part", "%(num)s parts", num),
    "proposal": lambda num: ngettext("%(num)s proposal", "%(num)s proposals", num),
    "record": lambda num: ngettext("%(num)s record", "%(num)s records", num),
    "day": lambda num: ngettext("%(num)s day", "%(num)s days", num),
    "critical finding": lambda num: ngettext("%(num)s critical finding", "%(num)s critical findings", num),
    "major finding": lambda num: ngettext("%(num)s major finding", "%(num)s major findings", num),
    "minor finding": lambda num: ngettext("%(num)s minor finding", "%(num)s minor findings", num),
    "gap": lambda num: ngettext("%(num)s gap", "%(num)s gaps", num),
    "link": lambda num: ngettext("%(num)s link", "%(num)s links", num),
    "finding": lambda num: ngettext("%(num)s finding", "%(num)s findings", num),
    "list": lambda num: ngettext("%(num)s list", "%(num)s lists", num),
    "party": lambda num: ngettext("%(num)s party", "%(num)s parties", num),
    "packing": lambda num: ngettext("%(num)s packing", "%(num)s packings", num),
    "minor": lambda num: ngettext("%(num)s minor", "%(num)s minor", num),
}


def kilograms(value: Any) -> str:
    """Return kilograms from their decimal text as the reader writes numbers: ``1 250.5 kg``; never rounded."""
    return gettext("not stated") if value is None or value == "" else language.decimal(str(value)) + " kg"


def moment(value: datetime | str | None) -> str:
    """Return a moment to the minute in UTC, in ISO 8601; pages print it by ``language.with_days``."""
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
    """Return a code such as ``party_not_screened`` as words, in the reader's language where its file has them."""
    return gettext(code.replace("_", " "))
