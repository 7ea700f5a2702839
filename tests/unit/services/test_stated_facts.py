"""Bad input of the rules (issue, "Bad input"): a gap finding, or a 422 that names the field; never a silent pass."""

import copy

import pytest

from traceability.errors import Unprocessable
from traceability.services.assess import assess_facts

FACTS = {
    "schema_version": "1.0", "as_of": "2026-05-15", "importer_ytd_kg": {"A-26090000": "20000"},
    "shipment": {
        "cn_code": "26090000", "material_class": "mined", "destination_country": "DE", "net_weight_kg": "1000",
        "trade_name": "cassiterite", "material_type": "concentrate", "origins": [{"country": "BR"}],
        "supplier": {"name": "Invented Minerals", "address": "1 Test Road"},
        "extraction_period": {"start": "2026-01-05", "end": "2026-01-30"},
    },
    "lists": {name: {"entries": []} for name in ("cahra", "transit_watch", "forced_labour_areas", "tvpra")},
}  # fmt: skip


def event(**fields):
    return [{"event_id": "E1", "type": "extraction", "event_time": "2026-01-10T08:00:00Z"} | fields]


def changed(*changes):
    """Return the facts with values set by pointer; None takes the field out."""
    facts = copy.deepcopy(FACTS)
    for pointer, value in changes:
        *path, last = pointer.strip("/").split("/")
        node = facts
        for name in path:
            node = node.setdefault(name, {})
        if value is None:
            node.pop(last, None)
        else:
            node[last] = value
    return facts


def test_the_facts_are_in_order():
    assert [item["code"] for item in assess_facts(changed())["findings"]] == ["CMR-02-IN-SCOPE"]


HIT = {
    "list_code": "EU_SANCTIONS", "category": "sanctions", "listed_name": "X", "party_name": "X", "match_basis": "exact_name"
}  # fmt: skip
REQUEST = {
    "request_id": "Q1", "regime": "CMR", "kind": "remedial_notice", "authority_country": "DE", "issued_on": "2026-01-10"
}  # fmt: skip
COBALT = {"material": "cobalt", "country_of_origin": "CD"}

