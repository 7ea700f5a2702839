"""Mitigation plans, grievances and notices of an importer: written by its officers as versions, read by those entitled.

A plan that fails suspends nobody: the finding is raised, and what follows is an officer's decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.errors import Conflict, InvalidInput, NotFound, Problem
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import assess, batches
from traceability.services.access import Actor
from traceability.services.case_forms import check_follows, record_of
from traceability.services.context import Service, new_id
from traceability.services.period import within
from traceability.services.whole import case_bytes
from traceability.storage.store import Transaction
from traceability.storage.tables import CaseVersion, GrievanceReporter, Shipment

NAMES: Mapping[str, str] = {
    "plan": "mitigation plan",
    "grievance": "grievance",
    "notice": "notice",
    "request": "request",
    "contest": "contest",
}
MAX_IDENTITY = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its reader sees it: every version, the newest first."""

    versions: Sequence[CaseVersion]

    @property
    def now(self) -> CaseVersion:
        """Return the newest version."""
        return self.versions[0]


def create(
    service: Service, actor: Actor, kind: str, said: Mapping[str, Any], reporter: str | None = None
) -> CaseVersion:
    """Record the first version of a case of the officer's importer, and let what it touches be assessed again.

    ``reporter`` is who reported a grievance; it is kept apart, and the entry of the ledger knows nothing of it.

    Raises:
        Forbidden: the actor is no officer.
        InvalidInput: a field cannot be, or names a batch or shipment record the importer does not see.

    """
    # A plan is what the importer undertakes, a person's word; a grievance or notice may come in from elsewhere.
    actor.require("answer_for_cases" if kind == "plan" else "cases", scope="write")

    def change(tx: Transaction) -> CaseVersion:
        record = record_of(kind, said, latest_date(tx.now))
        _check_about(tx.session, actor, record)
        row = append(service, tx, actor, kind, new_id(), record, None)
        assess.ask_all(tx, row.owner_id)
        if reporter is not None:
            tx.session.add(
                GrievanceReporter(
                    case_id=row.case_id, owner_id=row.owner_id, identity=reporter, recorded_by=actor.person,
                    recorded_at=tx.now,
                )
            )  # fmt: skip
        return row

    return service.store.write(change)


def revise(
    service: Service, actor: Actor, kind: str, case_id: str, based_on: int, said: Mapping[str, Any]
) -> CaseVersion:
    """Record a new version of a case, made from the version ``based_on``.

    Raises:
        NotFound: the importer has no such case.
        Conflict: a newer version came meanwhile; it says which fields that changed. Or the case was erased.
        InvalidInput: as ``create``, or it changes what stays (`case_forms.check_follows`).

    """
    actor.require("answer_for_cases", scope="write")

    def change(tx: Transaction) -> CaseVersion:
        today = latest_date(tx.now)
        found = _versions(tx.session, actor, kind, case_id)
        before = found[0]
        check_base(found, based_on)
        record = record_of(kind, said, today)
        check_follows(kind, before.record, record, today)
        _check_about(tx.session, actor, record, [dict(one) for one in before.record["about"]])
        if record == before.record:
            raise InvalidInput("the new version says what the last one says; nothing was recorded")
        row = append(service, tx, actor, kind, case_id, record, before)
        assess.ask_all(tx, row.owner_id)
        return row

    return service.store.write(change)


def listed(service: Service, actor: Actor, kind: str) -> Sequence[CaseVersion]:
    """Return the newest version of each case of the actor's importer: what is open first, by the day it is due."""
    actor.require("private", scope="read")
    with service.store.read() as session:
        return newest(session, actor, kind)


def newest(session: Session, actor: Actor, kind: str) -> Sequence[CaseVersion]:
    """Return the cases as ``listed`` does, within a session."""
    query = select(CaseVersion).where(
        CaseVersion.owner_id == actor.own_party(), CaseVersion.kind == kind, col(CaseVersion.latest).is_(True),
        col(CaseVersion.case_id).in_(_within(actor)),
    )  # fmt: skip
    return sorted(session.exec(query), key=_order)


def case(service: Service, actor: Actor, kind: str, case_id: str) -> Case:
    """Return one case of the actor's importer.

    Raises:
        NotFound: it has none such.

    """
    actor.require("private", scope="read")
    with service.store.read() as session:
        return Case(_versions(session, actor, kind, case_id))


