"""Calendar arithmetic of the catalogue: dates are ISO 8601 calendar dates without a zone, moments carry an offset."""

from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

_SATURDAY = 5


def day(text: str) -> date:
    """Return the calendar date as written: of a date, or of a moment in its own offset."""
    return date.fromisoformat(text[:10])


def optional_day(entry: Mapping[str, Any], *keys: str) -> date | None:
    """Return the first of these dates that is stated ("x, else y"), or none."""
    return next((day(entry[key]) for key in keys if key in entry), None)


def add_months(start: date, months: int) -> date:
    """Apply add_months: same day number n months later, or the last day of that month; kept within years 1 to 9999."""
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    if year > date.max.year:
        return date.max
    if year < date.min.year:
        return date.min
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_days(start: date, days: int) -> date:
    """Return the date so many calendar days later, at most 9999-12-31."""
    return start + timedelta(days=days) if (date.max - start).days >= days else date.max


def add_working_days(start: date, days: int, public_holidays: Collection[date]) -> date:
    """Apply add_working_days: the n-th day after d that is Monday to Friday and no holiday; d is not counted."""
    current = start
    while days > 0 and current < date.max:
        current += timedelta(days=1)
        if current.weekday() < _SATURDAY and current not in public_holidays:
            days -= 1
    return current


def in_force(entry: Mapping[str, Any], on: date) -> bool:
    """In force on d: valid_from <= d <= valid_to; an absent bound is open."""
    valid_from, valid_to = entry.get("valid_from"), entry.get("valid_to")
    return (valid_from is None or day(valid_from) <= on) and (valid_to is None or on <= day(valid_to))


def older_than(entry: Mapping[str, Any], keys: tuple[str, ...], months: int, as_of: date) -> bool:
    """Tell whether the first stated date of ``keys`` is absent or ``as_of`` lies more than ``months`` after it."""
    done = optional_day(entry, *keys)
    return done is None or as_of > add_months(done, months)


def report_year_due(as_of: date, due_month: int) -> int:
    """report_year_due: the year before as_of from the first day of ``due_month`` on, else the year before that."""
    return as_of.year - 1 if as_of.month >= due_month else as_of.year - 2


def moment(text: str) -> datetime:
    """Return an RFC 3339 date-time as an instant; two of them compare across offsets."""
    return datetime.fromisoformat(text)
