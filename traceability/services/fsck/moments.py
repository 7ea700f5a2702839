"""The moments of checkpoints and head: those of the last entry they sign (`storage.log`)."""

from traceability.services.fsck.audit import Audit, batched, moment_of

_BATCH = 1000


def check_moments(audit: Audit) -> None:
    """Check that each checkpoint says the moment of its last entry, and the head that of the last of all."""
    for batch in batched(audit.rows("checkpoint", size=_BATCH), _BATCH):
        entries = audit.entries(row.size - 1 for row in batch)
        for row in batch:
            last = entries.get(row.size - 1)
            if last is not None and moment_of(row.at) != last.at:
                audit.problem("checkpoint", row.size - 1, f"at: entry {row.size - 1} is of another moment")
    for row in audit.rows("log_head"):
        last = audit.entries([row.size - 1]).get(row.size - 1)
        if last is not None and moment_of(row.at) != last.at:
            audit.problem("log_head", row.size - 1, f"at: entry {row.size - 1} is of another moment")
