"""Recording verified captures: those that wait together share their statements, each keeps its own outcome."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import col

from traceability.errors import Conflict, Forbidden, InvalidInput, Problem
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import idempotency
from traceability.services.access import Actor
from traceability.services.api_keys import refused_keys
from traceability.services.context import Service, new_id
from traceability.services.event_rows import NewEvent, insert_events
from traceability.services.placement import Identity, Incoming, Known, Placed, Placements, find_known, place
from traceability.services.signed import SignedBody, admit, key_states
from traceability.storage.ids import chunks
from traceability.storage.jobs import enqueue_new
from traceability.storage.store import Transaction
from traceability.storage.tables import Capture, CounterSignature, EventItem

_ADD_CAPTURE, _ADD_COUNTER = sa.insert(Capture), sa.insert(CounterSignature)
_NAMED = sa.select(col(EventItem.item_id)).where(col(EventItem.event_index).in_(sa.bindparam("places", expanding=True)))
_ITEMS_A_JOB = 1000  # following up many items is one write transaction, and others wait for it
Behaviour = Literal["rollback", "proceed"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A verified capture on its way into the store; ``problems`` are those of events that were left out."""

    service: Service
    actor: Actor
    signed: SignedBody
    events: tuple[Incoming, ...]
    problems: tuple[Problem, ...]
    behaviour: Behaviour
    single: bool
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer to a capture: the job, and per event its id and ledger index."""

    capture_id: str
    events: tuple[Placed, ...]
    errors: tuple[Problem, ...] = field(default=())

    @property
    def new(self) -> int:
        """Return how many events were not here before."""
        return sum(not placed.repeated for placed in self.events)


@dataclass(frozen=True, slots=True)
class _Recorded:
    row: dict[str, Any]
    new: list[NewEvent]
    counter: list[dict[str, Any]]
    answer: Captured


def record_together(tx: Transaction, arrivals: Sequence[Arrival]) -> list[Captured | Exception]:
    """Append and store captures in order of arrival; the outcome of a refused one is why."""
    _ = tx.now  # locks the head: from here on no key is revoked and no event id taken by somebody else
    keys = key_states(tx, {arrival.signed.key.id for arrival in arrivals})
    refused = refused_keys(tx, {arrival.actor.id for arrival in arrivals if arrival.actor.made_by})
    known = find_known(tx, {event.event_id for arrival in arrivals for event in arrival.events})
    outcomes = [refused.get(arrival.actor.id) or _record(tx, arrival, keys, known) for arrival in arrivals]
    done = [outcome for outcome in outcomes if isinstance(outcome, _Recorded)]
    if done:
        tx.connection.execute(_ADD_CAPTURE, [recorded.row for recorded in done])
        touched = insert_events(tx, [new for recorded in done for new in recorded.new])
        touched |= _insert_counter(tx, [row for recorded in done for row in recorded.counter])
        _follow_up(tx, touched)
    return [outcome.answer if isinstance(outcome, _Recorded) else outcome for outcome in outcomes]


def summary(problems: Sequence[Problem]) -> str:
    """Return the first problem and how many more there are, for the detail of a refusal."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{first.path}: {first.message}{more}. Nothing was recorded"


def _record(
    tx: Transaction, arrival: Arrival, keys: Mapping[str, str], known: dict[Identity, Known]
) -> "_Recorded | Forbidden | Conflict | InvalidInput":
    """Append one capture to the ledger and make its rows; ``known`` learns its events."""
    signed = arrival.signed
    try:
        admit(tx, signed, keys[signed.key.id])
        named = arrival.idempotency_key
        known_name = named is None or idempotency.require_same(tx, signed.party.id, named, signed.body)
        placements, conflicts = place(tx, arrival.events, signed.party.id, known)
        if conflicts and (arrival.behaviour == "rollback" or arrival.single):  # of one event nothing would be left
            raise Conflict(summary(conflicts), problems=conflicts)
    except (Forbidden, Conflict, InvalidInput) as refusal:
        return refusal
    if not known_name:
        idempotency.remember(tx, signed.party.id, named or "", signed.body)
    first = _append(tx, arrival, placements, known)
    placed = tuple(placements.in_order(arrival.events))
    problems = (*arrival.problems, *conflicts)
    row = _capture_row(arrival, first, placed, problems) | {"received_at": tx.now}
    row["new_events"] = len(placements.new)
    new = [NewEvent(event, placements.indices[identity], row) for identity, event in placements.new.items()]
    counter = [_counter_row(row, event, placements, known) for event in placements.signed.values()]
    _learn(known, placements, signed.party.id)
    return _Recorded(row, new, counter, Captured(row["id"], placed, problems))


def _append(tx: Transaction, arrival: Arrival, placements: Placements, known: Mapping[Identity, Known]) -> int | None:
    """Append one capture entry and one event entry for each signature that is new; return the index of the first."""
    if not placements.added:
        return None
    signed = arrival.signed
    common = signed.entry_fields | {"who": arrival.service.who(signed.party.id), "at": milliseconds(tx.now)}
    first = tx.log.append(Entry(kind="capture", **common))
    for event in placements.added:
        ref = (known[event.identity].place,) if event.identity in placements.signed else ()
        placements.indices[event.identity] = tx.log.append(
            Entry(kind="event", n=event.position, eid=event.eid, ref=ref, **common)
        )
    return first


def _learn(known: dict[Identity, Known], placements: Placements, signer_id: str) -> None:
    """Let what is recorded next know of these events and signatures."""
    for identity, event in placements.new.items():
        known[identity] = Known(placements.indices[identity], event.content, signer_id, event.raw)
    for identity in placements.signed:
        before = known[identity]
        known[identity] = before._replace(counter={**before.counter, signer_id: placements.indices[identity]})


def _counter_row(
    capture: Mapping[str, Any], event: Incoming, placements: Placements, known: Mapping[Identity, Known]
) -> dict[str, Any]:
    return {
        "entry_index": placements.indices[event.identity],
        "event_index": known[event.identity].place,
        "signer_id": capture["party_id"],
        "key_id": capture["key_id"],
        "capture_id": capture["id"],
        "position": event.position,
    }


def _insert_counter(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Store counter-signatures; return the items of their events, which read differently now."""
    if not rows:
        return set()
    tx.connection.execute(_ADD_COUNTER, rows)
    places = {row["event_index"] for row in rows}
    return {item for some in chunks(places) for item in tx.connection.execute(_NAMED, {"places": some}).scalars()}


def _capture_row(
    arrival: Arrival, entry_index: int | None, placed: Sequence[Placed], problems: Sequence[Problem]
) -> dict[str, Any]:
    signed = arrival.signed
    return {
        "id": new_id(),
        "party_id": signed.party.id,
        "actor": arrival.actor.name,
        "key_id": signed.key.id,
        "media_type": signed.media_type,
        "body": signed.body,
        "jws": signed.jws,
        "sha256": hashlib.sha256(signed.body).hexdigest(),
        "event_count": len(arrival.events),
        "entry_index": entry_index,
        "error_behaviour": arrival.behaviour,
        "success": not problems,
        "errors": [problem.as_dict() for problem in problems],
        "events": [item.as_dict() for item in placed],
    }


def _follow_up(tx: Transaction, touched: set[int]) -> None:
    """Ask for what the new events change, in jobs of bounded size."""
    items = sorted(touched)
    for start in range(0, len(items), _ITEMS_A_JOB):
        enqueue_new(tx, "touched", new_id(), items=items[start : start + _ITEMS_A_JOB])
