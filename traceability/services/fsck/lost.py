"""Applications after a lost key that an admin approved, against the key they brought and the end of the lost one.

Who waits or was refused stands in no entry. Who applied and who decided are names, which never enter the ledger.
"""

from typing import Any

from traceability.services.fsck.audit import TABLES, Audit

_APPLICATION: Any = TABLES["key_application"]


def approved_applications(audit: Audit) -> dict[str, Any]:
    """Return the approved applications by the thumbprint of the key that each brought: few, like keys."""
    return {row.thumbprint: row for row in audit.rows("key_application", where=_APPLICATION.c.state == "approved")}
