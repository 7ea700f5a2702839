"""Word files (ISO/IEC 29500): headings, paragraphs, lists and tables in reading order; one page, for it has none."""

import io
from collections.abc import Iterator
from typing import Any

from traceability.documents.extraction.extracted import Block, BlockKind, Builder, Refused
from traceability.documents.limits import MAX_CHARACTERS, OFFICE_BYTES, limit_memory

CELL_BORDER = "\t"
_MAX_DEPTH = 5


def read(data: bytes, builder: Builder) -> None:
    """Read the body, headers and footers of a DOCX; the caller has judged the archive before."""
    import docx

    limit_memory(OFFICE_BYTES)
    document = docx.Document(io.BytesIO(data))
    _refuse_entities(document)
    parts: list[str] = []
    blocks: list[Block] = []
    at = 0
    for kind, cells in _pieces(document):
        text = CELL_BORDER.join(cells)
        if not text.strip():
            continue
        blocks.append(Block(0, kind, at, at + len(text), _offsets(at, cells) if kind == "table_row" else ()))
        parts.append(text)
        at += len(text) + 1
        if at > MAX_CHARACTERS:
            raise Refused("limit")
    builder.page("\n".join(parts), blocks)
    if not parts and document.inline_shapes:
        builder.unread.append(builder.last_page)


def _refuse_entities(document: Any) -> None:
    """Refuse a document type: packages have none (ISO/IEC 29500-2), and text put in by it would be lost."""
    for part in document.part.package.iter_parts():
        element = getattr(part, "element", None)
        if element is not None and element.getroottree().docinfo.doctype:
            raise Refused("broken")


def _pieces(document: Any) -> Iterator[tuple[BlockKind, list[str]]]:
    yield from _body(document, 0)
    for section in document.sections:
        for margin in (section.header, section.footer):
            if not margin.is_linked_to_previous:
                yield from _body(margin, 0)


def _body(container: Any, depth: int) -> Iterator[tuple[BlockKind, list[str]]]:
    if depth > _MAX_DEPTH:
        raise Refused("limit")
    for item in container.iter_inner_content():
        if hasattr(item, "rows"):
            yield from _table(item, depth)
        else:
            yield _paragraph_kind(item), [_flat(item.text)]


def _table(table: Any, depth: int) -> Iterator[tuple[BlockKind, list[str]]]:
    for row in table.rows:
        cells: list[str] = []
        nested: list[Any] = []
        seen: set[int] = set()
        for cell in row.cells:
            # A merged cell is reported once per column it covers.
            if id(cell._tc) in seen:  # noqa: SLF001 - python-docx offers no other identity of a cell
                continue
            seen.add(id(cell._tc))  # noqa: SLF001 - see above
            cells.append(_flat(cell.text))
            nested.extend(cell.tables)
        yield "table_row", cells
        for inner in nested:
            yield from _table_in(inner, depth + 1)


def _table_in(table: Any, depth: int) -> Iterator[tuple[BlockKind, list[str]]]:
    if depth > _MAX_DEPTH:
        raise Refused("limit")
    yield from _table(table, depth)


def _paragraph_kind(paragraph: Any) -> BlockKind:
    style = (paragraph.style.name if paragraph.style is not None else "").lower()
    if style.startswith(("heading", "title", "subtitle")):
        return "heading"
    properties = paragraph._p.pPr  # noqa: SLF001 - list numbering has no public name in python-docx
    if style.startswith("list") or (properties is not None and properties.numPr is not None):
        return "list_item"
    return "paragraph"


def _flat(text: str) -> str:
    return text.replace("\n", " ").replace(CELL_BORDER, " ")


def _offsets(at: int, cells: list[str]) -> tuple[tuple[int, int], ...]:
    found = []
    for cell in cells:
        found.append((at, at + len(cell)))
        at += len(cell) + 1
    return tuple(found)
