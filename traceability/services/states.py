"""From an assessment to the state people see: floors, decisions, and reasons to wait.

Derived at every reading and never stored, so a decision, a new event or an older assessment shows at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from traceability.clock import latest_date
from traceability.diligence.status import HOLD, INFO_REQUIRED, NO_FINDINGS, PENDING, REVIEW, status_of, worst
from traceability.services.beside import Beside
from traceability.services.context import Service
from traceability.services.criticals import open_criticals
from traceability.services.releases import RELEASES, CountedFinding, Reopened, newest, reopened
from traceability.storage.jobs import OpenJob
from traceability.storage.tables import AssessmentRow, Decision
from traceability.texts import phrase

#: Notes that keep a subject from ever looking clear, with what is asked for (unknown is not clear).
_NEVER_CLEAR: Mapping[str, str] = {
    "unknown_site": phrase("an event stands at a place that is no registered site"),
    "site_contradicted": phrase("the registrations of a site contradict each other about where it is"),
    "coordinates_only": phrase("an event gives coordinates only: a map may tell the country, never the region"),
    "unknown_party": phrase("an event names a party that is not registered"),
    "unreadable_term": phrase("an event states something that cannot be read"),
    "no_weight": phrase("an event creates a batch without a weight"),
    "back_fill": phrase(
        "a later shipment reached the year's threshold: the papers of this earlier lot are to be completed"
    ),
    "read_in_part": phrase("a paper holds what the machine did not read or run: a person has to look at it"),
    "party_not_screened": phrase("a party of the chain is not registered and could not be screened by name"),
}
_MAX_AGE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class SubjectState:
    """What people see of one shipment or batch."""

    kind: str
    subject: str
    state: str
    status: str | None
    findings: tuple[CountedFinding, ...] = ()
    notes: tuple[Mapping[str, Any], ...] = ()
    coverage: tuple[Mapping[str, Any], ...] = ()
    pending: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    assessment: AssessmentRow | None = None
    decision: Decision | None = None  # what stands; a release that was reopened does not
    reopened: Reopened | None = None
    waiting: tuple[Decision, ...] = field(default=())
    open_criticals: tuple[str, ...] = ()

    @property
    def codes(self) -> list[str]:
        """Return the codes of the findings, worst first, those below minor left out."""
        return [item.code for item in self.findings if item.severity != "info"]


def state_of(
    service: Service, session: Session, owner_id: str, kind: str, subject: str, beside: Beside | None = None
) -> SubjectState:
    """Return the state of a subject for an owner, from its newest assessment and the decisions in force."""
    beside = beside or Beside(session)
    return of_row(service, session, owner_id, kind, subject, beside.run(owner_id, kind, subject), beside)


def of_row(  # what a state follows from
    service: Service, session: Session, owner_id: str, kind: str, subject: str, row: AssessmentRow | None,
    beside: Beside | None = None,
) -> SubjectState:  # fmt: skip
    """Return the state that follows from one assessment row; none at all is pending.

    ``beside`` is what else it follows from, where it was read before for many states.
    """
    beside = beside or Beside(session)
    if row is None:
        begun = _under_way(beside.jobs(owner_id, kind, subject))
        return SubjectState(kind, subject, PENDING, None, pending=(phrase("not assessed yet"), *begun))
    decisions = beside.decisions(owner_id, kind, subject)
    gone, last = open_criticals(beside, row), newest(decisions)
    ended = reopened(session, row, last, gone, latest_date(service.clock()))
    standing = None if ended else last
    counted = counted_findings(row, standing)
    status = status_of(item for item in counted if not item.covered)
    floors, reasons = floors_of(row, decisions, gone), _reasons(service, beside, row)
    state = worst(status, *(floor for floor, _ in floors), *([PENDING] if reasons else []))
    return SubjectState(
        kind=kind,
        subject=subject,
        state=state,
        status=row.status,
        findings=tuple(counted),
        notes=tuple(row.notes),
        coverage=tuple(row.coverage),
        pending=tuple(reasons),
        floors=tuple(why for _, why in floors),
        assessment=row,
        decision=standing,
        reopened=ended,
        waiting=tuple(d for d in decisions if d.state == "waiting"),
        open_criticals=tuple(gone),
    )


def decisions_on(session: Session, owner_id: str, kind: str, subject: str) -> list[Decision]:
    """Return the decisions on a subject, in the order in which they took effect."""
    return Beside(session).decisions(owner_id, kind, subject)


def reopened_among(service: Service, session: Session, rows: Iterable[Decision]) -> dict[str, Reopened]:
    """Return by id those of some decisions that are releases which no longer hold."""
    released = [row for row in rows if row.state == "in_force" and row.disposition in RELEASES]
    about = sorted({(row.owner_id, row.subject_kind, row.subject) for row in released})
    beside = Beside(session)
    found = [state_of(service, session, *one, beside).reopened for one in about]
    return {one.decision.id: one for one in found if one is not None}


def counted_findings(row: AssessmentRow, standing: Decision | None) -> list[CountedFinding]:
    """Return the findings of a run, each with whether the decision that stands covers it."""
    return [_cover(_counted(row, item), standing) for item in row.result["findings"]]


def _counted(row: AssessmentRow, item: Mapping[str, Any]) -> CountedFinding:
    said = (item["code"], item["severity"], item["advisory"], item["digest"])
    return CountedFinding(*said, item, assessment_id=row.id)


def _cover(item: CountedFinding, standing: Decision | None) -> CountedFinding:
    if standing is None or standing.disposition not in RELEASES:
        return item
    if item.digest not in {named["digest"] for named in standing.findings}:
        return item
    return replace(item, covered=True)


def floors_of(
    row: AssessmentRow, decisions: Sequence[Decision], open_criticals: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the states below which the findings cannot bring a run, each with why."""
    floors: list[tuple[str, str]] = [
        (HOLD, phrase(f"{code} was critical before, and no two persons have resolved it")) for code in open_criticals
    ]
    if any(d.state == "waiting" and d.disposition in RELEASES for d in decisions):
        floors.append((NO_FINDINGS, phrase("a release waits for a second person")))
    reviewed = sorted({note["kind"] for note in row.notes if note.get("review")})
    if reviewed:
        floors.append((REVIEW, phrase(f"notes an officer has to look at: {', '.join(reviewed)}")))
    limited = [item["sentence"] for item in row.coverage if item["required"] and item["state"] != "full"]
    floors += [(INFO_REQUIRED, sentence) for sentence in limited]
    if row.subject_kind == "batch":
        floors.append((INFO_REQUIRED, phrase("origin and goods not assessed: no shipment record names this batch")))
    said = {note["kind"] for note in row.notes}
    return floors + [(INFO_REQUIRED, why) for kind, why in _NEVER_CLEAR.items() if kind in said]


