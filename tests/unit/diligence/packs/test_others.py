"""The small packs: CRMA, CSDDD, DF1502, WASTE and ACCESS."""

from typing import ClassVar

import pytest

from traceability.diligence.engine import assess

LARGE = {"employees": 6000, "net_turnover_eur": "2000000000"}


def found(facts, code):
    return next((finding for finding in assess(facts).findings if finding.code == code), None)


def one_off(**sections):
    return {"schema_version": "1.0", "as_of": "2026-05-01"} | sections


class TestRawMaterials:
    @pytest.mark.parametrize(
        ("materials", "expected"),
        [
            (["cobalt"], {"CRM-STRATEGIC"}),
            (["cobalt", "tantalum"], {"CRM-STRATEGIC"}),
            (["tantalum"], {"CRM-CRITICAL"}),
            (["tin"], set()),
            ([], set()),
        ],
    )
    def test_lists(self, make_facts, codes, materials, expected):
        assert {code for code in codes(make_facts({"materials": materials})) if code.startswith("CRM-")} == expected

    def test_material_of_the_row(self, make_facts):
        assert found(make_facts({"cn_code": "81011000"}), "CRM-STRATEGIC").evidence == ("/shipment/cn_code",)
        assert found(make_facts({"materials": ["copper"]}), "CRM-STRATEGIC").evidence == ("/shipment/materials",)


class TestConcentration:
    def raised(self, codes, *flows):
        portfolio = [
            {"material": material, "stage": stage, "country": country, "weight_kg": weight}
            for material, stage, country, weight in flows
        ]
        return "CRMA-65-INDICATOR" in codes(one_off(portfolio=portfolio))

    def test_more_than_65_per_cent_from_one_third_country(self, codes):
        assert not self.raised(codes, ("cobalt", "processing", "CN", "65"), ("cobalt", "processing", "FI", "35"))
        assert self.raised(codes, ("cobalt", "processing", "CN", "65.000001"), ("cobalt", "processing", "FI", "35"))
        assert self.raised(
            codes,
            ("cobalt", "processing", "CN", "40"),
            ("cobalt", "processing", "CN", "40"),
            ("cobalt", "processing", "FI", "35"),
        )

    def test_union_other_materials_and_stages(self, codes):
        assert not self.raised(codes, ("cobalt", "processing", "FI", "100"))
        assert not self.raised(codes, ("tantalum", "processing", "CN", "100"))
        assert not self.raised(codes, ("cobalt", "processing", "CN", "0"))
        assert self.raised(codes, ("cobalt", "extraction", "CD", "10"), ("cobalt", "processing", "FI", "100"))

    def test_share_in_words(self):
        portfolio = [{"material": "cobalt", "stage": "extraction", "country": "CD", "weight_kg": "2"}]
        portfolio.append(portfolio[0] | {"country": "AU", "weight_kg": "1"})
        assert "66.7 % from CD" in found(one_off(portfolio=portfolio), "CRMA-65-INDICATOR").message


class TestRiskAssessment:
    base: ClassVar = {"strategic_technology_manufacturer": True, "employees": 501, "net_turnover_eur": "150000000.01"}

    @pytest.mark.parametrize(
        ("change", "system", "raised"),
        [
            ({}, {}, True),
            ({}, {"supply_risk_assessment_on": "2023-05-01"}, False),
            ({}, {"supply_risk_assessment_on": "2023-04-30"}, True),
            ({"employees": 500}, {}, False),
            ({"net_turnover_eur": "150000000"}, {}, False),
            ({"strategic_technology_manufacturer": False}, {}, False),
            ({}, None, False),
        ],
    )
    def test_large_companies(self, codes, change, system, raised):
        importer = self.base | change | ({} if system is None else {"management_system": system})
        assert ("CRMA-24-ASSESSMENT" in codes(one_off(importer=importer))) is raised


