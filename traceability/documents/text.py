"""Normalised text for matching, with a map back to the extracted text (documents.md 2).

NFKC (Unicode Standard Annex 15) with ligatures, no soft hyphens, words joined over line ends, plain quotes, single
spaces. Every normalised character knows the original offset it comes from, so that a quote is always the original.
"""

import re
import unicodedata
from array import array
from dataclasses import dataclass

from traceability.documents import hidden

_QUOTES = {
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201b": "'",
    "\u02bc": "'",
    "\u2032": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2212": "-",
}
# Runs that NFKC leaves alone: printable ASCII, the letters of Latin-1, CJK; single spaces only.
_LETTERS = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff"
_STABLE = re.compile(f"(?:[!-,./0-~{_LETTERS}\u4e00-\u9fff]|-(?!\\n)|(?<=\\S) (?=[!-~{_LETTERS}]))+")
_DROPPED = {"\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"} | set(hidden.DIRECTIONS)
# Prefixes that keep their hyphen when a line ends after it; elsewhere the hyphen is the type-setter's.
_KEEPS_HYPHEN = {
    "child", "forced", "non", "conflict", "high", "debt", "self", "co", "semi", "armed", "third", "due", "small",
    "short", "long", "low", "well", "so", "on", "off", "under", "over", "year", "post", "pre", "anti", "sub", "multi",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Normalised:
    """Normalised ``text``; ``starts[i]`` is the original offset of character i, ``ends[i]`` where it ended."""

    text: str
    lower: str
    starts: "array[int]"
    ends: "array[int]"

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the original span of the normalised span [start, end)."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def position(self, original: int) -> int:
        """Return the first normalised offset that stems from ``original`` or what follows it."""
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            if self.ends[middle] <= original:
                low = middle + 1
            else:
                high = middle
        return low


def normalise(text: str) -> Normalised:
    """Normalise ``text`` in linear time."""
    out: list[str] = []
    starts: array[int] = array("L")
    ends: array[int] = array("L")
    index, length = 0, len(text)
    while index < length:
        run = _stable_end(text, index)
        if run > index:
            out.append(text[index:run])
            starts.extend(range(index, run))
            ends.extend(range(index + 1, run + 1))
            index = run
            continue
        skip = _joined(text, index)
        if skip:
            index = skip
            continue
        stop = _cluster_end(text, index, length)
        for char in _plain(text[index:stop]):
            if char in " \t" and out and out[-1][-1] in " \t":
                # One space for a run of white space; a cell border among it stays visible as a tab.
                out[-1] = out[-1][:-1] + ("\t" if "\t" in (char, out[-1][-1]) else " ")
                ends[-1] = stop
                continue
            out.append(char)
            starts.append(index)
            ends.append(stop)
        index = stop
    joined = hidden.folded("".join(out))
    return Normalised(joined, lowered(joined), starts, ends)


def lowered(text: str) -> str:
    """Return ``text`` in lower case with every character in its place (U+0130 would become two)."""
    plain = text.lower()
    return plain if len(plain) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def collapse(text: str) -> str:
    """Return ``text`` with every run of white space as one space: the form of a quote (labels guide 4)."""
    return " ".join(text.replace("\u00ad\n", "").replace("\u00ad", "").split())


def _stable_end(text: str, index: int) -> int:
    run = _STABLE.match(text, index)
    if run is None:
        return index
    end = run.end()
    # A combining mark belongs to the letter before it.
    return end - 1 if end < len(text) and unicodedata.combining(text[end]) else end


def _joined(text: str, index: int) -> int:
    """Where to go on when a dropped character or a split word stands at ``index``; 0 otherwise."""
    char = text[index]
    if char in _DROPPED:
        following = index + 1
        # A soft hyphen at a line end swallows the line end, too.
        if char == "\u00ad" and text[following : following + 1] == "\n":
            return following + 1
        return following
    if char in "-\u2010" and text[index + 1 : index + 2] == "\n" and _splits_word(text, index):
        return index + 2
    # After a hyphen that stays, the line end goes: child-<line end>labour.
    return index + 1 if char == "\n" and text[index - 1 : index] in ("-", "\u2010") and _in_word(text, index) else 0


def _splits_word(text: str, index: int) -> bool:
    start = index
    while start > 0 and index - start < 30 and text[start - 1].isalpha():  # noqa: PLR2004 - no longer word is split
        start -= 1
    after = text[index + 2 : index + 3]
    return start < index and after.islower() and text[start:index].lower() not in _KEEPS_HYPHEN


def _in_word(text: str, line_end: int) -> bool:
    return line_end > 1 and text[line_end - 2].isalpha() and text[line_end + 1 : line_end + 2].islower()


def _cluster_end(text: str, index: int, length: int) -> int:
    stop = index + 1
    if not text[index].isascii() or (stop < length and not text[stop].isascii()):
        while stop < length and stop - index < 8 and unicodedata.combining(text[stop]):  # noqa: PLR2004 - marks per letter
            stop += 1
    return stop


def _plain(cluster: str) -> str:
    if cluster.isascii():
        return cluster if cluster == "\t" or not cluster.isspace() else " "
    mapped = _QUOTES.get(cluster)
    if mapped is not None:
        return mapped
    normal = unicodedata.normalize("NFKC", cluster)
    return "".join(" " if char.isspace() else _QUOTES.get(char, char) for char in normal)
