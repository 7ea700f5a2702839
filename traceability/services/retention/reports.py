"""Reports of what is due: made by a job, read by the dpo, and never acted upon without approval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.errors import NotFound
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.retention.plan import Line, plan
from traceability.services.worker import handler
from traceability.storage.jobs import enqueue, open_jobs
from traceability.storage.store import Transaction
from traceability.storage.tables import Party, RetentionLine, RetentionReport, User

_KEPT_REPORTS = 200
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Report:
    """A report with its lines, and the owners' DIDs by id."""

    row: RetentionReport
    lines: tuple[RetentionLine, ...]
    owners: Mapping[str, str]


def ask(service: Service, actor: Actor) -> str:
    """Let a report be made of the actor's party's records, or of all for the operator's dpo; return its id.

    Raises:
        Forbidden: the actor is no dpo.

    """
    actor.require("erase")  # it erases nothing yet: software may ask for it
    actor.require_scope("write")
    return service.store.write(lambda tx: _enqueue(tx, actor.party_id))


@handler("retention_report")
def make(service: Service, args: Mapping[str, Any]) -> None:
    """Find what is due today and keep the report; made once, however often the job runs."""
    report_id, party_id = args["report_id"], args["party_id"]
    today = latest_date(service.clock())
    with service.store.read() as session:
        found = plan(service, session, today).of(party_id)

    def change(tx: Transaction) -> None:
        if tx.session.get(RetentionReport, report_id) is not None:
            return
        row = RetentionReport(id=report_id, party_id=party_id, as_of=today, at=tx.now, counts=found.counts())
        tx.session.add(row)
        tx.session.add_all(_line(report_id, one) for one in found.lines if one.state != "running")

    service.store.write(change)


def _line(report_id: str, one: Line) -> RetentionLine:
    return RetentionLine(
        report_id=report_id, kind=one.kind, subject=one.subject, owner_id=one.owner_id, state=one.state,
        ground=one.term.ground, ended_on=one.term.ends_on, why=one.why[:500],
    )  # fmt: skip


def remind(service: Service) -> bool:
    """Ask for a report of everything where the newest is a month old and the operator has a dpo to read it."""
    today = latest_date(service.clock())
    with service.store.read() as session:
        reader = select(User.id).where(
            User.role == "dpo", col(User.party_id).is_(None), col(User.disabled_at).is_(None)
        )
        newest = select(RetentionReport).where(col(RetentionReport.party_id).is_(None))
        last = session.exec(newest.order_by(col(RetentionReport.at).desc()).limit(1)).first()
        nobody = session.exec(reader.limit(1)).first() is None
    if nobody or (last is not None and today - last.as_of < _MONTH):
        return False
    service.store.write(lambda tx: _enqueue(tx, None))
    return True


def _enqueue(tx: Transaction, party_id: str | None) -> str:
    """Let a report be made; one that waits already is the one."""
    key = f"retention|{party_id or 'all'}"
    waiting = next((job for job in open_jobs(tx.session, key) if job.state == "waiting"), None)
    if waiting is not None:
        return str(waiting.args["report_id"])
    report_id = new_id()
    enqueue(tx, "retention_report", key, report_id=report_id, party_id=party_id)
    return report_id


def reports(service: Service, actor: Actor) -> Sequence[RetentionReport]:
    """Return the newest reports: of the dpo's own party, or all for the operator's."""
    actor.require("erase", scope="read")
    query = select(RetentionReport).order_by(col(RetentionReport.at).desc(), col(RetentionReport.id))
    if actor.party_id is not None:
        query = query.where(RetentionReport.party_id == actor.party_id)
    with service.store.read() as session:
        return session.exec(query.limit(_KEPT_REPORTS)).all()


def waits(service: Service, actor: Actor) -> bool:
    """Tell whether a report the actor asked for is still being made, or could not be made."""
    actor.require("erase", scope="read")
    with service.store.read() as session:
        return bool(open_jobs(session, f"retention|{actor.party_id or 'all'}"))


def report(service: Service, actor: Actor, report_id: str) -> Report:
    """Return a report with its lines, those that are due first.

    Raises:
        NotFound: there is none, or it is another party's.

    """
    actor.require("erase", scope="read")
    with service.store.read() as session:
        row = own(session, actor, report_id)
        rows = session.exec(
            select(RetentionLine).where(RetentionLine.report_id == report_id).order_by(col(RetentionLine.id))
        )
        lines = sorted(rows, key=lambda line: (_ORDER.index(line.state), line.kind, line.id or 0))
        parties = select(Party.id, Party.did).where(col(Party.id).in_({line.owner_id for line in lines}))
        return Report(row, tuple(lines), dict(session.exec(parties).all()))


_ORDER = ("due", "blocked", "unknown")


def own(session: Session, actor: Actor, report_id: str) -> RetentionReport:
    """Return a report of the actor's party; the operator's dpo reads every one.

    Raises:
        NotFound: there is none, or it is another party's.

    """
    row = session.get(RetentionReport, report_id)
    if row is None or actor.party_id not in (None, row.party_id):
        raise NotFound(f"there is no retention report {report_id[:100]} of yours; it may still be in the making")
    return row
