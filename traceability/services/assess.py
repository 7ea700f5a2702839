"""Assessing: facts to findings, written with its screenings and ledger entries in one transaction."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from sqlmodel import Session, col, func, select

from traceability.clock import latest_date
from traceability.diligence.definitions.items import value_at
from traceability.diligence.engine import Assessment
from traceability.diligence.engine import assess as run_rules
from traceability.diligence.facts import check_facts
from traceability.lists.entries import ListVersion
from traceability.services import rule_sets, runs
from traceability.services.access import Actor
from traceability.services.back_fill import back_fill
from traceability.services.context import Service
from traceability.services.facts import Assembled, assemble
from traceability.services.facts.assemble import Kind, Waiting
from traceability.services.facts.decided import in_force_since
from traceability.services.facts.inputs import newest_input
from traceability.services.facts.program import program_version
from traceability.services.list_versions import with_versions
from traceability.services.screening import Screened
from traceability.services.screening_record import append, record
from traceability.services.stated_facts import check_stated
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import AssessmentRow, Decision, ShipmentBatch
from traceability.texts import phrase

Who = tuple[str, str, str]
"""Whose subject: its owner, its kind (shipment or batch) and its name."""
LATE = phrase("events or a list came while it was assessed")


def assess_facts(facts: Any) -> dict[str, Any]:
    """Return the engine's answer to a facts document from outside, storing nothing.

    Raises:
        Unprocessable: the document does not validate, or names a place, goods or a weight that there is not.

    """
    check_facts(facts)
    check_stated(facts)
    return run_rules(facts, check=False).to_dict()


def assess_subject(service: Service, owner_id: str, kind: Kind, subject: str, as_of: date | None = None) -> int:
    """Assess one shipment record or batch for one owner and store the run; return its id."""
    day = as_of or latest_date(service.clock())
    with service.store.read() as session:
        known = newest_input(session, None)
        assembled, result = _run(service, session, owner_id, kind, subject, day)
        if kind == "shipment":
            assembled.notes.extend(back_fill(session, owner_id, subject, assembled.facts, result))
        book = service.books.at(session, day)
    body = said(result, assembled.facts, assembled.screened, book.versions)
    screenings = record(book, assembled.screened, day)

    def change(tx: Transaction) -> int:
        at = tx.now
        late = newest_input(tx.session, assembled.batches) > known
        rule_sets.keep(tx, "law", result.rule_pack_version)
        if screenings:
            append(service, tx, owner_id, screenings)
        run = runs.Run(
            owner_id=owner_id, subject_kind=kind, subject=subject, as_of=day, at=at, facts=assembled.facts,
            result=body, status=result.status, notes=assembled.notes,
            pending=[*assembled.pending, *([LATE] if late else [])],
            coverage=assembled.coverage, batches=assembled.batches, inputs_hash=result.inputs_hash,
        )  # fmt: skip
        before = latest(tx.session, owner_id, kind, subject)
        [number] = runs.append(service, tx, [(run, before.criticals if before else {})])
        if late:
            ask(tx, owner_id, kind, subject)
        return number

    return service.store.write(change)


def said(
    result: Assessment, facts: Mapping[str, Any], screened: Sequence[Screened], versions: Mapping[str, ListVersion]
) -> dict[str, Any]:
    """Return what is stored of an answer of the rules: its findings with their digests and the lists they rest on.

    ``assembled_by`` is the version of the program that assembled the facts.
    """
    answer = result.to_dict()
    found = [with_versions(item, facts, screened, versions) for item in answer["findings"]]
    return answer | {"findings": [_with_digest(item, facts) for item in found], "assembled_by": program_version()}


@dataclass(frozen=True, slots=True)
class _Run:
    assembled: Assembled
    result: Assessment

    @property
    def criticals(self) -> set[str]:
        return {item.code for item in self.result.findings if item.severity == "critical"}


def _run(
    service: Service, session: Session, owner_id: str, kind: Kind, subject: str, day: date
) -> tuple[Assembled, Assessment]:
    """Assemble and run the rules; what would make a critical disappear waits until two persons have decided it."""

    def run(waiting: Waiting) -> _Run:
        assembled = assemble(service, session, owner_id, kind, subject, day, waiting)
        return _Run(assembled, run_rules(assembled.facts))

    decided_on = corrections(session, owner_id)
    waiting = Waiting(frozenset(event_id for event_id, said in decided_on.items() if said != "accepted"))
    now = run(waiting)
    if open_ := now.assembled.declared.keys() - decided_on.keys():
        # As it was before the correction came: without the declaration, and without what replaces the event.
        replacing = frozenset[str]().union(*(now.assembled.declared[event_id] for event_id in open_))
        held = replace(waiting, declarations=waiting.declarations | open_, events=replacing)
        before = run(held)
        if vanished := before.criticals - now.criticals:
            before.assembled.notes.append(_waits("correction", vanished, sorted(open_)))
            now, waiting = before, held
    if now.assembled.alone:
        before = run(replace(waiting, alone=True))
        if vanished := before.criticals - now.criticals:
            before.assembled.notes.extend(note for note in now.assembled.notes if note["kind"] == "correction_waits")
            before.assembled.notes.append(_waits("rejection", vanished, []))
            now = before
    return now.assembled, now.result


def _waits(what: str, vanished: Iterable[str], events: list[str]) -> dict[str, Any]:
    codes = ", ".join(sorted(vanished))
    message = phrase(f"a {what} would make {codes} disappear; two persons decide it")
    return {"kind": f"{what}_waits", "message": message, "events": events, "review": True}


def corrections(session: Session, owner_id: str) -> dict[str, str]:
    """Return the decisions in force on corrections: event id to accepted or refused."""
    rows = session.exec(
        select(Decision).where(
            Decision.owner_id == owner_id, Decision.subject_kind == "correction", Decision.state == "in_force"
        )
    )
    return {row.subject: row.disposition for row in sorted(rows, key=in_force_since)}


def _with_digest(finding: dict[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Add the hash of what a finding rests on, by content, so that moving it in the document changes nothing."""
    said = [finding["code"], finding["severity"], finding["advisory"]]
    shown = (orjson.dumps(value_at(facts, pointer), option=orjson.OPT_SORT_KEYS) for pointer in finding["evidence"])
    said += sorted(item.hex() for item in shown)
    return finding | {"digest": hashlib.sha256(orjson.dumps(said)).hexdigest()}


