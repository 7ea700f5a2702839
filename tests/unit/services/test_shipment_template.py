"""What the template can carry and what only JSON can: the importer's guide names exactly the rest."""

import csv
import re
from pathlib import Path

import pytest

from tests.unit.services.test_shipment_sheet import GOOD, TODAY, as_csv
from traceability.services import shipment_sheet as sheet
from traceability.services.shipment_schema import shipment_schema

ROOT = Path(__file__).resolve().parents[3]
FIELDS = ROOT / ".." / "shared" / "data" / "law" / "traceability_fields.csv"

ALL = GOOD | {
    "purity_pct": "99.5", "material_type": "ore", "dispatch_country": "RW", "supplier_id": "did:web:trader.example",
    "mine_id": "M-1", "refined_in": "CH", "first_separation_point": "plant", "manufacturer_name": "Maker",
    "manufacturer_address": "Lu 1", "supplier_subdivision": "CD-SK",
    "manufacturer_country": "CN", "manufacturer_subdivision": "CN-XJ", "product_description": "cells",
    "payment_method": "cash", "stock_created_on": "2012-01-01", "stock_evidence": "D-1; D-2",
    "recycled_evidence": "D-3", "separation_evidence": "D-4",
}  # fmt: skip


def paths_of(value, path=""):
    """Yield the path of every leaf of a record, ``smelters[].name``."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from paths_of(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for member in value:
            yield from paths_of(member, f"{path}[]")
    else:
        yield path


def leaves_of(node, defs, path=""):
    """Yield the path of every leaf that the schema has."""
    node = defs[node["$ref"].rpartition("/")[2]] | node if "$ref" in node else node
    if "properties" in node:
        for name, member in node["properties"].items():
            yield from leaves_of(member, defs, f"{path}.{name}" if path else name)
    elif "items" in node:
        yield from leaves_of(node["items"], defs, f"{path}[]")
    else:
        yield path


def within(path, name):
    return path == name or path.startswith((f"{name}.", f"{name}["))


@pytest.fixture(scope="module")
def filled():
    assert ALL.keys() == {column.name for column in sheet.COLUMNS}
    (record,), errors = sheet.read_rows(as_csv(ALL, headers=list(ALL)), "s.csv", TODAY)
    assert errors == []
    return set(paths_of(record))


@pytest.fixture(scope="module")
def only_json():
    guide = (ROOT / "docs" / "importer.md").read_text(encoding="utf-8")
    said = re.search(r"Only the JSON form carries (.*?)\n\n", guide, re.DOTALL)
    return set(re.findall(r"`([a-z_.\[\]]+)`", said[1]))


def test_the_guide_names_exactly_what_the_template_cannot_carry(filled, only_json):
    schema = shipment_schema()
    rest = set(leaves_of(schema, schema["$defs"])) - filled
    covered = {path: [name for name in only_json if within(path, name)] for path in rest}
    assert [path for path, names in covered.items() if not names] == []
    assert only_json == {name for names in covered.values() for name in names}


def test_every_field_the_law_asks_for_has_a_column_or_is_named(filled, only_json):
    if not FIELDS.is_file():
        pytest.skip("the table of legal fields is absent: compared where it was written")
    with FIELDS.open(encoding="utf-8", newline="") as stream:
        wanted = [part.strip() for row in csv.DictReader(stream) for part in row["facts_field"].split(";")]
    for field in [part.removeprefix("shipment.") for part in wanted if part.startswith("shipment.")]:
        in_sheet = any(within(path, field) for path in filled)
        assert in_sheet or any(within(field, name) for name in only_json), field
