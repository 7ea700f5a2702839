"""Tracing a batch: which events lead to it or from it, without reading any of them (one recursive query).

This answers "how far does it reach" for very large chains at once; `disclose.chain` reads and judges the events.
"""

from collections.abc import Collection, Sequence
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
from traceability.storage.ids import id_set
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
    reached = _closure(min(start), direction)
    return _everything(session, reached) if view.everything else _seen(session, reached, view, min(start))


def _everything(session: Session, reached: Any) -> Traced:
    naming = sa.select(_EVENT_ITEM.c.event_index).where(_EVENT_ITEM.c.item_id.in_(sa.select(reached.c.item)))
    rows = session.connection().execute(sa.select(*_SHOWN).where(_EVENT.c.index.in_(naming)).order_by(_EVENT.c.index))
    events = [(place, event_id, kind, step) for place, event_id, kind, step in rows]
    keys = session.connection().execute(sa.select(_ITEM.c.key).join(reached, reached.c.item == _ITEM.c.id))
    return Traced(sorted(keys.scalars()), events)


def _closure(start: int, direction: Direction) -> Any:
    """Return the recursive query of every item reached; UNION ends cycles."""
    here, there = ("child_id", "parent_id") if direction == "upstream" else ("parent_id", "child_id")
    reached = sa.select(sa.literal(start, sa.BigInteger).label("item")).cte("reached", recursive=True)
    step = sa.select(_EDGE.c[there]).where(_EDGE.c[here] == reached.c.item)
    return reached.union(step)


def _seen(session: Session, reached: Any, view: View, start: int) -> Traced:
    query = (
        sa.select(*_SHOWN, _EVENT.c.signer_id, _EVENT_ITEM.c.item_id)
        .select_from(reached.join(_EVENT_ITEM, _EVENT_ITEM.c.item_id == reached.c.item))
        .join(_EVENT, _EVENT.c.index == _EVENT_ITEM.c.event_index)
    )
    events: dict[int, tuple[int, str, str, str | None]] = {}
    items = {start}
    rows = session.connection().execute(query).all()
    besides = counter_signers(session, {row[0] for row in rows})
    for place, event_id, kind, step, signer, item in rows:
        signers = {signer, *besides.get(place, ())} - {None}
        if view.party_id in signers or item in view.full or not signers.isdisjoint(view.limited.get(item, ())):
            events[place] = (place, event_id, kind, step)
            items.add(item)
    keys = session.connection().execute(_keys(session, items)).scalars()
    return Traced(sorted(keys), [events[place] for place in sorted(events)])


def _keys(session: Session, items: Collection[int]) -> Any:
    return sa.select(_ITEM.c.key).where(_ITEM.c.id.in_(id_set(items, session.get_bind().dialect.name)))
