from typing import ClassVar

import pytest

from traceability.diligence.engine import assess
from traceability.diligence.packs.us_trade import TRACING_PACKAGE

US = {"destination_country": "US"}
XINJIANG = {"origins": [{"country": "CN", "subdivision": "CN-XJ"}]}


def hit(list_code, **extra):
    found = {"list_code": list_code, "category": "forced_labour", "listed_name": "L", "party_name": "P"}
    return found | {"match_basis": "exact_name"} | extra


def found(facts, code):
    return next((finding for finding in assess(facts).findings if finding.code == code), None)


@pytest.mark.parametrize(("list_code", "code"), [("UFLPA_ENTITY", "UFLPA-ENTITY"), ("CBP_WRO", "US307-WRO")])
def test_us_lists(make_facts, codes, list_code, code):
    assert code in codes(make_facts(US, entity_hits=[hit(list_code)]))
    assert code not in codes(make_facts(US, entity_hits=[hit(list_code, match_basis="fuzzy_name", score="0.9")]))
    assert code in codes(
        make_facts(US, entity_hits=[hit(list_code, match_basis="fuzzy_name", disposition="confirmed")])
    )
    assert code not in codes(make_facts(entity_hits=[hit(list_code)]))


class TestXinjiang:
    def test_any_place_of_the_chain(self, make_facts, make_event, codes):
        event = make_event("E1", "transport", country="CN", subdivision="CN-XJ")
        assert "UFLPA-XUAR" in codes(make_facts(US | XINJIANG))
        assert "UFLPA-XUAR" in codes(make_facts(US, custody_events=[event]))
        assert "UFLPA-XUAR" in codes(make_facts(US | {"manufacturer": {"country": "CN", "subdivision": "CN-XJ"}}))

    def test_not_elsewhere(self, make_facts, codes):
        assert "UFLPA-XUAR" not in codes(make_facts(XINJIANG))
        assert "UFLPA-XUAR" not in codes(make_facts(US | {"origins": [{"country": "CN"}]}))


class TestSector:
    def test_severity_by_country(self, make_facts):
        assert found(make_facts(US | {"materials": ["copper"]}), "UFLPA-SECTOR").severity == "minor"
        chinese = US | {"materials": ["copper"], "origins": [{"country": "CN"}]}
        assert found(make_facts(chinese), "UFLPA-SECTOR").severity == "major"

    def test_year_added(self, make_facts, codes):
        steel = US | {"materials": ["steel"]}
        assert "UFLPA-SECTOR" in codes(make_facts(steel, as_of="2025-01-01"))
        assert "UFLPA-SECTOR" not in codes(make_facts(steel, as_of="2024-12-31"))

    def test_not_otherwise(self, make_facts, codes):
        assert "UFLPA-SECTOR" not in codes(make_facts(US))
        assert "UFLPA-SECTOR" not in codes(make_facts({"materials": ["copper"]}))


class TestPackage:
    def documents(self, *without):
        kinds = [kind for kind in TRACING_PACKAGE if kind not in without]
        return [{"document_id": kind, "type": kind} for kind in kinds]

    def test_missing_types(self, make_facts, codes):
        assert found(make_facts(US | XINJIANG), "UFLPA-CBP-PACKAGE").evidence == ("/shipment/destination_country",)
        finding = found(make_facts(US | XINJIANG, documents=self.documents("contract", "invoice")), "UFLPA-CBP-PACKAGE")
        assert finding.message == "Missing: invoice, contract."
        assert "UFLPA-CBP-PACKAGE" not in codes(make_facts(US | XINJIANG, documents=self.documents()))

    def test_only_when_the_presumption_applies(self, make_facts, codes):
        assert "UFLPA-CBP-PACKAGE" not in codes(make_facts(US))
        assert "UFLPA-CBP-PACKAGE" in codes(make_facts(US, entity_hits=[hit("UFLPA_ENTITY")]))


class TestListedGoods:
    bolivian: ClassVar = {"origins": [{"country": "BO"}]}

    def test_origin_or_extraction(self, make_facts, make_event, codes):
        assert "DOL-TVPRA" in codes(make_facts(self.bolivian))
        assert "DOL-TVPRA" in codes(make_facts(custody_events=[make_event("E1", "extraction", country="BO")]))
        assert "DOL-TVPRA" not in codes(make_facts({"mine_of_origin": {"country": "BO"}}))
        assert "DOL-TVPRA" not in codes(make_facts())
        assert "DOL-TVPRA" not in codes(make_facts(self.bolivian | {"materials": ["gold"]}))

    def test_entry(self, make_facts, codes):
        facts = make_facts(self.bolivian)
        assert found(facts, "DOL-TVPRA").message.startswith("tin from BO is listed for child labour. List: ")
        (entry,) = facts["lists"]["tvpra"]["entries"]
        entry["valid_to"] = "2026-04-30"
        assert "DOL-TVPRA" not in codes(facts)
        entry |= {"valid_to": "2026-05-01", "child_labour": False}
        assert "DOL-TVPRA" not in codes(facts)

    def test_a_report_makes_it_major(self, make_facts):
        report = {"report_id": "R1", "class": "worst_forms_child_labour"}
        assert found(make_facts(self.bolivian), "DOL-TVPRA").severity == "minor"
        assert found(make_facts(self.bolivian, reports=[report]), "DOL-TVPRA").severity == "major"
        refuted = [report | {"status": "refuted"}]
        assert found(make_facts(self.bolivian, reports=refuted), "DOL-TVPRA").severity == "minor"
