from decimal import Decimal

from traceability.diligence.tables import annex_rows, is_critical, is_strategic, read_table, sectors


def test_annex_i_has_its_23_rows():
    rows = {row.row_id: row for row in annex_rows()}
    assert len(rows) == 23
    assert rows["A-26110000"].threshold == Decimal(250_000)
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
