"""One way to fold a name, so that two spellings of it meet (Unicode NFKC, UAX 15; case folding, Unicode 3.13).

Names come from strangers: input is cut at 300 characters and 40 tokens, and every pattern is linear.
"""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

MAX_CHARS = 300
MAX_TOKENS = 40

# Turkish I: casefold turns a dotted capital into i plus a combining dot and leaves the dotless i apart.
_TURKISH = str.maketrans({"İ": "i", "ı": "i"})
_INITIAL = re.compile(r"(?<![a-z0-9])([a-z])\.(?=[a-z](?![a-z0-9]))")
_APOSTROPHES = str.maketrans("", "", "'`")
_GAPS = re.compile(r"[^a-z0-9]+")
_NATIVE_GAPS = re.compile(r"[\W_]+")


def fold(name: str) -> str:
    """Return a name in the form names are compared in: ASCII letters and digits, single spaces.

    Width, case, dotless i, final sigma, zero-width characters, other digits, accents, script (by transliteration),
    punctuation and spacing are levelled; ``S.A.`` becomes ``sa``, ``&`` becomes ``and``. Folding twice changes
    nothing. An empty result means the name holds nothing to compare.
    """
    return " ".join(tokens(name))


def tokens(name: str) -> tuple[str, ...]:
    """Return the words of the folded name, at most 40."""
    text = _plain(name)
    if not text.isascii():
        text = anyascii(text).casefold()
    text = text.translate(_APOSTROPHES)
    if "." in text:
        text = _INITIAL.sub(r"\1", text)
    words = _GAPS.sub(" ", text.replace("&", " and ")).split()[:MAX_TOKENS]
    return tuple(" ".join(words)[:MAX_CHARS].split())


def native(name: str) -> str:
    """Return the folded name in its own script: what must agree for two non-Latin names to be the same."""
    return _NATIVE_GAPS.sub(" ", _plain(name)).strip()


def is_latin(name: str) -> bool:
    """Return whether every letter of the name is Latin; digits and signs do not matter."""
    return name.isascii() or all(_latin_character(character) for character in unicodedata.normalize("NFKC", name))


def _plain(name: str) -> str:
    text = name[:MAX_CHARS]
    if text.isascii():
        return text.casefold()
    text = unicodedata.normalize("NFKC", text)[:MAX_CHARS].translate(_TURKISH).casefold()
    return "".join(_character(character) for character in text)


@lru_cache(maxsize=65536)
def _character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":  # zero-width and other invisible signs would split or hide a word
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return " " if category in {"Cc", "Cs", "Cn", "Co"} else character


@lru_cache(maxsize=65536)
def _latin_character(character: str) -> bool:
    return not character.isalpha() or "LATIN" in unicodedata.name(character, "")
