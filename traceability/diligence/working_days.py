"""Working days of the Member States, and when a period ends that an authority or an act counts in days.

Counted as the general Union rule does, Reg. (EEC, Euratom) No 1182/71 Art. 2 and 3, which law.md assumes for
Reg. (EU) 2024/3015: the day of receipt is not counted; working days are neither public holidays nor Saturdays nor
Sundays; a period in calendar days that would end on another day ends with the next working day; one of two days or more
has at least two working days. Holidays of the whole state count, those of a region do not: a deadline is rather too
early than too late.
"""

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Final, Literal

from traceability.diligence.definitions.countries import EU27
from traceability.diligence.definitions.dates import add_days, add_working_days

Unit = Literal["calendar", "working"]
UNITS: Final[tuple[Unit, ...]] = ("calendar", "working")
COMMISSION: Final = "EU"
"""The Commission as the authority; the holidays of its services are not loaded, so only weekends are left out."""

AUTHORITIES: Final = EU27 | {COMMISSION}
"""Where an authority can be: a Member State by ISO 3166-1 alpha-2, or the Commission."""

_SATURDAY: Final = 5
_AT_LEAST: Final = 2
_FIRST, _LAST = 1950, 2100  # years for which the tables say anything of use


def public_holidays(country: str, first: date, last: date) -> tuple[date, ...]:
    """Return the holidays of a whole state from one day to another, both included, that fall on Monday to Friday.

    Raises:
        ValueError: the country is neither a Member State nor ``EU``.

    """
    years = range(max(first.year, _FIRST), min(last.year, _LAST) + 1)
    found = (day for year in years for day in _holidays(country, year))
    return tuple(day for day in found if first <= day <= last)


def calendar_of(country: str) -> str:
    """Return by what the working days of a country are counted: the table of holidays with its version."""
    if country == COMMISSION:
        return "Monday to Friday; the holidays of the institution are not known"
    return f"holidays {version('holidays')}, {country}, whole state"


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Tell whether a day is Monday to Friday and no holiday (Art. 2(2))."""
    return day.weekday() < _SATURDAY and day not in holidays


def period_end(received: date, days: int, unit: Unit, country: str) -> date:
    """Return the last day of a period that began with a receipt: the day of receipt is not counted (Art. 3(1)).

    Args:
        received: the day of receipt, in the authority's own calendar.
        days: how many, at least 1.
        unit: what the period is expressed in; calendar days include holidays and weekends (Art. 3(3)).
        country: of the authority, ISO 3166-1 alpha-2 of a Member State or ``EU``.

    Raises:
        ValueError: fewer days than 1, or a country that is neither.

    """
    if days < 1:
        raise ValueError(f"a period has at least 1 day; got {days}")
    nearly = add_days(received, 2 * days + 60)
    holidays = frozenset(public_holidays(country, received, nearly))
    if unit == "working":
        return add_working_days(received, days, holidays)
    least = add_working_days(received, _AT_LEAST, holidays) if days >= _AT_LEAST else received
    return _working(max(add_days(received, days), least), holidays)


def _working(day: date, holidays: Collection[date]) -> date:
    """Return the day itself where it is a working day, else the next that is one (Art. 3(4))."""
    while not is_working_day(day, holidays) and day < date.max:
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> tuple[date, ...]:
    if country not in AUTHORITIES:
        raise ValueError(f"expected a Member State or EU; got {country!r}")
    if country == COMMISSION:
        return ()
    from holidays import country_holidays  # only who counts working days pays for loading the tables

    found = country_holidays(country, years=year)
    return tuple(sorted(day for day in found if day.weekday() < _SATURDAY and day.year == year))
