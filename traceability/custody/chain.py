"""The chain of some batches: which events belong to it, in order, replayed (facts.md 2-5)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from traceability.custody.bags import Tagged
from traceability.custody.balances import Amount
from traceability.custody.corrections import Corrections
from traceability.custody.model import Recorded, World
from traceability.custody.names import name_of
from traceability.custody.order import Arrangement, arrange
from traceability.custody.postings import Posting, Replay
from traceability.custody.steps import Step, merged, step_of

Reach = Callable[["Chain", frozenset[str]], frozenset[str]]


Link = tuple[frozenset[str], frozenset[str]]
"""From any of these batches to all of those."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Batches with the events about them; postings are in the order of custody_events.

    tags: the bags packed from a batch before it first moved. fillings: for every bag the batches ever packed into it,
    also those of other chains, which is how a tag used twice shows.
    """

    batches: frozenset[str]
    corrections: Corrections
    arrangement: Arrangement
    postings: tuple[Posting, ...]
    tags: Callable[[str], Tagged]
    fillings: Mapping[str, frozenset[str]]

    @property
    def recorded(self) -> tuple[Recorded, ...]:
        """Return the events of the chain by ledger index."""
        members = (member for posting in self.postings for member in posting.step.members)
        return tuple(sorted(members, key=lambda entry: entry.index))

    def followed(self) -> list[Posting]:
        """Return the postings that lead from batch to batch: effective ones, and wrong ones not yet replaced."""
        return [
            posting
            for posting in self.postings
            if not posting.step.is_declaration and self.corrections.still_counts(posting.step.last)
        ]


def chain_of(recorded: Iterable[Recorded], batches: Collection[str], world: World, reach: Reach | None = None) -> Chain:
    """Return the chain of these batches and, with ``reach``, of all batches they lead to.

    Events about other batches are left out, and leave no trace in the order either.
    """
    entries = sorted({entry.index: entry for entry in recorded}.values(), key=lambda entry: entry.index)
    corrections = Corrections.among(entries)
    everything = _replayed(_steps(entries, world), frozenset(map(name_of, batches)), corrections, world)
    wanted = reach(everything, everything.batches) if reach else everything.batches
    chosen = [posting.step for posting in everything.postings if posting.names(wanted)]
    if len(chosen) == len(everything.postings):
        return replace(everything, batches=wanted)
    chain = _replayed(chosen, wanted, corrections, world)
    return replace(chain, fillings={bag: everything.fillings[bag] for bag in chain.fillings})


def _steps(entries: Iterable[Recorded], world: World) -> list[Step]:
    # a hold set by this service says what we think of goods, not what happened to them
    custody = (entry for entry in entries if not (entry.event.biz_step == "holding" and world.is_service(entry.signer)))
    return [step for entry in custody if (step := step_of(entry)) is not None]


def _replayed(steps: Sequence[Step], batches: frozenset[str], corrections: Corrections, world: World) -> Chain:
    effective = [step for step in steps if corrections.is_effective(step.last)]
    wrong = [step for step in steps if not corrections.is_effective(step.last)]
    arrangement = arrange(merged(effective))
    replay = Replay(world)
    postings = replay.run(arrangement.steps, wrong)
    return Chain(batches, corrections, arrangement, tuple(postings), replay.tags_of_birth, _fillings(effective))


def _fillings(effective: Iterable[Step]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for step in effective:
        if step.parent and step.is_packing and step.event.action == "ADD":
            found.setdefault(step.parent, set()).update(line.batch for line in step.packed)
    return {bag: frozenset(batches) for bag, batches in found.items()}


def ancestors(chain: Chain, batches: frozenset[str]) -> frozenset[str]:
    """Return these batches and everything they were made from (facts.md 2)."""
    made = [(_names(posting.created), _names(posting.consumed)) for posting in chain.followed()]
    return reached(batches, made)


def descendants(chain: Chain, batches: frozenset[str]) -> frozenset[str]:
    """Return these batches and everything made from them."""
    made = [(_names(posting.consumed), _names(posting.created)) for posting in chain.followed()]
    return reached(batches, made)


def reached(start: frozenset[str], links: Sequence[Link]) -> frozenset[str]:
    """Return what can be reached from ``start`` over links (from any of these, to all of those), each taken once."""
    leaving: dict[str, list[int]] = {}
    for place, (near, _) in enumerate(links):
        for name in near:
            leaving.setdefault(name, []).append(place)
    seen, waiting = set(start), list(start)
    while waiting:
        for place in leaving.pop(waiting.pop(), ()):
            fresh = links[place][1] - seen
            seen |= fresh
            waiting.extend(fresh)
    return frozenset(seen)


def cycle(chain: Chain) -> list[str]:
    """Return the batches of circles in the batch graph, and those between two circles; empty in an honest chain."""
    links = [(_names(posting.consumed), _names(posting.created)) for posting in chain.followed() if posting.consumed]
    backwards = [(created, consumed) for consumed, created in links]
    return sorted(_never_free(links) & _never_free(backwards))


def _never_free(links: Sequence[Link]) -> set[str]:
    """Return the batches made, directly or not, from one that is made from itself: peel off what nothing leads to."""
    leaving: dict[str, list[int]] = {}
    makers: dict[str, int] = {}
    for place, (near, far) in enumerate(links):
        for name in near:
            leaving.setdefault(name, []).append(place)
            makers.setdefault(name, 0)
        for name in far:
            makers[name] = makers.get(name, 0) + 1
    unready = [len(near) for near, _ in links]
    free = [name for name, count in makers.items() if not count]
    for name in free:  # grows while it is walked
        for place in leaving.get(name, ()):
            unready[place] -= 1
            free.extend(_released(makers, links[place][1]) if not unready[place] else ())
    return set(makers) - set(free)


def _released(makers: dict[str, int], names: Iterable[str]) -> list[str]:
    for name in names:
        makers[name] -= 1
    return [name for name in names if not makers[name]]


def _names(amounts: Iterable[Amount]) -> frozenset[str]:
    return frozenset(amount.batch for amount in amounts)
