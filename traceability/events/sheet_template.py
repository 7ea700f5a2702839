"""The empty sheet we give to suppliers without software: headers, lists to choose from, and a page that explains."""

import csv
import io
from typing import Any

from traceability.events.sheet_columns import COLUMNS, Column
from traceability.events.sheet_files import MAX_ROWS, SHEET
from traceability.events.sheet_kinds import KINDS

_INTRODUCTION = (
    "One row for each thing that happened to a batch, in the sheet 'events'. Do not change the headers.",
    "Identifiers (batches, bags, sites, parties) are addresses that begin with https:, did:, urn: or geo:.",
    "Numbers have a full stop as decimal sign and no spaces. Formulas are not read: paste values.",
    "Each row needs what, when and zone. Leave the columns that the kind of row does not use empty.",
    "Nothing is imported until every row is in order; each error is shown with its row and column.",
    "The file is turned into EPCIS 2.0 events, which you then sign with your key.",
)
_WIDTH = 22


def template_csv() -> str:
    """Return the template as CSV: the headers. No example row, which somebody would leave in and import as true."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([column.name for column in COLUMNS])
    return out.getvalue()


def template_xlsx() -> bytes:
    """Return the template as XLSX: the sheet 'events' with lists to choose from, and the sheet 'instructions'."""
    from openpyxl import Workbook

    book = Workbook()
    events = book.active
    if events is None:  # pragma: no cover - a new workbook has a sheet; the library's type says it might not
        raise AssertionError("a new workbook has no sheet")
    events.title = SHEET
    events.append([column.name for column in COLUMNS])
    events.freeze_panes = "B2"
    for index, column in enumerate(COLUMNS, start=1):
        _prepare_column(events, index, column)
    _write_instructions(book.create_sheet("instructions"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _prepare_column(sheet: Any, index: int, column: Column) -> None:
    """Make the header bold, the cells text (leading zeros and dates stay as typed), and offer the choices."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(index)
    sheet[f"{letter}1"].font = Font(bold=True)
    sheet.column_dimensions[letter].width = _WIDTH
    sheet.column_dimensions[letter].number_format = "@"
    choices = tuple(KINDS) if column.name == "what" else column.choices
    if choices:
        offered = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
        offered.showErrorMessage = True
        offered.error = f"Choose one of: {', '.join(choices)}"[:225]
        offered.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
        sheet.add_data_validation(offered)


def _write_instructions(sheet: Any) -> None:
    for line in _INTRODUCTION:
        sheet.append([line])
    sheet.append([])
    sheet.append(["column", "what to write", "example"])
    for column in COLUMNS:
        sheet.append([column.name, column.help, column.example])
    sheet.append([])
    sheet.append(["what", "meaning", "columns it needs", "columns it may use besides"])
    for name, kind in KINDS.items():
        sheet.append([name, kind.help, ", ".join(("when", "zone", *kind.needs)), ", ".join(kind.may)])
    for letter, width in zip("ABCD", (24, 60, 48, 80), strict=True):
        sheet.column_dimensions[letter].width = width
