"""How alike the words of two names are, and which word stands against which (screening.md 4).

Two words are as alike as the mean of Jaro-Winkler (Winkler 1990) and of the optimal string alignment distance (an
insertion, deletion, substitution or exchange of neighbours counts one; Damerau 1964), 0 below .72. Two words that many
parties bear are less alike than a word and its misspelling. The likest are paired first, whatever their order; a word
may stand against neighbours written together, or for their initials.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from traceability.lists.skeleton import skeleton
from traceability.lists.words import shipped_counts

ALIKE: Final = 0.72
"""Below this two words have nothing to do with each other."""
SHORT: Final = 3
"""Words up to this length are often acronyms."""
INITIAL: Final = 0.75
# Of words written together, as in "abd al rahman" and "abdulrahman"; short words would meet anything.
TOGETHER: Final = 0.85
SHORTEST_TOGETHER: Final = 6
SEVERAL: Final = (2, 3)
_OFF_BY: Final = 3
# "Daniel" is no misspelling of "Manuel", but "Mohammed" is spelt "Muhammad" too.
_TWO_NAMES: Final = 0.08

ABBREVIATED: Final = 0.95
_ABBREVIATED_AS: Final = (
    "assn:association assoc:association bros:brothers dept:department dev:development eng:engineering "
    "ets:etablissements exp:export fed:federal flli:fratelli gen:general govt:government hldg:holding "
    "hldgs:holdings imp:import ind:industries inds:industries intl:international lab:laboratory mfg:manufacturing "
    "mgmt:management mt:mount natl:national res:resources st:saint svc:service svcs:services tech:technology "
    "trdg:trading trd:trading univ:university"
)
_ABBREVIATIONS: Final = dict(pair.split(":") for pair in _ABBREVIATED_AS.split())
_STANDS_FOR: Final = {short: (long,) for short, long in _ABBREVIATIONS.items()} | {
    word: tuple(short for short, long in _ABBREVIATIONS.items() if long == word) for word in _ABBREVIATIONS.values()
}

Likeness = Callable[[str, str], float]
Words = tuple[str, ...]


class Matched(NamedTuple):
    """Words of the query that stand against words of the listed name."""

    asked: Words
    listed: Words
    similarity: float


class Alignment(NamedTuple):
    """What stands against what, and what is left over on either side, each in the order of its name."""

    matched: list[Matched]
    asked_left: Words
    listed_left: Words


@lru_cache(maxsize=1 << 17)
def alike(one: str, other: str) -> float:
    """Return how alike two words are, 0 to 1; numbers are equal or not alike."""
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    if _ABBREVIATIONS.get(one) == other or _ABBREVIATIONS.get(other) == one:
        return ABBREVIATED
    winkler = JaroWinkler.similarity(one, other, score_cutoff=2 * ALIKE - 1)
    value = (winkler + OSA.normalized_similarity(one, other)) / 2 if winkler else 0.0
    known = shipped_counts().counts
    if value >= ALIKE and one in known and other in known and skeleton(one) != skeleton(other):
        value -= _TWO_NAMES
    return value if value >= ALIKE else 0.0


def abbreviations(word: str) -> Words:
    """Return the words that stand for a word: what it is short for, and what is short for it."""
    return _STANDS_FOR.get(word, ())


@lru_cache(maxsize=1 << 17)
def alike_organisations(one: str, other: str) -> float:
    """Return `alike`, but that short words are equal or not alike: acronyms differ in one letter and are two firms."""
    return float(one == other) if len(one) <= SHORT and len(other) <= SHORT else alike(one, other)


@lru_cache(maxsize=1 << 17)
def alike_persons(one: str, other: str) -> float:
    """Return `alike`, but that an initial stands for every word it begins."""
    if len(one) == 1 or len(other) == 1:
        return 1.0 if one == other else INITIAL if one[0] == other[0] and one[0].isalpha() else 0.0
    return alike(one, other)


def align(asked: Words, listed: Words, likeness: Likeness) -> Alignment:
    """Return the alignment of two names given by their words.

    Equal words first: they are most words of two spellings of one name, and cost no comparing of letters.
    """
    right = dict(enumerate(listed))
    left: dict[int, str] = {}
    matched = []
    for at, word in enumerate(asked):
        for there, other in right.items():
            if other == word:
                del right[there]
                matched.append(Matched((word,), (word,), 1.0))
                break
        else:
            left[at] = word
    if left and right:
        matched += _take_likest(left, right, likeness)
    return Alignment(matched, tuple(left.values()), tuple(right.values()))


_Left = dict[int, str]
_Places = tuple[int, ...]


def _take_likest(left: _Left, right: _Left, likeness: Likeness) -> list[Matched]:
    choices: list[tuple[float, _Places, _Places]] = [
        (value, (here,), (there,))
        for here, word in left.items()
        for there, other in right.items()
        if (value := likeness(word, other))
    ]
    if len(right) > 1:
        choices += [(value, (at,), span) for value, at, span in _together(left, right, likeness)]
    if len(left) > 1:
        choices += [(value, span, (at,)) for value, at, span in _together(right, left, likeness)]
    if len(choices) > 1:
        choices.sort(key=_by_value)
    matched = []
    for value, here, there in choices:
        if left.keys() >= {*here} and right.keys() >= {*there}:
            words, others = [left.pop(at) for at in here], [right.pop(at) for at in there]
            matched.append(Matched(tuple(words), tuple(others), value))
    return matched


def _by_value(choice: tuple[float, _Places, _Places]) -> float:
    return -choice[0]


def _together(words: _Left, parts: _Left, likeness: Likeness) -> Iterator[tuple[float, int, _Places]]:
    """Yield the words that write neighbours of the other side together, or are their initials."""
    initials = likeness is alike_persons
    long = [
        (at, word, len(word))
        for at, word in words.items()
        if len(word) >= SHORTEST_TOGETHER or (initials and len(word) in SEVERAL)
    ]
    # Across scripts the first letter may be a vowel that is not written.
    first_agrees = likeness in _ONE_SCRIPT
    for span in _neighbours(parts) if long else ():
        text = "".join([parts[place] for place in span])
        for at, word, many in long:
            if first_agrees and word[0] != text[0]:
                continue
            if many >= SHORTEST_TOGETHER:
                if -_OFF_BY <= len(text) - many <= _OFF_BY and (value := likeness(word, text)) >= TOGETHER:
                    yield value, at, span
            elif many == len(span) and _initials(word, [parts[place] for place in span]):
                yield INITIAL, at, span


_ONE_SCRIPT: Final = frozenset({alike, alike_organisations, alike_persons})


def _neighbours(parts: _Left) -> Iterator[_Places]:
    """Yield two and three neighbouring words."""
    for at in parts:
        if at + 1 in parts:
            yield (at, at + 1)
            if at + 2 in parts:
                yield (at, at + 1, at + 2)


def _initials(word: str, parts: list[str]) -> bool:
    return all(part[0] == letter for part, letter in zip(parts, word, strict=True))
