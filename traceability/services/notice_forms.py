"""What a notice of an authority says: who asks what by which article, until when, and whether it was answered.

The day it is due is the one the rules find (rule-catalogue.md 3, due): stated by the authority as a day or as a period,
else set by law. What was counted with is kept with it, so that a later table of holidays moves no deadline by itself.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from marshmallow import Schema, fields, validate

from traceability.diligence.definitions.dates import add_days
from traceability.diligence.notice_kinds import KINDS, REGIMES, Period, notice_kind, period_by_law
from traceability.diligence.working_days import AUTHORITIES, UNITS, Unit, calendar_of, period_end, public_holidays
from traceability.errors import Problem
from traceability.services.case_fields import LONG, MIN_REASON, AboutSchema, several, words

STATUSES: Final = ("open", "answered", "withdrawn")
NOTICE_KINDS: Final = tuple(dict.fromkeys(one.kind for one in KINDS))
#: What stays as the first version has it.
FIXED: Final = ("regime", "kind", "authority_country", "issued_on", "received_on", "text")
_STATED: Final = ("due_on", "period", "no_deadline")
_FACTS: Final = ("regime", "kind", "authority_country", "issued_on", "received_on", "public_holidays")
_MOST_DAYS: Final = 366


class PeriodSchema(Schema):
    """A period that the authority states: so many days from receipt."""

    days = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MOST_DAYS))
    unit = fields.String(required=True, validate=validate.OneOf(UNITS))


class NoticeSchema(Schema):
    """A notice of an authority; its deadline is stated in one way, or set by law."""

    regime = fields.String(required=True, validate=validate.OneOf(REGIMES))
    kind = fields.String(required=True, validate=validate.OneOf(NOTICE_KINDS))
    authority = words(required=True)
    authority_country = fields.String(required=True, validate=validate.OneOf(sorted(AUTHORITIES)))
    reference = words()
    issued_on = fields.Date(required=True)
    received_on = fields.Date()
    text = words(LONG, required=True)
    about = several(AboutSchema, 0, load_default=list)
    due_on = fields.Date()
    period = fields.Nested(PeriodSchema)
    no_deadline = fields.Boolean()
    deadline_reason = words(LONG)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    answered_on = fields.Date()
    reason = words(LONG)


def problems(said: Mapping[str, Any]) -> list[Problem]:
    """Return what cannot be in a loaded notice."""
    kind = notice_kind(said["regime"], said["kind"])
    known = ", ".join(one.kind for one in KINDS if one.regime == said["regime"])
    found = [] if kind else [Problem("kind", f"choose one that {said['regime']} knows: {known}")]
    return [*found, *_order(said), *_deadline(said), *_closing(said)]


def _order(said: Mapping[str, Any]) -> Iterable[Problem]:
    received = _received(said)
    if received < said["issued_on"]:
        yield Problem("received_on", "write a day on or after the one it was issued on")
    for name in ("due_on", "answered_on"):
        if name in said and said[name] < received:
            yield Problem(name, "write a day on or after the one it was received on")


def _received(said: Mapping[str, Any]) -> date:
    """Return the day of receipt, of a loaded form or of a record: not stated, it is taken as the day of issue."""
    return _day(said.get("received_on", said["issued_on"]))


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _deadline(said: Mapping[str, Any]) -> Iterable[Problem]:
    stated, law = [name for name in _STATED if said.get(name)], _by_law(said)
    if len(stated) > 1:
        yield Problem(stated[1], f"state one deadline: leave out {stated[0]} or {stated[1]}")
    if not stated and law is None:
        told = "no law sets a period for it: write the day or period the authority set, or that it set none"
        yield Problem("due_on", told)
    if said.get("no_deadline") and law is not None:
        yield Problem("no_deadline", f"leave it out: {law.law_ref} sets {law.days} {law.unit} days from receipt")


def _by_law(said: Mapping[str, Any]) -> Period | None:
    return period_by_law(said["regime"], said["kind"], said["authority_country"])


def _closing(said: Mapping[str, Any]) -> Iterable[Problem]:
    status = said["status"]
    if (status == "answered") != ("answered_on" in said):
        told = "write the day the answer was sent" if status == "answered" else "leave it out until it is answered"
        yield Problem("answered_on", told)
    if status == "open" and "reason" in said:
        yield Problem("reason", "leave it out while the notice is open")
    elif status != "open" and len(said.get("reason", "").strip()) < MIN_REASON:
        yield Problem(
            "reason", f"say in at least {MIN_REASON} characters what was answered, or who withdrew it and why"
        )


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Problem]:
    """Return what a new version may not change without a word: a deadline moves out only for a stated reason."""
    was, now = before.get("due"), after.get("due")
    reason = after.get("deadline_reason", "").strip()
    said = len(reason) >= MIN_REASON and reason != before.get("deadline_reason", "").strip()
    if was is None or said or (now is not None and now <= was):
        return []
    told = f"say in at least {MIN_REASON} characters who granted a later day than {was}, and when"
    return [Problem("deadline_reason", told)]


def counted(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept besides what was said: the day it is due, the holidays left out, and the table they are of.

    ``record`` has its dates as text. Without a deadline there is no ``due``: it is not known, which is not "none".
    """
    country, received = record["authority_country"], _received(record)
    end, unit = _end(record, received, country)
    if end is None:
        return {}
    found: dict[str, Any] = {"due": end.isoformat()}
    if unit is not None:
        days = [day.isoformat() for day in public_holidays(country, received, end)]
        found |= {"public_holidays": days, "calendar": calendar_of(country)}
    return found


def _end(record: Mapping[str, Any], received: date, country: str) -> tuple[date | None, Unit | None]:
    """Return the day it is due, and where a table of holidays was asked for it, in what its period is counted."""
    law = _by_law(record)
    if "period" in record:
        days, unit = record["period"]["days"], record["period"]["unit"]
        return period_end(received, days, unit, country), unit
    if "due_on" in record or law is None:
        return _day(record["due_on"]) if "due_on" in record else None, None
    if law.unit == "working":
        return period_end(received, law.days, law.unit, country), law.unit
    return add_days(received, law.days), None  # as the rules count it: nothing moves its end


def request(request_id: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a notice as the facts carry it: an entry of ``authority_requests`` (assessment-facts.schema.json).

    What the authority stated is due_on, a period resolved as it was when it was recorded; what a law sets the rules
    work out themselves, from the holidays that were kept.
    """
    entry = {"request_id": request_id} | {name: record[name] for name in _FACTS if name in record}
    stated = "period" in record or "due_on" in record
    return entry | {"due_on": record["due"]} if stated else entry
