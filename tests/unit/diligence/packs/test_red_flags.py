from typing import ClassVar

import pytest

from traceability.diligence.engine import assess

GOLD = {"cn_code": "71081200", "purity_pct": "90", "material_class": "recycled", "refined_in": "RW"}


def found(facts, code):
    return next((finding for finding in assess(facts).findings if finding.code == code), None)


def certificate(country):
    return {"document_id": f"D-{country}", "type": "certificate_of_origin", "declared_origin_country": country}


class TestOriginMismatch:
    def raised(self, facts):
        return found(facts, "ORIGIN-MISMATCH") is not None

    def test_document_names_another_country(self, make_facts):
        finding = found(make_facts(documents=[certificate("PE"), certificate("BO")]), "ORIGIN-MISMATCH")
        assert finding.evidence == ("/documents/1",)
        assert finding.message == "Declared PE, documents say BO, PE (read by machine), custody says none."

    def test_extraction_or_mine_elsewhere(self, make_facts, make_event):
        assert self.raised(make_facts(custody_events=[make_event("E1", "extraction", country="BO")]))
        assert self.raised(make_facts({"mine_of_origin": {"country": "BO"}}))
        assert not self.raised(make_facts(custody_events=[make_event("E1", "export", country="BO")]))

    def test_agreement(self, make_facts, make_event):
        extraction = make_event("E1", "extraction", country="PE")
        assert not self.raised(make_facts(custody_events=[extraction], documents=[certificate("PE")]))

    @pytest.mark.parametrize("origins", [None, []])
    def test_nothing_declared(self, make_facts, make_event, origins):
        shipment = {"origins": origins}
        extraction = [make_event("E1", "extraction", country="BO")]
        assert not self.raised(make_facts(shipment, documents=[certificate("PE")]))
        assert self.raised(make_facts(shipment, documents=[certificate("PE"), certificate("BO")]))
        assert self.raised(make_facts(shipment, documents=[certificate("PE")], custody_events=extraction))
        assert not self.raised(make_facts(shipment | {"mine_of_origin": {"country": "PE"}}, custody_events=extraction))
        assert not self.raised(make_facts(shipment))

    @pytest.mark.parametrize(
        ("material_class", "raised"), [("by_product", True), ("mixed", True), ("recycled", False), ("product", False)]
    )
    def test_only_mined_goods(self, make_facts, material_class, raised):
        assert self.raised(make_facts({"material_class": material_class}, documents=[certificate("BO")])) is raised


class TestRiskArea:
    def test_origin(self, make_facts):
        finding = found(make_facts({"origins": [{"country": "CD"}]}), "RF-L1")
        assert finding.evidence == ("/shipment/origins/0", "/lists/cahra/entries/0")
        assert "CD is in list area CD-NK (A-1)" in finding.message

    def test_route_on_its_date(self, make_facts, make_event):
        facts = make_facts(custody_events=[make_event("E1", "transport", country="SD", at="2026-02-01T00:00:00Z")])
        facts["lists"]["cahra"]["entries"] = [{"code": "SD", "valid_to": "2026-02-01"}]
        assert found(facts, "RF-L1")
        facts["custody_events"][0]["event_time"] = "2026-02-02T00:00:00Z"
        assert found(facts, "RF-L1") is None

    def test_other_part_of_the_country(self, make_facts):
        assert found(make_facts({"origins": [{"country": "CD", "subdivision": "CD-KN"}]}), "RF-L1") is None


class TestOutput:
    claim: ClassVar = {"country": "PE", "material": "tin", "year": 2025, "claimed_t": "110", "reference_t": "100"}

    @pytest.mark.parametrize(
        ("change", "raised"),
        [
            ({}, False),
            ({"claimed_t": "110.000001"}, True),
            ({"claimed_t": "1", "reference_t": "0"}, True),
            ({"claimed_t": "200", "country": "BO"}, False),
            ({"claimed_t": "200", "material": "gold"}, False),
        ],
    )
    def test_above_110_per_cent(self, make_facts, codes, change, raised):
        assert ("RF-L2" in codes(make_facts(production_claims=[self.claim | change]))) is raised


