"""The ends of keys: each revocation against its entry, and what they together say of a key (ledger.md 6)."""

from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from traceability.ledger.encoding import digest
from traceability.ledger.revocation import revocation_record
from traceability.services.fsck.audit import TABLES, Audit, Said, moment_of

_ENTRY: Any = TABLES["ledger_entry"]

End = tuple[int, Any]
"""Index of a key-revoke entry, and its row; None where that is missing."""


def check_ends(audit: Audit) -> dict[str, list[End]]:
    """Check every revocation; return those of each key by its thumbprint, in their order."""
    query = sa.select(_ENTRY.c.index).where(_ENTRY.c.kind == "key-revoke")
    entries = audit.entries(row[0] for row in audit.session.connection().execute(query))
    rows = {row.entry_index: row for row in audit.rows("key_revocation")}
    found: dict[str, list[End]] = {}
    for index, entry in sorted(entries.items()):
        key, row = audit.by_thumbprint.get(entry.key or ""), rows.pop(index, None)
        if key is None:
            audit.problem("party_key", index, "the key that the entry ends is missing")
            continue
        found.setdefault(key.thumbprint, []).append((index, row))
        if row is not None:
            _check_end(audit, row, key, entry)
        else:
            audit.problem("key_revocation", index, "the key-revoke that the entry stands for is missing")
    for index in rows:
        audit.problem("key_revocation", index, "entry_index: no key-revoke stands there")
    return found


def _check_end(audit: Audit, row: Any, key: Any, entry: Said) -> None:
    index = row.entry_index
    said = {
        "kind": "key-revoke", "body": digest(row.body), "alg": key.alg, "key": key.thumbprint,
        "who": audit.who(key.party_id), "at": moment_of(row.revoked_at),
    }  # fmt: skip
    audit.stands_for("key_revocation", index, entry, said)
    if not entry.ref or entry.ref[0] != key.added_index:
        audit.problem("party_key", key.added_index, f"added_index: entry {index} ends what was added elsewhere")
    if row.salt:
        record = revocation_record(
            key.kid, key.thumbprint, row.compromised_since, row.reason, bytes(row.salt), entry.at
        )
    else:
        audit.report.recorded_before("key_revocation", "the reason stands in no entry")
        record = _record_of_before(key.kid, row.compromised_since, entry.at)
    audit.same("key_revocation", index, {"key_id": key.id, "body": record}, row)


def _record_of_before(kid: str, since: int | None, at: int) -> bytes:
    return orjson.dumps({"kid": kid, "compromised_since_index": since, "at": at})


def check_border(audit: Audit, row: Any, ends: Sequence[End]) -> None:
    """Check of a key that its first revocation counts, and from which entry on it is disputed."""
    if ends and row.revoked_index is not None and row.revoked_index > ends[0][0]:
        audit.problem("party_key", row.revoked_index, f"revoked_index: entry {ends[0][0]} ended the key before")
    if ends and row.revoked_index is None:
        audit.problem("party_key", ends[0][0], "the entry ends a key that the row calls active")
    told = [end.compromised_since for _, end in ends if end is not None and end.compromised_since is not None]
    if row.compromised_since != min(told, default=None):
        index = ends[-1][0] if ends else row.revoked_index
        audit.problem("party_key", index, "compromised_since: it is not the earliest border that was told")
