"""How alike the words of two names are, and which word stands against which (screening.md 4).

Two words are as alike as the mean of Jaro-Winkler (Winkler 1990) and of the optimal string alignment distance (an
insertion, deletion, substitution or exchange of neighbours counts one; Damerau 1964), 0 below .72. The likest are
paired first, whatever their order; a word may stand against neighbours written together, or for their initials.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

ALIKE: Final = 0.72
"""Below this two words have nothing to do with each other."""
_INITIAL: Final = 0.75
# Of words written together, as in "abd al rahman" and "abdulrahman"; short words would meet anything.
_TOGETHER: Final = 0.85
_SHORTEST_TOGETHER: Final = 6
_MOST_TOGETHER: Final = 3
_OFF_BY: Final = 2

Likeness = Callable[[str, str], float]
Weigh = Callable[[str], float]
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paired:
    """Words of the query against words of the listed name, with what either side's words weigh."""

    asked: str
    listed: str
    similarity: float
    asked_weight: float
    listed_weight: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """What stands against what, and what is left over on either side, each in the order of its name."""

    paired: tuple[Paired, ...]
    asked_left: Words
    listed_left: Words


@lru_cache(maxsize=1 << 17)
def alike(one: str, other: str) -> float:
    """Return how alike two words are, 0 to 1; numbers are equal or not alike."""
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    winkler = JaroWinkler.similarity(one, other, score_cutoff=2 * ALIKE - 1)
    value = (winkler + OSA.normalized_similarity(one, other)) / 2 if winkler else 0.0
    return value if value >= ALIKE else 0.0


@lru_cache(maxsize=1 << 17)
def alike_persons(one: str, other: str) -> float:
    """Return `alike`, but that an initial stands for every word it begins."""
    if len(one) == 1 or len(other) == 1:
        return 1.0 if one == other else _INITIAL if one[0] == other[0] and one[0].isalpha() else 0.0
    return alike(one, other)


def align(asked: Words, listed: Words, weigh: Weigh, likeness: Likeness) -> Alignment:
    """Return the alignment of two names given by their words."""
    left, right = dict(enumerate(asked)), dict(enumerate(listed))
    paired = [_pair(1.0, (word,), (word,), weigh) for word in _take_equal(left, right)]
    if left and right:
        paired += [_pair(value, one, other, weigh) for value, one, other in _take_likest(left, right, likeness)]
    return Alignment(tuple(paired), tuple(left.values()), tuple(right.values()))


_Left = dict[int, str]


def _take_equal(left: _Left, right: _Left) -> list[str]:
    """Take equal words out of both: most words of two spellings of one name, without comparing letters."""
    found = []
    for at, word in list(left.items()):
        for there, other in right.items():
            if word == other:
                found.append(word)
                del left[at], right[there]
                break
    return found


def _take_likest(left: _Left, right: _Left, likeness: Likeness) -> Iterator[tuple[float, Words, Words]]:
    choices = [
        (value, (here,), (there,))
        for here, word in left.items()
        for there, other in right.items()
        if (value := likeness(word, other))
    ]
    choices += [(value, (here,), span) for here, word in left.items() for value, span in _spans(word, right, likeness)]
    choices += [(value, span, (at,)) for at, word in right.items() for value, span in _spans(word, left, likeness)]
    choices.sort(key=lambda choice: -choice[0])
    for value, here, there in choices:
        if all(at in left for at in here) and all(at in right for at in there):
            yield value, tuple(left.pop(at) for at in here), tuple(right.pop(at) for at in there)


def _spans(word: str, words: _Left, likeness: Likeness) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield neighbours that the word writes together, or whose initials it is."""
    if len(words) < 2 or len(word) < 2:  # noqa: PLR2004  # neighbours are two
        return
    places = tuple(words)
    for start in range(len(places) - 1):
        for end in range(start + 2, min(start + _MOST_TOGETHER, len(places)) + 1):
            span = places[start:end]
            if all(after - before == 1 for before, after in pairwise(span)):
                value = _together(word, [words[at] for at in span], likeness)
                if value:
                    yield value, span


def _together(word: str, parts: Sequence[str], likeness: Likeness) -> float:
    text = "".join(parts)
    if word == text:
        return 1.0
    if len(word) == len(parts) and likeness(word[0], parts[0]) == _INITIAL:
        return _INITIAL if all(part.startswith(letter) for letter, part in zip(word, parts, strict=True)) else 0.0
    if len(word) < _SHORTEST_TOGETHER or abs(len(text) - len(word)) > _OFF_BY:
        return 0.0
    value = likeness(word, text)
    return value if value >= _TOGETHER else 0.0


def _pair(value: float, one: Words, other: Words, weigh: Weigh) -> Paired:
    return Paired(" ".join(one), " ".join(other), value, sum(map(weigh, one)), sum(map(weigh, other)))