class TestCsddd:
    @pytest.fixture
    def csddd(self, codes):
        return lambda **sections: {code for code in codes(one_off(**sections)) if code.startswith("CSDDD")}

    @pytest.mark.parametrize(
        ("system", "expected"),
        [
            ({}, {"CSDDD-7-POLICY-AGE", "CSDDD-15-ASSESSMENT-AGE"}),
            ({"policy": {"adopted_on": "2024-05-01"}, "dd_monitoring_assessment_on": "2021-05-01"}, set()),
            (
                {"policy": {"adopted_on": "2024-04-30"}, "dd_monitoring_assessment_on": "2021-05-01"},
                {"CSDDD-7-POLICY-AGE"},
            ),
            (
                {"policy": {"reviewed_on": "2026-01-01"}, "dd_monitoring_assessment_on": "2021-04-30"},
                {"CSDDD-15-ASSESSMENT-AGE"},
            ),
        ],
    )
    def test_ages(self, csddd, system, expected):
        assert csddd(importer=LARGE | {"management_system": system}) == expected
        assert csddd(importer={"management_system": system}) == set()

    def test_system_absent(self, csddd):
        assert csddd(importer=LARGE) == set()

    @pytest.mark.parametrize(
        ("request_", "raised"),
        [
            ({}, True),
            ({"necessity_explained": True}, True),
            ({"necessity_explained": True, "obtainable_otherwise": False}, False),
            ({"necessity_explained": True, "partner_employees": 5000}, False),
            ({"necessity_explained": True, "partner_employees": 4999}, True),
            ({"partner_employees": 5000}, True),
            ({"obtainable_otherwise": False}, True),
        ],
    )
    def test_requests(self, csddd, request_, raised):
        asked = [{"request_id": "Q1"} | request_]
        assert bool(csddd(importer=LARGE, supplier_information_requests=asked)) is raised
        assert csddd(supplier_information_requests=asked) == set()

    @pytest.mark.parametrize(
        ("proposed", "raised"),
        [
            ({"kind": "suspended"}, True),
            ({"kind": "disengaged"}, True),
            ({"kind": "released"}, False),
            ({"kind": "suspended", "impact_note_document_id": "D1"}, False),
        ],
    )
    def test_impact_note(self, csddd, proposed, raised):
        assert bool(csddd(importer=LARGE, proposed_disposition=proposed)) is raised
        assert csddd(proposed_disposition=proposed) == set()


class TestConflictMinerals:
    @pytest.mark.parametrize(
        ("inquiry", "expected"),
        [
            (None, {"DF1502-RCOI-MISSING"}),
            ({}, {"DF1502-RCOI-MISSING"}),
            ({"necessary_to_functionality": False}, set()),
            ({"necessary_to_functionality": True}, {"DF1502-RCOI-MISSING"}),
            ({"necessary_to_functionality": True, "countries": []}, {"DF1502-RCOI-MISSING"}),
            ({"necessary_to_functionality": True, "recycled_or_scrap": True}, set()),
            ({"necessary_to_functionality": True, "recycled_or_scrap": True, "countries": ["CD"]}, set()),
            ({"necessary_to_functionality": True, "countries": ["PE"]}, set()),
            ({"necessary_to_functionality": True, "countries": ["PE", "UG"]}, {"DF1502-CMR-REQUIRED"}),
            ({"countries": ["CD"]}, {"DF1502-RCOI-MISSING"}),
        ],
    )
    def test_inquiry(self, make_facts, codes, inquiry, expected):
        facts = make_facts(importer={"sec_issuer": True}, rcoi=inquiry)
        assert {code for code in codes(facts) if code.startswith("DF")} == expected
        other = make_facts(importer={"sec_issuer": False}, rcoi=inquiry)
        assert not [code for code in codes(other) if code.startswith("DF")]

    def test_evidence(self, make_facts):
        facts = make_facts(importer={"sec_issuer": True})
        assert found(facts, "DF1502-RCOI-MISSING").evidence == ("/importer/sec_issuer",)


