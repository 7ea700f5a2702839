"""Bundles of publishers' files: what is packed comes back, and what is not as it says is refused."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.lists import gathered as g
from traceability.lists.bundle import unpack

SAID = {
    "list_id": "un-sc", "format": "un-xml", "part": "", "file": "un.xml", "address": "https://list.example/un.xml",
    "retrieved_at": "2026-11-20T08:00:00+00:00",
}  # fmt: skip


def test_the_same_files_give_the_same_bytes_and_come_back(tmp_path):
    files = [
        g.gathered(b"<a/>", **SAID),
        g.gathered(b"x", **SAID | {"file": "b", "list_id": "own", "columns": '{"id":"Nr"}'}),
    ]
    assert g.pack(files) == g.pack(files)
    unpack(g.pack(files), tmp_path)
    assert g.is_gathered(tmp_path)
    found = g.read(tmp_path)
    assert found == files
    assert found[1][0].map_of_columns == {"id": "Nr"}
    assert found[0][0].retrieved_on.isoformat() == "2026-11-20"


def folder(tmp_path, **changed):
    said, data = g.gathered(b"<a/>", **SAID)
    (tmp_path / "un.xml").write_bytes(data)
    row = {name: getattr(said, name) for name in ("sha256", "size")} | SAID | changed
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row))
    writer.writeheader()
    writer.writerow(row)
    (tmp_path / g.GATHERED).write_text(out.getvalue())
    return tmp_path


def test_columns_that_are_not_there_are_empty(tmp_path):
    (said, data), *_ = g.read(folder(tmp_path))
    assert (said.published_at, said.kind, data) == ("", "", b"<a/>")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"sha256": "0" * 64}, "has not the SHA-256 and size"),
        ({"size": "5"}, "has not the SHA-256 and size"),
        ({"sha256": ""}, "without source address and SHA-256"),
        ({"address": ""}, "without source address and SHA-256"),
        ({"file": "gone.xml"}, "the file 'gone.xml' is missing"),
        ({"file": "../un.xml"}, "is missing"),
        ({"list_id": "../x"}, "expected a list id"),
        ({"retrieved_at": "20 November"}, "expected a day or a moment"),
    ],
)
def test_a_line_that_is_not_true_is_refused(tmp_path, changed, told):
    with pytest.raises(InvalidInput, match=told):
        g.read(folder(tmp_path, **changed))


@pytest.mark.parametrize("data", [b"", b"\xff", b"list_id\n", b'list_id\n"a'])
def test_what_names_no_file_is_refused(tmp_path, data):
    (tmp_path / g.GATHERED).write_bytes(data)
    with pytest.raises(InvalidInput):
        g.read(tmp_path)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_list_of_files_is_answered(tmp_path_factory, data):
    where = tmp_path_factory.getbasetemp() / "any"
    where.mkdir(exist_ok=True)
    (where / g.GATHERED).write_bytes(data)
    with pytest.raises(InvalidInput):
        g.read(where)
