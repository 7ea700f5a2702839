"""How complete a list is on a day, said together with every answer from it (screening.md 1 and 6).

No hit in a list that is partial, stale or missing is no answer; where such a list is required, the state of what was
screened is at least INFO_REQUIRED.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from traceability.lists.codes import named
from traceability.lists.entries import ListVersion
from traceability.texts import phrase

State = Literal["full", "partial", "stale", "missing"]
Outcome = Literal["hits", "no_hits_full_coverage", "no_hits_limited_coverage"]

_EDITION = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?(?![0-9-])")
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one list stood on a day; ``age_days`` is None when nothing tells its age."""

    list_id: str
    version: str | None
    published_at: date | None
    age_days: int | None
    state: State
    required: bool
    sentence: str

    @property
    def limited(self) -> bool:
        """Return whether finding nothing in this list means nothing although the list is required."""
        return self.required and self.state != "full"


def coverage(version: ListVersion | None, *, on: date, required: bool, list_id: str = "") -> Coverage:
    """Return how complete a list is on a day.

    Args:
        version: the version in use; None when the list was never loaded.
        on: the day it is asked.
        required: whether the answer needs this list.
        list_id: names the list where there is no version.

    """
    if version is None:
        list_name = named(list_id)
        said = phrase(f"{list_name} is not loaded")
        return Coverage(list_id, None, None, None, "missing", required, said)
    age = _age(version, on)
    overdue = age is not None and age > version.max_age_days
    partial = version.coverage == "partial" or version.waiting > 0
    state: State = "partial" if partial else "stale" if overdue else version.coverage
    return Coverage(
        list_id=version.list_id,
        version=version.version,
        published_at=version.published_at,
        age_days=age,
        state=state,
        required=required,
        sentence=_sentence(version, state, age, overdue=overdue),
    )


def dated(version: ListVersion) -> date | None:
    """Return the latest day the version can have been published.

    The stated day; the last day of the month or year its edition names; else the day it was retrieved or loaded.
    """
    if version.published_at:
        return version.published_at
    edition = _EDITION.match(version.version)
    if edition:
        year, month = int(edition[1]), int(edition[2] or _DECEMBER)
        return date(year, month, monthrange(year, month)[1]) if year else None
    return version.retrieved_at or (version.loaded_at.date() if version.loaded_at else None)


def outcome(lists: Iterable[Coverage], *, hits: bool) -> Outcome:
    """Return the outcome of a screening: hits, or none with full or with limited coverage; of no list it is limited."""
    if hits:
        return "hits"
    states = {item.state for item in lists}
    return "no_hits_full_coverage" if states == {"full"} else "no_hits_limited_coverage"


def statement(lists: Sequence[Coverage], *, hits: int) -> str:
    """Return the sentence a page puts beside the answer of a screening, with each list that is not complete."""
    count = "No entry" if hits == 0 else "1 entry" if hits == 1 else f"{hits} entries"
    asked = [item for item in lists if item.state != "missing"]
    lists_word = "list" if len(asked) == 1 else "lists"
    limits = [item.sentence for item in lists if item.state != "full"]
    return "; ".join([f"{count} matched in {len(asked)} {lists_word}", *limits]) + "."


def _age(version: ListVersion, on: date) -> int | None:
    published = dated(version)
    return max((on - published).days, 0) if published else None


def _sentence(version: ListVersion, state: State, age: int | None, *, overdue: bool) -> str:
    list_name = named(version.list_id, version.title)
    said = phrase(f"{list_name} is stale") if state == "stale" else phrase(f"{list_name} is full")
    if state == "partial":
        extent = _extent(version)
        said = phrase(f"{list_name} is partial ({extent})")
    if not overdue and state != "stale":
        return said
    return phrase(f"{said}, its age is unknown") if age is None else phrase(f"{said}, its data is {age} days old")


def _extent(version: ListVersion) -> str:
    """Return how much is there, where it was loaded as partial, and how much nobody has read yet."""
    extent = _rows(version) if version.coverage == "partial" else ""
    if not version.waiting:
        return extent
    if version.waiting == 1:
        return (
            phrase(f"{extent}, 1 row waits in the review queue")
            if extent
            else phrase("1 row waits in the review queue")
        )
    waiting = version.waiting
    if extent:
        return phrase(f"{extent}, {waiting} rows wait in the review queue")
    return phrase(f"{waiting} rows wait in the review queue")


def _rows(version: ListVersion) -> str:
    if version.row_count < version.expected_min:
        return phrase(f"{version.row_count} of {version.expected_min} rows")
    return phrase(f"{version.row_count} rows")
