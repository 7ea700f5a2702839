"""What a contest says: what a party is told, what it says against it, and the answer; each version keeps the thread.

An answer is due within a set time (``contest_answer_days``); whether it is overdue follows from the day.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

from marshmallow import Schema, fields, validate

from traceability.diligence import catalogue
from traceability.errors import InvalidInput, Problem
from traceability.events.identifiers import normalise
from traceability.services.case_fields import LONG, papers, several, words
from traceability.services.request_forms import RequestAboutSchema, refuse

Act = Literal["told", "contested", "answered", "withdrawn"]
State = Literal["told", "contested", "answered", "withdrawn", "overdue", "erased"]
Outcome = Literal["stands", "corrected", "looked_into"]
#: The states in which a step may be taken; a step's name is the state it leads to.
FROM: Final[Mapping[Act, tuple[str, ...]]] = {
    "contested": ("told", "answered"), "answered": ("contested",), "withdrawn": ("told",),
}  # fmt: skip
#: What an answer says of what was contested; ``looked_into`` where nothing was told, and the law may keep it so, or
#: where what was told of has been erased.
OUTCOMES: Final[tuple[Outcome, ...]] = ("stands", "corrected", "looked_into")
MOST_STEPS: Final = 50
#: What stays with the office's own people: the party sees only what the officer wrote for it.
_PRIVATE: Final = ("about", "hit", "finding")


class ConcernSchema(Schema):
    """What an officer tells a party: a registered one by its DID, any other by its name, and is then sent a link.

    ``hit`` (list, entry and subject, as decisions name it) or ``finding`` (its code) is what the party may contest.
    """

    addressee = words()
    name = words(300)
    about = several(RequestAboutSchema, 1, required=True)
    hit = words(1000)
    finding = words(60)
    told = words(LONG, required=True)


class OwnContestSchema(Schema):
    """What a party contests of its own accord, with an importer of its chain, without having been told of anything."""

    importer = words(required=True)
    text = words(LONG, required=True)
    documents = papers()


class ObjectionSchema(Schema):
    """What a party says against what it was told in the version ``based_on``; documents of its own by their SHA-256."""

    based_on = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    text = words(LONG, required=True)
    documents = papers()


class ContestAnswerSchema(Schema):
    """What a person of the office answers; ``office`` is its name as the party reads it, else the importer's."""

    based_on = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    text = words(LONG, required=True)
    office = words(300)


def told_record(said: Mapping[str, Any], office: Mapping[str, str], today: date) -> dict[str, Any]:
    """Return what an officer tells as its first version keeps it; ``office`` is the importer's DID and name.

    Raises:
        InvalidInput: neither a party is named nor what it may contest, or the catalogue has no such finding.

    """
    refuse(_told_problems(said))
    record: dict[str, Any] = {name: said[name].strip() for name in ("name", "hit", "finding") if name in said}
    record["about"] = [{"kind": one["kind"], "id": _named(one)} for one in said["about"]]
    if "addressee" in said:
        record["addressee"] = normalise(said["addressee"].strip())
    record |= {"office": office["name"], "thread": []}
    return stepped(record, "told", office["did"], today, {"text": said["told"].strip()})


def _told_problems(said: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if "addressee" not in said and "name" not in said:
        problems.append(Problem("addressee", "write the DID of the party; of one that is not registered its name"))
    if ("hit" in said) == ("finding" in said):
        problems.append(Problem("finding", "name one of the two that the party may contest: a hit, or a finding"))
    if "finding" in said and said["finding"] not in {row.code for row in catalogue.rows()}:
        problems.append(Problem("finding", "write a finding code of the catalogue, such as A2-5"))
    if "hit" in said and said["hit"].count("|") < 2:  # noqa: PLR2004  # list, entry and subject
        problems.append(Problem("hit", "write the hit as its page and its decisions name it: list|entry|subject"))
    return problems


def _named(one: Mapping[str, str]) -> str:
    return one["id"].strip() if one["kind"] == "shipment" else normalise(one["id"].strip())


def own_record(party: Mapping[str, str], office: str) -> dict[str, Any]:
    """Return what a contest of a party's own accord holds before its first step: it is about the party itself."""
    about = [{"kind": "party", "id": normalise(party["did"])}]
    return {"addressee": normalise(party["did"]), "name": party["name"], "about": about, "office": office, "thread": []}


def stepped(record: Mapping[str, Any], act: Act, by: str, today: date, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record with one more step; ``by`` is the DID of who takes it, or says that a link was used.

    Raises:
        InvalidInput: the thread is full.

    """
    if len(record["thread"]) >= MOST_STEPS and act == "contested":
        raise InvalidInput(f"a contest has {MOST_STEPS} steps at most; open a new one")
    moved = {"due_on": said["due_on"]} if "due_on" in said else {}
    step = {"act": act, "by": by, "on": today.isoformat(), **said}
    return {**record, **moved, "status": act, "thread": [*record["thread"], step]}


def state(record: Mapping[str, Any], today: date) -> State:
    """Return how a contest stands on a day: contested past the day its answer is due is overdue."""
    if not record:
        return "erased"
    found: State = record["status"]
    return "overdue" if found == "contested" and record["due_on"] < today.isoformat() else found


def for_party(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the party sees: what it was told, what it said, the answer; no record, list or finding of the office.

    What the law lets it know is what the officer wrote for it.
    """
    return {name: value for name, value in record.items() if name not in _PRIVATE}
