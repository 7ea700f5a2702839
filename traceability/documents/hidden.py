"""Characters that make a text look like what it is not: marks of direction, letters of another script in a word.

The marks are those of Unicode Standard Annex 9; the letters are those of Unicode Technical Standard 39 that look like
a Latin one. Only a word that mixes scripts is folded: a word wholly in Cyrillic or Greek is one of its language.
"""

import re

DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks, embeddings, overrides and isolates of direction."""
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LOOKALIKES = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
        "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0408\u0405"
        "\u03bf\u03b1\u03b9\u03bd\u03c1\u03c5\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03a5\u0396",
        "aeopcyxijshdqwABEKMHOPCTXYIJSoaivpuABEHIKMNOPTXYZ",
        strict=True,
    )
)
_TABLE = str.maketrans(_LOOKALIKES)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_WORD = re.compile("[^\\W\\d_]+")
_LATIN = re.compile("[A-Za-z]")


def folded(text: str) -> str:
    """Return ``text`` with Latin letters in place of their lookalikes in words that mix scripts; as long as before."""
    return _WORD.sub(_plain, text) if _FOREIGN.search(text) else text


def reasons(text: str) -> list[tuple[str, str]]:
    """Return notes (code, message) on what in ``text`` could show people something else than it says."""
    found = []
    if _OVERRIDES.search(text):
        message = "The text holds marks that turn the direction of writing: what people see may not be what is written."
        found.append(("direction_marks", message))
    mixed = [word for word in _WORD.findall(text) if _is_mixed(word)] if _FOREIGN.search(text) else []
    if mixed:
        some = ", ".join(repr(word[:30]) for word in dict.fromkeys(mixed[:3]))
        message = f"{len(mixed)} word(s) mix Latin letters with others that look alike; read as Latin: {some}"
        found.append(("confusable_letters", message))
    return found


def _plain(word: re.Match[str]) -> str:
    found = word.group()
    return found.translate(_TABLE) if _is_mixed(found) else found


def _is_mixed(word: str) -> bool:
    # Every foreign letter must have its lookalike: "\u03bcm" or a Latin ending on a Russian word is no disguise.
    foreign = _FOREIGN.findall(word)
    return bool(foreign) and _LATIN.search(word) is not None and all(char in _LOOKALIKES for char in foreign)
