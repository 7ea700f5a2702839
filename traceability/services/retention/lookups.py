"""Names that a person asked about and had recorded: they belong to no assessment, and go on their owner's own term."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from traceability.diligence.retention import Term, grounds_of, term
from traceability.services.retention.terms import Grounds, importer_facts
from traceability.storage.tables import Party, Screening


@dataclass(frozen=True, slots=True)
class LookUp:
    """The names of one question, by the ledger index of their entry, and how long they are kept."""

    entry_index: int
    owner_id: str
    term: Term


def look_ups(session: Session) -> Iterator[LookUp]:
    """Yield every recorded question that is still there: what binds its owner counts from the day it was asked."""
    bound: dict[str, Grounds] = {}
    for index, owner_id, asked_on in _asked(session):
        if owner_id not in bound:
            bound[owner_id] = _grounds(session, owner_id)
        yield LookUp(index, owner_id, term(bound[owner_id], asked_on))


def _asked(session: Session) -> Iterator[tuple[int, str, date]]:
    query = select(Screening.entry_index, Screening.owner_id, Screening.at).where(col(Screening.asked_by).is_not(None))
    rows: Mapping[int, tuple[str, date]] = {
        index: (owner_id, at.date())
        for index, owner_id, at in session.exec(query.order_by(col(Screening.id)))
        if index is not None and owner_id is not None
    }
    yield from ((index, *said) for index, said in rows.items())


def _grounds(session: Session, owner_id: str) -> Grounds:
    """Return what binds the owner: goods are not stated with a name, so they count as minerals of Annex I."""
    party = session.get(Party, owner_id)
    bound = party is not None and "importer" in party.roles
    return grounds_of(importer_facts(session, owner_id), None) if bound else None
