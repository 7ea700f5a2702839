"""How alike two names are, and the account of it step by step (screening.md 4).

The score is that of the words that stand against each other, weighed by how rare they are, less what contradicts:
words left over on both sides, numbers that differ, a father and son exchanged. Legal forms are set aside and only
rank. Constants come from the field or from one half of the public pairs; ``docs/screening.md`` says which.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal

from rapidfuzz.distance import OSA

from traceability.lists.contradictions import father_and_son, in_digits, left_over, numbers_differ
from traceability.lists.entries import Quality
from traceability.lists.likeness import Alignment, Likeness, Words, align, alike, alike_persons
from traceability.lists.nameform import NameForm
from traceability.lists.qualifiers import NOTHING, Known, corroborated, qualifiers
from traceability.lists.skeleton import likeness_across, signs_alike
from traceability.lists.tally import Aligned, How, Tally
from traceability.lists.words import TELLING, evidence, shipped_counts

__all__ = ["ALWAYS_ASKED", "Aligned", "Basis", "How", "Pair"]

Basis = Literal["identifier", "exact_name", "fuzzy_name"]

ALWAYS_ASKED: Final = 0.9
"""No qualifier pushes an equal name below this: the highest score from which an operator can have people asked."""
_POSSIBLE: Final = 0.85
_WEAK_ALONE: Final = 0.7
_UNTELLING: Final = 0.7

# Names of persons leave words out (a patronymic, a second given name); an organisation with one more word is often
# its branch or its subsidiary.
_OF_ALL_WORDS: Final = 0.65
_OF_ALL_WORDS_ORGANISATION: Final = 0.8
_CONTRADICTS: Final = 0.3
# Where a name is only part of the other, what agrees has to be rare: two words of average rarity.
_AGREED: Final = 15.0
_COMMON: Final = 0.3
# A misspelling is one edit or two (Damerau 1964), wherever the word boundaries fall.
_EDITS: Final = 2
_LETTERS_AGREE: Final = 0.8
_LETTERS: Final = 0.98
_NUMBERS_DIFFER: Final = 0.3
_EXCHANGED: Final = 0.7

# Far below what is shown to anybody: what contradicts is not looked for.
_NOT_WORTH: Final = 0.5
# A legal form never decides whether a person is asked at the shipped threshold.
_ONLY_RANKED_FROM: Final = 0.75
_MISSPELT_FORM: Final = 0.85
_FORM_SPELT_OTHERWISE: Final = -0.01
_FORM_ON_ONE_SIDE: Final = -0.05
_FORMS_DIFFER: Final = -0.1
_SHORTENED: Final = -0.07
_SPACING: Final = -0.02


@dataclass(frozen=True)
class Pair:
    """A queried and a listed name to compare, with the countries (ISO 3166-1) and whatever else is known of both."""

    asked: NameForm
    listed: NameForm
    quality: Quality
    country: str | None
    countries: frozenset[str]
    asked_known: Known = NOTHING
    listed_known: Known = NOTHING

    @property
    def exact(self) -> bool:
        """Return whether the whole names are equal and the listed one may raise a match by itself."""
        return (
            self.equal
            and not (self.asked.shortened or self.listed.shortened)
            and self.quality not in {"weak", "former"}
        )

    @property
    def equal(self) -> bool:
        """Return whether the folded names are equal, and stand in one script."""
        return self.asked.folded == self.listed.folded and self.same_script

    @property
    def same_script(self) -> bool:
        """Return whether both are Latin, or equal before transliteration: romanised names of other scripts collide."""
        return self.asked.native == self.listed.native

    @property
    def corroborated(self) -> bool:
        """Return whether a country, a day of birth or an address agrees."""
        return corroborated(*self._sides)

    @property
    def organisation(self) -> bool:
        """Return whether the names are those of an organisation: neither side says otherwise."""
        return {self.asked.schema, self.listed.schema} - {""} == {"Organization"}

    @property
    def basis(self) -> Basis:
        """Return what the match rests on (point 7): only an exact name may be more than a question to a person."""
        telling = self.organisation and shipped_counts().distinctive(self.listed.core)
        return "exact_name" if self.exact and (telling or self.corroborated) else "fuzzy_name"

    @property
    def score(self) -> Decimal:
        """Return the likeness, 0 to 1."""
        return self._tally.score

    @property
    def value(self) -> float:
        """Return the likeness as it is summed, before it is rounded: what candidates are chosen by."""
        return self._tally.value

    @property
    def aligned(self) -> tuple[Aligned, ...]:
        """Return the steps of the comparison; their points add up to the score."""
        return self._tally.told()

    @property
    def _sides(self) -> tuple[Known, Known]:
        """Return what each side knows; most often that is the country only."""
        asked, listed = self.asked_known, self.listed_known
        if asked is NOTHING and self.country:
            asked = Known(frozenset((self.country,)))
        if listed is NOTHING and self.countries:
            listed = Known(self.countries)
        return asked, listed

    @cached_property
    def _tally(self) -> Tally:
        tally = Tally()
        if self.asked.shortened and self.listed.shortened:
            tally.add("left_out", self.asked.folded, self.listed.folded, 0.0)
            return tally
        self._compare(tally)
        self._set_aside(tally)
        self._limit(tally)
        for item in qualifiers(*self._sides):
            tally.add(item.how, item.asked, item.listed, item.points)
        self._settle(tally)
        return tally

    def _compare(self, tally: Tally) -> None:
        """Compare what tells the parties apart: the words without legal forms."""
        asked, listed = self.asked, self.listed
        here, there = asked.core, listed.core
        if here != there and not (asked.searchable and listed.searchable):
            tally.add("short", asked.folded, listed.folded, 0.0)
            return
        if here != there:
            here, there = in_digits(here, there)
        likeness = self._likeness()
        alignment = align(here, there, likeness)
        if alignment.asked_left or alignment.listed_left:
            formless = _without_forms(alignment.asked_left, listed), _without_forms(alignment.listed_left, asked)
            if any(formless):
                here, there = (
                    tuple(word for word in words if word not in forms)
                    for words, forms in zip((here, there), formless, strict=True)
                )
                alignment = align(here, there, likeness)
        agreed = self._words(tally, alignment, here, there)
        if asked.folded != listed.folded:
            self._left_over(tally, alignment, agreed)
            self._letters(tally)
            self._contradict(tally, alignment, agreed, here, there)

    def _likeness(self) -> Likeness:
        if bool(self.asked.native) != bool(self.listed.native):
            return likeness_across(self.asked.native, self.listed.native)
        return alike if "Organization" in (self.asked.schema, self.listed.schema) else alike_persons

    def _words(self, tally: Tally, alignment: Alignment, here: Words, there: Words) -> float:
        """Add a step for every pair of words; return what the agreeing ones weigh."""
        asked, listed = sum(map(evidence, here)), sum(map(evidence, there))
        of_all = 1.0
        if len(alignment.matched) > 1:
            organisation = "Organization" in (self.asked.schema, self.listed.schema)
            of_all = _OF_ALL_WORDS_ORGANISATION if organisation else _OF_ALL_WORDS
        agreed = 0.0
        for one, other, similarity in alignment.matched:
            mine, theirs = sum(map(evidence, one)), sum(map(evidence, other))
            square = similarity * similarity
            of_lighter = mine / asked if asked <= listed else theirs / listed
            points = of_all * square * (mine + theirs) / (asked + listed) + (1 - of_all) * of_lighter
            agreed += square * min(mine, theirs)
            how: How = "word" if one == other else "similar"
            tally.add(how, " ".join(one), " ".join(other), points, similarity, mine + theirs)
        return agreed

    def _left_over(self, tally: Tally, alignment: Alignment, agreed: float) -> None:
        if tally.value < _NOT_WORTH or not (alignment.asked_left or alignment.listed_left):
            return
        left = (" ".join(alignment.asked_left), " ".join(alignment.listed_left))
        tally.add("left_over", *left, -_CONTRADICTS * left_over(self.asked, self.listed, alignment))
        if agreed < _AGREED:
            tally.add("common", *left, -_COMMON * (_AGREED - agreed) / _AGREED)

    def _contradict(self, tally: Tally, alignment: Alignment, agreed: float, here: Words, there: Words) -> None:
        if tally.value < _NOT_WORTH:
            return
        names = (" ".join(here), " ".join(there))
        if father_and_son(here, there, alignment):
            tally.hold_to(_EXCHANGED, "order", *names)
        if agreed < TELLING and (here != there or self.asked.legal_forms != self.listed.legal_forms):
            tally.hold_to(_UNTELLING, "common", *names)
        if numbers := numbers_differ(here, there):
            tally.hold_to(_NUMBERS_DIFFER, "number", *numbers)

    def _letters(self, tally: Tally) -> None:
        """Bring the score up to what the letters say without word boundaries; a legal form may be glued to the name."""
        one, other = self.asked.joined, self.listed.joined
        edits = OSA.distance(one, other, score_cutoff=_EDITS)
        ratio = 1 - edits / max(len(one), len(other), 1)
        if edits <= _EDITS and ratio > _LETTERS_AGREE:
            tally.raise_to(_LETTERS * ratio, "letters", one, other)
        elif self.asked.folded.replace(" ", "") == self.listed.folded.replace(" ", ""):
            tally.raise_to(_LETTERS, "letters", self.asked.folded, self.listed.folded)

    def _set_aside(self, tally: Tally) -> None:
        asked, listed = self.asked, self.listed
        if asked.core != listed.core and asked.joined == listed.joined:
            tally.add("spacing", " ".join(asked.core), " ".join(listed.core), _SPACING)
        if asked.legal_forms or listed.legal_forms:
            points = self._legal_forms()
            if tally.value >= _ONLY_RANKED_FROM:
                points = max(points, _ONLY_RANKED_FROM - tally.value)
            tally.add("legal_form", " ".join(asked.legal_forms), " ".join(listed.legal_forms), points)
        if asked.shortened or listed.shortened:
            tally.add("left_out", " ".join(asked.aside), " ".join(listed.aside), _SHORTENED)

    def _legal_forms(self) -> float:
        asked, listed = self.asked, self.listed
        if asked.folded == listed.folded:
            return 0.0
        if asked.legal_forms == listed.legal_forms:
            return _FORM_SPELT_OTHERWISE if asked.core == listed.core else 0.0
        return _FORMS_DIFFER if asked.legal_forms and listed.legal_forms else _FORM_ON_ONE_SIDE

    def _limit(self, tally: Tally) -> None:
        """Hold down what is weak by its kind: another script, a weak alias."""
        asked, listed = self.asked, self.listed
        if not self.same_script:
            one_script = bool(asked.native) and bool(listed.native)
            most = (
                signs_alike(asked.native, listed.native) if one_script and asked.folded != listed.folded else _POSSIBLE
            )
            tally.hold_to(most, "script", asked.native or asked.folded, listed.native or listed.folded)
        if self.quality == "weak":
            most = _POSSIBLE if self.corroborated else _WEAK_ALONE
            tally.hold_to(most, "weak_alias", asked.folded, listed.folded)

    def _settle(self, tally: Tally) -> None:
        """Keep an equal name in a person's sight, and the score between 0 and 1."""
        if self.equal and self.quality != "weak" and not (self.asked.shortened or self.listed.shortened):
            tally.raise_to(ALWAYS_ASKED, "equal", self.asked.folded, self.listed.folded)


def _without_forms(left: Words, other: NameForm) -> frozenset[str]:
    """Return the words left over that are misspelt legal forms of the other name ("comapny")."""
    if not left or not other.legal_forms:
        return frozenset()
    forms = [word for word in other.folded.split() if word not in other.core]
    return frozenset(word for word in left if any(alike(word, form) >= _MISSPELT_FORM for form in forms))
