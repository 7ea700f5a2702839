"""One consignment with its chain and its papers, as the actor may see them, for reports about a single shipment."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session, col, select

from traceability.custody.closure import Closure
from traceability.custody.graph import chain_graph
from traceability.custody.parties import owners
from traceability.diligence.definitions.dates import in_force
from traceability.diligence.reports import tracing
from traceability.diligence.reports.tracing import Amounts, Consignment, Paper, Spot, Step
from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.events.model import CustodyEvent
from traceability.lists.codes import named
from traceability.services.access import Actor
from traceability.services.assess import latest as newest_run
from traceability.services.facts.chain import People, chain, chain_view, people
from traceability.services.facts.importer import released, shipment_facts
from traceability.services.facts.papers import papers
from traceability.services.file_names import file_name
from traceability.services.period import falls_within
from traceability.services.reports.registry import Query
from traceability.services.shipments import in_period, latest
from traceability.storage import tables as t

MOST_BYTES: Final = 100_000_000
"""Bytes of papers in one package; what goes beyond is listed without its file."""
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
    listed, files = _papers(session, actor, row, closure, steps)
    run = newest_run(session, party.id, "shipment", row.shipment_id)
    found = Consignment(
        row.shipment_id, shipment_facts(row.record), released(row), _steps(session, known, closure, steps),
        _actors(known, steps), listed, _findings(run), run.pending if run else ["no rule has run on it yet"],
        _lists(run), len(events) - len(steps), _eori(known, party), _is_named(run, row, query.as_of),
    )  # fmt: skip
    return party, found, files


def _steps(session: Session, known: People, closure: Closure, events: Sequence[Mapping[str, Any]]) -> list[Step]:
    names = _site_names(session, events)
    stated = {one.event_id: one.event for one in closure.recorded}
    return [_step(known, names, event, stated[event["event_id"]]) for event in events]


def _step(known: People, names: Mapping[str, str | None], event: Mapping[str, Any], stated: CustodyEvent) -> Step:
    site, (seller, buyer) = event["site"], owners(stated, known.world)
    spot = Spot(
        site, names.get(normalise(site)) if site else None, event["country"], event["subdivision"], event["latitude"],
        event["longitude"],
    )  # fmt: skip
    return Step(
        event["index"], stated.event_time, event["type"], spot, _name(known, event["source_party"] or seller),
        _name(known, event["destination_party"] or buyer), tuple(_name(known, one) or one for one in event["signers"]),
        event["signature_status"], _amounts(event["inputs"]), _amounts(event["outputs"]), _amounts(event["observed"]),
        tuple((_kind(one.type), one.id) for one in stated.transactions),
    )  # fmt: skip


def _kind(stated: str | None) -> str:
    """Return the last word of a transaction's type, however it is spelled: inv, bol, customsDeclaration."""
    return re.split("[:/#]", stated or "unnamed")[-1].removeprefix("BTT-")


def _site_names(session: Session, events: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    keys = sorted({normalise(event["site"]) for event in events if event["site"]})
    rows = session.exec(select(t.Site.key, t.Site.name).where(col(t.Site.key).in_(keys)).order_by(col(t.Site.id)))
    return dict(rows.all())


def _name(known: People, did: str | None) -> str | None:
    party = known.by_did.get(normalise(did)) if did else None
    return party.name if party else did


def _amounts(listed: Iterable[Mapping[str, Any]]) -> Amounts:
    return tuple((one["batch"], None if one["kg"] is None else Decimal(one["kg"])) for one in listed)


def _actors(known: People, events: Iterable[Mapping[str, Any]]) -> list[tracing.Actor]:
    named_ = sorted({did for event in events for did in (*event["parties"], *event["signers"])})
    rows = [(did, known.by_did.get(normalise(did))) for did in named_]
    return [
        tracing.Actor(did, row.name, row.country, row.address, tuple(row.roles))
        if row
        else tracing.Actor(did, None, None, None, ())
        for did, row in rows
    ]


def _papers(
    session: Session, actor: Actor, row: t.Shipment, closure: Closure, events: Iterable[Mapping[str, Any]]
) -> tuple[list[Paper], list[t.Document]]:
    targets = {("shipment", row.shipment_id), *(("batch", batch) for batch in closure.batches)}
    targets |= {("party", normalise(did)) for event in events for did in event["parties"]}
    found = papers(session, row.importer_id, targets)
    files = [one for one in found.rows if one.erased_index is None and falls_within(actor, one.uploaded_at)]
    files.sort(key=lambda one: (one.entry_index, one.id))
    unread = {one.id for one in found.unread}
    left, listed = MOST_BYTES, []
    for number, one in enumerate(files, start=1):
        report = None if one.id in unread else found.reports.get(one.id)
        kind = found.types.get(one.sha256) or (report.facts_type if report else "other")
        left -= one.size
        path = f"papers/{number:03d}-{kind}.{file_name(one.filename).rpartition('.')[2]}" if left >= 0 else None
        issued, language = (report.facts.issued_on, report.language) if report else (None, None)
        listed.append(Paper(one.sha256, kind, one.filename, issued, language, path, report is None))
    return listed, files


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
