"""Sending reminders: one message for each person, channel and sort, tried again until it went, never in the way.

Each reminder is claimed in the database before its message goes, so that of several processes one sends it; what came
of it is written afterwards. One whose process died in between is not sent again before the next day.
"""

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from traceability.clock import latest_date
from traceability.errors import TraceabilityError
from traceability.services import case_reminders, reminders
from traceability.services.case_reminder_words import said_of_cases
from traceability.services.context import Service
from traceability.services.mail import MailServer, NoServer, read_mail_server
from traceability.services.outgoing import Backoff, NotReached
from traceability.services.reminder_message import Said, Told, mail_of, posted
from traceability.services.reminder_words import said_of_lists
from traceability.services.reminders import AGAIN, EMAIL, WEBHOOK, old_lists
from traceability.services.webhook import Webhook, read_webhook
from traceability.storage.store import Transaction
from traceability.storage.tables import CaseReminder, CaseVersion, ListReminder, User
from traceability.storage.tables.reminders import Delivery

_LOOK_SECONDS = 60.0
_EVERY = timedelta(hours=1)
_FIRST_WAIT = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(hours=6)
_KEPT_ATTEMPTS = 100
_CLAIMED = "being sent"
_NOT_NEEDED = "not needed any more: it was done meanwhile"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of reminders: where they stand, what a message of some says, and when one that was sent is said again."""

    table: type[Delivery]
    said: Callable[[Service, Session, Told], Said]
    again: Callable[[Any], timedelta | None]  # never for None


SORTS = (
    Sort(ListReminder, said_of_lists, lambda row: AGAIN[row.level]),
    Sort(CaseReminder, said_of_cases, lambda _: None),
)


@dataclass(slots=True)
class Followed:
    """What was there when reminders were last begun and ended, and when that was."""

    at: datetime | None = None
    seen: object = None

    def is_over(self, now: datetime, seen: object) -> bool:
        """Tell whether something has changed since, or an hour has passed."""
        return self.at is None or seen != self.seen or not timedelta(0) <= now - self.at < _EVERY


@dataclass(slots=True)
class Round:
    """What one process remembers from one look to the next."""

    mail: MailServer | None = None
    webhook: Webhook | None = None
    lists: Followed = field(default_factory=Followed)
    cases: Followed = field(default_factory=Followed)
    waits: dict[str, Backoff] = field(default_factory=lambda: {EMAIL: Backoff(), WEBHOOK: Backoff()})


def follow_reminders(service: Service, stop: threading.Event) -> None:
    """Until ``stop``, remind of old lists. To be run in a thread beside ``run_worker``; several may run."""
    try:
        state = Round(read_mail_server(service.settings), read_webhook(service.settings))
    except TraceabilityError as error:
        _log.error("nobody is reminded by mail or webhook: %s", error.detail)  # the reason is the operator's to mend
        state = Round()
    while not stop.wait(_LOOK_SECONDS):
        try:
            remind(service, state, stop.is_set)
        except (TraceabilityError, SQLAlchemyError, OSError):
            _log.warning("nobody could be reminded now; trying again", exc_info=True)


def remind(service: Service, state: Round, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Begin and end reminders where a list, a case, the day or the hour has changed, then send what is due."""
    now, day = service.clock(), latest_date(service.clock())
    with service.store.read() as session:
        lists = {name: (one.version_id, one.age.level) for name, one in old_lists(session, day).items()}
        cases = session.exec(select(func.max(CaseVersion.id))).one()
    for followed, seen, follow in (
        (state.lists, lists, reminders.follow), (state.cases, (cases, day), case_reminders.follow),
    ):  # fmt: skip
        if followed.is_over(now, seen):
            follow(service)
            followed.at, followed.seen = now, seen
    for channel in (EMAIL, WEBHOOK):
        for sort in SORTS:
            if state.waits[channel].is_due(now):
                _send_all(service, state, sort, channel, is_stopped)


