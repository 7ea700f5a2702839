"""The heads that evidence packs show: each is the checkpoint of its size, with signatures and tokens that are kept."""

import orjson

from traceability.errors import TraceabilityError
from traceability.services.evidence.heads import stored
from traceability.services.fsck.audit import Audit
from traceability.services.receipts import cosigned_note, timestamps


def check_pack_heads(audit: Audit) -> None:
    """Check that nothing is shown that is not kept; what has come since is in receipts, and in no pack of that size."""
    for row in audit.rows("pack_head"):
        try:
            head = stored(audit.session, row.size)
        except TraceabilityError:
            audit.problem("pack_head", row.size - 1, f"there is no checkpoint of {row.size} entries")
            continue
        kept = cosigned_note(audit.session, head)
        lines = row.note.removeprefix(head.note).splitlines(keepends=True)
        if not row.note.startswith(head.note) or not set(lines) <= set(kept.splitlines(keepends=True)):
            audit.problem("pack_head", row.size - 1, "note: it is not the checkpoint of its size with signatures kept")
        stamps = {orjson.dumps(one.as_dict()).decode() for one in timestamps(audit.session, row.size)}
        if not set(row.timestamps.splitlines()) <= stamps:
            audit.problem("pack_head", row.size - 1, "timestamps: a token is shown that is not kept")
