"""Rows of lists that wait for a person, against the entry of their version, and of whoever read them."""

from collections.abc import Sequence
from typing import Any

from traceability.ledger.encoding import digest
from traceability.services.fsck.audit import TABLES, Audit, batched, moment_of
from traceability.services.list_review import READ, WAITING
from traceability.services.whole import read_bytes

_BATCH = 200
_ROW: Any = TABLES["list_review"]
_VERSION: Any = TABLES["list_version"]


def review_of(audit: Audit, version: Any) -> Sequence[Any]:
    """Return the rows of a version as its entry stands for them."""
    return list(audit.rows("list_review", where=_ROW.c.version_id == version.id, again=True))


def check_review(audit: Audit) -> None:
    """Check that a row waits untouched, or was read as the entry of that decision says; and whose it is."""
    lists = {row.id: row.list_id for row in audit.rows("list_version", again=True)}
    for batch in batched(audit.rows("list_review", size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            if row.version_id not in lists:
                audit.problem("list_review", row.entry_index, f"version_id: row {row.id} is of no version")
            elif row.state == READ and row.entry_index is not None and row.read_at is not None:
                said = {
                    "kind": "decision", "body": digest(read_bytes(row, lists[row.version_id], audit.who)), "key": None,
                    "who": None, "at": moment_of(row.read_at),
                }  # fmt: skip
                audit.stands_for("list_review", row.entry_index, entries.get(row.entry_index), said)
            elif row.state != WAITING or (row.read_by, row.read_at, row.note, row.entry_index) != (None,) * 4:
                audit.problem("list_review", row.entry_index, f"state: row {row.id} neither waits nor was read")
