"""A folder of lists as a ZIP file: the same back, and everything that is no such file refused before it is expanded."""

import io
import zipfile

import pytest

from traceability.errors import InvalidInput, TooLarge
from traceability.lists import bundle
from traceability.lists.seedfile import read_list, read_manifest


def zipped(files, *, compress=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as made:
        for name, data in files:
            made.writestr(name, data)
    return out.getvalue()


def test_the_shipped_folders_come_back_whole(seed, tmp_path):
    for name in ("lists", "tables"):
        folder = tmp_path / name
        folder.mkdir()
        data = bundle.pack(seed / name)
        bundle.unpack(data, folder)
        assert bundle.pack(folder) == data
        assert [read_list(folder, row) for row in read_manifest(folder)] == [
            read_list(seed / name, row) for row in read_manifest(seed / name)
        ]


def test_a_table_that_is_not_there_is_named(seed, tmp_path):
    (tmp_path / "manifest.csv").write_bytes((seed / "lists" / "manifest.csv").read_bytes())
    with pytest.raises(InvalidInput, match=r"the table eu-cahra\.csv is missing"):
        bundle.pack(tmp_path)
    with pytest.raises(InvalidInput, match="found none"):
        bundle.pack(tmp_path / "absent")


@pytest.mark.parametrize("name", ["../manifest.csv", "/etc/x", "a/b.csv", "a\\b.csv", ".hidden", "x" * 101, "a\nb"])
def test_names_that_lead_elsewhere_are_refused(name, tmp_path):
    with pytest.raises(InvalidInput, match="plain file names"):
        bundle.unpack(zipped([("manifest.csv", b"x"), (name, b"x")]), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_stands_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped([("a.csv", b"1"), ("a.csv", b"2")])
    with pytest.raises(InvalidInput, match="twice"):
        bundle.unpack(data, tmp_path)


def test_what_expands_without_measure_is_refused(tmp_path):
    with pytest.raises(TooLarge, match="more than a table"):
        bundle.unpack(zipped([("a.csv", b"\0" * 20_000_000)]), tmp_path)
    with pytest.raises(TooLarge, match="100 files"):
        bundle.unpack(zipped([(f"{number}.csv", b"x") for number in range(101)]), tmp_path)


def test_a_bundle_above_the_limit_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(bundle, "MAX_BUNDLE", 10)
    with pytest.raises(TooLarge, match="may have 10 bytes"):
        bundle.unpack(b"x" * 11, tmp_path)


def test_a_declared_size_that_lies_is_refused(tmp_path):
    data = zipped([("a.csv", b"x" * 1000)], compress=zipfile.ZIP_STORED)
    start = data.index(b"PK\x01\x02")
    lying = data[: start + 24] + (10).to_bytes(4, "little") + data[start + 28 :]
    with pytest.raises(InvalidInput):
        bundle.unpack(lying, tmp_path)


def test_an_encrypted_entry_is_refused(tmp_path):
    data = bytearray(zipped([("a.csv", b"x")]))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvalidInput, match="encrypted"):
        bundle.unpack(bytes(data), tmp_path)


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 9])
def test_what_is_no_zip_is_refused(data, tmp_path):
    with pytest.raises(InvalidInput, match="expected a ZIP file"):
        bundle.unpack(data, tmp_path)


def test_a_damaged_zip_is_refused(tmp_path):
    good = zipped([("a.csv", b"some,cells\n" * 50)])
    for cut in range(0, len(good), 7):
        damaged = good[:cut] + bytes([good[cut] ^ 0x55]) + good[cut + 1 :]
        try:
            bundle.unpack(damaged, tmp_path)
        except (InvalidInput, TooLarge):
            continue
