"""What a new version of a list changes for whoever was assessed: the work follows the change (screening.md 7).

Changed names are looked for among everybody screened so far, and each of these is compared with the changed entries as
they were and as they are: only where the outcome differs (entry, basis, band, validity) is anything assessed again.
Changed areas and goods concern what mentions their country. What cannot be told apart concerns everything.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.lists.coverage import coverage
from traceability.lists.diff import ListDiff, diff, identity_hash
from traceability.lists.entries import Identifier, ListEntry, from_payload
from traceability.lists.match import REVIEW_FROM, NameIndex, Query, band
from traceability.services import assess
from traceability.services.list_order import version_of
from traceability.services.near import owners_near
from traceability.storage.tables import AssessmentRow, ListEntryRow, ListVersionRow, Screening

_ANY_DAY: Final = date(2000, 1, 1)
_TOGETHER: Final = 500
_FIRST: Final = "it follows no version that was in force before"
_Outcome = frozenset[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Delta:
    """What a version changed, how many were compared with it, for how many the outcome differs; or why it is all."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    subjects_asked: int = 0
    outcomes_changed: int = 0
    assessments: int = 0
    everything: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as the list version keeps it."""
        return asdict(self)


def concerned(
    session: Session, version: ListVersionRow, parent: ListVersionRow | None, on: date, review_from: Decimal
) -> tuple[Delta, list[assess.Latest]]:
    """Return what a version changed against the one that was in force before it, and what has to be assessed again.

    Args:
        session: side P of it holds everybody screened (`name_postings.keep_screened`).
        version: the new one.
        parent: the one it took the place of, if any.
        on: today, by which either is stale or not.
        review_from: the score from which a person is asked.

    """
    every = assess.subjects(session)
    if parent is None:
        return Delta(added=version.row_count, assessments=len(every), everything=_FIRST), every
    changes = diff(_entries(session, parent), _entries(session, version))
    numbers = Delta(len(changes.added), len(changes.removed), len(changes.changed))
    if reason := _all_of_it(version, parent, changes, on):
        return replace(numbers, assessments=len(every), everything=reason), every
    old = Side.of([*changes.removed, *_were(changes)], review_from)
    new = Side.of([*changes.added, *_are(changes)], review_from)
    asked = everybody_near(session, old.index, new.index)
    differ = [key for key, query in asked if old.outcome(query) != new.outcome(query)]
    wanted = _of_subjects(session, differ) | _mentioning(session, _countries(changes))
    found = [one for one in every if (one.owner_id, one.kind, one.subject) in wanted]
    return replace(numbers, subjects_asked=len(asked), outcomes_changed=len(differ), assessments=len(found)), found


def _all_of_it(version: ListVersionRow, parent: ListVersionRow, changes: ListDiff, on: date) -> str | None:
    """Return why no part can be told apart, if none can."""
    was, now = (coverage(version_of(row), on=on, required=False) for row in (parent, version))
    if (was.state, parent.coverage, parent.max_age_days) != (now.state, version.coverage, version.max_age_days):
        return "the coverage of the list is another"
    if any(entry.kind == "code" for entry in _every(changes)):
        return "it is a table of reference"
    if any(entry.kind != "party" and not _country(entry) for entry in _every(changes)):
        return "a changed row names no country"
    return None


def _every(changes: ListDiff) -> Iterator[ListEntry]:
    return chain(changes.added, changes.removed, _were(changes), _are(changes))


def _were(changes: ListDiff) -> Iterator[ListEntry]:
    return (one.before for one in changes.changed)


def _are(changes: ListDiff) -> Iterator[ListEntry]:
    return (one.after for one in changes.changed)


@dataclass(frozen=True, slots=True)
class Side:
    """The changed entries as they were, or as they are: who meets them at any time, and when they are in force."""

    index: NameIndex
    said: Mapping[str, tuple[Any, ...]]
    """Of each entry its validity, and the hash of what tells who it is: a person's verdict rests on that too."""
    review_from: Decimal

    @classmethod
    def of(cls, entries: Sequence[ListEntry], review_from: Decimal = REVIEW_FROM) -> "Side":
        """Return the entries without their bounds in an index, and the bounds beside it."""
        index = NameIndex.build(replace(entry, valid_from=None, valid_to=None) for entry in entries)
        said = {entry.entry_key: (entry.valid_from, entry.valid_to, identity_hash(entry)) for entry in entries}
        return cls(index, said, review_from)

    def outcome(self, query: Query) -> _Outcome:
        """Return what a comparison comes to: entry, basis, band and validity of each hit, and who the entry is."""
        hits = self.index.match(query, as_of=_ANY_DAY) if self.said else ()
        return frozenset(
            (hit.entry_key, hit.match_basis, band(hit, self.review_from), *self.said[hit.entry_key]) for hit in hits
        )


