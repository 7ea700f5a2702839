"""Legal forms in organisation names (``Co., Ltd.``, ``AG``, ``OOO``): set aside before two names are compared.

The forms come from ``data/org_forms.csv``, our table made from opensanctions/rigour (MIT, licence text beside it). A
legal form alone never identifies anybody: where nothing else is left, the whole name is the core.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "org_forms.csv"
_SHORTEST_INSIDE = 2
_LONGEST_SHORT_FORM = 2


@dataclass(frozen=True, slots=True)
class Split:
    """A name's words without its legal forms, and the forms found, in one spelling each."""

    core: tuple[str, ...]
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrgForms:
    """Folded legal forms by their words, with the spelling that equal forms share."""

    canonical: Mapping[tuple[str, ...], str]
    longest: int
    beginnings: frozenset[str]

    def split(self, words: tuple[str, ...]) -> Split:
        """Return the words with the legal forms set aside.

        A form of several words counts anywhere, one of a single word only at the end, or, with three letters or
        more, at the beginning: inside a name ``as`` or ``sa`` are ordinary words.
        """
        if self.beginnings.isdisjoint(words):
            return Split(words, ())
        core: list[str] = []
        found: list[str] = []
        at = 0
        while at < len(words):
            length = self._form_at(words, at, begins=not core) if words[at] in self.beginnings else 0
            if length:
                found.append(self.canonical[words[at : at + length]])
                at += length
            else:
                core.append(words[at])
                at += 1
        core = self._without_endings(core, found)
        return Split(tuple(core), tuple(sorted(found))) if core else Split(words, ())

    def _form_at(self, words: tuple[str, ...], at: int, *, begins: bool) -> int:
        for length in range(min(self.longest, len(words) - at), 0, -1):
            form = words[at : at + length]
            if form in self.canonical and (length >= _SHORTEST_INSIDE or self._single(form[0], begins=begins)):
                return length
        return 0

    def _single(self, word: str, *, begins: bool) -> bool:
        return begins and len(word) > _LONGEST_SHORT_FORM

    def _without_endings(self, core: list[str], found: list[str]) -> list[str]:
        while core and (core[-1],) in self.canonical:
            found.append(self.canonical[(core[-1],)])
            core = core[:-1]
        return core


def read_forms(path: Path) -> OrgForms:
    """Return the legal forms of a table with the columns ``form`` (folded) and ``canonical``."""
    with path.open(encoding="utf-8", newline="") as stream:
        canonical = {tuple(row["form"].split()): row["canonical"] for row in csv.DictReader(stream)}
    return OrgForms(canonical, max(map(len, canonical), default=0), frozenset(form[0] for form in canonical))


@lru_cache(maxsize=1)
def default_forms() -> OrgForms:
    """Return the legal forms that come with this package."""
    return read_forms(_TABLE)
