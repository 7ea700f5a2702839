"""Who reported a grievance: for whoever took the report down and the dpo, each read logged; erased by the dpo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import Forbidden, InvalidInput, NotFound, Problem
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.mandates import check_purpose
from traceability.services.retention.erase import append
from traceability.services.retention.overwriting import overwriting
from traceability.storage.store import Transaction
from traceability.storage.tables import AccessLog, AccessLogParty, GrievanceReporter

MIN_REASON = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """That it is kept who reported a grievance, by whom it was taken down, and when; never who it is."""

    case_id: str
    recorded_by: str
    recorded_at: datetime
    erasure_index: int | None


def kept(service: Service, actor: Actor) -> Sequence[Kept]:
    """Return the grievances of the actor's party of which a reporter is or was kept, newest first.

    Raises:
        Forbidden: the role may never read one.

    """
    return _kept(service, actor)


def one(service: Service, actor: Actor, case_id: str) -> Kept:
    """Return that of one grievance; raises as ``kept``, and NotFound where none was kept."""
    found = _kept(service, actor, case_id)
    if not found:
        raise _missing(case_id)
    return found[0]


def _kept(service: Service, actor: Actor, case_id: str | None = None) -> Sequence[Kept]:
    actor.require("reporter", scope="read")
    query = select(
        GrievanceReporter.case_id, GrievanceReporter.recorded_by, GrievanceReporter.recorded_at,
        GrievanceReporter.erasure_index,
    ).where(_of(actor))  # fmt: skip
    query = query if case_id is None else query.where(GrievanceReporter.case_id == case_id)
    with service.store.read() as session:
        return [Kept(*row) for row in session.exec(query.order_by(col(GrievanceReporter.recorded_at).desc()))]


def _of(actor: Actor) -> Any:
    """Return the condition on reporters of the actor's party; the operator's dpo has those of all."""
    every = actor.role == "dpo" and actor.party_id is None
    return sa.true() if every else col(GrievanceReporter.owner_id) == actor.party_id


def read(service: Service, actor: Actor, case_id: str, purpose: str | None) -> GrievanceReporter:
    """Return who reported a grievance; the read is logged, with its purpose, before it is answered.

    Raises:
        NotFound: no reporter of a grievance of the actor's party was kept.
        Forbidden: an officer who did not take the report down, or no purpose stated.

    """
    actor.require("reporter", scope="read")

    def change(tx: Transaction) -> GrievanceReporter:
        row = _own(tx.session, actor, case_id)
        if actor.role == "officer" and row.recorded_by != actor.person:
            raise Forbidden("only the officer who took the report down and the dpo may read who reported it")
        _log(tx, actor, row, "reporter of a grievance", {"purpose": check_purpose(purpose)})
        return row

    return service.store.write(change)


def erase(service: Service, actor: Actor, case_id: str, reason: str) -> int:
    """Erase who reported a grievance on a dpo's word, before its term; return the erasure entry. The case stays.

    Raises:
        Forbidden: the actor is no dpo.
        NotFound: as ``read``.
        InvalidInput: the reason has fewer than 20 characters.

    """
    actor.require("erase", scope="write")
    if len(reason.strip()) < MIN_REASON:
        said = f"say in at least {MIN_REASON} characters why it is erased"
        raise InvalidInput(said, problems=[Problem("reason", said)])

    def change(tx: Transaction) -> int:
        _ = tx.now  # locks the head: two erasures are one
        row = _own(tx.session, actor, case_id)
        if row.erasure_index is None:
            with overwriting(tx):
                row.erasure_index = forget(service, tx, actor, [row])
            _log(tx, actor, row, "reporter erased", {"reason": reason.strip()})
        return row.erasure_index

    return service.store.write(change)


def forget(service: Service, tx: Transaction, actor: Actor, rows: list[GrievanceReporter]) -> int:
    """Take the identities away; the entry names the cases alone."""
    place = append(service, tx, actor, "reporter", {"cases": sorted(row.case_id for row in rows)}, ())
    for row in rows:
        row.identity, row.erasure_index = None, place
        tx.session.add(row)
    return place


def _own(session: Session, actor: Actor, case_id: str) -> GrievanceReporter:
    query = select(GrievanceReporter).where(GrievanceReporter.case_id == case_id, _of(actor))
    row = session.exec(query).one_or_none()
    if row is None:
        raise _missing(case_id)
    return row


def _missing(case_id: str) -> NotFound:
    return NotFound(f"no reporter is kept of a grievance {case_id[:60]} of your party")


def _log(tx: Transaction, actor: Actor, row: GrievanceReporter, action: str, detail: dict[str, str]) -> None:
    line = AccessLog(
        at=tx.now, actor=actor.person, role=actor.role, party_id=actor.party_id, action=action, subject=row.case_id,
        detail=detail,
    )  # fmt: skip
    tx.session.add(line)
    tx.session.flush()
    tx.session.add(AccessLogParty(read_id=line.id or 0, party_id=row.owner_id))
