"""Openings of commitments: deposited by who signed, read by those entitled and logged, erased on a dpo's word."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, col, select

from traceability import strict_json
from traceability.errors import Conflict, InvalidInput, NotFound, Unprocessable
from traceability.events.identifiers import normalise
from traceability.events.personal import commitments
from traceability.ledger.commitment import Opening
from traceability.ledger.entry import milliseconds
from traceability.ledger.receipt import Receipt
from traceability.services import mandates
from traceability.services.access import Actor
from traceability.services.capture import standing_capture
from traceability.services.context import Service
from traceability.services.period import falls_within
from traceability.services.retention import holds
from traceability.services.retention.erase import append
from traceability.services.retention.overwriting import overwriting
from traceability.services.retention.terms import Consignment, consignments
from traceability.services.retention.upstream import rests_on
from traceability.storage.store import Transaction
from traceability.storage.tables import AccessLog, AccessLogParty, Event, EventItem, PersonalData

MAX_OPENINGS = 5000
MIN_REASON = 20


@dataclass(frozen=True, slots=True)
class Deposited:
    """How many openings were taken in, and how many were there already."""

    new: int
    known: int


def deposit(service: Service, actor: Actor, capture_id: str, openings: Sequence[Opening]) -> Deposited:
    """Take in the openings of commitments in the events of a capture of the actor's own party; all of them or none.

    Raises:
        NotFound, Gone: there is no such capture of the party, or it was erased.
        Unprocessable: an opening does not open its commitment, or no event of the capture holds that.
        Conflict: what it opened was erased; it is not taken in again.

    """
    actor.require("capture", scope="capture")
    standing_capture(service, actor, capture_id)

    def change(tx: Transaction) -> Deposited:
        _ = tx.now  # takes the lock, so that no erasure comes between
        places = _places(tx.session, capture_id)
        new = [_take(tx, actor.own_party(), number, one, places) for number, one in enumerate(openings)]
        return Deposited(sum(new), len(new) - sum(new))

    return service.store.write(change)


def _places(session: Session, capture_id: str) -> dict[str, int]:
    """Return the event of the capture that holds each commitment."""
    found: dict[str, int] = {}
    rows = session.exec(select(Event).where(Event.capture_id == capture_id).order_by(col(Event.index)))
    for row in rows:
        found |= dict.fromkeys(commitments(strict_json.stored(row.body)), row.index)
    return found


def _take(tx: Transaction, party_id: str, number: int, one: Opening, places: dict[str, int]) -> bool:
    """Store one opening; return whether it is new. What is said of it holds nothing of the value."""
    if not one.opens:
        raise Unprocessable(f"opening {number}: value and salt do not give its commitment; nothing was kept")
    if one.commitment not in places:
        raise Unprocessable(f"opening {number}: no event of the capture holds its commitment; nothing was kept")
    query = select(PersonalData).where(
        PersonalData.event_index == places[one.commitment], PersonalData.commitment == one.commitment
    )
    row = tx.session.exec(query).one_or_none()
    if row is not None and row.erasure_index is not None:
        raise Conflict(
            f"opening {number}: what it opens was erased (ledger entry {row.erasure_index}); nothing was kept"
        )
    if row is None:
        stored: dict[str, Any] = {"commitment": one.commitment, "name": one.name, "value": one.value, "salt": one.salt}
        place = places[one.commitment]
        tx.session.add(PersonalData(event_index=place, party_id=party_id, deposited_at=tx.now, **stored))
        tx.session.flush()
    return row is None


def openings(service: Service, actor: Actor, event_id: str, purpose: str | None = None) -> list[dict[str, Any]]:
    """Return the openings of an event: for the party that deposited them, or under a mandate. Every read is logged.

    Raises:
        Forbidden: no mandate in force, or no purpose stated.
        NotFound: there is none that the actor may see.

    """
    actor.require("read_documents", scope="read")
    mandate, as_reader = mandates.reader(service, actor, purpose)
    with service.store.read() as session:
        rows = _of_event(session, event_id)
        rows = [row for row in rows if actor.role == "regulator" or row.party_id == as_reader.party_id]
        rows = [row for row in rows if falls_within(as_reader, session.get_one(Event, row.event_index).event_time)]
    if not rows:
        raise NotFound(f"there are no openings of the event {event_id[:200]} that you may see")
    _log(service, as_reader, event_id, mandate.id if mandate else None, purpose, {row.party_id for row in rows})
    return [_shown(row) for row in rows]


def _of_event(session: Session, event_id: str) -> Sequence[PersonalData]:
    query = select(PersonalData).join(Event, col(Event.index) == col(PersonalData.event_index))
    return session.exec(query.where(Event.event_id == normalise(event_id)).order_by(col(PersonalData.id))).all()


def _shown(row: PersonalData) -> dict[str, Any]:
    if row.erasure_index is not None or row.value is None or row.salt is None:
        return {"commitment": row.commitment, "name": row.name, "erased": row.erasure_index}
    return Opening(row.commitment, row.name, row.value, row.salt).as_dict() | {"erased": None}


def _log(
    service: Service, actor: Actor, event_id: str, mandate_id: str | None, purpose: str | None, whose: Collection[str]
) -> None:
    """Write one line of the log of reads; the owners' dpo sees it, also where one's own party read."""

    def change(tx: Transaction) -> None:
        line = AccessLog(
            at=service.clock(), actor=actor.person, role=actor.role, party_id=actor.party_id, mandate_id=mandate_id,
            action="personal data", subject=event_id[:500], detail={"purpose": purpose},
        )  # fmt: skip
        tx.session.add(line)
        tx.session.flush()
        tx.session.add_all(AccessLogParty(read_id=line.id or 0, party_id=one) for one in sorted(whose))

    service.store.write(change)


def with_openings(service: Service, actor: Actor, index: int, receipt: Receipt) -> Receipt:
    """Return the receipt of an event of the actor's own party with what opens its commitments; the read is logged."""
    with service.store.read() as session:
        query = select(PersonalData).where(
            PersonalData.event_index == index, PersonalData.party_id == actor.own_party()
        )
        rows = session.exec(query.order_by(col(PersonalData.id))).all()
    found = tuple(Opening(row.commitment, row.name, row.value, row.salt) for row in rows if row.value and row.salt)
    if found:
        _log(service, actor, f"ledger entry {index}", None, None, {actor.own_party()})
    return replace(receipt, openings=found)


