"""A replica follows the database and may be behind: who knows of a head is never shown an older one (ledger.md 9)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from traceability.errors import Unavailable
from traceability.storage.tables import LogHead

_SIZE: Any = sa.select(LogHead.__table__.c.size)  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so


class Behind(Unavailable):
    """The log that is read here has not come as far as the reader knows it to be; it will."""

    type = "about:blank#behind"
    title = "Behind"
    retry_after = 1


def require_size(connection: Connection, min_size: int) -> None:
    """Let a reader go on that has seen the log at ``min_size`` entries.

    Raises:
        Behind: the snapshot of ``connection`` has fewer.

    """
    size = connection.execute(_SIZE).scalar_one_or_none() or 0
    if size < min_size:
        raise Behind(
            f"the log that is read here has {size} entries, and {min_size} are asked for; ask again in a moment"
        )
