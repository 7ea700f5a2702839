"""Notes on the way goods took: hand-overs, holders, order in time, distances, bags and seals (epcis.md 9)."""

from collections.abc import Iterator
from datetime import timedelta

from traceability.custody import parties
from traceability.custody.balances import TOLERANCE, Amount
from traceability.custody.chain import Chain
from traceability.custody.goods_notes import ELSEWHERE, note_at
from traceability.custody.model import Note, World
from traceability.custody.places import Point, distance_km
from traceability.custody.postings import Posting
from traceability.texts import phrase

MAX_KM_PER_HOUR = 1000
"""Nothing carries ore or metal faster than a cargo aircraft."""

SLACK_KM = 50
"""Sites are large and clocks rough: two places closer than this are never too far apart."""

_HANDS_ON = frozenset({"dispatch", "export"})


def journey_notes(chain: Chain, world: World) -> Iterator[Note]:
    """Yield the notes on how the batches of a chain travelled."""
    yield from _order(chain)
    yield from _handovers(chain, world)
    yield from _distances(chain)
    for posting in chain.postings:
        if posting.counts:
            yield from _holders(posting, world)


def _order(chain: Chain) -> Iterator[Note]:
    posted = {id(posting.step): posting for posting in chain.postings}
    for first, second in chain.arrangement.inverted:
        before, after = first.event.event_time_text, second.event.event_time_text
        message = phrase(
            f"expected a time after {before} of event {first.last.event_id}, which must come before; got {after}"
        )
        yield _noted(posted[id(second)], "time_order", message)
    for step in chain.arrangement.forced:
        message = phrase("expected events in an order, got some that each must come before another")
        yield _noted(posted[id(step)], "order_circle", message)


def _noted(posting: Posting, kind: str, message: str) -> Note:
    return note_at(posting, kind, message, posting.batches)


def _handovers(chain: Chain, world: World) -> Iterator[Note]:
    meant = {id(taken): parties.possessors(sent.event, world)[1] for sent, taken in chain.arrangement.handovers}
    paired = {id(step) for pair in chain.arrangement.handovers for step in pair}
    moved_on: set[str] = set()
    for posting in reversed(chain.postings):
        step = posting.step
        if not posting.counts or step.is_packing:
            continue
        if step.type == "dispatch" and id(step) not in paired and moved_on & posting.batches:
            yield _noted(
                posting, "no_receipt", phrase("expected an event of receipt after this, got later events only")
            )
        elif step.type == "receipt" and id(step) not in paired:
            yield _noted(posting, "no_dispatch", phrase("expected a dispatch to this receipt, got none"))
        expected, came = meant.get(id(step)), parties.possessors(step.event, world)[1]
        if expected and came and expected != came:
            yield _noted(posting, "other_receiver", phrase(f"expected {expected} to receive, got {came}"))
        moved_on |= posting.batches


def _holders(posting: Posting, world: World) -> Iterator[Note]:
    if posting.step.type in _HANDS_ON:
        source, _ = parties.possessors(posting.step.event, world)
        acting = {source} if source else set()
        about = [amount.batch for amount in posting.observed]
    else:
        acting = {world.party(posting.place.site.party)} if posting.place.site else set()
        about = [amount.batch for amount in posting.consumed]
    for batch in about:
        holders = posting.holders.get(batch, frozenset())
        if acting and holders and not acting & holders:
            message = phrase(
                f"expected {' or '.join(sorted(holders))} to hold {batch}, got {' or '.join(sorted(acting))}"
            )
            yield note_at(posting, "not_the_holder", message, [batch])


def _distances(chain: Chain) -> Iterator[Note]:
    """Compare each whole batch, and each bag, with where it was last seen; parts of a batch may be apart."""
    seen: dict[str, tuple[Posting, Point]] = {}
    for posting in chain.postings:
        point = posting.place.point
        if not posting.counts or point is None or posting.step.type in ELSEWHERE:
            continue
        things = {amount.batch for amount in _whole(posting)} | posting.step.objects
        for thing in sorted(things):
            if thing in seen and (message := _too_far(*seen[thing], posting, point)):
                yield _noted(posting, "impossible_distance", f"{message} for {thing}")
            seen[thing] = (posting, point)


def _whole(posting: Posting) -> Iterator[Amount]:
    for amount in (*posting.observed, *posting.consumed, *posting.produced):
        remaining = posting.before[amount.batch].remaining
        if amount.kg is not None and (remaining is None or amount.kg >= remaining * (1 - TOLERANCE)):
            yield amount


def _too_far(before: Posting, there: Point, posting: Posting, here: Point) -> str | None:
    apart = distance_km(here, there)
    elapsed = abs(posting.step.event.event_time - before.step.event.event_time)
    if apart - SLACK_KM <= MAX_KM_PER_HOUR * (elapsed / timedelta(hours=1)):
        return None
    since = phrase(f"since event {before.step.last.event_id}")
    return phrase(f"expected at most {MAX_KM_PER_HOUR} km/h, got {apart:.0f} km in {elapsed} {since}")
