"""Evidence that was erased: what rests on it is pending, whatever the rules still find (nothing clears by erasure)."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.storage.ids import id_set
from traceability.storage.tables import Event
from traceability.texts import phrase


def erased_evidence(session: Session, indices: Collection[int]) -> list[str]:
    """Return why an assessment from these events has to wait: those of which only the outline is left."""
    here = id_set(indices, session.get_bind().dialect.name)
    number, first = sa.func.count(), sa.func.min(Event.erased_index)
    query = select(number, first).where(col(Event.index).in_(here), col(Event.erased_index).is_not(None))
    count, entry = session.exec(query).one()
    if not count:
        return []
    if count == 1:
        return [phrase(f"the evidence of 1 event was erased when its retention ended (ledger entry {entry})")]
    return [phrase(f"the evidence of {count} events was erased when its retention ended (ledger entry {entry})")]


def erased_among(session: Session, indices: Collection[int]) -> list[dict[str, int]]:
    """Return the events of which only the outline is left: their ledger entries, and those that say so."""
    here = id_set(indices, session.get_bind().dialect.name)
    query = select(Event.index, Event.erased_index).where(col(Event.index).in_(here))
    rows = session.exec(query.where(col(Event.erased_index).is_not(None)).order_by(col(Event.index)))
    return [{"index": index, "erasure": erasure or 0} for index, erasure in rows]
