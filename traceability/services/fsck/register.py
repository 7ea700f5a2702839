"""The register of parties with their claims, and mandates, against the entries that admins' approvals made."""

from typing import Any

from traceability.ledger.encoding import digest
from traceability.services.fsck.audit import TABLES, Audit, batched, moment_of
from traceability.services.fsck.merged import check_merged
from traceability.services.whole import mandate_bytes, party_bytes

_BATCH = 200
_CLAIM: Any = TABLES["party_claim"]
_STATES = ("waiting", "active", "refused")


def check_register(audit: Audit) -> None:
    """Check every party that was approved, and every mandate; who waits or was refused stands in no entry."""
    places = _key_places(audit)
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
                said["ref"] = tuple(place for place in places.get(row.id, ()) if place < row.entry_index)
            audit.stands_for("party", row.entry_index, entry, said)
    _check_mandates(audit)
    check_merged(audit)


def _key_places(audit: Audit) -> dict[str, list[int]]:
    """Return where the keys of each party came in, in their order; an approval names those of before it."""
    found: dict[str, list[int]] = {}
    for key in audit.keys.values():
        if key.added_index is not None:
            found.setdefault(key.party_id, []).append(key.added_index)
    return {party: sorted(places) for party, places in found.items()}


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
