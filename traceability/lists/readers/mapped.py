"""An operator's own list as rows of cells, whatever file they stand in: a map from our columns to theirs.

A row that cannot be understood is handed back with its reason, never dropped.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from traceability.errors import InvalidInput
from traceability.lists import identifiers as ids
from traceability.lists.entries import Identifier, Kind, ListEntry, names
from traceability.lists.readers import births
from traceability.lists.rows import from_row

MAX_ROWS: Final = 1_000_000
READ_COLUMNS: Final = ("id", "name", "aliases", "weak_aliases", "former_names", "identifiers", "schema", births.COLUMN)
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
    """One row that could not be read: its line in the file, its text cut to 300 characters, and why.

    ``lost`` is false where the entry was taken all the same, and a number of it alone is not compared.
    """

    line: int
    raw: str
    reason: str
    lost: bool = True


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a file holds: the entries read, and what is put up for review: rows not read, numbers not usable."""

    entries: tuple[ListEntry, ...]
    rejected: tuple[Rejected, ...]


Row = tuple[int, Sequence[str] | str]
"""The line of a row, and its cells; or what is wrong with it."""


def read_rows(
    header: Sequence[str], rows: Iterable[Row], list_id: str, kind: Kind, columns: Mapping[str, str]
) -> ReadResult:
    """Return the entries of rows of cells; see ``mapped_csv.read_mapped`` for the columns.

    Raises:
        InvalidInput: a column that is needed or mapped is missing, or there are too many rows.

    """
    mapped = {ours: header.index(theirs) for ours, theirs in _mapping(header, columns).items()}
    entries: dict[str, ListEntry] = {}
    rejected: list[Rejected] = []
    for line, cells in rows:
        if len(entries) + len(rejected) >= MAX_ROWS:
            raise InvalidInput(f"expected at most {MAX_ROWS} rows")
        raw = (cells if isinstance(cells, str) else ",".join(cells))[:_MAX_RAW]
        try:
            entry = _entry(list_id, kind, _cells(cells, len(header), mapped))
            if entry.entry_key in entries:
                raise InvalidInput(f"id {entry.entry_key!r} stands on an earlier line already")
            entries[entry.entry_key] = entry
            unusable = (*_unusable(entry), *_unborn(cells[mapped[births.COLUMN]] if births.COLUMN in mapped else ""))
            rejected.extend(Rejected(line, raw, reason, lost=False) for reason in unusable)
        except InvalidInput as error:
            rejected.append(Rejected(line, raw, error.detail))
    return ReadResult(tuple(entries.values()), tuple(rejected))


def _cells(cells: Sequence[str] | str, width: int, mapped: Mapping[str, int]) -> dict[str, str]:
    if isinstance(cells, str):
        raise InvalidInput(cells)
    if len(cells) != width:
        raise InvalidInput("the row has not as many cells as the header")
    return {ours: cells[place].strip() for ours, place in mapped.items()}


def _mapping(header: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
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
    extra |= births.kept(map(births.iso, _several(cells.get(births.COLUMN, ""))))
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


def _unborn(cell: str) -> Iterator[str]:
    if wrong := next((text for text in _several(cell) if births.iso(text) is None), None):
        yield (
            f"column {births.COLUMN}: expected dates such as 1948-12-10, 1948-12 or 1948 separated by |, "
            f"got {wrong[:40]!r}; the entry is taken, no date of birth is compared"
        )


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
