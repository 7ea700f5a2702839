"""What waits for a day: notices, requests, contests, plans and their steps, grievances, lists that grow old.

What is overdue comes first, then notices whose day is not known, then the rest by its day; what has no day comes last.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from traceability.clock import latest_date
from traceability.diligence.notice_kinds import notice_kind
from traceability.services import cases, contests, reminders, requests
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage.tables import CaseVersion
from traceability.texts import phrase

Kind = Literal["notice", "request", "contest", "plan", "step", "grievance", "list"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """One thing that waits: what it is, the case or list it is of, and its day; None where none is known or set.

    ``since`` is the day it came or was adopted, where that is known.
    """

    kind: Kind
    subject: str
    what: str
    due: date | None
    overdue: bool
    since: date | None = None

    @property
    def order(self) -> tuple[int, date, str]:
        """Return where it stands among others."""
        rank = 0 if self.overdue else 1 if self.kind == "notice" and self.due is None else 3 if self.due is None else 2
        return rank, self.due or date.min, self.subject


def deadlines(service: Service, actor: Actor) -> list[Deadline]:
    """Return what waits for the actor's importer, and the lists that the person itself is reminded of.

    Raises:
        Forbidden: the role may not read it.

    """
    today = latest_date(service.clock())
    found: list[Deadline] = []
    for kind in ("notice", "plan", "grievance"):
        for row in cases.listed(service, actor, kind):
            found += of_case(row, today)
    for row in (*requests.listed(service, actor), *contests.listed(service, actor)):
        found += of_case(row, today)
    return sorted([*found, *_lists(service, actor, today)], key=lambda one: one.order)


def of_case(row: CaseVersion, today: date) -> Iterator[Deadline]:
    """Yield what of a case waits on a day; nothing of one that has ended or was erased."""
    record = row.record
    if row.kind == "notice" and record.get("status") == "open":
        known = notice_kind(record["regime"], record["kind"])
        said = f"{known.title if known else 'Notice'}, {record['authority']} ({record['authority_country']})"
        yield _one("notice", row, said, record.get("due"), record.get("received_on", record["issued_on"]), today)
    elif row.kind == "plan" and record.get("progress") not in (None, "completed", "failed"):
        said = phrase(f"Review of the plan on {record['risk_code']}")
        yield _one("plan", row, said, record.get("review_due_on"), record["adopted_on"], today)
        for step in record["steps"]:
            if "done_on" not in step:
                task = step["what"]
                yield _one("step", row, phrase(f"Step: {task}"), step["due_on"], record["adopted_on"], today)
    elif row.kind == "request" and record.get("status") in ("open", "answered"):
        yield _request(row, today)
    elif row.kind == "contest" and record.get("status") == "contested":
        said = phrase(f"Answer of {record['office']} to {record['name']}, which contests a hit or finding")
        yield _one("contest", row, said, record["due_on"], record["thread"][-1]["on"], today)
    elif row.kind == "grievance" and record.get("status") not in (None, "closed"):
        said = phrase(f"{record['kind'].replace('_', ' ')} to be answered")
        yield _one("grievance", row, said, None, record["received_on"], today)


def _request(row: CaseVersion, today: date) -> Deadline:
    """Return what waits of a request: an answer by its day, or the asker, who is set none, once it is answered."""
    record = row.record
    addressee, asker, since = record["addressee"], record["asker"], record["thread"][0]["on"]
    if record["status"] == "open":
        return _one("request", row, phrase(f"Answer of {addressee} to {asker}"), record["due_on"], since, today)
    said = phrase(f"Answer of {addressee} to {asker}, to be accepted or asked again")
    return _one("request", row, said, None, since, today)


def _one(kind: Kind, row: CaseVersion, what: str, due: str | None, since: str, today: date) -> Deadline:
    day = None if due is None else date.fromisoformat(due)
    came = date.fromisoformat(since)
    return Deadline(kind, row.case_id, what, day, day is not None and day < today, came)


def _lists(service: Service, actor: Actor, today: date) -> Iterable[Deadline]:
    for one in reminders.own(service, actor):
        age, most = one["age_days"], one["max_age_days"]
        due = None if age is None or most is None else today + timedelta(days=most - age)
        yield Deadline("list", one["list_id"], one["sentence"], due, one["level"] == "overdue")
