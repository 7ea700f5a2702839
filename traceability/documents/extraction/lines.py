"""Blocks from lines: files that know no paragraphs (PDF, plain text) still have headings, lists, tables and fields."""

import re
from collections.abc import Iterator

from traceability.documents.extraction.extracted import Block, BlockKind

_BULLET = re.compile(r"\s{0,12}(?:[\u2022\u25cf\u25aa\u25e6\u2023\u00b7*\u2013\u2014-]|\(?[a-z0-9]{1,3}\))\s+\S")
_NUMBERED_HEADING = re.compile(r"\s{0,12}\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+[^\W\d_]")
_FIELD = re.compile(r"\s{0,12}[^\W\d_][^:.\n]{1,48}:(?:\s|$)")
_ROW_START = re.compile(r"(?:[A-Z]{1,4}-?\d{1,4}|\d{4}-\d{1,3})\s")
_END = (".", "!", "?", ";", "\u3002")
_HEADING_MAX = 80
_WRAP_MIN = 40
_WORDS_MAX = 9
_CELL_MAX = 70


def blocks_of_lines(page: str, *, wrapped: bool) -> list[Block]:
    """Group the lines of a page; ``wrapped`` says that line ends are layout (PDF), so a sentence runs over them."""
    blocks: list[Block] = []
    start = end = -1
    kind: BlockKind = "paragraph"
    previous = ""
    for at, line in _lines(page):
        found: BlockKind = "heading" if not blocks and start < 0 and _is_title(line) else _kind(line, wrapped=wrapped)
        if start >= 0 and (not line.strip() or _breaks(found, kind, previous, line, wrapped=wrapped)):
            blocks.append(_block(page, kind, start, end))
            start = -1
        if line.strip():
            if start < 0:
                start, kind = at, found
            end = at + len(line)
        previous = line
    if start >= 0:
        blocks.append(_block(page, kind, start, end))
    return blocks


def _lines(page: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in page.split("\n"):
        yield at, line
        at += len(line) + 1


def _kind(line: str, *, wrapped: bool) -> BlockKind:
    if "\t" in line.strip() or line.count("|") > 1:
        return "table_row"
    if _BULLET.match(line):
        return "list_item"
    if wrapped and _ROW_START.match(line):
        return "table_row"
    return "heading" if _is_heading(line) else "paragraph"


def _is_heading(line: str) -> bool:
    words = line.split()
    if not words or len(line) > _HEADING_MAX or len(words) > _WORDS_MAX or line.rstrip().endswith((*_END, ",", ":")):
        return False
    if _NUMBERED_HEADING.match(line):
        return words[1][:1].isupper() and not any(char.isdigit() for char in "".join(words[1:]))
    return line.strip().isupper() and len(words) > 1 and not any(char.isdigit() for char in line)


def _is_title(line: str) -> bool:
    """Whether the first line of a page can be its title."""
    words = line.split()
    short = 0 < len(words) <= _WORDS_MAX and len(line) < _HEADING_MAX
    return short and "\t" not in line and not line.rstrip().endswith((*_END, ",", ":"))


def _breaks(found: BlockKind, kind: BlockKind, previous: str, line: str, *, wrapped: bool) -> bool:
    """Whether ``line`` begins a new block after ``previous`` in a block of ``kind``."""
    if found != "paragraph" or kind == "heading":
        return True
    if _FIELD.match(line) and (not wrapped or previous.rstrip().endswith((*_END, ":")) or _FIELD.match(previous)):
        return True
    if wrapped:
        return _short_end(previous, kind) or (kind == "table_row" and len(line) > _CELL_MAX)
    # In typed text a short line that is not continued in lower case stands for itself.
    return kind == "paragraph" and len(previous) < _WRAP_MIN and not line.lstrip()[:1].islower()


def _short_end(previous: str, kind: BlockKind) -> bool:
    return kind == "paragraph" and len(previous) < _WRAP_MIN and previous.rstrip().endswith((".", "!", "?"))


def _block(page: str, kind: BlockKind, start: int, end: int) -> Block:
    border = "\t" if "\t" in page[start:end] else "|"
    if kind != "table_row" or border not in page[start:end]:
        return Block(0, kind, start, end)
    cells, at = [], start
    for part in page[start:end].split(border):
        cells.append((at, at + len(part)))
        at += len(part) + 1
    return Block(0, kind, start, end, tuple(cells))
