"""What a mitigation plan, a grievance and a notice say: the fields, and what a later version may not change.

A plan answers one finding (Reg. (EU) 2017/821 Art. 5(1)(b), 5(2)); a grievance came in by a mechanism of Art. 4(e);
a notice came from an authority (`notice_forms`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from traceability.diligence import catalogue
from traceability.diligence.definitions.dates import add_months
from traceability.diligence.facts import facts_schema
from traceability.errors import InvalidInput, Problem
from traceability.events.identifiers import normalise
from traceability.services import notice_forms
from traceability.services.case_fields import LONG, MIN_REASON, AboutSchema, several, words
from traceability.services.notice_forms import NoticeSchema

PROGRESS: Final = ("on_track", "improved", "no_improvement", "completed", "failed")
STATUSES: Final = ("open", "under_investigation", "closed")
GRIEVANCE_KINDS: Final = ("grievance", "incident_report")
CHANNELS: Final = ("own", "joint", "external")
RISKS: Final[tuple[str, ...]] = tuple(facts_schema()["properties"]["reports"]["items"]["properties"]["class"]["enum"])
"""What a grievance can report: the classes of ``reports`` (assessment-facts.schema.json)."""
OUTCOMES: Final = ("substantiated", "not_substantiated", "remediated", "withdrawn")
SECURITY: Final = "A2-5"
_SECURITY_MONTHS = 6  # OECD Annex II para. 10, as in the rule of that code
_FIRST_DAY = date(1900, 1, 1)


class StepSchema(Schema):
    """One measurable step: what is done, by what its success is measured, until when."""

    what = words(required=True)
    measure = words(required=True)
    due_on = fields.Date(required=True)
    done_on = fields.Date()


class ConsultationSchema(Schema):
    """One consultation of suppliers or affected stakeholders; name organisations, not persons."""

    on = fields.Date(required=True)
    who = words(required=True)
    about = words(required=True)


class PlanSchema(Schema):
    """A mitigation plan."""

    risk_code = words(60, required=True)
    about = several(AboutSchema, 1, required=True)
    adopted_on = fields.Date(required=True)
    review_due_on = fields.Date()
    progress = fields.String(required=True, validate=validate.OneOf(PROGRESS))
    text = words(LONG)
    steps = several(StepSchema, 1, required=True)
    consultations = several(ConsultationSchema, 0, load_default=list)


class GrievanceSchema(Schema):
    """A grievance or incident report; who reported it is never part of it."""

    kind = fields.String(required=True, validate=validate.OneOf(GRIEVANCE_KINDS))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    about = several(AboutSchema, 1, required=True)
    received_on = fields.Date(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    text = words(LONG, required=True)
    risks = fields.List(fields.String(validate=validate.OneOf(RISKS)), validate=validate.Length(1, len(RISKS)))
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    reason = words(LONG)


#: By the kind of a case: its form, and the fields that stay as its first version has them.
FORMS: Final[Mapping[str, type[Schema]]] = {"plan": PlanSchema, "grievance": GrievanceSchema, "notice": NoticeSchema}
FIXED: Final[Mapping[str, tuple[str, ...]]] = {
    "plan": ("risk_code", "adopted_on"),
    "grievance": ("kind", "channel", "received_on", "text"),
    "notice": notice_forms.FIXED,
}
_GROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "plan": ("about", "consultations"), "grievance": ("about", "risks"), "notice": ("about",),
}  # fmt: skip


def record_of(kind: str, said: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return a loaded form as it is kept, dates as text and identifiers in their one spelling.

    Raises:
        InvalidInput: a code the catalogue does not have, a date that cannot be, or a closing without a reason.

    """
    record: dict[str, Any] = _plain(dict(said))
    if "risks" in record:
        record["risks"] = sorted(set(record["risks"]))
    record["about"] = [{"kind": one["kind"], "id": _named(one)} for one in record["about"]]
    problems = _CHECKS[kind](said)
    problems += [
        Problem(path, f"write a day from 1900 up to today, {today.isoformat()}")
        for path, day in _past(said)
        if not _FIRST_DAY <= day <= today
    ]
    _refuse(problems)
    return record | notice_forms.counted(record) if kind == "notice" else record


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _named(one: Mapping[str, str]) -> str:
    return one["id"] if one["kind"] == "shipment" else normalise(one["id"].strip())


