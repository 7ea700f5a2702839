"""Who signed an event besides the party it is stored from: each counter-signature counts as that party's own word."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.storage.ids import id_set
from traceability.storage.tables import CounterSignature, Event


def counter_signatures(session: Session, indices: Collection[int]) -> dict[int, list[CounterSignature]]:
    """Return the counter-signatures of the events at these ledger indices, oldest first."""
    found: dict[int, list[CounterSignature]] = {}
    wanted = id_set(indices, session.get_bind().dialect.name)
    query = select(CounterSignature).where(col(CounterSignature.event_index).in_(wanted))
    for row in session.exec(query.order_by(col(CounterSignature.entry_index))):
        found.setdefault(row.event_index, []).append(row)
    return found


def counter_signers(session: Session, indices: Collection[int]) -> dict[int, set[str]]:
    """Return the parties that counter-signed each of these events."""
    found = counter_signatures(session, indices)
    return {index: {row.signer_id for row in rows} for index, rows in found.items()}


def is_signed_by(party_id: str | None) -> Any:
    """Return the condition on ``event`` rows that a party signed them, first or besides."""
    besides = select(CounterSignature.event_index).where(CounterSignature.signer_id == party_id)
    return sa.or_(col(Event.signer_id) == party_id, col(Event.index).in_(besides))
