"""From recorded events to the custody part of an assessment-facts document (facts.md 2-6, 12).

Nothing is inferred: what cannot be said is left out, and becomes a note.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from traceability.custody import parties, routes
from traceability.custody.bags import Tagged
from traceability.custody.balances import NOTHING, TOLERANCE, Amount
from traceability.custody.chain import Chain, ancestors, chain_of
from traceability.custody.grades import minerals, percents
from traceability.custody.model import Note, Recorded, World
from traceability.custody.notes import notes_of
from traceability.custody.postings import Posting
from traceability.custody.terms import decimal_text

MAX_IDENTIFIER = 300
MAX_EVENTS = 10_000
"""Both are limits of the facts document (assessment-facts.schema.json)."""

_FACTS_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class ChainFacts:
    """What custody knows about some batches: JSON-ready events, and what is to be said beside them.

    pending: why the state must be ``pending`` whatever the rules find. upstream_parties: every possessor and owner,
    the importer too, whom the caller leaves out. parties: every identifier to be screened, site operators included.
    batches: the upstream closure. minerals: what each batch was born as, where that is stated.
    """

    events: list[dict[str, Any]]
    notes: list[Note]
    pending: list[str]
    upstream_parties: list[dict[str, Any]]
    parties: frozenset[str]
    batches: frozenset[str]
    minerals: dict[str, str] = field(default_factory=dict)


def custody_facts(
    recorded: Sequence[Recorded],
    batches: Collection[str],
    world: World,
    *,
    as_of: date,
    destination_country: str | None = None,
) -> ChainFacts:
    """Return the custody facts of these batches with everything they were made from.

    recorded holds at least the upstream closure (``closure.upstream(...).recorded``); events about other batches
    change nothing. A declaration that may not take effect yet (epcis.md 8) is left out by the caller. The order of
    ``recorded`` does not matter, its ledger indexes do. destination_country is the shipment's (ISO 3166-1 alpha-2).
    """
    chain = chain_of(recorded, batches, world, ancestors)
    document = _Document(chain, world, destination_country)
    counted = [posting for posting in chain.postings if chain.corrections.still_counts(posting.step.last)]
    named = frozenset[str]().union(*(_named(posting, world) for posting in counted))
    operators = {world.party(posting.place.site.party) for posting in counted if posting.place.site}
    return ChainFacts(
        events=document.events(),
        notes=notes_of(chain, world),
        pending=_pending(chain),
        upstream_parties=_upstream_parties(chain, named, world, as_of),
        parties=named | operators,
        batches=chain.batches,
        minerals={identifier(batch): mineral for batch, mineral in minerals(chain.postings).items()},
    )


def _named(posting: Posting, world: World) -> frozenset[str]:
    return frozenset[str]().union(*(parties.named(member.event, world) for member in posting.step.members))


def _pending(chain: Chain) -> list[str]:
    wrong = {posting.step.last.event_id for posting in chain.postings} & chain.corrections.outstanding
    reasons = [chain.corrections.reason(event_id) for event_id in sorted(wrong)]
    if len(chain.postings) > MAX_EVENTS:
        reasons.append(f"the chain has {len(chain.postings)} events; one assessment takes {MAX_EVENTS}")
    return reasons


def identifier(text: str) -> str:
    """Return an identifier as the facts can hold it: literal, or its SHA-256 where it is longer than 300 characters."""
    return text if len(text) <= MAX_IDENTIFIER else f"sha256:{sha256(text.encode()).hexdigest()}"


_List = Literal["observed", "consumed", "produced"]


class _Document:
    """Writes the entries of custody_events."""

    def __init__(self, chain: Chain, world: World, destination_country: str | None) -> None:
        self._chain = chain
        self._world = world
        effective = [posting for posting in chain.postings if posting.counts]
        self._transits = routes.transits(effective, world, destination_country)
        self._minerals = minerals(chain.postings)

    def events(self) -> list[dict[str, Any]]:
        """Return custody_events; effective postings come first, so a place among them is one in the whole."""
        return [self._event(place, posting) for place, posting in enumerate(self._chain.postings)]

    def _event(self, place: int, posting: Posting) -> dict[str, Any]:
        step, where = posting.step, posting.place
        source, destination = parties.possessors(step.event, self._world)
        statuses = [parties.signature_status(member, posting.actors, self._world) for member in step.members]
        entry = {
            "event_id": identifier(step.last.event_id),
            "type": "transit" if place in self._transits else step.type,
            "event_time": _time(step.last),
            "country": where.country,
            "subdivision": where.subdivision,
            "site_id": identifier(where.site_id) if where.site_id else None,
            "source_party": identifier(source) if source else None,
            "destination_party": identifier(destination) if destination else None,
            "quantity_list": self._quantities(posting, "observed"),
            "input_quantity_list": self._quantities(posting, "consumed"),
            "output_quantity_list": self._quantities(posting, "produced"),
            "seal_numbers": [identifier(seal) for seal in dict.fromkeys((*step.seals, *posting.seals))],
            "signature_status": parties.worst(statuses),
            "error_declaration": step.is_declaration,
        }
        return {name: value for name, value in entry.items() if value}

    def _quantities(self, posting: Posting, kind: _List) -> list[dict[str, Any]]:
        amounts: tuple[Amount, ...] = getattr(posting, kind)
        return [self._quantity(posting, kind, amount, amount.kg) for amount in amounts if amount.kg is not None]

    def _quantity(self, posting: Posting, kind: _List, amount: Amount, kg: Decimal) -> dict[str, Any]:
        # a transformation states the grade of what comes out, never of what goes in
        silent = kind == "consumed" and posting.step.event.type == "TransformationEvent"
        mineral = self._minerals.get(amount.batch)
        grade, moisture = (None, None) if silent else percents(amount, posting, mineral)
        tags = self._tags(posting, kind, amount)
        untagged = kg - tags.kg if tags.bags and tags.kg < (1 - TOLERANCE) * kg else NOTHING
        entry = {
            "batch_id": identifier(amount.batch),
            "weight_kg": decimal_text(kg),
            "moisture_pct": None if moisture is None else decimal_text(moisture),
            "grade_pct": None if grade is None else decimal_text(grade),
            "tag_ids": list(map(identifier, tags.bags)),
            "untagged_kg": decimal_text(untagged) if untagged else None,
            "partial": kind == "observed" and amount.batch in posting.partial,
        }
        return {name: value for name, value in entry.items() if value}

    def _tags(self, posting: Posting, kind: _List, amount: Amount) -> Tagged:
        if kind == "produced" or posting.step.type == "extraction":
            return self._chain.tags(amount.batch)
        if amount.bags:
            return Tagged(amount.bags, amount.bags_kg)
        return posting.tagged.get(amount.batch, Tagged())


def _time(entry: Recorded) -> str:
    """Return the literal eventTime, respelled only where the schema of the facts is narrower than RFC 3339."""
    text = entry.event.event_time_text
    return text if _FACTS_TIME.fullmatch(text) else entry.event.event_time.isoformat()


def _upstream_parties(chain: Chain, named: Iterable[str], world: World, as_of: date) -> list[dict[str, Any]]:
    by_step = {id(posting.step): posting for posting in chain.postings}
    handovers = [(by_step[id(sent)], by_step[id(taken)]) for sent, taken in chain.arrangement.handovers]
    effective = [posting for posting in chain.postings if posting.counts]
    bought = routes.purchases(handovers, effective, world)
    sites = world.sites_by_party(as_of)
    found = []
    for party in sorted(named):
        operating = [_location(site.country, site.subdivision) | {"site_id": site.uri} for site in sites.get(party, ())]
        sourced = sorted(bought.get(party, ()), key=lambda purchase: tuple(map(str, purchase)))
        entry: dict[str, Any] = {"party_id": identifier(party)}
        if operating:
            entry["operating_locations"] = operating
        if sourced:
            entry["sourced_from"] = [_location(country, region) | {"date": day} for country, region, day in sourced]
        found.append(entry)
    return found


def _location(country: str, subdivision: str | None) -> dict[str, str]:
    return {"country": country} | ({"subdivision": subdivision} if subdivision else {})
