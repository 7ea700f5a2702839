"""Words that may be one word misspelt: what hardly any name bears is asked for what it may have been meant to be.

A piece of a word (`keys`) outlives an edit, but many names share it, and an edit in the middle of a word of up to seven
letters leaves neither its first nor its last four. So a word that few names bear is looked up among all words that
begin or end alike: one edit (OSA) away, or two where both have eight letters or more. Those are asked for too, at half
their weight (`candidates`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

SURE_FROM: Final = 6
"""A word that so many names bear is taken as it is spelt."""
_WORD: Final = "t:"
_SHORTEST: Final = 2
_SHORT: Final = 4
_LONG: Final = 8
_EDITS: Final = 2


def word_of(key: str) -> str:
    """Return the word a key stands for, if it is one that can be misspelt; else nothing."""
    word = key[2:] if key[:2] == _WORD else ""
    return word if len(word) >= _SHORTEST and word.isalpha() and word.isascii() else ""


def key_of(word: str) -> str:
    """Return the key that stands for a word."""
    return _WORD + word


def parts_of(word: str) -> Iterator[str]:
    """Yield how a word begins and ends, with its length: two letters each, of four letters and fewer also one."""
    return _parts(word, len(word))


def asked_parts(word: str) -> Iterator[str]:
    """Yield the parts of those words that this one may have been meant to be."""
    for other in range(len(word) - _EDITS, len(word) + _EDITS + 1):
        if abs(other - len(word)) <= _edits(len(word), other):
            yield from _parts(word, other)


def _parts(word: str, length: int) -> Iterator[str]:
    yield f"{word[:2]}*{length}"
    yield f"*{word[-2:]}{length}"
    if max(length, len(word)) <= _SHORT:
        yield f"{word[0]}.{length}"
        yield f".{word[-1]}{length}"


def _edits(one: int, other: int) -> int:
    """Return by how many edits words of so many letters may differ."""
    return _EDITS if min(one, other) >= _LONG else 1


def doubtful(keys: Iterable[str], borne: Mapping[str, int], sure_from: int = SURE_FROM) -> Iterator[str]:
    """Yield the words among the keys of a name that may be misspelt: few names bear them."""
    for key in keys:
        if borne.get(key, 0) < sure_from and (word := word_of(key)):
            yield word


def meant(word: str, among: Sequence[str]) -> list[str]:
    """Return which other words this may have been meant to be; whichever is asked for the other, it is the same."""
    import numpy as np

    edits = cdist([word], among, scorer=OSA.distance, score_cutoff=_EDITS, dtype=np.uint8)[0]
    near = np.flatnonzero((edits > 0) & (edits <= _EDITS)).tolist()
    return [among[at] for at in near if edits[at] == 1 or _edits(len(word), len(among[at])) == _EDITS]


class Vocabulary:
    """The words of an index by how they begin and end."""

    __slots__ = ("_by_part",)

    def __init__(self, by_part: Mapping[str, list[str]] | None = None) -> None:
        """Make it empty, or of the words that begin or end in each of some ways."""
        self._by_part: dict[str, list[str]] = dict(by_part or {})

    def add(self, word: str) -> None:
        """Take in a word that is not there yet."""
        for part in parts_of(word):
            self._by_part.setdefault(part, []).append(word)

    def meant(self, word: str) -> set[str]:
        """Return which words of the index this may have been meant to be."""
        there = [words for part in asked_parts(word) if (words := self._by_part.get(part))]
        return set(meant(word, list(chain.from_iterable(there)))) if there else set()
