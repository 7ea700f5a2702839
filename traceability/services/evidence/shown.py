"""Text as the fonts of a report can set it: nothing vanishes, and what was written in other letters is marked.

The fonts that typst brings along have Latin, Greek, Cyrillic, Hebrew, Arabic, Armenian and Georgian letters. Others are
transliterated (anyascii), and characters that show nothing or turn the direction of writing are named, so that a name
cannot pass for another. The spelling as it was recorded stands in the attached data.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import resources
from itertools import groupby
from typing import Any
from unicodedata import category, normalize

MARK = "[transliterated]"
_KEPT = " \n\u202f"  # the last one parts thousands


def shown(value: Any, *, plain: bool = False) -> Any:
    """Return a JSON value with every text as it can be set; ``plain`` leaves nothing but ASCII."""
    if isinstance(value, str):
        return _text(value, plain=plain)
    if isinstance(value, dict):
        return {name: shown(member, plain=plain) for name, member in value.items()}
    if isinstance(value, list):
        return [shown(member, plain=plain) for member in value]
    return value


def _text(said: str, *, plain: bool) -> str:
    if said.isascii() and said.isprintable():
        return said
    runs = [(kind, "".join(run)) for kind, run in groupby(normalize("NFC", said), lambda one: _kind(one, plain=plain))]
    text = "".join(_AS[kind](run) for kind, run in runs)
    return f"{text} {MARK}" if any(kind == "other" for kind, _ in runs) else text


def _kind(one: str, *, plain: bool) -> str:
    if one in _KEPT:
        return "set"
    if category(one)[0] == "Z":
        return "space"
    if category(one)[0] == "C":
        return "unseen"
    return "set" if (one.isascii() if plain else one in _glyphs()) else "other"


def _named(run: str) -> str:
    return "".join(f"[U+{ord(one):04X}]" for one in run)


def _in_latin_letters(run: str) -> str:
    from anyascii import anyascii

    return anyascii(run).strip() or _named(run)


_AS: Mapping[str, Callable[[str], str]] = {
    "set": str, "space": lambda run: " " * len(run), "unseen": _named, "other": _in_latin_letters,
}  # fmt: skip


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[str]:
    """Return what the fonts can set, as scripts/glyphs.py has found it."""
    bounds = (line.split("-") for line in resources.files(__package__).joinpath("glyphs.txt").read_text().split())
    return frozenset(chr(one) for first, last in bounds for one in range(int(first, 16), int(last, 16) + 1))
