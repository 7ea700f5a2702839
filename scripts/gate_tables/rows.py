"""Rows of the gate tables, the base tables they are made from, and draws that are the same on every machine."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parents[2] / "tests" / "gates" / "names" / "base"
SEED = "names-1"
PER_KIND = 46
_COUNTRY_LEFT_OUT = 3
COLUMNS = ("id", "name1", "name2", "schema", "country1", "country2", "is_match", "script", "kind", "note")


@dataclass(frozen=True, slots=True)
class Party:
    """A made-up party: its name as written, FtM schema, ISO 3166-1 country, and the parts that alterations need."""

    name: str
    schema: str
    country: str
    core: str = ""
    form: str = ""
    distinct: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two spellings, whether they are the same party, and the kind of difference between them."""

    name1: str
    name2: str
    schema: str
    country1: str
    country2: str
    is_match: bool
    kind: str
    note: str = ""


# Another spelling of the party, or the same text where the alteration does not apply.
Alteration = Callable[[Party], str]


def draw(text: str, below: int) -> int:
    """Return a number from 0 to ``below`` - 1 that depends on nothing but the text and the seed."""
    return int.from_bytes(hashlib.sha256(f"{SEED}|{text}".encode()).digest()[:8]) % below


def shuffled(rows: Iterable[Party], text: str) -> list[Party]:
    """Return the rows in an order of their own for each ``text``."""
    return sorted(rows, key=lambda row: hashlib.sha256(f"{SEED}|{text}|{row.name}".encode()).hexdigest())


def read_base(name: str) -> list[dict[str, str]]:
    """Return the rows of a hand-written table."""
    with (BASE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def match(party: Party, other: str, kind: str, turn: int) -> Pair:
    """Return a pair of the same party; every third leaves the second country out, as documents often do."""
    country = "" if turn % _COUNTRY_LEFT_OUT == 0 else party.country
    return Pair(party.name, other, party.schema, party.country, country, is_match=True, kind=kind)


def differ(party: Party, other: str, kind: str, country: str | None = None) -> Pair:
    """Return a pair of different parties, of the same country where none is given."""
    where = party.country if country is None else country
    return Pair(party.name, other, party.schema, party.country, where, is_match=False, kind=kind)


def altered(kind: str, parties: Sequence[Party], alter: Alteration, wanted: int = PER_KIND) -> list[Pair]:
    """Return pairs of parties and their altered spellings, as many as wanted where so many can be altered."""
    pairs: list[Pair] = []
    for party in shuffled(parties, kind):
        other = alter(party)
        if other and other != party.name and len(pairs) < wanted:
            pairs.append(match(party, other, kind, len(pairs)))
    return pairs


def table(script: str, groups: Iterable[tuple[str, Sequence[Pair]]]) -> str:
    """Return the CSV of one script; ``groups`` gives each sub-script ("greek", "greek-latin") and its pairs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    counts: dict[str, int] = {}
    for label, pairs in groups:
        for pair in pairs:
            stem = f"{label}-{'same' if pair.is_match else 'different'}-{pair.kind}"
            counts[stem] = counts.get(stem, 0) + 1
            sides = (pair.name1, pair.name2, pair.schema, pair.country1, pair.country2)
            row = (f"{stem}-{counts[stem]:03}", *sides, int(pair.is_match), label or script, pair.kind, pair.note)
            writer.writerow(row)
    return out.getvalue()
