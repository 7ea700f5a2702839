"""An operator's own list: plain CSV (RFC 4180, UTF-8) with a map from our columns to theirs.

Bytes to entries and rejected rows; a row that cannot be understood is handed back with its reason, never dropped.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from traceability.errors import InvalidInput
from traceability.lists import identifiers as ids
from traceability.lists.entries import Identifier, Kind, ListEntry, names
from traceability.lists.rows import from_row

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_ROWS: Final = 1_000_000
READ_COLUMNS: Final = ("id", "name", "aliases", "weak_aliases", "former_names", "identifiers", "schema")
_OWN_COLUMNS: Final = (
    "country",
    "code",
    "material",
    "child_labour",
    "forced_labour",
    "valid_from",
    "valid_to",
    "source",
)
_MAX_RAW: Final = 300
_COUNTRY_LENGTH: Final = 2
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_AREA: Final = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that could not be read: its line in the file, its text cut to 300 characters, and why."""

    line: int
    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a file holds: the entries read, and what is put up for review: rows not read, numbers not usable."""

    entries: tuple[ListEntry, ...]
    rejected: tuple[Rejected, ...]


def read_mapped(
    data: bytes, list_id: str, *, kind: Kind = "party", columns: Mapping[str, str] | None = None
) -> ReadResult:
    """Return the entries of a plain CSV file.

    Args:
        data: the bytes of the file, with a header line.
        list_id: the list the entries belong to.
        kind: what each row is about.
        columns: our column -> theirs, for columns named otherwise. Ours: id, name, aliases, weak_aliases,
            former_names and identifiers (several values separated by ``|`` or ``;``, an identifier written
            ``scheme:value`` or ``scheme:COUNTRY:value``), schema, country, code, material, child_labour,
            forced_labour, valid_from, valid_to, source.

    Raises:
        InvalidInput: the file is too large, not UTF-8, or lacks a column that is needed or mapped.

    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"expected at most {MAX_BYTES} bytes, got {len(data)}")
    try:
        return _read(data.decode("utf-8-sig"), list_id, kind, columns or {})
    except UnicodeDecodeError as error:
        raise InvalidInput(f"expected UTF-8 text: {error}; save the table as CSV UTF-8") from error
    except csv.Error as error:
        raise InvalidInput(f"expected a CSV table: {error}") from error


def _read(text: str, list_id: str, kind: Kind, columns: Mapping[str, str]) -> ReadResult:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    mapped = _mapping(list(reader.fieldnames or ()), columns)
    entries: dict[str, ListEntry] = {}
    rejected: list[Rejected] = []
    for cells in reader:
        raw = ",".join(str(value) for value in cells.values())[:_MAX_RAW]
        if len(entries) + len(rejected) >= MAX_ROWS:
            raise InvalidInput(f"expected at most {MAX_ROWS} rows")
        try:
            if None in cells or None in cells.values():
                raise InvalidInput("the row has not as many cells as the header")
            entry = _entry(list_id, kind, {ours: cells[theirs].strip() for ours, theirs in mapped.items()})
            if entry.entry_key in entries:
                raise InvalidInput(f"id {entry.entry_key!r} stands on an earlier line already")
            entries[entry.entry_key] = entry
            rejected.extend(Rejected(reader.line_num, raw, reason) for reason in _unusable(entry))
        except InvalidInput as error:
            rejected.append(Rejected(reader.line_num, raw, error.detail))
    return ReadResult(tuple(entries.values()), tuple(rejected))


def _mapping(header: list[str], columns: Mapping[str, str]) -> dict[str, str]:
    ours = {*READ_COLUMNS, *_OWN_COLUMNS}
    unknown = sorted(columns.keys() - ours)
    if unknown:
        raise InvalidInput(f"the column map names {', '.join(unknown)}; ours are {', '.join(sorted(ours))}")
    absent = sorted(set(columns.values()) - set(header))
    if absent:
        raise InvalidInput(f"the file has no column {', '.join(absent)}; it has {', '.join(header) or 'none'}")
    mapped = {name: columns.get(name, name) for name in sorted(ours)}
    mapped = {name: theirs for name, theirs in mapped.items() if theirs in header}
    if "id" not in mapped or not {"name", "code"} & mapped.keys():
        raise InvalidInput("expected the columns id and name (or code, for a list of areas); map yours to them")
    return mapped


def _entry(list_id: str, kind: Kind, cells: Mapping[str, str]) -> ListEntry:
    plain = {column: value for column, value in cells.items() if column in _OWN_COLUMNS}
    base = from_row(list_id, {**plain, "entry_key": cells["id"], "kind": kind})
    _check_codes(base)
    given = (
        *names("primary", [cells.get("name", "")]),
        *names("strong", _several(cells.get("aliases", ""))),
        *names("weak", _several(cells.get("weak_aliases", ""))),
        *names("former", _several(cells.get("former_names", ""))),
    )
    if kind == "party" and not given:
        raise InvalidInput("column name: expected a name, got an empty cell")
    extra = {"schema": cells["schema"]} if cells.get("schema") else {}
    return replace(base, names=given, identifiers=_identifiers(cells.get("identifiers", "")), extra=extra)


def _check_codes(entry: ListEntry) -> None:
    if entry.country is not None and not _COUNTRY.fullmatch(entry.country):
        raise InvalidInput(f"column country: expected an ISO 3166-1 code such as CD, got {entry.country!r}")
    if entry.kind == "area" and not _AREA.fullmatch(entry.code or ""):
        raise InvalidInput(f"column code: expected an area such as CD or CD-NK (ISO 3166), got {entry.code!r}")
    if entry.kind == "goods" and not (entry.material and entry.country):
        raise InvalidInput("expected a material and a country of every row of a goods list")


def _unusable(entry: ListEntry) -> Iterator[str]:
    for item in entry.identifiers:
        wrong = ids.problem(item)
        if wrong:
            yield f"column identifiers: {wrong}; the entry is taken, this number is not compared"


def _several(cell: str) -> list[str]:
    return [value.strip() for value in cell.split("|" if "|" in cell else ";") if value.strip()]


def _identifiers(cell: str) -> tuple[Identifier, ...]:
    return tuple(_identifier(text) for text in _several(cell))


def _identifier(text: str) -> Identifier:
    scheme, _, rest = text.partition(":")
    country, colon, value = rest.partition(":")
    if colon and len(country) <= _COUNTRY_LENGTH:
        return Identifier(scheme.lower(), value, country or None)
    return Identifier(scheme.lower(), rest)
