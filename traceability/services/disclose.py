"""The custody chain of a batch for those who may see it: events, parties, places, kilograms, verdicts, decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from traceability.custody.closure import downstream, upstream
from traceability.custody.graph import chain_graph
from traceability.diligence.status import worst
from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.services import batches, review, unproven
from traceability.services.access import Actor
from traceability.services.assess import latest, latest_all
from traceability.services.batches import BatchState, QueueRow, batch_state, require_visible
from traceability.services.context import Service
from traceability.services.facts.chain import People, StoredEvents, people
from traceability.services.facts.erased import erased_among
from traceability.services.incidents import linked_to
from traceability.services.mandates import log_read, reader
from traceability.services.period import falls_within
from traceability.services.releases import CountedFinding, Reopened
from traceability.services.shipments import in_period
from traceability.services.states import SubjectState, decisions_on, of_row, reopened_among
from traceability.storage.tables import AssessmentRow, Decision, Party


def chain(service: Service, actor: Actor, batch: str, purpose: str | None = None) -> dict[str, Any]:
    """Return the whole upstream and downstream of a batch with parties, places, kilograms and signature verdicts.

    Findings and decisions are the private layer: of the actor's own importer, or of all for a regulator.

    Raises:
        Forbidden: a regulator or auditor has no mandate in force, or states no purpose.
        NotFound: there is no such batch that the actor may see.

    """
    actor.require("chain", scope="read")
    mandate, as_reader = reader(service, actor, purpose)
    with service.store.read() as session:
        answer, importers = _chain(service, session, as_reader, batch)
    if mandate is not None:
        detail = {"purpose": purpose, "events": len(answer["events"])}
        log_read(service, actor, "chain", batch, mandate, detail, [owner.id for owner in importers])
    return answer


def _chain(service: Service, session: Session, actor: Actor, batch: str) -> tuple[dict[str, Any], list[Party]]:
    """Return the answer, and the importers whose private layer it shows."""
    view = require_visible(session, actor, batch)
    known = people(session)
    lookup = StoredEvents(session, view, known)
    key = normalise(batch)
    up, down = upstream(lookup, [key]), downstream(lookup, [key])
    recorded = list({e.index: e for e in (*up.recorded, *down.recorded)}.values())
    batches = up.batches | down.batches
    graph = chain_graph(recorded, batches, known.world).as_dict()
    unproven.mark(session, known, graph, recorded)
    importers = importers_of(session, actor, key)
    answer = {
        "batch": key,
        "upstream": sorted(up.batches - {key}),
        "downstream": sorted(down.batches - {key}),
        **graph,
        "parties": _parties(known, graph["events"]),
        **_private(service, session, actor, importers, key),
        "incidents": _incidents(session, actor, key),
        "erased": erased_among(session, [one.index for one in recorded]),
    }
    return answer, importers


def _parties(known: People, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    named = {did for event in events for did in (*event["parties"], *event["signers"])}
    rows = []
    for did in sorted(named):
        party = known.by_did.get(normalise(did))
        rows.append({"did": did, "registered": party is not None})
        if party is not None:
            rows[-1] |= {"name": party.name, "country": party.country, "roles": party.roles}
            rows[-1] |= {"also": known.also(party)}
    return rows


def importers_of(session: Session, actor: Actor, batch: str) -> list[Party]:
    """Return whose states, findings and decisions the reader sees: its own importer's, for a regulator everybody's."""
    if not actor.may("private"):
        return []
    owners = {actor.party_id} if actor.role != "regulator" else {row.owner_id for row in _about(session, batch)}
    return list(session.exec(select(Party).where(col(Party.id).in_(owners)).order_by(col(Party.name), col(Party.did))))


def _about(session: Session, batch: str) -> list[AssessmentRow]:
    return [row for row in latest_all(session) if batch in row.batches]


def _private(
    service: Service, session: Session, actor: Actor, importers: Sequence[Party], batch: str
) -> dict[str, Any]:
    """Return the private layer: ``state`` is the worst of the importers', and everything else says whose it is."""
    layer: dict[str, Any] = {"findings": [], "notes": [], "decisions": [], "assessments": []}
    states: dict[str, str] = {}
    for importer in importers:
        found = batch_state(service, session, importer.id, batch)
        states[importer.did] = found.state
        for name, items in _layer(session, actor, importer.id, found).items():
            layer[name] += [{**item, "importer": named(importer)} for item in items]
    shown = [{**named(importer), "state": states[importer.did]} for importer in importers]
    return {"state": worst(*states.values()) if states else None, "states": states, "importers": shown, **layer}


