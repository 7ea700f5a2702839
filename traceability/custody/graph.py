"""The batch graph for the chain query and the drawn picture: batches, what was made from what, and every event."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from traceability.custody import parties
from traceability.custody.balances import Amount, Balance
from traceability.custody.chain import Chain, chain_of
from traceability.custody.grades import minerals
from traceability.custody.model import Recorded, World
from traceability.custody.parties import Possession
from traceability.custody.postings import Posting
from traceability.custody.terms import decimal_text

MAX_PAIRS = 2500
"""A step of more inputs times outputs is drawn as two fans that meet in the event: pairs grow by multiplication."""


@dataclass(frozen=True, slots=True)
class Graph:
    """JSON-ready: kilograms as decimal strings, times as their literal text, identifiers normalised.

    nodes: batch, mineral, born_kg, used_kg, lost_kg, remaining_kg, birth (event_id, type, time, country, subdivision,
    site) or null, holders. edges: parent, child, kg (of the parent), event_id, effective; in a step of very many
    batches child or parent is null. events: in the order of custody_events.
    """

    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]
    events: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return the three lists by name."""
        return {"nodes": self.nodes, "edges": self.edges, "events": self.events}


def chain_graph(recorded: Sequence[Recorded], batches: Collection[str], world: World) -> Graph:
    """Return the graph of exactly these batches: give the batches of an upstream and a downstream closure.

    Events that name none of them, nor a bag holding one, are left out; an edge needs both its ends among them.
    """
    chain = chain_of(recorded, batches, world)
    return Graph(
        nodes=list(_nodes(chain, world)),
        edges=[edge for posting in chain.followed() for edge in _edges(posting, chain.batches)],
        events=[_event(posting, world) for posting in chain.postings],
    )


def _nodes(chain: Chain, world: World) -> Iterator[dict[str, Any]]:
    mineral = minerals(chain.postings)
    births: dict[str, Posting] = {}
    ends: dict[str, Balance] = {}
    possession = Possession(world)
    for posting in chain.postings:
        if posting.counts:
            ends.update(posting.after)
            received = {amount.batch: amount.batch in posting.partial for amount in posting.observed}
            possession.apply(posting.step, received, posting.actors)
            for batch in posting.step.creates:
                births.setdefault(batch, posting)
    for batch in sorted(chain.batches):
        balance = ends.get(batch, Balance(batch))
        yield {
            "batch": batch,
            "mineral": mineral.get(batch),
            "born_kg": _kg(balance.born),
            "used_kg": _kg(balance.used),
            "lost_kg": _kg(balance.lost),
            "remaining_kg": _kg(balance.remaining),
            "birth": _birth(births[batch]) if batch in births else None,
            "holders": sorted(possession.of(batch)),
        }


def _kg(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def _birth(posting: Posting) -> dict[str, Any]:
    step = posting.step
    return {"event_id": step.last.event_id, "type": step.type, "time": step.event.event_time_text} | _place(posting)


def _place(posting: Posting) -> dict[str, Any]:
    place = posting.place
    latitude, longitude = place.point or (None, None)
    return {
        "site": place.site_id,
        "country": place.country,
        "subdivision": place.subdivision,
        "latitude": latitude,
        "longitude": longitude,
    }


def _edges(posting: Posting, batches: frozenset[str]) -> Iterator[dict[str, Any]]:
    inputs = [amount for amount in posting.consumed if amount.batch in batches]
    outputs = [amount.batch for amount in posting.created if amount.batch in batches]
    about = {"event_id": posting.step.last.event_id, "effective": posting.counts}
    if not outputs:
        return
    if len(inputs) * len(outputs) > MAX_PAIRS:
        yield from ({"parent": None, "child": child, "kg": None} | about for child in outputs)
    fan: Iterable[str | None] = outputs if len(inputs) * len(outputs) <= MAX_PAIRS else (None,)
    for child in fan:
        yield from ({"parent": one.batch, "child": child, "kg": _kg(one.kg)} | about for one in inputs)


def _event(posting: Posting, world: World) -> dict[str, Any]:
    step = posting.step
    source, destination = parties.possessors(step.event, world)
    statuses = [parties.signature_status(member, posting.actors, world) for member in step.members]
    return {
        "event_id": step.last.event_id,
        "event_ids": [member.event_id for member in step.members],
        "index": step.last.index,
        "type": step.type,
        "biz_step": step.event.biz_step,
        "time": step.event.event_time_text,
        "received_at": step.last.received_at.isoformat(),
        **_place(posting),
        "source_party": source,
        "destination_party": destination,
        "parties": sorted(frozenset[str]().union(*(parties.named(one.event, world) for one in step.members))),
        "acting_parties": sorted(posting.actors),
        "signers": sorted(_signers(step.members, world)),
        "signature_status": parties.worst(statuses),
        "disputed_signers": sorted(_disputed(step.members, world)),
        "effective": posting.counts,
        "declares_error": step.is_declaration,
        "observed": _listed(posting.observed),
        "inputs": _listed(posting.consumed),
        "outputs": _listed(posting.produced),
        "bags": sorted(step.objects),
        "seals": list(dict.fromkeys((*step.seals, *posting.seals))),
    }


def _signers(members: Iterable[Recorded], world: World) -> set[str]:
    """Return who sent the event and who counter-signed it; a relayed credential shows in the signature status."""
    return {world.party(signer) for member in members for signer in (member.signer, *member.counter_signers) if signer}


def _disputed(members: Iterable[Recorded], world: World) -> set[str]:
    """Return whose signature, as the sender or besides, is by a key that is reported as compromised."""
    senders = {member.signer for member in members if member.verdict == "key_revoked" and member.signer}
    return {world.party(one) for one in senders.union(*(member.disputed for member in members))}


def _listed(amounts: Iterable[Amount]) -> list[dict[str, Any]]:
    return [{"batch": amount.batch, "kg": _kg(amount.kg)} for amount in amounts]
