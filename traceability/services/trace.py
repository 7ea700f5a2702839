"""Tracing a batch: which events lead to it or from it, without reading any of them (a recursive query over edges).

This answers "how far does it reach" for very large chains at once; `disclose.chain` reads and judges the events.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session

from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.batches import require_visible
from traceability.services.context import Service
from traceability.services.counter_signatures import counter_signers
from traceability.services.facts.chain import item_ids
from traceability.services.mandates import log_read, reader
from traceability.services.visible import View
from traceability.storage.ids import among
from traceability.storage.tables import BatchEdge, Event, EventItem, Item

Direction = Literal["upstream", "downstream"]
_EVENT: Any = Event.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_ITEM: Any = Item.__table__  # type: ignore[attr-defined]
_EVENT_ITEM: Any = EventItem.__table__  # type: ignore[attr-defined]
_EDGE: Any = BatchEdge.__table__  # type: ignore[attr-defined]
_SHOWN = (_EVENT.c.index, _EVENT.c.event_id, _EVENT.c.type, _EVENT.c.biz_step)


@dataclass(frozen=True, slots=True)
class Traced:
    """The batches a trace reached (by normalised identity) and the events naming them.

    An event row is (ledger index, event id, type, business step).
    """

    batches: Sequence[str]
    events: Sequence[tuple[int, str, str, str | None]]


def trace(service: Service, actor: Actor, batch: str, direction: Direction, purpose: str | None = None) -> Traced:
    """Return what a batch was made of, or what was made of it, as far as the actor may see.

    Raises:
        Forbidden: a regulator or auditor has no mandate in force, or states no purpose.
        NotFound: there is no such batch that the actor may see.

    """
    actor.require("chain", scope="read")
    mandate, actor = reader(service, actor, purpose)
    with service.store.read() as session:
        view = require_visible(session, actor, batch)
        found = run(session, batch, direction, view)
    if mandate is not None:
        log_read(service, actor, direction, batch, mandate, {"purpose": purpose, "events": len(found.events)})
    return found


def run(session: Session, batch: str, direction: Direction, view: View) -> Traced:
    """Return the trace of a batch as a view shows it.

    Raises:
        NotFound: no event names such a batch.

    """
    start = item_ids(session, [normalise(batch)])
    if not start:
        raise NotFound(f"there is no batch {batch[:200]} that you may see")
    reached = _reached(session, min(start), direction)
    return _everything(session, reached) if view.everything else _seen(session, reached, view, min(start))


def _everything(session: Session, reached: Collection[int]) -> Traced:
    indices = session.connection().execute(_naming(session, reached)).scalars()
    rows = session.connection().execute(_events(session, indices, *_SHOWN).order_by(_EVENT.c.index))
    events = [(place, event_id, kind, step) for place, event_id, kind, step in rows]
    keys = session.connection().execute(_keys(session, reached))
    return Traced(sorted(keys.scalars()), events)


# In steps, with the ids of each as a parameter: PostgreSQL expects a recursive query to give a hundred times what it
# does, and would read whole tables where a few thousand look-ups are enough.
def _reached(session: Session, start: int, direction: Direction) -> set[int]:
    return set(session.connection().execute(sa.select(_closure(start, direction).c.item)).scalars())


def _naming(session: Session, items: Collection[int]) -> Any:
    return sa.select(_EVENT_ITEM.c.event_index).where(_among(session, _EVENT_ITEM.c.item_id, items))


def _events(session: Session, indices: Iterable[int], *columns: Any) -> Any:
    return sa.select(*columns).where(_among(session, _EVENT.c.index, indices))


def _among(session: Session, column: Any, ids: Iterable[int]) -> Any:
    return among(column, ids, session.get_bind().dialect.name)


def _closure(start: int, direction: Direction) -> Any:
    """Return the recursive query of every item reached; UNION ends cycles."""
    here, there = ("child_id", "parent_id") if direction == "upstream" else ("parent_id", "child_id")
    reached = sa.select(sa.literal(start, sa.BigInteger).label("item")).cte("reached", recursive=True)
    step = sa.select(_EDGE.c[there]).where(_EDGE.c[here] == reached.c.item)
    return reached.union(step)


def _seen(session: Session, reached: Collection[int], view: View, start: int) -> Traced:
    query = (
        sa.select(*_SHOWN, _EVENT.c.signer_id, _EVENT_ITEM.c.item_id)
        .join(_EVENT, _EVENT.c.index == _EVENT_ITEM.c.event_index)
        .where(_among(session, _EVENT_ITEM.c.item_id, reached))
    )
    events: dict[int, tuple[int, str, str, str | None]] = {}
    items = {start}
    rows = session.connection().execute(query).all()
    besides = counter_signers(session, {row[0] for row in rows})
    for place, event_id, kind, step, signer, item in rows:
        signers = {signer, *besides.get(place, ())} - {None}
        seen = view.party_id in signers or place in view.events or item in view.full
        if seen or not signers.isdisjoint(view.limited.get(item, ())):
            events[place] = (place, event_id, kind, step)
            items.add(item)
    keys = session.connection().execute(_keys(session, items)).scalars()
    return Traced(sorted(keys), [events[place] for place in sorted(events)])


def _keys(session: Session, items: Collection[int]) -> Any:
    return sa.select(_ITEM.c.key).where(_among(session, _ITEM.c.id, items))
