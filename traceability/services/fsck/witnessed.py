"""Cosignatures of witnesses against the checkpoints they are on (C2SP tlog-cosignature).

Each has to hold under the key that its row names; whether that witness is to be trusted says the policy of who reads a
receipt, so one that is no longer configured here is no problem.
"""

from typing import Any

import sqlalchemy as sa

from traceability.errors import TraceabilityError
from traceability.ledger.cosignature import CosignerKey, cosignatures
from traceability.services.fsck.audit import TABLES, Audit, batched

_BATCH = 500
_CHECKPOINT: Any = TABLES["checkpoint"]


def check_cosignatures(audit: Audit) -> None:
    """Check every stored cosignature."""
    for batch in batched(audit.rows("cosignature", size=_BATCH), _BATCH):
        query = sa.select(_CHECKPOINT.c.size, _CHECKPOINT.c.note)
        query = query.where(_CHECKPOINT.c.size.in_({row.size for row in batch}))
        notes: dict[int, object] = {row[0]: row[1] for row in audit.session.connection().execute(query)}
        for row in batch:
            told = _wrong(row, notes.get(row.size))
            if told:
                audit.problem("cosignature", row.size - 1, f"the cosignature on {row.size} entries: {told}")


def _wrong(row: Any, note: Any) -> str | None:
    if not isinstance(note, str):
        return "there is no such checkpoint"
    try:
        found = cosignatures(note + row.line, [CosignerKey.parse(row.witness)])
    except TraceabilityError as error:
        return error.detail
    if len(found) != 1 or found[0].line != row.line:
        return "the line is not that of the witness that the row names"
    return None if int(row.at.timestamp()) == found[0].at and not row.at.microsecond else "at: the line says otherwise"
