import csv
import gzip
import hashlib

import pytest

from traceability.errors import InvalidInput
from traceability.lists.seedfile import full_date, read_list, read_manifest

TABLE = b"entry_key,kind,primary\n1,party,Example Mining\n2,party,Second Example\n"


@pytest.fixture
def folder(tmp_path):
    """Write a folder with one table; keyword arguments replace cells of its manifest line."""

    def make(table=TABLE, **cells):
        row = {
            "list_id": "l",
            "file": "l.csv",
            "publisher": "P",
            "title": "T",
            "version": "7",
            "published_at": "2026-01-02",
            "retrieved_at": "2026-01-03",
            "source_url": "https://list.example",
            "source_sha256": "ab",
            "rows": "2",
            "expected_min": "1",
            "expected_max": "5",
            "coverage": "full",
            "max_age_days": "30",
            "terms": "free",
            "table_sha256": hashlib.sha256(table).hexdigest(),
        } | cells
        (tmp_path / row["file"].replace("/", "_")).write_bytes(table)
        with (tmp_path / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [name for name, value in row.items() if value is not None])
            writer.writeheader()
            writer.writerow({name: value for name, value in row.items() if value is not None})
        return tmp_path

    return make


def load(path):
    return read_list(path, read_manifest(path)[0])


def test_a_table_is_read_as_version_and_entries(folder):
    version, entries = load(folder())
    assert [entry.name for entry in entries] == ["Example Mining", "Second Example"]
    assert (version.version, version.row_count, version.coverage) == ("7", 2, "full")
    assert version.published_at.isoformat() == "2026-01-02"
    assert version.sha256 == "ab"


def test_every_entry_keeps_the_manifests_file_where_the_table_names_none(folder):
    sha = "0123456789abcdef" * 4
    version, entries = load(folder(source_sha256=sha, source_url="https://list.example/list.xml"))
    assert {entry.source_key for entry in entries} == {"01234567"}
    (source,) = version.sources
    assert (source.file, source.source_url) == ("list.xml", "https://list.example/list.xml")
    assert (source.published_at, source.retrieved_at, source.sha256) == ("2026-01-02", "2026-01-03", sha)


SOURCED = b"entry_key,kind,primary,source_key\n1,party,Example Mining,aa\n2,party,Second Example,bb\n"
SOURCES = """source_key,list_id,file,source_url,published_at,retrieved_at,sha256
aa,l,one.csv,https://one.example,2026-01,2026-01-03,ab
bb,l,two.csv,https://two.example,,2026-01-03,cd
zz,other,three.csv,https://three.example,,2026-01-03,ef
"""


def test_rows_name_their_file_by_its_key(folder):
    path = folder(SOURCED)
    (path / "sources.csv").write_text(SOURCES)
    version, entries = load(path)
    assert [entry.source_key for entry in entries] == ["aa", "bb"]
    assert [source.file for source in version.sources] == ["one.csv", "two.csv"]


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (SOURCES.replace("bb,l", "cc,l"), "2 names the source 'bb'; known are aa, cc"),
        (SOURCES.replace(",ab\n", ",aa\n"), "expected the source file of l with SHA-256 ab"),
        (SOURCES.replace("bb,l,two.csv", "bb,l,"), "expected source_key, file and sha256 in every line of l"),
        ("list_id,file\nl,x\n", "expected source_key, file and sha256"),
        ("", "expected the source file of l"),
    ],
)
def test_a_row_whose_source_is_not_known_is_refused(folder, sources, said):
    path = folder(SOURCED)
    (path / "sources.csv").write_text(sources)
    with pytest.raises(InvalidInput, match=said):
        load(path)


def test_a_packed_table_is_read(folder):
    assert len(load(folder(gzip.compress(TABLE), file="l.csv.gz"))[1]) == 2


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"table_sha256": "00"}, "the manifest says 00"),
        ({"rows": "3"}, "expected 3 rows, got 2"),
        ({"expected_min": "3"}, "expected 3 to 5 rows, got 2; the version in use stays"),
        ({"expected_max": "1"}, "expected 1 to 1 rows, got 2"),
        ({"expected_min": "3", "coverage": "stale"}, "Load it as partial"),
        ({"rows": "two"}, "rows must be a whole number"),
        ({"for_review": "-1"}, "for_review must be a whole number"),
        ({"rows": "٣"}, "rows must be a whole number"),
        ({"coverage": "good"}, "coverage must be full, partial, stale"),
        ({"source_url": ""}, "without source address"),
        ({"source_sha256": ""}, "without source address"),
        ({"terms": None}, "expected a column terms"),
        ({"file": "../l.csv"}, "plain file name"),
    ],
)
def test_what_is_not_as_the_manifest_says_is_refused(folder, cells, said):
    with pytest.raises(InvalidInput, match=said):
        load(folder(**cells))


def test_a_partial_list_may_be_below_its_minimum(folder):
    assert load(folder(expected_min="144", coverage="partial"))[0].row_count == 2


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"entry_key,kind\n1,party\n1,party\n", "same entry_key"),
        (b"entry_key,kind\n1,party\n2\n", "not as many cells"),
        (b"entry_key,kind\n1,party\n2,party,x\n", "not as many cells"),
        (b"entry_key,kind\n1,party\n2,\xff\n", "not a UTF-8 CSV table"),
        (b'entry_key,kind\n1,party\n2,"party\n', "not a UTF-8 CSV table"),
    ],
)
def test_a_damaged_table_is_refused(folder, table, said):
    with pytest.raises(InvalidInput, match=said):
        load(folder(table))


@pytest.mark.parametrize("data", [b"no gzip", gzip.compress(TABLE, mtime=0)[:-9]], ids=["no gzip", "cut off"])
def test_a_damaged_packed_table_is_refused(folder, data):
    with pytest.raises(InvalidInput, match="not a gzip file"):
        load(folder(data, file="l.csv.gz"))


def test_a_table_that_unpacks_to_too_much_is_refused(folder, monkeypatch):
    monkeypatch.setattr("traceability.lists.seedfile.MAX_BYTES", 10)
    with pytest.raises(InvalidInput, match="unpacks to more than 10 bytes"):
        load(folder(gzip.compress(TABLE), file="l.csv.gz"))


def test_a_missing_manifest_or_table_is_named(folder, tmp_path):
    with pytest.raises(InvalidInput, match="expected manifest"):
        read_manifest(tmp_path / "nowhere")
    path = folder()
    row = read_manifest(path)[0]
    (path / "l.csv").unlink()
    with pytest.raises(InvalidInput, match=r"the table l\.csv is missing"):
        read_list(path, row)


def test_a_month_is_no_full_date():
    assert full_date("2022-09") is None
    assert full_date("") is None