def everybody_near(session: Session, *indices: NameIndex) -> list[tuple[str, Query]]:
    """Return who of side P may meet a name in these indices, or bears a number of theirs."""
    return list(_queries(session, sorted(owners_near(session, indices))))


def _queries(session: Session, keys: Sequence[str]) -> Iterator[tuple[str, Query]]:
    for start in range(0, len(keys), _TOGETHER):
        some = col(Screening.subject_key).in_(keys[start : start + _TOGETHER])
        newest = select(sa.func.max(Screening.id)).where(some).group_by(col(Screening.subject_key))
        rows = select(Screening.subject_key, Screening.subject).where(col(Screening.id).in_(newest))
        for key, said in session.exec(rows).all():
            numbers = tuple(Identifier(**item) for item in said.get("identifiers", ()))
            yield key, Query(str(said["name"]), said.get("country"), numbers)


def _country(entry: ListEntry) -> str:
    return (entry.code or entry.country or "")[:2]


def _countries(changes: ListDiff) -> AbstractSet[str]:
    return {_country(entry) for entry in _every(changes) if entry.kind != "party"}


def _of_subjects(session: Session, keys: Sequence[str]) -> set[tuple[str, str, str]]:
    """Return the assessments whose screenings are of these subjects; a run's stand right before its own entry."""
    found: set[tuple[str, str, str]] = set()
    for start in range(0, len(keys), _TOGETHER):
        some = col(Screening.subject_key).in_(keys[start : start + _TOGETHER])
        places = select(Screening.entry_index).where(some, col(Screening.asked_by).is_(None))
        rows = select(AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject).where(
            (col(AssessmentRow.entry_index) - 1).in_(places)
        )
        found |= {(owner, kind, subject) for owner, kind, subject in session.exec(rows)}
    return found


def screened_otherwise(session: Session, settings_hash: str) -> set[tuple[str, str, str]]:
    """Return the assessments whose newest run was screened by another matcher, or under other settings."""
    own = col(Screening.entry_index) == AssessmentRow.entry_index - 1
    other = sa.or_(col(Screening.settings_hash).is_(None), col(Screening.settings_hash) != settings_hash)
    query = select(AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject).join(Screening, own)
    query = query.where(col(AssessmentRow.id).in_(assess.newest_ids()), other, col(Screening.asked_by).is_(None))
    return {(owner, kind, subject) for owner, kind, subject in session.exec(query.distinct())}


def _mentioning(session: Session, countries: AbstractSet[str]) -> set[tuple[str, str, str]]:
    """Return the assessments whose facts name one of these countries or a place in it, by its ISO 3166 code."""
    if not countries:
        return set()
    marks = [f'"{code}'.encode() for code in countries]
    query = select(AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject, AssessmentRow.facts)
    rows = session.exec(query.where(col(AssessmentRow.id).in_(assess.newest_ids())).execution_options(yield_per=200))
    return {(owner, kind, subject) for owner, kind, subject, facts in rows if _any_in(marks, orjson.dumps(facts))}


def _any_in(marks: Iterable[bytes], text: bytes) -> bool:
    return any(mark in text for mark in marks)


def _entries(session: Session, version: ListVersionRow) -> list[ListEntry]:
    rows = session.exec(select(ListEntryRow.payload).where(ListEntryRow.version_id == version.id))
    return [from_payload(payload) for payload in rows]
