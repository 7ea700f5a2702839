"""Each index against its table, where the database can tell (SQLite): what reads an index alone sees no rotten row.

A query whose columns all stand in an index is answered from that, so every other check may pass a row by. PostgreSQL
keeps checksums of its pages itself (docs/operator.md).
"""

from traceability.services.fsck.audit import Audit

_SHOWN = 100


def check_indices(audit: Audit) -> None:
    """Say where the pages of the database's file, its indices and its tables do not agree."""
    connection = audit.session.connection()
    if connection.dialect.name != "sqlite":
        return
    for (told,) in connection.exec_driver_sql(f"PRAGMA integrity_check({_SHOWN})"):
        if told != "ok":
            audit.problem("database", None, str(told)[:300])
