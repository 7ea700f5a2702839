"""A declaration with a slip in it is refused with a sentence; none switches a rule off."""

import json
from datetime import date
from pathlib import Path

import pytest

from traceability.errors import InvalidInput
from traceability.services.shipment_fields import check, problems_of
from traceability.services.shipment_schema import shipment_schema

TODAY = date(2026, 11, 23)
RECORD = {
    "shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
    "batch_ids": ["https://mine.example/lot/1"], "released_on": "2026-11-20",
    "origins": [{"country": "CD", "subdivision": "CD-NK"}],
    "smelters": [{"smelter_id": "CID001234", "assurances": [{"kind": "union_list", "valid_to": "2040-12-31"}]}],
}  # fmt: skip
KILOGRAMS = "expected more than 0 kilograms with a point, at most 6 decimals, such as 2050.5"
CN_CODE = "expected a code of the Combined Nomenclature that exists: 8 digits without blanks, such as 26090000"
CLASSES = "one of mined, by_product, recycled, mixed, pre_2013_stock, waste, product"
TEXT = "expected text that can be printed, without line breaks, control or invisible characters"


def told(**fields):
    return {problem.path: problem.message for problem in problems_of({**RECORD, **fields}, TODAY)}


def test_a_record_in_order():
    assert told() == {}
    assert check(RECORD, TODAY) is RECORD


@pytest.mark.parametrize("code", ["XX", "UE", "EU", "UK", "EL", "XZ", "AN", "de", "DE\n", "DEU", "", None, 49, ["DE"]])
@pytest.mark.parametrize("field", ["destination_country", "dispatch_country", "refined_in"])
def test_a_code_that_is_no_country_is_refused(field, code):
    assert "expected a country of ISO 3166-1 in two capital letters, such as DE; got" in told(**{field: code})[field]


def test_a_milligram_and_an_old_prefix_of_annex_i_are_taken():
    assert told(net_weight_kg="0.000001") == {}
    assert told(cn_code="81039090") == {}


