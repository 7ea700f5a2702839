"""An operator's own list as a workbook (XLSX): the first sheet, its header in row 1, and a map of columns."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from traceability.errors import InvalidInput
from traceability.lists.entries import Kind
from traceability.lists.readers.mapped import ReadResult, Row, read_rows
from traceability.lists.readers.workbook import has_no_value, opened

_MAX_ROWS: Final = 200_000
_MAX_COLUMNS: Final = 100
_MAX_CELL: Final = 10_000
_NO_VALUE: Final = "a formula without its value: open the workbook, save it again, and load that"


def read_book(
    data: bytes, list_id: str, *, kind: Kind = "party", columns: Mapping[str, str] | None = None
) -> ReadResult:
    """Return the entries of a workbook; arguments as of ``mapped_csv.read_mapped``.

    Numbers are read without a decimal part that is nought, dates as ISO 8601, yes and no as such.

    Raises:
        InvalidInput: it is no workbook, is hostile or damaged, or lacks a column that is needed or mapped.

    """
    with opened(data) as book:
        if not book.names:
            raise InvalidInput("expected a workbook with a sheet")
        lines = book.rows(book.names[0], first=1, rows=_MAX_ROWS + 1, columns=_MAX_COLUMNS)
        header = _trimmed([_text(value) for value in next(lines, (1, (), ()))[2]])
        return read_rows(header, _rows(lines, len(header)), list_id, kind, columns or {})


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _rows(lines: Iterator[tuple[int, Sequence[Any], Any]], width: int) -> Iterator[Row]:
    for number, written, cached in lines:
        if number > _MAX_ROWS:
            raise InvalidInput(f"expected at most {_MAX_ROWS} rows in a workbook; save the table as CSV")
        cells = _trimmed([_text(value) for value in cached])
        if any(has_no_value(was, value) for was, value in zip(written, cached, strict=True)):
            yield number, _NO_VALUE
        elif cells:
            yield number, [*cells, *[""] * (width - len(cells))]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else " ".join(str(value).split())[:_MAX_CELL]
