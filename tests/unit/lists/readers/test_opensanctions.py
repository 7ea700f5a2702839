"""The readers of OpenSanctions exports: the table loses what the JSON lines tell, and both are read for what they say."""

import json

import pytest

from traceability.lists.entries import Identifier
from traceability.lists.readers import opensanctions

HEADER = "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,dataset"
LEI = "529900T8BM49AURSDO55"


def entity(**fields):
    base = {"id": "x-1", "schema": "Company", "properties": {"name": ["Alpha"]}, "referents": [], "datasets": ["d"]}
    return json.dumps(base | fields).encode()


def test_the_table_has_weak_aliases_only(places):
    data = f'{HEADER}\nx-1,Company,Alpha,"Beta;ألفا",1970-01-02;1971,"co;ir",,"{LEI};77",Programme,,,Set\n'
    (entry,) = opensanctions.read_simple(data.encode(), places).entries
    assert [(name.text, name.quality) for name in entry.names] == [
        ("Alpha", "primary"), ("Beta", "weak"), ("ألفا", "weak"),
    ]  # fmt: skip
    assert entry.identifiers == (Identifier("lei", LEI),)
    assert (entry.country, entry.countries, entry.schema) == (None, {"CO", "IR"}, "Organization")
    assert entry.extra["birth_dates"] == "1970-01-02|1971"


def test_a_row_without_a_name_waits_for_review(places):
    reading = opensanctions.read_simple(f"{HEADER}\nx-1,Company{',' * 10}\nx\n".encode(), places)
    assert [(question.entry_key, question.lost) for question in reading.review] == [
        ("line 2", "yes"),
        ("line 3", "yes"),
    ]


def test_json_lines_tell_the_kind_of_every_name_and_number(places):
    properties = {
        "name": ["Alpha", "ألفا"], "alias": ["Beta"], "weakAlias": ["AB"], "previousName": ["Old"], "country": ["cn"],
        "leiCode": [LEI], "registrationNumber": ["123456"], "birthDate": ["1970-01"],
    }  # fmt: skip
    (entry,) = opensanctions.read_lines(entity(properties=properties, referents=["x-0"]), places).entries
    assert [(name.text, name.quality) for name in entry.names] == [
        ("Alpha", "primary"), ("ألفا", "original_script"), ("Beta", "strong"), ("Old", "former"), ("AB", "weak"),
    ]  # fmt: skip
    assert entry.identifiers == (Identifier("lei", LEI, "CN"), Identifier("registration", "123456", "CN"))
    assert (entry.country, entry.extra["merged"], entry.extra["birth_dates"]) == ("CN", "x-0", "1970-01")


def test_edges_are_no_parties(places):
    reading = opensanctions.read_lines(entity(schema="Ownership", properties={"owner": ["x-2"]}), places)
    assert (reading.entries, reading.review) == ([], [])


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"id": "x"}', entity(properties={}), entity(properties={"name": "Alpha"}), entity(properties=None)],
)
def test_lines_that_are_no_entity_wait_for_review_and_the_others_are_read(places, line):
    reading = opensanctions.read_lines(line + b"\n\n" + entity(), places)
    assert [entry.name for entry in reading.entries] == ["Alpha"]
    assert [(question.entry_key, question.lost) for question in reading.review] == [("line 1", "yes")]
