"""The register of decisions of a period: what was decided about which finding, and by one person or two.

For an authority or an auditor that asks how risks were answered (Reg. (EU) 2017/821 Art. 5(1)(b); OECD step 3). Reasons
and the names of who decided may name persons; they stay in the console, and the ledger holds the hash of each decision.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, select

from traceability.diligence.reports.model import Cell, Column, Gap, Report, Section, Table
from traceability.errors import NotFound
from traceability.lists.codes import named
from traceability.services import review
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.reports.records import LAW, number
from traceability.services.reports.registry import Query, report
from traceability.storage.tables import AssessmentRow, Decision, Party

KIND, TITLE, ARTICLE = "decision-register", "Register of decisions", f"{LAW} Art. 4(c), 5(1)(b)"
_COLUMNS = (
    Column("proposed", "Proposed", "UTC"), Column("about", "About"), Column("subject", "Which"),
    Column("decision", "Decision"), Column("state", "State"), Column("findings", "Findings it names"),
    Column("critical", "A critical among them"), Column("persons", "Persons needed"),
    Column("answered", "Answered", "UTC"), Column("review", "Review on"), Column("entries", "Ledger entries"),
)  # fmt: skip
_ABOUT: Final = {
    "hit": "name hit", "signal": "text signal", "doc_type": "type of a paper", "document": "unread paper",
    "shipment": "shipment record",
}  # fmt: skip
_AT_ONCE: Final = 500
_STATES: Final = {"waiting": "waits for a second person", "in_force": "in force", "refused": "declined"}


@report(KIND, TITLE, ARTICLE, audience="authority")
def decision_register(service: Service, actor: Actor, query: Query) -> Report:
    """Return every decision that was proposed or answered in the period, those that did not take effect included."""
    made = [one for one in review.decisions(service, actor) if _falls(one, query)]
    with service.store.read() as session:
        party = session.get(Party, actor.own_party())
        if party is None:
            raise NotFound("your party is not registered here")
        return of(party, list(reversed(made)), _list_versions(session, made), query, actor.records)


def of(
    party: Party, made: Sequence[Decision], list_versions: dict[str, str], query: Query,
    records: tuple[date, date] | None = None,
) -> Report:  # fmt: skip
    """Return the register of decisions that were read, oldest first."""
    waiting = sum(one.state == "waiting" for one in made)
    said = f"{number(len(made), 'decision')}, of which {waiting} wait for a second person and are not in force."
    table = Table("decisions", "Decisions", _COLUMNS, tuple(map(_line, made)), _NOTE)
    return Report(
        kind=KIND, title=TITLE, law=ARTICLE, party_id=party.did, party_name=party.name, period=query.period,
        as_of=query.as_of, sections=(Section("Decisions", (said,), (table,), law=ARTICLE),),
        gaps=tuple(_gaps(made, waiting, query, records)), list_versions=list_versions, audience="authority",
    )  # fmt: skip


_NOTE = (
    "A decision holds for the findings it names, on the facts it was made on; a new or changed major or critical "
    "reopens it. Whatever makes a critical disappear takes two persons. Reasons and who decided stand in the console."
)


def _falls(one: Decision, query: Query) -> bool:
    days = [at.date() for at in (one.proposed_at, one.confirmed_at) if at is not None]
    return any(query.first <= day <= query.last for day in days)


def _line(one: Decision) -> tuple[Cell, ...]:
    codes = sorted({item["code"] for item in one.findings})
    entries = [index for index in (one.entry_index, one.confirmed_index) if index is not None]
    return (
        _moment(one.proposed_at), _ABOUT.get(one.subject_kind, one.subject_kind), one.subject,
        one.disposition.replace("_", " "), _STATES.get(one.state, one.state), ", ".join(codes) or "none",
        "yes" if any(item["severity"] == "critical" for item in one.findings) else "no",
        2 if one.needs_second else 1, _moment(one.confirmed_at) if one.confirmed_at else "not needed"
        if not one.needs_second else "not yet", one.review_on.isoformat() if one.review_on else "none set",
        ", ".join(map(str, entries)),
    )  # fmt: skip


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _list_versions(session: Session, made: Iterable[Decision]) -> dict[str, str]:
    """Return the versions of lists that the assessments read on which these decisions were made."""
    used: dict[str, set[str]] = {}
    ids = sorted({one.assessment_id for one in made if one.assessment_id is not None})
    for first in range(0, len(ids), _AT_ONCE):
        asked = select(AssessmentRow.coverage).where(col(AssessmentRow.id).in_(ids[first : first + _AT_ONCE]))
        for coverage in session.exec(asked):
            for item in coverage:
                used.setdefault(named(item["list_id"]), set()).add(item["version"] or "none loaded")
    return {title: ", ".join(sorted(found)) for title, found in sorted(used.items())}


def _gaps(
    made: Sequence[Decision], waiting: int, query: Query, records: tuple[date, date] | None
) -> Iterable[Gap]:  # fmt: skip
    if waiting:
        said = f"the answer of a second person to {number(waiting, 'decision')}"
        yield Gap(said, ARTICLE, "the console: decisions that wait, confirmed or declined by another officer")
    if overdue := sum(
        one.state == "in_force" and one.review_on is not None and one.review_on < query.as_of for one in made
    ):
        said = f"the review of {number(overdue, 'decision')} whose review date has passed"
        yield Gap(said, ARTICLE, "the console: decide again")
    if records is not None and not (records[0] <= query.first and query.last <= records[1]):
        said = f"decisions outside {records[0]} to {records[1]}, which this mandate does not open"
        yield Gap(said, "the mandate", "a mandate whose records are those of the whole period")
    if query.first <= query.as_of <= query.last:
        said = f"decisions after {query.as_of}: the period is not over"
        yield Gap(said, "the period asked for", "ask again after its last day")
