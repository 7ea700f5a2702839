"""Large sets of ids in a question: databases limit the number of parameters, not the length of one."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

T = TypeVar("T")
_CHUNK = 10_000  # below the number of parameters either database takes


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Return the values in lists short enough to be the parameters of one statement."""
    whole = list(values)
    for start in range(0, len(whole), _CHUNK):
        yield whole[start : start + _CHUNK]


def id_set(ids: Iterable[int], dialect: str) -> Any:
    """Return a subquery of the given integer ids, for ``column.in_(...)``."""
    text = json.dumps(sorted(set(ids)))
    if dialect == "sqlite":
        each = sa.func.json_each(sa.literal(text)).table_valued("value")
        return sa.select(sa.cast(each.c.value, sa.Integer))
    parsed = sa.cast(sa.literal(text), postgresql.JSONB)
    each = sa.func.jsonb_array_elements_text(parsed).table_valued("value")
    return sa.select(sa.cast(each.c.value, sa.BigInteger))


def among(column: Any, ids: Iterable[int], dialect: str) -> Any:
    """Return the condition that a column is one of the ids; on PostgreSQL one scan of its index over all of them."""
    if dialect == "sqlite":
        return column.in_(id_set(ids, dialect))
    array = postgresql.ARRAY(sa.BigInteger)
    return column == sa.any_(sa.cast(sa.literal(sorted(set(ids)), array), array))
