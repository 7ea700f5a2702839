"""Entries as the bytes of a table: the same entries give the same bytes, in any order, on any machine."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from traceability.lists.entries import ListEntry
from traceability.lists.rows import COLUMNS, to_row


def table_bytes(entries: Iterable[ListEntry]) -> bytes:
    """Return entries as CSV, in order of entry_key, without columns that would be empty in every row."""
    rows = [to_row(entry) for entry in sorted(entries, key=lambda entry: entry.entry_key)]
    extra = dict.fromkeys(column for row in rows for column in row if column not in COLUMNS)
    used = [column for column in (*COLUMNS, *extra) if any(row.get(column) for row in rows)]
    return csv_bytes(used, rows)


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return rows as UTF-8 CSV with line feeds."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()
