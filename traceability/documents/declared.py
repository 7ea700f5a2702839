"""What a paper declares: number, dates, parties, items, smelters, origins - from labelled fields alone (facts.md 8)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import lru_cache
from typing import Any

from traceability.documents import values
from traceability.documents.fields import Field
from traceability.documents.report import (
    Claim,
    Declared,
    DeclaredDate,
    DeclaredItem,
    DeclaredOrigin,
    DeclaredParty,
    DeclaredSmelter,
    Read,
)
from traceability.documents.rulefiles import read_list
from traceability.documents.text import collapse, lowered

_ITEM = frozenset({"mineral", "net", "gross", "lot", "tags", "hs", "origin", "mine"})
# What only goods that were sent have; a list of smelters names minerals and mines, too.
_SENT = frozenset({"net", "gross", "lot", "tags", "hs"})
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/.\-]*\d[A-Z0-9/.\-]*", re.IGNORECASE)
_HS = re.compile(r"\b(?:HS|CN|HTS|SA|NC)\s*(?:code)?\s*:?\s*(\d{4}(?:[. ]?\d{2}){0,3})\b")
_LOT = re.compile(
    r"\b(?:lot|batch|lote|partij|los|charge)\s+(?:no\.?\s+)?([A-Z0-9][A-Z0-9\-/]*\d[A-Z0-9\-/]*)", re.IGNORECASE
)
_TAG = re.compile(r"\d{4,12}")
_CID = re.compile(r"\bCID\d{6}\b")
# A row that adds the others up is no lot; "TOTAL-01" and "SUM/24/3" are.
_SUMS = re.compile(
    r"(?:sub-?|grand )?(?:total|sum|summe|gesamt|insgesamt|totaal|totale|totaux|somma|suma|soma|合计|总计|小计)"
    r"(?!\w|[-/][-/\w]*\d)",
    re.IGNORECASE,
)
_TITLE_CHARACTERS = 700
_LONGEST_QUOTE = 200
_ADDRESS_MAX = 80


@lru_cache(maxsize=1)
def _types() -> dict[str, dict[str, Any]]:
    return read_list("types.list.yml")


def document_type(text: str) -> tuple[str, str]:
    """Return the type that the title says and the type it has in the facts; a proposal that a person confirms."""
    head = lowered(" ".join(text[:_TITLE_CHARACTERS].split()))
    best: tuple[int, int, str] | None = None
    for kind, titles in _types()["titles"].items():
        for title in titles:
            at = _word_at(head, str(title))
            # The earliest title counts; of two at one place the longer.
            if at >= 0 and (best is None or (at, -len(title)) < best[:2]):
                best = (at, -len(title), kind)
    kind = best[2] if best else "unknown"
    return kind, _types()["facts"][kind]


def _word_at(head: str, title: str) -> int:
    at = head.find(title)
    if at > 0 and title.isascii() and head[at - 1].isalpha():
        return -1
    return at


def declared(fields: Sequence[Field], lang: str, claims: Sequence[Claim] = ()) -> Declared:
    """Gather the declared facts of a document from its labelled fields."""
    dates = tuple(_dates(fields))
    parties = tuple(_parties(fields))
    items = tuple(_items(fields, lang))
    issued = next((each.date for each in dates if each.kind == "issue"), None)
    return Declared(
        number=_number(fields),
        dates=dates,
        parties=parties,
        items=items,
        smelters=tuple(_smelters(fields, lang)),
        claims=tuple(claims),
        origins=tuple(_origins(fields)),
        issuer_role=_issuer_role(parties),
        issued_on=issued,
    )


def place_of(value: str) -> tuple[str | None, str | None]:
    """Return country and region named in a field's value; a region of the named country is preferred."""
    found = [code for code, _, _ in values.places(value)]
    if not found:
        return None, None
    countries = {code[:2] for code in found}
    region = next((code for code in found if "-" in code), None)
    if len(countries) > 1 and "-" not in found[-1]:
        # "Goma Road, Kigali, Rwanda": an address ends with its country.
        return found[-1], None
    return (region or found[0])[:2], region


def _number(fields: Sequence[Field]) -> str | None:
    for field in fields:
        if field.name == "number" and (found := _NUMBER.search(field.value[:40])):
            return found.group().rstrip(".-/")
    return None


def _dates(fields: Sequence[Field]) -> list[DeclaredDate]:
    found: dict[tuple[str, str], DeclaredDate] = {}
    for field in fields:
        if not field.name.startswith("date."):
            continue
        kind = field.name.removeprefix("date.")
        days = values.dates(field.value[:60])
        ends = ("_start", "_end") if len(days) > 1 and kind == "on_site" else ("",) * len(days)
        for end, day in zip(ends, days[:2], strict=False):
            sure = len(values.days(field.value[:60], day)) == 1
            found.setdefault((kind + end, day), DeclaredDate(kind + end, day, _read(field, sure=sure)))
    return list(found.values())


def _parties(fields: Sequence[Field]) -> list[DeclaredParty]:
    found: dict[tuple[str, str, str | None], DeclaredParty] = {}
    for field in fields:
        if field.name.startswith("party."):
            value = collapse(field.value)[:_ADDRESS_MAX]
            name = _name(value)
            said = (field.name.removeprefix("party."), name, place_of(value)[0])
            if name:
                found.setdefault(said, DeclaredParty(*said, _read(field)))
    return list(found.values())


