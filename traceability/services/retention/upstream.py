"""What a set of batches rests on: everything upstream, the bags they lay in, the parts of their transformations."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.storage.ids import chunks, id_set
from traceability.storage.tables import BatchEdge, EventItem

_ME: Any = EventItem.__table__.alias()  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_OTHER: Any = EventItem.__table__.alias()  # type: ignore[attr-defined]  # as above


def rests_on(session: Session, items: Iterable[int]) -> set[int]:
    """Return these items and all whose events are read when one of them is assessed.

    Too much rather than too little: a bag that was filled twice brings the events about both fillings.
    """
    chain, holders = set(items), set[int]()
    fresh, bags = set(chain), set[int]()
    while fresh or bags:
        reached = _made_from(session, fresh) | _packed_in(session, fresh) | _parts(session, fresh, holders)
        bags = _bags(session, fresh | bags) - holders
        holders |= bags
        fresh = reached - chain
        chain |= fresh
    return chain | holders


def _made_from(session: Session, items: set[int]) -> set[int]:
    return _each(
        session, items, lambda ids: select(BatchEdge.parent_id).where(col(BatchEdge.child_id).in_(ids)).distinct()
    )


def _packed_in(session: Session, items: set[int]) -> set[int]:
    """Return what was packed into those of the items that are bags."""
    return _each(session, items, lambda ids: _beside(ids, "parent", "child"))


def _bags(session: Session, items: set[int]) -> set[int]:
    return _each(session, items, lambda ids: _beside(ids, "child", "parent"))


def _parts(session: Session, items: set[int], holders: set[int]) -> set[int]:
    """Return the inputs of the other parts of the transformations that made the items; their ids are kept as well."""
    processes = _each(session, items, lambda ids: _beside(ids, "output", "process")) - holders
    holders |= processes
    return _each(session, processes, lambda ids: _beside(ids, "process", "input"))


def _beside(ids: Any, mine: str, others: str) -> Any:
    """Return the question for the items that stand in one role where one of ``ids`` stands in another."""
    together = sa.and_(_ME.c.event_index == _OTHER.c.event_index, _ME.c.role == mine, _OTHER.c.role == others)
    return sa.select(_OTHER.c.item_id).join_from(_OTHER, _ME, together).where(_ME.c.item_id.in_(ids)).distinct()


def _each(session: Session, items: set[int], query: Any) -> set[int]:
    dialect = session.get_bind().dialect.name
    return {
        found
        for some in chunks(sorted(items))
        for found in session.connection().execute(query(id_set(some, dialect))).scalars()
    }
