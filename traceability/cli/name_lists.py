"""What names are compared with, and where names come from: lists of the database, or CSV tables (RFC 4180, UTF-8)."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traceability.errors import InvalidInput
from traceability.lists.fold import unaskable
from traceability.lists.match import NameIndex, Query
from traceability.lists.readers.mapped import Rejected
from traceability.lists.readers.mapped_csv import read_mapped

if TYPE_CHECKING:
    from traceability.services.context import Service


@dataclass(frozen=True, slots=True)
class Asked:
    """An index to ask, the day it is asked for, how complete its lists are, and what people should be told of it."""

    index: NameIndex
    as_of: date
    coverage: list[dict[str, Any]]
    notes: tuple[str, ...] = ()


def against_file(path: Path, as_of: date) -> Asked:
    """Return the index of a table of one's own; rows that cannot be read make it partial, and are told.

    Raises:
        InvalidInput: it is no CSV table with the columns id and name.

    """
    read = read_mapped(path.read_bytes(), path.name)
    lost = [row for row in read.rejected if row.lost]
    state = "partial" if lost else "full"
    said = f"{path.name} is {state}" + (f" ({len(lost)} rows could not be read)" if lost else "")
    cover = {"list_id": path.name, "version": None, "state": state, "rows": len(read.entries), "sentence": said}
    return Asked(NameIndex.build(read.entries), as_of, [cover], tuple(_told(path, row) for row in read.rejected))


def against_lists(service: "Service", list_id: str | None, as_of: date) -> Asked:
    """Return the index of one loaded list, or of every list of parties.

    Raises:
        InvalidInput: no such list is loaded.

    """
    with service.store.read() as session:
        book = service.books.at(session, as_of)
    names = [name for name, entries in book.entries.items() if any(entry.kind == "party" for entry in entries)]
    if list_id is not None and list_id not in names:
        raise InvalidInput(f"there is no list {list_id!r} of parties; loaded are {', '.join(names) or 'none'}")
    if not names:
        raise InvalidInput("no list of parties is loaded: load them with `traceability lists load`")
    wanted = [list_id] if list_id else names
    index = NameIndex.build(entry for name in wanted for entry in book.entries[name])
    cover = [item for item in book.coverage(as_of, frozenset()) if item.list_id in wanted]
    return Asked(index, as_of, [_cover(asdict(item), book.versions[item.list_id].row_count) for item in cover])


def queries_from(path: Path, schema: str | None) -> tuple[list[tuple[str, Query]], Sequence[InvalidInput]]:
    """Return (id, query) for each row of a table of names, and an error for each row that cannot be asked."""
    read = read_mapped(path.read_bytes(), path.name)
    wrong = [InvalidInput(_told(path, row)) for row in read.rejected]
    found = []
    for entry in read.entries:
        if why := unaskable(entry.name):
            wrong.append(InvalidInput(f"{path}: id {entry.entry_key}: {why}"))
        else:
            found.append((entry.entry_key, Query(entry.name, entry.country, entry.identifiers, entry.schema or schema)))
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


def _cover(item: dict[str, Any], rows: int) -> dict[str, Any]:
    published = item["published_at"]
    return {
        "list_id": item["list_id"],
        "version": item["version"],
        "state": item["state"],
        "published_at": published.isoformat() if published else None,
        "age_days": item["age_days"],
        "rows": rows,
        "sentence": item["sentence"],
    }


def _told(path: Path, row: Rejected) -> str:
    return f"{path}: line {row.line}: {row.reason}"
