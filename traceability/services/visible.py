"""The chain layer of one party: events up- and downstream of what it held (ARCHITECTURE, "Who may what").

Where the maker of a batch is proved to have had the batch it used, everything about that batch is part of the chain;
downstream it must have been the one to make the batch as well. Where it is not so, only what that maker itself signed
is: nobody gains a look into a foreign chain by claiming to have used, or made, a batch of it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from traceability.services.access import Actor
from traceability.services.counter_signatures import is_signed_by
from traceability.services.holdings import holders_of, packers_of
from traceability.storage.ids import id_set
from traceability.storage.tables import BatchEdge, CounterSignature, Event, EventItem, Holding

Direction = Literal["up", "down"]


@dataclass(slots=True)
class View:
    """What one party may see: batches in full, and batches only as far as certain signers speak of them."""

    party_id: str | None
    everything: bool = False
    full: set[int] = field(default_factory=set)
    limited: dict[int, set[str]] = field(default_factory=dict)

    def sees_item(self, item_id: int) -> bool:
        """Return whether anything about the batch may be shown."""
        return self.everything or item_id in self.full or item_id in self.limited

    def sees_event(self, event: Event, items: Collection[int], besides: Collection[str] = ()) -> bool:
        """Return whether an event naming these items, which others signed ``besides``, may be shown."""
        signers = {event.signer_id, *besides} - {None}
        if self.everything or self.party_id in signers:
            return True
        return any(item in self.full or not signers.isdisjoint(self.limited.get(item, ())) for item in items)

    def condition(self, dialect: str) -> Any:
        """Return the same as a condition on ``event`` rows."""
        if self.everything:
            return sa.true()
        index = col(Event.index)
        parts = [is_signed_by(self.party_id), index.in_(_events_of(self.full, dialect))]
        by_signer: dict[str, set[int]] = {}
        for item, signers in self.limited.items():
            for one in signers:
                by_signer.setdefault(one, set()).add(item)
        parts += [sa.and_(is_signed_by(one), index.in_(_events_of(items, dialect))) for one, items in by_signer.items()]
        return sa.or_(*parts)


def _events_of(items: Collection[int], dialect: str) -> Any:
    return select(EventItem.event_index).where(col(EventItem.item_id).in_(id_set(items, dialect)))


def view_of(session: Session, actor: Actor, *, start: Collection[int] | None = None) -> View:
    """Return what the actor may see of the chain layer.

    Args:
        session: a read session.
        actor: who asks; a mandate has been checked before for regulators and auditors.
        start: begin at these batches only, for one chain; default: at everything the party had.

    """
    if actor.role == "regulator":
        return View(None, everything=True)
    party_id = actor.own_party()
    return party_view(session, party_id, start=start)


def party_view(session: Session, party_id: str, *, start: Collection[int] | None = None) -> View:
    """Return what a party may see; ``start`` narrows it to batches the party had among these."""
    held = _held(session, party_id, start)
    view = View(party_id, full=set(held))
    for direction in ("up", "down"):
        _walk(session, view, held, direction)
    for item in view.full & view.limited.keys():  # the other direction saw all of it
        del view.limited[item]
    _add_bags(session, view)
    return view


def _add_bags(session: Session, view: View) -> None:
    """Show what those that had a batch say of the bags they packed it into: a hand-over may name the bag alone."""
    packers = packers_of(session, view.full)
    holders = holders_of(session, {batch for batch, _ in packers})
    for (batch, bag), signers in packers.items():
        if not signers.isdisjoint(holders.get(batch, ())):
            view.limited.setdefault(bag, set()).update(holders[batch])


def parties_seen(session: Session, view: View) -> set[str]:
    """Return the parties that had a batch of the view, or signed an event it shows."""
    signers = select(Event.signer_id).where(view.condition(session.get_bind().dialect.name)).distinct()
    held = holders_of(session, view.full)
    return {signer for signer in session.exec(signers) if signer is not None}.union(*held.values())


def _held(session: Session, party_id: str, start: Collection[int] | None) -> set[int]:
    query = select(Holding.item_id).where(Holding.party_id == party_id)
    if start is not None:
        query = query.where(col(Holding.item_id).in_(id_set(start, session.get_bind().dialect.name)))
    return set(session.exec(query))


def _walk(session: Session, view: View, held: Collection[int], direction: Direction) -> None:
    """Follow edges round by round; one query a round, so the cost follows the depth of the chain."""
    frontier: dict[int, set[str] | None] = dict.fromkeys(held)
    seen: dict[int, set[str] | None] = dict(frontier)
    while frontier:
        rows = edges(session, frontier, direction)
        holders = holders_of(session, {item for child, parent, _ in rows for item in (child, parent)})
        found: dict[int, set[str] | None] = {}
        for child, parent, signer in rows:
            here, there = (child, parent) if direction == "up" else (parent, child)
            scope = frontier[here]
            if scope is not None and signer not in scope:
                continue
            had = {parent} if direction == "up" else {parent, child}
            proven = scope is None and all(signer in holders.get(item, ()) for item in had)
            _widen(found, there, None if proven else {signer or ""})
        frontier = {item: scope for item, scope in found.items() if _widen(seen, item, scope)}
    for item, scope in seen.items():
        if scope is None:
            view.full.add(item)
        elif item not in view.full:
            view.limited.setdefault(item, set()).update(scope)


def _widen(scopes: dict[int, set[str] | None], item: int, scope: set[str] | None) -> bool:
    """Add a scope to an item's; return whether it now sees more. None is everything."""
    if item not in scopes:
        scopes[item] = None if scope is None else set(scope)
        return True
    old = scopes[item]
    if old is None or (scope is not None and scope <= old):
        return False
    scopes[item] = None if scope is None else old | scope
    return True