def _reasons(service: Service, beside: Beside, row: AssessmentRow) -> list[str]:
    """Return why the state is pending whatever the findings say."""
    reasons = list(row.pending) if row.erased_index is None else [_erased(row)]
    if beside.has_event_after(row.batches, row.entry_index):
        reasons.append(phrase("events came after the last assessment"))
    if row.erased_index is None and beside.has_erasure_after(row.batches, row.entry_index):
        reasons.append(phrase("evidence it rests on was erased after the last assessment"))
    if beside.newest_list > row.entry_index:
        reasons.append(phrase("a list was loaded after the last assessment"))
    if beside.is_touched(row.batches):
        reasons.append(phrase("a change about its chain has not been followed up yet"))
    reasons += _under_way(beside.jobs(row.owner_id, row.subject_kind, row.subject))
    today: date = latest_date(service.clock())
    if abs(today - row.as_of) > _MAX_AGE:
        reasons.append(phrase(f"last assessed for {row.as_of.isoformat()}"))
    return reasons


def _under_way(jobs: Sequence[OpenJob]) -> list[str]:
    """Say what is pending with an assessment and the screening in it: to be done, cut off, or failed."""
    if not jobs:
        return []
    if any(job.state == "failed" for job in jobs):
        return [phrase("an assessment, with its screening, has failed and waits for an admin")]
    if any(job.attempts > 0 and job.state == "waiting" for job in jobs):
        return [phrase("an assessment, with its screening, was interrupted or has failed, and is tried again")]
    return [phrase("an assessment is under way")]


def _erased(row: AssessmentRow) -> str:
    return phrase(f"what it was assessed from was erased when its retention ended (ledger entry {row.erased_index})")
