"""The lives of the keys that signed what a pack holds: how each came in, and how it ended, each with its proof."""

import base64

from sqlmodel import Session, col, select

from traceability.ledger.entry import Entry
from traceability.services.evidence.proofs import Proofs
from traceability.services.revocation import revocations
from traceability.storage.tables import PartyKey


def key_files(session: Session, proofs: Proofs) -> dict[str, bytes]:
    """Return the signed proofs of possession and the records of revocation, as known at the pack's checkpoint."""
    signing = [key for key in proofs.keys.values() if key.added_index is not None]
    files: dict[str, bytes] = {}
    for key in [*signing, *_heirs(session, signing, proofs.checkpoint.size)]:
        files |= _brought(proofs, key)
    for row in revocations(session, [key.id for key in signing], proofs.checkpoint.size):
        name = f"keys/{row.entry_index}.json"
        files[name] = bytes(row.body)
        kid = proofs.keys[row.key_id].kid
        proofs.add(row.entry_index, f"end of key {kid}", files[name], file=name, key_id=row.key_id)
    return files


def _heirs(session: Session, keys: list[PartyKey], size: int) -> list[PartyKey]:
    """Return the keys these were rotated to: that entry is the end of the old one."""
    known = {key.id for key in keys}
    ended = [key.revoked_index for key in keys if key.revoked_index is not None and key.revoked_index < size]
    found = session.exec(
        select(PartyKey).where(col(PartyKey.added_index).in_(ended)).order_by(col(PartyKey.added_index))
    )
    return [key for key in found if key.id not in known]


def _brought(proofs: Proofs, key: PartyKey) -> dict[str, bytes]:
    index = key.added_index or 0
    body, name = base64.b64decode(key.proof["body"]), f"keys/{index}.json"
    entry = Entry.parse(proofs.entry(index))
    jws = key.proof["jws"] if entry.jws is not None else None
    proofs.add(index, f"key {key.kid}", body, file=name, jws=jws, key_id=key.id)
    return {name: body}
