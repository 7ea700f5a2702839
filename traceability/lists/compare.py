"""Two forms of names word by word: what agrees, what is left over, what contradicts (screening.md 4, point 4).

Constants come from the field or from one half of the public pairs; ``docs/screening.md`` says which.
"""

from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from traceability.lists.across import likeness_across, one_script
from traceability.lists.contradictions import father_and_son, in_digits, left_over, numbers_of, says_nothing
from traceability.lists.likeness import (
    SHORT,
    Alignment,
    Likeness,
    Words,
    align,
    alike,
    alike_organisations,
    alike_persons,
)
from traceability.lists.nameform import NameForm
from traceability.lists.tally import How, Tally
from traceability.lists.words import TELLING, evidence_of

# Names of persons leave words out (a patronymic, a second given name); an organisation with one more word is often
# its branch or its subsidiary. The rest goes to how much of the lighter name agrees.
_OF_ALL_WORDS: Final = 0.65
_OF_ALL_WORDS_ORGANISATION: Final = 0.8
_CONTRADICTS: Final = 0.3
# Where words are left over, what agrees has to be rare: two words of average rarity.
_AGREED: Final = 15.0
_COMMON: Final = 0.4
# A misspelling is one edit or two (Damerau 1964), wherever the word boundaries fall.
EDITS: Final = 2
_LETTERS_AGREE: Final = 0.8
_LETTERS: Final = 0.98
_NUMBERS_DIFFER: Final = 0.3
_EXCHANGED: Final = 0.7
_UNTELLING: Final = 0.7
# Far below what is shown to anybody: what contradicts is not looked for.
_NOT_WORTH: Final = 0.5
MISSPELT_FORM: Final = 0.85


class _Names(NamedTuple):
    """The words that are compared, and what stands against what."""

    asked: Words
    listed: Words
    alignment: Alignment

    @property
    def left(self) -> Words:
        return self.alignment.asked_left + self.alignment.listed_left

    @property
    def texts(self) -> tuple[str, str]:
        return " ".join(self.asked), " ".join(self.listed)


def compare_words(asked: NameForm, listed: NameForm) -> "Comparison | None":
    """Return how the words of two names compare, legal forms set aside; None of short names that are not equal."""
    if asked.core != listed.core and not (asked.searchable and listed.searchable):
        return None
    return Comparison(asked, listed)


def of_organisation(asked: NameForm, listed: NameForm) -> bool:
    """Return whether two names are compared as those of organisations."""
    return "Organization" in (asked.schema, listed.schema)


def likeness_of(asked: NameForm, listed: NameForm) -> Likeness:
    """Return how the words of two names are compared, by their scripts and what bears them."""
    one, other = asked.native, listed.native
    if (one or other) and not one_script(one, other):
        return likeness_across(one, other)
    if not of_organisation(asked, listed):
        return alike_persons
    return alike if one else alike_organisations  # without vowels most words are short


def of_all_words(organisation: bool) -> float:  # noqa: FBT001  # one of two constants
    """Return what of the points goes to all words; the rest goes to how much of the lighter name agrees."""
    return _OF_ALL_WORDS_ORGANISATION if organisation else _OF_ALL_WORDS


def said_by_letters(one: str, other: str) -> float:
    """Return what the letters of two names without spaces say: something only within two edits."""
    edits = OSA.distance(one, other, score_cutoff=EDITS)
    ratio = 1 - edits / max(len(one), len(other))
    return _LETTERS * ratio if edits <= EDITS and ratio > _LETTERS_AGREE else 0.0


_Step = tuple[How, Words, Words, float, float, float]
"""Words that stand against each other, what they bring, how alike they are, and what they weigh."""


