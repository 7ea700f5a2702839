"""Writing tables that are the same bytes every time: entries, what waits for review, sources and the manifest."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

from traceability.lists.entries import ListEntry
from traceability.lists.rows import COLUMNS, to_row

GZIP_FROM = 2 * 1024 * 1024
_MAX_RAW = 300


@dataclass(frozen=True, slots=True, order=True)
class Review:
    """One thing a reader did not fully understand; ``lost`` says whether a name or entry is missing because of it."""

    list_id: str
    entry_key: str
    field: str
    raw: str
    reason: str
    lost: str


@dataclass(slots=True)
class Reading:
    """What a reader made of its source: entries, and what waits for a person."""

    list_id: str
    entries: list[ListEntry] = field(default_factory=list)
    review: list[Review] = field(default_factory=list)

    def ask(self, entry_key: str, column: str, raw: str, reason: str, *, lost: bool) -> None:
        """Put something up for review; its text is cut to 300 characters."""
        shown = " ".join(raw.split())[:_MAX_RAW]
        self.review.append(Review(self.list_id, entry_key, column, shown, reason, "yes" if lost else "no"))


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


def key_of(*parts: str) -> str:
    """Return an entry_key for a list whose publisher gives none: a hash of what tells its entries apart."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def xml_root(path: Path) -> Element:
    """Return the root of an XML file, read without entities, external or internal.

    Raises:
        ValueError: the file holds no element.

    """
    root = parse(path, forbid_dtd=True).getroot()
    if root is None:
        raise ValueError(f"{path.name}: expected an XML document, found no element")
    return root


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