def _layer(session: Session, actor: Actor, owner_id: str, found: BatchState) -> dict[str, list[Mapping[str, Any]]]:
    return {
        "findings": [finding(item) for sub in found.subjects for item in sub.findings],
        "notes": [note for sub in found.subjects for note in sub.notes],
        "decisions": _decisions(session, actor, owner_id, found),
        "assessments": [assessed(sub) for sub in found.subjects],
    }


def _decisions(session: Session, actor: Actor, owner_id: str, state: BatchState) -> list[Mapping[str, Any]]:
    ended = {sub.reopened.decision.id: sub.reopened for sub in state.subjects if sub.reopened}
    rows = [row for sub in state.subjects for row in decisions_on(session, owner_id, sub.kind, sub.subject)]
    shown = [row for row in rows if falls_within(actor, row.proposed_at, row.confirmed_at)]
    return [decision(row, ended.get(row.id)) for row in shown]


def named(importer: Party) -> dict[str, str]:
    """Return whose something is, as JSON."""
    return {"did": importer.did, "name": importer.name}


def _incidents(session: Session, actor: Actor, batch: str) -> list[dict[str, Any]]:
    if not actor.may("incidents") and actor.role != "regulator":
        return []
    return [
        {"id": seen.row.id, "at": seen.row.at.isoformat(), "reason": seen.row.reason,
         "linked_by": seen.link and seen.link.linked_by}
        for seen in linked_to(session, actor, batch)
    ]  # fmt: skip


def assessed(state: SubjectState) -> dict[str, Any]:
    """Return a subject's state as JSON: status, state, coverage, notes, and why it waits."""
    row = state.assessment
    return {
        "kind": state.kind,
        "subject": state.subject,
        "status": state.status,
        "state": state.state,
        "pending": list(state.pending),
        "floors": list(state.floors),
        "coverage": list(state.coverage),
        "notes": list(state.notes),
        "findings": [finding(item) for item in state.findings],
        "as_of": row and row.as_of.isoformat(),
        "at": row and row.at.isoformat(),
        "inputs_hash": row and row.inputs_hash,
        "rule_pack_version": row and row.result["rule_pack_version"],
        "list_versions": row and row.result["list_versions"],
        "not_assessed": row and row.result["not_assessed"],
        "entry_index": row and row.entry_index,
        "decision": state.decision and decision(state.decision),
        "reopened": state.reopened and decision(state.reopened.decision, state.reopened),
        "waiting": [decision(item) for item in state.waiting],
    }


def finding(item: CountedFinding) -> dict[str, Any]:
    """Return a finding as JSON, with its id and whether a decision in force covers it."""
    return {"id": item.id, **item.body, "covered": item.covered}


def decision(row: Decision, ended: Reopened | None = None) -> dict[str, Any]:
    """Return a decision as JSON; ``ended`` where it is a release that no longer holds."""
    return {
        "id": row.id,
        "about": {"kind": row.subject_kind, "subject": row.subject},
        "disposition": row.disposition,
        "state": row.state,
        "reason": row.reason,
        "reason_code": row.reason_code,
        "findings": row.findings,
        "evidence": row.evidence,
        "steps": row.steps,
        "review_on": row.review_on and row.review_on.isoformat(),
        "inputs_hash": row.inputs_hash,
        "needs_second": row.needs_second,
        "proposed_by": row.proposed_by,
        "proposed_at": row.proposed_at.isoformat(),
        "confirmed_by": row.confirmed_by,
        "confirmed_at": row.confirmed_at and row.confirmed_at.isoformat(),
        "confirmed_reason": row.confirmed_reason,
        "entry_index": row.entry_index,
        "confirmed_index": row.confirmed_index,
        "reopened": ended and {"on": ended.on.isoformat(), "codes": list(ended.codes), "said": ended.said},
    }


