"""Documents and the log of reads: with which records they are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.diligence.definitions.dates import add_months
from traceability.diligence.retention import ACCESS, Term, end_of, term
from traceability.services.facts.chain import item_ids
from traceability.services.retention.holds import Held
from traceability.services.retention.terms import Consignment
from traceability.storage.tables import AccessLog, AccessLogParty, Document, DocumentLink


@dataclass(frozen=True, slots=True)
class Paper:
    """A document whose bytes are there, its term, and whether a record that is still kept rests on it."""

    row: Document
    term: Term
    needed: bool


def papers(
    session: Session, found: Sequence[Consignment], alive: Mapping[tuple[str, str], Consignment], kept: set[int]
) -> Iterable[Paper]:
    """Yield every document with the grounds of its owner's shipment records; of a supplier no ground is known."""
    links: dict[str, list[DocumentLink]] = {}
    for link in session.exec(select(DocumentLink)):
        links.setdefault(link.document_id, []).append(link)
    living = _Living(session, alive, kept)
    for row in session.exec(select(Document).where(col(Document.erased_index).is_(None)).order_by(col(Document.id))):
        grounds = [one.grounds for one in found if one.importer_id == row.owner_id]
        union = {ground.code: ground for some in grounds for ground in some or ()}.values()
        lasts = term(None if None in grounds else union, row.uploaded_at.date())
        yield Paper(row, lasts, living.needs(row, links.get(row.id, [])))


class _Living:
    """The shipment records that are still kept, and what they need of their importer's documents."""

    def __init__(self, session: Session, alive: Mapping[tuple[str, str], Consignment], kept: set[int]) -> None:
        self._session, self._alive, self._kept = session, alive, kept
        owners = {importer_id for importer_id, _ in alive}
        self._said = {owner: self._records(owner) for owner in owners}

    def _records(self, owner: str) -> bytes:
        return orjson.dumps([one.versions[0].record for one in self._alive.values() if one.importer_id == owner])

    def needs(self, row: Document, links: Iterable[DocumentLink]) -> bool:
        """Tell whether a record names the document or is linked to it; one about a party serves them all."""
        if row.sha256.encode() in self._said.get(row.owner_id, b""):
            return True
        return any(self._serves(row.owner_id, link) for link in links)

    def _serves(self, owner_id: str, link: DocumentLink) -> bool:
        if link.kind == "shipment":
            return (owner_id, link.target) in self._alive
        if link.kind == "party":
            return owner_id in self._said
        return bool(item_ids(self._session, [link.target]) & self._kept)


def reads_kept_from(today: date) -> date:
    """Return the first day whose reads are still kept today."""
    day = add_months(today, -12 * ACCESS.years)
    return day if end_of(ACCESS, day) > today else day + timedelta(days=1)


def free_reads(held: Held, today: date) -> Any:
    """Return the condition on lines of the log of reads whose term is over, and none of a held party."""
    over = col(AccessLog.at) < datetime.combine(reads_kept_from(today), time.min, UTC)
    parties = sorted(one for one in held.parties if one)
    shown = select(AccessLogParty.read_id).where(col(AccessLogParty.party_id).in_(parties))
    readers = sa.func.coalesce(AccessLog.party_id, "").not_in(parties)
    return sa.and_(over, readers, col(AccessLog.id).not_in(shown))


def old_reads(session: Session, held: Held, today: date) -> tuple[int, date] | None:
    """Return how many lines of the log of reads may go, and the day of the first; None for none."""
    query = select(sa.func.count(), sa.func.min(AccessLog.at)).select_from(AccessLog).where(free_reads(held, today))
    number, first = session.exec(query).one()
    return (number, first.date()) if number else None
