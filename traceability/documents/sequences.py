"""Sequences of word groups with gaps, found in one pass over a document's words.

spaCy's own token matcher tries every pattern at every token; a rule set of this size makes that hundreds of times
slower than looking each word up once in an index of all groups, which is done here.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence

from traceability.documents.rulefiles import Slot

# What ends a clause, or turns against it, ends a gap: "no tin from there, but some is mined here" are two statements.
_GAP_STOPS = frozenset(
    {
        ".", ";", "?", "!", "\t", "\u3002", "\uff1b", "but", "however", "although", "whereas",
        "maar", "echter", "hoewel", "aber", "jedoch", "sondern", "obwohl", "mais", "cependant", "toutefois", "pero",
        "sino", "aunque", "mas", "porém", "embora", "però", "tuttavia", "bensì", "但", "然而",
    }
)  # fmt: skip
_PREFIX = 3
_MOST_KNOWN = 200_000
_TWO = 2
_Phrases = dict[str, list[tuple[int, tuple[str, ...]]]]
_Opening = tuple[tuple[int, ...], _Phrases, _Phrases]
"""Groups that a word is by itself, those that begin with it, by their second word, and those of them that end in a
word's beginning ("not paid for*"), by the first letters of their second word."""
_NOTHING: _Opening = ((), {}, {})
Tokenise = Callable[[str], tuple[str, ...]]
Span = tuple[int, int]
Chain = tuple[Span, ...]
"""The groups of one match of a sequence, in order: what stands between them is not part of it."""


class SequenceIndex:
    """Every group of words of a rule set, by first word; ``find`` gives the spans of each sequence by name."""

    def __init__(self, tokenise: Tokenise) -> None:
        self._tokenise = tokenise
        self._groups: dict[tuple[str, ...], int] = {}
        self._phrases: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        self._endings: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        self._beginnings: dict[str, list[tuple[int, str]]] = {}
        self._heads: dict[str, list[tuple[int, str]]] = {}
        self._sequences: dict[int, list[tuple[str, list[int], list[int]]]] = {}
        self._known: dict[str, _Opening] = {}

    def add(self, name: str, sequence: Sequence[Slot]) -> None:
        """Add a sequence under the name of its rule; a number is the most words that may stand between two groups."""
        groups: list[int] = []
        gaps: list[int] = []
        allowed = 0
        for slot in sequence:
            if isinstance(slot, int):
                allowed = slot
                continue
            if groups:
                gaps.append(allowed)
            groups.append(self._group(slot))
            allowed = 0
        self._sequences.setdefault(groups[0], []).append((name, groups, gaps))

    def find(self, words: Sequence[str]) -> Iterator[tuple[str, Chain]]:
        """Yield (name, groups) for the sequences in ``words`` (lower case), the nearest end for each start."""
        found = self._occurrences(words)
        if not found:
            return
        stops = [index for index, word in enumerate(words) if word in _GAP_STOPS]
        begun = [sequence for group in found for sequence in self._sequences.get(group, ())]
        for name, groups, gaps in begun:
            if all(group in found for group in groups):
                for chain in _chains([found[group] for group in groups], gaps, stops):
                    yield name, chain

    def _group(self, slot: tuple[str, ...]) -> int:
        number = self._groups.setdefault(slot, len(self._groups))
        if number == len(self._groups) - 1:
            self._index(number, slot)
        return number

    def _index(self, number: int, slot: Iterable[str]) -> None:
        for phrase in set(slot):
            if phrase.startswith("*"):
                self._heads.setdefault(phrase[-_PREFIX:], []).append((number, phrase[1:]))
                continue
            tokens = self._tokenise(phrase.rstrip("*"))
            if phrase.endswith("*") and len(tokens) == 1:
                self._beginnings.setdefault(tokens[0][:_PREFIX], []).append((number, tokens[0]))
                continue
            known = (self._endings if phrase.endswith("*") else self._phrases).setdefault(tokens[0], [])
            if (number, tokens) not in known:
                known.append((number, tokens))

    def _occurrences(self, words: Sequence[str]) -> dict[int, list[Span]]:
        found: dict[int, list[Span]] = {}
        known = self._known
        last = len(words) - 1
        for at, word in enumerate(words):
            opening = known.get(word)
            if opening is None:
                opening = self._opening(word)
            if opening is _NOTHING:
                continue
            for number in opening[0]:
                found.setdefault(number, []).append((at, at + 1))
            if at < last and (opening[1] or opening[2]):
                for number, end in _phrases_at(words, at, opening):
                    found.setdefault(number, []).append((at, end))
        return found

    def _opening(self, word: str) -> "_Opening":
        """Return what may begin at ``word``, looked up once: papers say the same few thousand words."""
        phrases = self._phrases.get(word, ())
        alone = [number for number, tokens in phrases if len(tokens) == 1]
        alone += [number for number, start in self._beginnings.get(word[:_PREFIX], ()) if word.startswith(start)]
        alone += [number for number, end in self._heads.get(word[-_PREFIX:], ()) if word.endswith(end)]
        longer: _Phrases = {}
        for number, tokens in phrases:
            if len(tokens) > 1:
                longer.setdefault(tokens[1], []).append((number, tokens))
        endings: _Phrases = {}
        for number, tokens in self._endings.get(word, ()):
            endings.setdefault(tokens[1][:_PREFIX], []).append((number, tokens))
        opening = (tuple(alone), longer, endings) if alone or longer or endings else _NOTHING
        if len(self._known) < _MOST_KNOWN:
            self._known[word] = opening
        return opening


def _phrases_at(words: Sequence[str], at: int, opening: _Opening) -> Iterator[tuple[int, int]]:
    """Yield the groups of several words that stand at ``at``, each with the word after its last."""
    following = words[at + 1]
    for number, tokens in opening[1].get(following, ()):
        end = at + len(tokens)
        if len(tokens) == _TWO or tuple(words[at:end]) == tokens:
            yield number, end
    for number, tokens in opening[2].get(following[:_PREFIX], ()):
        end = at + len(tokens)
        if end <= len(words) and _is_begun(words[at:end], tokens):
            yield number, end


def _is_begun(words: Sequence[str], tokens: tuple[str, ...]) -> bool:
    """Whether ``words`` are the tokens, of the last of which the beginning is enough."""
    return tuple(words[:-1]) == tokens[:-1] and words[-1].startswith(tokens[-1])


def _chains(occurrences: Sequence[list[Span]], gaps: Sequence[int], stops: Sequence[int]) -> Iterator[Chain]:
    for first in occurrences[0]:
        chains: dict[int, Chain] = {first[1]: (first,)}
        for following, gap in zip(occurrences[1:], gaps, strict=True):
            longer = [(*chain, span) for end, chain in chains.items() for span in _next(following, end, gap, stops)]
            chains = {chain[-1][1]: chain for chain in longer}
        if chains:
            yield chains[min(chains)]


def _next(spans: Sequence[Span], end: int, gap: int, stops: Sequence[int]) -> Iterator[Span]:
    """Yield the spans that begin within ``gap`` words after ``end``, with no stop between."""
    at = bisect_left(stops, end)
    limit = min(end + gap, stops[at] if at < len(stops) else end + gap)
    for index in range(bisect_left(spans, (end, 0)), len(spans)):
        if spans[index][0] > limit:
            return
        yield spans[index]
