"""Tables of publishers as rows of cells: CSV in UTF-8 or latin-1, whose ends and blanks are not to be trusted."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from traceability.errors import InvalidInput
from traceability.lists.readers.reading import within_limit

_MAX_CELL: Final = 1_000_000
_CP1252: Final = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}
_NOT_TEXT: Final = "\x1a\x00"


def rows(data: bytes, needed: Sequence[str], *, encoding: str = "utf-8-sig") -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, cells by column) of a CSV table with a header; cells are stripped, columns may be in any order.

    A row with more or fewer cells than the header comes with the column ``""`` holding it as a whole: the reader puts
    it up for review.

    Raises:
        InvalidInput: the table is too large, is cut off inside quotation marks, is in another encoding, or lacks a
            column.

    """
    reader = csv.reader(io.StringIO(_text(data, encoding), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if missing := [name for name in needed if name not in header]:
            raise InvalidInput(f"expected the columns {', '.join(needed)}; {', '.join(missing)} is missing")
        for cells in filter(None, reader):
            if len(cells) == len(header):
                yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))
            else:
                yield reader.line_num, {"": ",".join(cells)[:_MAX_CELL]}
    except csv.Error as error:
        raise InvalidInput(f"line {reader.line_num}: the CSV table is damaged ({error})") from error


def _text(data: bytes, encoding: str) -> str:
    try:
        text = within_limit(data).decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"expected a table in {encoding.removesuffix('-sig')}: {error}") from error
    # Publishers paste Windows text into pages of other encodings: C1 controls are its quotation marks and dashes.
    return text.rstrip(_NOT_TEXT + "\r\n").translate(_CP1252) + "\n"