class TestTransitOrigin:
    shipment: ClassVar = {"origins": [{"country": "RW"}]}

    def test_claimed_transit_country(self, make_facts):
        assert found(make_facts(self.shipment), "RF-L3").evidence == (
            "/shipment/origins/0",
            "/lists/transit_watch/entries/0",
        )

    @pytest.mark.parametrize(
        ("mine", "raised"),
        [
            ({"country": "RW", "mine_id": "M1"}, False),
            ({"country": "RW", "name": "M1"}, True),
            ({"country": "UG", "mine_id": "M1"}, True),
            ({"country": "RW", "subdivision": "RW-01"}, True),
        ],
    )
    def test_evidence_by_mine(self, make_facts, codes, mine, raised):
        assert ("RF-L3" in codes(make_facts(self.shipment | {"mine_of_origin": mine}))) is raised

    @pytest.mark.parametrize(
        ("status", "raised"),
        [(None, False), ("valid", False), ("unsigned", False), ("invalid", True), ("key_revoked", True)],
    )
    def test_evidence_by_extraction_event(self, make_facts, make_event, codes, status, raised):
        extra = {"signature_status": status} if status else {}
        events = [make_event("E1", "extraction", country="RW", **extra)]
        assert ("RF-L3" in codes(make_facts(self.shipment, custody_events=events))) is raised

    def test_other_origins(self, make_facts, codes):
        assert "RF-L3" not in codes(make_facts())


class TestGold:
    def test_refined_in_a_transit_or_risk_country(self, make_facts, codes):
        assert "RF-L4" in codes(make_facts(GOLD))
        assert "RF-L4" in codes(make_facts(GOLD | {"refined_in": "BI", "material_class": "mixed"}))
        assert found(make_facts(GOLD | {"refined_in": "CD"}), "RF-L4").evidence == (
            "/shipment/refined_in",
            "/lists/cahra/entries/0",
        )

    @pytest.mark.parametrize(
        "change", [{"refined_in": "CH"}, {"refined_in": None}, {"material_class": "mined"}, {"materials": ["silver"]}]
    )
    def test_not_otherwise(self, make_facts, codes, change):
        assert "RF-L4" not in codes(make_facts(GOLD | change))

    def test_anomalies(self, make_facts, make_event):
        events = [make_event("E1", "dispatch"), make_event("E2", "other")]
        finding = found(make_facts(GOLD, custody_events=events), "RF-C1")
        assert "COC-GAP" in finding.message
        assert found(make_facts(custody_events=events), "RF-C1") is None
        assert found(make_facts(GOLD), "RF-C1") is None

    def test_early_integrity_findings_are_anomalies(self, make_facts, codes):
        assert "RF-C1" in codes(make_facts(GOLD | {"extraction_period": {"start": "2027-01-01"}}))


class TestWeakControls:
    def test_cash_raises_only_with_a_location_risk(self, make_facts, codes):
        assert "RF-L5" in codes(make_facts({"payment_method": "cash", "origins": [{"country": "BI"}]}))
        assert "RF-L5" not in codes(make_facts({"payment_method": "cash"}))
        assert "RF-L5" not in codes(make_facts({"payment_method": "barter", "origins": [{"country": "BI"}]}))

    def test_weak_country_on_the_route(self, make_facts, codes):
        facts = make_facts({"origins": [{"country": "BI"}, {"country": "AE"}]})
        facts["lists"]["aml_weak"] = {"entries": [{"code": "AE"}]}
        assert "RF-L5" in codes(facts)
        facts["lists"]["aml_weak"] = {"entries": [{"code": "PA"}]}
        assert "RF-L5" not in codes(facts)


