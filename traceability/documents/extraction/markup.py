"""HTML read as a stream of tags, so that nesting costs nothing; past ``MAX_NESTING`` levels it is refused all the same.

Nothing is fetched and nothing run: scripts and embedded pages are notes. Text that a browser would hide is read.
"""

import codecs
import re
from html.parser import HTMLParser

from traceability.documents.extraction.extracted import BlockKind, Builder, Refused
from traceability.documents.extraction.plain import decode
from traceability.documents.extraction.rows import Lines

MAX_NESTING = 1_000
_FEW = 20
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
})  # fmt: skip
# Elements whose end tag may be left out (HTML Living Standard 13.1.2.4) say nothing of how deep the file is.
_OPEN_ENDED = frozenset({
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup",
    "caption", "html", "head", "body",
})  # fmt: skip
_UNCOUNTED = _VOID | _OPEN_ENDED
_UNSEEN = frozenset({"script", "style", "title", "template"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BREAKS = _HEADINGS | frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", "caption", "legend", "option", "br",
})  # fmt: skip
_FETCHED = frozenset({"iframe", "frame", "object", "embed"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_CHARSET = re.compile(
    rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE
)


def read(data: bytes, builder: Builder) -> None:
    """Read a page of HTML; it is one page, for it has none."""
    lines, page = read_markup(decode(data, builder, declared_charset(data)))
    builder.page(lines.text, lines.blocks)
    note_active_content(page, builder)
    if page.pictures and len(lines.text.strip()) < _FEW:
        builder.unread.append(builder.last_page)


def declared_charset(data: bytes) -> str | None:
    """Return the encoding the head of an HTML file names, where Python knows it."""
    found = _CHARSET.search(data[:4_096])
    try:
        return codecs.lookup(found.group(1).decode("ascii")).name if found else None
    except LookupError:
        return None


def note_active_content(page: "Page", builder: Builder) -> None:
    """Say which scripts and embedded pages there are; none was run or fetched."""
    if page.scripts:
        builder.note("script", f"The page holds {page.scripts} script(s); none was run.")
    if page.fetched:
        builder.note(
            "embedded_file", f"The page shows {page.fetched} other page(s) or file(s) inside; none was opened."
        )


def read_markup(text: str) -> tuple[Lines, "Page"]:
    """Return the lines of an HTML text and what was met on the way.

    Raises:
        Refused: limit for more than ``MAX_NESTING`` open elements.

    """
    page = Page()
    page.feed(text)
    page.close()
    page.end()
    return page.lines, page


class Page(HTMLParser):
    """Collects lines: a block-level element begins a new one, a row of a table is one with a cell a column."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = Lines()
        self.scripts = self.fetched = self.pictures = 0
        self._text: list[str] = []
        self._cells: list[str] = []
        self._in_cell = False
        self._kind: BlockKind = "paragraph"
        self._depth = self._unseen = self._outer = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if tag not in _UNCOUNTED:
            self._depth += 1
            if self._depth > MAX_NESTING:
                raise Refused("limit")
        self._unseen += tag in _UNSEEN
        self.scripts += tag == "script" or any(name.startswith("on") for name, _ in attrs)
        self.fetched += tag in _FETCHED
        self.pictures += tag in {"img", "svg", "canvas"}
        if tag in _BREAKS:
            self._break()
        self._open(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element; outside SVG and MathML a slash does not end it (13.1.2.1)."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if tag not in _UNCOUNTED:
            self._depth = max(0, self._depth - 1)
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag in _BREAKS:
            self._break()
        if tag in _HEADINGS or tag in {"li", "ul", "ol"}:
            self._kind = "paragraph"
        elif tag in {"td", "th"}:
            self._end_cell()
        elif tag in {"tr", "table"}:
            self._end_row()
            if tag == "table" and self._outer:
                self._outer, self._in_cell = self._outer - 1, True

    def handle_data(self, data: str) -> None:
        """Take the text between two tags."""
        if not self._unseen:
            self._text.append(data)

    def unknown_decl(self, data: str) -> None:
        """Take the text of a CDATA section: a browser hides it, a reader of mail may not."""
        self.handle_data(data.removeprefix("CDATA["))

    def end(self) -> None:
        """Put down what is still open at the end of the file."""
        self._end_row()

    def _open(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HEADINGS:
            self._kind = "heading"
        elif tag == "li":
            self._kind = "list_item"
        elif tag == "table" and self._in_cell:
            # What the row of the outer table has so far stands before the inner one.
            self._end_row()
            self._outer += 1
        elif tag == "tr":
            self._end_row()
        elif tag in {"td", "th"}:
            self._end_cell()
            self._in_cell = True
        self._text.extend(f" {value} " for name, value in attrs if name == "alt" and value)

    def _break(self) -> None:
        if self._in_cell:
            self._text.append("\x1e")
            return
        text = _SPACE.sub(" ", "".join(self._text)).strip()
        self._text.clear()
        self.lines.add(self._kind, text)

    def _end_cell(self) -> None:
        if self._in_cell:
            self._cells.append("".join(self._text))
            self._text.clear()
        self._in_cell = False
        self._break()

    def _end_row(self) -> None:
        """Put down the row; one with a single cell of text is layout, and its paragraphs stand for themselves."""
        self._end_cell()
        cells, self._cells = self._cells, []
        if sum(bool(cell.strip("\x1e \t\r\n\xa0")) for cell in cells) > 1:
            self.lines.row([cell.replace("\x1e", " ") for cell in cells])
            return
        for cell in cells:
            for part in cell.split("\x1e"):
                self.lines.add("paragraph", _SPACE.sub(" ", part).strip())
