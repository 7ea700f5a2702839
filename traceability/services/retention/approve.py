"""A dpo approves lines of a report; what is still due then is erased in one transaction, and nothing else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.errors import Conflict, InvalidInput, NotFound, Problem
from traceability.services.access import Actor
from traceability.services.case_reporters import forget
from traceability.services.context import Service
from traceability.services.retention import erase, holds
from traceability.services.retention.erase import Body
from traceability.services.retention.overwriting import overwriting
from traceability.services.retention.papers import free_reads, reads_kept_from
from traceability.services.retention.plan import Plan, key_of, plan
from traceability.services.retention.reports import own
from traceability.storage.store import Transaction
from traceability.storage.tables import (
    AccessLog,
    AccessLogParty,
    GrievanceReporter,
    IncidentLink,
    LegalHold,
    LogHead,
    RetentionLine,
    RetentionReport,
)

MIN_REASON = 20


@dataclass(frozen=True, slots=True)
class Approved:
    """What came of an approval: erased now, erased by an earlier one, and kept after all with the reason."""

    erased: Mapping[int, int]
    """Line to erasure entry."""
    already: Mapping[int, int]
    kept: Mapping[int, str]


def approve(
    service: Service, actor: Actor, report_id: str, reason: str, lines: Collection[int] | None = None
) -> Approved:
    """Erase what a report says is due and still is: all of it, or these lines. Approving again changes nothing.

    A hold placed or a record posted since the report was made counts: such a line is kept, and the answer says why.

    Raises:
        Forbidden: the actor is no dpo.
        InvalidInput: the reason has fewer than 20 characters.
        NotFound: there is no such report or line of the actor's.
        Conflict: a line is not due.

    """
    actor.require("erase", scope="write")
    if len(reason.strip()) < MIN_REASON:
        said = f"say in at least {MIN_REASON} characters why this may be erased; it stays on record"
        raise InvalidInput(said, problems=[Problem("reason", said)])
    today = latest_date(service.clock())
    with service.store.read() as session:
        own(session, actor, report_id)
        mark, found = _mark(session), plan(service, session, today)

    def change(tx: Transaction) -> Approved:
        _ = tx.now  # takes the lock: from here on nothing is posted that could rest on what goes
        now = found if _mark(tx.session) == mark else plan(service, tx.session, today)
        return _carry_out(service, tx, actor, _chosen(tx.session, actor, report_id, lines), now, reason.strip())

    return service.store.write(change)


def _mark(session: Session) -> tuple[Any, ...]:
    """Return what changes whenever the plan might: the log, the holds, and the links of incidents to batches."""
    head = session.get(LogHead, 1)
    holds = session.exec(select(sa.func.count(), sa.func.count(col(LegalHold.lifted_at))).select_from(LegalHold)).one()
    linked = session.exec(select(sa.func.max(IncidentLink.id))).one()
    return head and head.size, tuple(holds), linked


def _chosen(session: Session, actor: Actor, report_id: str, wanted: Collection[int] | None) -> list[RetentionLine]:
    own(session, actor, report_id)
    rows = session.exec(select(RetentionLine).where(RetentionLine.report_id == report_id)).all()
    if wanted is None:
        return [row for row in rows if row.state == "due"]
    by_id = {row.id: row for row in rows}
    strange = sorted(set(wanted) - by_id.keys())
    if strange:
        raise NotFound(f"the report has no line {strange[0]}")
    chosen = [by_id[number] for number in sorted(set(wanted))]
    early = next((row for row in chosen if row.state != "due"), None)
    if early is not None:
        raise Conflict(f"line {early.id} is not due: {early.why}. Nothing was erased")
    return chosen


def _carry_out(
    service: Service, tx: Transaction, actor: Actor, chosen: list[RetentionLine], now: Plan, reason: str
) -> Approved:
    already = {row.id or 0: row.erasure_index for row in chosen if row.erasure_index is not None}
    state = {line.key: line for line in now.lines}
    kept: dict[int, str] = {}
    going: list[RetentionLine] = []
    for row in chosen:
        line = state.get(key_of(row.kind, row.subject, row.owner_id))
        if row.id in already:
            continue
        if line is not None and line.state == "due":
            going.append(row)
        else:
            kept[row.id or 0] = "it was erased by another approval" if line is None else line.why
    done = _erase(service, tx, actor, going)
    for row in going:
        row.decided_by, row.decided_at, row.reason = actor.person, tx.now, reason
        row.erasure_index = done[row.id or 0]
        tx.session.add(row)
    return Approved(done, already, kept)


def _erase(service: Service, tx: Transaction, actor: Actor, going: list[RetentionLine]) -> dict[int, int]:
    """Erase what the lines name; return the erasure entry of each."""
    found = {row.id or 0: _bodies(service, tx.session, row) for row in going}
    bodies = [body for some in found.values() for body in some]
    with overwriting(tx):
        entries = erase.erase(service, tx, actor, going[0].report_id, bodies) if bodies else {}
        reads = {row.id or 0: _reads(service, tx, actor, row) for row in going if row.kind == "access_log"}
        reporters = _reporters(service, tx, actor, [row for row in going if row.kind == "reporter"])
    return {line: entries[some[0].kind, some[0].row.id] for line, some in found.items() if some} | reads | reporters


def _reporters(service: Service, tx: Transaction, actor: Actor, going: list[RetentionLine]) -> dict[int, int]:
    """Take away who reported the grievances that the lines name, all under one entry."""
    rows = [tx.session.get_one(GrievanceReporter, row.subject) for row in going]
    place = forget(service, tx, actor, rows) if rows else 0
    return {row.id or 0: place for row in going}


def _bodies(service: Service, session: Session, row: RetentionLine) -> list[Body]:
    if row.kind == "shipment":
        return erase.shipment_bodies(session, row.owner_id or "", row.subject)
    if row.kind == "assessment":
        return erase.batch_bodies(session, row.owner_id or "", row.subject)
    if row.kind == "screening":
        return [erase.look_up_body(session, int(row.subject))]
    if row.kind == "case":
        return erase.case_bodies(session, row.subject)
    if row.kind == "capture":
        return [erase.capture_body(session, row.subject)]
    return [erase.document_body(service, session, row.subject)] if row.kind == "document" else []


def _reads(service: Service, tx: Transaction, actor: Actor, line: RetentionLine) -> int:
    """Delete the lines of the log of reads that the report counted; the entry says how many, and until when."""
    as_of = tx.session.get_one(RetentionReport, line.report_id).as_of
    until, old = reads_kept_from(as_of), free_reads(holds.held(service, tx.session), as_of)
    ids = select(AccessLog.id).where(old)
    number = tx.session.exec(select(sa.func.count()).select_from(AccessLog).where(old)).one()
    tx.session.execute(sa.delete(AccessLogParty).where(col(AccessLogParty.read_id).in_(ids)))
    tx.session.execute(sa.delete(AccessLog).where(old))
    return erase.append(service, tx, actor, "reads", {"before": until.isoformat(), "lines": number}, ())