class TestUpstreamParties:
    @pytest.mark.parametrize("key", ["operating_locations", "interest_locations"])
    @pytest.mark.parametrize(("country", "raised"), [("BI", True), ("RW", True), ("CD", True), ("PE", False)])
    def test_operates_or_holds_interests(self, make_facts, codes, key, country, raised):
        party = {"party_id": "P1", key: [{"country": country}]}
        assert ("RF-S1" in codes(make_facts(upstream_parties=[party]))) is raised

    @pytest.mark.parametrize(
        ("on", "raised"), [("2025-05-01", True), ("2025-04-30", False), ("2026-05-01", True), ("2026-05-02", False)]
    )
    def test_sourced_in_the_last_twelve_months(self, make_facts, codes, on, raised):
        party = {"party_id": "P1", "name": "Trader", "sourced_from": [{"country": "BI", "date": on}]}
        assert ("RF-S2" in codes(make_facts(upstream_parties=[party]))) is raised

    def test_list_entry_in_force_on_the_purchase_date(self, make_facts):
        party = {"party_id": "P1", "name": "Trader", "sourced_from": [{"country": "SD", "date": "2026-01-01"}]}
        facts = make_facts(upstream_parties=[party])
        facts["lists"]["cahra"]["entries"] = [{"code": "SD", "valid_from": "2026-01-02"}]
        assert found(facts, "RF-S2") is None
        facts["lists"]["cahra"]["entries"] = [{"code": "SD", "valid_to": "2026-01-01"}]
        assert found(facts, "RF-S2").message.startswith("Trader sourced from SD on 2026-01-01. List: ")


class TestTags:
    tagged: ClassVar = {"tag_ids": ["T1"]}

    def chain(self, make_event, first, second=None):
        return [make_event("E1", "extraction", [("A", 1, first)]), make_event("E2", "extraction", [("B", 1, second)])]

    def severity(self, facts):
        finding = found(facts, "RF-X1")
        return finding and finding.severity

    def test_one_tagged_one_not(self, make_facts, make_event):
        finding = found(make_facts(custody_events=self.chain(make_event, self.tagged)), "RF-X1")
        assert (finding.severity, finding.evidence) == ("major", ("/custody_events/1/quantity_list/0",))
        assert finding.message == "Tag finding: B without tags, or partly so."

    def test_reuse_is_critical(self, make_facts, make_event):
        assert self.severity(make_facts(custody_events=self.chain(make_event, self.tagged, self.tagged))) == "critical"

    def test_no_programme_at_all(self, make_facts, make_event):
        assert self.severity(make_facts(custody_events=self.chain(make_event, None))) is None

    def test_registry_alone_makes_a_programme(self, make_facts, make_event):
        facts = make_facts(custody_events=self.chain(make_event, None), tag_registry={"issued_tag_ids": []})
        assert self.severity(facts) == "major"

    def test_tag_never_issued(self, make_facts, make_event):
        events = self.chain(make_event, self.tagged, {"tag_ids": ["T2"]})
        assert self.severity(make_facts(custody_events=events, tag_registry={"issued_tag_ids": ["T1"]})) == "major"
        assert self.severity(make_facts(custody_events=events, tag_registry={"issued_tag_ids": ["T1", "T2"]})) is None

    def test_only_tin_tungsten_and_tantalum(self, make_facts, make_event):
        events = self.chain(make_event, self.tagged)
        assert self.severity(make_facts({"materials": ["gold"]}, custody_events=events)) is None
        assert self.severity(make_facts({"materials": ["gold", "tungsten"]}, custody_events=events)) == "major"

    def test_no_custody_events(self, make_facts):
        assert self.severity(make_facts(tag_registry={"issued_tag_ids": []})) is None


@pytest.mark.parametrize(
    ("field", "reason", "raised"),
    [
        ("mine_of_origin", "refused", True),
        ("origins", "confidential", True),
        ("smelters", "refused", True),
        ("smelters", "not_known", False),
        ("supplier", "refused", False),
    ],
)
def test_undisclosed(make_facts, codes, field, reason, raised):
    assert ("RF-X2" in codes(make_facts({"undisclosed": [{"field": field, "reason": reason}]}))) is raised
