"""Sending reminders of old lists: one message for each person and channel, tried again until it went, never in the way.

Each reminder is claimed in the database before its message goes, so that of several processes one sends it; what came
of it is written afterwards. One whose process died in between is not sent again before the next day.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.errors import TraceabilityError
from traceability.lists.age import Age
from traceability.services.context import Service
from traceability.services.mail import MailServer, NoServer, read_mail_server
from traceability.services.outgoing import Backoff, NotReached
from traceability.services.reminder_words import Told, mail_of, posted
from traceability.services.reminders import AGAIN, EMAIL, WEBHOOK, follow, old_lists
from traceability.services.webhook import Webhook, read_webhook
from traceability.storage.store import Transaction
from traceability.storage.tables import ListReminder, User

_LOOK_SECONDS = 60.0
_EVERY = timedelta(hours=1)
_FIRST_WAIT = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(hours=6)
_KEPT_ATTEMPTS = 100
_CLAIMED = "being sent"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Round:
    """What one process remembers from one look to the next."""

    mail: MailServer | None = None
    webhook: Webhook | None = None
    followed_at: datetime | None = None
    lists: Mapping[str, Any] = field(default_factory=dict)
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
    """Begin and end reminders where a list, the day or the hour has changed, then send what is due."""
    now, day = service.clock(), latest_date(service.clock())
    with service.store.read() as session:
        lists = {name: (one.version_id, one.age.level) for name, one in old_lists(session, day).items()}
    if state.followed_at is None or lists != state.lists or not timedelta(0) <= now - state.followed_at < _EVERY:
        follow(service)
        state.followed_at, state.lists = now, lists
    for channel in (EMAIL, WEBHOOK):
        if state.waits[channel].is_due(now):
            _send_all(service, state, channel, is_stopped)


def _send_all(service: Service, state: Round, channel: str, is_stopped: Callable[[], bool]) -> None:
    """Send one message after another; where nobody answers, the rest waits too."""
    while not is_stopped():
        claimed = service.store.write(lambda tx: _claim(tx, channel)) if _is_due(service, channel) else None
        if claimed is None:
            return
        problem: TraceabilityError | None = None
        try:
            _send(service, state, channel, claimed)
        except TraceabilityError as error:
            problem = error
            _log.warning("no reminder could be sent by %s: %s", channel, error.detail)
        service.store.write(lambda tx, told=claimed, why=problem: _keep(tx, told, why))  # type: ignore[misc]  # bound now
        if isinstance(problem, NoServer | NotReached):
            state.waits[channel].failed(service.clock())
            return
        state.waits[channel].succeeded()


def _is_due(service: Service, channel: str) -> bool:
    with service.store.read() as session:
        return _next(session, channel, service.clock()) is not None


def _next(session: Session, channel: str, now: datetime) -> ListReminder | None:
    query = select(ListReminder).join(User, col(User.id) == col(ListReminder.user_id))
    query = query.where(
        col(ListReminder.ended_at).is_(None), ListReminder.channel == channel, col(ListReminder.next_at) <= now,
        col(User.disabled_at).is_(None),
    )  # fmt: skip
    return session.exec(query.order_by(col(ListReminder.next_at), col(ListReminder.id)).limit(1)).first()


def _claim(tx: Transaction, channel: str) -> Told | None:
    """Take everything one person is due to be told on a channel, so that nobody else sends it."""
    now = tx.now
    first = _next(tx.session, channel, now)
    if first is None:
        return None
    mine = select(ListReminder).where(
        ListReminder.user_id == first.user_id, ListReminder.channel == channel,
        col(ListReminder.ended_at).is_(None), col(ListReminder.next_at) <= now,
    )  # fmt: skip
    rows = tx.session.exec(mine.order_by(col(ListReminder.list_id))).all()
    for row in rows:
        row.next_at, row.outcome = now + AGAIN["overdue"], _CLAIMED
        tx.session.add(row)
    user = tx.session.get_one(User, first.user_id)
    return Told(
        user.name, user.role, user.email, tuple(row.id or 0 for row in rows), tuple(row.list_id for row in rows), now
    )


def _send(service: Service, state: Round, channel: str, told: Told) -> None:
    with service.store.read() as session:
        ages = _ages(session, told, latest_date(service.clock()))
    if not ages:
        raise TraceabilityError("not needed any more: the list was loaded meanwhile")
    if channel == EMAIL and state.mail is not None and told.email:
        state.mail.send(mail_of(told, ages, state.mail.sender, service.settings.public_url), told.email)
    elif channel == WEBHOOK and state.webhook is not None:
        message_id, body = posted(told, ages, service.settings.public_url)
        state.webhook.post(message_id, service.clock(), body)
    else:
        raise TraceabilityError(f"there is no {channel} to send it by any more")


def _ages(session: Session, told: Told, day: date) -> list[Age]:
    found = old_lists(session, day, told.lists, told.lists)
    return [found[name].age for name in told.lists if name in found]


def _keep(tx: Transaction, told: Told, problem: TraceabilityError | None) -> None:
    """Write down how it went, and when it is tried or said again."""
    now = tx.now
    for row in tx.session.exec(select(ListReminder).where(col(ListReminder.id).in_(told.ids))):
        if problem is None:
            row.sent_at, row.failures, row.outcome = now, 0, "sent"
            row.next_at = now + AGAIN[row.level]
        else:
            row.failures += 1
            row.outcome = f"failed: {problem.detail}"[:300]
            row.next_at = now + min(_FIRST_WAIT * 2 ** min(row.failures - 1, 16), _LONGEST_WAIT)
        attempt = {"at": now.isoformat(), "outcome": row.outcome}
        row.attempts = [*row.attempts, attempt][-_KEPT_ATTEMPTS:]
        tx.session.add(row)
