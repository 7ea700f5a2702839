"""Whether a database has a log that was signed: then its keys exist, and no others may be made in their place."""

import sqlalchemy as sa

from traceability.errors import Unavailable
from traceability.storage.engine import read_engine, sqlite_path
from traceability.storage.tables import LogHead

_SIZE = sa.select(sa.func.max(LogHead.size))


def has_entries(url: str) -> bool:
    """Tell whether anything was ever recorded; an empty place, or no database yet, has nothing.

    Raises:
        Unavailable: the database cannot be read.

    """
    if url.startswith("sqlite") and not sqlite_path(url).exists():
        return False
    engine = read_engine(url)
    try:
        with engine.connect() as connection:
            return sa.inspect(connection).has_table(LogHead.__tablename__) and bool(connection.scalar(_SIZE))
    except sa.exc.SQLAlchemyError as error:
        raise Unavailable(f"the database cannot be read ({type(error).__name__})") from error
    finally:
        engine.dispose()
