"""The last verdict on what is about to be erased: afterwards nobody can check a signature any more (ledger.md 8)."""

from sqlmodel import Session, select

from traceability.errors import TraceabilityError
from traceability.ledger import jose
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry
from traceability.ledger.keys import PublicKey
from traceability.services.context import Service
from traceability.services.facts.verdicts import Verdicts
from traceability.services.signed import ENVELOPED
from traceability.storage.tables import Capture, Document, Event, LedgerEntry, PartyKey, Shipment

OK, INVALID, UNSIGNED = "ok", "invalid", "unsigned"


def of_capture(session: Session, row: Capture) -> str:
    """Return whether the signature verifies over the bytes, and these still say what the event rows say."""
    if row.key_id is None:
        return UNSIGNED
    checked = Verdicts(session)
    events = session.exec(select(Event).where(Event.capture_id == row.id))
    good = _signed(session, row) and all(checked.of(event) != "invalid" for event in events)
    return OK if good else INVALID


def of_shipment(session: Session, row: Shipment) -> str:
    """Return whether the signature verifies over the bytes, and these are the ones the entry stands for."""
    return OK if _signed(session, row) and _stands_for(session, row.entry_index, bytes(row.body)) else INVALID


def of_document(service: Service, session: Session, row: Document) -> str:
    """Return whether the file is there with the bytes the entry stands for; nobody signs a document."""
    try:
        return UNSIGNED if _stands_for(session, row.entry_index, service.files.get(row.sha256)) else INVALID
    except TraceabilityError:
        return INVALID


def _signed(session: Session, row: Capture | Shipment) -> bool:
    key = session.get(PartyKey, row.key_id) if row.key_id else None
    if key is None:
        return False
    body = bytes(row.body)
    try:
        enveloped = row.media_type == ENVELOPED
        signed = jose.read_compact(body) if enveloped else jose.read_detached(row.jws, body)
        jose.verify(signed, PublicKey.from_jwk(key.jwk))
    except TraceabilityError:
        return False
    return row.entry_index is None or _stands_for(session, row.entry_index, body)


def _stands_for(session: Session, index: int, body: bytes) -> bool:
    stored = session.get(LedgerEntry, index)
    return stored is not None and Entry.parse(bytes(stored.body)).body == digest(body)