def _order(row: CaseVersion) -> tuple[bool, str, int]:
    record = row.record
    if row.kind == "plan":
        return record.get("progress") in (None, "completed", "failed"), record.get("review_due_on", ""), row.entry_index
    if row.kind == "notice":
        return record.get("status") != "open", record.get("due", ""), row.entry_index
    return record.get("status") in (None, "closed"), record.get("received_on", ""), row.entry_index


def _within(actor: Actor) -> Any:
    """Return the cases of which some version was written in an auditor's period."""
    return select(CaseVersion.case_id).where(within(actor, col(CaseVersion.written_at)))


def _versions(session: Session, actor: Actor, kind: str, case_id: str) -> Sequence[CaseVersion]:
    query = select(CaseVersion).where(
        CaseVersion.case_id == case_id, CaseVersion.kind == kind, CaseVersion.owner_id == actor.own_party(),
        col(CaseVersion.case_id).in_(_within(actor)),
    )  # fmt: skip
    found = session.exec(query.order_by(col(CaseVersion.version).desc())).all()
    if not found:
        raise NotFound(f"there is no {NAMES[kind]} {case_id[:60]} of your importer")
    return found


def check_base(found: Sequence[CaseVersion], based_on: int) -> None:
    """Check that a new version was made from the newest of these, the newest first.

    Raises:
        Conflict: a newer one came meanwhile, or the case was erased.
        InvalidInput: there is no version ``based_on``.

    """
    now = found[0]
    if now.erased_index is not None:
        raise Conflict(f"the case was erased when its retention ended (ledger entry {now.erased_index})")
    base = next((row for row in found if row.version == based_on), None)
    if base is None:
        raise InvalidInput(
            "there is no such version", problems=[Problem("based_on", f"write a version from 1 to {now.version}")]
        )
    if base is not now:
        changed = sorted(n for n in {*base.record, *now.record} if base.record.get(n) != now.record.get(n))
        since = f"version {now.version} came meanwhile and changed {', '.join(changed) or 'nothing that still differs'}"
        raise Conflict(
            f"{since}; read it, then send yours based on it. Nothing was recorded",
            extra={"latest": now.version, "changed": changed},
        )


def _check_about(
    session: Session, actor: Actor, record: Mapping[str, Any], known: Sequence[Mapping[str, str]] = ()
) -> None:
    """Check that batches and shipment records newly named are seen by the importer; others are only compared."""
    problems = []
    for number, one in enumerate(record["about"]):
        if one not in known and not _sees(session, actor, one):
            problems.append(Problem(f"about[{number}].id", f"you see no such {one['kind']}; write it as its page does"))
    if problems:
        raise InvalidInput(f"{problems[0].path}: {problems[0].message}. Nothing was recorded", problems=problems)


def _sees(session: Session, actor: Actor, one: Mapping[str, str]) -> bool:
    if one["kind"] == "batch":
        try:
            batches.require_visible(session, actor, one["id"])
        except NotFound:
            return False
    elif one["kind"] == "shipment":
        mine = select(Shipment.id).where(Shipment.importer_id == actor.own_party(), Shipment.shipment_id == one["id"])
        return session.exec(mine.limit(1)).first() is not None
    return True


def append(  # noqa: PLR0913, PLR0917  # what a version is made of
    service: Service, tx: Transaction, actor: Actor, kind: str, case_id: str, record: dict[str, Any],
    before: CaseVersion | None, addressee_id: str | None = None, owner_id: str | None = None,
) -> CaseVersion:  # fmt: skip
    """Append a version with its ledger entry; a further one belongs to whom the one before belongs to.

    The first one is the actor's own party's, but where ``owner_id`` says whose it is: what another brings to it.
    """
    if before is not None:
        before.latest = False
        tx.session.add(before)
    row = CaseVersion(
        case_id=case_id, version=before.version + 1 if before else 1,
        owner_id=before.owner_id if before else owner_id or actor.own_party(), kind=kind,
        addressee_id=before.addressee_id if before else addressee_id, record=record, written_by=actor.person,
        written_at=tx.now, entry_index=0,
    )  # fmt: skip
    entry = Entry(
        kind="decision", body=digest(case_bytes(row, service.who)), who=service.who(row.owner_id),
        at=milliseconds(tx.now), ref=(before.entry_index,) if before else (),
    )  # fmt: skip
    row.entry_index = tx.log.append(entry)
    tx.session.add(row)
    tx.session.flush()
    return row
