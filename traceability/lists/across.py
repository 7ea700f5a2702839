"""Comparing names across scripts: what transliteration loses, and what signs must agree within one script.

Arabic and Hebrew are written without most vowels, so a name in them meets its Latin spellings by its consonants only.
Where both names stand in one script of syllables or ideographs (Han, Kana, Hangul), their signs are compared: many
signs share one reading. None of this is strong evidence: romanised names of different people collide.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from traceability.lists.likeness import ALIKE, Likeness, alike_persons
from traceability.lists.skeleton import is_consonantal, is_syllabic, skeleton

_LEGAL_FORMS: Final = re.compile(
    "股份有限公司|有限责任公司|有限責任公司|有限公司|集团|集團|公司|株式会社|有限会社|合同会社|주식회사|유한회사|회사|"
    r"\b[주유株有]\b"
)
# Japanese is written in three scripts at once.
_JAPANESE: Final = frozenset({"HIRAGANA", "KATAKANA", "CJK"})
# Korean as romanised by Seoul (2000), by McCune-Reischauer, by Pyongyang and by habit: one letter for each sound.
_KOREAN: Final = (
    ("yeo", "yo"), ("eo", "o"), ("eu", "u"), ("ae", "e"), ("oo", "u"), ("ee", "i"), ("ch", "j"), ("g", "k"), ("d", "t"),
    ("b", "p"), ("r", "l"),
)  # fmt: skip
_HANGUL: Final = re.compile(r"[\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff]")
# "al-" is written onto its word.
ARTICLE: Final = "l"
SAME_CONSONANTS: Final = 0.88
_ONE_CONSONANT: Final = 0.75
_SHORTEST: Final = 3
_ALIKE_ACROSS: Final = 0.8
BY_SOUND: Final = 0.9


def one_script(one: str, other: str) -> bool:
    """Return whether two names, in their own scripts (empty: Latin), stand in one script."""
    here, there = _script(one), _script(other)
    return here == there or {here, there} <= _JAPANESE


def likeness_across(one: str, other: str) -> Likeness:
    """Return how to compare words of two names in different scripts, given in those scripts (empty: Latin)."""
    if is_consonantal(one) or is_consonantal(other):
        return _by_consonants
    return _by_korean_sound if _HANGUL.search(one) or _HANGUL.search(other) else _by_sound


def signs_alike(one: str, other: str) -> float:
    """Return how many signs two names of one script share, legal forms aside, 0 to 1; 1 where it is an alphabet."""
    if not (is_syllabic(one) and is_syllabic(other)):
        return 1.0
    here, there = (unicodedata.normalize("NFD", _LEGAL_FORMS.sub(" ", name)).split() for name in (one, other))
    straight = OSA.normalized_similarity("".join(here), "".join(there))
    return max(straight, OSA.normalized_similarity("".join(sorted(here)), "".join(sorted(there))))


@lru_cache(maxsize=1 << 16)
def _by_consonants(one: str, other: str) -> float:
    here, there = skeleton(one), skeleton(other)
    best = max(alike_persons(one, other), _consonants(here, there))
    if here[:1] == ARTICLE:
        best = max(best, _consonants(here[1:], there))
    if there[:1] == ARTICLE:
        best = max(best, _consonants(here, there[1:]))
    return best


def _consonants(here: str, there: str) -> float:
    if here == there:
        return SAME_CONSONANTS if len(here) > 1 else _ONE_CONSONANT if here else 0.0
    if min(len(here), len(there)) < _SHORTEST:
        return 0.0
    value = SAME_CONSONANTS * (JaroWinkler.similarity(here, there) + OSA.normalized_similarity(here, there)) / 2
    return value if value >= ALIKE else 0.0


@lru_cache(maxsize=1 << 16)
def _by_sound(one: str, other: str) -> float:
    winkler = JaroWinkler.similarity(one, other, score_cutoff=_ALIKE_ACROSS)
    return max(alike_persons(one, other), BY_SOUND * winkler)


@lru_cache(maxsize=1 << 16)
def _by_korean_sound(one: str, other: str) -> float:
    return max(_by_sound(one, other), BY_SOUND * alike_persons(sounds_korean(one), sounds_korean(other)))


@lru_cache(maxsize=1 << 16)
def sounds_korean(word: str) -> str:
    """Return a romanised word with one letter for each sound of Korean."""
    for several, single in _KOREAN:
        word = word.replace(several, single)
    return word


@lru_cache(maxsize=1 << 16)
def _script(name: str) -> str:
    letter = next((character for character in name if character.isalpha()), "")
    return unicodedata.name(letter, "").split(" ")[0].split("-")[0] if letter else ""
