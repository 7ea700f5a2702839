"""The port by which a matcher gets the few names worth comparing with one: in memory and in SQL, with the same answers.

A name is known here by a number; what it belongs to is the index's affair. Keys are asked the rarest first, each worth
``ln(1 + N / df)`` and half of it for a part of a token, or for a word that one of the name may be misspelt for
(`misspelt`). Keys that more than 4,000 names bear, and what lies behind 8,000 postings, are not asked (screening.md 4;
half of its 16,000: no misspelt or other authority's name was lost by it). Weights are whole thousandths: sums are the
same in every adapter.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import log
from typing import Final, Protocol

from traceability.lists.keys import HALF

KEPT: Final = 50
MOST_BORNE: Final = 4_000
MOST_POSTINGS: Final = 8_000
_THOUSANDTHS: Final = 1_000


class Candidates(Protocol):
    """Where candidates come from."""

    def nearest(self, keys: Sequence[str], kept: int = KEPT) -> Sequence[int]:
        """Return the numbers of the names that share most with ``keys``, the likeliest first, at most ``kept``."""
        ...


def chosen(borne: Mapping[str, int], names: int, meant: Collection[str] = ()) -> Iterator[tuple[str, int]]:
    """Yield the keys worth asking with their weight, the rarest first.

    Args:
        borne: how many names bear each key; keys that none bears may be left out.
        names: how many names there are in all.
        meant: which of the keys are not the name's own, but what its words may have been meant to be.

    """
    postings = 0
    for key, count in sorted(borne.items(), key=lambda item: (item[1], item[0])):
        postings += count
        if count > MOST_BORNE or postings > MOST_POSTINGS:
            return
        if count:
            yield key, _weight(count, names, half=key[0] in HALF or key in meant)


def _weight(count: int, names: int, *, half: bool) -> int:
    return round(_THOUSANDTHS * log(1 + names / count) / (2 if half else 1))
