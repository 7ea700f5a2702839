"""The copies of the acts that the rules read are equal, row by row, to the tables under seed/ that people see."""

import csv
from pathlib import Path

import pytest

from traceability.diligence.tables import TABLES, annex_x_materials, read_table
from traceability.lists.codes import is_reference

SEED = Path(__file__).resolve().parents[3] / "seed" / "tables"
#: Packaged table: the seed table, and its column for each packaged one.
COPIES = {
    "annex_i_2017_821.csv": ("eu-2017-821-annex-i", {
        "row_id": "entry_key", "part": "part", "metal": "material", "description": "primary", "cn_prefixes": "code",
        "ex": "ex", "taric_sub": "taric_sub", "note": "note", "law_ref": "source", "row_provenance": "row_provenance",
    }),
    "crm_2024_1252.csv": ("eu-2024-1252-annex-i-ii", {
        "material_code": "entry_key", "material": "primary", "critical": "critical", "strategic": "strategic",
        "strategic_form": "strategic_form", "law_ref": "source", "valid_from": "in_force_from",
        "provenance": "provenance",
    }),
    "battery_annex_x.csv": ("eu-2023-1542-annex-x", {
        "annex_x_point": "entry_key", "kind": "type", "text": "primary", "applies_from": "applies_from",
        "law_ref": "source", "provenance": "provenance",
    }),
    "uflpa_high_priority_sectors.csv": ("us-uflpa-sectors", {
        "sector": "primary", "added_year": "added_year", "material_code": "material", "source": "source",
        "provenance": "provenance",
    }),
}  # fmt: skip


def test_every_packaged_table_has_its_seed_table_and_it_says_so():
    assert set(TABLES) == COPIES.keys()
    shown_only = {list_id for list_id, _ in COPIES.values() if is_reference(list_id)}
    assert {list_id for list_id, _ in COPIES.values()} - shown_only == {"us-uflpa-sectors"}, (
        "goods are asked by its codes"
    )


@pytest.mark.parametrize("name", COPIES)
def test_the_copies_are_equal(name):
    list_id, columns = COPIES[name]
    with (SEED / f"{list_id}.csv").open(encoding="utf-8", newline="") as stream:
        shown = [tuple(row[column] for column in columns.values()) for row in csv.DictReader(stream)]
    rows = read_table(name)
    used = [tuple(row[column] for column in columns) for row in rows]
    assert sorted(used) == sorted(shown)
    assert set(rows[0]) - set(columns) <= {"source"}, "a column that nobody compares"


def test_annex_x_names_four_raw_materials():
    with (SEED / "eu-2023-1542-annex-x.csv").open(encoding="utf-8", newline="") as stream:
        shown = {row["material"] for row in csv.DictReader(stream)} - {""}
    assert annex_x_materials() == shown == {"cobalt", "natural_graphite", "lithium", "nickel"}
