"""Supplier documents: kept by their sha256, logged, read by a child process, linked to what they are about."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from traceability.errors import InvalidInput, NotFound, TooLarge
from traceability.events.identifiers import normalise
from traceability.ledger.encoding import b64u, digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import assess, document_links, review, rule_sets
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.document_links import Link
from traceability.services.facts.decided import DOC_TYPE, confirmed_types
from traceability.services.gone import gone
from traceability.services.period import falls_within, within
from traceability.services.volume_effects import papers_changed
from traceability.services.whole import document_bytes, links_bytes
from traceability.services.worker import handler
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import Decision, Document, DocumentLink


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class _From:
    """Whose a document becomes, and who brought it."""

    owner_id: str
    person: str


_MAX_NAME, _MAX_PERSON = 300, 100


def upload(
    service: Service, actor: Actor, data: bytes, filename: str, media_type: str, links: Sequence[tuple[str, str]]
) -> Document:
    """Keep a document, link it, and let it be read; the same bytes again only add links.

    Args:
        service: the service.
        actor: an importer, supplier or officer; the document is private to its party.
        data: the file.
        filename: as the sender named it; shown, never used as a path.
        media_type: as the sender stated it; the bytes decide.
        links: (kind, target): batch and its URI, shipment and its id, party and its DID.

    Raises:
        InvalidInput: the file is empty.
        TooLarge: the file is above the limit.
        Unprocessable, NotFound: a link names nothing the actor sees, as ``document_links.resolve`` says.

    """
    actor.require("documents", scope="write")
    owner_id = actor.own_party()
    _check(service, data)
    with service.store.read() as session:
        named = document_links.resolve(session, actor, links)
    sha256 = service.files.put(data)

    def change(tx: Transaction) -> Document:
        _ = tx.now  # takes the lock: a file that an erasure deleted since is put again, and none is deleted after it
        service.files.put(data)
        row = _taken_in(service, tx, _From(owner_id, actor.name), sha256, _File(filename, media_type, len(data)))
        _link(service, tx, actor, row, named)
        _ask(tx, row)
        return row

    return service.store.write(change)


def _check(service: Service, data: bytes) -> None:
    if not data:
        raise InvalidInput("the document is empty")
    limit = service.settings.document_limit_mb * 1_000_000
    if len(data) > limit:
        raise TooLarge(f"a document may have {limit} bytes; this one has {len(data)}")


def _taken_in(service: Service, tx: Transaction, who: _From, sha256: str, file: _File) -> Document:
    """Return an owner's row of these bytes, made where there is none or only an erased one."""
    row = _row(tx.session, who.owner_id, sha256)
    if row is None:
        return _add(service, tx, who, sha256, file)
    if row.erased_index is not None:
        _again(service, tx, who, row, file)
    return row


def _row(session: Session, owner_id: str, sha256: str) -> Document | None:
    return session.exec(select(Document).where(Document.owner_id == owner_id, Document.sha256 == sha256)).one_or_none()


def own_files(session: Session, owner_id: str, sha256: Iterable[str]) -> dict[str, Document]:
    """Return those of an owner's documents that have these hashes and their bytes still, by the hash."""
    query = select(Document).where(Document.owner_id == owner_id, col(Document.sha256).in_(list(sha256)))
    return {row.sha256: row for row in session.exec(query.where(col(Document.erased_index).is_(None)))}