REFUSED = {
    # contradictions
    "a part of another country": ("/shipment/origins", [{"country": "RW", "subdivision": "CD-NK"}],
                                  "/shipment/origins/0/subdivision"),
    "one document twice": ("/documents", [{"document_id": "D1", "type": "invoice"}] * 2, "/documents/1/document_id"),
    "one batch twice": ("/custody_events", event(quantity_list=[{"batch_id": "L1", "weight_kg": "1"}] * 2),
                        "/custody_events/0/quantity_list/1/batch_id"),
    "an area that ends before it begins": ("/lists/cahra/entries",
                                           [{"code": "BR", "valid_from": "2026-01-01", "valid_to": "2025-01-01"}],
                                           "/lists/cahra/entries/0/valid_to"),
    "a listing that ends before it begins": ("/entity_hits",
                                             [HIT | {"valid_from": "2026-01-01", "valid_to": "2025-12-31"}],
                                             "/entity_hits/0/valid_to"),
    "an answer before the request": ("/authority_requests", [REQUEST | {"answered_on": "2016-01-20"}],
                                     "/authority_requests/0/answered_on"),
    # years
    "no day to assess": ("/as_of", None, ""),
    "a day without year": ("/as_of", "05-15", "/as_of"),
    "a month without day": ("/shipment/extraction_period", {"start": "2026-01"}, "/shipment/extraction_period/start"),
    "two digits": ("/shipment/stock_created_on", "12-06-01", "/shipment/stock_created_on"),
    "year 0": ("/shipment/stock_created_on", "0000-01-01", "/shipment/stock_created_on"),
    "a period without beginning": ("/shipment/extraction_period", {"end": "2026-01-30"}, "/shipment/extraction_period"),
    "a report of no year": ("/importer", {"management_system": {"annual_report": {"published_url": "x"}}},
                            "/importer/management_system/annual_report"),
    "a claim of no year": ("/production_claims",
                           [{"country": "BR", "material": "tin", "claimed_t": "9", "reference_t": "1"}],
                           "/production_claims/0"),
    # codes of goods
    "no goods": ("/shipment/cn_code", "00000000", "/shipment/cn_code"),
    "collective code": ("/shipment/cn_code", "99999999", "/shipment/cn_code"),
    "no subheading": ("/shipment/cn_code", "26091000", "/shipment/cn_code"),
    "six digits": ("/shipment/cn_code", "260900", "/shipment/cn_code"),
    "ten digits": ("/shipment/cn_code", "2609000010", "/shipment/cn_code"),
    "half a subdivision": ("/shipment/taric_subdivision", "1", "/shipment/taric_subdivision"),
    "another row's volume": ("/importer_ytd_kg", {"A-2609": "1"}, "/importer_ytd_kg"),
    # leap days
    "a leap day too many": ("/as_of", "2025-02-29", "/as_of"),
    "a century without leap day": ("/shipment/stock_created_on", "1900-02-29", "/shipment/stock_created_on"),
    "an event on it": ("/custody_events", event(event_time="2023-02-29T10:00:00Z"), "/custody_events/0/event_time"),
    # weights
    "no weight": ("/shipment/net_weight_kg", "0", "/shipment/net_weight_kg"),
    "no weight in full": ("/shipment/net_weight_kg", "0.000000", "/shipment/net_weight_kg"),
    "less than none": ("/shipment/net_weight_kg", "-1000", "/shipment/net_weight_kg"),
    "minus nothing": ("/shipment/net_weight_kg", "-0", "/shipment/net_weight_kg"),
    "a negative quantity": ("/custody_events", event(quantity_list=[{"batch_id": "L1", "weight_kg": "-1"}]),
                            "/custody_events/0/quantity_list/0/weight_kg"),
    "a negative volume": ("/importer_ytd_kg", {"A-26090000": "-1"}, "/importer_ytd_kg/A-26090000"),
    "a battery without cobalt": ("/shipment/battery_raw_materials", [COBALT | {"weight_kg": "0"}],
                                 "/shipment/battery_raw_materials/0/weight_kg"),
    # places
    "nowhere": ("/shipment/destination_country", "XX", "/shipment/destination_country"),
    "the Union": ("/shipment/destination_country", "EU", "/shipment/destination_country"),
    "no code of ISO": ("/shipment/origins", [{"country": "BR"}, {"country": "UK"}], "/shipment/origins/1/country"),
    "Zaire": ("/shipment/origins", [{"country": "ZR"}], "/shipment/origins/0/country"),
    "Netherlands Antilles": ("/shipment/dispatch_country", "AN", "/shipment/dispatch_country"),
    "Soviet Union": ("/shipment/refined_in", "SU", "/shipment/refined_in"),
    "Yugoslavia": ("/custody_events", event(country="YU"), "/custody_events/0/country"),
    "of a document": ("/documents", [{"document_id": "D1", "type": "invoice", "declared_origin_country": "TP"}],
                      "/documents/0/declared_origin_country"),
    "of a smelter": ("/shipment/smelters", [{"name": "S", "countries_of_origin": ["CD", "ZR"]}],
                     "/shipment/smelters/0/countries_of_origin/1"),
    "of an inquiry": ("/rcoi", {"countries": ["QQ"]}, "/rcoi/countries/0"),
    "of the importer": ("/importer", {"country": "DD"}, "/importer/country"),
    "no part": ("/shipment/mine_of_origin", {"country": "CD", "subdivision": "CD-ZZ"},
                "/shipment/mine_of_origin/subdivision"),
    "no part of a battery": ("/shipment/battery_raw_materials", [COBALT | {"origin_subdivision": "CD-ZZ"}],
                             "/shipment/battery_raw_materials/0/origin_subdivision"),
    "an area nowhere": ("/lists/transit_watch/entries", [{"code": "ZZ"}], "/lists/transit_watch/entries/0/code"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_field(name):
    pointer, value, field = REFUSED[name]
    with pytest.raises(Unprocessable) as caught:
        assess_facts(changed((pointer, value)))
    assert {problem.path for problem in caught.value.problems} == {field}
    assert caught.value.status == 422


FOUND = {
    "an end before its beginning": ([("/shipment/extraction_period/end", "2026-01-01")], "INT-DATE"),
    "extracted next year": ([("/shipment/extraction_period/end", "2027-01-30")], "INT-DATE"),
    "mined elsewhere": ([("/custody_events", event(country="AR"))], "ORIGIN-MISMATCH"),
    "an event after the day": ([("/custody_events", event(event_time="2026-05-16T00:00:00Z"))], "INT-CLOCK"),
    "the volume of no year": ([("/importer_ytd_kg", None)], "CMR-02-VOLUME-UNKNOWN"),
    "a TARIC subdivision is needed": ([("/shipment/cn_code", "26159000")], "CMR-01-TARIC-NEEDED"),
    "the gold content is needed": ([("/shipment/cn_code", "71081200")], "CMR-01-PURITY-NEEDED"),
    "no weight stated": ([("/shipment/net_weight_kg", None)], "CMR-08-iv"),
    "made of nothing": (
        [("/custody_events", event(input_quantity_list=[{"batch_id": "L1", "weight_kg": "0"}],
                                   output_quantity_list=[{"batch_id": "L2", "weight_kg": "5"}]))],
        "MB-EXCEEDS",
    ),
    "no country of origin": ([("/shipment/origins", [])], "CMR-08-iii"),
    "no lists": ([("/lists", None)], "INT-LIST-MISSING"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(name):
    changes, code = FOUND[name]
    found = assess_facts(changed(*changes))["findings"]
    assert [item["code"] for item in found if item["code"] == code and item["severity"] not in ("minor", "info")]


@pytest.mark.parametrize(
    "change",
    [
        ("/as_of", "2028-02-29"),
        ("/authority_requests", [REQUEST | {"authority_country": "EU"}]),
        ("/shipment/origins", [{"country": "XK"}]),
        ("/shipment/origins", [{"country": "BF", "subdivision": "BF-01"}]),  # withdrawn, and lists still use it
        ("/shipment/cn_code", "81039090"),  # Annex I keeps a prefix of an older nomenclature
        ("/shipment/net_weight_kg", "0.000001"),
        ("/importer_ytd_kg", {"A-26090000": "0"}),
    ],
)
def test_taken(change):
    assert assess_facts(changed(change))["findings"]


def test_a_person_reads_what_to_do():
    with pytest.raises(Unprocessable, match="dissolved") as caught:
        assess_facts(changed(("/shipment/destination_country", "UK"), ("/shipment/cn_code", "11111111")))
    said = {problem.path: problem.message for problem in caught.value.problems}
    assert "the United Kingdom is GB" in said["/shipment/destination_country"]
    assert "such as 26090000; got 11111111" in said["/shipment/cn_code"]


def test_at_most_fifty_are_told():
    with pytest.raises(Unprocessable) as caught:
        assess_facts(changed(("/shipment/origins", [{"country": "XX"}] * 80)))
    assert len(caught.value.problems) == 50
