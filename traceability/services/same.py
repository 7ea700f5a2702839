"""Which records are of one party: as admins have decided it, by the entry of their decision and of what undid it."""

from sqlmodel import Session, col, select

from traceability.storage.tables import Party, PartyMerge, Shipment


def same_parties(session: Session, size: int | None = None) -> dict[str, str]:
    """Return the id of the record under which a merged one is read, by the id of the merged one.

    With ``size`` as it stood when the log had so many entries.
    """
    rows = session.exec(select(PartyMerge).where(PartyMerge.act == "merge", col(PartyMerge.entry_index).is_not(None)))
    return {row.merged_id: row.kept_id for row in rows if _holds(row, size)}


def group_of(session: Session, party_id: str) -> list[str]:
    """Return the ids of all records that are read as one with a party's, its own among them."""
    same = same_parties(session)
    kept = same.get(party_id, party_id)
    return sorted({kept, *(one for one, other in same.items() if other == kept)})


def importers_of(session: Session, party_id: str) -> list[str]:
    """Return of these records those of an importer or with shipment records, and the party's own: each has a volume."""
    group = group_of(session, party_id)
    if len(group) == 1:
        return group
    rows = session.exec(select(Party.id, Party.roles).where(col(Party.id).in_(group)))
    declaring = set(session.exec(select(Shipment.importer_id).where(col(Shipment.importer_id).in_(group)).distinct()))
    return sorted({party_id, *declaring, *(one for one, roles in rows if "importer" in roles)})


def _holds(row: PartyMerge, size: int | None) -> bool:
    if size is None:
        return row.undone_index is None
    begun = row.entry_index is not None and row.entry_index < size
    return begun and (row.undone_index is None or row.undone_index >= size)
