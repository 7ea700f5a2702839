"""How alike two names are that share a form, and the word-by-word account of it (screening.md 4 and 7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from traceability.lists.entries import Quality
from traceability.lists.nameform import NameForm

Basis = Literal["identifier", "exact_name", "fuzzy_name"]
How = Literal["identifier", "word", "spacing", "legal_form", "left_out", "script", "weak_alias", "country"]

# Hints only rank: they never push a name that agrees below the score from which a person is asked.
_FLOOR = Decimal("0.75")
_COUNTRY_DIFFERS = Decimal("0.2")
_COUNTRY_AGREES = Decimal("0.05")
_FORM_SPELT_OTHERWISE = Decimal("0.99")
_FORM_ON_ONE_SIDE = Decimal("0.95")
_FORMS_DIFFER = Decimal("0.90")
_SHORTENED = Decimal("0.93")
_BOTH_SHORTENED = Decimal("0.85")
_SPACING = Decimal("0.02")
# A weak alias is at most a possible match, and only when something else agrees too; so is a comparison across scripts.
_POSSIBLE = Decimal("0.85")
_WEAK_ALONE = Decimal("0.70")


@dataclass(frozen=True, slots=True)
class Aligned:
    """One step of the comparison: what of the query stands against what of the listed name, and how."""

    how: How
    query: str
    listed: str

    def as_dict(self) -> dict[str, str]:
        """Return the step as the JSON of ``match --explain``."""
        return {"how": self.how, "query": self.query, "listed": self.listed}


@dataclass(frozen=True, slots=True)
class Pair:
    """A queried and a listed name that met in the index, with the countries known of both (ISO 3166-1)."""

    asked: NameForm
    listed: NameForm
    quality: Quality
    country: str | None
    countries: frozenset[str]

    @property
    def exact(self) -> bool:
        """Return whether the whole names are equal and the listed one may raise a match by itself."""
        return (
            self.asked.folded == self.listed.folded
            and not (self.asked.shortened or self.listed.shortened)
            and self.same_script
            and self.quality not in {"weak", "former"}
        )

    @property
    def same_script(self) -> bool:
        """Return whether both are Latin, or equal before transliteration: romanised names of other scripts collide."""
        return self.asked.native == self.listed.native

    @property
    def corroborated(self) -> bool:
        """Return whether the query's country is one the list connects with the entry."""
        return self.country is not None and self.country in self.countries

    @property
    def contradicted(self) -> bool:
        """Return whether both sides know a country and they differ."""
        return self.country is not None and bool(self.countries) and not self.corroborated

    @property
    def score(self) -> Decimal:
        """Return the likeness, 0 to 1."""
        if self.quality == "weak":
            return _POSSIBLE if self.corroborated else _WEAK_ALONE
        value = self._likeness()
        if self.corroborated:
            value = min(value + _COUNTRY_AGREES, Decimal(1))
        if self.contradicted:
            value -= _COUNTRY_DIFFERS
        return max(value if self.same_script else min(value, _POSSIBLE), _FLOOR)

    @property
    def aligned(self) -> tuple[Aligned, ...]:
        """Return the steps of the comparison, in the order of the name."""
        return (*self._words(), *self._remarks())

    def _likeness(self) -> Decimal:
        if self.asked.shortened or self.listed.shortened:
            return _BOTH_SHORTENED if self.asked.shortened and self.listed.shortened else _SHORTENED
        if self.asked.folded == self.listed.folded:
            return Decimal(1)
        value = self._legal_forms()
        return value if self.asked.core == self.listed.core else value - _SPACING

    def _legal_forms(self) -> Decimal:
        if self.asked.legal_forms == self.listed.legal_forms:
            return _FORM_SPELT_OTHERWISE
        one_side = not self.asked.legal_forms or not self.listed.legal_forms
        return _FORM_ON_ONE_SIDE if one_side else _FORMS_DIFFER

    def _words(self) -> Iterator[Aligned]:
        if self.asked.core == self.listed.core:
            for word in self.asked.core:
                yield Aligned("word", word, word)
        else:
            yield Aligned("spacing", " ".join(self.asked.core), " ".join(self.listed.core))

    def _remarks(self) -> Iterator[Aligned]:
        if self.asked.legal_forms or self.listed.legal_forms:
            yield Aligned("legal_form", " ".join(self.asked.legal_forms), " ".join(self.listed.legal_forms))
        if self.asked.shortened or self.listed.shortened:
            yield Aligned("left_out", self.asked.folded, self.listed.folded)
        if not self.same_script:
            yield Aligned("script", self.asked.native, self.listed.native)
        if self.quality == "weak":
            yield Aligned("weak_alias", self.asked.folded, self.listed.folded)
        if self.country and self.countries:
            yield Aligned("country", self.country, " ".join(sorted(self.countries)))
