"""A list entry as one row of a table, and back: the one form of every table under seed/ (RFC 4180 CSV, UTF-8).

A cell with several values separates them by ``|``; an identifier is ``scheme:COUNTRY:value`` with the country left
empty where the scheme needs none. A column the reader does not know is kept in ``extra``; nothing is dropped.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final, get_args

from traceability.errors import InvalidInput
from traceability.lists.entries import KINDS, QUALITIES, Identifier, Kind, ListEntry, Name, Quality

SEPARATOR: Final = "|"
COLUMNS: Final = (
    "entry_key",
    "kind",
    *QUALITIES,
    "identifiers",
    "country",
    "code",
    "material",
    "child_labour",
    "forced_labour",
    "programmes",
    "valid_from",
    "valid_to",
    "source",
    "source_key",
)
_FLAGS: Final = {"": False, "no": False, "yes": True}
_IDENTIFIER_PARTS: Final = 3


def to_row(entry: ListEntry) -> dict[str, str]:
    """Return an entry as cells by column, extra columns last.

    Raises:
        InvalidInput: a value holds the separator of several values, so it could not be read back.

    """
    by_quality = {quality: [n.text for n in entry.names if n.quality == quality] for quality in QUALITIES}
    return {
        "entry_key": entry.entry_key,
        "kind": entry.kind,
        **{quality: _join(texts) for quality, texts in by_quality.items()},
        "identifiers": _join([f"{item.scheme}:{item.country or ''}:{item.value}" for item in entry.identifiers]),
        "country": entry.country or "",
        "code": entry.code or "",
        "material": entry.material or "",
        "child_labour": "yes" if entry.child_labour else "",
        "forced_labour": "yes" if entry.forced_labour else "",
        "programmes": _join(entry.programmes),
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else "",
        "valid_to": entry.valid_to.isoformat() if entry.valid_to else "",
        "source": entry.source,
        "source_key": entry.source_key,
        **entry.extra,
    }


def from_row(list_id: str, row: Mapping[str, str]) -> ListEntry:
    """Return the entry of one row.

    Raises:
        InvalidInput: a cell is not what its column holds; the message names the column and what was expected.

    """
    named = (Name(text, quality) for quality in get_args(Quality) for text in _split(row.get(quality, "")))
    return ListEntry(
        list_id=list_id,
        entry_key=_needed(row, "entry_key"),
        kind=_kind(row.get("kind", "")),
        names=tuple(named),
        identifiers=tuple(_identifier(text) for text in _split(row.get("identifiers", ""))),
        country=row.get("country") or None,
        code=row.get("code") or None,
        material=row.get("material") or None,
        child_labour=_flag(row, "child_labour"),
        forced_labour=_flag(row, "forced_labour"),
        programmes=tuple(_split(row.get("programmes", ""))),
        valid_from=_date(row, "valid_from"),
        valid_to=_date(row, "valid_to"),
        source=row.get("source", ""),
        source_key=row.get("source_key", ""),
        extra={column: value for column, value in row.items() if column not in COLUMNS and value},
    )


def _join(values: list[str] | tuple[str, ...]) -> str:
    for value in values:
        if SEPARATOR in value:
            raise InvalidInput(f"{value!r} contains {SEPARATOR!r}, which separates values: put the row up for review")
    return SEPARATOR.join(values)


def _split(cell: str) -> list[str]:
    return [value for value in cell.split(SEPARATOR) if value]


def _needed(row: Mapping[str, str], column: str) -> str:
    value = row.get(column, "")
    if not value:
        raise InvalidInput(f"column {column}: expected a value, got an empty cell")
    return value


def _kind(text: str) -> Kind:
    for kind in KINDS:
        if text == kind:
            return kind
    raise InvalidInput(f"column kind: expected one of {', '.join(KINDS)}, got {text!r}")


def _identifier(text: str) -> Identifier:
    parts = text.split(":", _IDENTIFIER_PARTS - 1)
    if len(parts) != _IDENTIFIER_PARTS or not parts[0] or not parts[2]:
        raise InvalidInput(f"column identifiers: expected scheme:COUNTRY:value, got {text!r}")
    return Identifier(parts[0], parts[2], parts[1] or None)


def _flag(row: Mapping[str, str], column: str) -> bool:
    text = row.get(column, "")
    if text not in _FLAGS:
        raise InvalidInput(f"column {column}: expected yes, no or nothing, got {text!r}")
    return _FLAGS[text]


def _date(row: Mapping[str, str], column: str) -> date | None:
    text = row.get(column, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(f"column {column}: expected a date such as 2024-08-09, got {text!r}") from None
