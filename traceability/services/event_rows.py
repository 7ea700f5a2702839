"""From parsed custody events to rows: identity, repetition, corrections, items and edges."""

import hashlib
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

import orjson
import sqlalchemy as sa

from traceability import strict_json
from traceability.errors import Problem
from traceability.events.event_hash import event_hash
from traceability.events.identifiers import is_lot, normalise
from traceability.events.model import CustodyEvent, Quantity
from traceability.events.reading import read_events
from traceability.ledger.encoding import digest
from traceability.storage.ids import id_set
from traceability.storage.store import Transaction
from traceability.storage.tables import BatchEdge, Capture, Event, EventItem, Item

_EVENT: Any = Event.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_ITEM: Any = Item.__table__  # type: ignore[attr-defined]
_EVENT_ITEM: Any = EventItem.__table__  # type: ignore[attr-defined]
_EDGE: Any = BatchEdge.__table__  # type: ignore[attr-defined]

# Built once: on the hot path making a statement anew costs as much as running it.
_FIND = sa.select(
    _EVENT.c.event_id, _EVENT.c.declares_error, _EVENT.c.index.label("place"), _EVENT.c.content, _EVENT.c.signer_id
).where(_EVENT.c.event_id.in_(sa.bindparam("ids", expanding=True)))
_KNOWN = sa.select(_ITEM.c.key, _ITEM.c.id).where(_ITEM.c.key.in_(sa.bindparam("keys", expanding=True)))
_ADD_EVENT, _ADD_ITEM = sa.insert(_EVENT), sa.insert(_ITEM)
_ADD_LINK, _ADD_EDGE = sa.insert(_EVENT_ITEM), sa.insert(_EDGE)

_EXACT = Context(prec=2 * strict_json.MAX_DIGITS)  # the usual one would round away what tells two contents apart
_CHUNK = 10_000  # identifiers in one question: both databases limit the number of parameters

Identity = tuple[str, bool]
_WITH_CHILDREN = ("AggregationEvent", "AssociationEvent")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of a capture, ready to be stored."""

    position: int
    event_id: str  # normalised: two spellings are one event (epcis.md 4)
    written_id: str
    event: CustodyEvent
    raw: Mapping[str, Any]
    content: str
    credential_by: str | None

    @property
    def declares_error(self) -> bool:
        """Return whether it repeats an earlier event only to declare it wrong."""
        return self.event.error_declaration is not None

    @property
    def identity(self) -> Identity:
        return self.event_id, self.declares_error

    @property
    def eid(self) -> str:
        """Return the hash of the event id, as the ledger entry carries it."""
        return digest(self.written_id.encode())


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an event of a capture stands in the ledger."""

    event_id: str
    index: int
    repeated: bool

    def as_dict(self) -> dict[str, Any]:
        return {"event_id": self.event_id, "index": self.index, "repeated": self.repeated}


@dataclass(slots=True)
class Placements:
    """Which events are new, and the ledger index of each known one."""

    new: dict[Identity, Incoming] = field(default_factory=dict)
    indices: dict[Identity, int] = field(default_factory=dict)

    def in_order(self, events: Sequence[Incoming]) -> list[Placed]:
        """Return the accepted events as they stood in the capture."""
        return [
            Placed(event.written_id, self.indices[event.identity], event.identity not in self.new)
            for event in events
            if event.identity in self.indices
        ]


def incoming(
    raw: Mapping[str, Any], position: int, context: Any, credential: Callable[[CustodyEvent], str | None]
) -> Incoming:
    """Read one validated event. A missing eventID becomes its CBV event hash, beside the signed bytes."""
    whole = {"@context": context, **raw} if context is not None and "@context" not in raw else dict(raw)
    (event,) = read_events(whole)
    written = event.event_id or event_hash(raw, whole.get("@context"))
    content = content_digest({**raw, "eventID": written})
    return Incoming(position, normalise(written), written, event, whole, content, credential(event))


def content_digest(raw: Mapping[str, Any]) -> str:
    """Return the sha256 (hex) over what the event says, without errorDeclaration and a client's recordTime.

    Numbers count by their value and the eventID by its normalised form, so that another spelling is no other content.
    """
    said = {name: value for name, value in raw.items() if name not in ("errorDeclaration", "recordTime", "@context")}
    if isinstance(said.get("eventID"), str):
        said["eventID"] = normalise(said["eventID"])
    return hashlib.sha256(_said(said)).hexdigest()


