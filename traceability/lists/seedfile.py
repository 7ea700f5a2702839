"""Our own compact tables of list facts: a manifest and one CSV file per list (RFC 4180, UTF-8), checked before use.

The manifest says of each table where its facts come from (publisher, address, dates, SHA-256 of the source file) and
what the table itself must be (SHA-256, rows). A table that is not exactly that is refused, never read in part. Every
row keeps its source by a key, which sources.csv resolves to files; without that, it is the one file of the manifest.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path

from traceability.errors import InvalidInput
from traceability.lists.entries import COVERAGES, ListEntry, ListSource, ListVersion, StatedCoverage
from traceability.lists.readers.reading import Review
from traceability.lists.rows import from_row

MANIFEST = "manifest.csv"
SOURCES = "sources.csv"
REVIEW = "review.csv"
MAX_BYTES = 64 * 1024 * 1024
_KEY = 8
_OPTIONAL = {"for_review": "0"}


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One table of a seed folder; dates are ISO 8601, ``published_at`` possibly a month or a year only.

    ``for_review`` counts what a person has yet to read in the source: names are missing for it where the coverage is
    partial, and otherwise none.
    """

    list_id: str
    file: str
    publisher: str
    title: str
    version: str
    published_at: str
    retrieved_at: str
    source_url: str
    source_sha256: str
    rows: int
    expected_min: int
    expected_max: int
    coverage: StatedCoverage
    max_age_days: int
    terms: str
    table_sha256: str
    for_review: int = 0


def read_manifest(folder: Path) -> list[ManifestRow]:
    """Return the tables a seed folder says it holds, in its order.

    Raises:
        InvalidInput: there is no manifest, or a line of it cannot be understood.

    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InvalidInput(f"expected {MANIFEST} in {folder.name}/, found none: build it with scripts/build_seed.py")
    return [_manifest_row(number, row) for number, row in enumerate(_lines(path), start=2)]


def read_list(
    folder: Path, row: ManifestRow, *, loaded_at: datetime | None = None
) -> tuple[ListVersion, list[ListEntry]]:
    """Return one table of a seed folder as a list version and its entries.

    Args:
        folder: the folder that holds the table.
        row: its line of the manifest.
        loaded_at: the moment to note as the time of loading.

    Raises:
        InvalidInput: the bytes, the number of rows or a row are not what the manifest and the table form demand. A
            table outside the expected number of rows is taken only when its coverage says ``partial``.

    """
    sources = read_sources(folder, row)
    entries = [_sourced(row, from_row(row.list_id, cells), sources) for cells in _rows(row, _table_bytes(folder, row))]
    _check_counts(row, entries)
    return _version(row, sources, loaded_at), entries


def source_key(sha256: str) -> str:
    """Return the key by which a table's rows name the file they were read from: the start of its SHA-256."""
    return sha256[:_KEY]


def read_sources(folder: Path, row: ManifestRow) -> tuple[ListSource, ...]:
    """Return the files a table was made of, the manifest's first.

    Raises:
        InvalidInput: a line of sources.csv cannot be understood, or the manifest's file is not among the table's.

    """
    path, key = folder / SOURCES, source_key(row.source_sha256)
    if not path.is_file():
        file = row.source_url.rpartition("/")[2]
        return (ListSource(key, file, row.source_url, row.published_at, row.retrieved_at, row.source_sha256),)
    wanted = [item.name for item in fields(ListSource)]
    lines = [cells for cells in _lines(path) if cells.get("list_id") == row.list_id]
    if any(not cells.get(name) for cells in lines for name in ("source_key", "file", "sha256")):
        raise InvalidInput(f"{SOURCES}: expected source_key, file and sha256 in every line of {row.list_id}")
    found = tuple(ListSource(**{name: cells.get(name) or "" for name in wanted}) for cells in lines)
    if row.source_sha256 not in {source.sha256 for source in found}:
        raise InvalidInput(f"{SOURCES}: expected the source file of {row.list_id} with SHA-256 {row.source_sha256}")
    return found


def read_review(folder: Path, row: ManifestRow) -> list[Review]:
    """Return what the reader of a list did not fully understand; none where the folder does not say it.

    Raises:
        InvalidInput: a line cannot be understood, or they are not as many as the manifest says.

    """
    path = folder / REVIEW
    if not path.is_file():
        return []
    lines = [cells for cells in _lines(path) if cells.get("list_id") == row.list_id]
    wanted = [item.name for item in fields(Review)]
    for cells in lines:
        if any(cells.get(name) is None for name in wanted) or cells["lost"] not in ("yes", "no"):
            raise InvalidInput(f"{REVIEW}: expected the columns {', '.join(wanted)}, lost yes or no: {row.list_id}")
    if len(lines) != row.for_review:
        raise InvalidInput(f"{REVIEW}: expected {row.for_review} lines of {row.list_id}, got {len(lines)}")
    return [Review(**{name: cells[name] for name in wanted}) for cells in lines]


