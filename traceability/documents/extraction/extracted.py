"""What the parsing child hands over: pages of text, blocks that point into it, notes, pages without text."""

import re
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from traceability.documents import hidden
from traceability.documents.limits import MAX_CHARACTERS, MAX_PAGES
from traceability.documents.report import PAGE_BREAK, Note

BlockKind = Literal["heading", "paragraph", "list_item", "table_row"]


_HALF = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Return a text of a file with as many characters, without those no database keeps: NUL, half a surrogate pair."""
    return _HALF.sub("\ufffd", text.replace("\x00", " "))


class Refused(Exception):
    """The file is not read; ``reason`` is of the closed list of document-labels.md 6."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text that is read as one: offsets into the whole text, for table rows those of each cell too."""

    page: int
    kind: BlockKind
    start: int
    end: int
    cells: tuple[tuple[int, int], ...] = ()

    def moved(self, shift: int) -> "Block":
        """Return the block with its offsets ``shift`` further on."""
        cells = tuple((start + shift, end + shift) for start, end in self.cells)
        return Block(self.page, self.kind, self.start + shift, self.end + shift, cells)


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of one file. ``unread`` are pages that hold a picture and (nearly) no text."""

    outcome: str
    reason: str | None
    format: str | None
    pages: tuple[tuple[int, str], ...] = ()
    blocks: tuple[Block, ...] = ()
    notes: tuple[Note, ...] = ()
    unread: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The text of the whole document."""
        return PAGE_BREAK.join(text for _, text in self.pages)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "Extracted":
        """Read what ``to_dict`` wrote."""
        blocks = tuple(
            Block(**{**block, "cells": tuple((start, end) for start, end in block["cells"])})
            for block in value["blocks"]
        )
        pages = tuple((number, text) for number, text in value["pages"])
        notes = tuple(Note(**note) for note in value["notes"])
        return cls(value["outcome"], value["reason"], value["format"], pages, blocks, notes, tuple(value["unread"]))


@dataclass(slots=True)
class Builder:
    """Collects pages and blocks in reading order and keeps the limits while it does."""

    format: str
    notes: list[Note] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    _pages: list[tuple[int, str]] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _length: int = 0
    _refused: str | None = None

    @property
    def last_page(self) -> int:
        """The number of the page added last; 0 before the first."""
        return len(self._pages)

    def page(self, text: str, blocks: list[Block]) -> None:
        """Add the next page; offsets of ``blocks`` are within the page."""
        shift = self._length + (len(PAGE_BREAK) if self._pages else 0)
        number = len(self._pages) + 1
        self._pages.append((number, storable(text)))
        self._length = shift + len(text)
        if number > MAX_PAGES or self._length > MAX_CHARACTERS:
            raise Refused("limit")
        self._blocks.extend(replace(block.moved(shift), page=number) for block in blocks)

    def note(self, code: str, message: str, page: int | None = None) -> None:
        """Add a note."""
        self.notes.append(Note(code, storable(message), page))

    def refuse(self, reason: str, what: str) -> None:
        """Say that a part of the file is not read; the first reason becomes that of the file. Its page stays empty."""
        self._refused = self._refused or reason
        self.note("not_read", f"Not read: {what} ({reason}).", self.last_page + 1)
        self.page("", [])

    def finish(self) -> Extracted:
        """Return what was collected: parsed; needs_ocr when a page was only a picture; rejected when a part was."""
        self._note_hidden()
        outcome, reason = ("needs_ocr", "no_text_layer") if self.unread else ("parsed", None)
        if self._refused is not None:
            outcome, reason = "rejected", self._refused
        return Extracted(
            outcome,
            reason,
            self.format,
            tuple(self._pages),
            tuple(self._blocks),
            tuple(self.notes),
            tuple(self.unread),
        )

    def _note_hidden(self) -> None:
        """Say once, at the first page it is on, what could show people something else than is written."""
        said = {note.code for note in self.notes}
        for number, text in self._pages:
            for code, message in hidden.reasons(text):
                if code not in said:
                    self.note(code, message, number)
                said.add(code)
