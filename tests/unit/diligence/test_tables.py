from datetime import date

import pytest

from traceability.diligence import tables
from traceability.diligence.tables import annex_rows, is_critical, is_strategic, read_table, sectors, thresholds


def test_annex_i_has_its_23_rows():
    rows = {row.row_id: row for row in annex_rows()}
    assert len(rows) == 23
    assert rows["B-28419085-30"].taric_sub == "30"
    assert rows["A-7108"].taric_sub is None
    assert rows["B-810390"].prefixes == ("810390", "810391", "810399")
    assert {row.part for row in rows.values()} == {"A", "B"}


def test_raw_materials():
    assert is_strategic("cobalt")
    assert not is_strategic("tantalum")
    assert is_critical("tantalum")
    assert not is_critical("tin")
    assert not is_strategic("gold")


def test_sectors_have_a_material():
    assert {sector.material: sector.added_year for sector in sectors()} == {
        "silicon_metal": 2022,
        "aluminium": 2024,
        "steel": 2025,
        "lithium": 2025,
        "copper": 2025,
    }


def test_tables_keep_their_sources():
    assert all(row["law_ref"] for row in read_table("annex_i_2017_821.csv"))
    assert all(row["source"] for row in read_table("uflpa_high_priority_sectors.csv"))
    assert all(row["provenance"] for row in read_table("crm_2024_1252.csv"))


ANNEX_I = {
    "A-26090000": 5_000, "A-26110000": 250_000, "A-26159000-10": 100_000, "A-26169000-10": 4_000_000, "A-7108": 100,
    "B-28259040": 100_000, "B-28259085-10": 3_600, "B-28273910": 10_000, "B-28418000": 100_000, "B-28419085-30": 30,
    "B-28499030": 10_000, "B-28499050-10": 770, "B-7108": 100, "B-72028000": 25_000, "B-8001": 100_000,
    "B-80030000": 1_400, "B-800700": 2_100, "B-81011000": 2_500, "B-81019400": 500, "B-81019600": 250,
    "B-810199": 350, "B-81032000": 2_500, "B-810390": 150,
}  # fmt: skip
"""Kilograms by row, as the act has them (consolidated 2020-11-19)."""


def test_each_row_of_annex_i_has_the_threshold_of_the_act_from_its_first_day_on():
    """One figure of each row was read: the consolidated text of before the first day of application."""
    assert {row_id: one.kilograms for row_id, (one,) in thresholds().items()} == ANNEX_I
    assert {row["row_id"] for row in read_table("annex_i_2017_821.csv")} == ANNEX_I.keys()
    assert {(one.first, one.last) for (one,) in thresholds().values()} == {(date(2021, 1, 1), None)}
    assert all(row["law_ref"] and row["provenance"] for row in read_table("annex_i_thresholds.csv"))


LINE = {"row_id": "A-1", "threshold_kg": "10", "applicable_from": "2021-01-01", "applicable_to": ""}


@pytest.fixture
def lines(monkeypatch):
    """Set the lines of the table, each as changes of the first."""

    def these(*changes):
        monkeypatch.setattr(tables, "read_table", lambda _: [LINE | change for change in changes])

    thresholds.cache_clear()
    yield these
    thresholds.cache_clear()


@pytest.mark.parametrize("end", ["", "2026-06-30"])
def test_a_further_line_ends_the_one_before_it_the_day_before(lines, end):
    lines({"applicable_from": "2026-07-01", "threshold_kg": "7"}, {"applicable_to": end})
    first, second = thresholds()["A-1"]
    assert (first.kilograms, first.last) == (10, date(2026, 6, 30))
    assert (second.kilograms, second.first, second.last) == (7, date(2026, 7, 1), None)


@pytest.mark.parametrize(
    "changes",
    [
        [{}, {}],
        [{"applicable_to": "2026-06-29"}, {"applicable_from": "2026-07-01"}],
        [{"applicable_to": "2026-07-01"}, {"applicable_from": "2026-07-01"}],
        [{"applicable_to": "2026-07-01"}],
    ],
)
def test_lines_that_overlap_or_leave_a_day_without_threshold_are_refused(lines, changes):
    lines(*changes)
    with pytest.raises(ValueError, match=r"annex_i_thresholds\.csv: A-1"):
        thresholds()
