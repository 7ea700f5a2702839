"""Requests for information and contests in a pack, as they stood at its checkpoint: in its report, with entries."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.evidence.runs import Runs, Scope
from traceability.services.period import falls_within
from traceability.services.request_forms import for_report
from traceability.services.requests import KIND
from traceability.storage.tables import CaseVersion


def requests_at(session: Session, actor: Actor, runs: Runs, scope: Scope, kind: str = KIND) -> list[CaseVersion]:
    """Return the newest version by the checkpoint of each request that the importer of some runs asked about them.

    It is one that a run was told of, or that names the batch, what it was made of, or a shipment record of the runs;
    of another ``kind``, contests, also one of a party of the runs.
    """
    query = select(CaseVersion).where(CaseVersion.owner_id == runs.importer.id, CaseVersion.kind == kind)
    found: dict[str, list[CaseVersion]] = {}
    for row in session.exec(
        query.where(col(CaseVersion.entry_index) < scope.size).order_by(col(CaseVersion.entry_index))
    ):
        found.setdefault(row.case_id, []).append(row)
    told = {one["request_id"] for row in runs.every for one in row.facts.get("supplier_information_requests", ())}
    batches = {normalise(one) for one in (scope.batch, *scope.upstream)}
    named = {("batch", one) for one in batches} | {(row.subject_kind, row.subject) for row in runs.newest}
    named |= set() if kind == KIND else set(_parties(runs))
    return [
        rows[-1]
        for case_id, rows in found.items()
        if (case_id in told or not named.isdisjoint(_about(rows[-1].record)))
        and falls_within(actor, *(row.written_at for row in rows))
    ]


def _parties(runs: Runs) -> Iterable[tuple[str, str]]:
    for row in runs.every:
        for one in (*row.facts.get("upstream_parties", ()), *row.facts.get("entity_hits", ())):
            if "party_id" in one:
                yield "party", normalise(one["party_id"])


def _about(record: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return [(one["kind"], one["id"]) for one in record.get("about", ())]


def as_json(rows: Iterable[CaseVersion]) -> list[dict[str, Any]]:
    """Return the requests as the data of a report has them: every step of the thread, and no name of a person."""
    return [
        {"id": row.case_id, "version": row.version, "entry": row.entry_index, "record": for_report(row.record)}
        for row in rows
    ]
