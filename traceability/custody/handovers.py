"""Which receipt answers which dispatch (facts.md 3): by a shared paper, else the n-th by the n-th."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from traceability.custody import parties
from traceability.custody.names import name_of
from traceability.custody.steps import Step

Pair = tuple[int, int]
_PAPERS = frozenset({"bol", "desadv", "recadv"})


def pairs(steps: Sequence[Step]) -> list[Pair]:
    """Return (dispatch, receipt) as places in ``steps``, which are in order of (instant, ledger index).

    A receipt belongs to the dispatch that shares a bill of lading, despatch or receiving advice with it, the n-th to
    the n-th where several share one for a batch. The remaining ones are paired n-th to n-th for equal batch, sender
    and receiver. A dispatch of a bag and a receipt of the lot inside are about the same batch.
    """
    sent = [place for place, step in enumerate(steps) if step.type == "dispatch"]
    taken = [place for place, step in enumerate(steps) if step.type == "receipt"]
    if not sent or not taken:
        return []
    goods = Goods(steps)
    found: set[Pair] = set()
    for keys in (_paper_and_goods, _paper, _parties_and_goods):
        paired = {place for pair in found for place in pair}
        found |= _nth_to_nth(
            {place: tuple(keys(steps[place], goods)) for place in sent if place not in paired},
            {place: tuple(keys(steps[place], goods)) for place in taken if place not in paired},
        )
    return sorted(found)


def _nth_to_nth(sent: Mapping[int, Iterable[object]], taken: Mapping[int, Iterable[object]]) -> set[Pair]:
    waiting: dict[object, list[int]] = {}
    for place, keys in sent.items():
        for key in keys:
            waiting.setdefault(key, []).append(place)
    used: dict[object, int] = {}
    found = set()
    for place, keys in taken.items():
        for key in keys:
            turn = used.get(key, 0)
            used[key] = turn + 1
            if turn < len(waiting.get(key, ())):
                found.add((waiting[key][turn], place))
    return found


class Goods:
    """Which batches an event is about, bags counted by what was ever packed in them."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._inside: dict[str, set[str]] = {}
        self._known: dict[str, frozenset[str]] = {}
        for step in steps:
            if step.is_packing and step.event.action == "ADD" and step.parent:
                inside = self._inside.setdefault(step.parent, set())
                inside.update(line.batch for line in step.packed)
                inside.update(step.observed_epcs)

    def of(self, step: Step) -> frozenset[str]:
        """Return the batches of a step, and the objects in which nothing is known to be packed."""
        return frozenset(step.batches.union(*map(self._within, step.objects)))

    def _within(self, name: str) -> frozenset[str]:
        if name not in self._known:
            self._known[name] = frozenset(self._leaves(name))
        return self._known[name]

    def _leaves(self, name: str) -> Iterator[str]:
        seen, waiting = {name}, [name]
        while waiting:
            current = waiting.pop()
            if current not in self._inside:
                yield current
            fresh = self._inside.get(current, set()) - seen
            seen |= fresh
            waiting.extend(fresh)


def papers(step: Step) -> Iterator[str]:
    """Yield the bills of lading, despatch and receiving advices of a step, normalised."""
    for transaction in step.event.transactions:
        if transaction.type in _PAPERS:
            yield name_of(transaction.id)


def _paper_and_goods(step: Step, goods: Goods) -> Iterator[tuple[str, str]]:
    for paper in papers(step):
        for batch in goods.of(step):
            yield (paper, batch)


def _paper(step: Step, _goods: Goods) -> Iterator[str]:
    yield from papers(step)


def _parties_and_goods(step: Step, goods: Goods) -> Iterator[tuple[str, str | None, str | None]]:
    source, destination = parties.literal_possessors(step.event)
    for batch in goods.of(step):
        yield (batch, source, destination)
