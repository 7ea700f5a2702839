"""Reading whole tables in bounded memory: page by page in key order, and past rows that cannot be read at all."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

#: What reading a damaged value raises: no date, no JSON, no number, no UTF-8, a text where bytes belong.
UNREADABLE = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, sa.exc.DBAPIError)


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
    names = list(order or [column.name for column in table.primary_key.columns])
    keys = [table.c[name] for name in names]
    last: tuple[Any, ...] | None = None
    while True:
        page = _keys(session, keys, last, size, where)
        if not page:
            return
        yield from _page(session, table, keys, page, where)
        last = page[-1]


def _keys(
    session: Session, keys: Sequence[Any], last: tuple[Any, ...] | None, size: int, where: Any
) -> list[tuple[Any, ...]]:
    query = sa.select(*keys).order_by(*keys).limit(size)
    if last is not None:
        query = query.where(sa.tuple_(*keys) > _tuple(last))
    if where is not None:
        query = query.where(where)
    return [tuple(row) for row in session.connection().execute(query)]


def _page(
    session: Session, table: Any, keys: Sequence[Any], page: Sequence[tuple[Any, ...]], where: Any
) -> Iterator[Any]:
    these = sa.tuple_(*keys)
    query = sa.select(table).where(these >= _tuple(page[0]), these <= _tuple(page[-1])).order_by(*keys)
    query = query if where is None else query.where(where)
    try:
        found = session.connection().execute(query).all()
    except UNREADABLE:
        found = [_one(session, table, keys, key) for key in page]
    yield from found


def _one(session: Session, table: Any, keys: Sequence[Any], key: tuple[Any, ...]) -> Any:
    query = sa.select(table).where(*(column == value for column, value in zip(keys, key, strict=True)))
    try:
        return session.connection().execute(query).one()
    except UNREADABLE as error:
        return Unreadable(key, error)


def _tuple(values: tuple[Any, ...]) -> Any:
    return sa.tuple_(*map(sa.literal, values))
