"""Upstream closure of a batch (facts.md 2), and its downstream: rounds of questions to wherever events are stored.

Each round asks for everything that names a set of identifiers, so a database answers a round with one query and the
number of rounds is the depth of the chain, not its size.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from traceability.custody.chain import Reach, ancestors, chain_of, descendants
from traceability.custody.corrections import Corrections
from traceability.custody.model import Recorded, World
from traceability.custody.names import batches_in, name_of
from traceability.events.model import CustodyEvent


class Lookup(Protocol):
    """Where recorded events are found; refused captures are none. Answers may hold an event more than once."""

    def naming(self, names: AbstractSet[str]) -> Iterable[Recorded]:
        """Return every event that has one of these normalised identifiers among its ``names_of``."""

    def identified(self, event_ids: AbstractSet[str]) -> Iterable[Recorded]:
        """Return the events with these eventIDs, with the declarations that repeat them."""


def names_of(event: CustodyEvent) -> frozenset[str]:
    """Return the normalised identifiers under which ``Lookup.naming`` must find an event.

    These are its batches, its bags and other objects in any list, its parent, and its transformationID.
    """
    quantities = (*event.quantities, *event.child_quantities, *event.inputs, *event.outputs)
    objects = (*event.epcs, *event.child_epcs, *event.input_epcs, *event.output_epcs)
    single = [name for name in (event.parent_id, event.transformation_id) if name]
    return frozenset((*batches_in(quantities), *map(name_of, (*objects, *single))))


class RecordedEvents:
    """A ``Lookup`` over events in memory, with the contract of the stored one."""

    def __init__(self, recorded: Iterable[Recorded]) -> None:
        self._named: dict[str, list[Recorded]] = {}
        self._identified: dict[str, list[Recorded]] = {}
        for entry in recorded:
            self._identified.setdefault(entry.event_id, []).append(entry)
            for name in names_of(entry.event):
                self._named.setdefault(name, []).append(entry)

    def naming(self, names: AbstractSet[str]) -> list[Recorded]:
        """Return every event that names one of these."""
        return [entry for name in names for entry in self._named.get(name, ())]

    def identified(self, event_ids: AbstractSet[str]) -> list[Recorded]:
        """Return the events with these ids."""
        return [entry for event_id in event_ids for entry in self._identified.get(event_id, ())]


@dataclass(frozen=True, slots=True)
class Closure:
    """Batches that belong together, and their events.

    events: those that name one of the batches or a bag holding one, by ledger index. recorded: these and what is
    needed to read them rightly (corrections that speak of other batches, other uses of the same bags, and how what is
    in these was made): give it whole to ``custody_facts`` and ``chain_graph``, show only ``events``.
    """

    batches: frozenset[str]
    events: tuple[Recorded, ...]
    recorded: tuple[Recorded, ...]


def upstream(lookup: Lookup, batches: Collection[str]) -> Closure:
    """Return the batches these were made from, themselves included, with every event about any of them.

    An event declared wrong is followed as long as its correction is outstanding.
    """
    return _closure(lookup, batches, _Upstream(map(name_of, batches)), ancestors)


def downstream(lookup: Lookup, batches: Collection[str]) -> Closure:
    """Return the batches made from these, themselves included, with every event about any of them."""
    return _closure(lookup, batches, _Downstream(map(name_of, batches)), descendants)


class _Search(ABC):
    """What is worth asking for. It may ask for too much, where a bag was filled twice; the replay then decides."""

    def __init__(self, batches: Iterable[str]) -> None:
        self.lots: set[str] = set()
        self.holding: set[str] = set()
        self.opened: set[str] = set()
        self.processes: set[str] = set()
        self.beside: set[str] = set()  # packed with what is asked for: when it was made, it may have been packed
        self.unasked: set[str] = set()
        self._want(self.lots, batches)

    def _want(self, kind: set[str], names: Iterable[str]) -> None:
        fresh = set(names) - kind
        kind |= fresh
        self.unasked |= fresh

    def read(self, event: CustodyEvent) -> None:
        """Take from an event what has to be asked for because of it; each name asked for brings the event again."""
        if event.type == "AggregationEvent" and event.action == "ADD" and event.parent_id:
            self._read_packing(event, name_of(event.parent_id))
        elif event.type == "TransformationEvent":
            self._read_transformation(event)

    def _read_packing(self, event: CustodyEvent, parent: str) -> None:
        packed = set(batches_in(event.child_quantities))
        inner = set(map(name_of, event.child_epcs))
        if packed & self.lots or inner & self.holding:
            self._want(self.holding, {parent})
        if parent in self.holding:
            self._want(self.beside, packed - self.lots)
        if parent in self.opened:
            self._want(self.lots, packed)
            self._want(self.opened, inner)

    def _read_transformation(self, event: CustodyEvent) -> None:
        process = name_of(event.transformation_id) if event.transformation_id else None
        if process in self.processes or self._leads_on(event):
            self._follow(event)
            if process:
                self._want(self.processes, {process})
        own = {process} if process else set()
        if not self.beside.isdisjoint(own.union(batches_in(event.outputs))):
            self._want(self.beside, own.union(batches_in(event.inputs)))

    @abstractmethod
    def _leads_on(self, event: CustodyEvent) -> bool:
        """Tell whether the event links a batch asked for to others."""

    @abstractmethod
    def _follow(self, event: CustodyEvent) -> None:
        """Ask for the batches on the other side."""


class _Upstream(_Search):
    def _leads_on(self, event: CustodyEvent) -> bool:
        return not self.lots.isdisjoint(batches_in(event.outputs))

    def _follow(self, event: CustodyEvent) -> None:
        self._want(self.lots, batches_in(event.inputs))
        self._want(self.opened, map(name_of, event.input_epcs))


class _Downstream(_Search):
    def _leads_on(self, event: CustodyEvent) -> bool:
        used = not self.lots.isdisjoint(batches_in(event.inputs))
        return used or not self.holding.isdisjoint(map(name_of, event.input_epcs))

    def _follow(self, event: CustodyEvent) -> None:
        self._want(self.lots, batches_in(event.outputs))


def _closure(lookup: Lookup, batches: Collection[str], search: _Search, reach: Reach) -> Closure:
    found: dict[int, Recorded] = {}
    asked: set[str] = set()
    while fresh := search.unasked - asked:
        asked |= fresh
        search.unasked = set()
        answer = {entry.index: entry for entry in lookup.naming(fresh)}
        found |= answer
        for entry in answer.values():
            search.read(entry.event)
    _add_corrections(lookup, found)
    chain = chain_of(found.values(), batches, World(), reach)
    return Closure(chain.batches, chain.recorded, tuple(found[index] for index in sorted(found)))


def _add_corrections(lookup: Lookup, found: dict[int, Recorded]) -> None:
    """Fetch announced corrections, and theirs, until nothing announced is unasked: they may name other batches."""
    asked: set[str] = set()
    while True:
        announced = Corrections.among(found.values()).announced.values()
        fresh = {event_id for ids in announced for event_id in ids} - asked
        if not fresh:
            return
        asked |= fresh
        found |= {entry.index: entry for entry in lookup.identified(fresh)}
