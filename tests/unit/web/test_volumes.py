from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask

from traceability.diligence.tables import annex_rows
from traceability.services.reports.volumes import RowVolume
from traceability.services.volumes import RowYear, state_of
from traceability.web import volumes

TIN = next(row for row in annex_rows() if row.row_id == "A-26090000")
T = Decimal(5000)


def row_year(kilograms, *, signed=True):
    volume = RowVolume(TIN, T, 1, Decimal(kilograms), Decimal(0), Decimal(0) if signed else None, 0)
    return RowYear(volume, volume.total, volume.percent, state_of(volume.total, T), None, ())


@pytest.mark.parametrize(
    ("kilograms", "width", "state", "said"),
    [
        ("0", "0.0", "below", "0 kg of 5\u202f000 kg, 0.0 %"), ("4000", "192.0", "near", "4\u202f000 kg of 5\u202f000 kg, 80.0 %"),
        ("5000", "240.0", "reached", "5\u202f000 kg of 5\u202f000 kg, 100.0 %"),
        ("99999", "300.0", "reached", "99\u202f999 kg of 5\u202f000 kg, 2000.0 %"),
    ],
)  # fmt: skip
def test_a_bar_is_as_long_as_its_share_and_its_words_say_the_same(kilograms, width, state, said):
    bar = volumes.bar_of(row_year(kilograms))
    assert (bar["width"], bar["state"], bar["said"], bar["known"]) == (width, state, said, True)


def test_what_is_not_known_has_no_bar_and_is_no_small_volume():
    bar = volumes.bar_of(row_year("10", signed=False))
    assert (bar["known"], bar["state"], bar["width"]) == (False, "unknown", "0.0")
    assert "not known: 10 kg are recorded, the year is not signed" in bar["said"]
    cells = volumes._row(row_year("10", signed=False))
    assert {cells[name].text for name in ("total", "percent", "state")} == {"not known"}


@pytest.mark.parametrize(("kilograms", "shown"), [("0", False), ("0.5", True)])
def test_other_records_have_a_column_only_where_there_are_some(kilograms, shown):
    other = replace(row_year("5").volume, elsewhere=Decimal(kilograms))
    rows = [row_year("10"), replace(row_year("5"), volume=other)]
    assert ("elsewhere" in [column.key for column in volumes._columns(rows)]) == shown
    assert "recorded" in [column.key for column in volumes._columns([])]


def test_a_bar_speaks_the_reader_s_language():
    with Flask(__name__).test_request_context(headers={"Cookie": "language=nl"}):
        assert volumes.bar_of(row_year("4000"))["said"] == "4\u202f000 kg van 5\u202f000 kg, 80,0 %"
        assert volumes.bar_of(row_year("10", signed=False))["said"].startswith("niet bekend: 10 kg is vastgelegd")
