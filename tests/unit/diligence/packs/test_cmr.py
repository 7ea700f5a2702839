"""Reg. (EU) 2017/821: scope, supply chain information, smelters, audit and management system."""

from typing import ClassVar

import pytest

from traceability.diligence.engine import assess

TIN_METAL = {"cn_code": "80011000"}
VOLUME = {"B-8001": "100000", "A-26090000": "5000"}
SMELTER = {
    "name": "Invented Smelter",
    "address": "2 Test Road",
    "assurances": [{"kind": "third_party_audit_report", "document_id": "AR"}],
}
SYSTEM = {
    "policy": {
        "published_url": "https://importer.example/p",
        "oecd_annex_ii_consistent": True,
        "reviewed_on": "2026-01-01",
    },
    "senior_management_responsible": "head of purchasing",
    "record_retention_years": 5,
    "supplier_contract_clause": True,
    "grievance_mechanism": "own",
    "audit": {"completed_on": "2026-01-01", "covers_all_activities": True},
    "annual_report": {"reporting_year": 2024},
}


@pytest.fixture
def cmr(codes):
    return lambda facts: {code for code in codes(facts) if code.startswith("CMR")}


def found(facts, code):
    return next((finding for finding in assess(facts).findings if finding.code == code), None)


class TestRow:
    def test_taric_needed(self, make_facts, cmr):
        shipment = {"cn_code": "26159000"}
        assert cmr(make_facts(shipment, importer_ytd_kg=None)) == {"CMR-01-TARIC-NEEDED", "CMR-02-VOLUME-UNKNOWN"}
        assert "CMR-01-TARIC-NEEDED" not in cmr(make_facts(shipment | {"taric_subdivision": "10"}))
        assert cmr(make_facts(shipment | {"taric_subdivision": "90"})) == set()

    def test_purity_needed(self, make_facts, cmr):
        shipment = {"cn_code": "71081200"}
        assert "CMR-01-PURITY-NEEDED" in cmr(make_facts(shipment))
        assert "CMR-01-PURITY-NEEDED" not in cmr(make_facts(shipment | {"purity_pct": "99"}))

    def test_only_for_the_union(self, make_facts, cmr):
        assert cmr(make_facts({"destination_country": "US", "cn_code": "26159000"})) == set()


class TestVolume:
    @pytest.mark.parametrize(
        ("prior", "net", "expected"),
        [
            ("0", "3999.999999", {"CMR-02-BELOW"}),
            ("0", "4000", {"CMR-02-BELOW", "CMR-02-NEAR"}),
            ("0", "4999.999999", {"CMR-02-BELOW", "CMR-02-NEAR"}),
            ("0", "5000", {"CMR-02-CROSSED"}),
            ("4999.999999", "0.000001", {"CMR-02-CROSSED"}),
            ("5000", "1", {"CMR-02-IN-SCOPE"}),
        ],
    )
    def test_threshold(self, make_facts, cmr, prior, net, expected):
        facts = make_facts({"net_weight_kg": net}, importer_ytd_kg={"A-26090000": prior})
        assert {code for code in cmr(facts) if code.startswith("CMR-02")} == expected

    def test_absent_weight_counts_as_zero(self, make_facts, cmr):
        assert "CMR-02-BELOW" in cmr(make_facts({"net_weight_kg": None}, importer_ytd_kg={"A-26090000": "4999"}))

    @pytest.mark.parametrize("known", [None, {}, {"B-8001": "1"}])
    def test_unknown_volume_puts_obligations_on(self, make_facts, cmr, known):
        facts = make_facts({"trade_name": None}, importer_ytd_kg=known)
        assert {"CMR-02-VOLUME-UNKNOWN", "CMR-08-i"} <= cmr(facts)

    def test_below_the_threshold_nothing_is_asked(self, make_facts, cmr):
        shipment = {"trade_name": None, "supplier": None, "net_weight_kg": "1"}
        assert cmr(make_facts(shipment, importer_ytd_kg={"A-26090000": "0"})) == {"CMR-02-BELOW"}

    def test_outside_annex_i(self, make_facts, cmr):
        assert cmr(make_facts({"cn_code": "85076000"})) == set()


