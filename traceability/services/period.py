"""The period of an auditor's mandate: the records of one importer from one day to another, and what they rest on.

A shipment record, document or decision counts by its date, a batch by any custody event about it. The chain of a batch
that counts is shown whole: what happened before the period is what the record rests on.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.services.access import Actor
from traceability.services.bag_contents import bags_around, packings
from traceability.storage.ids import id_set
from traceability.storage.tables import Event, EventItem, Shipment

Bounds = tuple[datetime, datetime]  # UTC, the second one excluded


def bounds(actor: Actor) -> Bounds | None:
    """Return the moments between which records count for the actor; None without such a period."""
    if actor.records is None:
        return None
    first, last = actor.records
    return _midnight(first), _midnight(min(last, date.max - timedelta(days=1)) + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def within(actor: Actor, *columns: Any) -> Any:
    """Return the condition that one of these moments lies in the actor's period."""
    period = bounds(actor)
    if period is None:
        return sa.true()
    return sa.or_(*(sa.and_(column >= period[0], column < period[1]) for column in columns))


def falls_within(actor: Actor, *moments: datetime | None) -> bool:
    """Tell whether one of these moments lies in the actor's period."""
    period = bounds(actor)
    return period is None or any(period[0] <= moment < period[1] for moment in moments if moment is not None)


def shipment_within(actor: Actor) -> Any:
    """Return the condition on shipment records that some version was received in the actor's period."""
    if actor.records is None:
        return sa.true()
    known = select(Shipment.shipment_id).where(
        Shipment.importer_id == actor.own_party(), within(actor, col(Shipment.received_at))
    )
    return col(Shipment.shipment_id).in_(known)


def batches_within(session: Session, actor: Actor, items: Collection[int]) -> set[int]:
    """Return those of these batches about which, or about a bag of which, something happened in the actor's period."""
    if actor.records is None:
        return set(items)
    packed = packings(session, items)
    return {item for item in items if _happened(session, actor, {item, *bags_around(item, packed)})}


def _happened(session: Session, actor: Actor, names: Collection[int]) -> bool:
    naming = select(EventItem.event_index).where(
        col(EventItem.item_id).in_(id_set(names, session.get_bind().dialect.name))
    )
    query = select(Event.index).where(col(Event.index).in_(naming), within(actor, col(Event.event_time)))
    return session.exec(query.limit(1)).first() is not None
