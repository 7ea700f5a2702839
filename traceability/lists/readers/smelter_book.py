"""Smelter workbooks in the shape of the RMI's conflict and extended minerals reporting templates (CMRT, EMRT).

Read by sheet, column and the form ``CID`` + six digits, never by header text: headers and some values are in the
language of the workbook. The declaration's Smelter List gives what a supplier stated, row by row; the Smelter Look-up
gives aliases of standard names. Neither says that a smelter conforms to anything.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from traceability.errors import InvalidInput
from traceability.lists.entries import Identifier, ListEntry, names
from traceability.lists.fold import fold
from traceability.lists.places import Places
from traceability.lists.readers.reading import Reading
from traceability.lists.readers.smelter_words import metal_of, pseudo_of, yes_or_no
from traceability.lists.readers.workbook import Book, has_no_value, opened

LIST_SHEET: Final = "Smelter List"
LOOKUP_SHEET: Final = "Smelter Look-up"
_HEADER: Final = 4
_CID: Final = re.compile(r"CID\d{6}")
_LIST_COLUMNS: Final = 20
_LOOKUP_COLUMNS: Final = 10
_PLACE: Final = ("street", "city", "state")  # columns 7 to 9 of the look-up
_MAX_ROWS: Final = 20_000
_MAX_CELL: Final = 2000


@dataclass(frozen=True, slots=True)
class Alias:
    """One row of the look-up: what a supplier may write, and the standard name and id it stands for."""

    metal: str | None
    text: str
    standard_name: str
    country: str
    cid: str | None
    pseudo: str | None
    """``not_listed`` or ``not_yet_identified`` where the row stands for no smelter."""
    place: Mapping[str, str]
    """``street``, ``city`` and ``state`` of the smelter, as far as the row gives them. No person is among them."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One row of a supplier's smelter list.

    ``cid`` is None where none could be told; ``via`` says how it was found: typed, typed_normalised, lookup_alias.
    ``recycled`` is None where the answer is missing or not understood. ``warnings`` say what a person should know.
    ``choice`` is the name as the supplier stated it: what was chosen from the look-up, else what was typed.
    """

    row: int
    metal: str | None
    cid: str | None
    via: str | None
    name: str | None
    country: str | None
    pseudo: str | None
    recycled: bool | None
    mines: tuple[str, ...]
    warnings: tuple[str, ...]
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class SmelterBook:
    """Both sheets of a workbook."""

    declared: tuple[Declared, ...]
    lookup: tuple[Alias, ...]


def read(data: bytes) -> SmelterBook:
    """Return the smelters a workbook declares and its look-up.

    Raises:
        InvalidInput: it is no workbook, expands without measure, or lacks the two sheets.

    """
    sheets = _sheets(data)
    lookup = tuple(_lookup(sheets[LOOKUP_SHEET]))
    return SmelterBook(tuple(_list(sheets[LIST_SHEET], lookup)), lookup)


def entries(book: SmelterBook, list_id: str, places: Places) -> Reading:
    """Return the look-up as entries, one per id: what two revisions are compared by.

    It is reference data: that a smelter stands in it says nothing against it, and nothing for it.
    """
    reading = Reading(list_id)
    by_id: dict[str, list[Alias]] = {}
    for alias in book.lookup:
        if alias.cid:
            by_id.setdefault(alias.cid, []).append(alias)
    for cid, aliases in by_id.items():
        first = aliases[0]
        country = places.country_code(first.country)
        if first.country and country is None:
            reading.ask(cid, "country", first.country, "country name not in the table of names", lost=False)
        listed = (*names("primary", [first.standard_name]), *names("strong", [alias.text for alias in aliases]))
        reading.entries.append(
            ListEntry(
                list_id, cid, "smelter", names=tuple({name.text: name for name in reversed(listed)}.values())[::-1],
                identifiers=(Identifier("cid", cid),), country=country, material=first.metal,
                extra={"schema": "Organization", **_place(aliases)},
            )
        )  # fmt: skip
    return reading


def _place(aliases: Sequence[Alias]) -> Mapping[str, str]:
    """Return where a smelter is: the rows of its names say it once or several times; the first that does counts."""
    return {name: value for alias in reversed(aliases) for name, value in alias.place.items()}


_Rows = Sequence[tuple[int, Sequence[str | None]]]
_FORMULA: Final = "\x00"


def _sheets(data: bytes) -> Mapping[str, _Rows]:
    with opened(data) as book:
        if not {LIST_SHEET, LOOKUP_SHEET} <= set(book.names):
            raise InvalidInput(f"expected a workbook with the sheets {LIST_SHEET!r} and {LOOKUP_SHEET!r}")
        return {
            name: list(_rows(book, name, columns))
            for name, columns in ((LIST_SHEET, _LIST_COLUMNS), (LOOKUP_SHEET, _LOOKUP_COLUMNS))
        }


def _rows(book: Book, name: str, columns: int) -> Iterator[tuple[int, Sequence[str | None]]]:
    """Yield (row, cells): the cached value; `_FORMULA` for a formula without one; None for an empty cell."""
    for number, written, cached in book.rows(name, first=_HEADER + 1, rows=_MAX_ROWS, columns=columns):
        cells = [_text(was, value) for was, value in zip(written, cached, strict=True)]
        if any(cells):
            yield number, [*cells, *[None] * (columns - len(cells))]


def _text(written: Any, cached: Any) -> str | None:
    if has_no_value(written, cached):
        return _FORMULA
    return (" ".join(str(cached).split())[:_MAX_CELL] or None) if cached is not None else None


def _lookup(rows: _Rows) -> Iterator[Alias]:
    for _, (metal, text, standard, country, cid, _source, *place, _key) in rows:
        if text and text != _FORMULA:
            found = cid if cid and _CID.fullmatch(cid) else None
            pseudo = None if found else pseudo_of(text, standard, without_id=True)
            yield Alias(metal_of(metal), text, standard or "", country or "", found, pseudo, _stated_place(place))


def _stated_place(cells: Sequence[str | None]) -> Mapping[str, str]:
    said = zip(_PLACE, map(_stated, cells), strict=True)
    return {name: value for name, value in said if value}


def _list(rows: _Rows, lookup: Sequence[Alias]) -> Iterator[Declared]:
    aliases = {(alias.metal, fold(alias.text)): alias for alias in lookup}
    standard = {alias.cid: alias.standard_name for alias in lookup if alias.cid}
    first: dict[tuple[str | None, str | None], int] = {}
    for number, cells in rows:
        if not any(cells[:4]):
            continue
        metal = metal_of(cells[1])
        alias = aliases.get((metal, fold(_stated(cells[2]) or "")))
        pseudo = alias.pseudo if alias else pseudo_of(_stated(cells[2]) or "")
        warnings = [*_damage(cells, alias), *(["values_not_cached"] if _FORMULA in cells else [])]
        cid, via = (None, None) if pseudo else _cid(cells[0], alias, warnings)
        key = (metal, cid)
        if cid and (via or "").startswith("typed") and key in first:
            warnings.append(f"duplicate_of_row_{first[key]}")
        first.setdefault(key, number)
        yield Declared(
            row=number, metal=metal, cid=cid, via=via, name=_name(cells, alias, standard.get(cid or ""), pseudo),
            country=_stated(cells[4]), pseudo=pseudo, recycled=yes_or_no(_stated(cells[15])),
            mines=tuple(part.strip() for part in (_stated(cells[13]) or "").split(";") if part.strip()),
            warnings=tuple(warnings), choice=_choice(cells, pseudo),
        )  # fmt: skip


def _cid(typed: str | None, alias: Alias | None, warnings: list[str]) -> tuple[str | None, str | None]:
    """Return the id a row means and how it was found: typed as it should be, typed otherwise, or by the look-up."""
    if typed and _CID.fullmatch(typed):
        return typed, "typed"
    if typed and _CID.fullmatch(plain := typed.upper().replace(" ", "")):
        return plain, "typed_normalised"
    if typed:
        warnings.append("typed_id_malformed")
    return (alias.cid, "lookup_alias") if alias and alias.cid else (None, None)


def _damage(cells: Sequence[str | None], alias: Alias | None) -> Iterator[str]:
    """A question mark between letters is what a wrong code page leaves of an accented one."""
    text = _stated(cells[2]) or ""
    if re.search(r"\w\?\w", text) and (alias is None or "?" not in alias.standard_name):
        yield "alias_damaged_encoding"


def _choice(cells: Sequence[str | None], pseudo: str | None) -> str | None:
    """Return the stated name; beside a choice that stands for no smelter it is what was typed."""
    return _stated(cells[3]) if pseudo else _stated(cells[2]) or _stated(cells[3])


def _name(cells: Sequence[str | None], alias: Alias | None, standard: str | None, pseudo: str | None) -> str | None:
    if pseudo == "not_yet_identified":
        return None
    stated = _stated(cells[17]) or standard or (alias.standard_name if alias and alias.cid else None)
    return stated or _stated(cells[3]) or (None if pseudo else _stated(cells[2]))


def _stated(cell: str | None) -> str | None:
    return None if cell in (None, _FORMULA) else cell
