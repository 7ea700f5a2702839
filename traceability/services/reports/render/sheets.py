"""A report as XLSX: a sheet that says what it is, one for each table, its gaps and its lists; no cell is a formula."""

import io
import re
from decimal import Decimal
from typing import Any

from traceability.diligence.reports.model import Cell, Report, Table
from traceability.services.reports.render import said
from traceability.services.reports.render.archive import fixed
from traceability.services.spreadsheet import plain

_LONGEST = 32_000  # Excel takes 32,767 characters in a cell
_DIGITS = 15  # of a number; more are kept as text, for a spreadsheet would round them
_NAME = 31  # characters of a sheet's name
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_WIDTHS = (10, 60)


def as_xlsx(report: Report) -> bytes:
    """Return the workbook."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.title, book.properties.creator = said.cut(said.visible(report.title), 200), "traceability"
    book.properties.language = "en"
    _about(book.active, report)
    tables = [table for section in report.sections for table in section.tables]
    taken = {"about"}
    for table in (*tables, *said.appended(report)):
        _fill(book.create_sheet(_name(table.name, taken)), table)
    out = io.BytesIO()
    book.save(out)
    return fixed(out.getvalue(), f"{report.as_of.isoformat()}T00:00:00Z")


def _about(sheet: Any, report: Report) -> None:
    sheet.title = "About"
    said_of = [
        ("Report", report.title), *(("State", line) for line in said.head(report)), ("Law", report.law),
        ("Party", report.party_name),
        ("Identifier", report.party_id), ("Period", said.period(report)), ("As of", report.as_of.isoformat()),
        ("How to read it", said.bound(report)),
    ]  # fmt: skip
    for section in report.sections:
        said_of += [(section.heading, line) for line in section.paragraphs]
        said_of += [(section.heading, said.bar(bar)) for bar in section.bars]
        said_of += [(table.title, table.note) for table in section.tables if table.note]
    for number, pair in enumerate(said_of, start=1):
        for column, value in enumerate(pair, start=1):
            _write(sheet, number, column, value)
        sheet.cell(number, 1).font = _bold()
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 100


def _fill(sheet: Any, table: Table) -> None:
    from openpyxl.utils import get_column_letter

    for column, about in enumerate(table.columns, start=1):
        _write(sheet, 1, column, said.heading(about))
        sheet.cell(1, column).font = _bold()
        longest = max([len(said.heading(about)), *(len(said.text(row[column - 1])) for row in table.rows)])
        sheet.column_dimensions[get_column_letter(column)].width = max(_WIDTHS[0], min(_WIDTHS[1], longest + 2))
    for number, row in enumerate(table.rows, start=2):
        for column, value in enumerate(row, start=1):
            _write(sheet, number, column, value)
    sheet.freeze_panes = "A2"


def _write(sheet: Any, row: int, column: int, value: Cell) -> None:
    from openpyxl.styles import Alignment

    cell = sheet.cell(row, column)
    if isinstance(value, (int, Decimal)) and len(f"{Decimal(value):f}".strip("-").replace(".", "")) <= _DIGITS:
        cell.value = value
        return
    cell.value = said.cut(plain(said.text(value)), _LONGEST)
    cell.data_type = "s"  # never a formula or an error, whatever it looks like
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _bold() -> Any:
    from openpyxl.styles import Font

    return Font(bold=True)


def _name(wanted: str, taken: set[str]) -> str:
    base = _NOT_IN_NAMES.sub("_", said.visible(wanted)).replace("\n", "_")[: _NAME - 4] or "table"
    name, number = base, 2
    while name.casefold() in taken:
        name, number = f"{base} {number}", number + 1
    taken.add(name.casefold())
    return name
