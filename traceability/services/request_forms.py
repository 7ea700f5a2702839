"""What a request for information says: the forms of its steps, and the thread of them as each version keeps it.

A request to a business partner says why it is necessary, and whether the information can be had otherwise (Dir. (EU)
2024/1760 Art. 8(2a)); the state is the last step's, and whether it is overdue follows from the day.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final, Literal

from marshmallow import Schema, ValidationError, fields, validate

from traceability.diligence import catalogue
from traceability.errors import InvalidInput, Problem
from traceability.events.identifiers import normalise
from traceability.services.case_fields import LONG, MIN_REASON, papers, several, words
from traceability.services.facts.decided import document_types

Act = Literal["asked", "answered", "asked_again", "accepted", "withdrawn"]
State = Literal["open", "answered", "accepted", "withdrawn", "overdue", "erased"]
ABOUT: Final = ("batch", "shipment", "party")
#: How a request stands after a step.
STATUS: Final[Mapping[Act, str]] = {
    "asked": "open", "answered": "answered", "asked_again": "open", "accepted": "accepted", "withdrawn": "withdrawn",
}  # fmt: skip
#: The states in which a step may be taken.
FROM: Final[Mapping[Act, tuple[str, ...]]] = {
    "answered": ("open",), "asked_again": ("answered",), "accepted": ("answered",), "withdrawn": ("open", "answered"),
}  # fmt: skip
MOST_STEPS: Final = 50
#: What stays between the asker's own people: the addressee is not shown it.
_PRIVATE: Final = ("about", "finding", "obtainable_otherwise", "partner_employees")
_LATEST = timedelta(days=3 * 366)


class RequestAboutSchema(Schema):
    """What a request is about: a batch, a shipment record, or a party by its DID."""

    kind = fields.String(required=True, validate=validate.OneOf(ABOUT))
    id = words(required=True)


class InformationRequestSchema(Schema):
    """A question to a party of the chain."""

    addressee = words(required=True)
    about = several(RequestAboutSchema, 1, required=True)
    finding = words(60)
    question = words(LONG, required=True)
    fields_wanted = fields.List(words(200), validate=validate.Length(0, 50), load_default=list)
    papers_wanted = fields.List(
        fields.String(validate=validate.OneOf(document_types())), validate=validate.Length(0, 50), load_default=list
    )
    due_on = fields.Date(required=True)
    necessity = words(LONG)
    partner_employees = fields.Integer(strict=True, validate=validate.Range(0, 10**8))
    obtainable_otherwise = fields.Boolean()


class GivenFieldSchema(Schema):
    """One of the fields asked for, with what it is."""

    name = words(200, required=True)
    value = words(LONG, required=True)


class AnswerSchema(Schema):
    """An answer to the version ``based_on``; ``request`` binds a signed one to its request.

    Documents are those of one's own, uploaded before, by their SHA-256.
    """

    request = words(36)
    based_on = fields.Integer(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    text = words(LONG, required=True)
    fields_given = several(GivenFieldSchema, 0, load_default=list)
    documents = papers()


def loaded(form: type[Schema], said: Any) -> dict[str, Any]:
    """Return what somebody wrote as its form has it.

    Raises:
        InvalidInput: a field is missing, unknown or not of its form; each problem names its field.

    """
    try:
        read: dict[str, Any] = form().load(said)
    except ValidationError as error:
        messages: Any = error.messages
        refuse([Problem(str(name), _plain(told)) for name, told in messages.items()])
        raise
    return read


def _plain(told: Any) -> str:
    if isinstance(told, Mapping):
        return "; ".join(f"{name}: {_plain(one)}" for name, one in told.items())
    return " ".join(map(str, told)) if isinstance(told, list) else str(told)


def refuse(problems: list[Problem]) -> None:
    """Raise InvalidInput where there are problems."""
    if problems:
        first = problems[0]
        raise InvalidInput(f"{first.path}: {first.message}. Nothing was recorded", problems=problems)


def record_of(said: Mapping[str, Any], asker: str, today: date) -> dict[str, Any]:
    """Return a loaded request as its first version keeps it, dates as text and identifiers in their one spelling.

    Raises:
        InvalidInput: a day that cannot be, or a finding code the catalogue does not have.

    """
    problems = due_problems(said["due_on"], today)
    if "finding" in said and said["finding"] not in {row.code for row in catalogue.rows()}:
        problems.append(Problem("finding", "write a finding code of the catalogue, such as A2-5"))
    refuse(problems)
    record = dict(said) | {"asker": asker, "addressee": normalise(said["addressee"].strip())}
    record["about"] = [{"kind": one["kind"], "id": _named(one)} for one in said["about"]]
    record["due_on"] = said["due_on"].isoformat()
    return stepped(record | {"thread": []}, "asked", asker, today, {"text": said["question"]})


def _named(one: Mapping[str, str]) -> str:
    return one["id"].strip() if one["kind"] == "shipment" else normalise(one["id"].strip())


def due_problems(due_on: date, today: date) -> list[Problem]:
    """Return what is wrong with the day an answer is asked for."""
    if today <= due_on <= today + _LATEST:
        return []
    return [Problem("due_on", f"write a day from today, {today.isoformat()}, to {(today + _LATEST).isoformat()}")]


def stepped(
    record: Mapping[str, Any], act: Act, by: str, today: date, said: Mapping[str, Any]
) -> dict[str, Any]:  # fmt: skip
    """Return the record with one more step of its thread; ``by`` is the DID of the party that takes it.

    Raises:
        InvalidInput: the thread is full.

    """
    if len(record["thread"]) >= MOST_STEPS and act != "withdrawn":
        raise InvalidInput(f"a request has {MOST_STEPS} steps at most; withdraw it, or accept it, and ask anew")
    step = {"act": act, "by": by, "on": today.isoformat(), **said}
    moved = {"due_on": said["due_on"]} if "due_on" in said else {}
    return {**record, **moved, "status": STATUS[act], "thread": [*record["thread"], step]}


def check_reason(text: str, name: str, most: int = LONG) -> str:
    """Return what a person says, without blanks around it.

    Raises:
        InvalidInput: it has fewer than 20 characters, or more than ``most``.

    """
    said = text.strip()
    if not MIN_REASON <= len(said) <= most:
        refuse([Problem(name, f"say it in {MIN_REASON} to {most} characters; got {len(said)}")])
    return said


def state(record: Mapping[str, Any], today: date) -> State:
    """Return how a request stands on a day: open past the day it is due is overdue."""
    if not record:
        return "erased"
    found: State = record["status"]
    return "overdue" if found == "open" and record["due_on"] < today.isoformat() else found


def for_addressee(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the party asked sees of a request: what it is asked and why, and nothing of the asker's findings.

    Which records of the asker it is about stays with the asker; the question says what the addressee has to know.
    """
    return {name: value for name, value in record.items() if name not in _PRIVATE}


def for_report(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a report says of a request: all of it, but the bytes of signed answers, which stand for its text."""
    steps = [{**step, **_signer(step)} for step in record.get("thread", ())]
    return {**record, "thread": steps} if record else {}


def _signer(step: Mapping[str, Any]) -> dict[str, Any]:
    return {"signed": step["signed"]["kid"]} if "signed" in step else {}
