"""CMR management system: Reg. (EU) 2017/821 Art. 4(a) to (e), 7(3), and open requests of authorities (Art. 16).

A management system that is absent as a whole is not assessed; one that is present leaves no question unanswered.
"""

from collections.abc import Callable, Mapping
from typing import Any

from traceability.diligence.case import Case
from traceability.diligence.definitions.dates import older_than, optional_day, report_year_due
from traceability.diligence.definitions.items import Item
from traceability.diligence.definitions.watch import due, is_overdue
from traceability.diligence.packs.registry import Pack, Place, Test, at
from traceability.diligence.parameters import PARAMETERS

PACK = Pack()

SYSTEM = "/importer/management_system"
_MIN_RETENTION_YEARS = 5
_REVIEW = ("reviewed_on", "adopted_on")

_System = Mapping[str, Any]


def _incomplete_policy(system: _System) -> bool:
    policy = system.get("policy", {})
    return "published_url" not in policy or policy.get("oecd_annex_ii_consistent") is not True


def _nobody_responsible(system: _System) -> bool:
    return "senior_management_responsible" not in system


def _kept_too_short(system: _System) -> bool:
    return bool(system.get("record_retention_years", 0) < _MIN_RETENTION_YEARS)


def _no_contract_clause(system: _System) -> bool:
    return system.get("supplier_contract_clause") is not True


def _no_grievance_mechanism(system: _System) -> bool:
    return bool(system.get("grievance_mechanism", "none") == "none")


def _obliged_system(field: str, fails: Callable[[_System], bool]) -> Test:
    def test(case: Case) -> list[Place]:
        if not case.obligations_row or not case.has_system or not fails(case.system):
            return []
        return at(case.nearest(f"{SYSTEM}/{field}"), years=case.system.get("record_retention_years"))

    return test


for _code, _field, _fails in (
    ("CMR-04-POLICY", "policy", _incomplete_policy),
    ("CMR-05-RESPONSIBLE", "senior_management_responsible", _nobody_responsible),
    ("CMR-05-RETENTION", "record_retention_years", _kept_too_short),
    ("CMR-06", "supplier_contract_clause", _no_contract_clause),
    ("CMR-07", "grievance_mechanism", _no_grievance_mechanism),
):
    PACK.rule(_code)(_obliged_system(_field, _fails))


@PACK.rule("CMR-04-POLICY-OLD")
def policy_not_reviewed(case: Case) -> list[Place]:
    policy = case.system.get("policy")
    if not case.obligations_row or policy is None:
        return []
    old = older_than(policy, _REVIEW, PARAMETERS.policy_review_months, case.as_of)
    return at(f"{SYSTEM}/policy", date=optional_day(policy, *_REVIEW)) if old else []


@PACK.rule("CMR-16-REPORT")
def report_missing(case: Case) -> list[Place]:
    due_year = report_year_due(case.as_of, PARAMETERS.report_due_month)
    reported = case.system.get("annual_report", {}).get("reporting_year")
    if not case.obligations_row or not case.has_system or (reported is not None and reported >= due_year):
        return []
    return at(case.nearest(f"{SYSTEM}/annual_report"), report_year_due=due_year)


def overdue(regime: str) -> Test:
    """Return the test for unanswered requests of a regime whose deadline has passed."""

    def test(case: Case) -> list[Place]:
        return [_place(request) for request in _open(case, regime) if is_overdue(request.value, case.as_of)]

    return test


def still_open(regime: str) -> Test:
    """Return the test for unanswered requests of a regime that are not overdue, or have no known deadline."""

    def test(case: Case) -> list[Place]:
        return [_place(request) for request in _open(case, regime) if not is_overdue(request.value, case.as_of)]

    return test


PACK.rule("CMR-18-OVERDUE")(overdue("CMR"))
PACK.rule("CMR-18-OPEN")(still_open("CMR"))


def _open(case: Case, regime: str) -> list[Item]:
    requests = case.items("authority_requests")
    return [item for item in requests if item.value["regime"] == regime and "answered_on" not in item.value]


def _place(request: Item) -> Place:
    return Place((request.at,), {**request.value, "due": due(request.value)})
