"""How alike two names are, and the account of it step by step (screening.md 4).

The words that tell the parties apart are compared first; then what was set aside and what else is known ranks the
result, and what is weak by its kind (another script, a weak alias) holds it down. The points of the steps add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal

from traceability.lists.across import one_script, signs_alike
from traceability.lists.compare import Comparison, compare_words
from traceability.lists.entries import Quality
from traceability.lists.nameform import NameForm
from traceability.lists.qualifiers import NOTHING, Known, corroborated, qualifiers
from traceability.lists.tally import Account, Aligned, How, Tally
from traceability.lists.words import shipped_counts

__all__ = ["ALWAYS_ASKED", "Aligned", "Basis", "How", "Pair"]

Basis = Literal["identifier", "exact_name", "fuzzy_name"]

ALWAYS_ASKED: Final = 0.9
"""No qualifier pushes an equal name below this: the highest score from which an operator can have people asked."""
# A comparison across scripts is at most possible; so is a weak alias, and only when something else agrees too.
_POSSIBLE: Final = 0.85
_WEAK_ALONE: Final = 0.7

_FORM_SPELT_OTHERWISE: Final = -0.01
_FORM_ON_ONE_SIDE: Final = -0.05
_FORMS_DIFFER: Final = -0.1
# A legal form never decides whether a person is asked at the shipped threshold.
_ONLY_RANKED_FROM: Final = 0.75
_SHORTENED: Final = -0.07
_SPACING: Final = -0.02


@dataclass(frozen=True)
class Pair:
    """A queried and a listed name to compare, with the countries (ISO 3166-1) and whatever else is known of both.

    ``asked_known`` and ``listed_known``, where given, replace ``country`` and ``countries``; ``words`` is what was
    compared already.
    """

    asked: NameForm
    listed: NameForm
    quality: Quality
    country: str | None
    countries: frozenset[str]
    asked_known: Known = NOTHING
    listed_known: Known = NOTHING
    words: Comparison | None = None

    @property
    def exact(self) -> bool:
        """Return whether the whole names are equal and the listed one may raise a match by itself."""
        return self._equal and self.quality not in {"weak", "former"}

    @property
    def same_script(self) -> bool:
        """Return whether both are Latin, or equal before transliteration: romanised names of other scripts collide."""
        return self.asked.native == self.listed.native

    @property
    def corroborated(self) -> bool:
        """Return whether a country, a day of birth or an address agrees."""
        return corroborated(*self._sides)

    @property
    def basis(self) -> Basis:
        """Return what the match rests on (point 7): only an exact name may be more than a question to a person."""
        if not self.exact:
            return "fuzzy_name"
        organisation = {self.asked.schema, self.listed.schema} - {""} == {"Organization"}
        distinctive = organisation and shipped_counts().distinctive(self.listed.core)
        return "exact_name" if distinctive or self.corroborated else "fuzzy_name"

    @property
    def score(self) -> Decimal:
        """Return the likeness, 0 to 1."""
        return self._tally.score

    @property
    def value(self) -> float:
        """Return the likeness as it is summed, before it is rounded: what candidates are chosen by."""
        return self._tally.value

    @property
    def aligned(self) -> Sequence[Aligned]:
        """Return the steps of the comparison; their points add up to the score."""
        return Account(self._tally)

    @property
    def _equal(self) -> bool:
        shortened = self.asked.shortened or self.listed.shortened
        return self.asked.folded == self.listed.folded and self.same_script and not shortened

    @property
    def _sides(self) -> tuple[Known, Known]:
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
            # What was left out may be all that tells them apart: the whole names are compared instead.
            tally.add("left_out", " ".join(self.asked.aside), " ".join(self.listed.aside), 0.0)
            return tally
        if words := self.words or compare_words(self.asked, self.listed):
            words.tell(tally)
        else:
            tally.add("short", self.asked.folded, self.listed.folded, 0.0)
        self._set_aside(tally)
        self._qualify(tally)
        self._limit(tally)
        tally.close()
        return tally

    def _qualify(self, tally: Tally) -> None:
        """Rank by what else both sides know; a name that agrees stays in a person's sight."""
        names_alone = tally.value
        for item in qualifiers(*self._sides):
            tally.add(item.how, item.asked, item.listed, item.points)
        agrees = self.asked.joined == self.listed.joined and names_alone >= _ONLY_RANKED_FROM
        if self._equal or agrees:
            least = ALWAYS_ASKED if self._equal else _ONLY_RANKED_FROM
            tally.raise_to(least, "equal", self.asked.folded, self.listed.folded)

    def _set_aside(self, tally: Tally) -> None:
        """Rank by what tells no party apart: spacing, legal forms, brackets."""
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
        """Hold down what is weak by its kind."""
        if not self.same_script:
            asked, listed = self.asked.native or self.asked.folded, self.listed.native or self.listed.folded
            tally.hold_to(self._across(), "script", asked, listed)
        if self.quality == "weak":
            most = _POSSIBLE if self.corroborated else _WEAK_ALONE
            tally.hold_to(most, "weak_alias", self.asked.folded, self.listed.folded)

    def _across(self) -> float:
        """Return how far a name in other signs can be the same: homophones and other scripts are at most possible."""
        asked, listed = self.asked, self.listed
        if asked.folded == listed.folded or not one_script(asked.native, listed.native):
            return _POSSIBLE
        return signs_alike(asked.native, listed.native)
