"""Is this party on a list, and how sure are we (screening.md 4): identifiers, then exact, then alike names.

An index holds the names and identifiers of any number of lists; a query answers with hits, the surest first. Only an
agreeing identifier, or an exact name with something to corroborate it, is more than a question to a person.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import compress
from typing import Literal

from traceability.lists import identifiers as ids
from traceability.lists.candidates import Candidates
from traceability.lists.ceiling import worth_telling
from traceability.lists.compare import compare_words
from traceability.lists.entries import Identifier, ListEntry, Name, Quality, plain_schema
from traceability.lists.keys import asked_by, keys_of
from traceability.lists.likely import worth_comparing
from traceability.lists.nameform import NameForm, forms_of
from traceability.lists.orgforms import OrgForms, default_forms
from traceability.lists.pairs import best_pair
from traceability.lists.postings import Narrowed, Postings
from traceability.lists.qualifiers import NOTHING, Known, known, most_qualified, of_entry
from traceability.lists.score import Aligned, Basis, Pair

REVIEW_FROM = Decimal("0.75")
"""The shipped threshold; ``docs/screening.md`` shows what others cost."""
KEPT_FROM = 0.7
"""What is less alike is no hit; what is between this and the threshold of review is kept, and shown to nobody."""
_ROUNDING = 1e-9
_QUALIFYING = frozenset({"birth_dates", "address"})

_STRONG_FROM = Decimal("0.88")

Decision = Literal["match", "review", "none"]
Band = Literal["identified", "strong", "possible", "none"]


@dataclass(frozen=True, slots=True)
class Query:
    """Whom to look for; ``schema`` is Person, Organization (or Company) or Vessel, ``country`` ISO 3166-1, if known.

    ``born`` holds birth dates (ISO 8601, also years alone) separated by ``|``.
    """

    name: str
    country: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    schema: str | None = None
    born: str = ""
    address: str = ""

    @property
    def known(self) -> Known:
        """Return what is known besides the name."""
        if not (self.identifiers or self.born or self.address):
            return NOTHING
        return known(frozenset({self.country} - {None}), self.identifiers, self.born, self.address)  # type: ignore[arg-type]  # None was taken out


@dataclass(frozen=True, slots=True)
class Hit:
    """One list entry that a query met; ``score`` is 0 to 1, ``explanation`` says word by word why."""

    list_id: str
    entry_key: str
    listed_name: str
    match_basis: Basis
    score: Decimal
    name_quality: Quality
    explanation: Sequence[Aligned]
    valid_from: date | None
    valid_to: date | None


def decision(hit: Hit, review_from: Decimal = REVIEW_FROM) -> Decision:
    """Return what a hit means: a match, a question to a person (from ``review_from``), or nothing to show."""
    if hit.match_basis != "fuzzy_name":
        return "match"
    return "review" if hit.score >= review_from else "none"


def band(hit: Hit, review_from: Decimal = REVIEW_FROM) -> Band:
    """Return how sure a hit is, for people and for telling whether two screenings differ."""
    if hit.match_basis == "identifier":
        return "identified"
    if hit.score < review_from:
        return "none"
    return "strong" if hit.score >= _STRONG_FROM else "possible"


def decide(hits: Iterable[Hit], review_from: Decimal = REVIEW_FROM) -> Decision:
    """Return the decision on all hits of one query: that of the surest."""
    found = {decision(hit, review_from) for hit in hits}
    return "match" if "match" in found else "review" if "review" in found else "none"


@dataclass(frozen=True, slots=True)
class Listed:
    """One form of a name of an entry, and what is known of the entry besides."""

    entry: ListEntry
    name: Name
    form: NameForm
    known: Known


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Names and identifiers of list entries, ready to be asked; made by `NameIndex.build`, never changed."""

    names: Sequence[Listed]
    by_fold: Mapping[str, Sequence[int]]
    by_identifier: Mapping[tuple[str, str, str], Sequence[ListEntry]]
    candidates: Candidates
    forms: OrgForms

    @classmethod
    def build(cls, entries: Iterable[ListEntry], *, forms: OrgForms | None = None) -> "NameIndex":
        """Return the index of the party entries among ``entries``; the same entries give the same answers."""
        forms = forms or default_forms()
        names: list[Listed] = []
        by_fold: dict[str, list[int]] = {}
        by_identifier: defaultdict[tuple[str, str, str], list[ListEntry]] = defaultdict(list)
        postings = Postings()
        for entry in entries:
            if entry.kind != "party":
                continue
            for item in _listed(entry, forms):
                names.append(item)
                by_fold.setdefault(item.form.folded, []).append(postings.add(keys_of(item.form)))
            for key in {ids.key(item) for item in entry.identifiers} - {None}:
                by_identifier[key].append(entry)  # type: ignore[index]  # None was taken out
        return cls(names, by_fold, by_identifier, postings, forms)

    def narrowed(self, lists: Collection[str]) -> "NameIndex":
        """Return an index of the names of some lists alone, as far as candidates are concerned."""
        if not isinstance(self.candidates, Postings):
            return self
        return replace(
            self, candidates=Narrowed(self.candidates, lambda number: self.names[number].entry.list_id in lists)
        )

    def match(self, query: Query, *, as_of: date) -> list[Hit]:
        """Return the entries in force on ``as_of`` that the query meets, the surest first, one hit per entry."""
        best: dict[tuple[str, str], Hit] = {}
        for hit in self._by_identifier(query, as_of):
            best.setdefault((hit.list_id, hit.entry_key), hit)
        for asked in forms_of(query.name, plain_schema(query.schema or ""), self.forms):
            self._by_name(asked, query, as_of, best)
        return sorted(best.values(), key=lambda hit: (*(-part for part in _rank(hit)), hit.list_id, hit.entry_key))

    def _by_identifier(self, query: Query, as_of: date) -> Iterator[Hit]:
        for wanted in query.identifiers:
            key = ids.key(wanted)
            for entry in self.by_identifier.get(key, ()) if key else ():
                if entry.in_force(as_of):
                    aligned = (Aligned("identifier", wanted.value, f"{wanted.scheme} {wanted.value}", Decimal(1)),)
                    yield _hit(entry, Name(entry.name), "identifier", Decimal(1), aligned)

    def _by_name(self, asked: NameForm, query: Query, as_of: date, best: dict[tuple[str, str], Hit]) -> None:
        """Take in what a form of the name meets, where it is surer than what the entry is met by already."""
        known = query.known
        more = most_qualified(known, query.country)
        numbers = dict.fromkeys((*self.by_fold.get(asked.folded, ()), *self._near(asked)))
        items = [item for item in map(self.names.__getitem__, numbers) if item.entry.in_force(as_of)]
        told = worth_telling(asked, [item.form for item in items], KEPT_FROM - more - _ROUNDING)
        for item in compress(items, told):
            key = (item.entry.list_id, item.entry.entry_key)
            hit = _compared(asked, item, query.country, known, more, best.get(key))
            if hit is not None:
                best[key] = hit

    def _near(self, asked: NameForm) -> Iterator[int]:
        if asked.searchable:
            numbers = self.candidates.nearest(asked_by(asked))
            yield from worth_comparing(asked, ((number, self.names[number].form) for number in numbers))


