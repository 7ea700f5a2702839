"""What is inside which bag at each moment, with seals and tags (facts.md 5): packed minus unpacked before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from traceability.custody.steps import Step

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tagged:
    """The bags packed from one batch so far, and the most kilograms they held at one moment.

    The most, because bags opened before blending were still tagged, and material packed twice is no more material.
    """

    bags: tuple[str, ...] = ()
    kg: Decimal = _NOTHING


@dataclass(slots=True)
class _Container:
    lots: dict[str, Decimal] = field(default_factory=dict)
    inner: dict[str, None] = field(default_factory=dict)
    seals: tuple[str, ...] = ()


class Bags:
    """Replays packing events in the order of the facts; ask it about a moment before applying what follows."""

    def __init__(self) -> None:
        self._containers: dict[str, _Container] = {}
        self._held: dict[str, Decimal] = {}
        self._most: dict[str, Decimal] = {}
        self._bags: dict[str, dict[str, None]] = {}
        self._tagged: dict[str, Tagged] = {}

    def is_known(self, name: str) -> bool:
        """Tell whether anything was ever packed into this bag or container."""
        return name in self._containers

    def tagged(self, batch: str) -> Tagged:
        """Return the bags packed from a batch so far."""
        # built once per packing: a thousand uses of one batch share the list of its thousand bags
        if batch not in self._tagged:
            self._tagged[batch] = Tagged(tuple(self._bags.get(batch, ())), self._most.get(batch, _NOTHING))
        return self._tagged[batch]

    def contents(self, names: Iterable[str]) -> dict[str, dict[str, Decimal]]:
        """Return batch -> bag -> kg inside these bags now, containers followed inwards, each bag counted once."""
        inside: dict[str, dict[str, Decimal]] = {}
        for name in self._inward(names):
            for batch, kg in self._containers[name].lots.items():
                inside.setdefault(batch, {})[name] = kg
        return inside

    def seals(self, names: Iterable[str]) -> list[str]:
        """Return the seals of those of these bags that are still closed."""
        return [seal for name in self._inward(names) for seal in self._containers[name].seals]

    def _inward(self, names: Iterable[str]) -> Iterator[str]:
        seen: set[str] = set()
        waiting = [name for name in reversed(list(names)) if name in self._containers]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                yield name
                inner = self._containers[name].inner
                waiting.extend(name for name in reversed(inner) if name in self._containers)

    def apply(self, step: Step) -> None:
        """Pack or unpack; events that are no packing change nothing."""
        if not step.is_packing or not step.parent:
            return
        if step.event.action == "ADD":
            self._pack(step, step.parent)
        elif step.event.action == "DELETE":
            self._unpack(step, step.parent)

    def _pack(self, step: Step, parent: str) -> None:
        container = self._containers.setdefault(parent, _Container())
        container.inner.update(dict.fromkeys(step.observed_epcs))
        container.seals = (*container.seals, *step.seals)
        for line in step.packed:
            kg = line.kg or _NOTHING
            container.lots[line.batch] = container.lots.get(line.batch, _NOTHING) + kg
            self._hold(line.batch, kg)
            self._bags.setdefault(line.batch, {})[parent] = None
            self._most[line.batch] = max(self._most.get(line.batch, _NOTHING), self._held[line.batch])
            self._tagged.pop(line.batch, None)

    def _unpack(self, step: Step, parent: str) -> None:
        container = self._containers.setdefault(parent, _Container())
        container.seals = ()
        everything = not step.packed and not step.observed_epcs
        for epc in step.observed_epcs or (tuple(container.inner) if everything else ()):
            container.inner.pop(epc, None)
        taken = dict(container.lots) if everything else {}
        for line in step.packed:
            taken[line.batch] = taken.get(line.batch, _NOTHING) + (line.kg or _NOTHING)
        for batch, kg in taken.items():
            here = container.lots.pop(batch, _NOTHING)
            if here > kg:
                container.lots[batch] = here - kg
            self._hold(batch, -min(here, kg))

    def _hold(self, batch: str, kg: Decimal) -> None:
        self._held[batch] = self._held.get(batch, _NOTHING) + kg
