"""Numbers of lots and tags in a form in which a paper's spelling and an identifier of the chain meet."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import unquote

_TAIL = re.compile(r"[^/:?#]+(?=[?#]|$)")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_RUN = re.compile(r"[0-9]{4,12}")
_RANGE = re.compile(r"([0-9]{4,12})\s*(?:-|\u2013|\u2014|~|to|bis|tot|au|al|a|hasta|até|至)\s*([0-9]{4,12})")
_SAYS_LOT = frozenset({"LOT", "BATCH", "LOTE", "PARTIJ", "CHARGE", "LOS", "NO", "NR"})
_MOST_PARTS = 12
_TELLING = 4

Parts = tuple[str, ...]


def tail(identifier: str) -> str:
    """Return the part of a batch's identifier that names the lot: the last of a URI, or of an LGTIN its lot."""
    last = _TAIL.search(identifier)
    text = unquote(last.group() if last else identifier)
    return text.split(".", 2)[-1] if identifier.lower().startswith("urn:epc:") else text


@lru_cache(2**14)
def parts(number: str) -> Parts:
    """Return a number of a lot as its runs of capital letters and of digits, without signs and leading noughts.

    ``ct 2026/014`` and ``CT-2026-14`` are one number, ``CT-2026-141`` is another.
    """
    text = unicodedata.normalize("NFKC", number[:300]).upper()
    found = [run.lstrip("0") or "0" for run in _PARTS.findall(text)]
    bare = [run for run in found if run not in _SAYS_LOT]
    kept = bare if any(run.isdigit() for run in bare) else found
    return (*kept[: _MOST_PARTS - 1], "".join(kept[_MOST_PARTS - 1 :])) if len(kept) > _MOST_PARTS else tuple(kept)


class Lots:
    """The numbers of the lots of a chain, found by a paper's spelling of them.

    Two numbers may name one lot if they are alike, or one is the other with something before or behind it: what may be
    the same is not held against anybody.
    """

    def __init__(self, numbers: Iterable[str]) -> None:
        self._whole: dict[Parts, set[str]] = {}
        self._ends: dict[Parts, set[str]] = {}
        for number in numbers:
            own = parts(number)
            self._whole.setdefault(own, set()).add(number)
            for end in _ends(own):
                self._ends.setdefault(end, set()).add(number)

    def find(self, number: str) -> set[str]:
        """Return the numbers of the chain that this one may be."""
        own = parts(number)
        found = set(self._whole.get(own, ()))
        return found.union(self._ends.get(own, ()), *(self._whole.get(end, ()) for end in _ends(own)))


def _ends(whole: Parts) -> set[Parts]:
    """Return the beginnings and ends of a number that tell it from others: a short number by itself is in many."""
    cut = range(1, len(whole))
    found = {whole[:at] for at in cut} | {whole[at:] for at in cut}
    return {end for end in found if any(run.isdigit() for run in end) and (len(end) > 1 or len(end[0]) >= _TELLING)}


def tag_numbers(tags: Iterable[str]) -> list[int]:
    """Return the numbers that identifiers of tags hold, of four digits at least, in order."""
    return sorted({int(run) for tag in tags for run in _RUN.findall(tag)})


def covers(written: str, numbers: Sequence[int]) -> bool:
    """Tell whether what a paper writes of tags, single numbers and ranges, holds any of these numbers in order."""
    ranges = [sorted(map(int, pair)) for pair in _RANGE.findall(written)]
    spans = [*ranges, *((one, one) for one in tag_numbers([written]))]
    return any(at < len(numbers) and numbers[at] <= high for low, high in spans for at in (bisect_left(numbers, low),))