def _past(said: Mapping[str, Any]) -> list[tuple[str, date]]:
    """Return the days that lie behind us, each with its place."""
    found = [(name, said[name]) for name in ("adopted_on", "issued_on", "received_on", "answered_on") if name in said]
    found += [(f"consultations[{n}].on", one["on"]) for n, one in enumerate(said.get("consultations", []))]
    steps = enumerate(said.get("steps", []))
    return found + [(f"steps[{n}].done_on", one["done_on"]) for n, one in steps if "done_on" in one]


def _plan(said: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if said["risk_code"] not in {row.code for row in catalogue.rows()}:
        problems.append(Problem("risk_code", "write a finding code of the catalogue, such as A2-5"))
    if said["progress"] not in ("completed", "failed") and "review_due_on" not in said:
        problems.append(Problem("review_due_on", "write the day of the next review: a running plan is monitored"))
    if "review_due_on" in said and said["review_due_on"] < said["adopted_on"]:
        problems.append(Problem("review_due_on", "write a day on or after the one it was adopted on"))
    return problems


def _closing(said: Mapping[str, Any]) -> list[Problem]:
    given = [name for name in ("outcome", "reason") if name in said]
    if said["status"] != "closed":
        return [Problem(name, "leave it out until the case is closed") for name in given]
    problems = [] if "outcome" in said else [Problem("outcome", f"choose one of {', '.join(OUTCOMES)}")]
    if len(said.get("reason", "").strip()) < MIN_REASON:
        problems.append(Problem("reason", f"say why it is closed in at least {MIN_REASON} characters"))
    return problems


_CHECKS: Final = {"plan": _plan, "grievance": _closing, "notice": notice_forms.problems}


def check_follows(kind: str, before: Mapping[str, Any], after: Mapping[str, Any], today: date) -> None:
    """Check a new version against the one before: nothing that raised a critical is written away.

    Raises:
        InvalidInput: it changes what stays, takes back what may only grow, or lets a failed plan go on.

    """
    problems = [
        Problem(name, "it stays as the first version has it; open a new case where it was wrong")
        for name in FIXED[kind]
        if before.get(name) != after.get(name)
    ]
    problems += [
        Problem(name, "add to it: what an earlier version names stays")
        for name in _GROWS[kind]
        if any(one not in after.get(name, ()) for one in before.get(name, ()))
    ]
    if kind == "plan" and after["progress"] not in {before["progress"], "failed"} and has_failed(before, today):
        told = "the plan has failed and stays so; adopt a new plan, and let officers decide on the finding"
        problems.append(Problem("progress", told))
    if kind == "notice":
        problems += notice_forms.changed(before, after)
    _refuse(problems)


def has_failed(plan: Mapping[str, Any], today: date) -> bool:
    """Tell whether a plan raises a critical: it failed, or one on security forces shows nothing after six months."""
    if plan["progress"] == "failed":
        return True
    limit = add_months(date.fromisoformat(plan["adopted_on"]), _SECURITY_MONTHS)
    return plan["risk_code"] == SECURITY and plan["progress"] == "no_improvement" and today > limit


def _refuse(problems: list[Problem]) -> None:
    if problems:
        first = problems[0]
        raise InvalidInput(f"{first.path}: {first.message}. Nothing was recorded", problems=problems)


def loaded(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person filled in as its form has it.

    Raises:
        InvalidInput: a field is missing, unknown or not of its form; each problem names its field.

    """
    try:
        read: dict[str, Any] = FORMS[kind]().load(said)
    except ValidationError as error:
        messages: Any = error.messages
        _refuse([Problem(name, _said(told)) for name, told in messages.items()])
        raise
    return read


def _said(told: Any) -> str:
    """Return what is wrong with a field in one sentence, with the places inside it."""
    if isinstance(told, Mapping):
        return "; ".join(_inside(str(name), one) for name, one in told.items())
    return " ".join(map(str, told)) if isinstance(told, list) else str(told)


def _inside(name: str, told: Any) -> str:
    return f"{int(name) + 1 if name.isdigit() else name}: {_said(told)}"  # a place in a list, counted from 1
