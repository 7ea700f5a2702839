"""The consonants of a word: romanisations of Arabic and Hebrew choose their vowels freely."""

import re
from functools import lru_cache
from typing import Final

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


@lru_cache(maxsize=1 << 16)
def skeleton(word: str) -> str:
    """Return the consonants of a folded word, those that are romanised in several ways as one letter each."""
    for several, single in _ROMANISED:
        word = word.replace(several, single)
    rest = _SILENT.sub("", word[1:])
    first = _FIRST.get(word[:1], word[:1])
    bare = _TWICE.sub(r"\1", ("" if first in "aeiou" else first) + rest)
    return bare.removesuffix("h") if len(bare) > 2 else bare  # noqa: PLR2004  # the ending -a(h) is often not written
