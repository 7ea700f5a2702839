"""Papers against the signed chain, as notes of an assessment: the catalogue of findings has no code for these.

A note is judged as a signal is: dismissed with a reason it stands, with that verdict, and asks nobody to look again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from traceability.custody.facts import ChainFacts
from traceability.events.identifiers import normalise
from traceability.services.contradictions import Chain, Contradiction, Paper, contradictions
from traceability.services.contradictions.model import Event, Signed, SignedSmelter, signed
from traceability.services.facts.chain import People
from traceability.services.facts.papers import Papers
from traceability.storage.tables import Document

_GOODS: Final = frozenset({"shipment", "batch"})
_MOST_FACTS: Final = 10


def contradicted(papers: Papers, chain: Chain, dispositions: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a note for each thing that a paper about these goods says against the signed chain.

    A paper attached to a party alone speaks of its trade, and one that was not read to the end is pending anyhow.
    """
    return [
        _note(row, found, dispositions)
        for row in papers.rows
        if papers.about.get(row.id, frozenset()) & _GOODS and papers.complete(row)
        for found in contradictions(_paper(row, papers), chain)
    ]


def chain_of(custody: ChainFacts, record: Mapping[str, Any], known: People) -> Chain:
    """Return the signed side: what counts of the chain, and the shipment record ({} without one)."""
    wrong = {event["event_id"] for event in custody.events if event.get("error_declaration")}
    events = [event for event in custody.events if event["event_id"] not in wrong]
    smelters = [*_of_record(record), *_of_chain(events, known)]
    return Chain(events, record, custody.minerals, smelters)


def _of_record(record: Mapping[str, Any]) -> Iterator[SignedSmelter]:
    for one in record.get("smelters", ()):
        name, cid = one.get("name"), one.get("smelter_id")
        yield SignedSmelter(name, cid, Signed("shipment record", ", ".join(filter(None, (name, cid)))))


def _of_chain(events: Sequence[Event], known: People) -> Iterator[SignedSmelter]:
    """Yield who smelts or refines in the chain: the party whose registered site the event stands at."""
    for event in events:
        sites = known.world.sites.get(normalise(event.get("site_id", "")), ())
        party = known.by_did.get(sites[0].party) if event["type"] in ("smelting", "refining") and sites else None
        if party is not None:
            yield SignedSmelter(party.name, None, signed(event, party.name))


def _paper(row: Document, papers: Papers) -> Paper:
    report = papers.reports[row.id]
    kind = papers.types.get(row.sha256) or report.facts_type
    return Paper(kind, report.facts, report.findings, row.uploaded_at.date(), row.entry_index)


def _note(row: Document, found: Contradiction, dispositions: Mapping[str, str]) -> dict[str, Any]:
    read = found.read
    key = f"{row.sha256}|{found.kind}|{read.start}-{read.end}"
    verdict = dispositions.get(key)
    note = {
        "kind": found.kind, "message": found.message(row.filename), "why": found.why, "document": row.sha256,
        "signal": key, "read": asdict(read),
        "signed": [asdict(fact) for fact in found.signed[:_MOST_FACTS]],
        "review": found.review and verdict != "rejected",
    }  # fmt: skip
    return note | ({"disposition": verdict} if verdict else {})
