"""What else is known of two parties whose names are alike: country, birth, LEI, address (screening.md 4, point 5).

A qualifier counts only where both sides know it. It ranks: it never pushes an equal name out of a person's sight.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from traceability.lists import fold
from traceability.lists import identifiers as ids
from traceability.lists.entries import Identifier, ListEntry

_YEAR: Final = 4
_DAY: Final = 10
_ISO: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_TELLING_ADDRESS: Final = 4
_COUNTRY_DIFFERS: Final = -0.2
_YEAR_DIFFERS: Final = -0.25
_DAY_DIFFERS: Final = -0.15
_LEI_DIFFERS: Final = -0.3
_AGREES: Final = 0.05
MOST_QUALIFIED: Final = 3 * _AGREES
"""What qualifiers add at most: country, birth and address agree."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one side knows: countries (ISO 3166-1), birth dates (ISO 8601, also years alone), LEIs, address words."""

    countries: frozenset[str] = frozenset()
    born: frozenset[str] = frozenset()
    leis: frozenset[str] = frozenset()
    address: frozenset[str] = frozenset()


class Qualifier(NamedTuple):
    """One thing both sides know, what each says, and what it adds to the score."""

    how: Literal["country", "born", "lei", "address"]
    asked: str
    listed: str
    points: float


NOTHING: Final = Known()


def known(
    countries: frozenset[str], identifiers: tuple[Identifier, ...] = (), born: str = "", address: str = ""
) -> Known:
    """Return what is known; ``born`` holds dates separated by ``|``, addresses are compared by their longer words."""
    leis = frozenset(
        ids.normalise("lei", item.value) for item in identifiers if item.scheme.lower() == "lei" and ids.key(item)
    )
    words = frozenset(word for word in fold.tokens(address) if len(word) >= _TELLING_ADDRESS)
    return Known(countries, _dates(born), leis, words)


def of_entry(entry: ListEntry) -> Known:
    """Return what a list says of a party; birth dates and address where its reader keeps them."""
    return known(entry.countries, entry.identifiers, entry.extra.get("birth_dates", ""), entry.extra.get("address", ""))


def qualifiers(asked: Known, listed: Known) -> Iterator[Qualifier]:
    """Yield what both sides know."""
    if asked.countries and listed.countries:
        points = _AGREES if asked.countries & listed.countries else _COUNTRY_DIFFERS
        yield Qualifier("country", _said(asked.countries), _said(listed.countries), points)
    if asked.born and listed.born:
        yield Qualifier("born", _said(asked.born), _said(listed.born), _birth(asked.born, listed.born))
    if asked.leis and listed.leis and not asked.leis & listed.leis:
        yield Qualifier("lei", _said(asked.leis), _said(listed.leis), _LEI_DIFFERS)
    if shared := asked.address & listed.address:
        yield Qualifier("address", _said(shared), _said(shared), _AGREES)


def most_qualified(asked: Known, country: str | None) -> float:
    """Return what qualifiers add at most for one who knows this, or where that is nothing, the country."""
    countries = asked.countries or (country if asked is NOTHING else None)
    return _AGREES * (bool(countries) + bool(asked.born) + bool(asked.address))


def corroborated(asked: Known, listed: Known) -> bool:
    """Return whether anything besides the name agrees; a year of birth alone is too common to count."""
    days = {born for born in asked.born & listed.born if len(born) == _DAY}
    return bool(asked.countries & listed.countries or days or asked.address & listed.address)


def _dates(born: str) -> frozenset[str]:
    """Return dates of birth; none where one of them is in another form, such as a table of one's own may have."""
    parts = frozenset(part for part in born.split("|") if part)
    return parts if all(map(_ISO.fullmatch, parts)) else frozenset()


def _birth(asked: frozenset[str], listed: frozenset[str]) -> float:
    """Compare the most exact way both sides allow: a year agrees with every day in it."""
    if not {born[:_YEAR] for born in asked} & {born[:_YEAR] for born in listed}:
        return _YEAR_DIFFERS
    agree = any(one.startswith(other) or other.startswith(one) for one in asked for other in listed)
    return _AGREES if agree else _DAY_DIFFERS


def _said(values: frozenset[str]) -> str:
    return " ".join(sorted(values))
