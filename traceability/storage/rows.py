"""Many rows of one table at once, in the way each database takes them with the least work.

PostgreSQL takes them as one stream (COPY, PostgreSQL 15 manual): sent one by one, each row is a message of its own to
be bound, run and answered. SQLite takes them as one statement of several rows (see ``engine``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

_FEW = 8  # a stream has to be begun and ended, which costs as much as some rows


def insert_rows(connection: Connection, insert: sa.Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns, into the table of ``insert``.

    Raises:
        sqlalchemy.exc.DBAPIError: as the statement would; of a stream that fails no row is kept.

    """
    if connection.dialect.name == "postgresql" and len(rows) > _FEW:
        _copy(connection, insert.table, rows)
    elif rows:
        connection.execute(insert, rows)


def _copy(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    dialect = connection.dialect
    quote = dialect.identifier_preparer
    columns = [table.c[name] for name in rows[0]]
    bound = [(column.name, column.type.dialect_impl(dialect).bind_processor(dialect)) for column in columns]
    statement = f"COPY {quote.format_table(table)} ({', '.join(map(quote.format_column, columns))}) FROM STDIN"
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as stream:
            for row in rows:
                stream.write_row([row[name] if bind is None else bind(row[name]) for name, bind in bound])
    except raw.Error as error:  # as SQLAlchemy's own, which the writer tells apart
        raise sa.exc.DBAPIError.instance(statement, None, error, raw.Error, dialect=dialect) from error
