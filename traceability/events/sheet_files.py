"""Rows of text from an XLSX or CSV file that nobody vouches for: sizes are capped and formulas never calculated."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from traceability.errors import InvalidInput, TooLarge

MAX_BYTES = 5_000_000
MAX_ROWS = 5000
MAX_COLUMNS = 64
_MAX_UNPACKED = 20_000_000
_MAX_MEMBERS = 200
_MAX_CELL = 32_768
SHEET = "events"
"""The worksheet that is read; where it has another name, the first one."""

_ZIP_MARK = b"PK\x03\x04"
FORMULA = "\x00formula"
"""Stands for a cell that holds a formula: its value depends on the program that opens it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its number as the spreadsheet shows it, and the text of its cells."""

    number: int
    cells: tuple[str, ...]


def read_file(data: bytes, name: str, sheet: str = SHEET) -> list[Row]:
    """Return the rows of an XLSX or CSV file that hold anything, the header first; the content decides which it is.

    Raises:
        TooLarge: the file, what it unpacks to, or its number of rows is over the limit.
        InvalidInput: it is neither of the two, or damaged.

    """
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{name}: at most {MAX_BYTES} bytes are read, got {len(data)}: divide the file")
    rows = _workbook(data, name, sheet) if data.startswith(_ZIP_MARK) else _csv(_called_csv(data, name), name)
    kept: list[Row] = []
    for number, cells in enumerate(rows, start=1):
        if any(cells):
            kept.append(Row(number, cells))
        if number > MAX_ROWS + 1:
            raise TooLarge(f"{name}: at most {MAX_ROWS} rows are read: divide the file")
    return kept


def _called_csv(data: bytes, name: str) -> bytes:
    """Return what is no workbook, if its name says that it is a table: almost any text could be read as CSV."""
    if not name.lower().endswith((".csv", ".xlsx")):
        raise InvalidInput(f"{name[:200]}: expected an XLSX file, or CSV in a file whose name ends in .csv")
    return data


def _csv(data: bytes, name: str) -> Iterator[tuple[str, ...]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name}: expected an XLSX file, or CSV in UTF-8; got neither") from error
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield _row(cells, name)
    except csv.Error as error:
        raise InvalidInput(f"{name}: the CSV is damaged ({error}): save it again from the template") from error


def _workbook(data: bytes, name: str, wanted: str) -> Iterator[tuple[str, ...]]:
    _check_archive(data, name)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False, rich_text=False)
        sheet: Any = book[wanted] if wanted in book.sheetnames else book.worksheets[0]
        rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1)
        for cells in rows:
            yield _row([FORMULA if cell.data_type == "f" else cell.value for cell in cells], name)
    except (InvalidInput, TooLarge):
        raise
    except Exception as error:  # a damaged workbook raises whatever the library met first
        raise InvalidInput(f"{name}: the workbook cannot be read: save it again from the template") from error


def _check_archive(data: bytes, name: str) -> None:
    """Refuse an archive that unpacks to far more than it shows; the declared sizes bind, zipfile reads no further."""
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InvalidInput(f"{name}: the workbook is damaged: save it again from the template") from error
    if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > _MAX_UNPACKED:
        raise TooLarge(f"{name}: the workbook unpacks to more than {_MAX_UNPACKED} bytes: start from the template")


def _row(cells: Iterable[Any], name: str) -> tuple[str, ...]:
    texts = tuple(map(_text, cells))
    if len(texts) > MAX_COLUMNS and any(texts[MAX_COLUMNS:]):
        raise InvalidInput(f"{name}: at most {MAX_COLUMNS} columns are read: start from the template")
    if any(len(text) > _MAX_CELL for text in texts):
        raise TooLarge(f"{name}: a cell holds more than {_MAX_CELL} characters: shorten it")
    return texts


def _text(value: Any) -> str:
    """Return what a cell says as text; a spreadsheet's floating-point number by the digits it shows."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value + timedelta(microseconds=500_000)).replace(microsecond=0).isoformat()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    text = str(value).strip()
    return FORMULA if text.startswith("=") else text
