"""The ends of keys: each record against its entry, and the key's row against all of them (ledger.md 6)."""

from typing import Any

import orjson

from traceability.ledger.encoding import digest
from traceability.ledger.revocation import commitment
from traceability.services.fsck.audit import Audit, Said, moment_of


def check_revocations(audit: Audit) -> None:
    """Check every record of a key's end, and that the rows of the keys say what the records do."""
    ends: dict[str, list[Any]] = {}
    rows = list(audit.rows("key_revocation", ("entry_index",)))
    entries = audit.entries(row.entry_index for row in rows)
    for row in rows:
        ends.setdefault(row.key_id, []).append(row)
        _check_record(audit, row, entries.get(row.entry_index))
    for key in audit.keys.values():
        _check_key(audit, key, ends.get(key.id, []))


def _check_record(audit: Audit, row: Any, entry: Said | None) -> None:
    index, key = row.entry_index, audit.keys.get(row.key_id)
    if key is None:
        audit.problem("key_revocation", index, "key_id: there is no such key")
        return
    said = {
        "kind": "key-revoke", "body": digest(row.body), "alg": key.alg, "key": key.thumbprint,
        "who": audit.who(key.party_id), "at": moment_of(row.revoked_at),
    }  # fmt: skip
    if not audit.stands_for("key_revocation", index, entry, said) or entry is None:
        return
    if entry.ref[:1] != (key.added_index,):
        audit.problem("key_revocation", index, "the entry names another one that brought the key")
    try:
        record = orjson.loads(row.body)
        told = (record["kid"], record["compromised_since_index"])
        committed = record.get("reason")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        audit.problem("key_revocation", index, "body: it is no record of a key's end")
        return
    if told != (key.kid, row.compromised_since):
        audit.problem("key_revocation", index, "compromised_since: the record says otherwise")
    # records of before 2026-12 commit to no reason
    expected = None if not row.salt else commitment(row.reason, row.salt)
    if committed != expected:
        audit.problem("key_revocation", index, "reason: it is not the one that the record commits to")


def _check_key(audit: Audit, key: Any, ends: list[Any]) -> None:
    """Check since when a key is revoked and disputed: the first of its ends, and the earliest border told."""
    if not ends:
        if key.compromised_since is not None:
            audit.problem("party_key", key.revoked_index, "compromised_since: no revocation says so")
        return
    border = min((row.compromised_since for row in ends if row.compromised_since is not None), default=None)
    if key.compromised_since != border:
        audit.problem("party_key", ends[-1].entry_index, f"compromised_since: the revocations say {border}")
    if key.revoked_index is None:
        audit.problem("party_key", ends[0].entry_index, "the entry ends a key that the row calls active")
    elif key.revoked_index > ends[0].entry_index:
        audit.problem("party_key", key.revoked_index, f"revoked_index: entry {ends[0].entry_index} ended it before")
