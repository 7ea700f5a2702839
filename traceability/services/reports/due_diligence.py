"""The yearly public report on due diligence (Reg. (EU) 2017/821 Art. 7(3); OECD guidance, step 5)."""

from traceability.diligence.reports.model import Report
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports import risks, system
from traceability.services.reports.records import Records, records
from traceability.services.reports.registry import Query, report

TITLE = "Report on supply chain due diligence"
ARTICLE = "Reg. (EU) 2017/821 Art. 7(3); OECD Due Diligence Guidance, step 5"


@report("due-diligence", TITLE, ARTICLE, audience="public", formats=("json", "pdf", "docx"))
def due_diligence(service: Service, actor: Actor, query: Query) -> Report:
    """Return the draft; it names no supplier, batch or person, and no weight."""
    return of(records(service, actor, query), query)


def of(had: Records, query: Query) -> Report:
    """Return the draft of records that were read."""
    gaps = (
        *system.policy_gaps(had), *system.overseer_gaps(had), *system.grievance_gaps(had), *had.limits,
        *risks.mitigation_gaps(had), *system.audit_gaps(had),
    )  # fmt: skip
    sections = (
        system.policy(had), system.overseers(had, named=False), system.grievances(had), risks.identification(had),
        risks.assessment(had), risks.mitigation(had), system.audit(had),
    )  # fmt: skip
    return Report(
        kind="due-diligence", title=TITLE, law=ARTICLE, party_id=had.party.did, party_name=had.party.name,
        period=query.period, as_of=query.as_of, sections=sections, gaps=gaps, list_versions=had.list_versions,
        audience="public",
    )  # fmt: skip
