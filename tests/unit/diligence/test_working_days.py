from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.diligence.definitions.countries import EU27
from traceability.diligence.definitions.dates import add_working_days
from traceability.diligence.working_days import (
    AUTHORITIES,
    UNITS,
    calendar_of,
    is_working_day,
    period_end,
    public_holidays,
)

COUNTRIES = st.sampled_from(sorted(AUTHORITIES))
DAYS = st.dates(date(2021, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("received", "days", "unit", "country", "expected"),
    [
        ("2026-12-18", 4, "working", "DE", "2026-12-24"),  # Friday before Christmas: 21, 22, 23, 24 December
        ("2026-12-18", 5, "working", "DE", "2026-12-28"),  # 25 December is a holiday, 26 a Saturday
        ("2026-12-18", 4, "working", "PL", "2026-12-28"),  # there 24 December is a holiday too
        ("2026-12-18", 5, "working", "EU", "2026-12-25"),  # the Commission's own holidays are not known: the earliest
        ("2026-04-02", 1, "working", "DE", "2026-04-07"),  # Good Friday to Easter Monday
        ("2026-04-02", 1, "working", "FR", "2026-04-03"),  # Good Friday is no holiday of the whole of France
        ("2026-04-02", 1, "working", "GR", "2026-04-03"),  # the Orthodox Easter is a week later
        ("2026-10-23", 1, "working", "AT", "2026-10-27"),  # the national day, a Monday
        ("2027-12-14", 30, "working", "DE", "2028-01-25"),  # the first day on which Reg. (EU) 2024/3015 applies
        ("2026-05-30", 1, "working", "DE", "2026-06-01"),  # received on a Saturday
        ("2026-11-25", 30, "calendar", "DE", "2026-12-28"),  # ends on 25 December: the next working day
        ("2026-11-24", 30, "calendar", "DE", "2026-12-24"),
        ("2026-11-24", 30, "calendar", "PL", "2026-12-28"),
        ("2026-05-29", 1, "calendar", "DE", "2026-06-01"),  # ends on a Saturday
        ("2026-05-29", 2, "calendar", "DE", "2026-06-02"),  # two days have at least two working days
        ("2024-02-28", 1, "calendar", "DE", "2024-02-29"),
    ],
)
def test_the_last_day_of_a_period(received, days, unit, country, expected):
    assert period_end(date.fromisoformat(received), days, unit, country) == date.fromisoformat(expected)


def test_every_member_state_has_holidays_on_weekdays_and_the_commission_none_that_are_known():
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    for country in EU27:
        found = public_holidays(country, first, last)
        assert len(found) >= 10, country
        assert all(day.weekday() < 5 and first <= day <= last for day in found)
        assert {date(2026, 1, 1), date(2026, 12, 25)} <= set(found), country
        assert country in calendar_of(country)
    assert public_holidays("EU", first, last) == ()
    assert "not known" in calendar_of("EU")


@pytest.mark.parametrize("country", ["US", "XX", "de", "", "GB"])
def test_a_country_without_authority_is_refused(country):
    with pytest.raises(ValueError, match="Member State"):
        public_holidays(country, date(2026, 1, 1), date(2026, 1, 2))


def test_no_period_is_shorter_than_a_day_and_none_outlives_the_calendar():
    with pytest.raises(ValueError, match="at least 1 day"):
        period_end(date(2026, 1, 1), 0, "working", "DE")
    assert period_end(date.max, 30, "calendar", "DE") == date.max
    assert period_end(date(9999, 12, 30), 30, "working", "DE") == date.max
    assert period_end(date(1700, 1, 1), 1, "working", "DE") == date(1700, 1, 4), "a Friday; no table goes so far back"


@given(DAYS, st.integers(1, 90), COUNTRIES)
def test_a_period_in_working_days_has_exactly_so_many(received, days, country):
    end = period_end(received, days, "working", country)
    holidays = public_holidays(country, received, end)
    between = [received + timedelta(days=n) for n in range(1, (end - received).days + 1)]
    assert sum(is_working_day(day, holidays) for day in between) == days
    assert end == add_working_days(received, days, holidays), "the days within it are all that the rules need to know"


@given(DAYS, st.integers(1, 90), COUNTRIES)
def test_a_period_in_calendar_days_ends_on_the_first_working_day_from_its_last_day_on(received, days, country):
    end = period_end(received, days, "calendar", country)
    last = received + timedelta(days=days)
    holidays = public_holidays(country, received, end)
    assert is_working_day(end, holidays)
    assert end >= last
    passed = [last + timedelta(days=n) for n in range((end - last).days)]
    assert days < 4 or not any(is_working_day(day, holidays) for day in passed)


@given(DAYS, st.integers(1, 60), st.sampled_from(UNITS), COUNTRIES)
def test_a_longer_period_never_ends_earlier_nor_does_one_received_later(received, days, unit, country):
    end = period_end(received, days, unit, country)
    assert end <= period_end(received, days + 1, unit, country)
    assert end <= period_end(received + timedelta(days=1), days, unit, country)
