"""Writing tables that are the same bytes every time: entries, what waits for review, sources and the manifest."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from traceability.lists.entries import ListEntry
from traceability.lists.rows import COLUMNS, to_row

GZIP_FROM = 2 * 1024 * 1024


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


def write_table(folder: Path, name: str, data: bytes) -> tuple[str, str]:
    """Write a table, packed without time or name when it is large; return its file name and SHA-256."""
    for old in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
        old.unlink(missing_ok=True)
    file = f"{name}.csv"
    if len(data) > GZIP_FROM:
        file, data = f"{name}.csv.gz", gzip.compress(data, 9, mtime=0)
    (folder / file).write_bytes(data)
    return file, hashlib.sha256(data).hexdigest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
