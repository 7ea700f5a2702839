"""Who is told by mail and webhook of a request or contest: once when it comes, is due soon, overdue or answered.

Those are told who see it on their pages and may act on it, and never who took the step. What stands in the table is
brought to this by ``follow``; each row is sent once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.services import contest_forms, request_forms
from traceability.services.access import PERMISSIONS
from traceability.services.context import Service
from traceability.services.reminders import WAITS, ways
from traceability.services.request_reminders import NEAR
from traceability.storage.store import Transaction
from traceability.storage.tables import CaseReminder, CaseVersion, User

Moment = Literal["opened", "due", "overdue", "answered"]
Side = Literal["writer", "addressee"]
#: How long a step is news: who is not reached until then finds it on the pages, and is told when it is due.
NEWS: Final = timedelta(days=7)
#: What who is told of a kind of case may do, on the side that keeps the case and on the one it is addressed to.
_PART: Final[Mapping[tuple[str, Side], str]] = {
    ("request", "writer"): "ask", ("request", "addressee"): "answer",
    ("contest", "writer"): "tell", ("contest", "addressee"): "contest",
}  # fmt: skip
#: Who has to act on a case that is open: a request waits for the addressee, and the asker for it; a contest for the
#: officers alone.
_WAITING: Final[Mapping[str, tuple[Side, ...]]] = {"request": ("addressee", "writer"), "contest": ("writer",)}


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """What one person is to be told on a channel: that a version of a case is at a moment."""

    case_id: str
    version: int
    moment: str
    user_id: str
    channel: str


def moments(row: CaseVersion, day: date, now: datetime) -> Iterable[tuple[Moment, Side]]:
    """Yield at which moments the newest version of a case is, and the side that is told; ``day`` is that of ``now``."""
    record, form = row.record, request_forms if row.kind == "request" else contest_forms
    waiting, stands = _WAITING[row.kind], form.state(record, day)
    news = now - row.written_at < NEWS
    if stands == "overdue":
        yield from (("overdue", side) for side in waiting)
    elif stands in ("open", "contested"):
        near = date.fromisoformat(record["due_on"]) - NEAR
        if news:
            yield "opened", waiting[0]
        if date.fromisoformat(record["thread"][-1]["on"]) < near <= day:  # one due at once has said so when it came
            yield from (("due", side) for side in waiting)
    elif stands == "answered" and news:
        yield "answered", "writer" if row.kind == "request" else "addressee"


def side_of(row: CaseVersion, user: User, moment: Moment, sides: Collection[Side]) -> Side | None:
    """Return on which of the sides a person is told of a moment; None for who takes no part, or did it."""
    if moment in ("opened", "answered") and user.name == row.written_by:
        return None
    parties: Mapping[Side, str | None] = {"addressee": row.addressee_id, "writer": row.owner_id}
    fits = (
        side
        for side, party_id in parties.items()
        if side in sides and party_id == user.party_id and user.role in PERMISSIONS[_PART[row.kind, side]]
    )
    return next(fits, None) if user.party_id and user.disabled_at is None else None


def told_of(row: CaseVersion, user: User, day: date, now: datetime) -> dict[Moment, Side]:
    """Return of which moments of a case a person is told, and on which side of it the person is."""
    sides: dict[Moment, list[Side]] = {}
    for moment, side in moments(row, day, now):
        sides.setdefault(moment, []).append(side)
    found = {moment: side_of(row, user, moment, some) for moment, some in sides.items()}
    return {moment: side for moment, side in found.items() if side is not None}


def wanted(service: Service, session: Session, now: datetime) -> set[Wanted]:
    """Return everything there is to be told now, whether or not it has been."""
    day, people = latest_date(now), _people(service, session)
    return {
        Wanted(row.case_id, row.version, moment, user.id, channel)
        for row in _cases(session, now)
        for party_id in {row.owner_id, row.addressee_id or ""}
        for user in people.get(party_id, ())
        for moment in told_of(row, user, day, now)
        for channel in ways(service, user)
    }


def _cases(session: Session, now: datetime) -> Sequence[CaseVersion]:
    return session.exec(select(CaseVersion).where(*_telling(now))).all()


def _telling(now: datetime) -> list[sa.ColumnElement[bool]]:
    """Return what holds of the versions that are open, or new: everything else has nothing to tell."""
    status = col(CaseVersion.record)["status"].as_string()
    return [
        col(CaseVersion.kind).in_(("request", "contest")), col(CaseVersion.latest).is_(True),
        sa.or_(status.in_(("open", "contested")), col(CaseVersion.written_at) > now - NEWS),
    ]  # fmt: skip


def _people(service: Service, session: Session) -> dict[str, list[User]]:
    """Return by party who can be told anything."""
    query = select(User).where(col(User.disabled_at).is_(None), col(User.party_id).is_not(None))
    found: dict[str, list[User]] = {}
    for user in session.exec(query):
        if ways(service, user):
            found.setdefault(user.party_id or "", []).append(user)
    return found


def follow(service: Service) -> int:
    """Bring what is to be told in the table to what there is to tell; return how many reminders began or ended."""
    with service.store.read() as session:
        change = _change(service, session, service.clock())
    return service.store.write(lambda tx: _settle(service, tx)) if change.size else 0


@dataclass(frozen=True, slots=True)
class _Change:
    begun: Sequence[Wanted]
    again: Sequence[CaseReminder]  # ended unsent, and wanted once more: its channel was away meanwhile
    ended: Sequence[CaseReminder]

    @property
    def size(self) -> int:
        return len(self.begun) + len(self.again) + len(self.ended)


def _change(service: Service, session: Session, now: datetime) -> _Change:
    aim, there = wanted(service, session, now), {_key(row): row for row in _kept(session, now)}
    return _Change(
        sorted(aim - there.keys()),
        [row for key, row in there.items() if key in aim and row.ended_at is not None and row.sent_at is None],
        [row for key, row in there.items() if key not in aim and row.ended_at is None],
    )


def _settle(service: Service, tx: Transaction) -> int:
    now = tx.now  # it locks the log first: of two processes that do this, the second finds it done
    change = _change(service, tx.session, now)
    for row in change.again:
        row.next_at, row.ended_at = now, None
    for row in change.ended:
        row.ended_at = now
    begun = [CaseReminder(**asdict(one), first_at=now, next_at=now, outcome=WAITS) for one in change.begun]
    tx.session.add_all([*begun, *change.again, *change.ended])
    return change.size


def _kept(session: Session, now: datetime) -> Sequence[CaseReminder]:
    """Return the reminders that are not ended, and all of the cases that have something to tell."""
    telling = select(CaseVersion.case_id).where(*_telling(now))
    query = select(CaseReminder).where(
        sa.or_(col(CaseReminder.ended_at).is_(None), col(CaseReminder.case_id).in_(telling))
    )
    return session.exec(query).all()


def _key(row: CaseReminder) -> Wanted:
    return Wanted(row.case_id, row.version, row.moment, row.user_id, row.channel)
