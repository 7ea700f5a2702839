"""The tables can be rebuilt: the same sources give the committed bytes, over an older table too."""

from pathlib import Path

import build_seed
import pytest
from seed_readers.catalogue import LISTS, TABLES


def tables(folder: Path) -> dict[str, bytes]:
    wanted = [folder / "seed" / name for name in ("lists", "tables", "licences")]
    wanted += [folder / "traceability" / name / "data" for name in ("", "lists")]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for place in wanted
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(data, tmp_path_factory):
    """Return what is built where an older table lies: it must change nothing of what is built."""
    out = tmp_path_factory.mktemp("built")
    (out / "seed" / "lists").mkdir(parents=True)
    (out / "seed" / "lists" / "un-sc.csv.gz").write_bytes(b"older")
    build_seed.main([str(data), "--out", str(out)])
    return tables(out)


def test_a_rebuild_gives_the_committed_tables(built, root):
    # Written by hand with a source in each row: it is made of no publisher's file.
    committed = {name: data for name, data in tables(root).items() if not name.endswith("/goods_codes.csv")}
    assert sorted(built) == sorted(committed)
    assert [name for name in built if built[name] != committed[name]] == []


def test_every_source_file_is_named_with_its_sum(built):
    for folder, listed in (("lists", LISTS), ("tables", TABLES)):
        said = built[f"seed/{folder}/sources.csv"].decode()
        for item in listed:
            for name in item.files:
                assert f",{item.list_id},{name}," in said


def test_no_table_is_large_and_unpacked(built):
    assert [name for name, data in built.items() if len(data) > 2 * 1024 * 1024 and not name.endswith(".gz")] == []
    assert sum(map(len, built.values())) < 3 * 1024 * 1024
