"""Criticals that are still open: once critical, a batch stays on hold until two persons have decided about it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from traceability.custody.facts import identifier
from traceability.services.beside import Beside
from traceability.services.carried import named_batches
from traceability.storage.tables import AssessmentRow, BatchCritical, ShipmentBatch


@dataclass(frozen=True, slots=True)
class _Critical:
    """A code that was critical for a subject, in which run of it last, and for a batch that was named there then."""

    code: str
    kind: str
    subject: str
    seen: int
    batch: str | None = None


def critical_now(row: AssessmentRow) -> set[str]:
    """Return the codes that are critical in a run; one that has become less than critical is none of them."""
    return {item["code"] for item in row.result["findings"] if item["severity"] == "critical"}


def open_criticals(beside: Beside, row: AssessmentRow) -> list[str]:
    """Return codes that were critical for this subject or a batch of it, are not now, and that no two have decided.

    What another record that still names the batch shows as critical today counts there, not here.
    """
    now = critical_now(row)
    gone = [item for item in _ever(beside, row) if item.code not in now]
    if not gone:
        return []
    named = [item for decision in beside.by_two(row.owner_id) for item in decision.findings]
    return sorted({item.code for item in gone if not _resolved(beside.session, named, item)})


def once_critical(beside: Beside, owner_id: str, batches: Collection[str]) -> set[str]:
    """Return those of these batches for which anything was ever critical."""
    spelled = {identifier(batch): batch for batch in batches}
    return {spelled[item.batch_key] for item in beside.criticals(owner_id, spelled)}


def _ever(beside: Beside, row: AssessmentRow) -> Iterator[_Critical]:
    here = (row.subject_kind, row.subject)
    yield from (_Critical(code, *here, seen) for code, seen in row.criticals.items())
    for item in beside.criticals(row.owner_id, named_batches(row)):
        if (item.subject_kind, item.subject) != here and not _counts_there(beside, item):
            yield _Critical(item.code, item.subject_kind, item.subject, item.assessment_id, item.batch_key)


def _counts_there(beside: Beside, item: BatchCritical) -> bool:
    """Tell whether a record that names the batch to this day shows the code as critical in its newest run."""
    if item.subject_kind != "shipment":
        return False
    query = select(ShipmentBatch.batch_key).where(
        ShipmentBatch.importer_id == item.owner_id, ShipmentBatch.shipment_id == item.subject
    )
    if item.batch_key not in map(identifier, beside.session.exec(query)):
        return False
    newest = beside.run(item.owner_id, item.subject_kind, item.subject)
    return newest is not None and item.code in critical_now(newest) and item.batch_key in named_batches(newest)


def _resolved(session: Session, named: Sequence[Mapping[str, Any]], critical: _Critical) -> bool:
    """Tell whether a decision names this critical: as it last stood, with the same evidence, or for its batch since."""
    about = [item for item in named if item["code"] == critical.code]
    there = [item for item in about if (item["kind"], item["subject"]) == (critical.kind, critical.subject)]
    if any(item["assessment_id"] >= critical.seen for item in there):
        return True
    if critical.batch is not None and _decided_for(session, about, critical.batch, critical.seen):
        return True
    return _same_evidence(session, there, critical)


def _decided_for(session: Session, about: Iterable[Mapping[str, Any]], batch: str, seen: int) -> bool:
    """Tell whether one of these was decided on a later run that was about the batch as well."""
    later = {item["assessment_id"] for item in about if item["assessment_id"] >= seen}
    runs = (session.get(AssessmentRow, number) for number in sorted(later))
    return any(run is not None and batch in named_batches(run) for run in runs)


def _same_evidence(session: Session, there: Iterable[Mapping[str, Any]], critical: _Critical) -> bool:
    digests = {item["digest"] for item in there} - {""}
    last = session.get(AssessmentRow, critical.seen) if digests else None
    return last is not None and any(
        finding["code"] == critical.code and finding["digest"] in digests for finding in last.result["findings"]
    )
