from datetime import date

import pytest

from traceability.diligence.case import Case
from traceability.diligence.definitions.places import extracted_on

AS_OF = date(2026, 5, 1)


def names(locations):
    return [(location.name, location.on.isoformat()) for location in locations]


@pytest.mark.parametrize(
    ("shipment", "expected"),
    [
        ({}, AS_OF),
        ({"extraction_period": {"start": "2026-01-01"}}, date(2026, 1, 1)),
        ({"extraction_period": {"start": "2026-01-01", "end": "2026-01-31"}}, date(2026, 1, 31)),
    ],
)
def test_extraction_date(shipment, expected):
    assert extracted_on(shipment, AS_OF) == expected


def test_every_source_of_locations(make_facts, make_event):
    case = Case(
        make_facts(
            {
                "mine_of_origin": {"country": "BO", "subdivision": "BO-P"},
                "upstream_locations": [{"kind": "trading", "country": "AE"}],
                "smelters": [{"countries_of_origin": ["ID", "MY"], "processed_on": "2026-03-01"}],
                "manufacturer": {"country": "CN", "subdivision": "CN-XJ"},
            },
            custody_events=[make_event("E1", "export", country="CL"), make_event("E2", "other")],
        )
    )
    chain = [("PE", "2026-01-30"), ("BO-P", "2026-01-30"), ("AE", "2026-05-01"), ("CL", "2026-02-01")]
    assert names(case.loc) == [*chain, ("ID", "2026-03-01"), ("MY", "2026-03-01")]
    assert names(case.geo) == [*chain, ("CN-XJ", "2026-05-01")]
    assert case.loc[-1].at == "/shipment/smelters/0/countries_of_origin/1"


def test_manufacturer_without_country_is_no_place(make_facts):
    assert names(Case(make_facts({"manufacturer": {"subdivision": "CN-XJ"}})).geo) == [("PE", "2026-01-30")]


class TestKnownPart:
    """A bare country is left out when the mine or an extraction event of that country states the subdivision."""

    def origins(self, facts):
        return [location.name for location in Case(facts).loc if location.at.startswith("/shipment/origins")]

    def test_mine(self, make_facts):
        mine = {"country": "PE", "subdivision": "PE-LIM"}
        assert self.origins(make_facts({"mine_of_origin": mine})) == []

    def test_extraction_event(self, make_facts, make_event):
        event = make_event("E1", "extraction", country="PE", subdivision="PE-LIM")
        assert self.origins(make_facts(custody_events=[event])) == []

    def test_other_events_do_not_count(self, make_facts, make_event):
        event = make_event("E1", "export", country="PE", subdivision="PE-LIM")
        assert self.origins(make_facts(custody_events=[event])) == ["PE"]

    def test_declared_wrong_events_do_not_count(self, make_facts, make_event):
        event = make_event("E1", "extraction", country="PE", subdivision="PE-LIM")
        assert self.origins(make_facts(custody_events=[event, event | {"error_declaration": True}])) == ["PE"]

    def test_other_countries_do_not_count(self, make_facts):
        assert self.origins(make_facts({"mine_of_origin": {"country": "BO", "subdivision": "BO-P"}})) == ["PE"]

    def test_an_origin_with_its_own_subdivision_stays(self, make_facts):
        shipment = {
            "origins": [{"country": "PE", "subdivision": "PE-CUS"}],
            "mine_of_origin": {"country": "PE", "subdivision": "PE-LIM"},
        }
        assert self.origins(make_facts(shipment)) == ["PE-CUS"]


def test_countries_of_origin_by_source(make_facts, make_event):
    facts = make_facts(
        {"mine_of_origin": {"country": "BO"}},
        custody_events=[make_event("E1", "extraction", country="CL"), make_event("E2", "export", country="AR")],
        documents=[
            {"document_id": "D1", "type": "invoice", "declared_origin_country": "EC"},
            {"document_id": "D2", "type": "invoice"},
        ],
    )
    case = Case(facts)
    found = [case.origins, case.extracted_in, case.produced_in, case.documented_origins]
    assert [[country.code for country in group] for group in found] == [["PE"], ["CL"], ["CL", "BO"], ["EC"]]


def test_without_shipment_only_custody_events(make_event):
    facts = {
        "schema_version": "1.0",
        "as_of": "2026-05-01",
        "custody_events": [make_event("E1", "other", country="CL")],
    }
    case = Case(facts)
    assert names(case.loc) == names(case.geo) == [("CL", "2026-02-01")]
    assert not case.eu_dest
    assert not case.us_dest
    assert not case.eu_market
    assert case.materials == []
    assert case.origins == []
    assert case.row is None
