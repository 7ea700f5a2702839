"""Chain of custody: where it is broken (rule-catalogue.md 4, coc_a to coc_c)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from traceability.diligence.definitions.areas import AreaList, Location
from traceability.diligence.definitions.correspondence import Movements, parties
from traceability.diligence.definitions.events import Event, Step, Threads
from traceability.diligence.definitions.numbers import distance, plain, product
from traceability.diligence.parameters import PARAMETERS


@dataclass(frozen=True, slots=True)
class Gap:
    """One break: the batch (none in the unnamed thread), the event before and the one after, why, and the evidence."""

    batch: str | None
    before: str
    after: str
    reason: str
    evidence: tuple[str, ...]


def gaps(threads: Threads, events: Iterable[Event], transit: AreaList) -> list[Gap]:
    """Return every break in the chain of custody: coc_a, coc_b1, coc_b2, coc_b3 per thread, and coc_c per event."""
    found: list[Gap] = []
    for batch, thread in threads.items():
        found += coc_a(batch, thread)
        dispatches, receipts = Movements(thread, "dispatch"), Movements(thread, "receipt")
        if not dispatches.positions and not receipts.positions:
            continue
        found += coc_b1(batch, thread, dispatches, receipts)
        found += coc_b2(batch, thread, dispatches, receipts)
        if batch is not None:
            in_parts = any(thread[position].partial for position in dispatches.positions + receipts.positions)
            found += (coc_b3_parts if in_parts else coc_b3)(batch, thread, dispatches, receipts)
    return found + list(coc_c(events, transit))


def coc_a(batch: str | None, thread: list[Step]) -> Iterator[Gap]:
    """coc_a: the next event starts at another party than the last one ended at, with no dispatch or receipt between."""
    for one, two in pairwise(thread):
        next_source = two.event.value.get("source_party")
        if next_source is None:
            continue
        holder = one.event.value.get("destination_party")
        if holder is None or holder == next_source:
            continue
        if one.event.type != "dispatch" and two.event.type != "receipt" and not (one.partial or two.partial):
            yield _gap(batch, one.event, two.event, f"{holder} held it, {next_source} passed it on")


def coc_b1(batch: str | None, thread: list[Step], dispatches: Movements, receipts: Movements) -> Iterator[Gap]:
    """coc_b1: a dispatch that is not the last event of its thread and has no later corresponding receipt."""
    for position in dispatches.positions:
        event = thread[position].event
        last = receipts.last(parties(event))
        if position < len(thread) - 1 and (last is None or last < position):
            yield _gap(batch, event, None, "dispatched, and no receipt follows")


def coc_b2(batch: str | None, thread: list[Step], dispatches: Movements, receipts: Movements) -> Iterator[Gap]:
    """coc_b2: a receipt with no earlier corresponding dispatch."""
    for position in receipts.positions:
        event = thread[position].event
        first = dispatches.first(parties(event))
        if first is None or first > position:
            yield _gap(batch, None, event, "received, and no dispatch came before")


def coc_b3(batch: str, thread: list[Step], dispatches: Movements, receipts: Movements) -> Iterator[Gap]:
    """coc_b3: a dispatch and its first later corresponding receipt differ by more than the tolerance in weight."""
    for position in dispatches.positions:
        step = thread[position]
        later = receipts.first_after(position, parties(step.event))
        if later is None or step.moved is None or (arrived := thread[later].moved) is None:
            continue
        sent, received = step.moved.weight, arrived.weight
        if distance(sent, received) > product(PARAMETERS.tolerance, sent):
            reason = f"{plain(sent)} kg dispatched, {plain(received)} kg received"
            yield Gap(batch, step.event.id, thread[later].event.id, reason, (step.moved.at, arrived.at))


def coc_b3_parts(batch: str, thread: list[Step], dispatches: Movements, receipts: Movements) -> Iterator[Gap]:
    """coc_b3 of a batch moved in parts: sums per pair of parties; a part sent after the last receipt is under way."""
    for pair, position in dispatches.exact().items():
        last = receipts.last(pair)
        if last is None:
            continue
        sent, received = dispatches.weight_before(last, pair), receipts.weight_corresponding(pair)
        if distance(sent, received) > product(PARAMETERS.tolerance, sent):
            reason = f"{plain(sent)} kg dispatched in parts, {plain(received)} kg received"
            yield _gap(batch, thread[position].event, thread[last].event, reason)


def coc_c(events: Iterable[Event], transit: AreaList) -> Iterator[Gap]:
    """coc_c: transit through a watched area without any seal number."""
    for event in events:
        if event.type != "transit" or "country" not in event.value or event.value.get("seal_numbers"):
            continue
        place = Location(event.value["country"], event.value.get("subdivision"), event.on, event.at)
        found = transit.match(place)
        if found is not None:
            batch = event.entries[0].batch if event.entries else None
            yield Gap(batch, event.id, event.id, f"transit through {place.name} without a seal", found.evidence)


def _gap(batch: str | None, before: Event | None, after: Event | None, reason: str) -> Gap:
    known = [event for event in (before, after) if event is not None]
    before_id, after_id = (event.id if event else "no event" for event in (before, after))
    return Gap(batch, before_id, after_id, reason, tuple(event.at for event in known))
