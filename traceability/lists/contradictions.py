"""What shows two similar names to be two parties': numbers, words left over on both sides, father and son exchanged."""

from collections.abc import Iterable
from typing import Final

from traceability.lists.likeness import Alignment, Words
from traceability.lists.nameform import NameForm

_SHORTEST_TELLING: Final = 3
# "X son (daughter) of Y": Arabic, Maghrebi, Hebrew, Mauritanian, Turkic, Malay.
_CHILD_OF: Final = frozenset({"bin", "ben", "ibn", "bint", "binti", "binte", "bar", "bat", "ould", "oglu", "qizi"})
_UNITS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS: Final = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
_NUMBERS: Final = {
    **{word: value for value, word in enumerate(_UNITS)},
    **{word: value for value, word in enumerate(_ORDINALS)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
}
_ENDINGS: Final = ("st", "nd", "rd", "th")
_TEN: Final = 10
_HUNDRED: Final = 100


def left_over(asked: NameForm, listed: NameForm, alignment: Alignment) -> float:
    """Return what share of the shorter name contradicts: words left over on both sides, 0 to 1.

    What stands in brackets counts when the other side has something left over too: "(Hong Kong)" is no "Singapore".
    """
    here, there = _telling(alignment.asked_left), _telling(alignment.listed_left)
    if here + there == 0:
        return 0.0
    here, there = here + _telling(asked.aside), there + _telling(listed.aside)
    return min(here, there) / max(1, min(_telling(asked.core), _telling(listed.core)))


def father_and_son(asked: Words, listed: Words, alignment: Alignment) -> bool:
    """Return whether one name says "A son of B" and the other "B son of A"."""
    here, there = _generations(asked), _generations(listed)
    if not here or not there:
        return False
    against = {pair.asked: pair.listed for pair in alignment.paired}
    return any(
        child != parent and against.get(child) == other_parent and against.get(parent) == other_child
        for child, parent in here
        for other_child, other_parent in there
    )


def numbers_differ(asked: Words, listed: Words) -> tuple[str, str] | None:
    """Return the numbers of both names if they differ, however they are written ("7", "seven", "7th"); else None."""
    here, there = _digits(asked), _digits(listed)
    if here == there:
        return None
    here, there = _numbers(asked), _numbers(listed)
    return None if here == there else (" ".join(here), " ".join(there))


def _telling(words: Words) -> int:
    return sum(len(word) >= _SHORTEST_TELLING for word in words)


def _generations(words: Words) -> list[tuple[str, str]]:
    return [(words[at - 1], words[at + 1]) for at in range(1, len(words) - 1) if words[at] in _CHILD_OF]


def _digits(words: Words) -> list[str]:
    return sorted(word for word in words if word.isdigit())


def _numbers(words: Words) -> list[str]:
    return sorted(str(value) for value in _values(words))


def _values(words: Words) -> Iterable[int]:
    """Yield the numbers of a name; "forty four" is one."""
    pending = 0
    for word in words:
        value = _value(word)
        if pending and (value is None or value >= _TEN):
            yield pending
            pending = 0
        if value is None:
            continue
        if pending:
            yield pending + value
            pending = 0
        elif 2 * _TEN <= value < _HUNDRED and value % _TEN == 0 and not word.isdigit():
            pending = value
        else:
            yield value
    if pending:
        yield pending


def _value(word: str) -> int | None:
    digits = word[:-2] if word.endswith(_ENDINGS) else word
    return int(digits) if digits.isdigit() else _NUMBERS.get(word)
