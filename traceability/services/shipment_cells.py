"""What one cell of the shipment template says: text, dates, lists, places, smelters, payments, proofs."""

import re
from collections.abc import Mapping
from typing import Any, Final

_NONE = "none"
#: Characters; more than the longest form holds, however widely it is spaced.
_LONGEST: Final = 1_000
_BETWEEN = re.compile(r"[;\r\n]")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PLACE = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?(?:\s+(.{1,200}))?")
_PARTY = re.compile(r"(.{1,200}?)(?:(?<!\s)\s*+\(([A-Z]{2})\)(?:\s++at\s++(.{1,300}))?)?")
_SMELTER = re.compile(r"(?:(CID[0-9]{6})\s+)?" + _PARTY.pattern)
_TAX = re.compile(
    r"(tax|fee|royalty|other)\s+([0-9.]{1,20})\s+([A-Z]{3})(?:\s+to\s+(.{1,200}?))?"
    rf"(?:\s+on\s+({_DAY}))?(?:\s+receipt\s+(\S{{1,300}}))?"
)
_ASSURANCE = re.compile(
    r"(audit|scheme\s+(?P<scheme>.{1,200}?)|union list)"
    rf"(?:\s+from\s+(?P<valid_from>{_DAY}))?(?:\s+until\s+(?P<valid_to>{_DAY}))?(?:\s+document\s+(?P<document_id>\S{{1,300}}))?"
)
_KINDS: Final = {"audit": "third_party_audit_report", "scheme": "recognised_scheme", "union": "union_list"}


def text(cell: str) -> Any:
    """Return the cell; the lines of an address become one."""
    return ", ".join(filter(None, map(str.strip, cell.splitlines())))


def day(cell: str) -> str:
    """Return a date; a spreadsheet that knows the cell as one gives midnight with it."""
    return cell.removesuffix("T00:00:00")


def many(cell: str) -> list[str]:
    """Return what stands between semicolons or on lines; ``none`` is an empty list, which an empty cell is not."""
    return [] if cell.lower() == _NONE else [part.strip() for part in _BETWEEN.split(cell) if part.strip()]


def places(cell: str) -> list[dict[str, str]]:
    """Return places such as ``CD-NK Masisi; RW``; raises ValueError where one is not of that form."""
    return [_place(part) for part in many(cell)]


def locations(cell: str) -> list[dict[str, str]]:
    """Return places of what was done there, such as ``processing: RW Kigali``; raises ValueError as ``places``."""
    rows = []
    for part in many(cell):
        kind, colon, place = part.partition(":")
        if not colon:
            raise ValueError(f"expected kind: place, such as processing: RW Kigali; got {part[:60]!r}")
        rows.append({"kind": kind.strip(), **_place(place.strip())})
    return rows


def smelters(cell: str) -> list[dict[str, str]]:
    """Return smelters such as ``CID001234 Name (DE) at Street 1``; raises ValueError where one is not."""
    names = ("smelter_id", "name", "country", "address")
    return [_read(_SMELTER, part, names, "a smelter such as CID001234 Name (DE)") for part in many(cell)]


def parties(cell: str) -> list[dict[str, str]]:
    """Return parties such as ``Name (DE) at Street 1``; raises ValueError where one is not."""
    return [_read(_PARTY, part, ("name", "country", "address"), "a party such as Name (DE)") for part in many(cell)]


def taxes(cell: str) -> list[dict[str, str]]:
    """Return payments such as ``royalty 120.50 USD to Ministry receipt D-7``; raises ValueError where one is not."""
    names = ("kind", "amount", "currency", "payee", "paid_on", "receipt_document_id")
    return [_read(_TAX, part, names, "a payment such as royalty 120.50 USD to Ministry") for part in many(cell)]


def smelter_origins(cell: str) -> list[tuple[str, Any]]:
    """Return countries by smelter, ``CID001234: CD, RW; Smelter Two: PE``; raises ValueError where that is not said."""
    return [(who, [code.strip() for code in said.split(",")]) for who, said in _of_smelters(cell, "CD, RW")]


def smelter_assurances(cell: str) -> list[tuple[str, Any]]:
    """Return proofs by smelter, ``CID001234: audit until 2027-01-31 document D-7``; raises ValueError as above."""
    example = "scheme RMAP until 2027-01-31 document D-7"
    return [(who, [_assurance(said, example)]) for who, said in _of_smelters(cell, example)]


def _of_smelters(cell: str, example: str) -> list[tuple[str, str]]:
    found = []
    for part in many(cell):
        who, colon, said = part.partition(":")
        if not (colon and who.strip() and said.strip()):
            raise ValueError(f"expected smelter: what of it, such as CID001234: {example}; got {part[:60]!r}")
        found.append((who.strip(), said.strip()))
    return found


def _assurance(said: str, example: str) -> dict[str, str]:
    found = _form(_ASSURANCE, said)
    if found is None:
        raise ValueError(f"expected audit, scheme NAME or union list, such as {example}; got {said[:60]!r}")
    named = {name: value for name, value in found.groupdict().items() if value}
    return {"kind": _KINDS[found[1].split()[0]], **named}


def _place(said: str) -> dict[str, str]:
    found = _form(_PLACE, said)
    if found is None:
        raise ValueError(f"expected a country or part of one, such as CD-NK or PE; got {said[:60]!r}")
    country, part, name = found.groups()
    return {"country": country} | ({"subdivision": country + part} if part else {}) | ({"name": name} if name else {})


def _form(form: re.Pattern[str], said: str) -> re.Match[str] | None:
    return form.fullmatch(said) if len(said) <= _LONGEST else None


def _read(form: re.Pattern[str], said: str, names: tuple[str, ...], expected: str) -> dict[str, str]:
    found = _form(form, said)
    if found is None:
        raise ValueError(f"expected {expected}; got {said[:60]!r}")
    return {name: value for name, value in zip(names, found.groups(), strict=True) if value}


def attach(record: dict[str, Any], field: str, stated: list[tuple[str, Any]]) -> None:
    """Add what is said of smelters, by id or name, to those of the record; ValueError for one it does not name."""
    listed: list[dict[str, Any]] = record.get("smelters", [])
    by_name: Mapping[str, dict[str, Any]] = {
        smelter[key]: smelter for key in ("name", "smelter_id") for smelter in listed if key in smelter
    }
    for who, members in stated:
        if who not in by_name:
            raise ValueError(f"expected a smelter that the column smelters names; got {who[:60]!r}")
        by_name[who].setdefault(field, []).extend(members)
