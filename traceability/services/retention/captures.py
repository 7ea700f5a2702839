"""Captures as retention sees them: their events, the items those name, and which captures sign the same event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from traceability import strict_json
from traceability.events.identifiers import normalise
from traceability.services.facts.chain import chunks
from traceability.storage.tables import Capture, CounterSignature, Event, EventItem


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event: the day it was received, and the items it names."""

    index: int
    received_on: date
    items: frozenset[int]
    declares_error: bool


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """One capture whose bytes are still there, and the events they sign: new, repeated and counter-signed ones."""

    id: str
    party_id: str
    events: tuple[int, ...]


@dataclass(slots=True)
class Captured:
    """Every capture that is still there, with its events."""

    session: Session
    events: dict[int, StoredEvent] = field(default_factory=dict)
    captures: list[StoredCapture] = field(default_factory=list)

    def last_received(self) -> dict[int, date]:
        """Return the day of the last event about each item."""
        last: dict[int, date] = {}
        for event in self.events.values():
            for item in event.items:
                last[item] = max(last.get(item, event.received_on), event.received_on)
        return last

    def groups(self) -> Iterable[Sequence[StoredCapture]]:
        """Yield the captures that sign a common event together: none of them can go while another stays."""
        leader: dict[str, str] = {one.id: one.id for one in self.captures}
        first: dict[int, str] = {}

        def root(name: str) -> str:
            while leader[name] != name:
                leader[name] = name = leader[leader[name]]
            return name

        for one in self.captures:
            for index in one.events:
                leader[root(one.id)] = root(first.setdefault(index, one.id))
        found: dict[str, list[StoredCapture]] = {}
        for one in self.captures:
            found.setdefault(root(one.id), []).append(one)
        return found.values()

    def correctives(self, kept: set[int]) -> set[int]:
        """Return the items of the events that replace those declared wrong about the kept items."""
        said = [one.index for one in self.events.values() if one.declares_error and one.items & kept]
        ids: set[str] = set()
        for body in self.session.exec(select(Event.body).where(col(Event.index).in_(said))):
            declared = strict_json.stored(body).get("errorDeclaration") or {}
            ids |= {normalise(one) for one in declared.get("correctiveEventIDs") or ()}
        query = select(EventItem.item_id).join(Event, col(Event.index) == col(EventItem.event_index))
        return {
            item
            for some in chunks(sorted(ids))
            for item in self.session.exec(query.where(col(Event.event_id).in_(some)))
        }


def captured(session: Session) -> Captured:
    """Read the captures that still have their bytes, and all their events."""
    found = Captured(session)
    items: dict[int, list[int]] = {}
    for index, item in session.exec(select(EventItem.event_index, EventItem.item_id)):
        items.setdefault(index, []).append(item)
    columns = select(Event.index, Event.received_at, Event.declares_error, Event.capture_id)
    own: dict[str, set[int]] = {}
    for index, received_at, declares_error, capture_id in session.exec(columns):
        named = frozenset(items.get(index, ()))
        found.events[index] = StoredEvent(index, received_at.date(), named, declares_error)
        own.setdefault(capture_id, set()).add(index)
    target = {row.entry_index: row.event_index for row in session.exec(select(CounterSignature))}
    kept: Any = select(Capture.id, Capture.party_id, Capture.events).where(col(Capture.erased_index).is_(None))
    for capture_id, party_id, said in session.exec(kept.order_by(col(Capture.received_at), col(Capture.id))):
        repeated = {target.get(item["index"], item["index"]) for item in said}
        signed = tuple(sorted((own.get(capture_id, set()) | repeated) & found.events.keys()))
        found.captures.append(StoredCapture(capture_id, party_id, signed))
    return found
