"""Where a yearly volume stands against its threshold, and which lots came before the one that reached it."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.diligence import tables
from traceability.services.reports.volumes import row_volumes
from traceability.services.volumes import Lot, crossed, is_whole, state_of

T = Decimal(5000)
KILOGRAMS = st.decimals(0, 6000, places=3)


def lots(*kilograms):
    return [Lot(f"S-{n}", date(2026, 1, 1 + n), kg, ()) for n, kg in enumerate(kilograms)]


@pytest.mark.parametrize(
    ("total", "state"),
    [
        (None, "unknown"), ("0", "below"), ("3999.999", "below"), ("4000", "near"), ("4999.999999", "near"),
        ("5000", "reached"), ("5000.000001", "reached"),
    ],
)  # fmt: skip
def test_where_a_volume_stands(total, state):
    assert state_of(None if total is None else Decimal(total), T) == state


def test_a_lot_without_weight_crosses_nothing_and_is_to_be_completed_too():
    found = lots(Decimal(2000), None, Decimal(3000), Decimal(1))
    assert crossed(found, Decimal(0), T) == (found[2], tuple(found[:2]))
    assert crossed(found, Decimal(5000), T) == (None, ()), "the opening balance has reached it before any of them"
    assert crossed(found[:2], Decimal(0), T) == (None, ())


@given(KILOGRAMS, st.lists(KILOGRAMS, max_size=8))
def test_exactly_where_the_volume_is_reached_one_lot_or_the_opening_balance_reached_it(opening, kilograms):
    found = lots(*kilograms)
    lot, before = crossed(found, opening, T)
    total = opening + sum(kilograms)
    assert (state_of(total, T) == "reached") == (lot is not None or opening >= T)
    if lot is not None:
        prior = opening + sum(one.kg for one in before)
        assert prior < T <= prior + lot.kg


@pytest.mark.parametrize(
    ("records", "erased", "whole"),
    [
        (None, 0, True), (None, 1, False), ((date(2026, 1, 1), date(2026, 12, 31)), 0, True),
        ((date(2026, 1, 2), date(2027, 1, 1)), 0, False), ((date(2025, 1, 1), date(2026, 12, 30)), 0, False),
    ],
)  # fmt: skip
def test_a_year_of_which_not_every_record_can_be_read_is_not_known(records, erased, whole):
    had = SimpleNamespace(period=(date(2026, 1, 1), date(2026, 12, 31)), erased=erased, also=())
    assert is_whole(SimpleNamespace(records=records), had) == whole


@pytest.fixture
def amended(monkeypatch):
    """The threshold of tin ores is 4000 kg from 1 July 2026 on: a line more of the table, as an amended Annex I is."""
    read = tables.read_table
    line = {"row_id": "A-26090000", "threshold_kg": "4000", "applicable_from": "2026-07-01", "applicable_to": ""}
    monkeypatch.setattr(
        tables, "read_table", lambda name: [*read(name), *([line] if name == "annex_i_thresholds.csv" else [])]
    )
    tables.thresholds.cache_clear()
    yield
    tables.thresholds.cache_clear()


@pytest.mark.usefixtures("amended")
@pytest.mark.parametrize(
    ("year", "as_of", "threshold", "percent", "state"),
    [
        (2026, "2026-06-30", "5000", "80.0", "near"), (2026, "2026-07-01", "4000", "100.0", "reached"),
        (2025, "2026-07-01", "5000", "80.0", "near"), (2026, "2027-03-01", "4000", "100.0", "reached"),
        (2027, "2026-06-30", "4000", "100.0", "reached"),
    ],
)  # fmt: skip
def test_a_year_is_compared_with_the_threshold_of_the_day_asked(year, as_of, threshold, percent, state):
    profile = SimpleNamespace(volume_statements={f"A-26090000/{year}": "4000", f"A-26110000/{year}": "1"})
    had = SimpleNamespace(profile=profile, shipments=(), also=())
    tin, tungsten = row_volumes(None, had, year, date.fromisoformat(as_of))
    assert (tin.threshold, tin.percent) == (Decimal(threshold), Decimal(percent))
    assert state_of(tin.total, tin.threshold) == state
    assert tungsten.threshold == 250_000
