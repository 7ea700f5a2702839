"""OECD Annex II: reported risks, mitigation plans, grievances. A report is evidence for an officer, not a verdict."""

from traceability.diligence.case import Case
from traceability.diligence.definitions.dates import add_months, day
from traceability.diligence.definitions.items import Item
from traceability.diligence.definitions.scopes import needs_receipt
from traceability.diligence.packs.registry import Pack, Place, Test, at, each

PACK = Pack()

REPORTED = {
    "A2-1a": "torture_cruel_treatment",
    "A2-1b": "forced_labour",
    "A2-1c": "worst_forms_child_labour",
    "A2-1d": "gross_human_rights_abuse",
    "A2-1e": "war_crimes",
    "A2-3": "non_state_armed_groups",
    "A2-5": "security_forces",
    "A2-12": "money_laundering",
}
_ENDED = frozenset({"completed", "failed"})
_SECURITY = "A2-5"
_MITIGATION_MONTHS = 6


def reported(risk_class: str) -> Test:
    """Return the test of a rule that any open report of one class raises."""

    def test(case: Case) -> list[Place]:
        return each(case.reports_of(risk_class))

    return test


for _code, _class in REPORTED.items():
    PACK.rule(_code)(reported(_class))


@PACK.rule("A2-5-MITIGATION-FAILED")
def security_plan_failed(case: Case) -> list[Place]:
    def failed(plan: Item) -> bool:
        progress = plan.value["progress"]
        limit = add_months(day(plan.value["adopted_on"]), _MITIGATION_MONTHS)
        return progress == "failed" or (progress == "no_improvement" and case.as_of > limit)

    return each(
        plan for plan in case.items("mitigation_plans") if plan.value["risk_code"] == _SECURITY and failed(plan)
    )


@PACK.rule("A2-11")
def bribery_or_misrepresentation(case: Case) -> list[Place]:
    places = [
        Place((report.at,), {"reasons": f"report {report.value['report_id']} of {report.value['class']}"})
        for report in case.reports_of("bribery", "origin_misrepresentation")
    ]
    if case.any_raised("MB-EXCEEDS"):
        over = next(compared for compared in case.comparisons if compared.exceeds)
        places += at(*over.evidence, reasons="more material out than in")
    if case.any_raised("ORIGIN-MISMATCH"):
        stated = {country.code for country in case.origins or case.documented_origins}
        shown = [country for country in case.produced_in if country.code not in stated]
        places += at(*(country.at for country in shown), reasons="custody shows another origin") if shown else []
    return places


@PACK.rule("A2-13")
def payments_not_shown(case: Case) -> list[Place]:
    places = each(case.reports_of("unpaid_taxes"))
    payments = case.shipment.get("taxes_fees_royalties")
    if case.any_raised("RF-L1") and payments is not None and needs_receipt(payments):
        places += at("/shipment/taxes_fees_royalties")
    return places


@PACK.rule("OECD-1-GRIEVANCE")
def open_grievance(case: Case) -> list[Place]:
    return each(item for item in case.items("grievances") if item.value["status"] in {"open", "under_investigation"})


@PACK.rule("OECD-3-PLAN-OVERDUE")
def plan_review_overdue(case: Case) -> list[Place]:
    return each(
        plan
        for plan in _running_plans(case)
        if "review_due_on" in plan.value and day(plan.value["review_due_on"]) < case.as_of
    )


@PACK.rule("OECD-3-MITIGATION-FAILED")
def mitigation_failed(case: Case) -> list[Place]:
    return each(
        plan
        for plan in case.items("mitigation_plans")
        if plan.value["risk_code"] != _SECURITY and plan.value["progress"] == "failed"
    )


@PACK.rule("OECD-3-CONSULTATION")
def nobody_consulted(case: Case) -> list[Place]:
    return each(plan for plan in _running_plans(case) if "stakeholders_consulted_on" not in plan.value)


def _running_plans(case: Case) -> list[Item]:
    return [plan for plan in case.items("mitigation_plans") if plan.value["progress"] not in _ENDED]
