"""Applications after a lost key that an admin approved, against the key they brought and the end of the lost one.

Who waits or was refused stands in no entry. Who applied and who decided are names, which never enter the ledger.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from traceability.services.fsck.audit import TABLES, Audit, moment_of
from traceability.services.fsck.key_ends import End

_APPLICATION: Any = TABLES["key_application"]
_REASON = 2000
_AS_THE_KEY = ("party_id", "kid", "alg", "jwk", "proof")


def approved_applications(audit: Audit) -> dict[str, Any]:
    """Return the approved applications by the thumbprint of the key that each brought: few, like keys."""
    return {row.thumbprint: row for row in audit.rows("key_application", where=_APPLICATION.c.state == "approved")}


def check_application(audit: Audit, row: Any) -> None:
    """Check an approved application: its key is registered as it says, and since the moment of its decision."""
    key = audit.by_thumbprint.get(row.thumbprint)
    if key is None or key.added_index is None:
        audit.problem("key_application", None, f"thumbprint: no key {row.thumbprint} was brought by it")
        return
    # The proof is verified where the key is (`keys`): what is equal to it is verified too.
    audit.same("key_application", key.added_index, {name: getattr(key, name) for name in _AS_THE_KEY}, row)
    entry = audit.entries([key.added_index]).get(key.added_index)
    if entry is not None and (row.decided_at is None or moment_of(row.decided_at) != entry.at):
        audit.problem("key_application", key.added_index, "decided_at: the key's entry is of another moment")


def check_replaced(audit: Audit, applications: Mapping[str, Any], ends: Mapping[str, Sequence[End]]) -> None:
    """Check of each lost key that ended for a new one that its application is there, and is what the end commits to."""
    added = {key.added_index: key for key in audit.keys.values()}
    for index, end in (one for some in ends.values() for one in some):
        entry = audit.entries([index]).get(index)
        for place in () if entry is None else entry.ref[1:]:  # the first is that of the key itself
            key = added.get(place)
            row = None if key is None else applications.get(key.thumbprint)
            if row is None:
                audit.problem("key_application", index, "the approved application that the entry stands for is missing")
            elif end is not None and end.reason != _reason_of(row):
                told = "reason, method or decided_reason: the end of the lost key gives other ones"
                audit.problem("key_application", index, told)


def _reason_of(row: Any) -> str:
    """Return the words under which `lost_keys.approve` ends the lost key."""
    said = f"lost ({row.reason}); identity checked by {row.method}: {row.decided_reason}; replaced by {row.kid}"
    return said[:_REASON]