class TestExemptions:
    recycled = TIN_METAL | {"material_class": "recycled", "recycled_evidence": ["D1"], "smelters": [SMELTER]}
    stock: ClassVar = {"material_class": "pre_2013_stock", "stock_created_on": "2012-12-31", "stock_evidence": ["D1"]}

    def test_recycled(self, make_facts, cmr):
        facts = make_facts(self.recycled, documents=[{"document_id": "D1", "type": "melt_log"}])
        assert cmr(facts) == {"CMR-03-RECYCLED", "CMR-16-7-4-DISCLOSURE"}
        assert assess(facts).status == "OUT_OF_SCOPE_RECORDED"
        facts["importer"] = {"management_system": {"recycled_statement_url": "https://importer.example/r"}}
        assert cmr(facts) == {"CMR-03-RECYCLED"}

    def test_disclosure_evidence(self, make_facts):
        facts = make_facts(self.recycled, documents=[{"document_id": "D1", "type": "melt_log"}])
        assert found(facts, "CMR-16-7-4-DISCLOSURE").evidence == ("/shipment/material_class",)
        facts["importer"] = {"management_system": {}}
        assert found(facts, "CMR-16-7-4-DISCLOSURE").evidence == ("/importer/management_system",)

    def test_recycled_unproven(self, make_facts, cmr):
        facts = make_facts(self.recycled, importer_ytd_kg=VOLUME)
        assert "CMR-03-RECYCLED-UNPROVEN" in cmr(facts)
        assert "CMR-03-RECYCLED-UNPROVEN" not in cmr(facts | {"importer_ytd_kg": {"B-8001": "0"}})

    def test_ore_is_never_recycled(self, make_facts, cmr):
        facts = make_facts(
            self.recycled | {"cn_code": "26090000"}, documents=[{"document_id": "D1", "type": "melt_log"}]
        )
        assert "CMR-03-NOT-RECYCLED" in cmr(facts)
        assert not {"CMR-03-RECYCLED", "CMR-03-RECYCLED-UNPROVEN"} & cmr(facts)

    def test_stock(self, make_facts, cmr):
        proof = {
            "document_id": "D1",
            "type": "inventory_statement",
            "issuer_role": "importer",
            "issued_on": "2013-01-01",
        }
        assert cmr(make_facts(self.stock, documents=[proof])) == {"CMR-03-STOCK"}
        assert "CMR-03-STOCK-NOT-PROVEN" in cmr(make_facts(self.stock))

    def test_by_product(self, make_facts, cmr):
        shipment = {
            "material_class": "by_product",
            "first_separation_point": "flotation",
            "first_separation_evidence": ["D1"],
        }
        documents = [{"document_id": "D1", "type": "flow_sheet"}]
        assert "CMR-03-BYPRODUCT" not in cmr(make_facts(shipment, documents=documents))
        assert "CMR-03-BYPRODUCT" in cmr(make_facts(shipment))
        assert "CMR-03-BYPRODUCT" in cmr(make_facts(shipment | {"first_separation_point": None}, documents=documents))
        assert "CMR-03-BYPRODUCT" in cmr(make_facts(shipment, documents=[documents[0] | {"type": "other"}]))


class TestMineralInformation:
    @pytest.mark.parametrize(
        ("change", "code", "evidence"),
        [
            ({"trade_name": None}, "CMR-08-i", "/shipment"),
            ({"material_type": None}, "CMR-08-i", "/shipment"),
            ({"supplier": None}, "CMR-08-ii", "/shipment"),
            ({"supplier": {"address": "x"}}, "CMR-08-ii", "/shipment/supplier"),
            ({"supplier": {"name": "x"}}, "CMR-08-ii", "/shipment/supplier"),
            ({"origins": None}, "CMR-08-iii", "/shipment"),
            ({"origins": []}, "CMR-08-iii", "/shipment/origins"),
            ({"net_weight_kg": None}, "CMR-08-iv", "/shipment"),
            ({"extraction_period": None}, "CMR-08-iv-NA", "/shipment"),
        ],
    )
    def test_missing(self, make_facts, cmr, change, code, evidence):
        facts = make_facts(change)
        assert cmr(facts) == {"CMR-02-IN-SCOPE", code}
        assert found(facts, code).evidence == (evidence,)

    def test_complete(self, make_facts, cmr):
        assert cmr(make_facts()) == {"CMR-02-IN-SCOPE"}


