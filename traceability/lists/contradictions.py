"""What shows two similar names to be two parties': numbers, words left over on both sides, father and son exchanged."""

from typing import Final

from traceability.lists.likeness import Alignment, Words
from traceability.lists.nameform import NameForm

_SHORTEST_TELLING: Final = 3
# "X son (daughter) of Y": Arabic, Maghrebi, Hebrew, Mauritanian, Turkic, Malay.
_CHILD_OF: Final = frozenset({"bin", "ben", "ibn", "bint", "binti", "binte", "bar", "bat", "ould", "oglu", "qizi"})
# What is said to a person or between names tells nobody apart.
_HONORIFICS: Final = (
    "mr mrs miss dr prof professor sir sheikh shaikh shaykh sheik haji hajji hajj alhaj mullah mulla maulawi mawlawi "
    "maulvi qari ustad imam mufti hafiz ayatollah president general colonel major captain admiral"
)
_PARTICLES: Final = "the and for von van der den del della des los las dos abu abd abdul oum umm"
_ARTICLES: Final = frozenset({"al", "el", "ul", "de", "da", "di", "du", "la", "le", "do", "of", "y", "e"})
_NO_NAMES: Final = _CHILD_OF | {*_HONORIFICS.split(), *_PARTICLES.split()}
_UNITS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS: Final = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_TEN: Final = 10
# Spanish, French, German, Portuguese, Italian: the numbers that names of mines and cooperatives are made with.
_ELSEWHERE: Final = (
    "dos deux zwei dois due", "tres trois drei três tre", "cuatro quatre vier quatro quattro", "cinco cinq funf cinque",
    "seis six sechs sei", "siete sept sieben sete sette", "ocho huit acht oito otto", "nueve neuf neun nove",
    "diez dix zehn dez dieci", "once onze elf undici", "doce douze zwolf doze dodici",
)  # fmt: skip
_ROMAN: Final = "ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"
_NUMBERS: Final = {
    **{word: value for value, words in enumerate(_ELSEWHERE, start=2) for word in words.split()},
    **{word: value for value, word in enumerate(_ROMAN.split(), start=2)},
    **{word: value for value, word in enumerate(_UNITS.split())},
    **{word: value for value, word in enumerate(_ORDINALS.split())},
    **{word: _TEN * value for value, word in enumerate(_TENS.split(), start=2)},
}
_ENDINGS: Final = ("st", "nd", "rd", "th")


def left_over(asked: NameForm, listed: NameForm, alignment: Alignment) -> float:
    """Return what share of the shorter name contradicts: words left over on both sides, 0 to 1.

    What stands in brackets counts when the other side has something left over too: "(Hong Kong)" is no "Singapore".
    """
    here, there = _telling(alignment.asked_left), _telling(alignment.listed_left)
    if here + there == 0:
        return 0.0
    here, there = here + _telling(asked.aside), there + _telling(listed.aside)
    return min(here, there) / max(1, min(_telling(asked.core), _telling(listed.core)))


def says_nothing(words: Words) -> bool:
    """Return whether the words are particles only, which one spelling has and another leaves out."""
    return all(word in _ARTICLES or word in _NO_NAMES for word in words)


def father_and_son(asked: Words, listed: Words, alignment: Alignment) -> bool:
    """Return whether one name says "A son of B" and the other "B son of A"."""
    here, there = _generations(asked), _generations(listed)
    if not here or not there:
        return False
    against = {pair.asked: pair.listed for pair in alignment.matched}
    return any(
        child != parent and against.get((child,)) == (other_parent,) and against.get((parent,)) == (other_child,)
        for child, parent in here
        for other_child, other_parent in there
    )


def in_digits(words: Words) -> Words:
    """Return the words with numbers in digits, however they are written ("7", "seven", "siete", "7th", "VII")."""
    found: list[str] = []
    tens = 0
    for word in words:
        value = _value(word)
        if tens and value is not None and value < _TEN:
            found[-1] = str(tens + value)
            tens = 0
            continue
        tens = value if value is not None and word in _TENS.split() else 0
        found.append(word if value is None else str(value))
    return tuple(found)


def numbers_of(words: Words) -> str:
    """Return the numbers of a name."""
    return " ".join(word for word in words if word.isdigit())


def _telling(words: Words) -> int:
    return sum(len(word) >= _SHORTEST_TELLING and word not in _NO_NAMES for word in words)


def _generations(words: Words) -> list[tuple[str, str]]:
    return [(words[at - 1], words[at + 1]) for at in range(1, len(words) - 1) if words[at] in _CHILD_OF]


def _value(word: str) -> int | None:
    digits = word[:-2] if word.endswith(_ENDINGS) else word
    return int(digits) if digits.isdecimal() else _NUMBERS.get(word)
