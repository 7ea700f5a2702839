"""CSDDD and DF1502: duties of very large companies (Dir. (EU) 2024/1760) and of SEC issuers (15 USC 78m(p))."""

from collections.abc import Mapping
from typing import Any, Final

from traceability.diligence.case import Case
from traceability.diligence.definitions.countries import DF10
from traceability.diligence.definitions.dates import older_than, optional_day
from traceability.diligence.packs.cmr_system import SYSTEM
from traceability.diligence.packs.registry import Pack, Place, at, each

PACK = Pack()

_POLICY_MONTHS: Final = 24
_MONITORING_MONTHS: Final = 60
_SMALL_PARTNER: Final = 5_000
_REVIEW: Final = ("reviewed_on", "adopted_on")
_MONITORED: Final = "dd_monitoring_assessment_on"


@PACK.rule("CSDDD-7-POLICY-AGE")
def policy_old(case: Case) -> list[Place]:
    policy = case.system.get("policy", {})
    if not case.csddd_scope or not case.has_system or not older_than(policy, _REVIEW, _POLICY_MONTHS, case.as_of):
        return []
    return at(case.nearest(f"{SYSTEM}/policy"), date=optional_day(policy, *_REVIEW))


@PACK.rule("CSDDD-15-ASSESSMENT-AGE")
def monitoring_old(case: Case) -> list[Place]:
    old = older_than(case.system, (_MONITORED,), _MONITORING_MONTHS, case.as_of)
    if not case.csddd_scope or not case.has_system or not old:
        return []
    return at(case.nearest(f"{SYSTEM}/{_MONITORED}"), date=optional_day(case.system, _MONITORED))


@PACK.rule("CSDDD-8-REQUEST")
def request_not_justified(case: Case) -> list[Place]:
    requests = case.items("supplier_information_requests") if case.csddd_scope else []
    return each(request for request in requests if _unjustified(request.value))


@PACK.rule("CSDDD-11-IMPACT-NOTE")
def impact_not_assessed(case: Case) -> list[Place]:
    proposed = case.facts.get("proposed_disposition", {})
    ends = proposed.get("kind") in {"suspended", "disengaged"}
    missing = ends and "impact_note_document_id" not in proposed
    return at("/proposed_disposition") if case.csddd_scope and missing else []


@PACK.rule("DF1502-CMR-REQUIRED")
def minerals_report_required(case: Case) -> list[Place]:
    inquiry = case.facts.get("rcoi", {})
    if not case.df_scope or inquiry.get("necessary_to_functionality") is not True:
        return []
    if inquiry.get("recycled_or_scrap") is True:
        return []
    found = enumerate(inquiry.get("countries", ()))
    return [Place((f"/rcoi/countries/{number}",), {"country": code}) for number, code in found if code in DF10]


@PACK.rule("DF1502-RCOI-MISSING")
def inquiry_missing(case: Case) -> list[Place]:
    if not case.df_scope or not _inquiry_incomplete(case.facts.get("rcoi", {})):
        return []
    return at(case.nearest("/rcoi") or "/importer/sec_issuer")


def _unjustified(request: Mapping[str, Any]) -> bool:
    small = request.get("partner_employees", 0) < _SMALL_PARTNER
    avoidable = small and request.get("obtainable_otherwise") is not False
    return request.get("necessity_explained") is not True or avoidable


def _inquiry_incomplete(inquiry: Mapping[str, Any]) -> bool:
    if "necessary_to_functionality" not in inquiry:
        return True
    needed = inquiry["necessary_to_functionality"] and inquiry.get("recycled_or_scrap") is not True
    return needed and not inquiry.get("countries")
