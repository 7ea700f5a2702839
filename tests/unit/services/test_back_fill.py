"""What is told of an earlier lot once its year has reached the threshold."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from traceability.diligence.engine import Finding
from traceability.diligence.tables import annex_rows
from traceability.services import back_fill
from traceability.services.facts.importer import YearVolume

TIN = next(row for row in annex_rows() if row.row_id == "A-26090000")
T = Decimal(5000)


def lot(shipment_id, kilograms, day):
    record = {"released_on": day} | ({} if kilograms is None else {"net_weight_kg": kilograms})
    return SimpleNamespace(shipment_id=shipment_id, importer_id="I", record=record, entry_index=1, received_at=None)


def volume(*kilograms, opening="0"):
    return YearVolume(Decimal(opening), tuple(lot(f"S-{n}", kg, f"2026-01-0{n + 1}") for n, kg in enumerate(kilograms)))


def finding(code, severity, *, advisory=False):
    return Finding(code, severity, advisory, "", "", "", None, (), (), "CMR", "sha256:1")


@pytest.mark.parametrize(
    ("year", "as_of", "day"),
    [
        (2026, "2026-05-01", "2026-05-01"), (2025, "2026-05-01", "2025-12-31"), (2027, "2026-05-01", "2027-01-01"),
        (2026, "2026-01-01", "2026-01-01"), (2026, "2026-12-31", "2026-12-31"),
    ],
)  # fmt: skip
def test_a_year_is_compared_with_the_threshold_of_its_day_next_to_the_one_asked(year, as_of, day):
    assert back_fill.year_day(year, date.fromisoformat(as_of)).isoformat() == day


@pytest.mark.parametrize(
    ("found", "by"),
    [
        (volume("4999.999999"), None), (volume("5000"), "S-0"), (volume("4999.999999", "0.000001"), "S-1"),
        (volume("3000", None, "2000", "9"), "S-2"), (volume("1", opening="5000"), None), (volume(), None),
    ],
)  # fmt: skip
def test_the_lot_that_reaches_the_threshold_exactly(found, by):
    crossing = found.crossing(T)
    assert (crossing and crossing.shipment_id) == by


def test_what_counts_for_the_state_is_missing():
    found = [
        finding("A", "gap"), finding("B", "gap", advisory=True), finding("C", "major", advisory=True),
        finding("D", "minor"), finding("E", "info"), finding("F", "critical"),
    ]  # fmt: skip
    assert [one.code for one in back_fill._serious(found)] == ["A", "C", "F"]


@pytest.mark.parametrize(
    ("missing", "kind", "review"),
    [([], "back_filled", False), (["gap"], "back_fill", False), (["gap", "major"], "back_fill", True)],
)
def test_the_note_says_what_reached_it_and_what_is_missing(missing, kind, review):
    found = [finding(f"X-{severity}", severity) for severity in missing]
    note = back_fill._note(TIN, 2026, volume("3000", "2000"), T, found, "I")
    assert (note["kind"], note["review"], note["crossing"]) == (kind, review, "S-1")
    assert "5000 kg of 5000 kg, with the shipment record S-1 of 2026-01-02" in note["message"]
    assert all(one.code in note["message"] for one in found)


def test_a_threshold_that_only_the_opening_balance_reached_names_no_record():
    note = back_fill._note(TIN, 2026, volume("1", opening="5000"), T, [], "I")
    assert note["crossing"] is None
    assert "5001 kg of 5000 kg. The obligations" in note["message"]


def test_a_lot_under_another_record_of_the_importer_is_not_named():
    note = back_fill._note(TIN, 2026, volume("3000", "2000"), T, [], "another")
    assert note["crossing"] is None
    assert "with a shipment under another record of the importer of 2026-01-02" in note["message"]
    assert "S-1" not in str(note)
