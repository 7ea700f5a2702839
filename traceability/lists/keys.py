"""The keys by which names that may be the same meet: few enough to look up, many enough that a typo breaks only some.

Of each token its whole (``t:``), its first four letters (``p:``) and its last four (``s:``); of the name the first
seven letters of the joined tokens (``j:``) and the first ten of the tokens joined in order of the alphabet (``J:``).
A name in another script has besides its words in that script (``n:``), pairs of neighbouring signs where the script
sets no spaces (``b:``), and the consonants of its words: they meet those of Latin names and no others (``k:``, ``K:``).
"""

from collections.abc import Iterator
from typing import Final

from traceability.lists.nameform import NameForm
from traceability.lists.skeleton import is_consonantal, is_syllabic, skeleton

_PART: Final = 4
_JOINED: Final = 7
_SORTED: Final = 10
_SHORTEST_SKELETON: Final = 2
_ACROSS: Final = {"k": "K", "K": "k"}
HALF: Final = frozenset("psbkK")
"""Kinds of keys that are worth half: parts of a word, and what only sounds alike."""


def keys_of(form: NameForm) -> tuple[str, ...]:
    """Return the keys under which a name is kept, each once; none where it is too short to be searched."""
    if not form.searchable:
        return ()
    return tuple(dict.fromkeys((*_latin(form), *_native(form), *_consonants(form))))


def asked_by(form: NameForm) -> tuple[str, ...]:
    """Return the keys by which others are looked for: the name's own, its consonants those of the other scripts."""
    return tuple(f"{_ACROSS[key[0]]}{key[1:]}" if key[0] in _ACROSS else key for key in keys_of(form))


def _latin(form: NameForm) -> list[str]:
    core = form.core
    found = [f"t:{token}" for token in core]
    for token in core:
        if len(token) >= _PART:
            found += (f"p:{token[:_PART]}", f"s:{token[-_PART:]}")
    return [*found, f"j:{form.joined[:_JOINED]}", f"J:{''.join(sorted(core))[:_SORTED]}"]


def _native(form: NameForm) -> Iterator[str]:
    for word in form.native.split():
        yield f"n:{word}"
        if is_syllabic(word):
            yield from (f"b:{word[at : at + 2]}" for at in range(len(word) - 1))


def _consonants(form: NameForm) -> Iterator[str]:
    kind = "k" if not form.native else "K" if is_consonantal(form.native) else ""
    for token in form.core if kind else ():
        bare = skeleton(token)
        if len(bare) >= _SHORTEST_SKELETON:
            yield f"{kind}:{bare}"
