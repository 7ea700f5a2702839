"""Accepted custody events as rows: the events, the items they name, and the edges between batches."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from traceability import strict_json
from traceability.events.identifiers import is_lot, normalise
from traceability.events.model import CustodyEvent, Quantity
from traceability.events.reading import read_events
from traceability.services.placement import Incoming
from traceability.storage.ids import chunks, id_set
from traceability.storage.store import Transaction
from traceability.storage.tables import BatchEdge, Event, EventItem, Item

_EVENT: Any = Event.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_ITEM: Any = Item.__table__  # type: ignore[attr-defined]
_EVENT_ITEM: Any = EventItem.__table__  # type: ignore[attr-defined]
_EDGE: Any = BatchEdge.__table__  # type: ignore[attr-defined]

# Built once: on the hot path making a statement anew costs as much as running it.
_KNOWN = sa.select(_ITEM.c.key, _ITEM.c.id).where(_ITEM.c.key.in_(sa.bindparam("keys", expanding=True)))
_ADD_EVENT, _ADD_ITEM = sa.insert(_EVENT), sa.insert(_ITEM)
_ADD_LINK, _ADD_EDGE = sa.insert(_EVENT_ITEM), sa.insert(_EDGE)

_WITH_CHILDREN = ("AggregationEvent", "AssociationEvent")
_Named = tuple[str, bool, str, Decimal | None]  # URI, is a batch, role, kilograms


class NewEvent(NamedTuple):
    """An event with its place in the ledger, and the row of the capture it came in."""

    event: Incoming
    place: int
    capture: Mapping[str, Any]

    @property
    def signer_id(self) -> str | None:
        """Return the party whose key signed the capture."""
        return str(self.capture["party_id"]) if self.capture["key_id"] else None


def insert_events(tx: Transaction, events: Sequence[NewEvent]) -> set[int]:
    """Store new events with the items they name; return the ids of the items touched."""
    if not events:
        return set()
    tx.connection.execute(_ADD_EVENT, [event_row(new) for new in events])
    named = [list(named_items(new.event.event)) for new in events]
    ids = _item_ids(tx, {uri: lot for rows in named for uri, lot, _, _ in rows})
    links: dict[tuple[int, int, str], Decimal | None] = {}
    edges: set[tuple[int, int, int]] = set()
    processes: dict[str, set[int]] = {}
    for new, rows in zip(events, named, strict=True):
        items = [(ids[uri], role, kg) for uri, _, role, kg in rows]
        links |= summed(items, new.place)
        edges |= own_edges(items, new.place)
        used = {item for item, role, _ in items if role == "process"}
        if used:
            processes.setdefault(new.capture["party_id"], set()).update(used)
    if links:
        tx.connection.execute(
            _ADD_LINK,
            [{"item_id": i, "event_index": x, "role": r, "kg": kg} for (i, x, r), kg in links.items()],
        )
    for signer_id, parts in processes.items():
        edges |= shared_edges(tx.connection, parts, signer_id, {new.place for new in events})
    if edges:
        tx.connection.execute(
            _ADD_EDGE, [{"child_id": c, "parent_id": p, "event_index": x} for c, p, x in sorted(edges)]
        )
    return set(ids.values())


def summed(items: Iterable[tuple[int, str, Decimal | None]], index: int) -> dict[tuple[int, int, str], Decimal | None]:
    """Return what one event names, by (item, event, role), with the sum of the kilograms stated for each."""
    links: dict[tuple[int, int, str], Decimal | None] = {}
    for item, role, kg in items:
        before = links.get((item, index, role))
        links[item, index, role] = kg if before is None else before + (kg or 0)
    return links


def own_edges(items: Sequence[tuple[int, str, Decimal | None]], index: int) -> set[tuple[int, int, int]]:
    """Return the edges (child, parent, event) of one event: from each of its inputs to each of its outputs."""
    outputs = {item for item, role, _ in items if role == "output"}
    inputs = {item for item, role, _ in items if role == "input"}
    return {(child, parent, index) for child in outputs for parent in inputs if child != parent}


def shared_edges(
    connection: Connection, processes: set[int], signer_id: str, new: set[int]
) -> set[tuple[int, int, int]]:
    """Return the edges that the events ``new`` bring between parts of one transformation (transformationID).

    Only parts of one signer count: others, under the same transformationID, could reach into a foreign chain.
    """
    parts = sa.select(_EVENT_ITEM.c.item_id, _EVENT_ITEM.c.event_index).join(
        _EVENT, _EVENT.c.index == _EVENT_ITEM.c.event_index
    )
    parts = parts.where(
        _EVENT_ITEM.c.item_id.in_(id_set(processes, connection.dialect.name)),
        _EVENT_ITEM.c.role == "process",
        _EVENT.c.signer_id == signer_id,
    )
    part = parts.subquery()
    query = sa.select(part.c.item_id, _EVENT_ITEM.c.item_id, _EVENT_ITEM.c.role, _EVENT_ITEM.c.event_index).join(
        _EVENT_ITEM, _EVENT_ITEM.c.event_index == part.c.event_index
    )
    goods: dict[tuple[int, str], set[tuple[int, int]]] = {}
    for process, item, role, index in connection.execute(query):
        goods.setdefault((process, role), set()).add((item, index))
    return {
        (child, parent, max(made, used))
        for process in processes
        for child, made in goods.get((process, "output"), ())
        for parent, used in goods.get((process, "input"), ())
        if child != parent and max(made, used) in new
    }


def named_items(event: CustodyEvent) -> list[_Named]:
    """Return (URI, is a batch, role, kilograms) for everything the event names."""
    rows: list[_Named] = []
    if event.type not in _WITH_CHILDREN:
        main = {"ADD": "born", "DELETE": "removed"}.get(event.action or "", "observed")
        role = main if event.type == "ObjectEvent" else "observed"
        rows += [*_quantities(event.quantities, role), *((epc, False, role, None) for epc in event.epcs)]
    rows += [*_quantities(event.child_quantities, "child"), *((epc, False, "child", None) for epc in event.child_epcs)]
    rows += [*_quantities(event.inputs, "input"), *((epc, False, "input", None) for epc in event.input_epcs)]
    rows += [*_quantities(event.outputs, "output"), *((epc, False, "output", None) for epc in event.output_epcs)]
    single = ((event.parent_id, "parent"), (event.transformation_id, "process"))
    rows += [(uri, False, role, None) for uri, role in single if uri]
    return rows


def _quantities(items: Sequence[Quantity], role: str) -> list[_Named]:
    return [(item.epc_class, is_lot(item.epc_class), role, item.kilograms) for item in items]


def _item_ids(tx: Transaction, named: Mapping[str, bool]) -> dict[str, int]:
    """Return the id of each URI's item, made now where there is none; spellings of one identity share an item."""
    keys = {uri: normalise(uri) for uri in named}
    items = {keys[uri]: (uri, lot) for uri, lot in named.items()}
    known = _known_ids(tx, items)
    missing = [{"key": key, "uri": uri, "is_batch": lot} for key, (uri, lot) in items.items() if key not in known]
    if missing:
        tx.connection.execute(_ADD_ITEM, missing)
        known |= _known_ids(tx, [str(row["key"]) for row in missing])
    return {uri: known[key] for uri, key in keys.items()}


def _known_ids(tx: Transaction, keys: Iterable[str]) -> dict[str, int]:
    return {key: id_ for some in chunks(keys) for key, id_ in tx.connection.execute(_KNOWN, {"keys": some})}


def event_row(new: NewEvent) -> dict[str, Any]:
    """Return the row of an event, by column."""
    event, capture = new.event, new.capture
    return {
        "index": new.place,
        "event_id": event.event_id,
        "declares_error": event.declares_error,
        "capture_id": capture["id"],
        "position": event.position,
        "type": event.event.type,
        "biz_step": event.event.biz_step,
        "event_time": event.event.event_time,
        "received_at": capture["received_at"],
        "signer_id": new.signer_id,
        "key_id": capture["key_id"],
        "credential_by": event.credential_by,
        "evidence": _evidence(new),
        "content": event.content,
        "body": strict_json.dumps({**event.raw, "eventID": event.written_id}).decode(),
    }


def _evidence(new: NewEvent) -> str:
    if new.signer_id is None:
        return "unsigned"
    return "signed" if new.event.credential_by is None else "credential"


def parsed(row: Event) -> CustodyEvent:
    """Return the stored event as the events room reads it."""
    (event,) = read_events(strict_json.stored(row.body))
    return event
