import pytest

from traceability.diligence.engine import assess

SYSTEM = {
    "policy": {},
    "senior_management_responsible": "head of purchasing",
    "record_retention_years": 10,
    "supplier_contract_clause": True,
    "grievance_mechanism": "joint",
    "battery_verification_on": "2028-01-01",
    "battery_report_year": 2028,
}
MATERIAL = {
    "material": "cobalt",
    "description": "cobalt sulphate",
    "supplier": {"name": "S", "address": "A"},
    "country_of_origin": "PE",
    "market_transactions": [{"seller": "S", "buyer": "B"}],
    "share_pct": "5",
}
CELL = {"cn_code": "85076000", "battery_raw_materials": [MATERIAL]}


@pytest.fixture
def batt(codes):
    return lambda facts: {code for code in codes(facts) if code.startswith("BATT")}


def facts_of(make_facts, shipment=None, system=None, as_of="2029-08-01", **importer):
    importer = {"places_batteries_on_market": True, "management_system": SYSTEM | (system or {})} | importer
    importer["management_system"] = {
        key: value for key, value in importer["management_system"].items() if value is not None
    }
    return make_facts(CELL | (shipment or {}), importer=importer, as_of=as_of)


def test_complete(make_facts, batt):
    assert batt(facts_of(make_facts)) == set()


class TestScope:
    def test_nothing_without_batteries(self, make_facts, batt):
        assert (
            batt(
                facts_of(make_facts, {"battery_raw_materials": []}, {"policy": None}, places_batteries_on_market=False)
            )
            == set()
        )

    @pytest.mark.parametrize(
        ("shipment", "importer"),
        [({"battery": {"second_life": True}}, {}), ({}, {"net_turnover_eur": "1", "part_of_group": False})],
    )
    def test_exempt(self, make_facts, batt, shipment, importer):
        facts = facts_of(make_facts, shipment | {"battery_raw_materials": []}, {"policy": None}, **importer)
        assert batt(facts) == {"BATT-47-EXEMPT"}
        assert assess(facts).status == "OUT_OF_SCOPE_RECORDED"


class TestSystem:
    @pytest.mark.parametrize(
        "change",
        [
            {"policy": None},
            {"senior_management_responsible": None},
            {"supplier_contract_clause": None},
            {"grievance_mechanism": "none"},
            {"grievance_mechanism": None},
        ],
    )
    def test_incomplete(self, make_facts, batt, change):
        assert batt(facts_of(make_facts, system=change)) == {"BATT-49-1-SYSTEM"}

    @pytest.mark.parametrize("years", [9, None])
    def test_retention(self, make_facts, batt, years):
        assert batt(facts_of(make_facts, system={"record_retention_years": years})) == {"BATT-49-1-RETENTION"}

    def test_verification(self, make_facts, batt):
        assert batt(facts_of(make_facts, system={"battery_verification_on": None})) == {"BATT-51-VERIFICATION"}

    @pytest.mark.parametrize(
        ("as_of", "year", "raised"),
        [
            ("2029-06-30", None, False),
            ("2029-07-01", None, True),
            ("2029-07-01", 2027, True),
            ("2029-07-01", 2028, False),
            ("2030-07-01", 2028, True),
        ],
    )
    def test_report(self, make_facts, batt, as_of, year, raised):
        facts = facts_of(make_facts, system={"battery_report_year": year}, as_of=as_of)
        assert ("BATT-52-REPORT" in batt(facts)) is raised

    def test_system_not_stated_is_not_assessed(self, make_facts, batt):
        assert batt(make_facts(CELL, importer={"places_batteries_on_market": True}, as_of="2029-08-01")) == set()


