"""The order of custody_events (facts.md 3): time order, corrected where one event must have come before another."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from traceability.custody.handovers import Pair, pairs
from traceability.custody.steps import Step

Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Effective steps in their order.

    handovers: each dispatch with its receipt. inverted: (earlier, later) by what they are, whose clocks say otherwise.
    forced: steps that had to be taken out of a circle of such demands.
    """

    steps: tuple[Step, ...]
    handovers: tuple[tuple[Step, Step], ...]
    inverted: tuple[tuple[Step, Step], ...]
    forced: tuple[Step, ...]


def arrange(steps: Iterable[Step]) -> Arrangement:
    """Put effective steps in topological order; of those free to come next the smallest (instant, index) is first.

    A creation comes before whatever names the batch, the first packing before whatever names the bag, a dispatch
    before its receipt, an ``upevt`` event before the one naming it. In a circle the smallest remaining comes next.
    """
    ranked = sorted(steps, key=lambda step: step.position)
    handed = pairs(ranked)
    edges = set(_edges(ranked, handed))
    order, forced = _topological(len(ranked), edges)
    backwards = sorted(edge for edge in edges if _is_inverted(ranked, edge))
    return Arrangement(
        steps=tuple(ranked[place] for place in order),
        handovers=tuple((ranked[sent], ranked[taken]) for sent, taken in handed),
        inverted=tuple((ranked[first], ranked[second]) for first, second in backwards),
        forced=tuple(ranked[place] for place in forced),
    )


def _is_inverted(ranked: Sequence[Step], edge: Edge) -> bool:
    first, second = edge
    return ranked[second].event.event_time < ranked[first].event.event_time


def _edges(ranked: Sequence[Step], handed: Iterable[Pair]) -> Iterator[Edge]:
    first: dict[str, int] = {}
    by_id: dict[str, int] = {}
    for place, step in enumerate(ranked):
        by_id.update((member.event_id, place) for member in step.members)
        for name in _begins(step):
            first.setdefault(name, place)
    for place, step in enumerate(ranked):
        demanded = {first.get(name, place) for name in step.batches | step.objects}
        demanded.update(by_id.get(name, place) for name in _upstream_ids(step))
        yield from ((before, place) for before in demanded if before != place)
    yield from handed


def _begins(step: Step) -> Iterator[str]:
    yield from step.creates
    if step.is_packing and step.event.action == "ADD" and step.parent:
        yield step.parent


def _upstream_ids(step: Step) -> Iterator[str]:
    for member in step.members:
        for transaction in member.event.transactions:
            if transaction.type == "upevt":
                yield transaction.id


def _topological(count: int, edges: Iterable[Edge]) -> tuple[list[int], list[int]]:
    after: list[list[int]] = [[] for _ in range(count)]
    open_demands = [0] * count
    for first, second in edges:
        after[first].append(second)
        open_demands[second] += 1
    free = [place for place in range(count) if not open_demands[place]]
    heapify(free)
    order: list[int] = []
    forced: list[int] = []
    done = [False] * count
    smallest = 0
    while len(order) < count:
        if free:
            place = heappop(free)
        else:
            while done[smallest]:
                smallest += 1
            place = smallest
            forced.append(place)
        done[place] = True
        order.append(place)
        for later in after[place]:
            open_demands[later] -= 1
            if not open_demands[later] and not done[later]:
                heappush(free, later)
    return order, forced
