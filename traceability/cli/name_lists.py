"""Where names come from: CSV tables (RFC 4180, UTF-8) of names or of pairs."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from traceability.errors import InvalidInput
from traceability.lists.fold import unaskable
from traceability.lists.match import Query
from traceability.lists.readers import births
from traceability.lists.readers.mapped import Rejected
from traceability.lists.readers.mapped_csv import read_mapped


def queries_from(path: Path, schema: str | None) -> tuple[list[tuple[str, Query]], Sequence[InvalidInput]]:
    """Return (id, query) for each row of a table of names, and an error for each row that cannot be asked."""
    read = read_mapped(path.read_bytes(), path.name)
    wrong = [InvalidInput(told(path, row)) for row in read.rejected]
    found = []
    for entry in read.entries:
        if why := unaskable(entry.name):
            wrong.append(InvalidInput(f"{path}: id {entry.entry_key}: {why}"))
        else:
            born = entry.extra.get(births.COLUMN, "")
            query = Query(entry.name, entry.country, entry.identifiers, entry.schema or schema, born)
            found.append((entry.entry_key, query))
    return found, wrong


def read_pairs(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """Yield (row, name1, name2, schema) of a table of pairs; rows are counted from 1, without the header.

    Raises:
        InvalidInput: it is no CSV table with the columns name1 and name2.

    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: expected a CSV table in UTF-8: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if not {"name1", "name2"} <= set(reader.fieldnames or ()):
        raise InvalidInput(f"{path}: expected the columns name1 and name2; got {', '.join(reader.fieldnames or ())}")
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells["name1"] or "", cells["name2"] or "", (cells.get("schema") or "").strip()
    except csv.Error as error:
        raise InvalidInput(f"{path}: line {reader.line_num}: the CSV is damaged ({error})") from error


def told(path: Path, row: Rejected) -> str:
    """Return what is said of a row of a table that could not be read."""
    return f"{path}: line {row.line}: {row.reason}"
