"""What an assessment rests on, by ledger index, to tell whether anything has come since it was read."""

from collections.abc import Collection
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from traceability.services.facts.chain import item_ids
from traceability.storage.ids import id_set
from traceability.storage.tables import ErasedEntry, Event, EventItem, Item, ListVersionRow

_DECLARATION = '"errorDeclaration"'


def newest_input(session: Session, batches: Collection[str] | None) -> int:
    """Return the highest ledger index of an event about these batches (None: of any event) or of a list version."""
    events = _one(session, func.max(Event.index)) if batches is None else newest_event(session, batches)
    return max(events, _one(session, func.max(ListVersionRow.entry_index)))


def _one(session: Session, highest: Any) -> int:
    found: Any = session.exec(select(highest)).one()
    return -1 if found is None else int(found)


def newest_event(session: Session, batches: Collection[str]) -> int:
    """Return the highest ledger index of an event naming one of these batches or a bag of it; -1 without one."""
    found = session.exec(_about(session, func.max(EventItem.event_index), batches)).one()
    return -1 if found is None else int(found)


def erased_since(session: Session, batches: Collection[str], index: int) -> bool:
    """Tell whether the body of an event about these batches, or a bag of one, was erased after a ledger index."""
    later = select(ErasedEntry.target_index).where(ErasedEntry.erasure_index > index)
    if session.exec(later.limit(1)).first() is None:
        return False
    highest = _about(session, func.max(Event.erased_index), batches)
    found = session.exec(highest.join(Event, col(Event.index) == col(EventItem.event_index))).one()
    return found is not None and found > index


def declares_error(session: Session, batches: Collection[str]) -> bool:
    """Tell whether an event about these batches, or a bag of one, declares an error: what counts is to be weighed."""
    declaring = _about(session, Event.index, batches).join(Event, col(Event.index) == col(EventItem.event_index))
    said = sa.or_(col(Event.declares_error).is_(True), col(Event.body).contains(_DECLARATION, autoescape=True))
    return session.exec(declaring.where(said).limit(1)).first() is not None


def newest_by_batch(session: Session, value: Any, wanted: Any) -> dict[str, int]:
    """Return by batch the highest ``value`` (a column) of the wanted events that name it or a bag of it."""
    joined = select(EventItem.item_id, func.max(value)).join(Event, col(Event.index) == col(EventItem.event_index))
    direct = dict(session.exec(joined.where(wanted).group_by(col(EventItem.item_id))).all())
    found = dict(direct)
    ids = partial(id_set, dialect=session.get_bind().dialect.name)
    bag: Any = aliased(EventItem)
    child: Any = aliased(EventItem)
    packed = select(child.item_id, bag.item_id).join(bag, bag.event_index == child.event_index).distinct()
    inside = packed.where(child.role == "child", bag.role == "parent", bag.item_id.in_(ids(direct)))
    for item, outer in session.exec(inside):
        found[item] = max(found.get(item, -1), direct[outer])
    keys = session.exec(select(Item.id, Item.key).where(col(Item.id).in_(ids(found))))
    return {key: found[number] for number, key in keys if number is not None}


def _about(session: Session, wanted: Any, batches: Collection[str]) -> Any:
    """Return the question for something of the events that name one of these batches or a bag of it."""
    ids = item_ids(session, batches)
    dialect = session.get_bind().dialect.name
    packings = select(EventItem.event_index).where(
        col(EventItem.item_id).in_(id_set(ids, dialect)), EventItem.role == "child"
    )
    bags = session.exec(
        select(EventItem.item_id).where(col(EventItem.event_index).in_(packings), EventItem.role == "parent")
    )
    return select(wanted).select_from(EventItem).where(col(EventItem.item_id).in_(id_set({*ids, *bags}, dialect)))
