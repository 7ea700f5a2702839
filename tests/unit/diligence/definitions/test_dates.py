from datetime import date

import pytest

from traceability.diligence.definitions.dates import (
    add_days,
    add_months,
    add_working_days,
    day,
    in_force,
    moment,
    older_than,
    optional_day,
    report_year_due,
)

TODAY = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -12, "2025-01-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-12-31", 6, "2027-06-30"),
        ("2026-05-05", 0, "2026-05-05"),
        ("9999-06-01", 12, "9999-12-31"),
        ("0001-06-01", -12, "0001-01-01"),
    ],
)
def test_add_months(start, months, expected):
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(expected)


def test_add_days_ends_with_the_calendar():
    assert add_days(date(2026, 1, 31), 30) == date(2026, 3, 2)
    assert add_days(date(9999, 12, 30), 30) == date.max


def test_working_days_leave_out_weekends_and_holidays():
    friday = date(2026, 5, 1)
    assert add_working_days(friday, 1, []) == date(2026, 5, 4)
    assert add_working_days(friday, 5, []) == date(2026, 5, 8)
    assert add_working_days(friday, 1, [date(2026, 5, 4)]) == date(2026, 5, 5)
    assert add_working_days(date(2026, 5, 2), 1, []) == date(2026, 5, 4)
    assert add_working_days(friday, 30, []) == date(2026, 6, 12)
    assert add_working_days(date(9999, 12, 31), 30, []) == date.max


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, True),
        ({"valid_from": "2026-05-01"}, True),
        ({"valid_from": "2026-05-02"}, False),
        ({"valid_to": "2026-05-01"}, True),
        ({"valid_to": "2026-04-30"}, False),
        ({"valid_from": "2026-05-01", "valid_to": "2026-05-01"}, True),
        ({"valid_from": "2026-05-02", "valid_to": "2026-04-30"}, False),
    ],
)
def test_in_force_is_inclusive_and_open(entry, expected):
    assert in_force(entry, TODAY) is expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, True),
        ({"adopted_on": "2025-05-01"}, False),
        ({"adopted_on": "2025-04-30"}, True),
        ({"adopted_on": "2020-01-01", "reviewed_on": "2026-01-01"}, False),
        ({"adopted_on": "2026-01-01", "reviewed_on": "2020-01-01"}, True),
    ],
)
def test_older_than(entry, expected):
    assert older_than(entry, ("reviewed_on", "adopted_on"), 12, TODAY) is expected


def test_optional_day_takes_the_first_stated():
    assert optional_day({"b": "2026-01-02"}, "a", "b") == date(2026, 1, 2)
    assert optional_day({}, "a") is None


@pytest.mark.parametrize(
    ("as_of", "year"), [("2026-06-30", 2024), ("2026-07-01", 2025), ("2026-12-31", 2025), ("2027-01-01", 2025)]
)
def test_report_year_due(as_of, year):
    assert report_year_due(date.fromisoformat(as_of), 7) == year


def test_day_is_the_calendar_date_as_written():
    assert day("2026-05-01T23:30:00-05:00") == TODAY
    assert day("2026-05-01") == TODAY


def test_moments_compare_across_offsets_and_at_the_ends_of_time():
    assert moment("2026-05-01T01:00:00+02:00") < moment("2026-05-01T00:00:00Z")
    assert moment("0001-01-01T00:00:00+14:00") < moment("0001-01-01T00:00:00+13:00")
    assert moment("9999-12-31T23:59:59Z") < moment("9999-12-31T23:59:59-14:00")
