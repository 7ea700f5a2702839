"""Publishers' files as they are, through what reads them on a server: the same tables as those of the seed."""

import csv

import pytest

from traceability.lists.gathered import gathered, pack, read
from traceability.lists.readers import cahra
from traceability.lists.seedfile import read_list, read_manifest, read_review
from traceability.lists.tabled import make_tables, reference_tables

RISK = "data/risklists"
FILES = [
    ("un-sc", "un-xml", {"": "un_sc/UN_consolidated_2026-02-27.xml"}),
    ("us-ofac-sdn", "ofac-csv", {name: f"us_ofac_sdn/{name}.csv" for name in ("sdn", "alt", "add", "sdn_comments")}),
    ("us-dol-tvpra", "dol-xml", {"": "us_dol_tvpra/goods_2021.xml"}),
    ("eu-cahra", "cahra-json", {"": "eu_cahra/cahra.json"}),
    ("us-cbp-wro", "cbp-seen-csv", {"": "us_cbp_wro/wro_entity_names.csv"}),
    ("us-uflpa", "uflpa-seen-csv", {"": "us_uflpa/uflpa_entities_seen.csv"}),
    ("transit-watch", "areas-csv", {"": "areas/transit_watch.csv"}),
    ("forced-labour-areas", "areas-csv", {"": "areas/forced_labour_areas.csv"}),
]


@pytest.fixture(scope="module")
def reference(seed):
    return reference_tables(seed / "tables")


@pytest.fixture(scope="module")
def files(shared):
    return [
        gathered(
            shared(f"{RISK}/{path}").read_bytes(), file=f"{list_id}-{part or 'file'}", list_id=list_id, format=form,
            part=part, address="https://list.example/", retrieved_at="2026-11-23T08:00:00+00:00",
        )
        for list_id, form, parts in FILES
        for part, path in parts.items()
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made(files, reference, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    make_tables(files, reference, folder, as_partial=["us-uflpa"])
    return folder


@pytest.mark.parametrize("list_id", [item[0] for item in FILES])
def test_a_file_read_on_the_server_gives_the_table_of_the_seed(made, seed, list_id):
    (here,), (there,) = (
        [row for row in read_manifest(folder) if row.list_id == list_id] for folder in (made, seed / "lists")
    )
    assert here.table_sha256 == there.table_sha256
    assert read_list(made, here)[1] == read_list(seed / "lists", there)[1]
    assert sorted(read_review(made, here)) == sorted(read_review(seed / "lists", there))
    assert (here.rows, here.source_sha256, here.for_review) == (there.rows, there.source_sha256, there.for_review)


def test_the_un_file_says_its_own_version_and_day(made):
    row = next(row for row in read_manifest(made) if row.list_id == "un-sc")
    assert (row.version, row.published_at, row.coverage) == ("2026-02-27T00:00:09.554Z", "2026-02-27", "full")


def test_what_a_bundle_brings_is_what_was_packed(files, tmp_path):
    from traceability.lists.bundle import unpack

    unpack(pack(files), tmp_path)
    assert read(tmp_path) == files


def test_the_areas_as_csv_and_as_json_are_the_same(shared):
    json = cahra.read(shared(f"{RISK}/eu_cahra/cahra.json").read_bytes())
    table = cahra.read_csv(shared(f"{RISK}/eu_cahra/cahra.csv").read_bytes())
    assert table.review == json.review == []
    assert {entry.entry_key: entry for entry in table.entries} == {entry.entry_key: entry for entry in json.entries}


def test_an_older_edition_of_the_goods_is_not_taken_for_a_whole_one(shared, reference, tmp_path):
    from traceability.errors import InvalidInput

    old = gathered(
        shared(f"{RISK}/us_dol_tvpra/goods_2019.xml").read_bytes(), file="old.xml", list_id="us-dol-tvpra",
        format="dol-xml", part="", address="https://list.example/", retrieved_at="2026-11-23",
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="expected 440 to 520 entries, got"):
        make_tables([old], reference, tmp_path)


def test_the_tables_of_the_seed_have_their_review_rows(seed):
    rows = read_manifest(seed / "lists")
    found = [read_review(seed / "lists", row) for row in rows]
    assert [len(questions) for questions in found] == [row.for_review for row in rows]
    with (seed / "lists" / "review.csv").open(encoding="utf-8", newline="") as stream:
        assert sum(map(len, found)) == len(list(csv.DictReader(stream)))
