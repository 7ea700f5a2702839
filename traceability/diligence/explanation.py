"""Why a finding is there: what its rule looked at in the facts, what has to hold for it, and what it rests on in law.

Pure as the engine: one rule is run once more over the same facts, in containers that remember what was asked of them.
Nothing here is legal advice, and nothing says what a person should decide.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from traceability.diligence.case import Case
from traceability.diligence.catalogue import Row, row
from traceability.diligence.engine import ROWS, Finding, run
from traceability.diligence.packs import RULES, Rule
from traceability.diligence.reads import Read, Reads
from traceability.diligence.terms import terms_of
from traceability.texts import phrase

SEVERITY_WORDS: Final = {
    "critical": phrase("stop until an officer decides"),
    "major": phrase("an officer must look"),
    "gap": phrase("required information is missing"),
    "minor": phrase("worth knowing; does not change the status"),
    "info": phrase("recorded for information; does not raise the status"),
}
_PROVENANCE: Final = (
    ("memory", phrase("From memory: wording, number or date is not confirmed. Check it before relying on it.")),
    ("inferred", phrase("Read in part: what was not read is named.")),
    ("seen in part", phrase("Read in part: what was not read is named.")),
    ("seen", phrase("Rests on legal or official text that was read.")),
    ("design", phrase("A choice of this project; no article prescribes it.")),
)
_NOT_STATED: Final = phrase("Where it comes from is not stated.")


@dataclass(frozen=True, slots=True)
class Looked:
    """What one rule did with one facts document.

    ``finding`` is what it raises, None where it raises nothing; ``reads`` are the places it looked at in the order in
    which it did, without as_of, which every rule has; ``asked`` are other findings it asked for, and whether they
    were raised.
    """

    finding: Finding | None
    reads: tuple[Read, ...]
    asked: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Conditions:
    """The logic of a rule taken apart: ``parts`` have to hold, all of them (``every``) or one; ``remarks`` follow."""

    parts: tuple[str, ...]
    every: bool
    remarks: str

    @property
    def cleared(self) -> str:
        """Return when the finding is no longer raised, as a sentence that ``parts`` complete."""
        if len(self.parts) == 1:
            return phrase("It is no longer raised once this does not hold any more:")
        if self.every:
            return phrase(
                "It is no longer raised once, for each place it is about, one of these does not hold any more:"
            )
        return phrase("It is no longer raised once none of these holds any more:")


class _Asked(Case):
    """A case that remembers which findings a rule asks for."""

    def __init__(self, facts: Mapping[str, Any], raised: Collection[str]) -> None:
        super().__init__(facts)
        self.raised.update(raised)
        self.asked: dict[str, bool] = {}

    def raised_of(self, codes: Collection[str]) -> set[str]:
        """Return those that are raised, and remember all that were asked for."""
        self.asked |= {code: code in self.raised for code in sorted(codes)}
        return super().raised_of(codes)


def look(facts: Mapping[str, Any], code: str) -> Looked:
    """Run one rule over facts that ``check_facts`` accepts, after the rules that come before it.

    Raises:
        NotFound: there is no such rule.

    """
    its = row(code)
    one = (RULES[its.code], its)
    earlier = takewhile(lambda pair: pair[1].code != code, ROWS)
    raised = [finding.code for finding in run(Case(facts), earlier)]
    found = run(_Asked(facts, raised), [one])
    reads, asked = _reads(facts, raised, *one)
    return Looked(found[0] if found else None, reads, asked)


def _reads(
    facts: Mapping[str, Any], raised: Collection[str], rule: Rule, its: Row
) -> tuple[tuple[Read, ...], Mapping[str, bool]]:
    watched = Reads(facts)
    case = _Asked(watched.facts, raised)
    watched.forget()
    if its.runs_on(case.as_of) and rule.places(case) and rule.escalation is not None:
        rule.escalation.when(case)
    return watched.found(), dict(case.asked)


def conditions(text: str) -> Conditions:
    """Take the logic of a catalogue row apart at the words AND and OR that stand in no bracket (AND binds stronger)."""
    said, remarks = _sentence(text)
    either = _split(said, " OR ")
    if len(either) > 1:
        return Conditions(tuple(part.strip(" ,") for part in either), every=False, remarks=remarks)
    # "...; or with ..." is an alternative inside one condition, which AND does not end.
    parts = [said] if "; or " in said else _split(said, " AND ")
    return Conditions(tuple(part.strip(" ,") for part in parts), every=True, remarks=remarks)


def provenance_words(provenance: str) -> str:
    """Return what the provenance of a row means for who relies on it; memory outweighs everything else in it."""
    return next(
        (said for word, said in _PROVENANCE if word in provenance), phrase("Where it comes from is not stated.")
    )


def law(its: Row) -> dict[str, Any]:
    """Return the law behind a row as JSON: article, dates between which it applies, and how far it was read."""
    return {
        "law_ref": its.law_ref,
        "provenance": its.provenance,
        "provenance_words": provenance_words(its.provenance),
        "applicable_from": its.applicable_from and its.applicable_from.isoformat(),
        "applicable_to": its.applicable_to and its.applicable_to.isoformat(),
        "requirement_ids": list(its.requirement_ids),
    }


def logic(its: Row) -> dict[str, Any]:
    """Return what has to hold for a row to be raised as JSON, with the meaning of every defined word in it."""
    meanings = [{"term": term.term, "meaning": term.meaning} for term in terms_of(its.logic)]
    changes = None if its.severity_changes == "none" else its.severity_changes
    return {"pack": its.pack, "logic": its.logic, "terms": meanings, "severity_changes": changes}


def clearing(its: Row) -> dict[str, Any]:
    """Return as JSON what ends a finding: when its rule no longer raises it, and what a person may decide meanwhile."""
    found = conditions(its.logic)
    return {
        "said": found.cleared,
        "conditions": list(found.parts),
        "remarks": found.remarks,
        "options": list(its.reviewer_options),
    }


def places(looked: Looked, evidence: Iterable[str]) -> list[dict[str, Any]]:
    """Return the places looked at as JSON; first those that are, hold or stand in the evidence of the finding."""
    shown_as = set(evidence)
    around = {part for one in shown_as for part in _upwards(one)}
    shown = [
        {
            "at": read.at,
            "stated": read.stated,
            "value": read.value,
            "evidence": read.at in around or not shown_as.isdisjoint(_upwards(read.at)),
        }
        for read in looked.reads
    ]
    return sorted(shown, key=lambda place: not place["evidence"])


def _upwards(at: str) -> Iterator[str]:
    """Yield a JSON Pointer and those of everything it stands in, but for the document."""
    while at:
        yield at
        at = at.rpartition("/")[0]


def _sentence(text: str) -> tuple[str, str]:
    """Return the first sentence without its full stop, and what follows it."""
    found = re.search(r"\.(?:\s|$)", text)
    return (text, "") if found is None else (text[: found.start()], text[found.end() :].strip())


def _split(text: str, word: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0 and text.startswith(word, place):
            parts.append(text[start:place])
            start = place + len(word)
    return [*parts, text[start:]]