class Comparison:
    """Two names whose words are aligned; what follows from it is told only where somebody will look at it."""

    __slots__ = ("_names", "_organisation", "_steps", "asked", "listed")

    def __init__(self, asked: NameForm, listed: NameForm) -> None:
        self.asked, self.listed = asked, listed
        self._organisation = of_organisation(asked, listed)
        self._names = self._aligned()
        self._steps = self._agreeing()

    @property
    def most(self) -> float:
        """Return the most the words and letters can say: what is told besides takes from it."""
        return max(sum([step[3] for step in self._steps]), self._by_letters()[0])

    def tell(self, tally: Tally) -> None:
        """Tally what the words say, step by step."""
        for how, one, other, points, similarity, weight in self._steps:
            tally.add(how, " ".join(one), " ".join(other), points, similarity, weight)
        if self.asked.folded != self.listed.folded:
            agreed = self._agreed
            self._left_over(tally, agreed)
            least, mine, theirs = self._by_letters()
            if least:  # what was taken below nothing is not raised by letters that say nothing
                tally.raise_to(least, "letters", mine, theirs)
            if tally.value >= _NOT_WORTH:
                self._contradicted(tally, agreed)

    def _aligned(self) -> _Names:
        """Align the names; once more where numbers are written in two ways or a legal form is misspelt."""
        likeness = likeness_of(self.asked, self.listed)
        names = _Names(self.asked.core, self.listed.core, align(self.asked.core, self.listed.core, likeness))
        alignment = names.alignment
        if not (alignment.asked_left or alignment.listed_left):
            return names
        here, there = names.asked, names.listed
        if _has_digits(alignment.asked_left) or _has_digits(alignment.listed_left):
            here, there = in_digits(here), in_digits(there)
        if self.listed.legal_forms and alignment.asked_left:
            here = _without(here, _misspelt_forms(alignment.asked_left, self.listed))
        if self.asked.legal_forms and alignment.listed_left:
            there = _without(there, _misspelt_forms(alignment.listed_left, self.asked))
        if here == names.asked and there == names.listed:
            return names
        return _Names(here, there, align(here, there, likeness))

    def _agreeing(self) -> list[_Step]:
        """Return a step for every pair of words."""
        matched = self._names.alignment.matched
        asked, listed = evidence_of(self._names.asked), evidence_of(self._names.listed)
        of_all = of_all_words(self._organisation) if len(matched) > 1 else 1.0
        steps: list[_Step] = []
        for one, other, similarity in matched:
            mine, theirs = evidence_of(one), evidence_of(other)
            of_lighter = mine / asked if asked <= listed else theirs / listed
            both = mine + theirs
            points = of_all * similarity * similarity * both / (asked + listed) + (1 - of_all) * of_lighter
            steps.append(("word" if one == other else "similar", one, other, points, similarity, both))
        return steps

    @property
    def _agreed(self) -> float:
        """Return what the agreeing words weigh."""
        matched = self._names.alignment.matched
        return sum(like * like * min(evidence_of(one), evidence_of(other)) for one, other, like in matched)

    def _left_over(self, tally: Tally, agreed: float) -> None:
        names = self._names
        if tally.value < _NOT_WORTH or not names.left:
            return
        left = (" ".join(names.alignment.asked_left), " ".join(names.alignment.listed_left))
        tally.add("left_over", *left, -_CONTRADICTS * left_over(self.asked, self.listed, names.alignment))
        if agreed < _AGREED and not says_nothing(names.left):
            tally.add("common", *left, -_COMMON * (_AGREED - agreed) / _AGREED)

    def _by_letters(self) -> tuple[float, str, str]:
        """Return what the letters say without word boundaries; a legal form may be glued to the name."""
        names, asked, listed = self._names, self.asked, self.listed
        latin = self._organisation and not asked.native
        acronyms = latin and names.alignment.asked_left and names.alignment.listed_left
        if acronyms and all(len(word) <= SHORT for word in names.left):
            return 0.0, "", ""
        one, other = asked.joined, listed.joined
        if said := said_by_letters(one, other):
            return said, one, other
        if asked.folded.replace(" ", "") == listed.folded.replace(" ", ""):
            return _LETTERS, asked.folded, listed.folded
        return 0.0, "", ""

    def _contradicted(self, tally: Tally, agreed: float) -> None:
        names = self._names
        if father_and_son(names.asked, names.listed, names.alignment):
            tally.hold_to(_EXCHANGED, "order", *names.texts)
        other_forms = self.asked.legal_forms != self.listed.legal_forms
        if agreed < TELLING and (names.asked != names.listed or other_forms):
            tally.hold_to(_UNTELLING, "common", *names.texts)
        if any(map(str.isdigit, names.left)):
            tally.hold_to(_NUMBERS_DIFFER, "number", numbers_of(names.asked), numbers_of(names.listed))


def _has_digits(words: Words) -> bool:
    return any(map(str.isdigit, [word[0] for word in words]))


def _misspelt_forms(left: Words, other: NameForm) -> frozenset[str]:
    """Return the words left over that are misspelt legal forms of the other name ("comapny")."""
    forms = form_words(other)
    return frozenset([word for word in left for form in forms if alike(word, form) >= MISSPELT_FORM])


def form_words(name: NameForm) -> Words:
    """Return the words of a name's legal forms as they are spelt."""
    return tuple([word for word in name.folded.split() if word not in name.core])


def _without(words: Words, forms: frozenset[str]) -> Words:
    """Return the words without some, but never none at all."""
    return tuple(word for word in words if word not in forms) or words