def hand_over(service: Service, tx: Transaction, rows: Iterable[Document], to: str, by: str) -> None:
    """Give another party its own row of documents that are handed to it; each is read there, and linked to nothing yet.

    The head of the log is locked before, so that no erasure takes the bytes meanwhile.

    Args:
        service: the service.
        tx: the transaction.
        rows: the documents, of whom hands them over.
        to: the party that gets them.
        by: the DID of who hands them over; no person of theirs is named to others.

    """
    for row in rows:
        file = _File(row.filename, row.media_type, row.size)
        _taken_in(service, tx, _From(to, by[:_MAX_PERSON]), row.sha256, file)


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that somebody without an account hands over, with its name and media type as they were stated."""

    data: bytes
    filename: str
    media_type: str


def keep(service: Service, brought: Sequence[Brought]) -> None:
    """Keep the bytes of files, all or none of them, before a transaction takes them in.

    Raises:
        InvalidInput: one is empty.
        TooLarge: one is above the limit of a document.

    """
    for one in brought:
        _check(service, one.data)
    for one in brought:
        service.files.put(one.data)


def take_in(service: Service, tx: Transaction, brought: Iterable[Brought], to: str, by: str) -> list[Document]:
    """Give a party the documents that ``keep`` has kept; each is read there, and linked to nothing yet.

    The head of the log is locked before, so that no erasure takes the bytes meanwhile; ``by`` says how they came.
    """
    found = {}
    for one in brought:
        sha256 = service.files.put(one.data)
        file = _File(one.filename, one.media_type, len(one.data))
        found[sha256] = _taken_in(service, tx, _From(to, by[:_MAX_PERSON]), sha256, file)
    return list(found.values())


def attach(service: Service, tx: Transaction, actor: Actor, sha256: Iterable[str], links: Sequence[Link]) -> None:
    """Link documents of the actor's own party to what they are about, and let that be assessed again."""
    for row in own_files(tx.session, actor.own_party(), sha256).values():
        _link(service, tx, actor, row, links)
        _ask(tx, row)


