"""What an assessment says besides findings: sections not assessed, list versions, and notes that change no status."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from traceability.diligence.case import Case
from traceability.diligence.definitions.dates import in_force
from traceability.diligence.parameters import PARAMETERS

SECTIONS: Final = (
    "importer",
    "importer_ytd_kg",
    "shipment",
    "custody_events",
    "tag_registry",
    "documents",
    "text_signals",
    "entity_hits",
    "reports",
    "grievances",
    "mitigation_plans",
    "upstream_parties",
    "production_claims",
    "portfolio",
    "rcoi",
    "authority_requests",
    "supplier_information_requests",
    "proposed_disposition",
    "erasure_request",
    "access_request",
    "lists",
)
"""The sections a facts document may leave out, each with the rules that read it."""

LISTS: Final = (
    "cahra",
    "transit_watch",
    "forced_labour_areas",
    "tvpra",
    "aml_weak",
    "flr_delegated_products",
    "flr_decisions",
    "recognised_schemes",
)
"""The risk lists a facts document may carry."""


def not_assessed(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the absent sections, in the order of the schema, which takes their rules out of the run."""
    absent = [section for section in SECTIONS if section not in facts]
    if "importer" in facts and "management_system" not in facts["importer"]:
        absent.append("importer.management_system")
    if "lists" in facts:
        absent += [f"lists.{name}" for name in LISTS if name not in facts["lists"]]
    return tuple(absent)


def list_versions(facts: Mapping[str, Any]) -> dict[str, str | None]:
    """Return list_version of every list loaded; None where it is not stated."""
    lists = facts.get("lists", {})
    return {name: lists[name].get("list_version") for name in LISTS if name in lists}


def notes(case: Case) -> tuple[str, ...]:
    """Return what a reader of the result should know and no rule of the closed catalogue says."""
    found = []
    if not case.has("shipment"):
        found.append("Origin and goods were not assessed: the facts have no shipment.")
    if case.facts.get("custody_events") == []:
        found.append("The chain of custody was assessed on no event at all.")
    doubtful = sum(_below_score(case, hit.value) for hit in case.items("entity_hits"))
    if doubtful:
        score = PARAMETERS.weak_match_score
        found.append(f"{doubtful} undecided name match(es) with a score below {score} raised no finding.")
    return tuple(found)


def _below_score(case: Case, hit: Mapping[str, Any]) -> bool:
    undecided = hit.get("disposition", "pending") == "pending" and hit["match_basis"] == "fuzzy_name"
    return undecided and Decimal(hit.get("score", "0")) < PARAMETERS.weak_match_score and in_force(hit, case.as_of)
