"""Letting SQLite overwrite what it frees: an ordinary update leaves the old bytes in pages nobody points to."""

from collections.abc import Iterator
from contextlib import contextmanager

from traceability.storage.store import Transaction


@contextmanager
def overwriting(tx: Transaction) -> Iterator[None]:
    """Overwrite with zeros what is deleted or shortened meanwhile; PostgreSQL does it with its next VACUUM."""
    on_sqlite = tx.connection.dialect.name == "sqlite"
    tx.session.flush()
    if on_sqlite:
        tx.connection.exec_driver_sql("PRAGMA secure_delete=ON").close()
    try:
        yield
        tx.session.flush()
    finally:
        if on_sqlite:
            tx.connection.exec_driver_sql("PRAGMA secure_delete=OFF").close()