def _compared(
    asked: NameForm, item: Listed, country: str | None, known: Known, more: float, best: Hit | None
) -> Hit | None:
    """Return the hit, if it is one and surer than ``best``; most are found not to be before all is told step by step.

    Args:
        asked: the form that is asked.
        item: what it is compared with.
        country: of who is asked about, where nothing else is known.
        known: what is known of who is asked about.
        more: what that can add to the names at most.
        best: by what the entry is met already.

    """
    entry, name, form = item.entry, item.name, item.form
    words = compare_words(asked, form)
    if words is not None and asked.folded != form.folded:
        most = words.most + more + _ROUNDING
        if most < KEPT_FROM or (best is not None and most < best.score):
            return None
    pair = Pair(asked, form, name.quality, country, entry.countries, known, item.known, words)
    if pair.value < KEPT_FROM or (best is not None and (_SURER[pair.basis], pair.score) <= _rank(best)):
        return None
    return _hit(entry, name, pair.basis, pair.score, pair.aligned)


def match_pair(name1: str, name2: str, *, schema: str | None = None) -> Hit | None:
    """Return how ``name1`` meets a list that holds only ``name2``; None when they have nothing in common."""
    pair = best_pair(name1, name2, schema=schema or "")
    if pair is None or not pair.score:
        return None
    return _hit(ListEntry("pair", "2", "party", (Name(name2),)), Name(name2), pair.basis, pair.score, pair.aligned)


def known_of(entry: ListEntry) -> Known:
    """Return what a list knows of a party besides names and countries; `NOTHING` of most."""
    return of_entry(entry) if entry.identifiers or not _QUALIFYING.isdisjoint(entry.extra) else NOTHING


def _listed(entry: ListEntry, forms: OrgForms) -> Iterator[Listed]:
    known = known_of(entry)
    for name in entry.names:
        for form in forms_of(name.text, entry.schema, forms):
            yield Listed(entry, name, form, known)


def _hit(entry: ListEntry, name: Name, basis: Basis, value: Decimal, aligned: Sequence[Aligned]) -> Hit:
    return Hit(
        list_id=entry.list_id,
        entry_key=entry.entry_key,
        listed_name=name.text,
        match_basis=basis,
        score=value,
        name_quality=name.quality,
        explanation=aligned,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
    )


_SURER: dict[Basis, int] = {"identifier": 2, "exact_name": 1, "fuzzy_name": 0}


def _rank(hit: Hit) -> tuple[int, Decimal]:
    return _SURER[hit.match_basis], hit.score