def _sourced(row: ManifestRow, entry: ListEntry, sources: tuple[ListSource, ...]) -> ListEntry:
    """Return the entry with its source: the one its row names, else the manifest's."""
    if not entry.source_key:
        return replace(entry, source_key=source_key(row.source_sha256))
    if entry.source_key not in {source.source_key for source in sources}:
        known = ", ".join(sorted({source.source_key for source in sources}))
        raise InvalidInput(f"{row.list_id}: {entry.entry_key} names the source {entry.source_key!r}; known are {known}")
    return entry


def full_date(text: str) -> date | None:
    """Return an ISO 8601 calendar date; None when the text gives only a month, a year or nothing."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _lines(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path.name} is not a UTF-8 CSV table: {error}") from error


def _manifest_row(number: int, given: Mapping[str, str | None]) -> ManifestRow:
    wanted = [item.name for item in fields(ManifestRow)]
    cells = {**_OPTIONAL, **{name: value for name, value in given.items() if value is not None}}
    missing = [name for name in wanted if cells.get(name) is None]
    if missing:
        raise InvalidInput(f"{MANIFEST} line {number}: expected a column {', '.join(missing)}")
    if cells["coverage"] not in COVERAGES:
        raise InvalidInput(f"{MANIFEST} line {number}: coverage must be {', '.join(COVERAGES)}: {cells['coverage']!r}")
    if not cells["source_url"] or not cells["source_sha256"]:
        raise InvalidInput(f"{MANIFEST} line {number}: a list without source address and SHA-256 is not taken")
    whole = {
        name: _count(number, name, cells[name])
        for name in ("rows", "expected_min", "expected_max", "max_age_days", "for_review")
    }
    return ManifestRow(**{name: cells[name] for name in wanted} | whole)  # type: ignore[arg-type]  # one str, others int


def _count(number: int, name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidInput(f"{MANIFEST} line {number}: {name} must be a whole number, got {text!r}")
    return int(text)


def _table_bytes(folder: Path, row: ManifestRow) -> bytes:
    # The manifest may come from elsewhere: its file names may not lead out of the folder.
    if Path(row.file).name != row.file:
        raise InvalidInput(f"{row.list_id}: expected a plain file name, got {row.file!r}")
    path = folder / row.file
    if not path.is_file():
        raise InvalidInput(f"{row.list_id}: the table {row.file} is missing")
    data = path.read_bytes()
    got = hashlib.sha256(data).hexdigest()
    if got != row.table_sha256:
        raise InvalidInput(f"{row.list_id}: {row.file} has SHA-256 {got}, the manifest says {row.table_sha256}")
    return _unpacked(row, data) if row.file.endswith(".gz") else data


def _unpacked(row: ManifestRow, data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise InvalidInput(f"{row.list_id}: {row.file} is not a gzip file: {error}") from error
    if len(plain) > MAX_BYTES:
        raise InvalidInput(f"{row.list_id}: {row.file} unpacks to more than {MAX_BYTES} bytes")
    return plain


def _rows(row: ManifestRow, data: bytes) -> Iterator[Mapping[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
        for cells in reader:
            if None in cells or None in cells.values():
                raise InvalidInput(
                    f"{row.list_id}: line {reader.line_num} of {row.file} has not as many cells as columns"
                )
            yield cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{row.list_id}: {row.file} is not a UTF-8 CSV table: {error}") from error


def _check_counts(row: ManifestRow, entries: list[ListEntry]) -> None:
    if len(entries) != row.rows:
        raise InvalidInput(f"{row.list_id}: expected {row.rows} rows, got {len(entries)}")
    if len({entry.entry_key for entry in entries}) != len(entries):
        raise InvalidInput(f"{row.list_id}: two rows of {row.file} have the same entry_key")
    if row.coverage != "partial" and not row.expected_min <= len(entries) <= row.expected_max:
        raise InvalidInput(
            f"{row.list_id}: expected {row.expected_min} to {row.expected_max} rows, got {len(entries)}; "
            "the version in use stays. Load it as partial if that is what it is"
        )


def _version(row: ManifestRow, sources: tuple[ListSource, ...], loaded_at: datetime | None) -> ListVersion:
    return ListVersion(
        list_id=row.list_id,
        version=row.version,
        published_at=full_date(row.published_at),
        retrieved_at=full_date(row.retrieved_at),
        loaded_at=loaded_at,
        source_url=row.source_url,
        sha256=row.source_sha256,
        row_count=row.rows,
        expected_min=row.expected_min,
        expected_max=row.expected_max,
        coverage=row.coverage,
        max_age_days=row.max_age_days,
        publisher=row.publisher,
        terms=row.terms,
        title=row.title,
        sources=sources,
    )
