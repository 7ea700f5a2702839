"""Names and codes of countries and their subdivisions (ISO 3166-1, ISO 3166-2): text to code, within one country.

Codes that ISO has withdrawn are kept as the lists give them (`code_status` says so): seven regions of Burkina Faso
stand on the EU list under codes that are no longer current, and must still be found.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from traceability.lists.entries import ListEntry
from traceability.lists.fold import fold

CodeStatus = Literal["current", "former", "unknown"]

_COUNTRY = re.compile(r"[A-Z]{2}")
_SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_LONGEST_NAME = 4
_MOST_WORDS = 60
_SHORTEST_WORD = 5
# A part of a country is named with or without its kind, and "North Kivu" is "Nord-Kivu" in its own country.
_KINDS_OF_PLACE = frozenset(
    "province region state county department governorate district oblast respublika sheng zizhiqu of the de du".split()  # noqa: SIM905 - reads as a list
)
_BEARINGS = {
    "north": ("northern", "nord", "norte", "septentrional"),
    "south": ("southern", "sud", "sur", "meridional"),
    "east": ("eastern", "est", "este", "oriental"),
    "west": ("western", "ouest", "oeste", "occidental"),
    "upper": ("haut", "haute", "alto"),
    "lower": ("bas", "basse", "bajo"),
    "central": ("centre", "centrale", "centro"),
}
_BEARING = {spelt: bearing for bearing, others in _BEARINGS.items() for spelt in others}


@dataclass(frozen=True, slots=True)
class Place:
    """A country and, where it could be told, its subdivision; ``unresolved`` means a part was stated and is unknown."""

    country: str | None
    subdivision: str | None
    unresolved: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """Country and subdivision codes with their names, made by `Places.build` from entries of code and area lists."""

    countries: Mapping[str, str]
    country_names: Mapping[str, str | None]
    subdivisions: Mapping[str, CodeStatus]
    subdivision_names: Mapping[tuple[str, str], str | None]

    @classmethod
    def build(cls, entries: Iterable[ListEntry]) -> "Places":
        """Return the places that entries with a code name: country table, subdivisions, code history, area lists."""
        countries: dict[str, str] = {}
        country_names: dict[str, str | None] = {}
        subdivisions: dict[str, CodeStatus] = {}
        names: dict[tuple[str, str], str | None] = {}
        for entry in entries:
            code = entry.code or ""
            if _COUNTRY.fullmatch(code):
                countries.setdefault(code, entry.name)
                for key in {fold(name.text) for name in entry.names}:
                    country_names[key] = code if country_names.get(key, code) == code else None
            elif _SUBDIVISION.fullmatch(code):
                status: CodeStatus = "former" if entry.extra.get("status") == "former" else "current"
                subdivisions.setdefault(code, status)
                _add_names(names, entry, code)
        return cls(countries, country_names, subdivisions, names)

    def country_code(self, text: str) -> str | None:
        """Return the ISO 3166-1 code of a country given as code or as a name any list uses.

        None when it is unknown, or when two countries go by that name: "Congo" may be either.
        """
        stripped = text.strip()
        return stripped if stripped in self.countries else self.country_names.get(fold(stripped))

    def subdivision_code(self, country: str, text: str) -> str | None:
        """Return the ISO 3166-2 code of a part of ``country`` given as code or name.

        None when it is unknown, or when two parts of the country bear that name.
        """
        code = text.strip().upper()
        for candidate in (code, f"{country}-{code}"):
            if candidate in self.subdivisions:
                return candidate if candidate.startswith(f"{country}-") else None
        return self._by_name(country, text)

    def _by_name(self, country: str, text: str) -> str | None:
        return self.subdivision_names.get((country, fold(text))) or self.subdivision_names.get((country, _bare(text)))

    def named_in(self, country: str, text: str) -> str | None:
        """Return the one ISO 3166-2 code that a free text names as a part of ``country``: "Urumqi, Xinjiang".

        The longest name in it counts, so that "Haut-Katanga" is not Katanga. A bearing or a short word alone is no
        name: it stands in many an address. None where no part is named, or several are.
        """
        if not text.strip().isdigit() and (whole := self.subdivision_code(country, text)):
            return whole
        words = fold(text).split()[:_MOST_WORDS]
        for length in range(_LONGEST_NAME, 0, -1):
            names = (" ".join(words[start : start + length]) for start in range(len(words) - length + 1))
            found = {self._by_name(country, name) for name in names if length > 1 or _is_telling(name)} - {None}
            if found:
                return found.pop() if len(found) == 1 else None
        return None

    def code_status(self, code: str) -> CodeStatus:
        """Return whether a subdivision code is current, former (kept from an older table) or unknown."""
        return self.subdivisions.get(code, "unknown")

    def resolve(self, country: str, part: str = "") -> Place:
        """Return country and subdivision of a stated place; what cannot be told stays open, never guessed."""
        code = self.country_code(country)
        if code is None or not part.strip():
            return Place(code, None, unresolved=code is None)
        subdivision = self.subdivision_code(code, part)
        return Place(code, subdivision, unresolved=subdivision is None)


def _add_names(names: dict[tuple[str, str], str | None], entry: ListEntry, code: str) -> None:
    for name in entry.names:
        for key in {(code[:2], fold(name.text)), (code[:2], _bare(name.text))}:
            names[key] = code if names.get(key, code) == code else None


def _is_telling(word: str) -> bool:
    return len(word) >= _SHORTEST_WORD and word not in _BEARINGS and word not in _BEARING


def _bare(text: str) -> str:
    words = (_BEARING.get(word, word) for word in fold(text).split() if word not in _KINDS_OF_PLACE)
    return " ".join(sorted(words))
