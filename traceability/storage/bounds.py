"""Texts are held against the columns they go into: SQLite takes what is too long, PostgreSQL fails on it.

The faces ask ``wrong_with`` under the caller's own name of the field. What was forgotten there stops when a row is
written, so that nobody is told of an error of ours, and no database holds what the other would refuse. Rows written
many at once (``rows.py``) were checked before.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from traceability.errors import Problem, Unprocessable

NUL = "the character NUL (\\u0000) cannot be kept: leave it out"
HALF = "half of a surrogate pair is no character: write the whole one, or leave it out"


@lru_cache
def text_bounds(table: Any) -> tuple[tuple[str, int | None], ...]:
    """Return the columns of a table that hold texts, with the characters each may have."""
    found = ((column.key, column.type) for column in table.columns)
    return tuple((key, getattr(kind, "length", None)) for key, kind in found if _is_text(kind))


def longest(column: Any) -> int:
    """Return how many characters a mapped column of bounded text holds."""
    limit = getattr(column.type, "length", None)
    if not isinstance(limit, int):
        raise TypeError(f"{column} is no text of bounded length")
    return limit


def wrong_with(name: str, text: str, most: int | None = None) -> Problem | None:
    """Return what keeps a text from being stored, under the name of its field; None where nothing does."""
    if "\x00" in text:
        return Problem(name, NUL)
    if not _is_utf8(text):
        return Problem(name, HALF)
    if most is not None and len(text) > most:
        return Problem(name, f"expected at most {most} characters; got {len(text)}: shorten it")
    return None


def _is_text(kind: Any) -> bool:
    return isinstance(getattr(kind, "impl", kind), sa.String)  # SQLModel wraps its texts


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


@sa.event.listens_for(Mapper, "before_insert")
@sa.event.listens_for(Mapper, "before_update")
def check_texts(mapper: Mapper[Any], _connection: sa.Connection, row: Any) -> None:
    """Let a row be written whose texts fit.

    Raises:
        Unprocessable: a text is too long for its column, or no text that both databases hold.

    """
    problems = list(_problems(mapper.local_table, row))
    if problems:
        said = "; ".join(f"{one.path}: {one.message}" for one in problems)
        raise Unprocessable(f"a text cannot be kept ({said}); nothing was written", problems=problems)


def _problems(table: Any, row: Any) -> Iterator[Problem]:
    for name, most in text_bounds(table):
        text = getattr(row, name, None)
        if isinstance(text, str) and (found := wrong_with(name, text, most)):
            yield found
