"""Whom to screen for one subject, and the hits as the facts carry them (facts.md 8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from traceability.events.identifiers import normalise
from traceability.lists.entries import Identifier
from traceability.services.facts.chain import People
from traceability.services.facts.named import beyond
from traceability.services.lists import ListBook
from traceability.services.reviewer_memory import Asked, Memory
from traceability.services.screening import Asking, Screened, Subject, entity_hit, screen
from traceability.storage.tables import Party
from traceability.texts import phrase

_SCHEMES = {"lei": "lei", "cid": "cid", "eori": "eori", "national": "registration"}


@dataclass(frozen=True, slots=True)
class Entities:
    """What screening a chain's parties gave."""

    hits: list[dict[str, Any]]
    screened: list[Screened]
    unscreened: list[str]
    again: list[tuple[str, str]]
    """Hits whose verdict is to be confirmed again: what a decision names, and the sentence that says why."""


def entities(
    book: ListBook,
    people: People,
    parties: Iterable[str],
    shipment: Mapping[str, Any] | None,
    others: Iterable[Subject],
    memory: Memory,
    asking: Asking,
) -> Entities:
    """Screen every party of a chain, the parties a shipment names, and what else bears a name there (`named`)."""
    here = people.every(parties)
    known = [people.by_did[did] for did in sorted(here) if did in people.by_did]
    unscreened = sorted(did for did in here if did not in people.by_did)
    subjects = [_registered(party, people) for party in known]
    said = {(subject.name, people.world.party(subject.party_id or "")) for subject in subjects}
    # A stated party that is registered under the same name is screened once, with all that is known of it.
    subjects += [one for one in _stated(shipment or {}, people) if (one.name, one.party_id) not in said]
    subjects += beyond(subjects, others)
    unique = list({subject.key: subject for subject in subjects if subject.name.strip()}.values())
    screened = screen(book, unique, asking)
    hits, again = [], []
    for item in screened:
        for hit, identity in item.shown:
            asked = Asked(hit.list_id, hit.entry_key, item.subject.key, item.subject.party_id, identity)
            recalled = memory.recall(asked)
            hits.append(entity_hit(item.subject, hit, recalled.disposition))
            if recalled.again:
                again.append(
                    (asked.key, phrase(f"{item.subject.name} and {hit.listed_name}: {recalled.again}; confirm again"))
                )
    return Entities(hits, screened, unscreened, again)


def _registered(party: Party, people: People) -> Subject:
    claims = people.claims.get(party.id, [])
    identifiers = tuple(
        Identifier(_SCHEMES[claim.kind], claim.value, party.country if claim.kind == "national" else None)
        for claim in claims
        if claim.kind in _SCHEMES
    )
    return Subject(party.name, normalise(party.did), party.country, identifiers)


def _stated(shipment: Mapping[str, Any], people: People) -> list[Subject]:
    stated = [shipment.get("supplier"), shipment.get("manufacturer"), *shipment.get("product_suppliers", ())]
    found = []
    for party in stated:
        if party and party.get("name"):
            did = people.world.party(party["party_id"]) if party.get("party_id") else None
            found.append(Subject(party["name"], did, party.get("country")))
    for smelter in shipment.get("smelters", ()):
        cid = smelter.get("smelter_id")
        identifiers = (Identifier("cid", cid),) if cid else ()
        if smelter.get("name"):
            found.append(Subject(smelter["name"], cid, smelter.get("country"), identifiers))
    return found
