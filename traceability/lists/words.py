"""How much a word tells, by inverse document frequency: ``trading`` stands in hundreds of listed names, others in one.

``data/word_counts.csv`` holds how many parties of the shipped lists bear a word, counted when the tables are built, and
a few words of our trade that those lists happen to lack. The same table serves every index, so that the answer to a
name does not depend on which lists are loaded beside the one that holds it.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "word_counts.csv"
TOTAL = "*"
"""The row that holds the number of parties counted."""
COUNTED_FROM = 5
# Two words of which each is borne by one party in four hundred: what screening.md 7 calls two distinctive tokens.
_DISTINCTIVE = 2 * log(400)
# One word borne by one party in 250, or two commoner ones: less than that names half the world.
TELLING = log(250)
"""What agrees in two names must weigh this much to be worth a question."""
# A short word has few letters to tell by, however rare it is: "es" is rarer than "hassan" and says less.
_PER_LETTER = 1.6
_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class WordCounts:
    """How many parties bear a word, of how many; a word not counted is borne by fewer than five."""

    counts: Mapping[str, int]
    total: int

    def weight(self, word: str) -> float:
        """Return what a word tells: 0 when everybody bears it; digits and single letters tell nothing."""
        if len(word) == 1 or word.isdigit():
            return 0.0
        return log(self.total / self.counts.get(word, COUNTED_FROM - 1))

    def evidence(self, word: str) -> float:
        """Return what it says that two names share this word: its rarity, as far as its letters can carry it."""
        rarity = log(self.total / self.counts.get(word, COUNTED_FROM - 1))
        return max(min(rarity, _PER_LETTER * len(word)), _LEAST)

    def distinctive(self, words: tuple[str, ...]) -> bool:
        """Return whether an equal name of these words is hardly another party's: at least two, rare enough together."""
        weights = [weight for weight in map(self.weight, words) if weight > 0]
        return len(weights) > 1 and sum(weights) >= _DISTINCTIVE

    def telling(self, words: tuple[str, ...]) -> bool:
        """Return whether a likeness in these words is worth a question."""
        return sum(map(self.weight, words)) >= TELLING


def count_words(parties: Iterable[frozenset[str]]) -> WordCounts:
    """Return the counts over parties, each given by all words of its names."""
    used: Counter[str] = Counter()
    total = 0
    for words in parties:
        used.update(words)
        total += 1
    return WordCounts({word: count for word, count in used.items() if count >= COUNTED_FROM}, total)


@lru_cache(maxsize=1 << 17)
def evidence_of(words: tuple[str, ...]) -> float:
    """Return what words say together, each by `WordCounts.evidence` with the counts that come with this package."""
    return sum(map(shipped_counts().evidence, words))


@lru_cache(maxsize=1)
def shipped_counts() -> WordCounts:
    """Return the counts that come with this package."""
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        counts = {row["word"]: int(row["parties"]) for row in csv.DictReader(stream)}
    return WordCounts(counts, counts.pop(TOTAL))
