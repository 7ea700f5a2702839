"""What the pages of a report are made of. All of it is plain text: the template sets it and reads no markup in it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from traceability.services.evidence import words

Block = dict[str, Any]


def text(said: str) -> Block:
    """Return a paragraph."""
    return {"kind": "text", "text": said}


def heading(said: str) -> Block:
    """Return a heading inside a section."""
    return {"kind": "heading", "text": said}


def items(said: Iterable[str]) -> Block:
    """Return a list of sentences."""
    return {"kind": "items", "items": list(said)}


def rows(said: Iterable[tuple[str, Any]]) -> Block:
    """Return labels with their values; what is not stated says so."""
    return {"kind": "rows", "rows": [[label, words.value(value)] for label, value in said]}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``share`` is its part of the width."""

    title: str
    share: int = 1
    align: Literal["start", "end"] = "start"


def table(columns: Sequence[Column], lines: Sequence[Sequence[str]], none: str = words.NOTHING) -> Block:
    """Return a table; without lines it says that nothing is recorded."""
    if not lines:
        return text(f"{none[:1].upper()}{none[1:]}.")
    return {"kind": "table", "columns": [asdict(one) for one in columns], "lines": [list(line) for line in lines]}
