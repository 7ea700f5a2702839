"""What is disputed: everything a key signed from the entry on since which others may have used it (ledger.md 6).

Nothing is deleted and nothing looks better for it. A disputed event carries a critical finding; a disputed declaration
of an importer keeps what rests on it pending; a disputed site or further signature is a note that an officer looks at.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from traceability.services.same import group_of
from traceability.storage.tables import ImporterProfile, KeyRevocation, PartyKey, Shipment
from traceability.texts import phrase


@dataclass(frozen=True, slots=True)
class Compromised:
    """The keys reported as compromised, by their ids, each with the ledger index since when."""

    since: Mapping[str, int]

    def disputes(self, key_id: str | None, index: int) -> bool:
        """Tell whether what this key signed at a ledger index is disputed."""
        return key_id in self.since and index >= self.since[key_id or ""]


def compromised(session: Session, parties: Collection[str] | None = None) -> Compromised:
    """Return the keys reported as compromised, of some parties or of all: there are few."""
    query = select(PartyKey.id, PartyKey.compromised_since).where(col(PartyKey.compromised_since).is_not(None))
    rows = session.exec(query if parties is None else query.where(col(PartyKey.party_id).in_(parties)))
    return Compromised({key_id: since for key_id, since in rows if since is not None})


def compromised_at(session: Session, size: int) -> Compromised:
    """Return the same as it was known when the log had ``size`` entries."""
    since = func.min(KeyRevocation.compromised_since)
    told = col(KeyRevocation.compromised_since).is_not(None), col(KeyRevocation.entry_index) < size
    rows = session.exec(select(KeyRevocation.key_id, since).where(*told).group_by(col(KeyRevocation.key_id)))
    return Compromised({key_id: index for key_id, index in rows if index is not None})


def declarations(session: Session, owner_id: str, shipment_id: str | None = None) -> list[str]:
    """Return in words which declarations of an importer are disputed, so that nothing may rest on them.

    Its newest profile counts, and the newest version of its shipment records: the one named, and the others for the
    yearly volumes. So do those under other records that are read as the same importer.
    """
    group = group_of(session, owner_id)
    keys = compromised(session, group)
    if not keys.since:
        return []
    newest = select(func.max(ImporterProfile.id)).where(col(ImporterProfile.importer_id).in_(group))
    profiles = select(ImporterProfile).where(
        col(ImporterProfile.id).in_(newest.group_by(col(ImporterProfile.importer_id)))
    )
    stated = [row for row in session.exec(profiles) if keys.disputes(row.key_id, row.entry_index)]
    said = [_sentence(phrase("the importer's profile"), row.entry_index) for row in stated]
    records = select(Shipment).where(col(Shipment.importer_id).in_(group), col(Shipment.latest).is_(True))
    disputed = [row for row in session.exec(records) if keys.disputes(row.key_id, row.entry_index)]
    this = [row for row in disputed if (row.importer_id, row.shipment_id) == (owner_id, shipment_id)]
    said += [_sentence(phrase("this shipment record"), row.entry_index) for row in this]
    if others := len(disputed) - len(this):
        said.append(
            phrase(
                f"disputed shipment records of the importer beside this one: {others}; yearly volumes may rest on them"
            )
        )
    return said


def _sentence(what: str, index: int) -> str:
    return phrase(
        f"{what} (entry {index}) is disputed: its key is reported as compromised since an earlier or the same entry. "
        "Sign it again with an active key"
    )


def is_disputed(session: Session, key_id: str | None, index: int) -> bool:
    """Tell whether what a key signed at a ledger index is disputed."""
    key = session.get(PartyKey, key_id) if key_id else None
    return key is not None and key.compromised_since is not None and index >= key.compromised_since
