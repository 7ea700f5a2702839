import pytest

PRODUCT = {
    "product_description": "tin bars",
    "manufacturer": {"name": "Maker"},
    "product_suppliers": [{"name": "Seller"}],
}


@pytest.fixture
def flr(codes):
    return lambda facts: {code for code in codes(facts) if code.startswith("FLR")}


def chinese(subdivision=None):
    return {"origins": [{"country": "CN"} | ({"subdivision": subdivision} if subdivision else {})]}


class TestAreas:
    @pytest.mark.parametrize(
        ("subdivision", "expected"),
        [("CN-XJ", {"FLR-RISK-GEO"}), (None, {"FLR-GEO-UNKNOWN"}), ("CN-GD", set())],
    )
    def test_origin(self, make_facts, flr, subdivision, expected):
        assert flr(make_facts(chinese(subdivision))) == expected

    def test_known_risk_hides_the_unknown(self, make_facts, flr):
        shipment = chinese() | {"manufacturer": {"country": "CN", "subdivision": "CN-XJ"}}
        assert flr(make_facts(shipment)) == {"FLR-RISK-GEO"}

    def test_entry_must_be_in_force(self, make_facts, flr):
        facts = make_facts(chinese())
        facts["lists"]["forced_labour_areas"]["entries"] = [{"code": "CN-XJ", "valid_from": "2026-05-02"}]
        assert flr(facts) == set()

    @pytest.mark.parametrize(
        ("destination", "dispatch", "on_market"),
        [("US", None, False), ("US", "DE", True), ("DE", "CN", True), ("CH", "CN", False)],
    )
    def test_union_market(self, make_facts, flr, destination, dispatch, on_market):
        shipment = chinese("CN-XJ") | {"destination_country": destination, "dispatch_country": dispatch}
        assert bool(flr(make_facts(shipment))) is on_market


def test_party_and_report(make_facts, flr):
    hit = {
        "list_code": "UFLPA_ENTITY",
        "category": "forced_labour",
        "listed_name": "L",
        "party_name": "P",
        "match_basis": "identifier",
    }
    report = {"report_id": "R1", "class": "forced_labour"}
    assert flr(make_facts(entity_hits=[hit])) == {"FLR-RISK-ENTITY"}
    assert flr(make_facts(entity_hits=[hit | {"category": "other"}])) == set()
    assert flr(make_facts(reports=[report])) == {"FLR-RISK-REPORT"}
    assert flr(make_facts({"destination_country": "US"}, entity_hits=[hit], reports=[report])) == set()


class TestDecisions:
    @pytest.mark.parametrize(
        ("decision", "raised"),
        [
            ({}, True),
            ({"cn_prefix": "80"}, False),
            ({"manufacturer_name": "Maker"}, True),
            ({"manufacturer_name": "maker"}, False),
            ({"supplier_name": "Seller"}, True),
            ({"supplier_name": "Other"}, False),
            ({"manufacturer_name": "Maker", "supplier_name": "Other"}, False),
            ({"valid_to": "2026-04-30"}, False),
        ],
    )
    def test_covers(self, make_facts, flr, decision, raised):
        facts = make_facts(PRODUCT)
        facts["lists"]["flr_decisions"] = {"entries": [{"cn_prefix": "2609"} | decision]}
        assert ("FLR-20-BAN" in flr(facts)) is raised

    def test_unknown_suppliers_cannot_exclude_but_an_unknown_maker_does(self, make_facts, flr):
        facts = make_facts()
        facts["lists"]["flr_decisions"] = {"entries": [{"cn_prefix": "2609", "supplier_name": "Seller"}]}
        assert "FLR-20-BAN" in flr(facts)
        facts["lists"]["flr_decisions"]["entries"][0]["manufacturer_name"] = "Maker"
        assert "FLR-20-BAN" not in flr(facts)

    def test_not_outside_the_market(self, make_facts, flr):
        facts = make_facts({"destination_country": "US"})
        facts["lists"]["flr_decisions"] = {"entries": [{"cn_prefix": "2609"}]}
        assert flr(facts) == set()


class TestCustomsInformation:
    def facts(self, make_facts, shipment):
        facts = make_facts(PRODUCT | shipment)
        facts["lists"]["flr_delegated_products"] = {"entries": [{"cn_prefix": "26"}]}
        return facts

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"product_description": None}, "FLR-27-2-PRODUCT"),
            ({"manufacturer": None}, "FLR-27-2-MANUFACTURER"),
            ({"manufacturer": {"country": "CH"}}, "FLR-27-2-MANUFACTURER"),
            ({"product_suppliers": None}, "FLR-27-2-SUPPLIERS"),
            ({"product_suppliers": []}, "FLR-27-2-SUPPLIERS"),
        ],
    )
    def test_missing(self, make_facts, flr, change, code):
        assert flr(self.facts(make_facts, change)) == {code}
        assert flr(self.facts(make_facts, change | {"dispatch_country": "CN"})) == {code}
        assert flr(self.facts(make_facts, change | {"dispatch_country": "FR"})) == set()
        assert flr(self.facts(make_facts, change | {"dispatch_country": "FR", "destination_country": "US"})) == {code}
        assert flr(make_facts(PRODUCT | change)) == set()

    def test_complete(self, make_facts, flr):
        assert flr(self.facts(make_facts, {})) == set()
