"""Texts are held against the columns they go into: SQLite takes what is too long, PostgreSQL fails on it.

Whoever takes a text says first what it may be; this is for what was forgotten, so that nobody is told of an error of
ours, and no database holds what the other would refuse. Rows written many at once (``rows.py``) were checked before.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from traceability.errors import InvalidInput


@lru_cache
def text_bounds(table: Any) -> tuple[tuple[str, int | None], ...]:
    """Return the columns of a table that hold texts, with the characters each may have."""
    found = ((column.key, column.type) for column in table.columns)
    return tuple((key, getattr(kind, "length", None)) for key, kind in found if _is_text(kind))


def _is_text(kind: Any) -> bool:
    return isinstance(getattr(kind, "impl", kind), sa.String)  # SQLModel wraps its texts


@sa.event.listens_for(Mapper, "before_insert")
@sa.event.listens_for(Mapper, "before_update")
def check_texts(mapper: Mapper[Any], _connection: sa.Connection, row: Any) -> None:
    """Let a row be written whose texts fit.

    Raises:
        InvalidInput: a text is too long for its column, or no text that both databases hold.

    """
    for problem in _problems(mapper.local_table, row):
        raise InvalidInput(problem)


def _problems(table: Any, row: Any) -> Iterator[str]:
    for name, most in text_bounds(table):
        text = getattr(row, name, None)
        if not isinstance(text, str):
            continue
        said = name.replace("_", " ")
        if most is not None and len(text) > most:
            yield f"{said}: at most {most} characters are kept; this has {len(text)}: shorten it"
        if "\x00" in text or not _is_utf8(text):
            yield f"{said}: a text holds the character NUL, or half of one: leave it out"


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
