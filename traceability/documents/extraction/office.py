"""Word files (ISO/IEC 29500): headings, paragraphs, lists and tables in reading order; one page, for it has none."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from traceability.documents.extraction.extracted import BlockKind, Builder, Refused
from traceability.documents.extraction.packages import members, note_pictures, paragraphs
from traceability.documents.extraction.rows import Lines
from traceability.documents.limits import OFFICE_BYTES, limit_memory

_MAX_DEPTH = 5
_FEW = 20
_BESIDE = r"word/(footnotes|endnotes|comments|charts/chart\d+|diagrams/data\d+)\.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRAPPERS = tuple(
    _W + name
    for name in ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml", "fldSimple", "sdtPr", "sdtEndPr")
)


def read(data: bytes, builder: Builder) -> None:
    """Read the body, headers, footers, text boxes, notes and comments of a DOCX; the caller has judged the archive."""
    import docx

    limit_memory(OFFICE_BYTES)
    try:
        document = docx.Document(io.BytesIO(data))
    except SyntaxError as error:  # lxml's word for what is no XML, or is nested more than 256 levels deep
        raise Refused("limit" if "depth" in str(error).lower() else "broken") from error
    _refuse_entities(document)
    lines = Lines()
    for kind, cells in _pieces(document):
        if kind == "table_row":
            lines.row(cells)
        else:
            lines.add(kind, cells[0])
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        for name in members(opened, _BESIDE):
            for text in paragraphs(opened, name):
                lines.add("paragraph", text)
        pictures = note_pictures(opened, r"word/media/.+", builder)
    builder.page(lines.text, lines.blocks)
    if pictures and len(lines.text.strip()) < _FEW:
        builder.unread.append(builder.last_page)


def _refuse_entities(document: Any) -> None:
    """Refuse a document type: packages have none (ISO/IEC 29500-2), and text put in by it would be lost."""
    for part in document.part.package.iter_parts():
        element = getattr(part, "element", None)
        if element is not None and element.getroottree().docinfo.doctype:
            raise Refused("broken")


def _pieces(document: Any) -> Iterator[tuple[BlockKind, list[str]]]:
    boxed: dict[str, None] = {}
    margins = [
        margin
        for section in document.sections
        for margin in (section.header, section.footer)
        if not margin.is_linked_to_previous
    ]
    for container in (document, *margins):
        element = container.element.body if container is document else container._element  # noqa: SLF001 - no public name
        boxed.update(_boxed(element))
        _unwrap(element)
        yield from _body(container, 0)
    for text in boxed:
        yield "paragraph", [text]


def _unwrap(element: Any) -> None:
    """Put what content controls, fields and insertions hold in their place: python-docx looks past it."""
    for wrapper in list(element.iter(*_WRAPPERS)):
        for child in list(wrapper):
            wrapper.addprevious(child)
        wrapper.getparent().remove(wrapper)


def _boxed(element: Any) -> Iterator[tuple[str, None]]:
    """Yield the paragraphs of text boxes; a box stands twice in a file, for newer and for older programs."""
    for box in element.iter(_W + "txbxContent"):
        for paragraph in box.iter(_W + "p"):
            text = "".join(each.text or " " for each in paragraph.iter(_W + "t", _W + "tab", _W + "br"))
            if text.strip():
                yield _flat(text), None


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
    return text.replace("\n", " ").replace("\t", " ")
