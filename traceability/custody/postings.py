"""One replay of the events in order: goods weighed, bags opened, balances and holders moved on (facts.md 4-6)."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from traceability.custody import parties
from traceability.custody.bags import Bags, Tagged
from traceability.custody.balances import TOLERANCE, Amount, Balance, Balances, amounts
from traceability.custody.model import World
from traceability.custody.parties import Parties, Possession
from traceability.custody.places import Place, place_of
from traceability.custody.steps import Step

_MOVES = frozenset({"dispatch", "receipt"})


@dataclass(frozen=True, slots=True, eq=False)
class Posting:
    """A step with everything that depends on what came before it.

    counts is false for events declared wrong and their declarations, which move nothing. before and after hold the
    balances, holders the parties holding each batch, just before. tagged: the bags packed from each input batch so
    far. held: the batches inside any bag named. unknown_bags: named objects in which nothing was ever packed.
    """

    step: Step
    counts: bool
    place: Place
    actors: Parties
    observed: tuple[Amount, ...]
    consumed: tuple[Amount, ...]
    produced: tuple[Amount, ...]
    before: Mapping[str, Balance]
    after: Mapping[str, Balance]
    holders: Mapping[str, Parties]
    partial: frozenset[str]
    tagged: Mapping[str, Tagged]
    held: frozenset[str]
    unknown_bags: tuple[str, ...]
    seals: tuple[str, ...]

    @property
    def created(self) -> tuple[Amount, ...]:
        """Return the amounts that this event brings into being."""
        return self.observed if self.step.type == "extraction" else self.produced

    @property
    def batches(self) -> frozenset[str]:
        """Return every batch the event is about, those inside named bags included."""
        return self.step.batches | self.held

    def names(self, batches: frozenset[str]) -> bool:
        """Tell whether the event names one of these batches, or a bag that holds one."""
        return not batches.isdisjoint(self.batches) or not batches.isdisjoint(self.step.objects)


@dataclass(frozen=True, slots=True)
class _Goods:
    observed: tuple[Amount, ...]
    consumed: tuple[Amount, ...]
    produced: tuple[Amount, ...]
    held: frozenset[str]


class Replay:
    """Walks through effective steps in order; steps declared wrong are looked at when their own time comes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._bags = Bags()
        self._balances = Balances()
        self._possession = Possession(world)
        self._tags_at_birth: dict[str, Tagged] = {}

    def run(self, effective: Sequence[Step], wrong: Iterable[Step]) -> list[Posting]:
        """Return the postings of the effective steps as ordered, then of the wrong ones by (instant, ledger index)."""
        waiting = deque(sorted(wrong, key=lambda step: step.position))
        posted: list[Posting] = []
        aside: list[Posting] = []
        for step in effective:
            while waiting and waiting[0].position < step.position:
                aside.append(self._post(waiting.popleft(), counts=False))
            posted.append(self._post(step, counts=True))
        aside.extend(self._post(step, counts=False) for step in waiting)
        return posted + aside

    def tags_of_birth(self, batch: str) -> Tagged:
        """Return the bags packed from a batch before its first dispatch, receipt or use as input."""
        return self._tags_at_birth.get(batch) or self._bags.tagged(batch)

    def _post(self, step: Step, *, counts: bool) -> Posting:
        goods = self._weigh(step)
        place = place_of(step, self._world)
        touched = sorted(step.batches | goods.held)
        before = {batch: self._balances.of(batch) for batch in touched}
        holders = {batch: self._possession.of(batch) for batch in touched}
        names = (*((step.parent,) if step.parent and step.is_packing else ()), *step.observed_epcs, *step.consumed_epcs)
        seals = tuple(dict.fromkeys(self._bags.seals(names)))
        unknown = tuple(name for name in (*step.observed_epcs, *step.consumed_epcs) if not self._bags.is_known(name))
        tagged = {amount.batch: self._bags.tagged(amount.batch) for amount in goods.consumed}
        actors = self._actors(step, place, goods)
        partial = frozenset(amount.batch for amount in goods.observed if _is_part(amount, before))
        if counts:
            self._apply(step, goods, partial, actors)
        after = {batch: self._balances.of(batch) for batch in touched}
        return Posting(
            step, counts, place, actors, goods.observed, goods.consumed, goods.produced,
            before, after, holders, partial, tagged, goods.held, unknown, seals,
        )  # fmt: skip  # in the order of the fields

    def _weigh(self, step: Step) -> _Goods:
        inside = self._bags.contents(step.observed_epcs)
        opened = self._bags.contents(step.consumed_epcs)
        if step.is_packing:
            parent = self._bags.contents((step.parent,) if step.parent else ())
            return _Goods((), (), (), frozenset({*inside, *parent}))
        # what is born is stated, never read off a bag: commissioning a tag creates no batch
        is_birth = step.event.action == "ADD" and step.event.type == "ObjectEvent"
        observed = () if is_birth and not step.observed else amounts(step.observed, inside)
        produced = amounts(step.produced, inside) if step.produced else ()
        is_observed = not step.consumed and not step.consumed_epcs and not step.produced
        return _Goods(
            observed if is_observed else (),
            amounts(step.consumed, opened, add_bags=step.event.type == "TransformationEvent"),
            produced,
            frozenset({*inside, *opened}),
        )

    def _actors(self, step: Step, place: Place, goods: _Goods) -> Parties:
        about = {amount.batch for amount in goods.consumed} or step.batches | goods.held
        holders = self._possession.holders(about)
        return parties.acting(step, step.last, place, holders, self._world)

    def _apply(self, step: Step, goods: _Goods, partial: frozenset[str], actors: Parties) -> None:
        moved = goods.consumed or (goods.observed if step.type in _MOVES else ())
        for amount in moved:
            self._tags_at_birth.setdefault(amount.batch, self._bags.tagged(amount.batch))
        self._bags.apply(step)
        created = goods.observed if step.type == "extraction" else goods.produced
        self._balances.apply(step, created, goods.consumed)
        received = {amount.batch: amount.batch in partial for amount in goods.observed}
        self._possession.apply(step, received, actors)


def _is_part(amount: Amount, before: Mapping[str, Balance]) -> bool:
    remaining = before[amount.batch].remaining
    return amount.kg is not None and remaining is not None and amount.kg < (1 - TOLERANCE) * remaining