def test_the_union_and_usual_slips_are_explained():
    assert told(destination_country="EU")["destination_country"].endswith(
        "the Union is no country: name the Member State)"
    )
    assert told(destination_country="UK")["destination_country"].endswith("(the United Kingdom is GB)")
    assert told(destination_country="XK") == {}


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("origins", [{"country": "ZZ"}], "origins.0.country"),
        ("origins", [{"country": "CD", "subdivision": "CD-ZZ"}], "origins.0.subdivision"),
        ("origins", [{"country": "CD", "subdivision": "RW-01"}], "origins.0.subdivision"),
        ("upstream_locations", [{"kind": "trading", "country": "CD", "subdivision": "RW-01"}],
         "upstream_locations.0.subdivision"),
        ("smelters", [{"name": "S", "countries_of_origin": ["CD", "QQ"]}], "smelters.0.countries_of_origin.1"),
        ("battery_raw_materials", [{"material": "cobalt", "country_of_origin": "CD", "origin_subdivision": "RW-01"}],
         "battery_raw_materials.0.origin_subdivision"),
        ("smelters", [{}], "smelters.0"),
        ("smelters", [{"country": "DE"}], "smelters.0"),
        ("smelters", [{"smelter_id": "CID1"}], "smelters.0.smelter_id"),
        ("supplier", {}, "supplier"),
        ("batch_ids", ["x"], "batch_ids.0"),
        ("batch_ids", ["urn:epc:id:sgtin:4012345.011111.9876"], "batch_ids.0"),
        ("batch_ids", ["https://id.gs1.org/01/04012345111118"], "batch_ids.0"),
        ("batch_ids", ["https://mine.example/lot/1", "HTTPS://MINE.example/lot/%31"], "batch_ids"),
        ("released_on", "9999-12-31", "released_on"),
        ("released_on", "2027-12-31", "released_on"),
        ("released_on", "0001-01-01", "released_on"),
        ("released_on", "2026-02-30", "released_on"),
        ("extraction_period", {"start": "2026-02-02", "end": "2026-02-01"}, "extraction_period.end"),
        ("shipment_id", "S\x07-1", "shipment_id"),
        ("shipment_id", " ", "shipment_id"),
        ("shipment_id", "S-1\n", "shipment_id"),
        ("trade_name", "tin\u202eore", "trade_name"),
        ("trade_name", "tin\u200bore", "trade_name"),
        ("net_weight_kg", "5\n", "net_weight_kg"),
        ("net_weight_kg", 12.5, "net_weight_kg"),
        ("colour", "red", "colour"),
    ],
)  # fmt: skip
def test_what_is_refused_and_where(field, value, path):
    assert list(told(**{field: value})) == [path]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("net_weight_kg", "12,5", f"{KILOGRAMS}; got '12,5'"),
        ("net_weight_kg", 12.5, f'{KILOGRAMS}; got the number 12.5; write it as text: "12.5"'),
        ("net_weight_kg", "0", f"{KILOGRAMS}; got '0'"),
        ("net_weight_kg", "0.000", f"{KILOGRAMS}; got '0.000'"),
        ("net_weight_kg", "-5", f"{KILOGRAMS}; got '-5'"),
        ("battery_raw_materials", [{"material": "cobalt", "weight_kg": "0.0"}], f"{KILOGRAMS}; got '0.0'"),
        ("cn_code", "2609", f"{CN_CODE}; got '2609'"),
        ("cn_code", "26091000", f"{CN_CODE}; got '26091000'"),
        ("cn_code", "99999999", f"{CN_CODE}; got '99999999'"),
        ("material_class", "ore", f"expected {CLASSES}; got 'ore'"),
        ("trade_name", "x" * 501, "expected at most 500 characters; got 501"),
        ("trade_name", None, f"{TEXT}; got null"),
        ("smelters", [{}], "expected a name or a smelter id (CID): without either nobody can be screened"),
        ("batch_ids", "x", "expected a list; got 'x'"),
        ("colour", "red", "is no field here; expected one of those in shipment-record.schema.json"),
    ],
)  # fmt: skip
def test_every_field_says_what_was_expected_what_came_and_how_to_mend_it(field, value, said):
    assert list(told(**{field: value}).values()) == [said]


def test_what_is_missing_is_told_under_its_own_name():
    found = {problem.path: problem.message for problem in problems_of({}, TODAY)}
    assert set(found) == {"cn_code", "destination_country", "material_class", "shipment_id"}
    assert (
        found["destination_country"]
        == "is missing: expected a country of ISO 3166-1 in two capital letters, such as DE"
    )


@pytest.mark.parametrize("record", [None, [], "x", 5, True])
def test_what_is_no_record_at_all(record):
    (problem,) = problems_of(record, TODAY)
    assert (problem.path, problem.message.split(";")[0]) == ("record", "expected an object")


PATTERNS = ("[0-9]", "[A-Z]", "$'", "does not match", "is not of type", "required property")


def test_no_sentence_shows_a_pattern():
    """Whatever a field is given, its sentence is for people: no expression of the schema stands in it."""
    for name in shipment_schema()["properties"]:
        for value in ("^^", None, 7, [], {}, ["^^"], [{"x": 1}], {"x": 1}, True):
            for problem in problems_of({**RECORD, name: value}, TODAY):
                assert not {"\\", "[0-9]", "$'", "does not match", "is not of type"} & {
                    part
                    for part in ("\\", "[0-9]", "$'", "does not match", "is not of type")
                    if part in problem.message
                }, problem


def test_a_refused_record_says_the_first_and_lists_all():
    with pytest.raises(InvalidInput, match="Nothing was recorded") as caught:
        check({**RECORD, "destination_country": "XX", "cn_code": "1"}, TODAY)
    assert [problem.path for problem in caught.value.problems] == ["cn_code", "destination_country"]


def test_the_published_schema_is_this_one():
    published = Path(__file__).resolve().parents[3] / "schemas" / "shipment-record.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == shipment_schema()
