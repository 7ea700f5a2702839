"""Origins and denials on papers of a batch without a shipment record, for which no rule of the packs is run.

With a record ORIGIN-MISMATCH and DOC-CLAIM-CONTRADICTED say it, by the same fields and passages.
"""

from collections.abc import Iterator

from traceability.documents.report import DeclaredOrigin, Finding, Read
from traceability.services.contradictions.model import Chain, Contradiction, Event, Paper, signed
from traceability.texts import phrase


def origins(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction where the labelled origins of these goods are all others than the chain's."""
    born = [event for event in chain.by_type.get("extraction", ()) if "country" in event]
    stated = [one for one in paper.declared.origins if _of_chain(one, chain)]
    if not born or not stated or {one.country for one in stated} & {event["country"] for event in born}:
        return
    read = stated[0].read
    if read is not None:
        facts = tuple(signed(event, _place(event)) for event in born)
        why = phrase(f"nothing in the chain was mined in {stated[0].country}")
        yield Contradiction("origin_contradicted", read, facts, why, read.confidence == "high")


def _of_chain(one: DeclaredOrigin, chain: Chain) -> bool:
    return one.lot is None or bool(chain.lots.find(one.lot))


def denials(paper: Paper, chain: Chain) -> Iterator[Contradiction]:
    """Yield a contradiction for each denial of a source, about the supplier's own goods, that the chain shows."""
    for one in paper.findings:
        if one.topic != "sourcing" or one.assertion != "negated" or one.actor == "third_party" or not one.country:
            continue
        facts = tuple(
            signed(event, _place(event)) for event in chain.by_type.get("extraction", ()) if _lies_in(event, one)
        )
        if facts:
            read = Read("sourcing", "denial", one.quote, one.page, one.start, one.end)
            place = one.region or one.country
            why = phrase(f"it denies {place} as a source")
            yield Contradiction("denial_contradicted", read, facts, why, review=True)


def _lies_in(event: Event, one: Finding) -> bool:
    return event.get("country") == one.country and one.region in (None, event.get("subdivision"))


def _place(event: Event) -> str:
    return str(event.get("subdivision") or event["country"])
