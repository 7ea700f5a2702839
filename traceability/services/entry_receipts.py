"""The receipt of any ledger entry, for the party whose record the entry stands for.

The entry, its place and its proof are public; whose it is, and the signed bytes, are not. So nobody else gets a receipt
here, and is told no more than that there is none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from traceability.errors import NotFound
from traceability.ledger.entry import Entry
from traceability.ledger.receipt import Receipt
from traceability.services import receipts
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.evidence.given import was_given
from traceability.services.mandates import UNDER_MANDATE, in_force
from traceability.storage.tables import (
    AssessmentRow,
    Capture,
    CaseVersion,
    Decision,
    Document,
    DocumentLink,
    ImporterProfile,
    LedgerEntry,
    LogChange,
    Party,
    PartyDeparture,
    PartyKey,
    PartyMerge,
    RuleSet,
    Screening,
    Shipment,
    Site,
)


@dataclass(frozen=True, slots=True)
class _Record:
    """Whose record an entry stands for, the permission that reads it, and the signed bytes where a party sent them."""

    owner_id: str
    action: str
    body: bytes | None = None
    jws: str | None = None


_Find = Callable[[Session, int], Iterator[_Record]]
_OF_THE_LOG = frozenset({"key-rotate", "origin-change"})
_OF_NOBODY = frozenset({"list-version", "rule-set"})


def receipt_of(service: Service, actor: Actor, index: int) -> Receipt:
    """Return the current receipt of an entry of the actor's own party.

    The signed bytes are enclosed where a party sent them as a signed body; of a document, a key and our own records the
    receipt holds the hash. A list version, a rule set and a change of the log itself belong to nobody
    and are anybody's who may read documents; the latter two are enclosed. Of an evidence pack there is the hash, for
    whom it was given to: the party, or the regulator or auditor under a mandate that is in force still. An erasure is
    its party's.

    Raises:
        Forbidden: an account without a party or mandate, or an API key that may not read.
        NotFound: no entry stands there, or it is about another party's record.

    """
    if actor.role in UNDER_MANDATE:
        return _pack_given(service, actor, index)
    actor.require("documents", scope="read")
    party_id = actor.own_party()
    with service.store.read() as session:
        entry = _entry_at(session, index)
        kind = "" if entry is None else entry.kind
        change = session.get(LogChange, index) if kind in _OF_THE_LOG else None
        found = [one for one in _records(session, kind, index) if one.owner_id == party_id and actor.may(one.action)]
        given = _is_given(service, session, actor, entry)
    if kind == "event":
        return receipts.event_receipt(service, actor, index)
    if change is not None or kind in _OF_NOBODY:
        return receipts.entry_receipt(service, index, body=_record_of_nobody(service, index, change))
    if given or (kind == "erasure" and _names(service, entry, party_id)):
        return receipts.entry_receipt(service, index)
    if not found:
        raise _none_of_yours(index)
    return receipts.entry_receipt(service, index, body=found[0].body, jws=found[0].jws)


def _pack_given(service: Service, actor: Actor, index: int) -> Receipt:
    """Return the receipt of a pack that was read under a mandate: a reader of others' records has none of its own."""
    actor.require("chain", scope="read")
    in_force(service, actor)
    with service.store.read() as session:
        given = _is_given(service, session, actor, _entry_at(session, index))
    if not given:
        raise _none_of_yours(index)
    return receipts.entry_receipt(service, index)


def _entry_at(session: Session, index: int) -> LedgerEntry | None:
    return session.get(LedgerEntry, index) if 0 <= index < 1 << 53 else None


def _names(service: Service, entry: LedgerEntry | None, party_id: str) -> bool:
    """Tell whether an entry names a party, where no table says whose it is."""
    return entry is not None and Entry.parse(bytes(entry.body)).who == service.who(party_id)


def _is_given(service: Service, session: Session, actor: Actor, entry: LedgerEntry | None) -> bool:
    return entry is not None and entry.kind == "evidence-pack" and was_given(service, session, actor, entry)


def _none_of_yours(index: int) -> NotFound:
    return NotFound(f"no entry about a record of yours stands at ledger index {str(index)[:20]}")