@dataclass(frozen=True, slots=True)
class ImporterState:
    """One importer, and the state of a batch for it."""

    importer: Party
    state: BatchState


def behind(service: Service, answer: Mapping[str, Any]) -> list[ImporterState]:
    """Return the states that an answer of ``chain`` shows, for pages that say more of them; nobody else's."""
    dids = [shown["did"] for shown in answer["importers"]]
    query = select(Party).where(col(Party.did).in_(dids)).order_by(col(Party.name), col(Party.did))
    with service.store.read() as session:
        return [
            ImporterState(party, batch_state(service, session, party.id, answer["batch"]))
            for party in session.exec(query).all()
        ]


def decisions(service: Service, actor: Actor, *, state: str | None = None) -> list[dict[str, Any]]:
    """Return the decisions of the actor's own importer as JSON, newest first, with the releases that were reopened."""
    rows = review.decisions(service, actor, state=state)
    with service.store.read() as session:
        ended = reopened_among(service, session, rows)
    return [decision(row, ended.get(row.id)) for row in rows]


def state_of_batch(service: Service, actor: Actor, batch: str, purpose: str | None = None) -> BatchState:
    """Return the state of a batch for the actor's importer, with every subject it follows from.

    Raises:
        Forbidden: an auditor has no mandate in force, or states no purpose; a regulator asks for the chain instead.
        NotFound: there is no such batch that the actor may see.

    """
    actor.require("private", scope="read")
    mandate, as_reader = reader(service, actor, purpose)
    with service.store.read() as session:
        owner_id = as_reader.own_party()
        require_visible(session, as_reader, batch)
        found = batch_state(service, session, owner_id, batch)
    if mandate is not None:
        log_read(service, actor, "state of batch", batch, mandate, {"purpose": purpose})
    return found


def queue(
    service: Service, actor: Actor, purpose: str | None = None, *, state: str | None = None, code: str | None = None
) -> list[QueueRow]:
    """Return the queue of the actor's importer, worst first; an auditor reads it under its mandate.

    Raises:
        Forbidden: an auditor has no mandate in force, or states no purpose; a regulator has no queue.

    """
    actor.require("private", scope="read")
    mandate, as_reader = reader(service, actor, purpose)
    rows = batches.queue(service, as_reader, state=state, code=code)
    if mandate is not None:
        log_read(service, actor, "queue", "queue", mandate, {"purpose": purpose, "rows": len(rows)})
    return rows


def subject_state(service: Service, actor: Actor, kind: str, subject: str, purpose: str | None = None) -> SubjectState:
    """Return the state of a shipment record or batch for the actor's importer.

    Raises:
        NotFound: the actor's importer has nothing of the kind.

    """
    actor.require("private", scope="read")
    mandate, as_reader = reader(service, actor, purpose)
    with service.store.read() as session:
        owner_id = as_reader.own_party()
        key = normalise(subject) if kind == "batch" else subject
        row = latest(session, owner_id, kind, key)
        state = of_row(service, session, owner_id, kind, key, row)
        shown = kind == "batch" or (row is not None and in_period(session, as_reader, key))
    if not shown:
        raise NotFound(f"there is no {kind} {subject[:200]} of yours")
    if mandate is not None:
        log_read(service, actor, f"state of {kind}", subject, mandate, {"purpose": purpose})
    return state


__all__ = ["assessed", "chain", "decision", "finding", "subject_state"]
