"""The importer's policy, management system and audit as it signed them (Reg. (EU) 2017/821 Art. 4, 6, 7), and gaps."""

from collections.abc import Iterator, Mapping
from typing import Any

from traceability.diligence.reports.model import Column, Gap, Section, Table
from traceability.services.reports.records import LAW, PROFILE, Records

_GRIEVANCE = {
    "own": "the importer's own channel",
    "joint": "a joint channel with other operators",
    "external": "an external expert or ombudsman",
    "none": "none",
}
_WHAT = (Column("what", "What"), Column("stated", "As stated"))


def policy(had: Records) -> Section:
    """Return the section on the supply chain policy (Art. 4(a), (b), (d))."""
    stated = _policy(had)
    rows = (
        ("Published at", stated.get("published_url")),
        (
            "Consistent with Annex II of the OECD guidance, as stated",
            _yes(stated, "oecd_annex_ii_consistent"),
        ),
        ("Adopted on", stated.get("adopted_on")),
        ("Last reviewed on", stated.get("reviewed_on")),
        ("Part of the contracts with suppliers", _yes(had.system, "supplier_contract_clause")),
    )
    return Section(
        "Supply chain policy", (), (Table("policy", "The policy", _WHAT, rows),), law=f"{LAW} Art. 4(a), (b), (d)"
    )


def overseers(had: Records, *, named: bool) -> Section:
    """Return the section on who oversees it (Art. 4(c)); ``named`` says the role, which the public is not told."""
    role = had.system.get("senior_management_responsible")
    years = had.system.get("record_retention_years")
    said = role if named else "yes" if role else None
    rows = (("A role in senior management is responsible", said), ("Records are kept for (years)", years))
    table = Table("overseers", "Responsibility and records", _WHAT, rows)
    return Section("Who oversees due diligence", (), (table,), law=f"{LAW} Art. 4(c)")


def grievances(had: Records) -> Section:
    """Return the section on early warning (Art. 4(e))."""
    known = had.system.get("grievance_mechanism")
    rows = (("Early-warning or grievance mechanism", _GRIEVANCE.get(str(known)) if known else None),)
    table = Table("grievances", "The channel", _WHAT, rows)
    return Section("Early warning and grievances", (), (table,), law=f"{LAW} Art. 4(e)")


def audit(had: Records) -> Section:
    """Return the section on the independent third-party audit with its auditor (Art. 6, 7(3))."""
    stated = _audit(had)
    rows = (
        ("Auditor", stated.get("auditor")),
        ("Completed on", stated.get("completed_on")),
        ("Covers all activities, processes and systems, as stated", _yes(stated, "covers_all_activities")),
    )
    table = Table("audit", "The latest audit", _WHAT, rows)
    return Section("Independent third-party audit", (), (table,), law=f"{LAW} Art. 6, 7(3)")


def disclosures(had: Records) -> Section:
    """Return the section on what was made public (Art. 7(3), 7(4))."""
    report = had.system.get("annual_report") or {}
    rows = (
        ("Latest report made public: for the year", report.get("reporting_year")),
        ("Latest report made public: address", report.get("published_url")),
        ("Statement on recycled metals: address", had.system.get("recycled_statement_url")),
    )
    table = Table("disclosures", "Made public", _WHAT, rows)
    return Section("Disclosures", (), (table,), law=f"{LAW} Art. 7(3), (4)")


def policy_gaps(had: Records) -> Iterator[Gap]:
    """Yield what is missing of the policy."""
    stated = _policy(had)
    if not stated.get("published_url"):
        yield Gap("where the supply chain policy is published", f"{LAW} Art. 4(a)", f"{PROFILE}: policy.published_url")
    if not stated.get("oecd_annex_ii_consistent"):
        said = "that the policy's standards are consistent with Annex II of the OECD guidance"
        yield Gap(said, f"{LAW} Art. 4(b)", f"{PROFILE}: policy.oecd_annex_ii_consistent")
    if not had.system.get("supplier_contract_clause"):
        said = "that the policy is part of contracts with suppliers"
        yield Gap(said, f"{LAW} Art. 4(d)", f"{PROFILE}: supplier_contract_clause")


def overseer_gaps(had: Records) -> Iterator[Gap]:
    """Yield what is missing of responsibility and records."""
    if not had.system.get("senior_management_responsible"):
        said = "who in senior management oversees due diligence"
        yield Gap(said, f"{LAW} Art. 4(c)", f"{PROFILE}: senior_management_responsible (a role, not a name)")
    if not had.system.get("record_retention_years"):
        yield Gap("how long records are kept", f"{LAW} Art. 4(c)", f"{PROFILE}: record_retention_years")


def grievance_gaps(had: Records) -> Iterator[Gap]:
    """Yield what is missing of early warning."""
    if had.system.get("grievance_mechanism", "none") == "none":
        said = "an early-warning or grievance mechanism"
        yield Gap(said, f"{LAW} Art. 4(e)", f"{PROFILE}: grievance_mechanism")


def audit_gaps(had: Records) -> Iterator[Gap]:
    """Yield what is missing of the audit; its summary is a person's text, so it always is."""
    stated = _audit(had)
    if not stated.get("completed_on"):
        yield Gap("an independent third-party audit", f"{LAW} Art. 6", f"{PROFILE}: audit")
    elif not stated.get("auditor"):
        yield Gap("the name of the auditor", f"{LAW} Art. 7(3)", f"{PROFILE}: audit.auditor")
    said = "the summary of the third-party audit in words: it is not recorded here"
    yield Gap(said, f"{LAW} Art. 7(3)", "the report itself (DOCX), by the person who answers for it")


def disclosure_gaps(had: Records, year: int) -> Iterator[Gap]:
    """Yield what was not made public for a year."""
    report = had.system.get("annual_report") or {}
    if report.get("reporting_year", 0) < year:
        said = f"that a report for {year} was made public"
        yield Gap(said, f"{LAW} Art. 7(3)", f"{PROFILE}: annual_report, after publication")


def _policy(had: Records) -> Mapping[str, Any]:
    found: Mapping[str, Any] = had.system.get("policy") or {}
    return found


def _audit(had: Records) -> Mapping[str, Any]:
    found: Mapping[str, Any] = had.system.get("audit") or {}
    return found


def _yes(stated: Mapping[str, Any], name: str) -> str | None:
    return None if name not in stated else "yes" if stated[name] else "no"
