"""The words that the logic of the catalogue uses, as it defines them (rule-catalogue.md 3 to 5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from traceability.diligence.tables import read_table


@dataclass(frozen=True, slots=True)
class Term:
    """One defined word: how it is headed, the spellings in which logic uses it, and its meaning."""

    term: str
    words: tuple[str, ...]
    meaning: str


@cache
def terms() -> tuple[Term, ...]:
    """Return every defined word, in the order of the catalogue."""
    rows = read_table("terms.csv")
    return tuple(Term(row["term"], tuple(row["words"].split("|")), row["meaning"]) for row in rows)


@cache
def terms_of(text: str) -> tuple[Term, ...]:
    """Return the defined words in a text, and those in their meanings, in the order of the catalogue."""
    found: set[Term] = set()
    new = set(_named(text))
    while new:
        found |= new
        new = {inner for term in new for inner in _named(term.meaning)} - found
    return tuple(term for term in terms() if term in found)


def _named(text: str) -> Iterator[Term]:
    return (term for term in terms() if _pattern(term).search(text))


@cache
def _pattern(term: Term) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, term.words))})\b")
