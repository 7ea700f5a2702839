"""Criticals that go with a batch: what was critical where a batch was named is kept under the batch's own key.

Otherwise a record under a new id, or none at all, would take a batch off hold without anybody having decided anything.
"""

from collections.abc import Iterable
from typing import Any

from sqlmodel import col, select

from traceability.custody.facts import identifier
from traceability.storage.store import Transaction
from traceability.storage.tables import BatchCritical


def named_batches(run: Any) -> set[str]:
    """Return the batches a run is about, as facts spell them: those its record named, or the batch itself."""
    if run.subject_kind == "batch":
        return {identifier(run.subject)}
    return set(run.facts.get("shipment", {}).get("batch_ids", []))


def remember(tx: Transaction, runs: Iterable[Any]) -> None:
    """Keep, for every batch that runs name, the codes that were critical in them or in earlier runs of the subject."""
    named = [(run, batch) for run in runs if run.criticals for batch in named_batches(run)]
    known = select(BatchCritical).where(
        col(BatchCritical.owner_id).in_({run.owner_id for run, _ in named}),
        col(BatchCritical.subject).in_({run.subject for run, _ in named}),
    )
    rows = {_key(one, one.batch_key, one.code): one for one in tx.session.exec(known)} if named else {}
    for run, batch in named:
        for code, seen in run.criticals.items():
            found = rows.get(_key(run, batch, code)) or BatchCritical(
                owner_id=run.owner_id, batch_key=batch, code=code, subject_kind=run.subject_kind,
                subject=run.subject, assessment_id=seen,
            )  # fmt: skip
            found.assessment_id = seen
            tx.session.add(found)


def _key(one: Any, batch: str, code: str) -> tuple[str, ...]:
    return one.owner_id, one.subject_kind, one.subject, batch, code
