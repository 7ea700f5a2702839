"""What the log has said of itself: its keys, one after the other, and its second signatures (ledger.md 3 and 6)."""

from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from traceability.errors import TraceabilityError
from traceability.ledger.encoding import digest
from traceability.ledger.log_change import Change, Rotation, read_record
from traceability.ledger.note import VerifierKey
from traceability.services.context import Service
from traceability.services.fsck.audit import Audit
from traceability.services.fsck.witnessed import check_lines

_RECORDS = sa.text("SELECT record FROM log_change ORDER BY entry_index")


def log_keys(service: Service, connection: Connection) -> list[VerifierKey]:
    """Return every key that has signed checkpoints of this log.

    They come from the changes that can be read and from the files here: where one of the two was damaged, the other
    still lets the checkpoints be checked. Nothing else is asked of the database than its snapshot, and a key that
    signs now need not be here: an audit on a host that lacks it finds what it would find elsewhere.

    Raises:
        Unavailable: no key of this log is here.

    """
    found = [*service.log_keys.verifiers()] or [service.log_keys.first.verifier]
    for (record,) in connection.execute(_RECORDS):
        change = _change(record)
        found += [] if change is None else [VerifierKey.parse(change.old), VerifierKey.parse(change.new)]
    return list({key.vkey: key for key in found}.values())


def check_log_changes(audit: Audit) -> None:
    """Check that each change is the one its entry stands for, that they follow each other, and which key signs now."""
    before: str | None = None
    for row in audit.rows("log_change", ("entry_index",)):
        change = _change(row.record)
        if change is None:
            audit.problem("log_change", row.entry_index, "record: no change of the log can be read from it")
            continue
        kind = "key-rotate" if isinstance(change, Rotation) else "origin-change"
        said = {"kind": kind, "body": digest(row.record), "who": None, "key": None}
        audit.stands_for("log_change", row.entry_index, audit.entries([row.entry_index]).get(row.entry_index), said)
        if before not in (None, change.old):
            audit.problem("log_change", row.entry_index, "record: the key that it ends is not the one before it")
        before = change.new
    for row in audit.rows("log_head", again=True):
        if row.key != before:
            audit.problem("log_head", row.size, "key: the key that signs is not that of the last change of the log")


def check_second_signatures(audit: Audit) -> None:
    """Check the log's own signatures with ML-DSA-44, each under the key that its row names."""
    check_lines(audit, "second_signature", "key")


def _change(record: Any) -> Change | None:
    with suppress(TraceabilityError, TypeError):
        return read_record(bytes(record))
    return None
