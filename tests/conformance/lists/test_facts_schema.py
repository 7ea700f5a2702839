"""What this room puts into the facts is what the published schema of the facts demands."""

import json
from datetime import date

import jsonschema
import pytest

from traceability.lists.areas import facts_section, section_name
from traceability.lists.codes import party_list
from traceability.lists.match import NameIndex, Query
from traceability.lists.seedfile import read_list, read_manifest


@pytest.fixture(scope="module")
def schema(shared):
    return json.loads(shared("design/assessment-facts.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shipped(seed):
    return {row.list_id: read_list(seed / "lists", row) for row in read_manifest(seed / "lists")}


def test_every_section_is_valid(schema, shipped):
    part = {"$ref": "#/properties/lists", "$defs": schema["$defs"], "properties": schema["properties"]}
    countries = {entry.country for _, entries in shipped.values() for entry in entries if entry.country}
    lists = {
        section_name(list_id): facts_section(version, entries, countries)
        for list_id, (version, entries) in shipped.items()
        if section_name(list_id)
    }
    assert set(lists) == {"cahra", "transit_watch", "forced_labour_areas", "tvpra"}
    assert len(lists["cahra"]["entries"]) == 239
    assert len(lists["transit_watch"]["entries"]) == 8
    validator = jsonschema.Draft202012Validator(schema["properties"]["lists"] | {"$defs": part["$defs"]})
    assert list(validator.iter_errors(lists)) == []


def test_materials_of_the_crosswalk_are_codes_of_the_facts(schema, shipped):
    codes = set(schema["$defs"]["material"]["enum"])
    assert {entry.material for entry in shipped["us-dol-tvpra"][1] if entry.material} <= codes


def test_hits_fit_the_schema(schema, shipped):
    index = NameIndex.build(entry for _, entries in shipped.values() for entry in entries)
    asked = ("Congomet Trading House", "Machanga", "Xinjiang Joinworld Co., Ltd.", "BNC", "Hoshine Silicon Industry")
    hits = [
        {
            "list_code": party_list(hit.list_id).list_code,
            "category": party_list(hit.list_id).category,
            "entry_id": hit.entry_key,
            "listed_name": hit.listed_name,
            "party_name": name,
            "match_basis": hit.match_basis,
            "score": f"{hit.score:f}",
        }
        for name in asked
        for hit in index.match(Query(name), as_of=date(2026, 11, 1))
    ]
    assert {hit["party_name"] for hit in hits} == set(asked)
    validator = jsonschema.Draft202012Validator(schema["properties"]["entity_hits"] | {"$defs": schema["$defs"]})
    assert list(validator.iter_errors(hits)) == []
