"""ACCESS: erasure against retention (GDPR Art. 17), and who may query a chain (GDPR Art. 5, Reg. (EU) 2017/821)."""

from datetime import date
from typing import Final

from traceability.diligence.case import Case
from traceability.diligence.definitions.dates import add_months, day
from traceability.diligence.packs.registry import Pack, Place, at
from traceability.diligence.retention import BATT, CMR, CSDDD, LKSG

PACK = Pack()

RETENTION_YEARS: Final = {ground.code: ground.years for ground in (CMR, CSDDD, LKSG, BATT)}
"""Years a record is kept under each regime; of several, the longest counts."""

_MANDATE: Final = ("authority", "legal_article", "purpose", "valid_from", "valid_to")


@PACK.rule("GDPR-17-3-b")
def retention_runs(case: Case) -> list[Place]:
    end = _retention_end(case)
    return at("/erasure_request", date=end) if end is not None and case.as_of < end else []


@PACK.rule("GDPR-17-ERASURE-DUE")
def erasure_due(case: Case) -> list[Place]:
    end = _retention_end(case)
    return at("/erasure_request", date=end) if end is not None and case.as_of >= end else []


@PACK.rule("ACCESS-MANDATE")
def no_valid_mandate(case: Case) -> list[Place]:
    mandate = case.facts.get("access_request", {}).get("mandate", {})
    complete = all(key in mandate for key in _MANDATE)
    if not _asks_as_regulator(case):
        return []
    if complete and day(mandate["valid_from"]) <= case.as_of <= day(mandate["valid_to"]):
        return []
    return at(case.nearest("/access_request/mandate"))


@PACK.rule("ACCESS-JURISDICTION")
def authority_of_another_country(case: Case) -> list[Place]:
    request = case.facts.get("access_request", {})
    authority, country = request.get("authority_country"), case.importer.get("country")
    if not _asks_as_regulator(case) or authority is None or country is None or "cooperation_reference" in request:
        return []
    if authority == country:
        return []
    return at("/access_request/authority_country", "/importer/country", authority_country=authority)


def _asks_as_regulator(case: Case) -> bool:
    return bool(case.facts.get("access_request", {}).get("requester_role") == "regulator")


def _retention_end(case: Case) -> date | None:
    request = case.facts.get("erasure_request")
    if request is None:
        return None
    years = max(RETENTION_YEARS[regime] for regime in request["retention_regimes"])
    return add_months(day(request["retention_started_on"]), 12 * years)
