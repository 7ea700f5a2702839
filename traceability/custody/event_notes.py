"""Notes on single events: their times, units, places, parties and signatures (epcis.md 4, 7 and 9)."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from traceability.custody import parties, terms
from traceability.custody.model import Note, Recorded, World
from traceability.custody.names import is_batch
from traceability.custody.places import event_day, is_geo
from traceability.custody.postings import Posting
from traceability.custody.steps import MAX_KG, kilograms
from traceability.events import crm_terms
from traceability.events.event_hash import event_hash
from traceability.texts import phrase

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a sender's clock may be ahead of ours (epcis.md 9)."""

LATE = timedelta(days=30)
"""Reported later than this, an event gets a note: long enough for a mine without a daily connection."""


_SHOWN = 80
_HASH = "ni:///sha-256;"


def event_notes(posting: Posting, world: World) -> Iterator[Note]:
    """Yield the notes on one posting, member by member; a declaration repeats its event and has none of its own."""
    if posting.step.is_declaration:
        return
    for member in posting.step.members:
        batches = tuple(sorted(posting.batches))
        for kind, message in _said(posting, member, world):
            yield Note(kind, message, member.event_id, member.index, batches)


def _said(posting: Posting, member: Recorded, world: World) -> Iterator[tuple[str, str]]:
    yield from _times(member)
    yield from _units(member)
    yield from _terms(member)
    yield from _hash(member)
    yield from _parties(member, world)
    yield from _signature(posting, member, world)
    if member is posting.step.last:
        yield from _place(posting)
        yield from _contradicted(posting, world)
        yield from _disputed_site(posting, world)
        yield from _sums(posting)
        yield from _joined(posting, world)
        for bag in posting.unknown_bags:
            yield (
                "unknown_bag",
                phrase(f"expected a bag that was packed before, got {bag}, in which nothing is known to be"),
            )


def _times(member: Recorded) -> Iterator[tuple[str, str]]:
    claimed, received = member.event.event_time_text, member.received_at.isoformat()
    ahead = member.event.event_time - member.received_at
    if ahead > CLOCK_TOLERANCE:
        yield "future_time", phrase(f"expected a time before it was received ({received}), got {claimed}")
    elif -ahead > LATE:
        yield (
            "late_report",
            phrase(
                f"expected the event within {LATE.days} days, received {received}, {-ahead.days} days "
                f"after it happened ({claimed})"
            ),
        )


def _units(member: Recorded) -> Iterator[tuple[str, str]]:
    event = member.event
    for quantity in (*event.quantities, *event.inputs, *event.outputs):
        if is_batch(quantity) and kilograms(quantity) is None:
            got = (
                phrase("no quantity")
                if quantity.quantity is None
                else f"{quantity.quantity} {quantity.uom or 'pieces'}"
            )
            yield (
                "not_a_mass",
                phrase(f"expected kilograms (KGM) of {quantity.epc_class}, got {got}; left out of balances"),
            )
    # What is created without a weight has no balance that anything taken from it could exceed, until it is weighed.
    for quantity in (*event.outputs, *(event.quantities if event.action == "ADD" else ())):
        if is_batch(quantity) and kilograms(quantity) == 0:
            yield "no_weight", phrase(f"expected more than 0 kg of {quantity.epc_class}, got {quantity.quantity}")


def _terms(member: Recorded) -> Iterator[tuple[str, str]]:
    for name, expected, got in crm_terms.unreadable(member.event):
        yield "unreadable_term", phrase(f"expected crm:{name} as {expected}, got {_shown(got)}; it counts as not said")


def _shown(value: object) -> str:
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _sums(posting: Posting) -> Iterator[tuple[str, str]]:
    for amount in (*posting.observed, *posting.consumed, *posting.produced):
        if amount.kg is None and any(line.kg is not None for line in amount.lines):
            yield (
                "not_a_mass",
                phrase(f"expected less than {MAX_KG} kg of {amount.batch}, got more; left out of balances"),
            )


def _joined(posting: Posting, world: World) -> Iterator[tuple[str, str]]:
    # inputs that somebody else adds under the same transformationID could hide an excess
    signers = {world.party(member.signer) for member in posting.step.members if member.signer}
    if len(signers) > 1:
        process, names = posting.step.event.transformation_id, ", ".join(sorted(signers))
        yield (
            "shared_transformation",
            phrase(f"expected one party to sign the parts of transformation {process}, got {names}"),
        )