class TestRiskInformation:
    risk: ClassVar = {"undisclosed": [{"field": "origins", "reason": "refused"}]}
    full: ClassVar = {
        "mine_of_origin": {"country": "PE"},
        "upstream_locations": [{"kind": "trading", "country": "PE"}],
        "taxes_fees_royalties": [{"kind": "tax", "receipt_document_id": "D1"}],
    }

    def test_without_risk_nothing_is_asked(self, make_facts, cmr):
        assert cmr(make_facts()) == {"CMR-02-IN-SCOPE"}

    def test_complete(self, make_facts, cmr):
        assert cmr(make_facts(self.risk | self.full)) == {"CMR-02-IN-SCOPE"}

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"mine_of_origin": None}, "CMR-09-MINE"),
            ({"upstream_locations": None}, "CMR-09-LOCATIONS"),
            ({"upstream_locations": []}, "CMR-09-LOCATIONS"),
            ({"taxes_fees_royalties": None}, "CMR-09-TAXES"),
            ({"taxes_fees_royalties": []}, "CMR-09-TAXES"),
            ({"taxes_fees_royalties": [{"kind": "tax"}]}, "CMR-09-TAXES"),
        ],
    )
    def test_missing(self, make_facts, cmr, change, code):
        facts = make_facts(self.risk | self.full | change)
        assert cmr(facts) == {"CMR-02-IN-SCOPE", code}
        assert "RF-X2" in found(facts, code).message

    def test_later_findings_trigger_too(self, make_facts, cmr):
        plan = {"plan_id": "P", "risk_code": "A2-5", "adopted_on": "2026-01-01", "progress": "failed"}
        assert "CMR-09-MINE" in cmr(make_facts(mitigation_plans=[plan]))

    def test_metals_are_asked_otherwise(self, make_facts, cmr):
        facts = make_facts(TIN_METAL | self.risk | {"smelters": [SMELTER]}, importer_ytd_kg=VOLUME)
        assert not [code for code in cmr(facts) if code.startswith("CMR-09")]


class TestMetalInformation:
    def metal(self, make_facts, change=None, **sections):
        shipment = TIN_METAL | {"smelters": [SMELTER]} | (change or {})
        return make_facts(shipment, importer_ytd_kg=VOLUME, **sections)

    def test_complete(self, make_facts, cmr):
        assert cmr(self.metal(make_facts)) == {"CMR-02-IN-SCOPE", "CMR-15-SUBSTANTIVE-EVIDENCE"}

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"material_type": None}, "CMR-10-i"), ({"supplier": {"name": "x"}}, "CMR-10-ii")],
    )
    def test_missing(self, make_facts, cmr, change, code):
        assert code in cmr(self.metal(make_facts, change))

    @pytest.mark.parametrize("smelters", [None, []])
    def test_no_smelter(self, make_facts, cmr, smelters):
        raised = cmr(self.metal(make_facts, {"smelters": smelters}))
        assert raised == {"CMR-02-IN-SCOPE", "CMR-10-iii", "CMR-15-AUDIT-NEEDED"}

    @pytest.mark.parametrize("key", ["name", "address"])
    def test_smelter_without_name_or_address(self, make_facts, key):
        unnamed = {name: value for name, value in SMELTER.items() if name != key}
        facts = self.metal(make_facts, {"smelters": [SMELTER, unnamed]})
        assert found(facts, "CMR-10-iii").evidence == ("/shipment/smelters/1",)

    def test_unverified(self, make_facts, cmr):
        bare = {"smelter_id": "CID1", "name": "S", "address": "A"}
        facts = self.metal(make_facts, {"smelters": [SMELTER, bare]})
        assert {"CMR-10-iv-UNVERIFIED", "CMR-10-v", "CMR-15-AUDIT-NEEDED"} <= cmr(facts)
        facts["shipment"]["smelters"][1]["countries_of_origin"] = ["ID"]
        assert "CMR-10-v" not in cmr(facts)

    def test_expired(self, make_facts, cmr):
        ended = SMELTER | {"assurances": [{"kind": "union_list", "valid_to": "2026-04-30"}], "countries_of_origin": []}
        facts = self.metal(make_facts, {"smelters": [ended]})
        assert {"CMR-10-iv-EXPIRED", "CMR-10-v", "CMR-15-AUDIT-NEEDED"} <= cmr(facts)
        assert "ended on 2026-04-30, processed on 2026-05-01" in found(facts, "CMR-10-iv-EXPIRED").message

    def test_audit_of_the_importer_takes_the_place_of_evidence(self, make_facts, cmr):
        importer = {"management_system": SYSTEM}
        assert "CMR-15-AUDIT-NEEDED" not in cmr(self.metal(make_facts, {"smelters": []}, importer=importer))
        without = {"management_system": {key: value for key, value in SYSTEM.items() if key != "audit"}}
        assert "CMR-15-AUDIT-NEEDED" in cmr(self.metal(make_facts, {"smelters": []}, importer=without))

    def test_union_list(self, make_facts, cmr):
        listed = SMELTER | {"assurances": [{"kind": "union_list"}]}
        assert "CMR-15-LISTED-SMELTERS" in cmr(self.metal(make_facts, {"smelters": [listed]}))
        mixed = cmr(self.metal(make_facts, {"smelters": [listed, SMELTER]}))
        assert "CMR-15-SUBSTANTIVE-EVIDENCE" in mixed
        assert "CMR-15-LISTED-SMELTERS" not in mixed