def _send_all(service: Service, state: Round, sort: Sort, channel: str, is_stopped: Callable[[], bool]) -> None:
    """Send one message after another; where nobody answers, the rest waits too."""
    while not is_stopped():
        due = _is_due(service, sort, channel)
        told = service.store.write(lambda tx: _claim(tx, sort, channel)) if due else None
        if told is None:
            return
        problem, named = _tried(service, state, sort, channel, told)
        service.store.write(lambda tx, one=told, some=named, why=problem: _keep(tx, sort, one, some, why))  # type: ignore[misc]  # bound now
        if isinstance(problem, NoServer | NotReached):
            state.waits[channel].failed(service.clock())
            return
        state.waits[channel].succeeded()


def _is_due(service: Service, sort: Sort, channel: str) -> bool:
    with service.store.read() as session:
        return _next(session, sort.table, channel, service.clock()) is not None


def _next(session: Session, table: type[Delivery], channel: str, now: datetime) -> Delivery | None:
    query = select(table).join(User, col(User.id) == col(table.user_id))
    query = query.where(
        col(table.ended_at).is_(None), table.channel == channel, col(table.next_at) <= now,
        col(User.disabled_at).is_(None),
    )  # fmt: skip
    return session.exec(query.order_by(col(table.next_at), col(table.id)).limit(1)).first()


def _claim(tx: Transaction, sort: Sort, channel: str) -> Told | None:
    """Take everything of a sort that one person is due to be told on a channel, so that nobody else sends it."""
    now, table = tx.now, sort.table
    first = _next(tx.session, table, channel, now)
    if first is None:
        return None
    mine = select(table).where(
        table.user_id == first.user_id, table.channel == channel, col(table.ended_at).is_(None),
        col(table.next_at) <= now,
    )  # fmt: skip
    rows = tx.session.exec(mine.order_by(col(table.id))).all()
    for row in rows:
        row.next_at, row.outcome = now + AGAIN["overdue"], _CLAIMED
        tx.session.add(row)
    user = tx.session.get_one(User, first.user_id)
    return Told(user.name, user.role, user.email, tuple(row.id or 0 for row in rows), now)


def _tried(
    service: Service, state: Round, sort: Sort, channel: str, told: Told
) -> tuple[TraceabilityError | None, Collection[int]]:  # fmt: skip
    """Send one message; return why it did not go, and the reminders it holds."""
    named: Collection[int] = told.ids
    try:
        with service.store.read() as session:
            said = sort.said(service, session, told)
        named = said.named
        if named:
            _send(service, state, channel, told, said)
    except TraceabilityError as error:
        _log.warning("no reminder could be sent by %s: %s", channel, error.detail)
        return error, named
    return None, named


def _send(service: Service, state: Round, channel: str, told: Told, said: Said) -> None:
    if channel == EMAIL and state.mail is not None and told.email:
        state.mail.send(mail_of(told, said, state.mail.sender, service.settings.public_url), told.email)
    elif channel == WEBHOOK and state.webhook is not None:
        message_id, body = posted(told, said)
        state.webhook.post(message_id, service.clock(), body)
    else:
        raise TraceabilityError(f"there is no {channel} to send it by any more")


def _keep(tx: Transaction, sort: Sort, told: Told, named: Collection[int], problem: TraceabilityError | None) -> None:
    """Write down how it went, and when it is tried or said again."""
    now = tx.now
    for row in tx.session.exec(select(sort.table).where(col(sort.table.id).in_(told.ids))):
        if row.id not in named:
            _put_off(row, now, _NOT_NEEDED)
        elif problem is not None:
            _put_off(row, now, f"failed: {problem.detail}"[:300])
        else:
            again = sort.again(row)
            row.sent_at, row.failures, row.outcome = now, 0, "sent"
            row.next_at, row.ended_at = (now + again, row.ended_at) if again else (None, now)
        attempt = {"at": now.isoformat(), "outcome": row.outcome}
        row.attempts = [*row.attempts, attempt][-_KEPT_ATTEMPTS:]
        tx.session.add(row)


def _put_off(row: Delivery, now: datetime, outcome: str) -> None:
    row.failures, row.outcome = row.failures + 1, outcome
    row.next_at = now + min(_FIRST_WAIT * 2 ** min(row.failures - 1, 16), _LONGEST_WAIT)
