"""Merges of two records of one party, their undoing, and parties that left, against the entries of the decisions."""

from typing import Any

from traceability.ledger.encoding import digest
from traceability.services.fsck.audit import TABLES, Audit, moment_of
from traceability.services.whole import departure_bytes, merge_bytes

_MERGE, _KEY = TABLES["party_merge"], TABLES["party_key"]


def check_merged(audit: Audit) -> None:
    """Check every merge that was decided, that one undone names what undid it, and every departure with its keys."""
    rows = list(audit.rows("party_merge"))
    undone = {row.undoes: row.entry_index for row in rows if row.act == "undo" and row.state == "in_force"}
    entries = audit.entries(row.entry_index for row in rows)
    for row in rows:
        if (row.entry_index is not None) != (row.state == "in_force"):
            audit.problem("party_merge", row.entry_index, f"state: {row.state} does not go with its entry")
        if row.undone_index != undone.get(row.id):
            audit.problem("party_merge", row.entry_index, "undone_index: it is not the entry of what undid it")
        if row.entry_index is None:
            continue
        said: dict[str, Any] = {
            "kind": "decision", "body": digest(merge_bytes(row, audit.who)), "key": None,
            "who": audit.who(row.merged_id), "at": None if row.decided_at is None else moment_of(row.decided_at),
        }  # fmt: skip
        audit.stands_for("party_merge", row.entry_index, entries.get(row.entry_index), said)
    _check_departures(audit)


def _check_departures(audit: Audit) -> None:
    rows = list(audit.rows("party_departure"))
    entries = audit.entries(row.entry_index for row in rows)
    gone = {row.party_id: row.entry_index for row in rows}
    for row in rows:
        said: dict[str, Any] = {
            "kind": "decision", "body": digest(departure_bytes(row, audit.who)), "key": None,
            "who": audit.who(row.party_id), "at": moment_of(row.left_at),
        }  # fmt: skip
        audit.stands_for("party_departure", row.entry_index, entries.get(row.entry_index), said)
    for key in audit.keys.values():
        if key.party_id in gone and (key.state in ("active", "waiting")):
            audit.problem(
                "party_departure", gone[key.party_id], f"the key {key.kid} of a party that left is {key.state}"
            )
