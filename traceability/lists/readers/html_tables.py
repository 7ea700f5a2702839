"""The tables of an HTML page, each with the text that stood before it; a saved page is enough, nothing is fetched."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from traceability.lists.readers.reading import within_limit

_SKIPPED: Final = frozenset({"script", "style", "noscript", "template"})
_CELLS: Final = frozenset({"td", "th"})
_MAX_CELLS: Final = 200_000


@dataclass(slots=True)
class Table:
    """A table: the text since the table before it, and its rows of cells; each run of blanks is one blank."""

    before: str
    rows: list[list[str]] = field(default_factory=list)


def tables(data: bytes) -> list[Table]:
    """Return the tables of a page in order; what is nested in a cell is that cell's text.

    Broken markup gives fewer cells, never an error: the caller looks at what is missing.
    """
    page = _Page()
    page.feed(within_limit(data).decode("utf-8", "replace"))
    page.close()
    return page.found


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Table] = []
        self._text: list[str] = []
        self._cell: list[str] | None = None
        self._depth = 0
        self._skipped = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SKIPPED:
            self._skipped += 1
        elif tag == "table":
            self._begin_table()
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self.found[-1].rows.append([])
        elif self._depth == 1 and tag in _CELLS:
            self._end_cell()
            self._cell = []
        elif tag in {"br", "p", "li", "div"}:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipped = max(0, self._skipped - 1)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in {*_CELLS, "tr"}:
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            (self._text if self._depth == 0 else self._cell if self._cell is not None else []).append(data)

    def _begin_table(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self.found.append(Table(_squeezed(self._text)))
            self._text = []

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        self._cells += 1
        if self._cells <= _MAX_CELLS:
            table = self.found[-1]
            if not table.rows:
                table.rows.append([])
            table.rows[-1].append(_squeezed(self._cell))
        self._cell = None


def _squeezed(parts: list[str]) -> str:
    return " ".join("".join(parts).split())
