"""A declaration's smelters against a look-up list (screening.md 5): by id, then by alias of a metal, then by likeness.

A look-up says which names stand for which smelter id (CID). It is no list of conformance: that a smelter stands in it
speaks neither for nor against it, and what does is dated evidence (an assurance with its document, from and to), which
the rules read from the shipment record. A name that is only alike is always a question: the likeliest was the right one
in about half the cases.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import token_sort_ratio

from traceability.lists.diff import diff
from traceability.lists.entries import ListEntry
from traceability.lists.fold import fold
from traceability.lists.match import REVIEW_FROM
from traceability.lists.nameform import forms_of
from traceability.lists.orgforms import default_forms
from traceability.lists.readers.smelter_book import Declared

How = Literal["exact", "alias", "fuzzy", "gap"]

_PSEUDO: Final = {
    "not_listed": "the supplier says that the smelter is not listed: ask who it is",
    "not_yet_identified": "the supplier has not yet identified the smelter: ask who it is",
}
_CENT: Final = Decimal("0.01")
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of one row of a declaration.

    ``cid`` and ``listed_name`` are those of the look-up, of a ``fuzzy`` row the likeliest, with its ``score`` (0 to 1).
    ``review``: a person has to look, and ``reason`` says at what. A ``gap`` names no smelter that is known.
    """

    row: int
    metal: str | None
    stated: str | None
    how: How
    cid: str | None
    listed_name: str | None
    score: Decimal | None
    review: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to smelter ids between two revisions; ``renamed`` holds (id, old name, new name)."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str, str], ...]

    @property
    def rescreen(self) -> frozenset[str]:
        """Return the ids whose declarations have to be checked again: the removed and the renamed ones."""
        return frozenset((*self.removed, *(cid for cid, _, _ in self.renamed)))


@dataclass(frozen=True, slots=True)
class LookUp:
    """The smelters of one look-up list by id and by (metal, folded name)."""

    by_id: Mapping[str, ListEntry]
    by_alias: Mapping[tuple[str | None, str], frozenset[str]]
    cores: tuple[tuple[str, ListEntry], ...]

    @classmethod
    def build(cls, entries: Iterable[ListEntry]) -> "LookUp":
        """Return the look-up of the smelters among ``entries``."""
        by_id = {entry.entry_key: entry for entry in entries if entry.kind == "smelter"}
        aliases: dict[tuple[str | None, str], set[str]] = {}
        for cid, entry in by_id.items():
            for name in entry.names:
                aliases.setdefault((entry.material, fold(name.text)), set()).add(cid)
        cores = tuple((core, entry) for entry in by_id.values() for core in _cores_of(entry))
        return cls(by_id, {key: frozenset(cids) for key, cids in aliases.items()}, cores)

    def check(self, declared: Declared) -> Checked:
        """Return what a row of a declaration means by this look-up."""
        if declared.pseudo:
            return _said(declared, "gap", None, _PSEUDO[declared.pseudo])
        if declared.cid and declared.via != "lookup_alias":
            return self._by_id(declared, declared.cid)
        malformed = "the typed id is malformed; " if "typed_id_malformed" in declared.warnings else ""
        return self._by_name(declared, malformed)

    def _by_id(self, declared: Declared, cid: str) -> Checked:
        entry = self.by_id.get(cid)
        if entry is None:
            return self._unknown_id(declared, cid)
        if declared.metal and entry.material and declared.metal != entry.material:
            return _said(
                declared, "exact", entry, f"the id is of a smelter of {entry.material}, not of {declared.metal}"
            )
        name = declared.choice
        if name and not any(fold(name) == fold(one.text) for one in entry.names):
            return _said(declared, "exact", entry, f"the id is of {entry.name}, and the row names {name}")
        return _said(declared, "exact", entry)

    def _unknown_id(self, declared: Declared, cid: str) -> Checked:
        """An id that is not in the look-up was removed or mistyped: what the name says is only a suggestion."""
        found = self._by_name(declared, "")
        maybe = f"; its name is {'like ' if found.how == 'fuzzy' else ''}that of {found.cid}" if found.cid else ""
        return _said(declared, "gap", None, f"{cid} is not in this look-up: removed since, or mistyped{maybe}")

    def _by_name(self, declared: Declared, before: str) -> Checked:
        if not (name := declared.choice):
            return _said(declared, "gap", None, f"{before}the row names no smelter")
        cids = self._alias(declared.metal, name)
        if len(cids) == 1:
            entry = self.by_id[next(iter(cids))]
            return _said(declared, "alias", entry, f"{before}the name is that of {entry.name}" if before else "")
        if cids:
            return _said(declared, "gap", None, f"{before}the name stands for several: {', '.join(sorted(cids))}")
        if declared.cid and (own := self.by_id.get(declared.cid)):
            return _said(declared, "alias", own, "the name is an alias only in the look-up of the workbook itself")
        return self._alike(declared, name, before)

    def _alias(self, metal: str | None, name: str) -> frozenset[str]:
        """Return the smelters of that metal with that name; of every metal where the row states none we know."""
        if metal is not None:
            return self.by_alias.get((metal, fold(name)), frozenset())
        return frozenset(cid for (_, alias), cids in self.by_alias.items() if alias == fold(name) for cid in cids)

    def _alike(self, declared: Declared, name: str, before: str) -> Checked:
        scored = [
            (_likeness(asked, core), entry)
            for asked in _cores(name)
            for core, entry in self.cores
            if declared.metal in {None, entry.material}
        ]
        score, entry = max(scored, key=lambda one: (one[0], one[1].entry_key), default=(Decimal(0), None))
        if entry is None or score < REVIEW_FROM:
            return _said(declared, "gap", None, f"{before}no smelter of this look-up is named like it")
        return _said(declared, "fuzzy", entry, f"{before}only alike: ask whether it is {entry.name}", score)


def changes(before: Iterable[ListEntry], after: Iterable[ListEntry]) -> Changes:
    """Return which smelter ids were added, removed and renamed between two revisions of a look-up."""
    found = diff(before, after)
    return Changes(
        added=tuple(entry.entry_key for entry in found.added),
        removed=tuple(entry.entry_key for entry in found.removed),
        renamed=tuple(
            (one.after.entry_key, one.before.name, one.after.name)
            for one in found.changed
            if one.before.name != one.after.name
        ),
    )


def _said(
    declared: Declared, how: How, entry: ListEntry | None, reason: str = "", score: Decimal | None = None
) -> Checked:
    return Checked(
        row=declared.row, metal=declared.metal, stated=declared.choice or declared.cid, how=how,
        cid=entry.entry_key if entry else None, listed_name=entry.name if entry else None, score=score,
        review=bool(reason), reason=reason,
    )  # fmt: skip


def _cores_of(entry: ListEntry) -> Iterator[str]:
    yield from dict.fromkeys(core for name in entry.names for core in _cores(name.text))


def _cores(name: str) -> Iterator[str]:
    """Yield the forms of a name without what every company is called."""
    return (" ".join(form.core) for form in forms_of(name, "Organization", default_forms()))


def _likeness(one: str, other: str) -> Decimal:
    """Return how alike two names are, whatever the order of their words: 0 to 1."""
    words = token_sort_ratio(one, other) / _HUNDRED
    return Decimal((words + JaroWinkler.similarity(one, other)) / 2).quantize(_CENT)
