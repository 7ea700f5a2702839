"""Which batches lay in a bag when an event named it: packed minus unpacked before it, as the custody room replays it.

A bag is used again. Who was handed one filling of it has had nothing of the next, and a hand-over or use of the bag is
about what was in it at that moment alone (facts.md 5).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from traceability.custody.bags import Bags
from traceability.custody.corrections import Corrections
from traceability.custody.model import Recorded
from traceability.custody.order import arrange
from traceability.custody.steps import Step, step_of
from traceability.services.counter_signatures import counter_signers
from traceability.services.event_rows import parsed
from traceability.storage.ids import id_set
from traceability.storage.tables import Event, EventItem, Item

_LINK: Any = EventItem.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so


@dataclass(frozen=True, slots=True)
class Packing:
    """Somebody signed that a batch or bag was packed into a bag or container."""

    bag: int
    signer_id: str | None


def packings(session: Session, batches: Collection[int]) -> dict[int, set[Packing]]:
    """Return what batches, and the bags holding them, were ever packed into, by item; containers followed outwards."""
    found: dict[int, set[Packing]] = {}
    frontier = set(batches)
    seen = set(frontier)
    while frontier:
        bags = set()
        rows = session.connection().execute(_packed(frontier, session.get_bind().dialect.name)).all()
        besides = counter_signers(session, {index for *_, index in rows})
        for child, bag, signer_id, index in rows:
            found.setdefault(child, set()).update(Packing(bag, one) for one in {signer_id, *besides.get(index, ())})
            bags.add(bag)
        frontier = bags - seen
        seen |= frontier
    return found


def _packed(items: Collection[int], dialect: str) -> Any:
    child, parent = _LINK.alias(), _LINK.alias()
    return (
        sa.select(child.c.item_id, parent.c.item_id, col(Event.signer_id), col(Event.index))
        .join(parent, (parent.c.event_index == child.c.event_index) & (parent.c.role == "parent"))
        .join(Event, col(Event.index) == child.c.event_index)
        .where(child.c.item_id.in_(id_set(items, dialect)), child.c.role == "child")
        .distinct()
    )


def bags_around(
    item: int, packed: Mapping[int, Collection[Packing]], counts: Callable[[str | None], bool] = lambda _signer: True
) -> set[int]:
    """Return the bags an item was ever packed into, and their containers, by those whose word counts."""
    found: set[int] = set()
    waiting = [item]
    while waiting:
        fresh = {one.bag for one in packed.get(waiting.pop(), ()) if counts(one.signer_id)} - found
        found |= fresh
        waiting.extend(fresh)
    return found


def opened_again(session: Session, bags: Collection[int]) -> set[int]:
    """Return those of the bags that more than one packing event names: only their content changes with time."""
    query = (
        select(EventItem.item_id)
        .where(col(EventItem.item_id).in_(id_set(bags, session.get_bind().dialect.name)), EventItem.role == "parent")
        .group_by(col(EventItem.item_id))
        .having(func.count() > 1)
    )
    return set(session.exec(query))


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """An event naming bags. counts: nobody declared it wrong, or its correction is still outstanding."""

    row: Event
    step: Step
    effective: bool
    counts: bool
    signers: frozenset[str]
    """The parties that signed it, first or besides."""

    def said_by(self, parties: Collection[str]) -> bool:
        """Return whether one of these parties signed it."""
        return not self.signers.isdisjoint(parties)


def moments(session: Session, bags: Collection[int]) -> list[Moment]:
    """Return the events naming any of these bags, in the order of the facts."""
    dialect = session.get_bind().dialect.name
    naming = select(EventItem.event_index).where(col(EventItem.item_id).in_(id_set(bags, dialect)))
    rows = list(session.exec(select(Event).where(col(Event.index).in_(naming))))
    recorded = [Recorded(parsed(row), row.index, row.received_at) for row in rows]
    corrections = Corrections.among(recorded)
    by_index = {row.index: row for row in rows if not row.declares_error}
    steps = [step for one in recorded if one.index in by_index and (step := step_of(one)) is not None]
    besides = counter_signers(session, by_index)
    found = []
    for step in arrange(steps).steps:
        row, last = by_index[step.last.index], step.last
        signers = frozenset({row.signer_id, *besides.get(row.index, ())} - {None})
        found.append(Moment(row, step, corrections.is_effective(last), corrections.still_counts(last), signers))
    return found


Word = Callable[[Moment], bool]


def holding(found: Iterable[Moment], packs: Word, unpacks: Word) -> Iterator[tuple[Moment, set[str]]]:
    """Yield each event with the keys of the batches that lie in the bags it names; a packing's own are in.

    Args:
        found: the events, in order.
        packs: whether this event's word that something was packed counts; asked when its turn comes.
        unpacks: the same for taking out, by which a stranger could hide a batch from those it was handed to.

    """
    bags = Bags()
    for moment in found:
        names = sorted(moment.step.objects)
        inside = bags.contents(names).keys()
        word = unpacks if moment.step.event.action == "DELETE" else packs
        if word(moment):
            bags.apply(moment.step)
        yield moment, {*inside, *bags.contents(names)}


def keys_of(session: Session, items: Collection[int]) -> dict[int, str]:
    """Return the normalised identity of each item."""
    query = select(Item.id, Item.key).where(col(Item.id).in_(id_set(items, session.get_bind().dialect.name)))
    return {item: key for item, key in session.exec(query) if item is not None}