def _add(service: Service, tx: Transaction, who: _From, sha256: str, file: _File) -> Document:
    row = Document(
        id=new_id(), sha256=sha256, owner_id=who.owner_id, **_received(service, tx, who, sha256, file)
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    enqueue(tx, "read_document", row.id, document_id=row.id)
    return row


def _again(service: Service, tx: Transaction, who: _From, row: Document, file: _File) -> None:
    """Take in an erased document that was handed over anew: a new entry stands for it, the old one stays erased."""
    row.sqlmodel_update(
        _received(service, tx, who, row.sha256, file) | {"erased_index": None, "read_at": None, "read_index": None}
    )
    tx.session.add(row)
    enqueue(tx, "read_document", row.id, document_id=row.id)


def _received(service: Service, tx: Transaction, who: _From, sha256: str, file: _File) -> dict[str, Any]:
    """Append the entry of a document that came in, and return what its row says of it."""
    body = b64u(bytes.fromhex(sha256))
    entry = Entry(kind="document", body=body, who=service.who(who.owner_id), at=milliseconds(tx.now))
    return {
        "filename": file.name[-_MAX_NAME:] or "document", "media_type": file.media_type[:100], "size": file.size,
        "uploaded_by": who.person, "uploaded_at": tx.now, "entry_index": tx.log.append(entry), "state": "pending",
    }  # fmt: skip


def _link(service: Service, tx: Transaction, actor: Actor, row: Document, named: Iterable[Link]) -> None:
    """Store the links that are new, with one entry for all of them."""
    links = [
        DocumentLink(document_id=row.id, kind=link.kind, target=link.target, linked_by=actor.name, linked_at=tx.now)
        for link in named
        if tx.session.get(DocumentLink, (row.id, link.kind, link.target)) is None
    ]
    if not links:
        return
    body = digest(links_bytes(links, service.who))
    entry = Entry(
        kind="document", body=body, who=service.who(row.owner_id), at=milliseconds(tx.now), ref=(row.entry_index,)
    )
    place = tx.log.append(entry)
    for link in links:
        link.entry_index = place
    tx.session.add_all(links)
    tx.session.flush()


@handler("read_document")
def read_document(service: Service, args: Any) -> None:
    """Read a document in a child process and store the report; what it is linked to is assessed again."""
    with service.store.read() as session:
        row = session.get_one(Document, args["document_id"])
    if row.state == "read" or row.erased_index is not None:  # the job runs a second time, or too late
        return
    report = service.sandbox.screen(service.files.get(row.sha256), row.filename)

    def change(tx: Transaction) -> None:
        rule_sets.keep(tx, "documents", report.ruleset)
        document = tx.session.get_one(Document, row.id)
        if document.state == "read" or document.erased_index is not None:
            return
        document.report, document.outcome, document.state = report.to_dict(), report.outcome, "read"
        document.read_at = tx.now
        document.read_index = tx.log.append(_reading(service, document, milliseconds(tx.now)))
        tx.session.add(document)
        _ask(tx, document)

    service.store.write(change)


def _reading(service: Service, row: Document, at: int) -> Entry:
    """Return the entry of a reading: a document's text was screened by the rules of that day (ledger.md 2)."""
    body = digest(document_bytes(row, service.who))
    return Entry(kind="screening", body=body, who=service.who(row.owner_id), at=at, ref=(row.entry_index,))


def _ask(tx: Transaction, document: Document) -> None:
    for link in document_links.links_of(tx.session, document.id, document.owner_id):
        if link.waits:
            continue  # the record asks for its assessment itself when it is posted
        if link.kind == "shipment":
            assess.ask(tx, document.owner_id, "shipment", link.target)
            papers_changed(tx, document.owner_id, [link.target])
        elif link.kind == "batch":
            assess.ask_for_descendants(tx, document.owner_id, link.target)
        else:
            assess.ask_all(tx, document.owner_id)


def confirm_type(service: Service, actor: Actor, document_id: str, document_type: str, reason: str) -> Decision:
    """Propose as an officer what paper a document is; it counts once a second officer agrees (``review.judge``).

    Raises:
        InvalidInput: there is no such type, or the reason is too short.
        NotFound: there is no such document, or no assessment shows it.

    """
    actor.require("decide", scope="write")
    with service.store.read() as session:
        row = _own(session, actor, document_id)
        if row.erased_index is not None:
            raise gone(session, f"the document {document_id[:100]}", row.erased_index, row.entry_index)
    return review.judge(service, actor, DOC_TYPE, row.sha256, document_type, reason)


def types_of(service: Service, rows: Iterable[Document]) -> Mapping[str, str]:
    """Return what papers some documents are, by their id: as two officers of the document's own owner have confirmed.

    Of the same bytes another owner's officers may say something else, or nothing.
    """
    shown = list(rows)
    with service.store.read() as session:
        said = {owner: confirmed_types(session, owner) for owner in {row.owner_id for row in shown}}
    return {row.id: said[row.owner_id][row.sha256] for row in shown if row.sha256 in said[row.owner_id]}


def document(service: Service, actor: Actor, document_id: str) -> Document:
    """Return a document of the actor's own party.

    Raises:
        NotFound: there is none, or it is another party's.
        Gone: it was erased when its retention ended.

    """
    actor.require("read_documents", scope="read")
    with service.store.read() as session:
        row = _own(session, actor, document_id)
        if not falls_within(actor, row.uploaded_at):
            raise NotFound(f"there is no document {document_id[:100]} of yours")
        if row.erased_index is not None:
            raise gone(session, f"the document {document_id[:100]}", row.erased_index, row.entry_index)
        return row


def documents(service: Service, actor: Actor, *, batch: str | None = None) -> Sequence[Document]:
    """Return the documents of the actor's own party, all or those linked to a batch."""
    actor.require("read_documents", scope="read")
    with service.store.read() as session:
        query = select(Document).where(Document.owner_id == actor.own_party(), within(actor, col(Document.uploaded_at)))
        query = query.where(col(Document.erased_index).is_(None))
        if batch is not None:
            linked = select(DocumentLink.document_id).where(DocumentLink.target == normalise(batch))
            query = query.where(col(Document.id).in_(linked))
        return session.exec(query.order_by(col(Document.uploaded_at).desc())).all()


def links(service: Service, row: Document) -> list[Link]:
    """Return what a document the actor was shown is attached to, and which shipment record it still waits for."""
    with service.store.read() as session:
        return document_links.links_of(session, row.id, row.owner_id)


def content(service: Service, actor: Actor, document_id: str) -> tuple[Document, bytes]:
    """Return a document with its bytes, which are checked against their sha256; raises as ``document``."""
    row = document(service, actor, document_id)
    try:
        return row, service.files.get(row.sha256)
    except NotFound:
        document(service, actor, document_id)  # erased since it was looked up: then it is gone, and not lost
        raise


def digest_of(data: bytes) -> str:
    """Return the sha256 (hex) under which a document is kept."""
    return hashlib.sha256(data).hexdigest()


def _own(session: Session, actor: Actor, document_id: str) -> Document:
    owner_id = actor.own_party()
    row = session.get(Document, document_id)
    if row is None or row.owner_id != owner_id:
        raise NotFound(f"there is no document {document_id[:100]} of yours")
    return row
