"""The open work of somebody who left: what waits on their step or was theirs to follow, and who goes on with it.

What they signed, wrote or decided keeps their name. Handing over says who looks after it from now on; whether that
person may take the next step stays a question of their role, and of the two persons a proposal needs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from traceability.errors import InvalidInput, NotFound, Problem
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage.store import Transaction
from traceability.storage.tables import (
    CaseVersion,
    Decision,
    KeyApplication,
    LegalHold,
    Party,
    PartyKey,
    PartyMerge,
    User,
    WorkHandover,
)

_ENDED = {
    "plan": ("completed", "failed"), "grievance": ("closed",), "notice": ("answered", "withdrawn"),
    "request": ("accepted", "withdrawn"), "contest": ("told", "answered", "withdrawn"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that is open: its kind, its id, in words what it is, and who goes on with it, where that was said."""

    kind: str
    subject: str
    what: str
    handed_to: str | None = None


def open_work(service: Service, actor: Actor, name: str) -> list[Work]:
    """Return what of a person's work is open, for admins; of an officer no more than its kind and id.

    What was handed to the person is among it: it waits on them now.

    Raises:
        NotFound: there is no such user.

    """
    actor.require("administer", scope="read")
    with service.store.read() as session:
        _user(session, name)
        return _of(session, name)


def _user(session: Session, name: str) -> User:
    row = session.exec(select(User).where(User.name == name)).one_or_none()
    if row is None:
        raise NotFound(f"there is no user {name[:100]!r}")
    return row


def _of(session: Session, name: str) -> list[Work]:
    return [
        Work(kind, subject, what, _holder(session, kind, subject, name))
        for (kind, subject), what in _open(session, name, frozenset()).items()
    ]


def _open(session: Session, name: str, seen: frozenset[str]) -> dict[tuple[str, str], str]:
    """Return what is open of a person's own work, and of what was handed to them: that waits on them as well."""
    own = (*_proposals(session, name), *_cases(session, name), *_applications(session, name))
    found = {(kind, subject): what for kind, subject, what in own}
    for row in session.exec(select(WorkHandover).where(WorkHandover.to_user == name)):
        if row.from_user not in seen:
            here = _open(session, row.from_user, seen | {name})
            found |= {thing: what for thing, what in here.items() if thing == (row.kind, row.subject)}
    return found


def _holder(session: Session, kind: str, subject: str, name: str) -> str | None:
    """Return who goes on with a person's work: the last to whom it was handed; None where it was not."""
    at: str | None = None
    seen = {name}
    row = session.get(WorkHandover, (kind, subject, name))
    while row is not None and row.to_user not in seen:
        at = row.to_user
        seen.add(at)
        row = session.get(WorkHandover, (kind, subject, at))
    return at


def _proposals(session: Session, name: str) -> Iterator[tuple[str, str, str]]:
    waiting = select(Decision).where(Decision.proposed_by == name, Decision.state == "waiting")
    for row in session.exec(waiting.order_by(col(Decision.entry_index))):
        yield "decision", row.id, f"a proposal on a {row.subject_kind} that waits for a second person"
    merges = select(PartyMerge).where(PartyMerge.proposed_by == name, PartyMerge.state == "waiting")
    for merge in session.exec(merges.order_by(col(PartyMerge.proposed_at))):
        yield "merge", merge.id, "a proposal on two records of one party that waits for an admin"
    holds = select(LegalHold).where(LegalHold.placed_by == name, col(LegalHold.lifted_at).is_(None))
    for hold in session.exec(holds.order_by(col(LegalHold.placed_at))):
        yield "hold", hold.id, "a legal hold that is in force"


def _cases(session: Session, name: str) -> Iterator[tuple[str, str, str]]:
    mine = select(CaseVersion.case_id).where(CaseVersion.written_by == name)
    query = select(CaseVersion).where(col(CaseVersion.latest).is_(True), col(CaseVersion.case_id).in_(mine))
    for row in session.exec(query.order_by(col(CaseVersion.entry_index))):
        said = row.record.get("progress", row.record.get("status"))
        if said is not None and said not in _ENDED[row.kind]:
            yield row.kind, row.case_id, f"a {row.kind} ({str(said).replace('_', ' ')})"


