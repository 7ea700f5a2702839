"""Workbooks (ISO/IEC 29500 SpreadsheetML): each sheet is a page, each row a row of a table.

Formulas are not computed: the value the sender's program kept beside each is read, and a sheet with formulas that have
none is not read to its end. Hidden sheets are read like others
and named in a note; comments and text boxes follow the last row of the sheets.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from traceability.documents.extraction.extracted import Builder, Refused
from traceability.documents.extraction.packages import elements, members, note_pictures, paragraphs
from traceability.documents.extraction.rows import Lines
from traceability.documents.limits import MAX_PAGES, OFFICE_BYTES, limit_memory

_MAX_COLUMNS = 256
_MAX_ROWS = 1_048_576
_BESIDE = r"xl/(comments|threadedComments|drawings|charts)[^.]*\.xml"
_FEW = 20
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[\s/>]")
_PART, _TAG = 1_000_000, 24


def read(data: bytes, builder: Builder) -> None:
    """Read every sheet of an XLSX; the caller has judged the archive before."""
    import openpyxl

    limit_memory(OFFICE_BYTES)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    sheets = book.worksheets
    if len(sheets) > MAX_PAGES:
        raise Refused("limit")
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        bare = _without_value(opened)
        beside = [text for name in members(opened, _BESIDE) for text in paragraphs(opened, name)]
        pictures = note_pictures(opened, r"xl/media/.+", builder)
    for number, sheet in enumerate(sheets, start=1):
        lines = Lines()
        _rows(sheet, lines)
        for text in beside if number == len(sheets) else ():
            lines.add("paragraph", text)
        builder.page(lines.text, lines.blocks)
        if sheet.sheet_state != "visible":
            builder.note("hidden_sheet", f"The sheet {sheet.title[:60]!r} is hidden; it was read.", builder.last_page)
        if number == 1 and bare:
            builder.note("formula_without_value", f"{bare} formula(s) have no value in the file and were not read.")
        if (number == 1 and bare) or (pictures and len(lines.text.strip()) < _FEW):
            builder.unread.append(builder.last_page)


def _has_formula(opened: zipfile.ZipFile, name: str) -> bool:
    """Whether a sheet holds a formula at all: most hold none, and are not parsed once more."""
    end = b""
    with opened.open(name) as stream:
        while part := stream.read(_PART):
            if _FORMULA.search(end + part):
                return True
            end = part[-_TAG:]
    return False


def _without_value(opened: zipfile.ZipFile) -> int:
    """Count the formulas beside which no value is kept: programs that only write a file leave them so."""
    count = 0
    for name in members(opened, r"xl/worksheets/[^/]+\.xml"):
        if not _has_formula(opened, name):
            continue
        formula = value = False
        for event, element, local in elements(opened, name):
            if event == "start" and local == "c":
                formula = value = False
            elif event == "end" and local == "f":
                formula = True
            elif event == "end" and local in {"v", "is"}:
                value = value or local == "is" or bool(element.text)
            elif event == "end" and local == "c" and formula and not value:
                count += 1
    return count


def _rows(sheet: Any, lines: Lines) -> None:
    """Add the rows; between empty rows all have as many cells, so that columns stand under their headings."""
    # What a sheet says of its own size is not believed: A1:XFD1048576 would be 17 thousand million cells.
    sheet.reset_dimensions()
    table: list[list[str]] = []
    for count, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if count > _MAX_ROWS:
            raise Refused("limit")
        cells = _filled(values)
        if cells:
            table.append(cells)
        elif table:
            _flush(table, lines)
    _flush(table, lines)


def _flush(table: list[list[str]], lines: Lines) -> None:
    width = max((len(cells) for cells in table), default=0)
    for cells in table:
        if len(cells) == 1 or (width == 1 and cells[0].strip()):
            lines.add("paragraph", " ".join(cells[0].split()))
        else:
            lines.row(cells + [""] * (width - len(cells)))
    table.clear()


def _filled(values: Iterable[Any]) -> list[str]:
    cells = [_shown(value) for value in values]
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) > _MAX_COLUMNS:
        raise Refused("limit")
    return cells


def _shown(value: Any) -> str:
    """Return a cell's value as text: dates by ISO 8601, whole numbers without a fraction, nothing else rounded."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
