"""Our extension terms: one definition says what can be read, what is published, and what is expected."""

from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from traceability.events.crm_context import crm_context
from traceability.events.crm_terms import TERMS, crm_schema, is_readable, unreadable
from traceability.events.model import CRM_IRI
from traceability.events.reading import read_events

AREA = '{"type":"Polygon","coordinates":[[[28.8,-1.5],[28.9,-1.5],[28.9,-1.6],[28.8,-1.5]]]}'
GOOD = {
    "mineral": ["cassiterite"], "hsCode": ["260900"], "cnCode": ["26090000"], "taricCode": ["2609000000"],
    "originCountry": ["CD"], "originRegion": ["CD-NK"], "originLatitude": [Decimal("-1.5"), 90, "28.8"],
    "originLongitude": [-180, Decimal("28.8")], "originPolygon": [AREA], "mineSiteId": ["https://x.example/1"],
    "firstSeparationPoint": ["did:web:x.example"], "extractionDateFrom": ["2026-02-01"],
    "extractionDateTo": ["2026-02-28"], "miningMethod": ["ASM", "LSM"], "gradePercent": [0, 100, Decimal("62.1")],
    "moisturePercent": [3], "tagScheme": ["ITSCI"], "sealNumber": ["S-1", ["S-1", "S-2"]],
    "processType": ["smelting", "blending"], "processLossKg": [0, Decimal("10.0")],
    "custodyModel": ["segregated"], "smelterId": ["CID000001", "https://x.example/smelter"],
    "vesselName": ["MV Example Star", "示例之星"], "vesselImo": ["9074729"],
    "materialOrigin": ["by_product"], "wasteCode": ["16 06 05", "160605*"], "customsDeclaration": ["urn:x-mrn:26NL1"],
    "eventCredential": ["eyJ.eyJ.sig"], "commitment": ["A" * 43 + "="],
}  # fmt: skip
BAD = {
    "mineral": [["a"], "", 5], "hsCode": [260900, "2609"], "cnCode": ["2609 0000"], "taricCode": ["26090000"],
    "originCountry": [{"country": "CD"}, "cd", "COD", "ZR", "EU", "XX"], "originRegion": ["NK", "CD_NK", "CD-ZZ"], "originLatitude": [91, "north"],
    "originLongitude": [Decimal("-180.1"), True], "originPolygon": ["{", "{}", {"type": "Polygon"}, "[" * 10_000],
    "mineSiteId": ["pit 7"], "firstSeparationPoint": [7], "extractionDateFrom": ["2026-02-30", "20260201"],
    "extractionDateTo": [20260201], "miningMethod": ["asm"], "gradePercent": ["x", -1, 101], "moisturePercent": [[3]],
    "tagScheme": [5], "sealNumber": [[], [5], 77], "processType": ["melting"], "processLossKg": [-5, "-5"],
    "custodyModel": ["mixed"], "smelterId": ["CID1"],
    "vesselName": ["", 7, "x" * 301], "vesselImo": ["IMO 9074729", 9074729, "907472"], "materialOrigin": ["mined"], "wasteCode": ["scrap"],
    "customsDeclaration": ["26NL1"], "eventCredential": [{}, "x.y"], "commitment": ["AAAA", "=" * 44],
}  # fmt: skip


def event(**terms):
    (read,) = read_events(
        {
            "@context": [{"my": CRM_IRI}], "type": "ObjectEvent", "action": "ADD", "eventTime": "2026-02-01T09:00:00Z",
            "eventTimeZoneOffset": "+00:00", "ilmd": terms.pop("ilmd", {}), **terms,
        }
    )  # fmt: skip
    return read


@pytest.mark.parametrize("name", TERMS)
def test_what_can_be_read_is_what_the_schema_says(name):
    schema = Draft202012Validator(crm_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    for value in GOOD[name]:
        assert is_readable(name, value), value
        assert schema.is_valid({f"crm:{name}": value}), value
    for value in BAD[name]:
        assert not is_readable(name, value), value


def test_every_spelling_of_a_term_is_looked_at():
    found = list(unreadable(event(ilmd={"crm:mineral": ["a"], "my:hsCode": 1}, **{f"{CRM_IRI}cnCode": "1", "x:y": 1})))
    assert [(name, got) for name, _, got in found] == [("mineral", ["a"]), ("hsCode", 1), ("cnCode", "1")]
    assert list(unreadable(event(ilmd={"other:mineral": 5, "crm:ours": 5}))) == []


def test_a_region_lies_in_its_country():
    terms = {"crm:originCountry": "RW", "crm:originRegion": "CD-NK"}
    assert list(unreadable(event(ilmd=terms))) == [("originRegion", "a subdivision of the originCountry RW", "CD-NK")]
    assert list(unreadable(event(ilmd={"crm:originCountry": "CD", "crm:originRegion": "CD-NK"}))) == []


def test_schema_and_context_name_the_same_terms():
    context = {name for name in crm_context()["@context"] if ":" in name}
    assert context == set(crm_schema()["properties"])