class TestManagementSystem:
    def with_system(self, make_facts, **change):
        system = {key: value for key, value in (SYSTEM | change).items() if value is not None}
        return make_facts(importer={"management_system": system})

    def test_complete(self, make_facts, cmr):
        assert cmr(self.with_system(make_facts)) == {"CMR-02-IN-SCOPE"}

    def test_absent_is_not_assessed_empty_is(self, make_facts, cmr):
        assert cmr(make_facts(importer={})) == {"CMR-02-IN-SCOPE"}
        assert cmr(make_facts(importer={"management_system": {}})) == {
            "CMR-02-IN-SCOPE",
            "CMR-04-POLICY",
            "CMR-05-RESPONSIBLE",
            "CMR-05-RETENTION",
            "CMR-06",
            "CMR-07",
            "CMR-15-AUDIT-NEEDED",
            "CMR-16-REPORT",
        }

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"policy": None}, "CMR-04-POLICY"),
            ({"policy": {"oecd_annex_ii_consistent": True, "adopted_on": "2026-01-01"}}, "CMR-04-POLICY"),
            ({"policy": SYSTEM["policy"] | {"oecd_annex_ii_consistent": False}}, "CMR-04-POLICY"),
            ({"policy": SYSTEM["policy"] | {"reviewed_on": "2025-04-30"}}, "CMR-04-POLICY-OLD"),
            ({"senior_management_responsible": None}, "CMR-05-RESPONSIBLE"),
            ({"record_retention_years": None}, "CMR-05-RETENTION"),
            ({"record_retention_years": 4}, "CMR-05-RETENTION"),
            ({"supplier_contract_clause": False}, "CMR-06"),
            ({"supplier_contract_clause": None}, "CMR-06"),
            ({"grievance_mechanism": "none"}, "CMR-07"),
            ({"grievance_mechanism": None}, "CMR-07"),
            ({"audit": None}, "CMR-15-AUDIT-NEEDED"),
            ({"annual_report": None}, "CMR-16-REPORT"),
            ({"annual_report": {"reporting_year": 2023}}, "CMR-16-REPORT"),
        ],
    )
    def test_one_thing_missing(self, make_facts, cmr, change, code):
        assert cmr(self.with_system(make_facts, **change)) == {"CMR-02-IN-SCOPE", code}

    def test_review_on_the_last_day(self, make_facts, cmr):
        policy = SYSTEM["policy"] | {"reviewed_on": "2025-05-01"}
        assert cmr(self.with_system(make_facts, policy=policy)) == {"CMR-02-IN-SCOPE"}

    def test_not_asked_below_the_threshold(self, make_facts, cmr):
        facts = make_facts(
            {"net_weight_kg": "1"}, importer={"management_system": {}}, importer_ytd_kg={"A-26090000": "0"}
        )
        assert cmr(facts) == {"CMR-02-BELOW"}


@pytest.mark.parametrize("regime", ["CMR", "FLR"])
class TestAuthorityRequests:
    def raised(self, codes, make_facts, regime, **extra):
        request = {"request_id": "Q1", "regime": regime, "kind": "information_request", "authority_country": "FR"}
        facts = make_facts(authority_requests=[request | {"issued_on": "2026-04-01"} | extra])
        return {code for code in codes(facts) if code.startswith((f"{regime}-18", f"{regime}-17"))}

    def prefix(self, regime):
        return {"CMR": "CMR-18", "FLR": "FLR-17"}[regime]

    def test_overdue_or_open(self, make_facts, codes, regime):
        prefix = self.prefix(regime)
        assert self.raised(codes, make_facts, regime, due_on="2026-04-30") == {f"{prefix}-OVERDUE"}
        assert self.raised(codes, make_facts, regime, due_on="2026-05-01") == {f"{prefix}-OPEN"}
        assert self.raised(codes, make_facts, regime, kind="investigation_request") == {f"{prefix}-OPEN"}

    def test_answered(self, make_facts, codes, regime):
        assert self.raised(codes, make_facts, regime, due_on="2026-04-01", answered_on="2026-04-20") == set()
