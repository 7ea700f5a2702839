"""The chain layer of one party: events up- and downstream of what it held (ARCHITECTURE, "Who may what").

Where the maker of a batch is proved to have had the batch it used, everything about that batch is part of the chain;
downstream it must have been the one to make the batch as well. Where it is not so, only what that maker itself signed
is: nobody gains a look into a foreign chain by claiming to have used, or made, a batch of it. Of a batch that several
were given a share of, each sees downstream what became of its own share; who gave it to them sees all of it.
"""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.services.access import Actor
from traceability.services.bag_contents import Moment, bags_around, holding, keys_of, moments, opened_again, packings
from traceability.services.counter_signatures import is_signed_by
from traceability.services.edges import Direction, edges
from traceability.services.holdings import holders_of, passed_on
from traceability.services.period import Bounds, bounds
from traceability.storage.ids import id_set
from traceability.storage.tables import Event, EventItem, Holding

Scope = set[str] | None  # the signers heard about a batch; None: it is seen in full


@dataclass(slots=True)
class View:
    """What one party may see: batches in full, and batches only as far as certain signers speak of them."""

    party_id: str | None
    everything: bool = False
    full: set[int] = field(default_factory=set)
    limited: dict[int, set[str]] = field(default_factory=dict)
    events: set[int] = field(
        default_factory=set
    )  # of bags that are used again: those about a filling with such a batch

    between: Bounds | None = None  # of events alone: when they must have happened

    def sees_item(self, item_id: int) -> bool:
        """Return whether anything about the batch may be shown."""
        return self.everything or item_id in self.full or item_id in self.limited

    def sees_event(self, event: Event, items: Collection[int], besides: Collection[str] = ()) -> bool:
        """Return whether an event naming these items, which others signed ``besides``, may be shown."""
        if self.between is not None and not self.between[0] <= event.event_time < self.between[1]:
            return False
        signers = {event.signer_id, *besides} - {None}
        if self.everything or self.party_id in signers:
            return True
        if event.index in self.events:
            return True
        return any(item in self.full or not signers.isdisjoint(self.limited.get(item, ())) for item in items)

    def condition(self, dialect: str) -> Any:
        """Return the same as a condition on ``event`` rows."""
        if self.everything:
            return sa.true()
        index = col(Event.index)
        parts = [is_signed_by(self.party_id), index.in_(_events_of(self.full, dialect))]
        parts += [index.in_(id_set(self.events, dialect))] if self.events else []
        by_signer: dict[str, set[int]] = {}
        for item, signers in self.limited.items():
            for one in signers:
                by_signer.setdefault(one, set()).add(item)
        parts += [sa.and_(is_signed_by(one), index.in_(_events_of(items, dialect))) for one, items in by_signer.items()]
        shown = sa.or_(*parts)
        if self.between is None:
            return shown
        return sa.and_(shown, col(Event.event_time) >= self.between[0], col(Event.event_time) < self.between[1])


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
    view = party_view(session, actor.own_party(), start=start)
    view.between = bounds(actor)
    return view


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
    """Show what those that had a batch say of the bags it lay in: a hand-over may name the bag alone.

    Of a bag that was used again, only the events of the filling with that batch are shown, and where a batch is not
    seen in full, only those of the parties that may be heard about it.
    """
    packed = packings(session, {*view.full, *view.limited})
    scopes = {lot: _scope(view, lot) for lot in (*view.full, *view.limited) if lot in packed}
    holders = holders_of(session, scopes)
    again = opened_again(session, {one.bag for found in packed.values() for one in found})
    fillings: dict[_Filling, set[int]] = {}
    for lot, scope in scopes.items():
        had = frozenset(holders.get(lot, ()))
        bags = frozenset(bags_around(lot, packed, had.__contains__ if scope is None else lambda _signer: True))
        if not again.isdisjoint(bags):
            fillings.setdefault(_Filling(bags, had, scope), set()).add(lot)
        elif scope is None:
            for bag in bags:
                view.limited.setdefault(bag, set()).update(had)
    for filling, lots in fillings.items():
        view.events |= filling.events(session, set(keys_of(session, lots).values()))


def _scope(view: View, lot: int) -> frozenset[str] | None:
    return None if lot in view.full else frozenset(view.limited[lot])


@dataclass(frozen=True, slots=True)
class _Filling:
    """Bags in which some batches lay, who had these, and who may be heard about them (None: all that had them)."""

    bags: frozenset[int]
    had: frozenset[str]
    scope: frozenset[str] | None

    def events(self, session: Session, lots: AbstractSet[str]) -> set[int]:
        """Return the events about these bags at which one of the batches lay in them."""
        found = holding(moments(session, self.bags), self._packs, self._unpacks)
        heard = self.had if self.scope is None else self.scope
        return {said.row.index for said, inside in found if said.said_by(heard) and not lots.isdisjoint(inside)}

    def _packs(self, said: Moment) -> bool:
        return self.scope is not None or said.said_by(self.had)

    def _unpacks(self, said: Moment) -> bool:
        return said.effective and said.said_by(self.had)


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
    """Follow edges round by round; one query a round, so the cost follows the depth of the chain.

    Downstream of a batch that came from somebody else, the others it was split among are another chain: only what the
    reader made of its share, and those that have theirs from the reader, is followed.
    """
    split = passed_on(session, view.party_id or "", held) if direction == "down" else {}
    frontier: dict[int, Scope] = dict.fromkeys(set(held) - split.keys())
    seen: dict[int, Scope] = dict(frontier)
    first = _step(session, dict.fromkeys(split), direction, split)
    frontier |= {item: scope for item, scope in first.items() if _widen(seen, item, scope)}
    while frontier:
        found = _step(session, frontier, direction)
        frontier = {item: scope for item, scope in found.items() if _widen(seen, item, scope)}
    for item, scope in seen.items():
        if scope is None:
            view.full.add(item)
        elif item not in view.full:
            view.limited.setdefault(item, set()).update(scope)


def _step(
    session: Session,
    frontier: Mapping[int, Scope],
    direction: Direction,
    only: Mapping[int, Collection[str]] = MappingProxyType({}),
) -> dict[int, Scope]:
    """Return what is next to the frontier, and how far it is seen; of a batch in ``only`` just by these signers."""
    rows = edges(session, frontier, direction) if frontier else []
    holders = holders_of(session, {item for child, parent, _ in rows for item in (child, parent)})
    found: dict[int, Scope] = {}
    for child, parent, signer in rows:
        here, there = (child, parent) if direction == "up" else (parent, child)
        scope = frontier[here]
        if (scope is not None and signer not in scope) or signer not in only.get(here, (signer,)):
            continue
        had = {parent} if direction == "up" else {parent, child}
        proven = scope is None and all(signer in holders.get(item, ()) for item in had)
        _widen(found, there, None if proven else {signer or ""})
    return found


def _widen(scopes: dict[int, Scope], item: int, scope: Scope) -> bool:
    """Add a scope to an item's; return whether it now sees more. None is everything."""
    if item not in scopes:
        scopes[item] = None if scope is None else set(scope)
        return True
    old = scopes[item]
    if old is None or (scope is not None and scope <= old):
        return False
    scopes[item] = None if scope is None else old | scope
    return True
