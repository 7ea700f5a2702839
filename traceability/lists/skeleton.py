"""The consonants of a word: romanisations of Arabic and Hebrew choose their vowels freely."""

import re
from functools import lru_cache
from typing import Final

_CONSONANTAL: Final = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_SYLLABIC: Final = re.compile(
    r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
# One consonant as it is romanised by ALA-LC, by BGN/PCGN, by the press, in French and in German.
_ROMANISED: Final = (
    ("sch", "s"), ("tch", "s"), ("kh", "h"), ("gh", "g"), ("dj", "g"), ("sh", "s"), ("ch", "s"), ("th", "t"),
    ("dh", "d"), ("ph", "f"), ("tz", "s"), ("ts", "s"), ("ck", "k"), ("q", "k"), ("c", "k"), ("z", "s"), ("j", "g"),
    ("x", "ks"), ("p", "f"),
)  # fmt: skip
_FIRST: Final = {"v": "b"}
# Vowels, and the letters that Arabic and Hebrew write long vowels with.
_SILENT: Final = re.compile(r"[aeiouwyv]+")
_TWICE: Final = re.compile(r"(.)\1+")


def is_consonantal(text: str) -> bool:
    """Return whether a text is written in a script that leaves vowels out: Arabic, Hebrew and their like."""
    return _CONSONANTAL.search(text) is not None


def is_syllabic(text: str) -> bool:
    """Return whether a text is written in signs for syllables or words: Han, Kana, Hangul."""
    return _SYLLABIC.search(text) is not None


@lru_cache(maxsize=1 << 16)
def skeleton(word: str) -> str:
    """Return the consonants of a folded word, those that are romanised in several ways as one letter each."""
    for several, single in _ROMANISED:
        word = word.replace(several, single)
    rest = _SILENT.sub("", word[1:])
    first = _FIRST.get(word[:1], word[:1])
    bare = _TWICE.sub(r"\1", ("" if first in "aeiou" else first) + rest)
    return bare.removesuffix("h") if len(bare) > 2 else bare  # noqa: PLR2004  # the ending -a(h) is often not written
