"""The private layer of a pack: shipment records, documents, assessments, findings and decisions of named importers."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlmodel import Session, col, select

from traceability.services import disclose
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.evidence.proofs import Proofs
from traceability.services.signed import ENVELOPED
from traceability.services.whole import assessment_under
from traceability.storage.tables import (
    AssessmentRow,
    Checkpoint,
    Decision,
    Document,
    DocumentLink,
    ListVersionRow,
    Party,
    Shipment,
)


def add_private(
    service: Service, session: Session, actor: Actor, batch: str, files: dict[str, bytes], proofs: Proofs
) -> Sequence[Party]:
    """Add what the reader may see of each importer's records as of the checkpoint; return the importers."""
    size = proofs.checkpoint.size
    runs = {one.id: _assessments(session, one.id, batch, size) for one in disclose.importers_of(session, actor, batch)}
    importers = [one for one in disclose.importers_of(session, actor, batch) if runs[one.id]]
    decided: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for importer in importers:
        assessments = runs[importer.id]
        shipments = _shipments(session, importer.id, assessments, size)
        for row in assessments:
            found += _add_assessment(row, importer, files, proofs)
        for record in shipments:
            _add_shipment(record, importer, files, proofs)
        for document in _documents(session, importer.id, batch, shipments, proofs.checkpoint):
            _add_document(service, document, importer, files, proofs)
        decided += _decisions(session, importer, assessments, size)
    if importers:
        files["findings.jsonl"], files["decisions.jsonl"] = _jsonl(found), _jsonl(decided)
        files["lists.json"] = orjson.dumps(_lists(session, size), default=str, option=orjson.OPT_INDENT_2)
    return importers


def _assessments(session: Session, owner_id: str, batch: str, size: int) -> list[AssessmentRow]:
    """Return the newest run of each subject whose chain has the batch."""
    query = select(AssessmentRow).where(AssessmentRow.owner_id == owner_id, col(AssessmentRow.entry_index) < size)
    newest = {(row.subject_kind, row.subject): row for row in session.exec(query.order_by(col(AssessmentRow.id)))}
    return [row for row in newest.values() if batch in row.batches]


def _add_assessment(
    row: AssessmentRow, importer: Party, files: dict[str, bytes], proofs: Proofs
) -> list[dict[str, Any]]:
    if row.erased_index is not None:
        said = f"assessment of {row.subject_kind} {row.subject}"
        proofs.add(row.entry_index, said, proofs.body_at(row.entry_index), file=None)
        return []
    body = assessment_under(row, proofs.body_at(row.entry_index))
    name = f"assessments/{row.id}.json"
    files[name] = body
    proofs.add(row.entry_index, f"assessment of {row.subject_kind} {row.subject}", body, file=name)
    about = {"importer": importer.did, "kind": row.subject_kind, "subject": row.subject}
    return [{**about, **finding} for finding in row.result["findings"]]


def _shipments(session: Session, owner_id: str, assessments: Sequence[AssessmentRow], size: int) -> list[Shipment]:
    """Return every version of the records that were assessed with the batch."""
    named = {row.subject for row in assessments if row.subject_kind == "shipment"}
    query = select(Shipment).where(Shipment.importer_id == owner_id, col(Shipment.shipment_id).in_(named))
    return list(session.exec(query.where(col(Shipment.entry_index) < size).order_by(col(Shipment.entry_index))))


def _add_shipment(row: Shipment, importer: Party, files: dict[str, bytes], proofs: Proofs) -> None:
    about = f"shipment record {row.shipment_id}, version {row.version}, of {importer.did}"
    if row.erased_index is not None:
        proofs.add(row.entry_index, about, proofs.body_at(row.entry_index), file=None, jws=row.jws, key_id=row.key_id)
        return
    name = f"shipments/{row.entry_index}.{'jwt' if row.media_type == ENVELOPED else 'json'}"
    files[name] = bytes(row.body)
    proofs.add(row.entry_index, about, bytes(row.body), file=name, jws=row.jws, key_id=row.key_id)


def _documents(
    session: Session, owner_id: str, batch: str, shipments: Sequence[Shipment], checkpoint: Checkpoint
) -> list[Document]:
    targets = {("batch", batch), *(("shipment", one.shipment_id) for one in shipments)}
    query = (
        select(Document, DocumentLink)
        .join(DocumentLink, col(DocumentLink.document_id) == col(Document.id))
        .where(Document.owner_id == owner_id, col(Document.entry_index) < checkpoint.size)
        .where(col(DocumentLink.target).in_({target for _, target in targets}))
        .where(col(DocumentLink.linked_at) <= checkpoint.at)
    )
    found = {row.id: row for row, link in session.exec(query) if (link.kind, link.target) in targets}
    return sorted(found.values(), key=lambda row: row.entry_index)


def _add_document(service: Service, row: Document, importer: Party, files: dict[str, bytes], proofs: Proofs) -> None:
    if row.erased_index is not None:
        place = row.entry_index
        proofs.add(place, f"document of {importer.did}", proofs.body_at(place), file=None)
        return
    name, body = f"documents/{row.sha256}", service.files.get(row.sha256)
    files[name] = body
    proofs.add(row.entry_index, f"document {row.filename} of {importer.did}", body, file=name)


def _decisions(
    session: Session, importer: Party, assessments: Sequence[AssessmentRow], size: int
) -> list[dict[str, Any]]:
    """Return the decisions on these subjects as they stood; a later confirmation is not named."""
    subjects = {(row.subject_kind, row.subject) for row in assessments}
    query = select(Decision).where(Decision.owner_id == importer.id, col(Decision.entry_index) < size)
    shown = []
    for row in session.exec(query.order_by(col(Decision.entry_index))):
        if (row.subject_kind, row.subject) not in subjects:
            continue
        said = {**disclose.decision(row), "importer": importer.did}
        if row.confirmed_index is not None and row.confirmed_index >= size:
            later = ("confirmed_by", "confirmed_at", "confirmed_reason", "confirmed_index")
            said |= {**dict.fromkeys(later), "state": "waiting"}
        shown.append(said)
    return shown


def _lists(session: Session, size: int) -> list[dict[str, Any]]:
    query = select(ListVersionRow).where(col(ListVersionRow.entry_index) < size)
    names = ("list_id", "version", "title", "publisher", "published_at", "source_url", "source_sha256", "table_sha256")
    rows = session.exec(query.order_by(col(ListVersionRow.entry_index)))
    return [{**{name: getattr(row, name) for name in names}, "entry_index": row.entry_index} for row in rows]


def _jsonl(rows: Iterable[Any]) -> bytes:
    return b"".join(orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS) + b"\n" for row in rows)
