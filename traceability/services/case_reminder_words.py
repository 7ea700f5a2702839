"""What a message about requests and contests says: that one waits, its kind, the day and its page, and nothing else.

A mail passes through others' hands and may be read by whom a warning must not reach (tipping off): no name of anybody,
no question, answer, finding, list or record stands in it. Who is meant signs in and reads.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.services.case_reminders import Moment, Side, told_of
from traceability.services.context import Service
from traceability.services.reminder_message import Said, Told
from traceability.storage.tables import CaseReminder, CaseVersion, User

_ASKED, _MADE = "A request for information to your organisation", "A request for information of your organisation"
_CONTEST = "A contest"
_SENTENCES: Final[Mapping[tuple[str, Side, Moment], str]] = {
    ("request", "addressee", "opened"): f"{_ASKED} waits for an answer, due on {{}}",
    ("request", "addressee", "due"): f"{_ASKED} still waits for an answer, due on {{}}",
    ("request", "addressee", "overdue"): f"{_ASKED} waits for an answer, which was due on {{}}",
    ("request", "writer", "due"): f"{_MADE} is not answered yet; the answer is due on {{}}",
    ("request", "writer", "overdue"): f"{_MADE} is not answered; the answer was due on {{}}",
    ("request", "writer", "answered"): f"{_MADE} has been answered",
    ("contest", "writer", "opened"): f"{_CONTEST} waits for your organisation's answer, due on {{}}",
    ("contest", "writer", "due"): f"{_CONTEST} still waits for your organisation's answer, due on {{}}",
    ("contest", "writer", "overdue"): f"{_CONTEST} waits for your organisation's answer, which was due on {{}}",
    ("contest", "addressee", "answered"): f"{_CONTEST} of your organisation has been answered",
}
_WHY = "You are told because your account takes part in them. Each of these is said once; sign in to read more."


def sentence(row: CaseVersion, side: Side, moment: Moment) -> str:
    """Return what is said of a case at a moment to one side of it, without a stop at its end."""
    return _SENTENCES[row.kind, side, moment].format(row.record.get("due_on", ""))


def said_of_cases(service: Service, session: Session, told: Told) -> Said:
    """Return what a person is told of the cases of some reminders, of those that still are as they were."""
    url, now = service.settings.public_url.rstrip("/"), service.clock()
    found = {row.id or 0: _item(row, case, user, now, url) for row, case, user in _rows(session, told)}
    items = {number: item for number, item in found.items() if item is not None}
    count = len(items)
    lines = [line for item in items.values() for line in (f"- {item['sentence']}.", f"  {item['url']}")]
    title = f"{count} request or contest needs" if count == 1 else f"{count} requests or contests need"
    data = {"cases": list(items.values())}
    return Said(f"{title} your attention", [*lines, "", _WHY], "cases.waiting", data, list(items))


def _rows(session: Session, told: Told) -> list[tuple[CaseReminder, CaseVersion, User]]:
    query = select(CaseReminder, CaseVersion, User).join(User, col(User.id) == col(CaseReminder.user_id))
    query = query.join(
        CaseVersion,
        (col(CaseVersion.case_id) == col(CaseReminder.case_id)) & (col(CaseVersion.version) == CaseReminder.version),
    ).where(col(CaseReminder.id).in_(told.ids), col(CaseVersion.latest).is_(True))
    return list(session.exec(query.order_by(col(CaseReminder.id))).all())


def _item(row: CaseReminder, case: CaseVersion, user: User, now: datetime, url: str) -> dict[str, Any] | None:
    sides = told_of(case, user, latest_date(now), now)
    moment: Moment | None = next((one for one in sides if one == row.moment), None)
    if moment is None:
        return None
    return {
        "kind": case.kind,
        "moment": moment,
        "due_on": case.record.get("due_on") if moment != "answered" else None,
        "sentence": sentence(case, sides[moment], moment),
        "url": f"{url}/{case.kind}s/{case.case_id}",
    }