class TestWaste:
    mass: ClassVar = {"stream": "black_mass", "waste_code": "191402*", "notification_number": "DE1"}

    @pytest.fixture
    def waste(self, codes, make_facts):
        def raised(change=None, **shipment):
            stated = {key: value for key, value in (self.mass | (change or {})).items() if value is not None}
            return {code for code in codes(make_facts({"waste": stated} | shipment)) if code.startswith("WASTE")}

        return raised

    @pytest.mark.parametrize(
        ("destination", "dispatch", "raised"),
        [
            ("CN", "DE", True),
            ("CN", None, True),
            ("CN", "US", False),
            ("KR", "DE", False),
            ("RO", "DE", False),
            ("IN", "FR", True),
        ],
    )
    def test_black_mass_outside_the_oecd(self, waste, destination, dispatch, raised):
        found_codes = waste(destination_country=destination, dispatch_country=dispatch)
        assert ("WASTE-BLACKMASS-EXPORT" in found_codes) is raised
        assert "WASTE-BLACKMASS-EXPORT" not in waste(
            {"stream": "battery_waste"}, destination_country=destination, dispatch_country=dispatch
        )

    @pytest.mark.parametrize(
        ("destination", "dispatch", "raised"),
        [
            ("DE", "FR", True),
            ("DE", "DE", False),
            ("DE", None, False),
            ("KR", "DE", True),
            ("KR", "US", False),
            ("DE", "US", True),
        ],
    )
    def test_notification(self, waste, destination, dispatch, raised):
        places = {"destination_country": destination, "dispatch_country": dispatch}
        assert ("WASTE-NOTIFICATION" in waste({"notification_number": None}, **places)) is raised
        assert "WASTE-NOTIFICATION" not in waste(**places)
        assert "WASTE-NOTIFICATION" not in waste({"notification_number": None, "stream": "metal_scrap"}, **places)

    def test_code(self, waste, make_facts, codes):
        assert waste({"waste_code": None}) == {"WASTE-CODE"}
        assert waste() == set()
        assert "WASTE-CODE" not in codes(make_facts())


class TestErasure:
    @pytest.mark.parametrize(
        ("regimes", "started", "code"),
        [
            (["CMR"], "2021-05-02", "GDPR-17-3-b"),
            (["CMR"], "2021-05-01", "GDPR-17-ERASURE-DUE"),
            (["CMR", "LKSG"], "2021-05-01", "GDPR-17-3-b"),
            (["LKSG"], "2019-05-01", "GDPR-17-ERASURE-DUE"),
            (["BATT", "CSDDD"], "2016-05-02", "GDPR-17-3-b"),
            (["CSDDD"], "2016-05-02", "GDPR-17-ERASURE-DUE"),
            (["CMR"], "9999-01-01", "GDPR-17-3-b"),
        ],
    )
    def test_longest_retention_wins(self, codes, regimes, started, code):
        request = {"retention_started_on": started, "retention_regimes": regimes}
        assert codes(one_off(erasure_request=request)) == {code}

    def test_end_in_words(self):
        request = {"retention_started_on": "2024-02-29", "retention_regimes": ["CMR"]}
        assert "until 2029-02-28" in found(one_off(erasure_request=request), "GDPR-17-3-b").message


class TestAccess:
    mandate: ClassVar = {
        "authority": "authority",
        "legal_article": "Art. 11",
        "purpose": "ex-post check",
        "valid_from": "2026-05-01",
        "valid_to": "2026-05-01",
    }

    def raised(self, codes, **request):
        return codes(one_off(access_request={"requester_role": "regulator"} | request))

    def test_valid(self, codes):
        assert self.raised(codes, mandate=self.mandate) == set()

    @pytest.mark.parametrize("key", ["authority", "legal_article", "purpose", "valid_from", "valid_to"])
    def test_incomplete(self, codes, key):
        mandate = {name: value for name, value in self.mandate.items() if name != key}
        assert self.raised(codes, mandate=mandate) == {"ACCESS-MANDATE"}

    @pytest.mark.parametrize("change", [{"valid_from": "2026-05-02"}, {"valid_to": "2026-04-30"}])
    def test_not_in_force(self, codes, change):
        assert self.raised(codes, mandate=self.mandate | change) == {"ACCESS-MANDATE"}

    def test_none(self, codes):
        assert self.raised(codes) == {"ACCESS-MANDATE"}
        assert self.raised(codes, requester_role="auditor") == set()
        assert codes(one_off()) == set()

    @pytest.mark.parametrize(
        ("request_", "importer", "raised"),
        [
            ({"authority_country": "FR"}, {"country": "DE"}, True),
            ({"authority_country": "DE"}, {"country": "DE"}, False),
            ({"authority_country": "FR", "cooperation_reference": "C1"}, {"country": "DE"}, False),
            ({"authority_country": "FR"}, {}, False),
            ({}, {"country": "DE"}, False),
            ({"authority_country": "FR", "requester_role": "auditor"}, {"country": "DE"}, False),
        ],
    )
    def test_jurisdiction(self, codes, request_, importer, raised):
        asked = {"requester_role": "regulator", "mandate": self.mandate} | request_
        assert codes(one_off(access_request=asked, importer=importer)) == ({"ACCESS-JURISDICTION"} if raised else set())
