"""The supplier documents of a pack: their bytes where the reader may have them, else their hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, and_, col, or_, select

from traceability.errors import NotFound
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.evidence.proofs import Proofs
from traceability.services.evidence.runs import Runs, Scope
from traceability.services.period import falls_within
from traceability.storage.tables import Document, DocumentLink, Shipment


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as the pack's line says it."""

    line: dict[str, Any]
    ruleset: str | None = None
    """The version of the rules by which it was read, where that was before the checkpoint."""


def add_papers(  # noqa: PLR0913, PLR0917  # who asks, about what, and where it goes
    service: Service, session: Session, actor: Actor, runs: Runs, scope: Scope, shipments: Sequence[Shipment],
    files: dict[str, bytes], proofs: Proofs,
) -> list[Paper]:  # fmt: skip
    """Add the documents linked to the batch or to the shipment records, each with its proof; return their lines."""
    papers = []
    for row, targets in _linked(session, runs, scope, shipments, proofs):
        body, why = _bytes(service, actor, row, scope.size)
        name = None if body is None else f"documents/{row.sha256}"
        about = f"document {row.filename} of {runs.importer.did}"
        if body is None or name is None:
            proofs.add_hash(row.entry_index, about)
        else:
            files[name] = body
            proofs.add(row.entry_index, about, body, file=name)
        line = {
            "importer": runs.importer.did, "sha256": row.sha256, "filename": row.filename, "size": row.size,
            "media_type": row.media_type, "uploaded_at": row.uploaded_at.isoformat(), "entry_index": row.entry_index,
            "file": name, "why_no_file": why, "about": targets, "read": _read(runs, row),
        }  # fmt: skip
        known = row.report is not None and row.read_index is not None and row.read_index < scope.size
        papers.append(Paper(line, row.report["ruleset"] if row.report and known else None))
    return papers


def _linked(
    session: Session, runs: Runs, scope: Scope, shipments: Sequence[Shipment], proofs: Proofs
) -> list[tuple[Document, list[str]]]:
    targets = {("batch", scope.batch), *(("shipment", one.shipment_id) for one in shipments)}
    # Links made before they had entries of their own.
    old = and_(col(DocumentLink.entry_index).is_(None), col(DocumentLink.linked_at) <= proofs.checkpoint.at)
    query = (
        select(Document, DocumentLink)
        .join(DocumentLink, col(DocumentLink.document_id) == col(Document.id))
        .where(Document.owner_id == runs.importer.id, col(Document.entry_index) < scope.size)
        .where(col(DocumentLink.target).in_({target for _, target in targets}))
        .where(or_(col(DocumentLink.entry_index) < scope.size, old))
    )
    found: dict[str, tuple[Document, list[str]]] = {}
    for row, link in session.exec(query):
        if (link.kind, link.target) in targets:
            found.setdefault(row.id, (row, []))[1].append(f"{link.kind} {link.target}")
    return [(row, sorted(about)) for row, about in sorted(found.values(), key=lambda pair: pair[0].entry_index)]


def _bytes(service: Service, actor: Actor, row: Document, size: int) -> tuple[bytes | None, str | None]:
    if not actor.may("read_documents") or not falls_within(actor, row.uploaded_at):
        return None, "not for the reader this pack was made for"
    if row.erased_index is not None and row.erased_index >= size:
        return None, "no longer kept"  # by which entry it went is of after the checkpoint
    if row.erased_index is not None:
        return None, f"erased when its retention ended (ledger entry {row.erased_index})"
    try:
        return service.files.get(row.sha256), None
    except NotFound as error:
        return None, error.detail


def _read(runs: Runs, row: Document) -> dict[str, Any] | None:
    """Return what the newest run that knew the document took from it; None where none did."""
    for run in reversed(runs.newest):
        for said in run.facts.get("documents", []):
            if said["document_id"].partition("#")[0] == f"sha256:{row.sha256}":
                return {name: value for name, value in said.items() if name != "document_id"}
    return None
