import json
from datetime import date

import pytest

from traceability.diligence import versions
from traceability.diligence.engine import assess
from traceability.diligence.status import severity_rank
from traceability.errors import Unprocessable


def test_worked_example(sample_facts):
    result = assess(sample_facts)
    assert result.status == "REVIEW"
    assert [finding.code for finding in result.findings] == ["COC-GAP", "INT-UNSIGNED"]
    gap, unsigned = result.findings
    assert gap.evidence == ("/custody_events/2",)
    assert "no receipt follows" in gap.message
    assert unsigned.evidence == tuple(f"/custody_events/{number}" for number in (0, 1, 2, 3, 4, 6, 7))
    assert result.inputs_hash.endswith("080e")
    assert result.list_versions == {"transit_watch": sample_facts["lists"]["transit_watch"]["list_version"]}
    assert "shipment" in result.not_assessed
    assert result.notes == ("Origin and goods were not assessed: the facts have no shipment.",)


def test_shape(make_facts):
    result = assess(make_facts()).to_dict()
    assert list(result) == [
        "status",
        "findings",
        "not_assessed",
        "rule_pack_version",
        "list_versions",
        "inputs_hash",
        "notes",
    ]
    assert list(result["findings"][0]) == [
        "code",
        "severity",
        "advisory",
        "title",
        "message",
        "law_ref",
        "applicable_from",
        "evidence",
        "reviewer_options",
        "pack",
        "pack_version",
    ]
    assert result["findings"][0]["pack_version"] == versions.packs()[result["findings"][0]["pack"]].version
    assert result["findings"][0]["applicable_from"] == "2021-01-01"
    assert json.loads(json.dumps(result)) == result


def test_row_without_date_has_null(make_facts):
    (finding,) = [
        found for found in assess(make_facts({"waste": {"stream": "other"}})).findings if found.code == "WASTE-CODE"
    ]
    assert finding.to_dict()["applicable_from"] is None


def test_assessment_id_is_echoed(make_facts):
    assert assess(make_facts(assessment_id="RUN-7")).to_dict()["assessment_id"] == "RUN-7"
    assert "assessment_id" not in assess(make_facts()).to_dict()


def test_order_is_severity_then_code(make_facts):
    reports = [{"report_id": "R1", "class": "forced_labour"}, {"report_id": "R2", "class": "bribery"}]
    found = assess(make_facts({"origins": [{"country": "BI"}], "trade_name": None}, reports=reports)).findings
    keys = [(severity_rank(finding.severity), finding.code) for finding in found]
    assert keys == sorted(keys)
    assert {finding.severity for finding in found} >= {"critical", "major", "gap", "info"}


def test_at_most_one_finding_per_code_with_all_places(make_facts):
    reports = [{"report_id": f"R{number}", "class": "war_crimes"} for number in range(4)]
    (finding,) = [found for found in assess(make_facts(reports=reports)).findings if found.code == "A2-1e"]
    assert finding.evidence == ("/reports/0", "/reports/1", "/reports/2", "/reports/3")


@pytest.mark.parametrize(("as_of", "advisory"), [("2027-12-13", True), ("2027-12-14", False)])
def test_law_not_yet_applicable_is_advisory(make_facts, as_of, advisory):
    facts = make_facts(as_of=as_of, reports=[{"report_id": "R1", "class": "forced_labour"}])
    (finding,) = [found for found in assess(facts).findings if found.code == "FLR-RISK-REPORT"]
    assert finding.advisory is advisory
    assert finding.severity == "major"
    assert finding.applicable_from == date(2027, 12, 14)


def test_advisory_critical_asks_for_review_only(make_facts):
    decision = {"entries": [{"cn_prefix": "2609", "reference": "2027/1"}]}
    facts = make_facts()
    facts["lists"]["flr_decisions"] = decision
    assert assess(facts).status == "REVIEW"
    assert assess(facts | {"as_of": "2027-12-14"}).status == "HOLD_PENDING_OFFICER"


def test_unchecked_facts_are_rejected(make_facts):
    with pytest.raises(Unprocessable):
        assess(make_facts({"cn_code": "1"}))


def test_check_can_be_skipped_for_facts_already_checked(make_facts):
    facts = make_facts()
    assert assess(facts, check=False) == assess(facts)


def test_input_is_not_changed(sample_facts):
    before = json.dumps(sample_facts)
    assess(sample_facts)
    assert json.dumps(sample_facts) == before


def test_empty_facts():
    result = assess({"schema_version": "1.0", "as_of": "2026-01-01"})
    assert result.status == "NO_FINDINGS"
    assert result.findings == ()
    assert len(result.not_assessed) == 21


def test_no_rule_is_hidden_by_another_law(make_facts, codes):
    below = make_facts(importer_ytd_kg={"A-26090000": "0"}, as_of="2026-05-01")
    below["shipment"]["net_weight_kg"] = "10"
    below["shipment"]["origins"] = [{"country": "BI"}]
    assert {"CMR-02-BELOW", "RF-L1"} <= codes(below)
    assert assess(below).status == "REVIEW"