def _declaration_digest(raw: Mapping[str, Any]) -> str:
    return hashlib.sha256(_said(raw["errorDeclaration"])).hexdigest()


def place(tx: Transaction, events: Sequence[Incoming], signer_id: str) -> tuple[Placements, list[Problem]]:
    """Find which events are new, repeated or in conflict with a stored one of the same id (epcis.md 8, 9)."""
    placements, conflicts = Placements(), []
    stored = _stored(tx, {event.event_id for event in events})
    for event in events:
        why = _contradiction(tx, event, ChainMap(stored, placements.new), signer_id)
        if why is not None:
            conflicts.append(_conflict(event, why))
        elif event.identity in stored:
            placements.indices[event.identity] = stored[event.identity].place
        else:
            placements.new.setdefault(event.identity, event)
    return placements, conflicts


def _contradiction(tx: Transaction, event: Incoming, known: Mapping[Identity, Any], signer_id: str) -> str | None:
    """Return why an event cannot stand beside the known ones of its id; None where it can.

    The rule between an event and its declaration holds in either order: one that came first stands for its id too.
    """
    same, other = known.get(event.identity), known.get((event.event_id, not event.declares_error))
    if same is not None and (same.content != event.content or _declares_otherwise(tx, event, same)):
        return "its id stands for other content"
    if same is not None or other is None:
        return None
    if other.content != event.content:
        return "an errorDeclaration has to repeat the event unchanged"
    if getattr(other, "signer_id", signer_id) != signer_id:
        return "only the original signer may declare it wrong"
    return None


def _declares_otherwise(tx: Transaction, event: Incoming, same: Any) -> bool:
    if not event.declares_error:
        return False
    if isinstance(same, Incoming):
        earlier = same.raw
    else:
        body = tx.connection.execute(sa.select(_EVENT.c.body).where(_EVENT.c.index == same.place)).scalar_one()
        earlier = strict_json.loads(body.encode(), max_depth=40)
    return _declaration_digest(earlier) != _declaration_digest(event.raw)


def _conflict(event: Incoming, why: str) -> Problem:
    return Problem(f"eventList/{event.position}/eventID", f"{event.written_id}: {why}; use a new eventID")


def _stored(tx: Transaction, ids: set[str]) -> dict[Identity, Any]:
    rows = tx.connection.execute(_FIND, {"ids": list(ids)})
    return {(row.event_id, bool(row.declares_error)): row for row in rows}


def insert_events(
    tx: Transaction, events: Sequence[Incoming], indices: Mapping[Identity, int], capture: Capture
) -> set[int]:
    """Store new events with the items they name; return the ids of the items touched."""
    if not events:
        return set()
    tx.connection.execute(_ADD_EVENT, [_event_row(event, indices[event.identity], capture) for event in events])
    named = {event.identity: list(named_items(event.event)) for event in events}
    ids = _item_ids(tx, {uri: lot for rows in named.values() for uri, lot, _, _ in rows})
    links: dict[tuple[int, int, str], Decimal | None] = {}
    edges: set[tuple[int, int, int]] = set()
    for event in events:
        index = indices[event.identity]
        rows = [(ids[normalise(uri)], role, kg) for uri, _, role, kg in named[event.identity]]
        for item, role, kg in rows:
            before = links.get((item, index, role))
            links[item, index, role] = kg if before is None else before + (kg or 0)
        outputs = {item for item, role, _ in rows if role == "output"}
        inputs = {item for item, role, _ in rows if role == "input"}
        edges |= {(child, parent, index) for child in outputs for parent in inputs if child != parent}
    processes = {item for item, _, role in links if role == "process"}
    if links:
        tx.connection.execute(
            _ADD_LINK,
            [{"item_id": i, "event_index": x, "role": r, "kg": kg} for (i, x, r), kg in links.items()],
        )
    if processes:
        edges |= _shared_edges(tx, processes, capture.party_id, {index for _, index, _ in links})
    if edges:
        tx.connection.execute(
            _ADD_EDGE, [{"child_id": c, "parent_id": p, "event_index": x} for c, p, x in sorted(edges)]
        )
    return set(ids.values())


