"""What the log says of itself: records of its changes, the key that signs, and its second signatures."""

from typing import Any

from traceability.errors import TraceabilityError
from traceability.ledger.cosignature import CosignerKey, cosignatures
from traceability.ledger.encoding import digest
from traceability.ledger.log_change import Rotation, read_record
from traceability.services.fsck.audit import Audit, batched
from traceability.services.fsck.witnessed import notes_of

_BATCH = 500


def check_changes(audit: Audit) -> None:
    """Check that each record is what its entry stands for, and that the head names the newest key."""
    newest = None
    rows = sorted(audit.rows("log_change"), key=lambda row: int(row.entry_index))
    entries = audit.entries([row.entry_index for row in rows])
    for row in rows:
        kind, newest = _read(row.record, newest)
        expected = {"kind": kind, "body": digest(bytes(row.record)), "who": None, "key": None}
        audit.stands_for("log_change", row.entry_index, entries.get(row.entry_index), expected)
    for head in audit.rows("log_head"):
        if head.key != newest:
            audit.problem("log_head", None, "key: it is not the one that the last change of the log names")


def _read(record: bytes, before: str | None) -> tuple[str, str | None]:
    """Return the kind of entry a record belongs to, and the key that signs since; "none" where it cannot be read."""
    try:
        change = read_record(bytes(record))
    except TraceabilityError:
        return "none", before
    return "key-rotate" if isinstance(change, Rotation) else "origin-change", change.new


def check_second_signatures(audit: Audit) -> None:
    """Check every stored second signature of the log."""
    for batch in batched(audit.rows("second_signature", size=_BATCH), _BATCH):
        notes = notes_of(audit, batch)
        for row in batch:
            told = _wrong(row, notes.get(row.size))
            if told:
                audit.problem("second_signature", row.size - 1, f"the second signature on {row.size} entries: {told}")


def _wrong(row: Any, note: Any) -> str | None:
    if not isinstance(note, str):
        return "there is no such checkpoint"
    try:
        found = cosignatures(note + row.line, [CosignerKey.parse(row.key)])
    except TraceabilityError as error:
        return error.detail
    if len(found) != 1 or found[0].line != row.line:
        return "the line is not that of the key that the row names"
    return None if int(row.at.timestamp()) == found[0].at and not row.at.microsecond else "at: the line says otherwise"
