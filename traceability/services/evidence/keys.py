"""The lives of the keys that signed what a pack holds: how each came in, and how it ended, each with its proof.

With them go the approvals of their parties: hashes alone, as their records hold addresses and words of admins.
"""

import base64
from collections.abc import Collection, Iterable, Sequence

from sqlmodel import Session, col, select

from traceability.ledger.entry import Entry
from traceability.services.evidence.proofs import Proofs
from traceability.services.revocation import revocations
from traceability.storage.ids import id_set
from traceability.storage.tables import Party, PartyKey


def key_files(session: Session, proofs: Proofs) -> dict[str, bytes]:
    """Return the signed proofs of possession and the records of revocation, as known at the pack's checkpoint."""
    signing = [key for key in proofs.keys.values() if key.added_index is not None]
    files: dict[str, bytes] = {}
    ends, size = revocations(session, [key.id for key in signing], proofs.checkpoint.size), proofs.checkpoint.size
    approved = _approvals(session, proofs, {key.party_id for key in signing})
    named = {place for index in (*(row.entry_index for row in ends), *approved) for place in _refs(proofs, index)}
    every = {key.id: key for key in (*signing, *_heirs(session, signing, size), *_added(session, named))}
    for key in every.values():
        files |= _brought(proofs, key)
    for index, about in {**approved, **_further(every.values(), size)}.items():
        proofs.add_hash(index, f"approval of {about}")
    for row in ends:
        name = f"keys/{row.entry_index}.json"
        files[name] = bytes(row.body)
        kid = proofs.keys[row.key_id].kid
        proofs.add(row.entry_index, f"end of key {kid}", files[name], file=name, key_id=row.key_id)
    return files


def _heirs(session: Session, keys: list[PartyKey], size: int) -> Sequence[PartyKey]:
    """Return the keys these were rotated to: that entry is the end of the old one."""
    return _added(
        session, [key.revoked_index for key in keys if key.revoked_index is not None and key.revoked_index < size]
    )


def _added(session: Session, places: Collection[int]) -> Sequence[PartyKey]:
    """Return the keys that came in by some entries."""
    ids = id_set(places, session.get_bind().dialect.name)
    return session.exec(
        select(PartyKey).where(col(PartyKey.added_index).in_(ids)).order_by(col(PartyKey.added_index))
    ).all()


def _approvals(session: Session, proofs: Proofs, parties: Collection[str]) -> dict[int, str]:
    """Return the entries that approved some parties, with their DIDs; older ones, which name no key, prove nothing."""
    query = select(Party.entry_index, Party.did).where(col(Party.id).in_(sorted(parties)))
    rows = session.exec(query.where(col(Party.entry_index) < proofs.checkpoint.size).order_by(col(Party.entry_index)))
    return {index: did for index, did in rows if index is not None and _refs(proofs, index)}


def _further(keys: Iterable[PartyKey], size: int) -> dict[int, str]:
    """Return the entries that approved further keys of a party, or such as came for lost ones."""
    return {key.approved_index: key.kid for key in keys if key.approved_index is not None and key.approved_index < size}


def _refs(proofs: Proofs, index: int) -> tuple[int, ...]:
    return Entry.parse(proofs.entry(index)).ref


def _brought(proofs: Proofs, key: PartyKey) -> dict[str, bytes]:
    index = key.added_index or 0
    body, name = base64.b64decode(key.proof["body"]), f"keys/{index}.json"
    entry = Entry.parse(proofs.entry(index))
    jws = key.proof["jws"] if entry.jws is not None else None
    proofs.add(index, f"key {key.kid}", body, file=name, jws=jws, key_id=key.id)
    return {name: body}
