"""The verdict in words: what state, why, since when, and what has to be done about it (console.md 1 and 2)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from traceability.diligence.status import HOLD, NO_FINDINGS, OUT_OF_SCOPE, PENDING, SEVERITIES
from traceability.services.releases import CountedFinding
from traceability.services.states import SubjectState
from traceability.web import words

_NOUNS = {"critical": "critical finding", "major": "major finding", "gap": "gap", "minor": "minor finding"}
_OPENING = {
    HOLD: "Held for an officer",
    "REVIEW": "An officer has to look",
    "INFO_REQUIRED": "Information is missing",
    OUT_OF_SCOPE: "Out of scope, recorded",
    NO_FINDINGS: "No rule raised a finding",
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
        said = f"Pending: {'; '.join(reasons) or 'what it inherits is pending'}."
    else:
        said = f"{_OPENING[state]}{_because(counted, subjects, unsigned, state)}."
    return Verdict(state, said, tuple(_basis(subjects)), tuple(_actions(state, subjects)))


def open_findings(subjects: Sequence[SubjectState]) -> list[CountedFinding]:
    """Return the findings that count: neither advisory nor covered by a decision in force."""
    return [item for subject in subjects for item in subject.findings if not item.advisory and not item.covered]


def _because(counted: Sequence[CountedFinding], subjects: Sequence[SubjectState], unsigned: int, state: str) -> str:
    numbers = Counter(item.severity for item in counted)
    parts = [words.plural(numbers[name], _NOUNS[name]) for name in SEVERITIES if numbers[name] and name in _NOUNS]
    parts += [f"{words.plural(unsigned, 'link')} unsigned"] if unsigned and state != NO_FINDINGS else []
    covered = sum(item.covered for subject in subjects for item in subject.findings)
    parts += [f"{words.plural(covered, 'finding')} covered by a decision"] if covered else []
    return f": {', '.join(parts)}" if parts else ""


def _basis(subjects: Sequence[SubjectState]) -> list[str]:
    said = []
    for subject in subjects:
        row = subject.assessment
        if row is None:
            said.append(f"The {subject.kind} {words.short(subject.subject)} has never been assessed.")
            continue
        limited = [item["sentence"] for item in subject.coverage if item["state"] != "full"]
        lists = f"{words.plural(len(subject.coverage), 'list')} asked, " + (
            f"{len(limited)} of them not complete: {'; '.join(limited)}" if limited else "all complete and in date"
        )
        what = (
            "shipment record"
            if subject.kind == "shipment"
            else "custody rules only; origin and goods not assessed, for"
        )
        said.append(
            f"Assessed {words.moment(row.at)} as of {words.day(row.as_of)} ({what} {words.short(subject.subject)}), "
            f"rules {row.result['rule_pack_version'][:19]}; {lists}."
        )
    return said


def _actions(state: str, subjects: Sequence[SubjectState]) -> list[str]:
    """Return what has to be done, most urgent first; each once."""
    found = [reason for subject in subjects for reason in (_pending(text) for text in subject.pending)]
    limited = {item["sentence"] for subject in subjects for item in subject.coverage}
    floors = [floor for subject in subjects for floor in subject.floors]
    found += [words.sentence(floor) for floor in floors if floor not in limited]
    counted = open_findings(subjects)
    serious = [item for item in counted if item.severity in ("critical", "major")]
    if serious and state != PENDING:
        found.append(f"Decide on {', '.join(dict.fromkeys(item.code for item in serious))}")
    gaps = [item.code for item in counted if item.severity == "gap"]
    lists = list(dict.fromkeys(floor for floor in floors if floor in limited))
    found += [f"Have complete lists in date loaded: {'; '.join(lists)}"] if lists else []
    found += [f"Ask for what is missing: {', '.join(dict.fromkeys(gaps))}"] if gaps else []
    return list(dict.fromkeys(text[:1].upper() + text[1:] for text in found))


def _pending(reason: str) -> str:
    if reason.startswith("the document"):
        return f"{reason}: read it and say so, or get a better copy"
    if reason.startswith("last assessed"):
        return f"{reason}: an admin has it assessed again"
    return reason
