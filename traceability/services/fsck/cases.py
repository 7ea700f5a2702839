"""Mitigation plans, grievances, notices, requests and contests against their entries, version by version."""

from typing import Any

from traceability.ledger.encoding import digest
from traceability.services.fsck.audit import Audit, Said, batched, moment_of
from traceability.services.whole import case_bytes

_BATCH = 50
_TABLE = "case_version"


def check_cases(audit: Audit) -> None:
    """Check every version: what its entry stands for, its number, and that the last one is marked as such."""
    before: Any = None
    for batch in batched(audit.rows(_TABLE, ("case_id", "version"), size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            same = before is not None and before.case_id == row.case_id
            _check(audit, row, before if same else None, entries.get(row.entry_index))
            _check_latest(audit, before, expected=not same)
            before = row
    _check_latest(audit, before, expected=True)


def _check(audit: Audit, row: Any, before: Any, entry: Said | None) -> None:
    said = {
        "kind": "decision", "body": digest(case_bytes(row, audit.who)), "who": audit.who(row.owner_id), "key": None,
        "at": moment_of(row.written_at), "ref": () if before is None else (before.entry_index,),
    }  # fmt: skip
    audit.stands_for(_TABLE, row.entry_index, entry, said)
    audit.same(_TABLE, row.entry_index, {"version": 1 if before is None else before.version + 1}, row)


def _check_latest(audit: Audit, row: Any, *, expected: bool) -> None:
    if row is not None and row.latest != expected:
        audit.problem(_TABLE, row.entry_index, "latest: it stands on another version than the last")