def _record_of_nobody(service: Service, index: int, change: LogChange | None) -> bytes | None:
    """Return the record of a change of the log or of a rule set; a list version's is too long to enclose."""
    if change is not None:
        return bytes(change.record)
    with service.store.read() as session:
        return session.exec(select(RuleSet.record).where(RuleSet.entry_index == index)).one_or_none()


def _records(session: Session, kind: str, index: int) -> Iterator[_Record]:
    return _FINDERS[kind](session, index) if kind in _FINDERS else iter(())


def _capture(session: Session, index: int) -> Iterator[_Record]:
    for row in session.exec(select(Capture).where(Capture.entry_index == index)):
        yield _Record(row.party_id, "documents", bytes(row.body), row.jws)


def _shipment(session: Session, index: int) -> Iterator[_Record]:
    for row in session.exec(select(Shipment).where(Shipment.entry_index == index)):
        yield _Record(row.importer_id, "read_shipments", bytes(row.body), row.jws)


def _paper(session: Session, index: int) -> Iterator[_Record]:
    """Yield what an entry of kind document may stand for: a paper or its links, signed sites, a signed profile."""
    for document in session.exec(select(Document).where(Document.entry_index == index)):
        yield _Record(document.owner_id, "read_documents")
    linked = select(Document.owner_id).join(DocumentLink, col(DocumentLink.document_id) == col(Document.id))
    for owner_id in session.exec(linked.where(DocumentLink.entry_index == index).limit(1)):
        yield _Record(owner_id, "read_documents")
    for site in session.exec(select(Site).where(Site.entry_index == index)):
        yield _Record(site.party_id, "documents", bytes(site.body), site.jws or None)
    for profile in session.exec(select(ImporterProfile).where(ImporterProfile.entry_index == index)):
        yield _Record(profile.importer_id, "read_shipments", bytes(profile.body), profile.jws)


def _key(session: Session, index: int) -> Iterator[_Record]:
    at = or_(col(PartyKey.added_index) == index, col(PartyKey.revoked_index) == index)
    for row in session.exec(select(PartyKey).where(at)):
        yield _Record(row.party_id, "documents")


def _assessment(session: Session, index: int) -> Iterator[_Record]:
    for owner_id in session.exec(select(AssessmentRow.owner_id).where(AssessmentRow.entry_index == index)):
        yield _Record(owner_id, "private")


def _screening(session: Session, index: int) -> Iterator[_Record]:
    """Yield for whom names were screened, in a run or because somebody asked; or the paper read."""
    for owner_id in session.exec(select(Document.owner_id).where(Document.read_index == index)):
        yield _Record(owner_id, "private")
    for whose in session.exec(select(Screening.owner_id).where(Screening.entry_index == index).distinct()):
        if whose is not None:
            yield _Record(whose, "private")


def _decision(session: Session, index: int) -> Iterator[_Record]:
    at = or_(col(Decision.entry_index) == index, col(Decision.confirmed_index) == index)
    for owner_id in session.exec(select(Decision.owner_id).where(at)):
        yield _Record(owner_id, "private")
    for version in session.exec(select(CaseVersion).where(CaseVersion.entry_index == index)):
        yield _Record(version.owner_id, "private")
        if version.addressee_id is not None:
            yield _Record(version.addressee_id, "documents")
    for party_id in session.exec(select(Party.id).where(Party.entry_index == index)):
        yield _Record(party_id, "documents")
    for merge in session.exec(select(PartyMerge).where(PartyMerge.entry_index == index)):
        yield from (_Record(one, "documents") for one in (merge.kept_id, merge.merged_id))
    for party_id in session.exec(select(PartyDeparture.party_id).where(PartyDeparture.entry_index == index)):
        yield _Record(party_id, "documents")
    for party_id in session.exec(select(PartyKey.party_id).where(PartyKey.approved_index == index)):
        yield _Record(party_id, "documents")


_FINDERS: Mapping[str, _Find] = {
    "capture": _capture,
    "shipment": _shipment,
    "document": _paper,
    "key-add": _key,
    "key-rotate": _key,
    "key-revoke": _key,
    "assessment": _assessment,
    "screening": _screening,
    "decision": _decision,
    "correction": _decision,
}