def _name(value: str) -> str:
    name = re.split(r",\s|\s\(|\s[\u2013\u2014]\s", value)[0].strip(" ,;:")
    return name if name[:1].isupper() or (name[:1] and not name[:1].isascii()) else ""


def _issuer_role(parties: Sequence[DeclaredParty]) -> str | None:
    for role in ("issuer", "laboratory", "auditor", "exporter", "shipper", "supplier", "declarant"):
        if any(party.role == role for party in parties):
            return role
    return None


def _origins(fields: Sequence[Field]) -> list[DeclaredOrigin]:
    found = []
    single_lot = _single(fields, "lot")
    lots = {field.row: field.value for field in fields if field.name == "lot" and field.row is not None}
    for field in fields:
        country = place_of(field.value)[0] if field.name == "origin" else None
        if country is not None:
            lot = lots.get(field.row) if field.row is not None else single_lot
            where = (field.page, field.start, field.end)
            found.append(DeclaredOrigin(country, collapse(field.value), *where, lot, _read(field)))
    return found


def _single(fields: Sequence[Field], name: str) -> str | None:
    found = {_code(field.value) for field in fields if field.name == name}
    return found.pop() if len(found) == 1 else None


def _code(value: str) -> str:
    found = _NUMBER.match(value.strip())
    return found.group() if found else collapse(value)


@dataclass(slots=True)
class _Draft:
    mineral: str | None = None
    kg: Any = None
    country: str | None = None
    region: str | None = None
    lot: str | None = None
    tags: tuple[str, ...] = ()
    hs: str | None = None
    reads: dict[str, Read] = dataclass_field(default_factory=dict)

    def item(self) -> DeclaredItem:
        said = (self.mineral, self.kg, self.country, self.region, self.lot, self.tags, self.hs)
        return DeclaredItem(*said, tuple(self.reads.values()))


def _items(fields: Sequence[Field], lang: str) -> list[DeclaredItem]:
    rows: dict[int | None, list[Field]] = {}
    for field in fields:
        if field.name in _ITEM:
            rows.setdefault(field.row, []).append(field)
    items = []
    listed = {field.row for field in fields if field.name in {"smelter", "smelter_id"} and field.row is not None}
    for row, own in rows.items():
        # The metal beside a smelter is what it makes, unless the row says how much was sent or in which lot.
        if row in listed and not any(field.name in _SENT for field in own):
            continue
        if any(field.name == "lot" and _SUMS.match(field.value.strip()) for field in own):
            continue
        draft = _Draft()
        for field in own:
            _fill(draft, field, lang)
        enough = draft.mineral is not None or (draft.lot is not None and draft.kg is not None)
        if enough and (row is not None or len(rows) == 1 or None in rows):
            items.append(draft.item())
    return items


def _fill(draft: _Draft, field: Field, lang: str) -> None:
    value = field.value
    if field.name == "net" and draft.kg is None:
        draft.kg = values.kilograms(value, lang)
        draft.reads[field.name] = _read(field, sure=values.states_unit(field.label, value))
    elif field.name == "lot" and draft.lot is None:
        draft.lot = _code(value)
        draft.reads[field.name] = _read(field)
    elif field.name == "tags":
        draft.tags = draft.tags or tuple(_TAG.findall(value))
        draft.reads.setdefault(field.name, _read(field))
    elif field.name in {"origin", "mine"}:
        country, region = place_of(value)
        draft.country = draft.country or country
        draft.region = draft.region or (region if country == draft.country else None)
    elif field.name == "hs":
        draft.hs = draft.hs or value.split()[0]
    elif field.name == "mineral":
        _fill_goods(draft, field, lang)


def _fill_goods(draft: _Draft, field: Field, lang: str) -> None:
    value = field.value
    draft.mineral = draft.mineral or values.mineral(value, lang)
    draft.reads.setdefault(field.name, _read(field))
    if draft.hs is None and (code := _HS.search(value)):
        draft.hs = code.group(1)
    if draft.lot is None and (lot := _LOT.search(value)):
        draft.lot = lot.group(1)
        draft.reads["lot"] = _read(field)


def _smelters(fields: Sequence[Field], lang: str) -> list[DeclaredSmelter]:
    found = []
    for field in fields:
        if field.name != "smelter":
            continue
        row = [other for other in fields if other.row is not None and other.row == field.row]
        beside = {other.name: other.value for other in row}
        number = _CID.search(beside.get("smelter_id", "") + " " + field.value)
        place = place_of(beside.get("smelter_country", ""))[0]
        metal = values.mineral(beside.get("mineral", ""), lang) if "mineral" in beside else None
        status = lowered(beside["status"]) if "status" in beside else None
        name = _name(collapse(_CID.sub("", field.value))[:_ADDRESS_MAX])
        if name:
            cid = number.group() if number else None
            found.append(DeclaredSmelter(name, metal, cid, place, status, _read(field)))
    return found


def _read(field: Field, *, sure: bool = True) -> Read:
    """Return where a field stands; what is read is sure where the label is, and the value can mean one thing alone."""
    quote = collapse(field.value)[:_LONGEST_QUOTE]
    where = (field.page, field.start, field.end)
    return Read(field.name, field.label, quote, *where, "high" if field.sure and sure else "low")
