"""OFAC SDN list, legacy CSV: sdn (12 columns, no header), alt, add and comments joined by number.

``-0-`` means empty, a file ends in 0x1A, programmes are joined by ``] [``; weak aliases and every identifier stand in
the remarks, which may go on in the comments file.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from traceability.errors import InvalidInput
from traceability.lists.entries import ListEntry, Name, Quality, names
from traceability.lists.places import Places
from traceability.lists.readers import births, ofac_remarks
from traceability.lists.readers.reading import Reading, within_limit

LIST_ID = "us-ofac-sdn"
FILES: Final = ("sdn", "alt", "add", "sdn_comments")
_LEAST: Final = {"alt": 4, "add": 5, "sdn_comments": 2}
"""The columns that are read of the files joined to the first."""
_EMPTY = "-0-"
_COLUMNS = 12
_END = "\x1a\x00"
_SCHEMAS = {"individual": "Person", "vessel": "Vessel", "aircraft": "Aircraft", "": "Organization"}
_ALIASES: dict[str, Quality] = {"aka": "strong", "nka": "strong", "fka": "former"}
# What the list states when it states no country, or a place no country code covers.
_NO_COUNTRY = {"", "undetermined", "None Identified", "Region: Kafia Kingi"}


@dataclass(frozen=True, slots=True)
class _Joined:
    aliases: dict[str, list[list[str]]]
    addresses: dict[str, list[list[str]]]
    comments: dict[str, list[list[str]]]


def read(files: Mapping[str, bytes], places: Places) -> Reading:
    """Return the entries of the four files, given by their names in `FILES`.

    Raises:
        InvalidInput: one of them is missing or too large: without it names, countries or identifiers would be.

    """
    if missing := [name for name in FILES if name not in files]:
        raise InvalidInput(f"expected the files {', '.join(FILES)} of the SDN list; {', '.join(missing)} is missing")
    reading = Reading(LIST_ID)
    joined = _Joined(*(_by_number(files[name], least, reading) for name, least in _LEAST.items()))
    for row in _rows(files["sdn"]):
        if len(row) != _COLUMNS or row[2] not in _SCHEMAS or not (row[0] and row[1]):
            reading.ask(row[0], "row", ",".join(row), "expected 12 columns, a name and a known type", lost=True)
        else:
            reading.entries.append(_entry(row, joined, places, reading))
    return reading


def _entry(row: list[str], joined: _Joined, places: Places, reading: Reading) -> ListEntry:
    key = row[0]
    remarks = ofac_remarks.read(row[11] + "".join(part[1] for part in joined.comments.get(key, [])), places)
    for raw, reason in remarks.questions:
        reading.ask(key, "remarks", raw, reason, lost=False)
    stated = [row[9], *(address[4] for address in joined.addresses.get(key, [])), *remarks.countries]
    countries = _countries(key, stated, places, reading)
    several = {"countries": "|".join(countries)} if len(countries) > 1 else {}
    return ListEntry(
        LIST_ID,
        key,
        "party",
        names=_unique(
            (*names("primary", [row[1]]), *_aliases(joined.aliases.get(key, []), reading), *names("weak", remarks.weak))
        ),
        identifiers=tuple(dict.fromkeys(remarks.identifiers)),
        country=countries[0] if len(countries) == 1 else None,
        programmes=tuple(row[3].split("] [")) if row[3] else (),
        extra={"schema": _SCHEMAS[row[2]], **several, **births.kept(remarks.born)},
    )


def _aliases(rows: list[list[str]], reading: Reading) -> Iterator[Name]:
    for row in rows:
        if row[2] in _ALIASES and row[3]:
            yield Name(row[3], _ALIASES[row[2]])
        else:
            reading.ask(row[0], "alias", ",".join(row), "expected a name and a known kind of alias", lost=True)


def _unique(found: tuple[Name, ...]) -> tuple[Name, ...]:
    """Return each text once, with the best quality it is listed under; the names come in that order."""
    return tuple({name.text: name for name in reversed(found)}.values())[::-1]


def _countries(key: str, stated: list[str], places: Places, reading: Reading) -> list[str]:
    codes = []
    for text in dict.fromkeys(stated):
        code = places.country_code(text)
        if code:
            codes.append(code)
        elif text not in _NO_COUNTRY:
            reading.ask(key, "country", text, "country name not in the table of names", lost=False)
    return sorted(set(codes))


def _by_number(data: bytes, least: int, reading: Reading) -> dict[str, list[list[str]]]:
    joined: defaultdict[str, list[list[str]]] = defaultdict(list)
    for row in _rows(data):
        if len(row) < least:
            reading.ask(row[0], "row", ",".join(row), f"expected at least {least} columns", lost=True)
        else:
            joined[row[0]].append(row)
    return joined


def _rows(data: bytes) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(_text(within_limit(data)).rstrip(_END), newline=""))
    try:
        for row in filter(None, reader):
            yield [re.sub(rf"^{_EMPTY}\s*$", "", cell).strip() if len(cell) < len(_EMPTY) + 2 else cell for cell in row]
    except csv.Error as error:
        raise InvalidInput(f"line {reader.line_num}: the CSV table is damaged ({error})") from error


def _text(data: bytes) -> str:
    """The set was seen in latin-1 only; what is UTF-8 throughout was saved again, or published so since."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
