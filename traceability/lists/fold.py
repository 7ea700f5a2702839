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
_HALF = re.compile("[\ud800-\udfff]")  # JSON and the command line let one through; no encoding can write it
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
    words = _words(name)[:MAX_TOKENS]
    return tuple(" ".join(words)[:MAX_CHARS].split())


def unaskable(name: str) -> str | None:
    """Return why a name cannot be asked about, in words for people; None for a name that is compared whole.

    What is cut off is not compared: a listed name behind 300 characters of anything would be answered with "none".
    """
    if _HALF.search(name):
        return "expected Unicode text; got half a surrogate pair: save the file as UTF-8 and send it again"
    if len(name) > MAX_CHARS or len(unicodedata.normalize("NFKC", name)) > MAX_CHARS:
        return f"expected a name of at most {MAX_CHARS} characters; got {len(name):,}: write the name alone"
    words = _words(name)
    if not words:
        return "expected a name with at least one letter or digit to compare"
    if len(words) > MAX_TOKENS or len(" ".join(words)) > MAX_CHARS:
        return f"expected a name of at most {MAX_TOKENS} words and {MAX_CHARS} letters in Latin: write the name alone"
    return None


def _words(name: str) -> list[str]:
    text = _plain(name)
    if not text.isascii():
        text = anyascii(text).casefold()
    text = text.translate(_APOSTROPHES)
    if "." in text:
        text = _INITIAL.sub(r"\1", text)
    return _GAPS.sub(" ", text.replace("&", " and ")).split()


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
    # Signs and emoji are no words of a name, though a transliteration has words for them.
    return " " if category in {"Cc", "Cs", "Cn", "Co", "So"} else character


@lru_cache(maxsize=65536)
def _latin_character(character: str) -> bool:
    return not character.isalpha() or "LATIN" in unicodedata.name(character, "")
