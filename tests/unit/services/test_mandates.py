"""Mandates are bounded: no reading without end, and nothing recorded long after the fact."""

from datetime import date

import pytest

from traceability.errors import InvalidInput
from traceability.services.mandates import grant, granted, in_force

DAY = date(2026, 11, 23)


@pytest.fixture
def record(sqlite_service, make_user):
    """``record(first, last)`` grants a mandate to a regulator and returns the user."""
    admin, user = make_user("admin").actor, make_user("regulator")

    def make(first, last):
        grant(sqlite_service, admin, user.row.name, "Authority", "Art. 11", "checks of importers", (first, last))
        return user

    return make


@pytest.mark.parametrize(
    ("first", "last", "path"),
    [
        (date(2026, 11, 1), date(2026, 10, 31), "valid_to"),
        (date(2026, 11, 1), date(2029, 11, 4), "valid_to"),
        (date(2026, 11, 1), date.max, "valid_to"),
        (date(2025, 11, 21), date(2026, 12, 31), "valid_from"),
        (date(2020, 1, 1), date.max, "valid_to"),
        (date.max, date.max, None),
    ],
)
def test_a_period_no_authority_would_write_is_refused(record, first, last, path):
    if path is None:
        record(first, last)
        return
    with pytest.raises(InvalidInput) as refused:
        record(first, last)
    assert [problem.path for problem in refused.value.problems] == [path]


def test_three_years_and_one_year_ago_are_the_bounds(record):
    record(date(2026, 11, 1), date(2029, 11, 3))
    record(date(2025, 11, 22), DAY)


def test_each_mandate_in_force_stands_and_reads_go_under_the_narrowest(sqlite_service, make_user, record):
    record(date(2026, 1, 1), date(2028, 12, 31))
    user = record(date(2026, 11, 1), date(2026, 12, 31))
    shown = in_force(sqlite_service, user.actor)
    assert [row.valid_to for row in shown] == [date(2026, 12, 31), date(2028, 12, 31)]
    assert len(granted(sqlite_service, make_user("admin").actor)) == 2