def latest(session: Session, owner_id: str, kind: str, subject: str) -> AssessmentRow | None:
    """Return the newest stored assessment of a subject for an owner."""
    query = select(AssessmentRow).where(
        AssessmentRow.owner_id == owner_id, AssessmentRow.subject_kind == kind, AssessmentRow.subject == subject
    )
    return session.exec(query.order_by(col(AssessmentRow.id).desc()).limit(1)).one_or_none()


def latest_all(session: Session, owner_id: str | None = None) -> list[AssessmentRow]:
    """Return the newest assessment of every subject, of one owner or of all."""
    query = select(AssessmentRow).where(col(AssessmentRow.id).in_(newest_ids(owner_id)))
    return list(session.exec(query.order_by(col(AssessmentRow.id))))


def newest_ids(owner_id: str | None = None) -> Any:
    """Return the question for the ids of the newest assessment of every subject, of one owner or of all."""
    newest = select(func.max(AssessmentRow.id)).group_by(
        col(AssessmentRow.owner_id), col(AssessmentRow.subject_kind), col(AssessmentRow.subject)
    )
    return newest if owner_id is None else newest.where(AssessmentRow.owner_id == owner_id)


def job_key(owner_id: str, kind: str, subject: str) -> str:
    """Return the key under which a subject's assessment waits."""
    return f"{owner_id}|{kind}|{hashlib.sha256(subject.encode()).hexdigest()[:32]}"


def ask(tx: Transaction, owner_id: str, kind: str, subject: str) -> None:
    """Let a subject be assessed after this transaction."""
    enqueue(tx, "assess", job_key(owner_id, kind, subject), owner_id=owner_id, kind=kind, subject=subject)


def ask_for_batch(tx: Transaction, owner_id: str, batch: str) -> None:
    """Let a batch be assessed: the owner's shipment records that name it, or the batch by itself where none does."""
    named = tx.session.exec(
        select(ShipmentBatch.shipment_id).where(ShipmentBatch.importer_id == owner_id, ShipmentBatch.batch_key == batch)
    ).all()
    for shipment_id in named:
        ask(tx, owner_id, "shipment", shipment_id)
    if not named:
        ask(tx, owner_id, "batch", batch)


def ask_for_descendants(tx: Transaction, owner_id: str, batch: str) -> None:
    """Let everything be assessed whose chain holds a batch: a finding on it reaches every batch made from it."""
    ask_for_batch(tx, owner_id, batch)
    ask_each(tx, (one for one in subjects(tx.session, owner_id) if batch in one.batches))


def ask_all(tx: Transaction, owner_id: str) -> None:
    """Let every subject of an owner be assessed again."""
    ask_each(tx, subjects(tx.session, owner_id))


def ask_each(tx: Transaction, wanted: Iterable["Latest"]) -> None:
    """Let these subjects be assessed again."""
    for one in wanted:
        ask(tx, one.owner_id, one.kind, one.subject)


@dataclass(frozen=True, slots=True)
class Latest:
    """Whose subject, and the batches of its chain when it was assessed last."""

    owner_id: str
    kind: str
    subject: str
    batches: Sequence[str]

    @property
    def who(self) -> Who:
        return self.owner_id, self.kind, self.subject


def subjects(session: Session, owner_id: str | None = None, *, before: date | None = None) -> list[Latest]:
    """Return what has been assessed and still is a subject: a batch that a shipment record names now is none.

    ``before`` narrows it to what was last assessed for an earlier date.
    """
    query = select(
        AssessmentRow.owner_id, AssessmentRow.subject_kind, AssessmentRow.subject, AssessmentRow.batches
    ).where(col(AssessmentRow.id).in_(newest_ids(owner_id)), col(AssessmentRow.erased_index).is_(None))
    rows = session.exec(query if before is None else query.where(AssessmentRow.as_of < before))
    named = in_records(session)
    return [one for one in (Latest(*row) for row in rows) if one.who not in named]


def in_records(session: Session) -> set[Who]:
    """Return the batches that a shipment record names: they are no subjects by themselves."""
    named = session.exec(select(ShipmentBatch.importer_id, ShipmentBatch.batch_key))
    return {(importer, "batch", batch) for importer, batch in named}


def reassess_all(service: Service, actor: Actor) -> int:
    """Assess everything again, for an admin; return how many subjects wait for it."""
    actor.require("administer", scope="write")
    with service.store.read() as session:
        found = subjects(session)
    service.store.write(lambda tx: ask_each(tx, found))
    return len(found)


__all__ = ["Assembled", "Assessment", "ask", "ask_for_batch", "assess_facts", "assess_subject", "latest", "latest_all"]
