"""The committed tables: complete, with their sources, and carrying facts only."""

import csv
import re

import pytest

from traceability.lists.codes import named
from traceability.lists.coverage import coverage
from traceability.lists.identifiers import schemes
from traceability.lists.seedfile import read_list, read_manifest

COUNTS = {
    "lists": {
        "eu-cahra": 239,
        "us-dol-tvpra": 467,
        "un-sc": 1003,
        "us-ofac-sdn": 8976,
        "us-cbp-wro": 75,
        "us-uflpa": 36,
        "transit-watch": 13,
        "forced-labour-areas": 2,
    },
    "tables": {
        "eu-2017-821-annex-i": 23,
        "eu-2024-1252-annex-i-ii": 34,
        "eu-2023-1542-annex-x": 20,
        "us-uflpa-sectors": 12,
        "us-dol-goods-materials": 16,
        "iso-3166-1": 251,
        "iso-3166-2": 4672,
        "iso-3166-2-history": 7,
        "hs": 6940,
    },
}


@pytest.fixture(scope="session")
def tables(seed):
    """Return every shipped table by list id: its manifest line, version and entries."""
    found = {}
    for folder in COUNTS:
        for row in read_manifest(seed / folder):
            found[row.list_id] = (row, *read_list(seed / folder, row))
    return found


@pytest.mark.parametrize("folder", COUNTS)
def test_counts(seed, folder):
    assert {row.list_id: row.rows for row in read_manifest(seed / folder)} == COUNTS[folder]


def test_every_table_says_where_it_comes_from(tables):
    for row, version, _ in tables.values():
        assert re.fullmatch(r"[0-9a-f]{64}", row.source_sha256), row.list_id
        assert row.publisher
        assert row.title
        assert row.terms
        assert version.retrieved_at, row.list_id


def test_every_row_keeps_the_file_it_was_read_from(tables):
    for row, version, entries in tables.values():
        known = {source.source_key: source for source in version.sources}
        for entry in entries:
            source = known[entry.source_key]
            assert re.fullmatch(r"[0-9a-f]{64}", source.sha256), entry.entry_key
            assert source.source_url, entry.entry_key
            assert source.retrieved_at, entry.entry_key
        assert row.source_sha256.startswith(entries[0].source_key)
        undated = {version.list_id for source in version.sources if not source.published_at}
        assert undated <= {"transit-watch", "forced-labour-areas"}, "only tables whose rows have dates of their own"


def test_every_file_of_a_list_is_named(tables):
    files = [source.file.rpartition("/")[2] for source in tables["us-ofac-sdn"][1].sources]
    assert files == ["sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"]


def test_every_shipped_list_has_a_title_in_sentences(tables):
    for list_id, (_, version, _) in tables.items():
        said = coverage(version, on=version.retrieved_at, required=False).sentence
        assert list_id not in said
        assert named(list_id) in said


def test_what_waits_for_review_is_counted_and_a_lost_name_makes_a_list_partial(tables, seed):
    with (seed / "lists" / "review.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for list_id, (row, _, _) in tables.items():
        waiting = [question["lost"] for question in rows if question["list_id"] == list_id]
        assert row.for_review == len(waiting), list_id
        assert row.coverage == "partial" or "yes" not in waiting, list_id


def test_rows_with_their_own_source_name_it(tables):
    for list_id in ("us-uflpa", "transit-watch", "forced-labour-areas"):
        for entry in tables[list_id][2]:
            assert entry.source, (list_id, entry.entry_key)
            assert entry.extra["retrieved"] == "2026-11-23"


def test_what_is_partial_says_so(tables):
    partial = {list_id for list_id, (row, _, _) in tables.items() if row.coverage == "partial"}
    assert partial == {"us-uflpa", "us-cbp-wro", "transit-watch", "forced-labour-areas"}
    version = tables["us-uflpa"][1]
    said = coverage(version, on=version.retrieved_at, required=True).sentence
    assert "partial (36 of 144 rows)" in said


def test_the_old_lists_are_stale_on_the_day_they_were_gathered(tables):
    day = tables["un-sc"][1].retrieved_at
    stale = {
        list_id for list_id in COUNTS["lists"] if coverage(tables[list_id][1], on=day, required=True).state == "stale"
    }
    assert stale == {"us-ofac-sdn", "un-sc", "us-dol-tvpra"}


def test_identifiers_are_of_known_schemes(tables):
    used = {item.scheme for _, _, entries in tables.values() for entry in entries for item in entry.identifiers}
    assert used <= set(schemes())
    assert {"imo", "tax", "registration"} <= used


def test_weak_aliases_and_numbers_of_the_remarks_are_carried(tables):
    entries = {entry.entry_key: entry for entry in tables["us-ofac-sdn"][2]}
    assert ("BNC", "weak") in {(name.text, name.quality) for name in entries["306"].names}
    numbered = [entry for entry in entries.values() for item in entry.identifiers if item.scheme == "imo"]
    assert len(numbered) > 300


def test_two_companies_of_one_un_entry_are_two_names(tables):
    entry = next(entry for entry in tables["un-sc"][2] if entry.entry_key == "CDe.003")
    primary = [name.text for name in entry.names if name.quality == "primary"]
    assert primary == ["COMPAGNIE AERIENNE DES GRANDS LACS (CAGL)", "GREAT LAKES BUSINESS COMPANY (GLBC)"]
    assert entry.valid_from.isoformat() == "2007-03-29"


def test_no_list_of_areas_invents_a_first_day(tables):
    for list_id in ("eu-cahra", "transit-watch", "forced-labour-areas", "us-dol-tvpra", "us-cbp-wro", "us-ofac-sdn"):
        assert not [entry for entry in tables[list_id][2] if entry.valid_from], list_id


def test_crosswalk_is_reviewed_and_polysilicon_is_silicon(tables):
    crosswalk = {entry.name: entry for entry in tables["us-dol-goods-materials"][2]}
    assert crosswalk["Polysilicon"].material == "silicon_metal"
    assert all(entry.extra["reviewed"] for entry in crosswalk.values())
    listed = {(entry.name, entry.material) for entry in tables["us-dol-tvpra"][2] if entry.material}
    assert listed == {(name, entry.material) for name, entry in crosswalk.items()}


def test_no_prose(tables):
    # HS headings and names of law are the longest facts; a sentence about a party would be longer than a name.
    for list_id in COUNTS["lists"]:
        longest = max(len(name.text) for entry in tables[list_id][2] for name in entry.names)
        assert longest <= 300, list_id


def test_what_was_not_understood_waits_for_review(seed):
    with (seed / "lists" / "review.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["list_id"] for row in rows} == {"un-sc", "us-cbp-wro", "us-ofac-sdn", "us-uflpa"}
    assert all(row["raw"] and row["reason"] for row in rows)
    assert [row["entry_key"] for row in rows if row["list_id"] == "un-sc" and row["lost"] == "yes"] == []
