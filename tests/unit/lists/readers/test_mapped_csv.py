from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.lists.entries import Identifier, Name
from traceability.lists.readers.mapped_csv import read_mapped


def read(text, **how):
    return read_mapped(text.encode(), "own", **how)


def test_the_columns_of_the_command_line():
    found = read(
        "id,name,schema,country,identifiers,aliases,weak_aliases,former_names,valid_from\n"
        "7,Example Mining,Organization,CD,imo:9187629;tax:CD:A-12345,Exmin|EM Co,ex,Old Example,2024-08-09\n"
    )
    (entry,) = found.entries
    assert entry.names == (
        Name("Example Mining"),
        Name("Exmin", "strong"),
        Name("EM Co", "strong"),
        Name("ex", "weak"),
        Name("Old Example", "former"),
    )
    assert entry.identifiers == (Identifier("imo", "9187629"), Identifier("tax", "A-12345", "CD"))
    assert (entry.entry_key, entry.list_id, entry.country, entry.schema) == ("7", "own", "CD", "Organization")
    assert entry.valid_from.isoformat() == "2024-08-09"
    assert found.rejected == ()


def test_other_names_of_columns_are_mapped():
    (entry,) = read("Nr,Firma\n1,Beispiel\n", columns={"id": "Nr", "name": "Firma"}).entries
    assert entry.name == "Beispiel"


def test_areas_and_goods():
    (area,) = read("id,code\n1,CD-NK\n", kind="area").entries
    assert area.code == "CD-NK"
    (good,) = read("id,name,material,country,child_labour\n1,Coltan,tantalum,CD,yes\n", kind="goods").entries
    assert good.child_labour


@pytest.mark.parametrize(
    ("rows", "how", "said"),
    [
        ("id,name\n1,A\n1,B\n", {}, "stands on an earlier line"),
        ("id,name\n,A\n", {}, "entry_key"),
        ("id,name\n1,\n", {}, "column name"),
        ("id,name\n1,A,x\n", {}, "not as many cells"),
        ("id,name\n1\n", {}, "not as many cells"),
        ("id,name,country\n1,A,Congo\n", {}, "column country"),
        ("id,name,valid_to\n1,A,soon\n", {}, "column valid_to"),
        ("id,code\n1,North Kivu\n", {"kind": "area"}, "column code"),
        ("id,name,country\n1,A,CD\n", {"kind": "goods"}, "a material and a country"),
    ],
)
def test_a_row_not_understood_is_handed_back(rows, how, said):
    found = read(rows, **how)
    assert said in found.rejected[-1].reason
    assert found.rejected[-1].line == len(rows.splitlines())


def test_a_number_not_usable_costs_no_name():
    found = read("id,name,identifiers\n1,A Mining,imo:9187628;nonsense\n")
    assert found.entries[0].name == "A Mining"
    assert ["check digit" in item.reason or "unknown" in item.reason for item in found.rejected] == [True, True]


@pytest.mark.parametrize(
    ("data", "columns", "said"),
    [
        (b"", {}, "expected the columns id and name"),
        (b"id\n1\n", {}, "expected the columns id and name"),
        (b"id,name\n1,\xff\n", {}, "expected UTF-8"),
        (b'id,name\n1,"A\n', {}, "expected a CSV table"),
        (b"id,name\n", {"nom": "name"}, "the column map names nom"),
        (b"id,name\n", {"name": "nom"}, "the file has no column nom"),
    ],
)
def test_a_file_that_cannot_be_used(data, columns, said):
    with pytest.raises(InvalidInput, match=said):
        read_mapped(data, "own", columns=columns)


def test_limits(monkeypatch):
    monkeypatch.setattr("traceability.lists.readers.mapped.MAX_ROWS", 1)
    with pytest.raises(InvalidInput, match="at most 1 rows"):
        read("id,name\n1,A\n2,B\n")
    monkeypatch.setattr("traceability.lists.readers.mapped_csv.MAX_BYTES", 3)
    with pytest.raises(InvalidInput, match="at most 3 bytes"):
        read("id,name\n")


def test_an_end_of_file_mark_and_blank_lines_are_no_rows():
    read = read_mapped(b"id,name\r\n1,A\r\n\r\n\x1a", "own")
    assert ([entry.name for entry in read.entries], read.rejected) == (["A"], ())


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data):
    for prefix in (b"", b"id,name,identifiers,country\n"):
        with suppress(InvalidInput):
            read_mapped(prefix + data, "own")