def erase(
    service: Service, actor: Actor, event_id: str, reason: str, only: Collection[str] | None = None
) -> tuple[int | None, int]:
    """Erase the openings of an event, all or those of some commitments, on a dpo's word; signature and proof stay.

    Returns the erasure entry and how many were erased; None and 0 where they all were already.

    Raises:
        Forbidden: the actor is no dpo.
        InvalidInput: the reason has fewer than 20 characters.
        NotFound: the dpo's party has no such openings.
        Conflict: a person holds what the event is about.

    """
    actor.require("erase", scope="write")
    if len(reason.strip()) < MIN_REASON:
        raise InvalidInput(f"say in at least {MIN_REASON} characters why they are erased")

    def change(tx: Transaction) -> tuple[int | None, int]:
        _ = tx.now  # takes the lock: a hold is placed before this or after it, and two erasures are one
        found = [row for row in _of_event(tx.session, event_id) if actor.party_id in (None, row.party_id)]
        chosen = [row for row in found if only is None or row.commitment in only]
        if not chosen or (only is not None and set(only) - {row.commitment for row in chosen}):
            raise NotFound(f"there are no such openings of the event {event_id[:200]} of yours")
        going = [row for row in chosen if row.erasure_index is None]
        if not going:
            return None, 0
        _require_free(service, tx.session, going)
        with overwriting(tx):
            return _erase(service, tx, actor, going, reason.strip()), len(going)

    return service.store.write(change)


def _erase(service: Service, tx: Transaction, actor: Actor, going: Sequence[PersonalData], reason: str) -> int:
    events = sorted({row.event_index for row in going})
    said = {"commitments": sorted(row.commitment for row in going), "at": milliseconds(tx.now)}
    place = append(service, tx, actor, "personal", said, events)
    for row in going:
        row.value, row.salt, row.erasure_index = None, None, place
        tx.session.add(row)
    line = AccessLog(
        at=tx.now, actor=actor.person, role=actor.role, party_id=actor.party_id, action="personal data erased",
        subject=f"ledger entry {place}", detail={"reason": reason},
    )  # fmt: skip
    tx.session.add(line)
    tx.session.flush()
    tx.session.add_all(
        AccessLogParty(read_id=line.id or 0, party_id=one) for one in sorted({r.party_id for r in going})
    )
    return place


def _is_guarded(service: Service, session: Session, held: holds.Held, one: Consignment) -> bool:
    """Tell whether a shipment record is held, or a case about it is open: then what it rests on stays as well."""
    by_hand = held.shipment(one.importer_id, one.shipment_id)
    return by_hand or holds.case_about(service, session, one) is not None


def _require_free(service: Service, session: Session, going: Sequence[PersonalData]) -> None:
    """Refuse to erase what a person holds for a claim or case (GDPR Art. 17(3)(e))."""
    held = holds.held(service, session)
    guarded = [one for one in consignments(session) if _is_guarded(service, session, held, one)]
    kept = rests_on(session, held.items.union(*(one.items for one in guarded)))
    events = {row.event_index for row in going}
    items = set(session.exec(select(EventItem.item_id).where(col(EventItem.event_index).in_(events))))
    if items & kept or any(held.party(row.party_id) for row in going):
        raise Conflict("what the event is about is held, or a case about it is open; nothing was erased")
