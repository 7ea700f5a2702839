"""How near a list is to its maximum age, with what to do about it (screening.md 1): fresh, due or overdue on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from traceability.lists.codes import named
from traceability.lists.coverage import coverage
from traceability.lists.entries import ListVersion
from traceability.texts import phrase

Level = Literal["fresh", "due", "overdue"]

_DUE_PERCENT: Final = 80


@dataclass(frozen=True, slots=True)
class Age:
    """One list on a day; ``version`` and ages (days) are None where the list was never loaded or nothing tells them."""

    list_id: str
    name: str
    version: str | None
    level: Level
    age_days: int | None
    max_age_days: int | None
    sentence: str


def age(version: ListVersion | None, *, on: date, list_id: str = "") -> Age:
    """Return how near a list is to its maximum age: due from 80 % of it on, overdue past it.

    A list whose age nothing tells is overdue: unknown is not fresh. So is one that was never loaded, which only matters
    where an answer needs it.

    Args:
        version: the version in force; None when the list was never loaded.
        on: the day it is asked.
        list_id: names the list where there is no version.

    """
    if version is None:
        list_name = named(list_id)
        said = phrase(f"{list_name} was never loaded: nothing is compared with it")
        return Age(list_id, list_name, None, "overdue", None, None, said)
    days = coverage(version, on=on, required=False).age_days
    level = _level(days, version.max_age_days)
    name = named(version.list_id, version.title)
    said = _sentence(name, level, days, version.max_age_days)
    return Age(version.list_id, name, version.version, level, days, version.max_age_days, said)


def what_to_do(list_ids: Sequence[str]) -> str:
    """Return what an admin does about old lists, with the commands."""
    which = " ".join(list_ids)
    return phrase(
        f"Fetch on a connected machine: `traceability lists fetch {which} --out BUNDLE.zip` (a list whose publisher "
        "refuses programs is saved by hand and added). Then load here: `traceability lists load BUNDLE.zip`."
    )


def _level(days: int | None, most: int) -> Level:
    if days is None or days > most:
        return "overdue"
    return "due" if days * 100 >= most * _DUE_PERCENT else "fresh"


def _sentence(list_name: str, level: Level, days: int | None, most: int) -> str:
    if days is None:
        return phrase(f"The age of {list_name} is unknown: finding nothing in it means little")
    age = _days(days)
    said = phrase(f"{list_name} is {age} old, at most {most}")
    if level == "overdue":
        return phrase(f"{said}: finding nothing in it means little")
    return f"{said}: {_left(most - days)}" if level == "due" else said


def _left(days: int) -> str:
    if days == 0:
        return phrase("today is its last day")
    return phrase("1 day is left") if days == 1 else phrase(f"{days} days are left")


def _days(count: int) -> str:
    return phrase("1 day") if count == 1 else phrase(f"{count} days")
