"""Which events name a site or party, in whatever spelling: what a registration may change (epcis.md 4)."""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability import strict_json
from traceability.events.gs1_keys import CANONICAL
from traceability.events.identifiers import normalise
from traceability.storage.ids import id_set
from traceability.storage.tables import Event, EventItem

_TOGETHER = 100


def items_naming(session: Session, uris: Iterable[str]) -> set[int]:
    """Return the items of the events that name one of these sites or parties."""
    keys = {normalise(uri) for uri in uris}
    found: set[int] = set()
    for some in _batched(sorted(keys)):
        rows = session.exec(select(Event.index, Event.body).where(_may_name(some)).execution_options(yield_per=1000))
        found |= {index for index, body in rows if _names(strict_json.stored(body), keys)}
    indices = id_set(found, session.get_bind().dialect.name)
    return set(session.exec(select(EventItem.item_id).where(col(EventItem.event_index).in_(indices)).distinct()))


def _batched(keys: list[str]) -> Iterator[list[str]]:
    """Return the identifiers in lists short enough for one condition: SQLite nests no more than 1000 of them."""
    return (keys[start : start + _TOGETHER] for start in range(0, len(keys), _TOGETHER))


def _may_name(keys: Iterable[str]) -> Any:
    """Return what every event holds that names one of these: its letters in either case, or what hides them.

    Escapes and dot segments can hide any name, and a GS1 key is written in several ways around its digits.
    """
    texts = {"%", "/.", *(text for key in keys for text in _shown(key))}
    body = sa.func.lower(col(Event.body))
    return sa.or_(*(body.contains(text, autoescape=True) for text in sorted(texts)))


def _shown(key: str) -> tuple[str, ...]:
    if not key.startswith(CANONICAL):
        return (key.lower(),)
    _, _, value = key.removeprefix(CANONICAL).partition("/")
    return ("urn:epc:", value.partition("/")[0].partition("%")[0].lower())


def _names(value: Any, keys: set[str]) -> bool:
    if isinstance(value, str):
        return normalise(value) in keys
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_names(part, keys) for part in parts)
