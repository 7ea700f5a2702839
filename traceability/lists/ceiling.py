"""The most that words and letters of a name and of many others can say: which are worth comparing step by step.

Of the candidates that the first look leaves (`likely`) most are none. What a word can bring at most is the likest of
the words it could stand against, whichever of them it would get: no comparison of two names says more
(`compare.Comparison.most`). Names that may be read otherwise first (numbers in words, legal forms misspelt or
shortened, words written together) and names that are few are compared whatever they say.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from traceability.lists.across import BY_SOUND
from traceability.lists.alike_at_once import alike_across_at_once, alike_at_once
from traceability.lists.compare import EDITS, MISSPELT_FORM, form_words, of_all_words, said_by_letters
from traceability.lists.likeness import (
    ALIKE,
    INITIAL,
    SEVERAL,
    SHORTEST_TOGETHER,
    TOGETHER,
    Words,
)
from traceability.lists.nameform import NameForm
from traceability.lists.words import evidence_of

_ROUNDING: Final = 1e-4
"""Of numbers of four bytes, and of sums that are taken in another order."""
_FEW: Final = 3
"""So few are compared as quickly as they are judged."""
_FEW_ACROSS: Final = 12
"""The same of names in other scripts, whose words are likened in several ways."""


def worth_telling(asked: NameForm, listed: Sequence[NameForm], least: float) -> list[bool]:
    """Return of each listed name whether words or letters, compared with ours, may say ``least`` or more.

    A few names are told unlooked at, so what is told may still say less.
    """
    told = [True] * len(listed)
    for across, few in ((False, _FEW), (True, _FEW_ACROSS)):
        places = [at for at, one in enumerate(listed) if bool(asked.native or one.native) is across]
        if len(places) > few:
            some = [listed[at] for at in places]
            words, letters = _Words(asked, some, across=across), _by_letters(asked, some, least)
            bare = asked.folded.replace(" ", "")
            for at, (place, one) in enumerate(zip(places, some, strict=True)):
                same = at in letters or bare == one.folded.replace(" ", "")
                told[place] = same or words.most(one) >= least - _ROUNDING
    return told


def _by_letters(asked: NameForm, listed: Sequence[NameForm], least: float) -> set[int]:
    """Return the places of the names whose letters say as much, without word boundaries."""
    import numpy as np

    letters = [one.joined for one in listed]
    edits = cdist([asked.joined], letters, scorer=OSA.distance, score_cutoff=EDITS, dtype=np.uint8)[0]
    near: list[int] = np.flatnonzero(edits <= EDITS).tolist()
    return {at for at in near if said_by_letters(asked.joined, letters[at]) >= least}


class _Words:
    """The words of a name that is asked, against each word that the listed names have."""

    def __init__(self, asked: NameForm, listed: Sequence[NameForm], *, across: bool) -> None:
        core, self._at_once = asked.core, alike_across_at_once if across else alike_at_once
        self._alike_from = (BY_SOUND * ALIKE if across else ALIKE) - _ROUNDING  # by sound less is said of two words
        self._ours, self._organisation = frozenset(core), asked.schema == "Organization"
        self._weights = [evidence_of((word,)) for word in core]
        self._whole = sum(self._weights)
        self._numbers = [word for word in core if word[0].isdigit()]
        self._longs = [word for word in core if len(word) >= SHORTEST_TOGETHER]
        self._initials = {word for word in core if len(word) in SEVERAL}
        words = list({word for one in listed for word in one.core})
        self._evidence = {word: evidence_of((word,)) for word in words}
        self._alike: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        """Of each listed word the places of ours that it is like, and how like."""
        self._unread = {word for word in words if word[0].isdigit()}
        self._forms: set[str] = set()
        """Legal forms of theirs that a word of ours may be."""
        self._look(asked, words, {word for one in listed if one.legal_forms for word in form_words(one)})
        firsts = {word[0] for word in (*self._longs, *self._initials)}
        # Across scripts the first letter may be a vowel that is not written.
        self._begins = {word for word in words if across or word[0] in firsts}
        # Equal words stand against each other and are read as they are; a word that is said twice may be left over.
        self._left = (self._unread - self._ours, self._begins - self._ours)
        self._spans = self._written(listed)

    def most(self, listed: NameForm) -> float:
        """Return what the words of the two say at most."""
        if self._read_otherwise(listed):
            return 1.0
        whole = sum([self._evidence[word] for word in listed.core])
        brought, of_theirs, of_mine, best = 0.0, 0.0, 0.0, dict[int, float]()
        for word in listed.core:
            if (found := self._alike.get(word)) is not None:
                weight = self._evidence[word]
                likest = max([value for _, value in found])
                brought += likest * likest * weight
                of_theirs += weight
                for place, value in found:
                    if value > best.get(place, 0.0):
                        best[place] = value
        for place, value in best.items():
            brought += value * value * self._weights[place]
            of_mine += self._weights[place]
        points = brought / (self._whole + whole)
        of_all = of_all_words(self._organisation or listed.schema == "Organization")
        of_lighter = of_mine / self._whole if self._whole < whole else of_theirs / whole
        if abs(self._whole - whole) < _ROUNDING:
            of_lighter = 1.0
        return max(points, of_all * points + (1 - of_all) * of_lighter)

    def _look(self, asked: NameForm, words: list[str], forms: set[str]) -> None:
        """Find which words are alike, by their letters, as abbreviations or as initials."""
        core, spans = asked.core, [*map("".join, neighbours(asked.core))]
        rows = [*core, *spans, *(form_words(asked) if asked.legal_forms else ())]
        columns = [*words, *forms]
        like = self._at_once(rows, columns)
        rows_near, columns_near = (like >= self._alike_from).nonzero()
        for row, column in zip(rows_near.tolist(), columns_near.tolist(), strict=True):
            value, word = float(like[row, column]) + _ROUNDING, columns[column]
            if column >= len(words):
                if row < len(core) and value >= MISSPELT_FORM:
                    self._forms.add(word)
            elif row < len(core):
                self._alike[word].append((row, min(value, 1.0)))
            elif value >= (TOGETHER if row < len(core) + len(spans) else MISSPELT_FORM):
                self._unread.add(word)
        self._stands_for(core, words)

    def _stands_for(self, core: Words, words: list[str]) -> None:
        single = [word for word in words if len(word) == 1]
        initials = {"".join([word[0] for word in some]) for some in neighbours(core)}
        self._unread.update(initials.intersection(words))
        for place, mine in enumerate(core):
            for word in words if len(mine) == 1 else single:
                if word[0] == mine[0]:
                    self._alike[word].append((place, INITIAL))

    def _read_otherwise(self, listed: NameForm) -> bool:
        """Return whether words left over may be numbers, legal forms misspelt, or neighbours of the other name's."""
        core = listed.core
        twice = len(set(core)) < len(core)
        unread, begins = (self._unread, self._begins) if twice else self._left
        if not unread.isdisjoint(core) or (not begins.isdisjoint(core[:-1]) and self._written_together(core, begins)):
            return True
        if self._numbers and (len(set(self._numbers)) < len(self._numbers) or not set(self._numbers).issubset(core)):
            return True
        return bool(self._forms) and not self._forms.isdisjoint(listed.folded.split())

    def _written(self, listed: Sequence[NameForm]) -> set[str]:
        """Return which neighbours of theirs, joined, a word of ours may write together."""
        cores = [one.core for one in listed if not self._begins.isdisjoint(one.core[:-1])]
        texts = list({"".join(some) for core in cores for some in neighbours(core) if some[0] in self._begins})
        if not (texts and self._longs):
            return set()
        _, near = (self._at_once(self._longs, texts) >= TOGETHER - _ROUNDING).nonzero()
        return {texts[at] for at in near.tolist()}

    def _written_together(self, core: Words, begins: Collection[str]) -> bool:
        """Return whether a word of ours may write words of theirs together, or be their initials."""
        return any(
            "".join(some) in self._spans or "".join([word[0] for word in some]) in self._initials
            for some in neighbours(core)
            if some[0] in begins
        )


def neighbours(words: Words) -> Iterator[Words]:
    """Yield two and three neighbouring words, wherever they stand."""
    for many in SEVERAL:
        for at in range(len(words) - many + 1):
            yield words[at : at + many]