class TestMaterials:
    @pytest.mark.parametrize("stated", [None, []])
    def test_not_stated(self, make_facts, batt, stated):
        assert batt(facts_of(make_facts, {"battery_raw_materials": stated})) == {"BATT-49-2-MATERIALS"}
        assert batt(facts_of(make_facts, {"battery_raw_materials": stated, "cn_code": "87038010"})) == set()

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"description": None}, "BATT-49-2-a"),
            ({"supplier": None}, "BATT-49-2-b"),
            ({"supplier": {"name": "S"}}, "BATT-49-2-b"),
            ({"supplier": {"address": "A"}}, "BATT-49-2-b"),
            ({"country_of_origin": None}, "BATT-49-2-c"),
            ({"market_transactions": []}, "BATT-49-2-c"),
            ({"share_pct": None}, "BATT-49-2-d"),
            ({"country_of_origin": "CD"}, "BATT-49-2-f"),
        ],
    )
    def test_one_thing_missing(self, make_facts, batt, change, code):
        material = {key: value for key, value in (MATERIAL | change).items() if value is not None}
        assert batt(facts_of(make_facts, {"battery_raw_materials": [material]})) == {code}
        other = material | {"material": "aluminium"}
        assert batt(facts_of(make_facts, {"battery_raw_materials": [other]})) == set()

    def test_weight_instead_of_share(self, make_facts, batt):
        material = {key: value for key, value in MATERIAL.items() if key != "share_pct"} | {"weight_kg": "1"}
        assert batt(facts_of(make_facts, {"battery_raw_materials": [material]})) == set()

    @pytest.mark.parametrize(
        ("change", "raised"),
        [
            ({}, True),
            ({"origin_subdivision": "CD-NK"}, True),
            ({"origin_subdivision": "CD-LU"}, False),
            ({"verification_report_document_id": "V1"}, False),
            ({"mine_of_origin": {"country": "CD"}}, True),
            (
                {
                    "mine_of_origin": {"country": "CD"},
                    "upstream_locations": [{"country": "CD"}],
                    "taxes_fees_royalties": [{"kind": "tax"}],
                },
                False,
            ),
        ],
    )
    def test_risk_area(self, make_facts, batt, change, raised):
        material = MATERIAL | {"country_of_origin": "CD"} | change
        assert ("BATT-49-2-f" in batt(facts_of(make_facts, {"battery_raw_materials": [material]}))) is raised


@pytest.mark.parametrize(
    ("risk_class", "code"),
    [
        ("environmental_harm", "BATT-X-2a"),
        ("health_and_safety", "BATT-X-2b-i"),
        ("worst_forms_child_labour", "BATT-X-2b-ii"),
        ("forced_labour", "BATT-X-2b-iii"),
        ("discrimination", "BATT-X-2b-iv"),
        ("trade_union_restriction", "BATT-X-2b-v"),
        ("community_harm", "BATT-X-2c"),
    ],
)
def test_reported_risks(make_facts, batt, risk_class, code):
    reports = [{"report_id": "R1", "class": risk_class}]
    assert batt(facts_of(make_facts) | {"reports": reports}) == {code}
    by_material = facts_of(make_facts, {"battery_raw_materials": None, "cn_code": "28220000", "materials": ["nickel"]})
    assert batt(by_material | {"reports": reports}) == {code}
    lead = facts_of(make_facts, {"battery_raw_materials": None, "cn_code": "28220000", "materials": ["lead"]})
    assert batt(lead | {"reports": reports}) == set()


@pytest.mark.parametrize(
    ("as_of", "material", "share", "raised"),
    [
        ("2031-08-18", "cobalt", "16", False),
        ("2031-08-18", "cobalt", "15.999999", True),
        ("2036-08-17", "cobalt", "16", False),
        ("2036-08-18", "cobalt", "25.9", True),
        ("2036-08-18", "lithium", "12", False),
        ("2036-08-18", "nickel", "14.9", True),
        ("2031-08-18", "lead", "84", True),
    ],
)
def test_recycled_content(make_facts, codes, as_of, material, share, raised):
    battery = {"recycled_content": [{"material": material, "share_pct": share}]}
    assert ("BATT-8-RECYCLED" in codes(facts_of(make_facts, {"battery": battery}, as_of=as_of))) is raised
    used = battery | {"second_life": True}
    assert "BATT-8-RECYCLED" not in codes(facts_of(make_facts, {"battery": used}, as_of=as_of))
    assert "BATT-8-RECYCLED" not in codes(
        facts_of(make_facts, {"battery": battery}, as_of=as_of, places_batteries_on_market=False)
    )
