"""The private layer of a pack: shipment records, documents, assessments, findings and decisions of named importers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlmodel import Session, col, select

from traceability.custody.facts import identifier
from traceability.services.access import Actor
from traceability.services.carried import named_batches
from traceability.services.context import Service
from traceability.services.evidence.decided import add_decisions, as_json, decisions_at
from traceability.services.evidence.listed import list_lines
from traceability.services.evidence.papers import Paper, add_papers
from traceability.services.evidence.proofs import Proofs
from traceability.services.evidence.requested import requests_at
from traceability.services.evidence.rules import add_rules
from traceability.services.evidence.runs import Runs, Scope, importers_at, runs_of
from traceability.services.evidence.standing import states_at
from traceability.services.printable import printable
from traceability.services.signed import ENVELOPED
from traceability.services.states import SubjectState
from traceability.services.whole import assessment_under, record_bytes
from traceability.storage.tables import AssessmentRow, CaseVersion, Decision, Party, Shipment


@dataclass(frozen=True, slots=True)
class Records:
    """What a pack shows of one importer, as of the checkpoint."""

    importer: Party
    states: Sequence[SubjectState]
    decisions: Sequence[Decision]
    papers: Sequence[Paper]
    requests: Sequence[CaseVersion] = ()
    """The newest version by then of each request for information about what the pack shows."""
    contests: Sequence[CaseVersion] = ()
    """The newest version by then of what parties contest of it."""

    def about(self, batch: str) -> list[SubjectState]:
        """Return the shipment records that name the batch, or the batch by itself."""
        return [one for one in self.states if one.assessment and identifier(batch) in named_batches(one.assessment)]

    def above(self, batch: str) -> list[SubjectState]:
        """Return the records about what the batch was made of."""
        about = self.about(batch)
        return [
            one for one in self.states if one.assessment and batch not in one.assessment.batches and one not in about
        ]

    def facts(self, state: SubjectState) -> Mapping[str, Any]:
        """Return what a run was told."""
        return state.assessment.facts if state.assessment else {}

    @property
    def system(self) -> Mapping[str, Any]:
        """Return what the importer states about its management system, in the newest run that knew it."""
        told = (self.facts(state).get("importer", {}).get("management_system") for state in reversed(self.states))
        return next((one for one in told if one), {})


@dataclass(slots=True)
class Layer:
    """The private layer of all importers that the reader may see."""

    records: list[Records] = field(default_factory=list)
    lists: list[dict[str, Any]] = field(default_factory=list)


def add_private(
    service: Service, session: Session, actor: Actor, scope: Scope, files: dict[str, bytes], proofs: Proofs
) -> Layer:
    """Add what the reader may see of each importer's records as of the checkpoint."""
    layer, lines = Layer(), _Lines()
    runs_by = (runs_of(session, actor, one, scope) for one in importers_at(session, actor, scope))
    every: list[AssessmentRow] = []
    for runs in runs_by:
        if not any(scope.batch in row.batches for row in runs.newest) and actor.role == "regulator":
            continue  # it assessed what the batch was made of, and not the batch
        if not runs.newest:
            continue
        decisions = decisions_at(session, actor, runs, proofs)
        shipments = _shipments(session, runs, scope.size)
        papers = add_papers(service, session, actor, runs, scope, shipments, files, proofs)
        _add(runs, decisions, shipments, files, proofs)
        lines.found += _findings(runs)
        lines.decided += as_json(decisions, runs.importer.did)
        lines.papers += [paper.line for paper in papers]
        states = states_at(session, runs, decisions, proofs.checkpoint)
        asked, against = (requests_at(session, actor, runs, scope, kind) for kind in ("request", "contest"))
        layer.records.append(Records(runs.importer, states, decisions, papers, asked, against))
        every += runs.every
    if layer.records:
        layer.lists = list_lines(service, session, every, files, proofs)
        papers_read = [paper for one in layer.records for paper in one.papers]
        add_rules(session, every, papers_read, files, proofs)
        files |= {
            "findings.jsonl": jsonl(lines.found), "decisions.jsonl": jsonl(lines.decided),
            "documents.jsonl": jsonl(lines.papers), "lists.jsonl": jsonl(layer.lists),
        }  # fmt: skip
    return layer


@dataclass(slots=True)
class _Lines:
    found: list[dict[str, Any]] = field(default_factory=list)
    decided: list[dict[str, Any]] = field(default_factory=list)
    papers: list[dict[str, Any]] = field(default_factory=list)


def _add(
    runs: Runs, decisions: Iterable[Decision], shipments: Iterable[Shipment], files: dict[str, bytes], proofs: Proofs
) -> None:
    did = runs.importer.did
    for row in runs.every:
        about = f"assessment of {row.subject_kind} {row.subject} for {did}"
        if row.erased_index is not None:
            proofs.add_hash(row.entry_index, about)
            continue
        name = assessment_file(row)
        files[name] = assessment_under(row, proofs.body_at(row.entry_index))
        files[f"facts/{row.entry_index}.json"] = record_bytes(row.facts)
        proofs.add(row.entry_index, about, files[name], file=name)
    for record in shipments:
        about = f"shipment record {record.shipment_id}, version {record.version}, of {did}"
        if record.erased_index is not None:
            proofs.add_hash(record.entry_index, about, jws=record.jws, key_id=record.key_id)
            continue
        name = f"shipments/{record.entry_index}.{'jwt' if record.media_type == ENVELOPED else 'json'}"
        files[name] = bytes(record.body)
        proofs.add(record.entry_index, about, bytes(record.body), file=name, jws=record.jws, key_id=record.key_id)
    add_decisions(decisions, did, files, proofs)


def assessment_file(row: AssessmentRow) -> str:
    """Return under what name a run lies in a pack: the index of its entry."""
    return f"assessments/{row.entry_index}.json"


def _findings(runs: Runs) -> Iterator[dict[str, Any]]:
    """Yield the findings of every run in the order of the log; one that a later run of its subject replaced says so."""
    held = [row for row in runs.every if row.erased_index is None]
    newest = {(row.subject_kind, row.subject): row.entry_index for row in held}
    for row in held:
        last = newest[row.subject_kind, row.subject]
        about = {
            "importer": runs.importer.did, "kind": row.subject_kind, "subject": row.subject,
            "file": assessment_file(row), "superseded_by": None if last == row.entry_index else last,
        }  # fmt: skip
        yield from ({**finding, **about} for finding in row.result["findings"])


def _shipments(session: Session, runs: Runs, size: int) -> list[Shipment]:
    """Return every version of the records that were assessed with the batch."""
    named = {row.subject for row in runs.newest if row.subject_kind == "shipment"}
    query = select(Shipment).where(Shipment.importer_id == runs.importer.id, col(Shipment.shipment_id).in_(named))
    return list(session.exec(query.where(col(Shipment.entry_index) < size).order_by(col(Shipment.entry_index))))


def jsonl(rows: Iterable[Any]) -> bytes:
    """Return rows as JSON Lines."""
    return b"".join(orjson.dumps(row, default=printable, option=orjson.OPT_SORT_KEYS) + b"\n" for row in rows)
