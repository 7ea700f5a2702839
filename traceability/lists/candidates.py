"""The port by which a matcher gets the few names worth comparing with one: in memory and in SQL, with the same answers.

A name is known here by a number; what it belongs to is the index's affair. Keys are asked the rarest first, each worth
``ln(1 + N / df)`` and half of it for a part of a token; keys that more than 4,000 names bear, and what lies behind
16,000 postings, are not asked (screening.md 4).
"""

from collections.abc import Sequence
from typing import Final, Protocol

KEPT: Final = 50
MOST_BORNE: Final = 4_000
MOST_POSTINGS: Final = 16_000


class Candidates(Protocol):
    """Where candidates come from."""

    def nearest(self, keys: Sequence[str], kept: int = KEPT) -> Sequence[int]:
        """Return the numbers of the names that share most with ``keys``, the likeliest first, at most ``kept``."""
        ...
