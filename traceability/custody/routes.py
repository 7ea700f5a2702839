"""Which transport legs run through a third country, and from where goods were dispatched to whom (facts.md 4 and 6)."""

from collections.abc import Iterable, Sequence

from traceability.custody import parties
from traceability.custody.model import World
from traceability.custody.places import event_day
from traceability.custody.postings import Posting

_UNNAMED = ""
_ARRIVALS = frozenset({"receipt", "import"})


def _threads(posting: Posting) -> list[str]:
    """Return the threads an event is in: its batches, or the one of events without any (rule-catalogue.md 4)."""
    amounts = (*posting.observed, *posting.consumed, *posting.produced)
    return [amount.batch for amount in amounts if amount.kg is not None] or [_UNNAMED]


def transits(postings: Sequence[Posting], world: World, destination_country: str | None) -> set[int]:
    """Return the places in ``postings`` of transport legs in a country that is neither start nor end of the way.

    A leg of several batches is in transit when it is for one of them. Where the end is unknown, any country but the
    start counts.
    """
    ends = _ends(postings)
    born: dict[str, str | None] = {}
    sent: dict[str, Posting] = {}
    found: set[int] = set()
    for place, posting in enumerate(postings):
        country = posting.place.country
        for thread in _threads(posting):
            if posting.step.type == "transport" and country:
                dispatch = sent.get(thread)
                start = (dispatch.place.country if dispatch else None) or born.get(thread)
                end = ends[place].get(thread) or _destination(dispatch, world) or destination_country
                if country not in {start, end}:
                    found.add(place)
            elif posting.step.type == "dispatch":
                sent[thread] = posting
        born.update(dict.fromkeys(posting.step.creates, country))
    return found


def _ends(postings: Sequence[Posting]) -> list[dict[str, str | None]]:
    """Return for each transport leg the country of the next receipt or import of each of its batches."""
    following: dict[str, str | None] = {}
    ends: list[dict[str, str | None]] = []
    for posting in reversed(postings):
        threads = _threads(posting)
        leg = posting.step.type == "transport"
        ends.append({thread: following.get(thread) for thread in threads} if leg else {})
        if posting.step.type in _ARRIVALS:
            following.update(dict.fromkeys(threads, posting.place.country))
    return ends[::-1]


def _destination(dispatch: Posting | None, world: World) -> str | None:
    if dispatch is None:
        return None
    event = dispatch.step.event
    for end in event.destinations:
        index = dispatch.step.last.index
        site = world.site(end.id, event_day(event), index) if end.type == "location" else None
        if site:
            return site.country
    return None


Purchase = tuple[str, str | None, str]


def purchases(
    handovers: Iterable[tuple[Posting, Posting]], postings: Iterable[Posting], world: World
) -> dict[str, set[Purchase]]:
    """Return receiving party -> (country, region, day) of the dispatch behind each receipt by it or transfer to it.

    handovers are the (dispatch, receipt) pairs. A transfer has the last dispatch of the batch to that party.
    """
    found: dict[str, set[Purchase]] = {}
    for dispatch, receipt in handovers:
        _, receiver = parties.possessors(receipt.step.event, world)
        _note(found, receiver, dispatch)
    sent: dict[tuple[str, str], Posting] = {}
    for posting in postings:
        event = posting.step.event
        if posting.step.type == "dispatch":
            _, receiver = parties.possessors(event, world)
            sent.update({(batch, receiver): posting for batch in posting.batches} if receiver else {})
        elif posting.step.type == "transfer":
            buyers = {world.party(end.id) for end in event.destinations if end.type != "location"}
            for batch in posting.batches:
                for buyer in buyers:
                    _note(found, buyer, sent.get((batch, buyer)))
    return found


def _note(found: dict[str, set[Purchase]], receiver: str | None, dispatch: Posting | None) -> None:
    if receiver and dispatch and dispatch.place.country:
        day = event_day(dispatch.step.event).isoformat()
        found.setdefault(receiver, set()).add((dispatch.place.country, dispatch.place.subdivision, day))
