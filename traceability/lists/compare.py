"""Two forms of names word by word: what agrees, what is left over, what contradicts (screening.md 4, point 4).

Constants come from the field or from one half of the public pairs; ``docs/screening.md`` says which.
"""

from dataclasses import dataclass
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
from traceability.lists.words import TELLING, evidence

# Names of persons leave words out (a patronymic, a second given name); an organisation with one more word is often
# its branch or its subsidiary. The rest goes to how much of the lighter name agrees.
_OF_ALL_WORDS: Final = 0.65
_OF_ALL_WORDS_ORGANISATION: Final = 0.8
_CONTRADICTS: Final = 0.3
# Where words are left over, what agrees has to be rare: two words of average rarity.
_AGREED: Final = 15.0
_COMMON: Final = 0.4
# A misspelling is one edit or two (Damerau 1964), wherever the word boundaries fall.
_EDITS: Final = 2
_LETTERS_AGREE: Final = 0.8
_LETTERS: Final = 0.98
_NUMBERS_DIFFER: Final = 0.3
_EXCHANGED: Final = 0.7
_UNTELLING: Final = 0.7
# Far below what is shown to anybody: what contradicts is not looked for.
_NOT_WORTH: Final = 0.5
_MISSPELT_FORM: Final = 0.85


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


def compare_words(asked: NameForm, listed: NameForm, tally: Tally) -> None:
    """Tally what the words of two names say, legal forms set aside; short names are equal or nothing."""
    if asked.core != listed.core and not (asked.searchable and listed.searchable):
        tally.add("short", asked.folded, listed.folded, 0.0)
        return
    _Comparison(asked, listed, tally).run()


@dataclass(frozen=True, slots=True)
class _Comparison:
    asked: NameForm
    listed: NameForm
    tally: Tally

    def run(self) -> None:
        names = self._aligned()
        agreed = self._agreeing(names)
        if self.asked.folded != self.listed.folded:
            self._left_over(names, agreed)
            self._letters(names)
            if self.tally.value >= _NOT_WORTH:
                self._contradicted(names, agreed)

    @property
    def _organisation(self) -> bool:
        return self.asked.schema == "Organization" or self.listed.schema == "Organization"

    def _likeness(self) -> Likeness:
        if not one_script(self.asked.native, self.listed.native):
            return likeness_across(self.asked.native, self.listed.native)
        if not self._organisation:
            return alike_persons
        return alike if self.asked.native else alike_organisations  # without vowels most words are short

    def _aligned(self) -> _Names:
        """Align the names; once more where numbers are written in two ways or a legal form is misspelt."""
        likeness = self._likeness()
        names = _Names(self.asked.core, self.listed.core, align(self.asked.core, self.listed.core, likeness))
        if not names.left:
            return names
        here, there = names.asked, names.listed
        if any(word[0].isdigit() for word in names.left):
            here, there = in_digits(here), in_digits(there)
        if self.listed.legal_forms:
            here = _without(here, _misspelt_forms(names.alignment.asked_left, self.listed))
        if self.asked.legal_forms:
            there = _without(there, _misspelt_forms(names.alignment.listed_left, self.asked))
        if (here, there) == (names.asked, names.listed):
            return names
        return _Names(here, there, align(here, there, likeness))

    def _agreeing(self, names: _Names) -> float:
        """Add a step for every pair of words; return what the agreeing ones weigh."""
        matched = names.alignment.matched
        if not matched:
            return 0.0
        asked, listed = sum(map(evidence, names.asked)), sum(map(evidence, names.listed))
        several = _OF_ALL_WORDS_ORGANISATION if self._organisation else _OF_ALL_WORDS
        of_all = several if len(matched) > 1 else 1.0
        agreed = 0.0
        for one, other, similarity in matched:
            mine, theirs = sum(map(evidence, one)), sum(map(evidence, other))
            square = similarity * similarity
            of_lighter = mine / asked if asked <= listed else theirs / listed
            points = of_all * square * (mine + theirs) / (asked + listed) + (1 - of_all) * of_lighter
            agreed += square * min(mine, theirs)
            how: How = "word" if one == other else "similar"
            self.tally.add(how, " ".join(one), " ".join(other), points, similarity, mine + theirs)
        return agreed

    def _left_over(self, names: _Names, agreed: float) -> None:
        if self.tally.value < _NOT_WORTH or not names.left:
            return
        left = (" ".join(names.alignment.asked_left), " ".join(names.alignment.listed_left))
        self.tally.add("left_over", *left, -_CONTRADICTS * left_over(self.asked, self.listed, names.alignment))
        if agreed < _AGREED and not says_nothing(names.left):
            self.tally.add("common", *left, -_COMMON * (_AGREED - agreed) / _AGREED)

    def _letters(self, names: _Names) -> None:
        """Raise the score to what the letters say without word boundaries; a legal form may be glued to the name."""
        latin = self._organisation and not self.asked.native
        acronyms = latin and names.alignment.asked_left and names.alignment.listed_left
        if acronyms and all(len(word) <= SHORT for word in names.left):
            return
        one, other = self.asked.joined, self.listed.joined
        edits = OSA.distance(one, other, score_cutoff=_EDITS)
        ratio = 1 - edits / max(len(one), len(other))
        if edits <= _EDITS and ratio > _LETTERS_AGREE:
            self.tally.raise_to(_LETTERS * ratio, "letters", one, other)
        elif self.asked.folded.replace(" ", "") == self.listed.folded.replace(" ", ""):
            self.tally.raise_to(_LETTERS, "letters", self.asked.folded, self.listed.folded)

    def _contradicted(self, names: _Names, agreed: float) -> None:
        if father_and_son(names.asked, names.listed, names.alignment):
            self.tally.hold_to(_EXCHANGED, "order", *names.texts)
        other_forms = self.asked.legal_forms != self.listed.legal_forms
        if agreed < TELLING and (names.asked != names.listed or other_forms):
            self.tally.hold_to(_UNTELLING, "common", *names.texts)
        if any(map(str.isdigit, names.left)):
            self.tally.hold_to(_NUMBERS_DIFFER, "number", numbers_of(names.asked), numbers_of(names.listed))


def _misspelt_forms(left: Words, other: NameForm) -> frozenset[str]:
    """Return the words left over that are misspelt legal forms of the other name ("comapny")."""
    forms = [word for word in other.folded.split() if word not in other.core]
    return frozenset(word for word in left if any(alike(word, form) >= _MISSPELT_FORM for form in forms))


def _without(words: Words, forms: frozenset[str]) -> Words:
    """Return the words without some, but never none at all."""
    return tuple(word for word in words if word not in forms) or words
