"""Decisions in a pack as they stood at its checkpoint: each as the record its entry stands for.

A decision has an entry when it is proposed and one when a second person confirms or declines it. What a pack holds of
it must not change when somebody confirms it later, so that the same pack can be made again.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlmodel import Session, col, select

from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry
from traceability.services import disclose
from traceability.services.access import Actor
from traceability.services.evidence.proofs import Proofs
from traceability.services.evidence.runs import Runs
from traceability.services.period import falls_within
from traceability.services.review import VERDICTS, decision_bytes, proposal_record
from traceability.services.whole import record_bytes
from traceability.storage.tables import Decision

_LATER = ("confirmed_by", "confirmed_at", "confirmed_reason", "confirmed_index")


def decisions_at(session: Session, actor: Actor, runs: Runs, proofs: Proofs) -> list[Decision]:
    """Return the decisions on the subjects of some runs, and the judgements about what these runs show."""
    size = proofs.checkpoint.size
    subjects = {(row.subject_kind, row.subject) for row in runs.newest}
    places = {row.entry_index for row in runs.every}
    query = select(Decision).where(Decision.owner_id == runs.importer.id, col(Decision.entry_index) < size)
    found = []
    for row in session.exec(query.order_by(col(Decision.entry_index))):
        judged = row.subject_kind in VERDICTS and not places.isdisjoint(Entry.parse(proofs.entry(row.entry_index)).ref)
        stood = _as_stood(row, size)
        if (judged or (row.subject_kind, row.subject) in subjects) and _shown(actor, stood):
            found.append(stood)
    return found


def add_decisions(decisions: Iterable[Decision], importer: str, files: dict[str, bytes], proofs: Proofs) -> None:
    """Add the records of decisions with their proofs."""
    for row in decisions:
        about = f"decision {row.disposition} on {row.subject_kind} {row.subject} of {importer}"
        proposed = record_bytes(proposal_record(row.model_dump()))
        if _is_lost(row, proposed, proofs):
            proofs.add_hash(row.entry_index, f"{about}, as proposed")
        else:
            _add(row.entry_index, f"{about}, as proposed", proposed, files, proofs)
        if row.confirmed_index is not None:
            said = "declined" if row.state == "refused" else "confirmed"
            _add(row.confirmed_index, f"{about}, {said} by a second person", decision_bytes(row), files, proofs)


def as_json(decisions: Iterable[Decision], importer: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of ``decisions.jsonl``."""
    for row in decisions:
        yield {**disclose.decision(row), "importer": importer}


def _shown(actor: Actor, row: Decision) -> bool:
    return falls_within(actor, row.proposed_at, row.confirmed_at)


def _as_stood(row: Decision, size: int) -> Decision:
    said = row.model_dump()
    if row.confirmed_index is not None and row.confirmed_index >= size:
        said |= {**dict.fromkeys(_LATER), "state": "waiting", "findings": proposal_record(said)["findings"]}
    return Decision(**said)


def _add(index: int, about: str, body: bytes, files: dict[str, bytes], proofs: Proofs) -> None:
    name = f"decisions/{index}.json"
    files[name] = body
    proofs.add(index, about, body, file=name)


def _is_lost(row: Decision, proposed: bytes, proofs: Proofs) -> bool:
    """Return whether what a judgement named at first is not kept: it was confirmed before schema 0017."""
    rewritten = row.proposed is None and row.needs_second and row.subject_kind in VERDICTS
    return rewritten and digest(proposed) != Entry.parse(proofs.entry(row.entry_index)).body


def standing(decisions: Collection[Decision], kind: str, subject: str) -> list[Decision]:
    """Return the decisions on one subject."""
    return [row for row in decisions if (row.subject_kind, row.subject) == (kind, subject)]
