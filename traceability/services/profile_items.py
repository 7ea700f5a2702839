"""What an importer states about itself, item by item: its paper, until when it counts, and what rules raised of it.

Reg. (EU) 2017/821 Art. 4 to 7. Whether something is stated is told whatever the yearly volume; a finding comes from the
newest assessments alone, whose rules ask first whether the obligations apply.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.diligence import catalogue
from traceability.diligence.definitions.dates import add_months, report_year_due
from traceability.diligence.parameters import PARAMETERS
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.assess import newest_ids
from traceability.services.context import Service
from traceability.services.facts.importer import latest_profile
from traceability.services.facts.papers import documents, papers
from traceability.services.period import shipment_within
from traceability.storage.tables import AssessmentRow, Party, Shipment

State = Literal["stated", "missing", "over"]
_SYSTEM = "importer.management_system"


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its path in the facts, what is stated, the ids of its papers, and the last day it counts.

    ``until`` is None where nothing ends it, or no day is stated.
    """

    path: str
    title: str
    law: str
    stated: str | None
    state: State
    papers: tuple[str, ...] = ()
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """A finding about the importer itself, and on how many of its shipment records the newest run raised it."""

    code: str
    severity: str
    advisory: bool
    title: str
    law: str
    records: int


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile as of a day; ``assessed`` counts the shipment records whose newest run could raise a finding."""

    as_of: date
    items: tuple[Item, ...]
    raised: tuple[Raised, ...]
    assessed: int


def profile_items(service: Service, actor: Actor) -> Profile:
    """Return the profile of the actor's own importer, also where it has stated none: then every item is missing.

    Raises:
        Forbidden: the role may not read it, or belongs to no party.

    """
    actor.require("private", scope="read")
    as_of = latest_date(service.clock())
    with service.store.read() as session:
        party = session.get_one(Party, actor.own_party())
        row = latest_profile(session, party.id)
        system = row.profile.get("management_system", {}) if row else {}
        known = _papers(session, party)
        mine = select(Shipment.shipment_id, Shipment.record).where(
            Shipment.importer_id == party.id, col(Shipment.latest).is_(True), shipment_within(actor)
        )
        records = dict(session.exec(mine).all())
        ran = select(AssessmentRow.subject, AssessmentRow.result).where(
            col(AssessmentRow.id).in_(newest_ids(party.id)), AssessmentRow.subject_kind == "shipment"
        )
        runs = [result for subject, result in session.exec(ran) if subject in records]
    items = (*_items(system, known, as_of), _smelters(records.values()))
    return Profile(as_of, items, tuple(_raised(runs)), len(runs))


def _papers(session: Session, party: Party) -> dict[str, list[str]]:
    """Return the papers attached to the importer itself, by what they are."""
    found: dict[str, list[str]] = {}
    for one in documents(papers(session, party.id, {("party", normalise(party.did))})):
        found.setdefault(one["type"], []).append(one["document_id"])
    return found


def _items(system: Mapping[str, Any], known: Mapping[str, Sequence[str]], as_of: date) -> Iterator[Item]:
    yield _policy(system.get("policy", {}), known, as_of)
    role, years = system.get("senior_management_responsible"), system.get("record_retention_years")
    yield _plain("senior_management_responsible", "Responsible in senior management", "Art. 4(c)", role)
    kept = None if years is None else f"{years} years"
    yield _plain("record_retention_years", "Records are kept", "Art. 4(c)", kept, holds=(years or 0) >= 5)  # noqa: PLR2004  # the law's
    clause = "stated" if system.get("supplier_contract_clause") else None
    contracts = tuple(known.get("contract", ()))
    yield _plain("supplier_contract_clause", "Policy in supplier contracts", "Art. 4(d)", clause, papers=contracts)
    channel = system.get("grievance_mechanism", "none")
    yield _plain("grievance_mechanism", "Grievance channel", "Art. 4(e)", None if channel == "none" else channel)
    yield _audit(system.get("audit", {}), known, as_of)
    report = system.get("annual_report", {})
    year, due = report.get("reporting_year"), report_year_due(as_of, PARAMETERS.report_due_month)
    said = None if year is None else f"for {year}, {report.get('published_url', 'no address stated')}"
    state: State = "missing" if year is None else "over" if year < due else "stated"
    yield Item(f"{_SYSTEM}.annual_report", "Public report", "Art. 7(3)", said, state)
    address = system.get("recycled_statement_url")
    yield _plain("recycled_statement_url", "Statement on recycled metals", "Art. 7(4)", address)


def _plain(
    name: str, title: str, law: str, stated: str | None, *, holds: bool = True, papers: tuple[str, ...] = ()
) -> Item:
    state: State = "missing" if stated is None or not holds else "stated"
    return Item(f"{_SYSTEM}.{name}", title, law, stated, state, papers)


def _policy(policy: Mapping[str, Any], known: Mapping[str, Sequence[str]], as_of: date) -> Item:
    since = policy.get("reviewed_on", policy.get("adopted_on"))
    until = add_months(date.fromisoformat(since), PARAMETERS.policy_review_months) if since else None
    whole = "published_url" in policy and policy.get("oecd_annex_ii_consistent") is True
    state: State = "missing" if not whole else "over" if until is None or until < as_of else "stated"
    own = [policy["document_id"]] if "document_id" in policy else []
    papers = tuple(dict.fromkeys([*own, *known.get("policy", ())]))
    return Item(
        f"{_SYSTEM}.policy", "Supply chain policy", "Art. 4(a), (b)", policy.get("published_url"), state, papers, until
    )


def _audit(audit: Mapping[str, Any], known: Mapping[str, Sequence[str]], as_of: date) -> Item:
    done = audit.get("completed_on")
    until = add_months(date.fromisoformat(done), PARAMETERS.audit_months) if done else None
    whole = audit.get("covers_all_activities") is True
    state: State = "missing" if until is None or not whole else "over" if until < as_of else "stated"
    said = f"completed on {done}, {audit.get('auditor', 'no auditor stated')}" if done else None
    papers = tuple(known.get("audit_report", ()))
    return Item(f"{_SYSTEM}.audit", "Independent third-party audit", "Art. 6", said, state, papers, until)


def _smelters(records: Any) -> Item:
    """Return the smelter set: it is what the shipment records name, each with evidence of its own there."""
    stated = [one for record in records for one in record.get("smelters", ())]
    names = {one.get("smelter_id") or one.get("name") for one in stated} - {None}
    ids = {e["document_id"] for one in stated for e in one.get("assurances", ()) if "document_id" in e}
    said = f"{len(names)} named in shipment records" if names else None
    return Item(
        "shipment.smelters",
        "Smelters and refiners",
        "Art. 4(g)",
        said,
        "stated" if names else "missing",
        tuple(sorted(ids)),
    )


def importer_codes() -> tuple[str, ...]:
    """Return the codes that are about the importer itself: whose facts are its management system."""
    return tuple(row.code for row in catalogue.rows() if any(one.startswith(_SYSTEM) for one in row.facts_used))


def _raised(runs: Sequence[Mapping[str, Any]]) -> Iterator[Raised]:
    codes = importer_codes()
    found = [one for run in runs for one in run["findings"] if one["code"] in codes]
    for code in codes:
        same = [one for one in found if one["code"] == code]
        if same:
            one = same[0]
            yield Raised(code, one["severity"], one["advisory"], one["title"], one["law_ref"], len(same))


def shown(found: Profile) -> dict[str, Any]:
    """Return the profile as JSON."""
    items = [
        {"path": one.path, "title": one.title, "law_ref": f"Reg. (EU) 2017/821 {one.law}", "stated": one.stated,
         "state": one.state, "documents": list(one.papers), "valid_until": one.until and one.until.isoformat()}
        for one in found.items
    ]  # fmt: skip
    raised = [
        {"code": one.code, "severity": one.severity, "advisory": one.advisory, "title": one.title,
         "law_ref": one.law, "shipments": one.records}
        for one in found.raised
    ]  # fmt: skip
    return {"as_of": found.as_of.isoformat(), "items": items, "findings": raised, "assessed": found.assessed}
