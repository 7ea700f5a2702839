"""Text with blocks put together line by line: for formats that know their paragraphs, headings and tables."""

from dataclasses import dataclass, field

from traceability.documents.extraction.extracted import Block, BlockKind, Refused
from traceability.documents.limits import MAX_CHARACTERS

CELL_BORDER = "\t"


@dataclass(slots=True)
class Lines:
    """The lines of a page in reading order; offsets are within the page."""

    parts: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    _length: int = 0

    @property
    def text(self) -> str:
        """The text of the page."""
        return "\n".join(self.parts)

    def add(self, kind: BlockKind, text: str) -> None:
        """Add a paragraph, heading or list item; an empty one is left out."""
        if text.strip():
            self._put(kind, text, ())

    def row(self, cells: list[str]) -> None:
        """Add a row of a table, one cell a column; an empty row is left out."""
        flat = [" ".join(cell.split()) for cell in cells]
        spans, at = [], self._length
        for cell in flat:
            spans.append((at, at + len(cell)))
            at += len(cell) + len(CELL_BORDER)
        if any(flat):
            self._put("table_row", CELL_BORDER.join(flat), tuple(spans))

    def append(self, other: "Lines") -> None:
        """Add the lines of another page below these."""
        for part, block in zip(other.parts, other.blocks, strict=True):
            shift = self._length - block.start
            self._put(block.kind, part, tuple((start + shift, end + shift) for start, end in block.cells))

    def _put(self, kind: BlockKind, text: str, cells: tuple[tuple[int, int], ...]) -> None:
        self.blocks.append(Block(0, kind, self._length, self._length + len(text), cells))
        self.parts.append(text)
        self._length += len(text) + 1
        if self._length > MAX_CHARACTERS:
            raise Refused("limit")