def _applications(session: Session, name: str) -> Iterator[tuple[str, str, str]]:
    for party in session.exec(select(Party).where(Party.applicant == name, Party.state == "waiting")):
        yield "party", party.id, "an application of a party that waits for an admin"
    for key in session.exec(select(PartyKey).where(PartyKey.applicant == name, PartyKey.state == "waiting")):
        yield "key", key.id, "a key that waits for an admin"
    checked = select(KeyApplication).where(KeyApplication.checked_by == name, KeyApplication.state == "waiting")
    for asked in session.exec(checked):
        yield "lost_key", asked.id, "an application after a lost key, checked by one of two admins"


def hand_over(service: Service, admin: Actor, name: str, to: str, chosen: Sequence[tuple[str, str]]) -> list[Work]:
    """Hand open work to a colleague of the same party and role; chosen by kind and id, nothing for all of it.

    Raises:
        NotFound: there is no such user.
        InvalidInput: the colleague is another party's, has another role or an account that is closed; or a thing chosen
            is no open work of the person.

    """
    admin.require("administer", scope="write")

    def change(tx: Transaction) -> list[Work]:
        _ = tx.now  # locks the head: of two hand-overs the second finds the first
        leaver, heir = _user(tx.session, name), _heir(tx.session, to)
        _check_heir(leaver, heir)
        here = {(one.kind, one.subject): one for one in _of(tx.session, name)}
        wanted = list(dict.fromkeys(chosen)) or list(here)
        if strange := [one for one in wanted if one not in here]:
            raise _wrong("work", f"{strange[0][0][:20]} {strange[0][1][:60]} is no open work of {name}")
        for kind, subject in wanted:
            _write(tx, admin, WorkHandover(
                kind=kind, subject=subject, from_user=name, to_user=to, handed_by=admin.person, handed_at=tx.now,
            ))  # fmt: skip
        tx.session.flush()
        return _of(tx.session, name)

    return service.store.write(change)


def _heir(session: Session, to: str) -> User:
    row = session.exec(select(User).where(User.name == to)).one_or_none()
    if row is None:
        raise _wrong("to", "there is no such account; write its sign-in name")
    return row


def _check_heir(leaver: User, heir: User) -> None:
    if heir.disabled_at is not None or heir.name == leaver.name:
        raise _wrong("to", "choose somebody else, whose account is open")
    if (heir.party_id, heir.role) != (leaver.party_id, leaver.role):
        raise _wrong("to", f"choose somebody of the same party with the role {leaver.role}")


def _write(tx: Transaction, admin: Actor, row: WorkHandover) -> None:
    back = tx.session.get(WorkHandover, (row.kind, row.subject, row.to_user))
    if back is not None:  # who gets it back has it, and has handed it to nobody any more
        tx.session.delete(back)
    known = tx.session.get(WorkHandover, (row.kind, row.subject, row.from_user))
    if known is None:
        tx.session.add(row)
        return
    known.to_user, known.handed_by, known.handed_at = row.to_user, admin.person, row.handed_at
    tx.session.add(known)


def _wrong(field: str, told: str) -> InvalidInput:
    return InvalidInput(f"{field}: {told}. Nothing was handed over", problems=[Problem(field, told)])


def handed_to(service: Service, actor: Actor) -> list[tuple[WorkHandover, Work]]:
    """Return the work that was handed to a person and is still open, the newest first."""
    query = select(WorkHandover).where(WorkHandover.to_user == actor.person)
    with service.store.read() as session:
        rows = session.exec(query.order_by(col(WorkHandover.handed_at).desc())).all()
        known = {name: _of(session, name) for name in {row.from_user for row in rows}}
    return [(row, work) for row in rows for work in _same(known[row.from_user], row)]


def _same(found: Iterable[Work], row: WorkHandover) -> Iterable[Work]:
    return [one for one in found if (one.kind, one.subject, one.handed_to) == (row.kind, row.subject, row.to_user)]


def colleagues(service: Service, actor: Actor, name: str) -> list[str]:
    """Return whom a person's work can be handed to, for admins."""
    actor.require("administer", scope="read")
    with service.store.read() as session:
        user = _user(session, name)
        query = select(User.name).where(
            User.role == user.role, col(User.disabled_at).is_(None), User.name != name,
            col(User.party_id).is_(None) if user.party_id is None else User.party_id == user.party_id,
        )  # fmt: skip
        return list(session.exec(query.order_by(col(User.name))))
