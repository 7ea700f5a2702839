"""Reading whole tables in bounded memory: page by page in key order, and past rows that cannot be read at all."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

#: What reading a damaged value raises: no date, no JSON, no number, no UTF-8, a text where bytes belong; and no row, or
#: several, where an index and its table do not agree.
UNREADABLE = (
    ValueError, TypeError, ArithmeticError, LookupError, AttributeError, sa.exc.DBAPIError, sa.exc.NoResultFound,
    sa.exc.MultipleResultsFound,
)  # fmt: skip

#: What SQLite says of what is stored, as the same kind of error as of a failing disk.
_STORED = ("decode", "no such", "malformed")


def passes(error: BaseException) -> bool:
    """Tell whether the machine or the connection failed, and not what is stored: then nothing was found out.

    A value that SQLite cannot decode is an OperationalError too, and is what is stored.
    """
    machine = isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
    return machine and not any(said in str(error) for said in _STORED)


class Unreadable:
    """Stands for a row whose values cannot be read."""

    def __init__(self, key: tuple[Any, ...], error: Exception) -> None:
        self.key = key
        self.told = f"{type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"


def rows(
    session: Session, table: Any, order: Sequence[str] | None = None, *, size: int = 500, where: Any = None
) -> Iterator[Any]:
    """Yield the rows of a table in the order of some columns that are together unique (default: the primary key).

    A row that cannot be read comes as `Unreadable`; the others go on.
    """
    keys, query = _ordered(table, tuple(order or ()), size)
    query = query if where is None else query.where(where)
    last: tuple[Any, ...] | None = None
    while True:
        these = query if last is None else query.where(sa.tuple_(*keys) > _tuple(last))
        page, last = _page(session, table, keys, these)
        yield from page
        if len(page) < size or last is None:
            return


@cache
def _ordered(table: Any, order: tuple[str, ...], size: int) -> tuple[Sequence[Any], sa.Select[Any]]:
    keys = [table.c[name] for name in order] or list(table.primary_key.columns)
    return keys, sa.select(table).order_by(*keys).limit(size)


def _page(session: Session, table: Any, keys: Sequence[Any], query: Any) -> tuple[list[Any], tuple[Any, ...] | None]:
    """Return a page of rows, and the key of its last one; those that cannot be read are found by their keys."""
    try:
        found = list(session.connection().execute(query))
    except UNREADABLE:
        named = session.connection().execute(query.with_only_columns(*keys))
        places = [tuple(row) for row in named]
        return [_one(session, table, keys, key) for key in places], places[-1] if places else None
    return found, tuple(getattr(found[-1], key.name) for key in keys) if found else None


def _one(session: Session, table: Any, keys: Sequence[Any], key: tuple[Any, ...]) -> Any:
    query = sa.select(table).where(*(column == value for column, value in zip(keys, key, strict=True)))
    try:
        return session.connection().execute(query).one()
    except UNREADABLE as error:
        if passes(error):
            raise
        return Unreadable(key, error)


def _tuple(values: tuple[Any, ...]) -> Any:
    return sa.tuple_(*map(sa.literal, values))
