"""One consignment with its chain and its papers, as the actor may see them, for reports about a single shipment."""

from datetime import date

from sqlmodel import Session

from traceability.custody.graph import chain_graph
from traceability.diligence.definitions.dates import in_force
from traceability.diligence.reports.tracing import Consignment
from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.lists.codes import named
from traceability.services.access import Actor
from traceability.services.assess import latest as newest_run
from traceability.services.facts.chain import People, chain, chain_view, people
from traceability.services.facts.importer import released, shipment_facts
from traceability.services.reports.chain_papers import papers_of
from traceability.services.reports.chain_steps import actors_of, steps_of
from traceability.services.reports.registry import Query
from traceability.services.shipments import in_period, latest
from traceability.storage import tables as t

_RAISED = ("UFLPA-", "US307-", "DOL-", "ENTITY-", "FLR-", "DOC-FORCED-LABOUR")


def consignment(session: Session, actor: Actor, query: Query) -> tuple[t.Party, Consignment, list[t.Document]]:
    """Return the party, one shipment record of it with its chain, and the documents behind its papers, in their order.

    Raises:
        NotFound: the actor's party has no such record, or the mandate does not open it.

    """
    party = session.get(t.Party, actor.own_party())
    if party is None:
        raise NotFound("your party is not registered here")
    asked = query.shipment or ""
    row = latest(session, party.id, asked) if in_period(session, actor, asked) else None
    if row is None or row.erased_index is not None:
        raise NotFound(f"there is no shipment record {asked[:200]} of yours")
    known = people(session)
    batches = [normalise(batch) for batch in row.record.get("batch_ids", [])]
    closure = chain(session, chain_view(session, party.id, batches), known, batches)
    events = chain_graph(closure.recorded, closure.batches, known.world).as_dict()["events"]
    steps = [one for one in events if one["effective"] and not one["declares_error"]]
    listed, files = papers_of(session, actor, row, closure, steps)
    run = newest_run(session, party.id, "shipment", row.shipment_id)
    found = Consignment(
        row.shipment_id, shipment_facts(row.record), released(row), steps_of(session, known, closure, steps),
        actors_of(known, steps), listed, _findings(run), run.pending if run else ["no rule has run on it yet"],
        _lists(run), len(events) - len(steps), _eori(known, party), _is_named(run, row, query.as_of),
    )  # fmt: skip
    return party, found, files


def _findings(run: t.AssessmentRow | None) -> list[tuple[str, str, str, str]]:
    found = run.result["findings"] if run else []
    return [
        (one["code"], one["title"], one["law_ref"], one["message"])
        for one in found
        if one["code"].startswith(_RAISED) and not one.get("advisory")
    ]


def _eori(known: People, party: t.Party) -> str | None:
    return next((claim.value for claim in known.claims.get(party.id, []) if claim.kind == "eori"), None)


def _is_named(run: t.AssessmentRow | None, row: t.Shipment, as_of: date) -> bool | None:
    """Tell whether a delegated act on forced labour names the goods; None where the facts hold no list of them."""
    products = (run.facts.get("lists", {}) if run else {}).get("flr_delegated_products")
    if products is None:
        return None
    code = str(row.record.get("cn_code", ""))
    return any(code.startswith(one["cn_prefix"]) and in_force(one, as_of) for one in products["entries"])


def _lists(run: t.AssessmentRow | None) -> dict[str, str]:
    return {named(item["list_id"]): item["version"] or "none loaded" for item in run.coverage} if run else {}
