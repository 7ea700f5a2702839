"""What others have said of our checkpoints: cosignatures (C2SP tlog-cosignature) and time-stamp tokens (RFC 3161).

A cosignature has to hold under the key that its row names; whether that witness is to be trusted says the policy of who
reads a receipt, so one that is no longer configured here is no problem. A token has to hold under the certificates of
its authority; of one that is not configured they are not here, and it is counted as not checked.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from traceability.errors import TraceabilityError
from traceability.ledger.cosignature import CosignerKey, cosignatures
from traceability.ledger.timestamp import Trust, checker
from traceability.ledger.verify_case import NotChecked
from traceability.services.fsck.audit import TABLES, Audit, batched

_BATCH = 500
_CHECKPOINT: Any = TABLES["checkpoint"]


def check_cosignatures(audit: Audit) -> None:
    """Check every stored cosignature."""
    check_lines(audit, "cosignature", "witness")


def check_lines(audit: Audit, table: str, key: str) -> None:
    """Check the signature lines of a table, each under the verifier key that its column ``key`` names."""
    for batch in batched(audit.rows(table, size=_BATCH), _BATCH):
        notes = _notes(audit, batch)
        for row in batch:
            told = _wrong(row, getattr(row, key), notes.get(row.size))
            if told:
                audit.problem(table, row.size - 1, f"the {table.replace('_', ' ')} on {row.size} entries: {told}")


def _notes(audit: Audit, rows: Iterable[Any]) -> dict[int, object]:
    query = sa.select(_CHECKPOINT.c.size, _CHECKPOINT.c.note).where(_CHECKPOINT.c.size.in_({row.size for row in rows}))
    return {row[0]: row[1] for row in audit.session.connection().execute(query)}


def _wrong(row: Any, vkey: str, note: Any) -> str | None:
    if not isinstance(note, str):
        return "there is no such checkpoint"
    try:
        found = cosignatures(note + row.line, [CosignerKey.parse(vkey)])
    except TraceabilityError as error:
        return error.detail
    if len(found) != 1 or found[0].line != row.line:
        return "the line is not that of the key that the row names"
    return None if int(row.at.timestamp()) == found[0].at and not row.at.microsecond else "at: the line says otherwise"


def check_timestamps(audit: Audit, trusts: Mapping[str, Trust]) -> None:
    """Check every stored token; ``trusts`` are the certificates of the configured authorities, by their names."""
    for batch in batched(audit.rows("checkpoint_timestamp", size=_BATCH), _BATCH):
        notes = _notes(audit, batch)
        for row in batch:
            try:
                told = _wrong_stamp(row, notes.get(row.size), trusts)
            except NotChecked:
                audit.report.recorded_before("checkpoint_timestamp", "its authority's certificates are not here")
                continue
            if told:
                audit.problem("checkpoint_timestamp", row.size - 1, f"the token over {row.size} entries: {told}")


def _wrong_stamp(row: Any, note: Any, trusts: Mapping[str, Trust]) -> str | None:
    if not isinstance(note, str):
        return "there is no such checkpoint"
    if row.authority not in trusts:
        raise NotChecked(row.authority)
    try:
        at = checker([trusts[row.authority]])(row.token, [hashlib.sha256(note.encode()).digest()])
    except NotChecked:
        raise
    except TraceabilityError as error:
        return error.detail
    return None if at == row.at else "at: the token says otherwise"
