"""Decisions by which further keys of a party became active, against the keys and the applications they speak of."""

from collections.abc import Mapping
from typing import Any

from traceability.ledger.encoding import digest
from traceability.services.fsck.audit import TABLES, Audit
from traceability.services.whole import key_approval_bytes

_PARTY: Any = TABLES["party"]


def check_key_approvals(audit: Audit, applications: Mapping[str, Any]) -> None:
    """Check every approved key; a first key goes with its party, and a rotated one needs no approval."""
    approved = {row.id: row.entry_index for row in audit.rows("party", where=_PARTY.c.entry_index.is_not(None))}
    for row in audit.keys.values():
        if row.approved_index is not None:
            _check(audit, row, applications.get(row.thumbprint))
        elif row.added_index is not None and row.added_index > approved.get(row.party_id, row.added_index):
            entry = audit.entries([row.added_index]).get(row.added_index)
            if entry is not None and entry.kind == "key-add":
                audit.report.recorded_before("party_key", "who approved a further key stands in no entry")


def _check(audit: Audit, row: Any, application: Any) -> None:
    entries = audit.entries([row.added_index, row.approved_index])
    brought = entries.get(row.added_index)
    said = {
        "kind": "decision", "body": digest(key_approval_bytes(row, application, audit.who)), "key": None,
        "who": audit.who(row.party_id), "ref": (row.added_index,), "at": None if brought is None else brought.at,
    }  # fmt: skip
    audit.stands_for("party_key", row.approved_index, entries.get(row.approved_index), said)
