"""Two authorities' lists as test material: which of their entries are one party, and their names misspelt.

That two persons are one rests on what is not their name: an identifier, or a whole date of birth with a word of the
name. That two organisations are one rests on an alias they share, and what is asked is the main name that differs.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import log
from pathlib import Path
from random import Random
from typing import NamedTuple

from traceability.lists import identifiers as ids
from traceability.lists.candidates import KEPT, MOST_BORNE
from traceability.lists.entries import ListEntry
from traceability.lists.fold import fold, tokens
from traceability.lists.keys import keys_of
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms
from traceability.lists.readers.reading import xml_root
from traceability.lists.seedfile import read_list, read_manifest

_SEED = Path(__file__).resolve().parents[1] / "seed" / "lists"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LONG = 14
_SHORTEST = 8
_DAY = 10
_SHORTEST_WORD = 4
_DISTINCTIVE = 8


class _Posted(NamedTuple):
    names: Sequence[str]
    by_key: Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Listed:
    """The parties of two authorities by their keys, and the birth dates (ISO 8601) they state."""

    un: Mapping[str, ListEntry]
    ofac: Mapping[str, ListEntry]
    un_born: Mapping[str, frozenset[str]]
    ofac_born: Mapping[str, frozenset[str]]

    def near(self, name: str) -> list[str]:
        """Return the listed persons' names that share most with a name, as an index would give them."""
        posted, found = self._posted, Counter[int]()
        for form in forms_of(name, "Person", default_forms()):
            for key in keys_of(form):
                there = posted.by_key.get(key, ())
                if there and len(there) <= MOST_BORNE:
                    weight = log(1 + len(posted.names) / len(there)) * (1 if key[0] in "tjJ" else 0.5)
                    found.update(dict.fromkeys(there, weight))
        return [posted.names[number] for number, _ in found.most_common(KEPT)]

    @cached_property
    def _posted(self) -> _Posted:
        names: list[str] = []
        by_key: defaultdict[str, list[int]] = defaultdict(list)
        for entry in (*self.un.values(), *self.ofac.values()):
            for name in entry.names if entry.schema == "Person" else ():
                keys = {key for form in forms_of(name.text, "Person", default_forms()) for key in keys_of(form)}
                for key in keys if name.quality != "weak" else ():
                    by_key[key].append(len(names))
                names.append(name.text)
        return _Posted(names, by_key)


def read_both(folder: Path) -> Listed:
    """Read the parties from our tables, and from the publishers' files what the tables leave out."""
    tables = {row.list_id: row for row in read_manifest(_SEED)}
    un, ofac = (
        {entry.entry_key: entry for entry in read_list(_SEED, tables[name])[1]} for name in ("un-sc", "us-ofac-sdn")
    )
    return Listed(un, ofac, _un_births(folder / "un_sc"), _ofac_births(folder / "us_ofac_sdn"))


def by_authorities(both: Listed) -> list[tuple[str, set[str]]]:
    """Return the UN's persons that OFAC lists too, each with the keys of its entries there."""
    here, there = defaultdict(set), defaultdict(set)
    for entry in both.ofac.values():
        for key in filter(None, map(ids.key, entry.identifiers)):
            here[key].add(entry.entry_key)
        for born in both.ofac_born.get(entry.entry_key, ()):
            there[born].add(entry.entry_key)
    found = {}
    for entry in both.un.values():
        same = set[str]().union(*(here[key] for key in filter(None, map(ids.key, entry.identifiers))))
        for born in both.un_born.get(entry.entry_key, ()):
            same |= {key for key in there[born] if _words(both.ofac[key]) & _words(entry)}
        if same and entry.schema == "Person":
            found[entry.entry_key] = same
    return sorted(found.items())


def organisations(both: Listed) -> list[tuple[str, set[str]]]:
    """Return the UN's organisations that share a name with one of OFAC's, but not the main name."""
    there = defaultdict(set)
    for entry in both.ofac.values():
        if entry.schema == "Organization":
            for core in _cores(entry, main=False):
                there[core].add(entry.entry_key)
    found = {}
    for entry in both.un.values():
        same = set[str]().union(*(there[core] for core in _cores(entry, main=False)))
        if entry.schema == "Organization" and same:
            main = _cores(entry, main=True)
            if not any(main & _cores(both.ofac[key], main=True) for key in same):
                found[entry.entry_key] = same
    return sorted(found.items())


def altered(both: Listed) -> Iterator[tuple[str, ListEntry]]:
    """Yield the UN's main names with one misspelling, two in longer ones; a quarter of the persons' words shuffled."""
    drawn = Random("altered names")
    for entry in both.un.values():
        if len(fold(entry.name).replace(" ", "")) >= _SHORTEST:
            name = _misspelt(drawn, entry.name)
            name = _misspelt(drawn, name) if len(name) >= _LONG else name
            if entry.schema == "Person" and drawn.random() < 1 / 4:
                words = name.split()
                drawn.shuffle(words)
                name = " ".join(words)
            yield name, entry


def _misspelt(drawn: Random, name: str) -> str:
    """Leave out, put in, replace or exchange a letter: four in five misspellings are one of these (Damerau 1964)."""
    at = drawn.choice([place for place, letter in enumerate(name) if letter.isalpha()])
    letter = drawn.choice(_LETTERS)
    before, here, after = name[:at], name[at], name[at + 1 :]
    exchanged = after[:1] + here + after[1:] if after[:1].isalpha() else after
    return before + drawn.choice([after, letter + here + after, letter + after, exchanged])


def _words(entry: ListEntry) -> set[str]:
    return {word for name in entry.names for word in tokens(name.text) if len(word) >= _SHORTEST_WORD}


def _cores(entry: ListEntry, *, main: bool) -> set[str]:
    names = [entry.name] if main else [name.text for name in entry.names if name.quality != "weak"]
    forms = [form for name in names for form in forms_of(name, entry.schema, default_forms())]
    return {form.joined for form in forms if len(form.core) > 1 or len(form.joined) >= _DISTINCTIVE}


def _un_births(folder: Path) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in folder.glob("*.xml"):
        for person in xml_root(file.read_bytes()).iter("INDIVIDUAL"):
            for born in person.iter("INDIVIDUAL_DATE_OF_BIRTH"):
                day = (born.findtext("DATE") or "").strip()[:_DAY]
                if day:
                    found[(person.findtext("REFERENCE_NUMBER") or "").strip()].add(day)
    return {key: frozenset(days) for key, days in found.items()}


def _ofac_births(folder: Path) -> dict[str, frozenset[str]]:
    found = {}
    with (folder / "sdn.csv").open(encoding="latin-1", newline="") as stream:
        for row in csv.reader(stream):
            days = re.findall(r"DOB (\d{1,2} [A-Z][a-z]{2} \d{4})", row[-1])
            found[row[0].strip()] = frozenset(
                datetime.strptime(f"{day} +0000", "%d %b %Y %z").date().isoformat() for day in days
            )
    return found
