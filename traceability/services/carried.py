"""Criticals that go with a batch: what was critical where a batch was named is kept under the batch's own key.

Otherwise a record under a new id, or none at all, would take a batch off hold without anybody having decided anything.
"""

from sqlmodel import select

from traceability.custody.facts import identifier
from traceability.storage.store import Transaction
from traceability.storage.tables import AssessmentRow, BatchCritical


def named_batches(row: AssessmentRow) -> set[str]:
    """Return the batches an assessment is about, as facts spell them: those its record named, or the batch itself."""
    if row.subject_kind == "batch":
        return {identifier(row.subject)}
    return set(row.facts.get("shipment", {}).get("batch_ids", []))


def remember(tx: Transaction, row: AssessmentRow) -> None:
    """Keep, for every batch a run names, the codes that were critical in it or in an earlier run of its subject."""
    batches = named_batches(row) if row.criticals else ()
    if not batches:
        return
    known = select(BatchCritical).where(
        BatchCritical.owner_id == row.owner_id,
        BatchCritical.subject_kind == row.subject_kind,
        BatchCritical.subject == row.subject,
    )
    rows = {(found.batch_key, found.code): found for found in tx.session.exec(known)}
    for batch in batches:
        for code, seen in row.criticals.items():
            found = rows.get((batch, code)) or BatchCritical(
                owner_id=row.owner_id, batch_key=batch, code=code, subject_kind=row.subject_kind,
                subject=row.subject, assessment_id=seen,
            )  # fmt: skip
            found.assessment_id = seen
            tx.session.add(found)