_BY_SENDER = (col(Event.index), col(Event.signer_id), sa.true())
_Signed = tuple[Any, Any, Any]  # columns of an event's ledger index and of who signed it; which edges count


def edges(session: Session, items: Iterable[int], direction: Direction) -> list[tuple[int, int, str | None]]:
    """Return (made, used, who signed it) next to these items; what was used out of a bag was used."""
    ids = id_set(items, session.get_bind().dialect.name)
    besides = (col(CounterSignature.event_index), col(CounterSignature.signer_id), _said_by_one_event())
    queries = [_edges_query(ids, direction, signed) for signed in (_BY_SENDER, besides)]
    return [
        (made, used, who)
        for direct, packed in queries
        for made, used, who in [*session.exec(direct), *session.exec(packed)]
    ]


def _edges_query(ids: Any, direction: Direction, signed: _Signed) -> tuple[Any, Any]:
    index, signer, counts = signed
    bag, lot = aliased(EventItem), aliased(EventItem)
    direct = (
        select(BatchEdge.child_id, BatchEdge.parent_id, signer)
        .join_from(BatchEdge, index.table, index == col(BatchEdge.event_index))
        .where(col(BatchEdge.child_id if direction == "up" else BatchEdge.parent_id).in_(ids), counts)
    )
    packed = (
        select(BatchEdge.child_id, lot.item_id, signer)
        .join_from(BatchEdge, index.table, index == col(BatchEdge.event_index))
        .join(bag, sa.and_(col(bag.item_id) == col(BatchEdge.parent_id), col(bag.role) == "parent"))
        .join(lot, sa.and_(col(lot.event_index) == col(bag.event_index), col(lot.role) == "child"))
        .where(col(BatchEdge.child_id if direction == "up" else lot.item_id).in_(ids), counts)
    )
    return direct, packed


def _said_by_one_event() -> Any:
    """Return the condition that the event of an edge names both its batches.

    An edge between parts of one transformation rests on the party that signed every part, which who counter-signed one
    of them did not.
    """
    ends = ((BatchEdge.child_id, "output"), (BatchEdge.parent_id, "input"))
    return sa.and_(*(
        sa.exists().where(
            col(EventItem.event_index) == col(BatchEdge.event_index), col(EventItem.item_id) == end,
            col(EventItem.role) == role,
        )
        for end, role in ends
    ))  # fmt: skip
