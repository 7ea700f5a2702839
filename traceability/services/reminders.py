"""Who is to be reminded of which old list: admins of every one, officers of those their open batches need past its age.

What stands in the table is brought to this by ``follow`` whenever a list, a day or an hour has changed; a person's own
pages and GET /v1/reminders show what is open there, and never of a version that is in force no longer.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from traceability.clock import latest_date
from traceability.lists.age import Age, age, what_to_do
from traceability.lists.codes import is_reference
from traceability.services.access import Actor
from traceability.services.assess import subjects
from traceability.services.beside import Beside
from traceability.services.context import Service
from traceability.services.list_order import in_force, version_of, versions
from traceability.services.releases import RELEASES
from traceability.services.states import state_of
from traceability.storage.store import Transaction
from traceability.storage.tables import AssessmentRow, Decision, ListReminder, User

PAGE, EMAIL, WEBHOOK = "page", "email", "webhook"
#: How long after a message the next one about the same list comes, while nobody loads it.
AGAIN: Mapping[str, timedelta] = {"due": timedelta(days=7), "overdue": timedelta(days=1)}
_Subject = tuple[str, str, str]  # owner, kind, subject
_ON_PAGE = "on the person's pages"
WAITS = "waits to be sent"


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """One reminder there is to be: of a version (0: never loaded) at a level, for a person, on a channel."""

    list_id: str
    version_id: int
    level: str
    user_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class Old:
    """A list that is near or past its maximum age, and the version that is (0: never loaded)."""

    version_id: int
    age: Age


def old_lists(
    session: Session, day: date, needed: Iterable[str] = (), only: Collection[str] | None = None
) -> dict[str, Old]:
    """Return by its id each list, or each of some, that is not fresh on a day; of those never loaded the ``needed``.

    Tables that stand here for reference only are left out: loading a newer one changes no answer.
    """
    rows = {name: in_force(found, day) for name, found in versions(session, only).items() if not is_reference(name)}
    found = {name: Old(row.id or 0, age(version_of(row), on=day)) for name, row in rows.items()}
    missing = {name: Old(0, age(None, on=day, list_id=name)) for name in needed if name not in rows}
    return {name: one for name, one in (found | missing).items() if one.age.level != "fresh"}


def needs(service: Service, session: Session) -> dict[str, set[str]]:
    """Return by importer the lists that its open subjects need, as their newest assessments recorded it.

    A subject is open until a release of it stands; one that was reopened is open again.
    """
    open_: dict[str, set[str]] = {}
    released = _released(session)
    there = {(one.owner_id, one.kind, one.subject) for one in subjects(session)}
    recorded = {subject: found for subject, found in _required(session) if subject in there}
    for subject, found in recorded.items():
        if subject not in released:
            open_.setdefault(subject[0], set()).update(found)
    beside = Beside(session)
    for subject in released & recorded.keys():
        known = open_.setdefault(subject[0], set())
        if not recorded[subject] <= known and not _holds(service, session, subject, beside):
            known.update(recorded[subject])
    return open_


def _required(session: Session) -> Iterable[tuple[_Subject, set[str]]]:
    """Yield the lists that the newest assessment of each subject needed."""
    newest = select(func.max(AssessmentRow.id)).group_by(
        col(AssessmentRow.owner_id), col(AssessmentRow.subject_kind), col(AssessmentRow.subject)
    )
    query = select(
        AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject, AssessmentRow.coverage
    ).where(col(AssessmentRow.id).in_(newest))
    for owner_id, kind, subject, lists in session.exec(query):
        yield (owner_id, kind, subject), {item["list_id"] for item in lists if item["required"]}


def _holds(service: Service, session: Session, subject: _Subject, beside: Beside) -> bool:
    """Tell whether a release of a subject stands."""
    decision = state_of(service, session, *subject, beside).decision
    return decision is not None and decision.disposition in RELEASES


def _released(session: Session) -> set[_Subject]:
    query = select(Decision.owner_id, Decision.subject_kind, Decision.subject)
    query = query.where(Decision.state == "in_force", col(Decision.disposition).in_(RELEASES))
    return set(session.exec(query.distinct()).all())


def wanted(service: Service, session: Session, day: date) -> set[Wanted]:
    """Return every reminder there is to be on a day."""
    needed = needs(service, session)
    found = old_lists(session, day, set().union(*needed.values()))
    people = select(User).where(col(User.disabled_at).is_(None), col(User.role).in_(("admin", "officer")))
    return {
        Wanted(list_id, one.version_id, one.age.level, user.id, channel)
        for user in session.exec(people)
        for list_id, one in found.items()
        if user.role == "admin" or (one.age.level == "overdue" and list_id in needed.get(user.party_id or "", ()))
        for channel in [PAGE, *ways(service, user)]
    }


def ways(service: Service, user: User) -> list[str]:
    """Return the channels on which a person can be sent something."""
    mail = [EMAIL] if service.settings.smtp_url and user.email else []
    return [*mail, *([WEBHOOK] if service.settings.webhook_url else [])]


def follow(service: Service) -> int:
    """Bring the reminders in the table to what there is to be; return how many began or ended."""
    day = latest_date(service.clock())
    with service.store.read() as session:
        aim = wanted(service, session, day)
        same = aim == {_key(row) for row in _open(session)}
    return 0 if same else service.store.write(lambda tx: _settle(tx, aim))


def _settle(tx: Transaction, aim: Collection[Wanted]) -> int:
    now = tx.now  # it locks the log first: of two processes that do this, the second finds it done
    there = {_key(row): row for row in _open(tx.session)}
    for key in there.keys() - aim:
        there[key].ended_at = now
        tx.session.add(there[key])
    fresh = sorted(aim - there.keys())
    tx.session.add_all(_begun(tx.session, one, now) for one in fresh)
    return len(fresh) + len(there.keys() - aim)


def _begun(session: Session, one: Wanted, now: datetime) -> ListReminder:
    row = ListReminder(**asdict(one), first_at=now, outcome=_ON_PAGE if one.channel == PAGE else WAITS)
    if one.channel == PAGE:
        row.sent_at = now
    else:
        row.next_at = _not_before(session, one, now)
    return row


def _not_before(session: Session, one: Wanted, now: datetime) -> datetime:
    """Return when a message may go: a day after the last about the same list and level, of whatever version."""
    query = select(ListReminder.sent_at).where(
        ListReminder.list_id == one.list_id, ListReminder.level == one.level, ListReminder.user_id == one.user_id,
        ListReminder.channel == one.channel, col(ListReminder.sent_at).is_not(None),
    )  # fmt: skip
    last = session.exec(query.order_by(col(ListReminder.sent_at).desc()).limit(1)).first()
    return max(now, last + AGAIN["overdue"]) if last else now


def _open(session: Session) -> Sequence[ListReminder]:
    return session.exec(select(ListReminder).where(col(ListReminder.ended_at).is_(None))).all()


def _key(row: ListReminder) -> Wanted:
    return Wanted(row.list_id, row.version_id, row.level, row.user_id, row.channel)


def own(service: Service, actor: Actor) -> list[dict[str, Any]]:
    """Return what the person is reminded of now, what is overdue first; of an API key the person who made it."""
    day = latest_date(service.clock())
    with service.store.read() as session:
        user = session.exec(select(User.id).where(User.name == actor.person)).first()
        query = select(ListReminder).where(ListReminder.user_id == user, ListReminder.channel == PAGE)
        rows = session.exec(query.where(col(ListReminder.ended_at).is_(None))).all() if user else []
        ids = {row.list_id for row in rows}
        now = old_lists(session, day, ids, ids) if rows else {}
    shown = {row.list_id: row for row in rows if row.list_id in now and now[row.list_id].version_id == row.version_id}
    found = [_shown(row, now[list_id].age, actor) for list_id, row in shown.items()]
    return sorted(found, key=lambda item: (item["level"] != "overdue", item["list_id"]))


def _shown(row: ListReminder, now: Age, actor: Actor) -> dict[str, Any]:
    return asdict(now) | {"what_to_do": advice([row.list_id], actor.role), "since": row.first_at}


def advice(list_ids: Sequence[str], role: str) -> str:
    """Return what a person of a role does about old lists: only admins load them."""
    if role == "admin":
        return what_to_do(list_ids)
    return "Ask an admin to load a newer version: until then what needs it stays at least Information required."
