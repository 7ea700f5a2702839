import pytest

from traceability.diligence.engine import assess
from traceability.diligence.packs.annex_ii import REPORTED


def found(facts, code):
    return next((finding for finding in assess(facts).findings if finding.code == code), None)


@pytest.mark.parametrize(("code", "risk_class"), REPORTED.items())
def test_open_reports(make_facts, codes, code, risk_class):
    report = {"report_id": "R1", "class": risk_class}
    assert code in codes(make_facts(reports=[report]))
    assert code in codes(make_facts(reports=[report | {"status": "substantiated"}]))
    assert code not in codes(make_facts(reports=[report | {"status": "refuted"}]))
    assert code not in codes(make_facts(reports=[report | {"class": "discrimination"}]))


def test_report_in_words(make_facts):
    report = {"report_id": "R1", "class": "war_crimes", "source_type": "audit"}
    message = found(make_facts(reports=[report]), "A2-1e").message
    assert message.startswith("Report R1: war_crimes (audit, not stated).")


def plan(**extra):
    return {"plan_id": "P1", "risk_code": "A2-12", "adopted_on": "2025-11-01", "progress": "on_track"} | extra


@pytest.mark.parametrize(
    ("change", "raised"),
    [
        ({"progress": "failed"}, True),
        ({"progress": "no_improvement"}, False),
        ({"progress": "no_improvement", "adopted_on": "2025-10-31"}, True),
        ({"progress": "improved", "adopted_on": "2020-01-01"}, False),
        ({"progress": "failed", "risk_code": "A2-12"}, False),
    ],
)
def test_security_plan(make_facts, codes, change, raised):
    raised_codes = codes(make_facts(mitigation_plans=[plan(risk_code="A2-5") | change]))
    assert ("A2-5-MITIGATION-FAILED" in raised_codes) is raised


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"stakeholders_consulted_on": "2026-01-01"}, set()),
        ({}, {"OECD-3-CONSULTATION"}),
        ({"progress": "failed"}, {"OECD-3-MITIGATION-FAILED"}),
        ({"progress": "completed", "review_due_on": "2020-01-01"}, set()),
        ({"review_due_on": "2026-05-01", "stakeholders_consulted_on": "2026-01-01"}, set()),
        ({"review_due_on": "2026-04-30", "stakeholders_consulted_on": "2026-01-01"}, {"OECD-3-PLAN-OVERDUE"}),
    ],
)
def test_plans(make_facts, codes, change, expected):
    raised = codes(make_facts(mitigation_plans=[plan(**change)]))
    assert {code for code in raised if code.startswith("OECD-3")} == expected


@pytest.mark.parametrize(("status", "raised"), [("open", True), ("under_investigation", True), ("closed", False)])
def test_grievances(make_facts, codes, status, raised):
    assert ("OECD-1-GRIEVANCE" in codes(make_facts(grievances=[{"case_id": "C1", "status": status}]))) is raised


class TestMisrepresentation:
    def test_reports(self, make_facts, codes):
        for risk_class in ("bribery", "origin_misrepresentation"):
            assert "A2-11" in codes(make_facts(reports=[{"report_id": "R1", "class": risk_class}]))

    def test_more_out_than_in(self, make_facts, make_event):
        events = [make_event("E1", "extraction", [("A", 1)]), make_event("E2", "weighing", [("A", 2)])]
        assert "more material out than in" in found(make_facts(custody_events=events), "A2-11").message

    def test_custody_shows_another_origin(self, make_facts, make_event):
        facts = make_facts(custody_events=[make_event("E1", "extraction", country="BO")])
        assert found(facts, "A2-11").evidence == ("/custody_events/0",)

    def test_a_document_alone_is_no_misrepresentation(self, make_facts, codes):
        document = {"document_id": "D1", "type": "invoice", "declared_origin_country": "BO"}
        raised = codes(make_facts(documents=[document]))
        assert "ORIGIN-MISMATCH" in raised
        assert "A2-11" not in raised

    def test_without_declaration_the_documents_are_the_reference(self, make_facts, make_event, codes):
        documents = [{"document_id": "D1", "type": "invoice", "declared_origin_country": "BO"}]
        elsewhere = [make_event("E1", "extraction", country="PE")]
        assert "A2-11" in codes(make_facts({"origins": []}, documents=documents, custody_events=elsewhere))
        documents.append({"document_id": "D2", "type": "invoice", "declared_origin_country": "PE"})
        raised = codes(make_facts({"origins": []}, documents=documents, custody_events=elsewhere))
        assert "ORIGIN-MISMATCH" in raised
        assert "A2-11" not in raised


class TestPayments:
    def test_report(self, make_facts, codes):
        assert "A2-13" in codes(make_facts(reports=[{"report_id": "R1", "class": "unpaid_taxes"}]))

    @pytest.mark.parametrize(
        ("payments", "raised"),
        [
            (None, False),
            ([], True),
            ([{"kind": "royalty"}], True),
            ([{"kind": "royalty", "receipt_document_id": "D1"}], False),
        ],
    )
    def test_receipts_from_a_risk_area(self, make_facts, codes, payments, raised):
        shipment = {"origins": [{"country": "BI"}], "taxes_fees_royalties": payments}
        assert ("A2-13" in codes(make_facts(shipment))) is raised
        assert "A2-13" not in codes(make_facts(shipment | {"origins": [{"country": "PE"}]}))