def _hash(member: Recorded) -> Iterator[tuple[str, str]]:
    event = member.event
    # without its context an extension term cannot be hashed: an event that came without one is not compared
    comparable = "@context" in event.raw or (event.raw and not event.extensions and not event.ilmd)
    if not comparable or not member.event_id.startswith(_HASH):
        return
    stated, computed = member.event_id, event_hash(event.raw)
    if stated.partition("?")[0] != computed.partition("?")[0]:
        yield "hash_mismatch", phrase(f"expected the event hash {computed} of the content, got {stated} as eventID")


def _parties(member: Recorded, world: World) -> Iterator[tuple[str, str]]:
    for party in sorted(parties.named(member.event, world)):
        if not world.known_party(party):
            yield "unknown_party", phrase(f"expected a registered party, got {party}")
    for side, ends in (("source", member.event.sources), ("destination", member.event.destinations)):
        several = sorted({end.id for end in ends if end.type == "possessing_party"})
        if len(several) > 1:
            yield "ambiguous_party", phrase(f"expected one {side} possessing party, got {', '.join(several)}")


def _signature(posting: Posting, member: Recorded, world: World) -> Iterator[tuple[str, str]]:
    if parties.signature_status(member, posting.actors, world) == "unsigned":
        names = dict.fromkeys(map(world.party, filter(None, (member.signer, *member.counter_signers))))
        signers = " and ".join(names)
        came = phrase(f"signed by {signers}") if signers else phrase("signed by nobody")
        if posting.actors:
            yield "signer_not_actor", phrase(f"expected a signature of {' or '.join(sorted(posting.actors))}; {came}")
        else:
            yield (
                "actor_unknown",
                phrase(f"expected to know who acted: name the possessing party or a registered site; {came}"),
            )
    for party in dict.fromkeys(map(world.party, member.disputed)):
        said = phrase(
            f"expected a signature that {party} vouches for; its key was reported as compromised, from before on"
        )
        yield "disputed_signature", phrase(f"{said}. It counts for nothing: ask {party} to sign the event again")
    yield from _foreign_birth(posting, member, world)


def _foreign_birth(posting: Posting, member: Recorded, world: World) -> Iterator[tuple[str, str]]:
    signers = set(map(world.party, member.signers))
    for batch in sorted(posting.step.creates):
        owner = world.prefix_owner(batch)
        if owner and owner not in signers:
            got = " and ".join(sorted(signers)) or "nobody"
            yield (
                "foreign_birth",
                phrase(f"expected {owner}, who owns the identifier, to sign the birth of {batch}; got {got}"),
            )


def _contradicted(posting: Posting, world: World) -> Iterator[tuple[str, str]]:
    site = posting.place.site
    if site is None or not posting.counts:
        return
    here = _area(site.country, site.subdivision)
    for other in world.contradictions(site, event_day(posting.step.event)):
        there = _area(other.country, other.subdivision)
        said = phrase(f"expected one place for {site.uri}, registered in {here}, got a later registration in {there}")
        yield "site_contradicted", phrase(f"{said}; the event stays in {here}. Where that is wrong, replace the event")


def _disputed_site(posting: Posting, world: World) -> Iterator[tuple[str, str]]:
    site, day = posting.place.site, event_day(posting.step.event)
    if site is None or not posting.counts or not site.disputed or world.confirmed(site, day):
        return
    here = _area(site.country, site.subdivision)
    said = f"expected a registration of {site.uri} that its party vouches for; the key of entry {site.registered} is"
    said += f" reported as compromised. The event stays in {here} until somebody has looked"
    yield "disputed_site", phrase(f"{said}; ask {site.party} to register the site again")


def _area(country: str, subdivision: str | None) -> str:
    return " ".join(filter(None, (country, subdivision)))


def _place(posting: Posting) -> Iterator[tuple[str, str]]:
    event, place = posting.step.event, posting.place
    for uri in place.unknown:
        yield "unknown_site", phrase(f"expected a site registered for {event.event_time_text[:10]}, got {uri}")
    stated = [uri for uri in (event.read_point, event.biz_location) if uri]
    if place.site is None and stated and all(map(is_geo, stated)):
        why = place.unsure or phrase("there is no such point")
        unread = phrase(f"from which no country is read: {why}")
        read = unread if place.unsure or not place.country else phrase(f"which the map has in {place.country}")
        yield "coordinates_only", phrase(f"expected a registered site, got {stated[0]}, {read}")
    origin, region = terms.origin(event) if posting.step.creates else (None, None)
    if origin and place.country and _elsewhere((origin, region), (place.country, place.subdivision)):
        said, here = _area(origin, region), _area(place.country, place.subdivision)
        yield "origin_differs", phrase(f"expected the stated origin {said}, got an event at {here}")


def _elsewhere(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    return one[0] != other[0] or bool(one[1] and other[1] and one[1] != other[1])
