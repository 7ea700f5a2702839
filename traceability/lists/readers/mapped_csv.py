"""An operator's own list as plain CSV (RFC 4180, UTF-8) with a map from our columns to theirs."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from traceability.errors import InvalidInput
from traceability.lists.entries import Kind
from traceability.lists.readers.mapped import ReadResult, Row, read_rows

MAX_BYTES: Final = 64 * 1024 * 1024
_END: Final = "\x1a\r\n"


def read_mapped(
    data: bytes, list_id: str, *, kind: Kind = "party", columns: Mapping[str, str] | None = None
) -> ReadResult:
    """Return the entries of a plain CSV file.

    Args:
        data: the bytes of the file, with a header line.
        list_id: the list the entries belong to.
        kind: what each row is about.
        columns: our column -> theirs, for columns named otherwise. Ours: id, name, aliases, weak_aliases,
            former_names, birth_dates and identifiers (several values separated by ``|`` or ``;``, an identifier written
            ``scheme:value`` or ``scheme:COUNTRY:value``), schema, country, code, material, child_labour,
            forced_labour, valid_from, valid_to, source.

    Raises:
        InvalidInput: the file is too large, not UTF-8, or lacks a column that is needed or mapped.

    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"expected at most {MAX_BYTES} bytes, got {len(data)}")
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig").rstrip(_END) + "\n", newline=""), strict=True)
        return read_rows(next(reader, []), _rows(reader), list_id, kind, columns or {})
    except UnicodeDecodeError as error:
        raise InvalidInput(f"expected UTF-8 text: {error}; save the table as CSV UTF-8") from error
    except csv.Error as error:
        raise InvalidInput(f"expected a CSV table: {error}") from error


def _rows(reader: Iterator[list[str]]) -> Iterator[Row]:
    for cells in filter(None, reader):
        yield reader.line_num, cells  # type: ignore[attr-defined]  # a reader of the csv module has it
