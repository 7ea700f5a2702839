"""The register of parties with their claims, and mandates, against the entries that admins' approvals made."""

from typing import Any

from traceability.ledger.encoding import digest
from traceability.services.fsck.audit import TABLES, Audit, batched, moment_of
from traceability.services.whole import mandate_bytes, party_bytes

_BATCH = 200
_CLAIM: Any = TABLES["party_claim"]
_STATES = ("waiting", "active", "refused")


def check_register(audit: Audit) -> None:
    """Check every party that was approved, and every mandate; who waits or was refused stands in no entry."""
    for batch in batched(audit.rows("party", size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        claims: dict[str, list[Any]] = {row.id: [] for row in batch}
        for claim in audit.rows("party_claim", where=_CLAIM.c.party_id.in_(claims)):
            claims[claim.party_id].append(claim)
        for row in batch:
            if row.state == "active" and row.entry_index is None:
                audit.report.recorded_before("party", "name, identifiers and prefixes stand in no entry")
            elif row.state not in _STATES:
                audit.problem("party", row.entry_index, f"state: {row.state!r} is none of {_STATES}")
            if row.entry_index is None:
                continue
            said: dict[str, Any] = {
                "kind": "decision", "body": digest(party_bytes(row, claims[row.id], audit.who)), "key": None,
                "who": audit.who(row.id), "at": None if row.decided_at is None else moment_of(row.decided_at),
            }  # fmt: skip
            entry = entries.get(row.entry_index)
            if entry is not None and entry.ref:  # entries of before 2026-11-26 name no keys
                said["ref"] = _first_keys(audit, row)
            audit.stands_for("party", row.entry_index, entry, said)
    _check_mandates(audit)


def _first_keys(audit: Audit, row: Any) -> tuple[int, ...]:
    """Return where the keys came in with which a party was approved: those before the approval, in their order."""
    own = (key.added_index for key in audit.keys.values() if key.party_id == row.id and key.added_index is not None)
    return tuple(sorted(index for index in own if index < row.entry_index))


def _check_mandates(audit: Audit) -> None:
    for batch in batched(audit.rows("mandate", size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            if row.entry_index is None:
                audit.report.recorded_before("mandate", "what it entitles to stands in no entry")
                continue
            said = {
                "kind": "decision", "body": digest(mandate_bytes(row, audit.who)), "key": None, "who": None,
                "at": moment_of(row.created_at),
            }  # fmt: skip
            audit.stands_for("mandate", row.entry_index, entries.get(row.entry_index), said)
