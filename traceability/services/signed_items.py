"""The items of events by whose signature they stand: as first sent, besides, or in a relayed credential."""

from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, select

from traceability.storage.tables import CounterSignature, Event, EventItem, Party, PartyKey


def signed_with(session: Session, key: PartyKey, since: int) -> list[int]:
    """Return the items of the events that a key signed from a ledger index on.

    Who signed a relayed credential is stored, and not with which key, so there all of its party's count.
    """
    first, besides = Event.key_id == key.id, CounterSignature.key_id == key.id
    return _items(session, first, besides, [key.party_id], since)


def signed_by(session: Session, parties: Collection[str]) -> list[int]:
    """Return the items of all events that one of these parties signed."""
    first, besides = col(Event.signer_id).in_(parties), col(CounterSignature.signer_id).in_(parties)
    return _items(session, first, besides, parties, 0)


def _items(session: Session, first: Any, besides: Any, parties: Collection[str], since: int) -> list[int]:
    dids = select(Party.did).where(col(Party.id).in_(parties))
    signed = select(Event.index).where(first, col(Event.index) >= since)
    again = select(CounterSignature.event_index).where(besides, col(CounterSignature.entry_index) >= since)
    relayed = select(Event.index).where(col(Event.credential_by).in_(dids), col(Event.index) >= since)
    index = col(EventItem.event_index)
    named = index.in_(signed) | index.in_(again) | index.in_(relayed)
    return sorted(session.exec(select(EventItem.item_id).where(named).distinct()))