def _shared_edges(tx: Transaction, processes: set[int], signer_id: str, new: set[int]) -> set[tuple[int, int, int]]:
    """Return the edges between events that are parts of one transformation (transformationID) and of one signer.

    Parts that others sign under the same transformationID give no edge: anybody could reach into a foreign chain.
    """
    parts = sa.select(_EVENT_ITEM.c.item_id, _EVENT_ITEM.c.event_index).join(
        _EVENT, _EVENT.c.index == _EVENT_ITEM.c.event_index
    )
    parts = parts.where(
        _EVENT_ITEM.c.item_id.in_(id_set(processes, tx.connection.dialect.name)),
        _EVENT_ITEM.c.role == "process",
        _EVENT.c.signer_id == signer_id,
    )
    part = parts.subquery()
    query = sa.select(part.c.item_id, _EVENT_ITEM.c.item_id, _EVENT_ITEM.c.role, _EVENT_ITEM.c.event_index).join(
        _EVENT_ITEM, _EVENT_ITEM.c.event_index == part.c.event_index
    )
    goods: dict[tuple[int, str], set[tuple[int, int]]] = {}
    for process, item, role, index in tx.connection.execute(query):
        goods.setdefault((process, role), set()).add((item, index))
    return {
        (child, parent, max(made, used))
        for process in processes
        for child, made in goods.get((process, "output"), ())
        for parent, used in goods.get((process, "input"), ())
        if child != parent and max(made, used) in new
    }


def named_items(event: CustodyEvent) -> list[tuple[str, bool, str, Decimal | None]]:
    """Return (URI, is a batch, role, kilograms) for everything the event names."""
    rows: list[tuple[str, bool, str, Decimal | None]] = []
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


def _quantities(items: Sequence[Quantity], role: str) -> list[tuple[str, bool, str, Decimal | None]]:
    return [(item.epc_class, is_lot(item.epc_class), role, item.kilograms) for item in items]


def _item_ids(tx: Transaction, named: Mapping[str, bool]) -> dict[str, int]:
    """Return the id of each item by its normalised identity, made now where there is none."""
    keys = {normalise(uri): (uri, lot) for uri, lot in named.items()}
    known = _known_ids(tx, keys)
    missing = [{"key": key, "uri": uri, "is_batch": lot} for key, (uri, lot) in keys.items() if key not in known]
    if missing:
        tx.connection.execute(_ADD_ITEM, missing)
        known |= _known_ids(tx, [row["key"] for row in missing])
    return known


def _known_ids(tx: Transaction, keys: Any) -> dict[str, int]:
    wanted, found = list(keys), {}
    for start in range(0, len(wanted), _CHUNK):
        rows = tx.connection.execute(_KNOWN, {"keys": wanted[start : start + _CHUNK]})
        found.update({row.key: row.id for row in rows})
    return found


def _event_row(event: Incoming, index: int, capture: Capture) -> dict[str, Any]:
    return {
        "index": index,
        "event_id": event.event_id,
        "declares_error": event.declares_error,
        "capture_id": capture.id,
        "position": event.position,
        "type": event.event.type,
        "biz_step": event.event.biz_step,
        "event_time": event.event.event_time,
        "received_at": capture.received_at,
        "signer_id": capture.party_id if capture.key_id else None,
        "key_id": capture.key_id,
        "credential_by": event.credential_by,
        "evidence": _evidence(event, capture),
        "content": event.content,
        "body": strict_json.dumps({**event.raw, "eventID": event.written_id}).decode(),
    }


def _evidence(event: Incoming, capture: Capture) -> str:
    if capture.key_id is None:
        return "unsigned"
    return "signed" if event.credential_by is None else "credential"


def _said(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # an integer of more than 64 bit
        return orjson.dumps(_as_decimals(value), default=_plain, option=orjson.OPT_SORT_KEYS)


def _as_decimals(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_decimals(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_decimals(item) for item in value]
    return Decimal(value) if type(value) is int else value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{_EXACT.normalize(value):f}")
    raise TypeError(type(value).__name__)
