"""The officers' desk: assigning subjects of the queue to each other, and keeping filters under a name.

Assigning says who looks at a thing. It decides nothing, and there is no way to clear several things at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode

from sqlmodel import Session, col, select

from traceability.errors import InvalidInput, NotFound, Problem
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.batches import require_visible
from traceability.services.context import Service
from traceability.storage.store import Transaction
from traceability.storage.tables import Assignment, SavedView, Shipment, User

FILTERS: Final = ("state", "code", "assignee", "material", "origin")
NOBODY: Final = "-"  # the filter for what is assigned to nobody; no name of a person is so short
_MOST_AT_ONCE = 200
_MOST_VIEWS = 30
_LONGEST_NAME, _LONGEST_VALUE = 60, 100

Subject = tuple[str, str]  # kind (shipment, batch) and name


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who looks at a subject, who said so, and when."""

    to: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """Filters under a name, by the field of the queue's address."""

    name: str
    filters: Mapping[str, str]


def officers(service: Service, actor: Actor) -> list[str]:
    """Return the officers of the actor's importer to whom something can be assigned, by name."""
    with service.store.read() as session:
        return _officers(session, actor.own_party())


def _officers(session: Session, party_id: str) -> list[str]:
    wanted = select(User.name).where(User.party_id == party_id, User.role == "officer", col(User.disabled_at).is_(None))
    return list(session.exec(wanted.order_by(col(User.name))))


def assigned(service: Service, actor: Actor) -> dict[Subject, Assigned]:
    """Return who looks at what of the actor's importer; who left or is no officer any more looks at nothing."""
    owner_id = actor.own_party()
    with service.store.read() as session:
        there = set(_officers(session, owner_id))
        rows = session.exec(select(Assignment).where(Assignment.owner_id == owner_id)).all()
    return {
        (row.subject_kind, row.subject): Assigned(row.to_user, row.assigned_by, row.assigned_at)
        for row in rows
        if row.to_user is not None and row.to_user in there
    }


def assign(service: Service, actor: Actor, subjects: Sequence[Subject], to: str | None) -> None:
    """Assign shipment records and batches of the actor's importer to one of its officers, or to nobody (None).

    Raises:
        Forbidden: not an officer.
        InvalidInput: no subject or more than 200, or no officer of the importer.
        NotFound: the importer has no such record, or does not see such a batch; nothing is assigned.

    """
    actor.require("assign", scope="write")
    owner_id = actor.own_party()
    if not 0 < len(subjects) <= _MOST_AT_ONCE:
        raise InvalidInput(
            f"expected 1 to {_MOST_AT_ONCE} rows; got {len(subjects)}",
            problems=[Problem("to", f"tick 1 to {_MOST_AT_ONCE} rows")],
        )

    def change(tx: Transaction) -> None:
        if to is not None and to not in _officers(tx.session, owner_id):
            problem = Problem("to", "choose an officer of your importer")
            raise InvalidInput(f"{to[:100]!r} is no officer of your importer", problems=[problem])
        for kind, subject in dict.fromkeys(_of_owner(tx.session, actor, one) for one in subjects):
            row = tx.session.get(Assignment, (owner_id, kind, subject)) or Assignment(
                owner_id=owner_id, subject_kind=kind, subject=subject, assigned_by="", assigned_at=tx.now
            )
            row.to_user, row.assigned_by, row.assigned_at = to, actor.person, tx.now
            tx.session.add(row)

    service.store.write(change)


def _of_owner(session: Session, actor: Actor, subject: Subject) -> Subject:
    """Return a subject as it is kept; raises NotFound for one the actor's importer does not have."""
    kind, name = subject
    if kind == "batch":
        require_visible(session, actor, name)
        return kind, normalise(name)
    known = select(Shipment.id).where(Shipment.importer_id == actor.own_party(), Shipment.shipment_id == name).limit(1)
    if kind != "shipment" or session.exec(known).first() is None:
        raise NotFound(f"there is no {kind[:20]} {name[:200]} of yours")
    return subject


def views(service: Service, actor: Actor) -> list[View]:
    """Return the filters the actor keeps, by name."""
    wanted = select(SavedView).where(SavedView.user_name == actor.person).order_by(col(SavedView.name))
    with service.store.read() as session:
        return [View(row.name, dict(parse_qsl(row.query))) for row in session.exec(wanted)]


def keep_view(service: Service, actor: Actor, name: str, filters: Mapping[str, str]) -> View:
    """Keep filters of the queue under a name; one of the same name is replaced.

    Raises:
        Forbidden: the reader has no queue.
        InvalidInput: no name or too long a one, no filter, a value that is too long, or more than thirty names.

    """
    actor.require("private", scope="read")
    actor.own_party()  # who has no importer has no queue
    name = name.strip()
    chosen = {key: filters[key] for key in FILTERS if filters.get(key)}
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(
            "a view needs a name", problems=[Problem("view", f"1 to {_LONGEST_NAME} printable characters")]
        )
    if not chosen or any(len(value) > _LONGEST_VALUE for value in chosen.values()):
        raise InvalidInput(
            "a view keeps filters", problems=[Problem("view", "filter the queue first, then keep the view")]
        )

    def change(tx: Transaction) -> None:
        own = {row.name: row for row in tx.session.exec(select(SavedView).where(SavedView.user_name == actor.person))}
        if name not in own and len(own) >= _MOST_VIEWS:
            problem = Problem("view", "take one away first, or use its name")
            raise InvalidInput(f"{_MOST_VIEWS} views are kept already", problems=[problem])
        row = own.get(name) or SavedView(user_name=actor.person, name=name, query="", saved_at=tx.now)
        row.query, row.saved_at = urlencode(chosen), tx.now
        tx.session.add(row)

    service.store.write(change)
    return View(name, chosen)


def drop_view(service: Service, actor: Actor, name: str) -> None:
    """Take away filters the actor kept; raises NotFound where there are none of that name."""
    actor.require("private", scope="read")
    actor.own_party()

    def change(tx: Transaction) -> None:
        row = tx.session.get(SavedView, (actor.person, name[:_LONGEST_NAME]))
        if row is None:
            raise NotFound(f"you keep no view {name[:_LONGEST_NAME]!r}")
        tx.session.delete(row)

    service.store.write(change)
