"""The verdict in words: what state, why, since when, and what has to be done about it (console.md 1 and 2)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from traceability.diligence.status import HOLD, NO_FINDINGS, OUT_OF_SCOPE, PENDING, SEVERITIES
from traceability.services.releases import CountedFinding
from traceability.services.states import SubjectState
from traceability.web import words
from traceability.web.language import N_, gettext, ngettext
from traceability.web.spoken import spoken

_NOUNS = {"critical": "critical finding", "major": "major finding", "gap": "gap", "minor": "minor finding"}
_OPENING = {
    HOLD: N_("Held for an officer"),
    "REVIEW": N_("An officer has to look"),
    "INFO_REQUIRED": N_("Information is missing"),
    OUT_OF_SCOPE: N_("Out of scope, recorded"),
    NO_FINDINGS: N_("No rule raised a finding"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """State, the sentence that says it, what it rests on, and what to do next."""

    state: str
    sentence: str
    basis: tuple[str, ...]
    actions: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON data."""
        return {
            "state": self.state,
            "sentence": self.sentence,
            "basis": list(self.basis),
            "actions": list(self.actions),
        }


def verdict(state: str, subjects: Sequence[SubjectState], unsigned: int = 0) -> Verdict:
    """Return the verdict on a batch or shipment record; ``unsigned`` is the number of links without good signature."""
    counted = open_findings(subjects)
    if state == PENDING:
        reasons = list(dict.fromkeys(reason for subject in subjects for reason in subject.pending))
        sentence = gettext(
            "Pending: %(why)s.", why="; ".join(map(spoken, reasons)) or gettext("what it inherits is pending")
        )
    else:
        sentence = f"{gettext(_OPENING[state])}{_because(counted, subjects, unsigned, state)}."
    return Verdict(state, sentence, tuple(_basis(subjects)), tuple(_actions(state, subjects)))


def open_findings(subjects: Sequence[SubjectState]) -> list[CountedFinding]:
    """Return the findings that count: neither advisory nor covered by a decision in force."""
    return [item for subject in subjects for item in subject.findings if not item.advisory and not item.covered]


def _because(counted: Sequence[CountedFinding], subjects: Sequence[SubjectState], unsigned: int, state: str) -> str:
    numbers = Counter(item.severity for item in counted)
    parts = [words.plural(numbers[name], _NOUNS[name]) for name in SEVERITIES if numbers[name] and name in _NOUNS]
    if unsigned and state != NO_FINDINGS:
        parts.append(ngettext("%(num)s link unsigned", "%(num)s links unsigned", unsigned))
    covered = sum(item.covered for subject in subjects for item in subject.findings)
    if covered:
        parts.append(
            ngettext("%(num)s finding covered by a decision", "%(num)s findings covered by a decision", covered)
        )
    return f": {', '.join(parts)}" if parts else ""


def _basis(subjects: Sequence[SubjectState]) -> list[str]:
    return [_based_on(subject) for subject in subjects]


def _based_on(subject: SubjectState) -> str:
    """Return when, as of which day, by which rules and with which lists one subject was assessed."""
    row, name = subject.assessment, words.short(subject.subject)
    if row is None and subject.kind == "shipment":
        return gettext("The shipment %(name)s has never been assessed.", name=name)
    if row is None:
        return gettext("The batch %(name)s has never been assessed.", name=name)
    of = gettext("shipment record %(name)s", name=name)
    if subject.kind != "shipment":
        of = gettext("custody rules only; origin and goods not assessed, for %(name)s", name=name)
    return gettext(
        "Assessed %(at)s as of %(day)s (%(of)s), rules %(rules)s; %(lists)s.",
        at=words.moment(row.at),
        day=words.day(row.as_of),
        of=of,
        rules=row.result["rule_pack_version"][:19],
        lists=_lists(subject),
    )


def _lists(subject: SubjectState) -> str:
    count = len(subject.coverage)
    limited = [item["sentence"] for item in subject.coverage if item["state"] != "full"]
    if not limited:
        return ngettext(
            "%(num)s list asked, all complete and in date", "%(num)s lists asked, all complete and in date", count
        )
    return ngettext(
        "%(num)s list asked, %(limited)s of them not complete: %(which)s",
        "%(num)s lists asked, %(limited)s of them not complete: %(which)s",
        count,
        limited=len(limited),
        which="; ".join(map(spoken, limited)),
    )


def _actions(state: str, subjects: Sequence[SubjectState]) -> list[str]:
    """Return what has to be done, most urgent first; each once."""
    found = [reason for subject in subjects for reason in (_pending(text) for text in subject.pending)]
    limited = {item["sentence"] for subject in subjects for item in subject.coverage}
    floors = [floor for subject in subjects for floor in subject.floors]
    found += [words.sentence(spoken(floor)) for floor in floors if floor not in limited]
    counted = open_findings(subjects)
    serious = [item for item in counted if item.severity in ("critical", "major")]
    if serious and state != PENDING:
        codes = ", ".join(dict.fromkeys(item.code for item in serious))
        found.append(gettext("Decide on %(codes)s", codes=codes))
    gaps = [item.code for item in counted if item.severity == "gap"]
    lists = list(dict.fromkeys(floor for floor in floors if floor in limited))
    found += (
        [gettext("Have complete lists in date loaded: %(lists)s", lists="; ".join(map(spoken, lists)))] if lists else []
    )
    found += [gettext("Ask for what is missing: %(codes)s", codes=", ".join(dict.fromkeys(gaps)))] if gaps else []
    return list(dict.fromkeys(text[:1].upper() + text[1:] for text in found))


def _pending(reason: str) -> str:
    if reason.startswith("the document"):
        return gettext("%(reason)s: read it and say so, or get a better copy", reason=spoken(reason))
    if reason.startswith("last assessed"):
        return gettext("%(reason)s: an admin has it assessed again", reason=spoken(reason))
    return spoken(reason)
