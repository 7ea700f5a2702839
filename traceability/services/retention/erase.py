"""Erasing records in one transaction: the last verdicts as an entry, the bodies, and the entry that says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability import strict_json
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.retention import skeletons, verdicts
from traceability.services.retention.assessments import about_batch, about_shipment
from traceability.services.screening_record import screened_by
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import (
    AssessmentRow,
    Capture,
    CaseVersion,
    CounterSignature,
    Document,
    ErasedEntry,
    Erasure,
    Event,
    PersonalData,
    Screening,
    ScreeningHit,
    Shipment,
)

_TARGETS = 2000  # an entry has at most 65 535 bytes, and each index at most 17 of them
Row = Capture | Shipment | Document | AssessmentRow | Screening | CaseVersion


@dataclass(frozen=True, slots=True)
class Body:
    """A body to be erased: its row, the entries that stand for it, and the last verdict on it."""

    row: Row
    kind: str
    targets: tuple[int, ...]
    verdict: str


def capture_body(session: Session, capture_id: str) -> Body:
    """Return a capture with its own entry, and those of the events and counter-signatures that came in it."""
    row = session.get_one(Capture, capture_id)
    own = session.exec(select(Event.index).where(Event.capture_id == row.id)).all()
    besides = session.exec(select(CounterSignature.entry_index).where(CounterSignature.capture_id == row.id)).all()
    first = [] if row.entry_index is None else [row.entry_index]
    return Body(row, "capture", tuple(sorted({*first, *own, *besides})), verdicts.of_capture(session, row))


def shipment_bodies(session: Session, importer_id: str, shipment_id: str) -> list[Body]:
    """Return every version of a shipment record, and its owner's assessments, which repeat what it says."""
    query = select(Shipment).where(Shipment.importer_id == importer_id, Shipment.shipment_id == shipment_id)
    rows = session.exec(query.where(col(Shipment.erased_index).is_(None)).order_by(col(Shipment.version))).all()
    found = [Body(row, "shipment", (row.entry_index,), verdicts.of_shipment(session, row)) for row in rows]
    return found + _assessed(session, about_shipment(session, importer_id, shipment_id))


def document_body(service: Service, session: Session, document_id: str) -> Body:
    """Return a document."""
    row = session.get_one(Document, document_id)
    targets = (row.entry_index, *(() if row.read_index is None else (row.read_index,)))
    return Body(row, "document", targets, verdicts.of_document(service, session, row))


def look_up_body(session: Session, entry_index: int) -> Body:
    """Return the names of one recorded question, which share an entry."""
    first = session.exec(select(Screening).where(Screening.entry_index == entry_index).limit(1)).one()
    return Body(first, "screening", (entry_index,), verdicts.UNSIGNED)


def batch_bodies(session: Session, owner_id: str, batch: str) -> list[Body]:
    """Return an owner's assessments of a batch."""
    return _assessed(session, about_batch(session, owner_id, batch))


def case_bodies(session: Session, case_id: str) -> list[Body]:
    """Return every version of a mitigation plan, grievance or notice; the kind is that of their entries."""
    rows = session.exec(select(CaseVersion).where(CaseVersion.case_id == case_id).order_by(col(CaseVersion.version)))
    return [Body(row, "decision", (row.entry_index,), verdicts.UNSIGNED) for row in rows if row.erased_index is None]


def _assessed(session: Session, rows: Iterable[AssessmentRow]) -> list[Body]:
    """Return assessments with their own entries, and those right before of the names screened in the same run."""
    found = []
    for row in rows:
        screened = session.exec(select(Screening.id).where(screened_by(row.entry_index)).limit(1)).first() is not None
        targets = (row.entry_index - 1, row.entry_index) if screened else (row.entry_index,)
        found.append(Body(row, "assessment", targets, verdicts.UNSIGNED))
    return found


def erase(
    service: Service, tx: Transaction, actor: Actor, report_id: str, bodies: Sequence[Body]
) -> dict[tuple[str, Any], int]:
    """Erase these bodies and nothing else; return the erasure entry of each by the kind and id of its row."""
    done: dict[tuple[str, Any], int] = {}
    for some in _groups(bodies):
        place = _entries(service, tx, actor, report_id, some)
        for body in some:
            done[body.kind, body.row.id] = place
            _ERASERS[body.kind](tx, body, place)
        tx.session.flush()
    return done


def _groups(bodies: Sequence[Body]) -> Iterable[list[Body]]:
    """Yield bodies whose entries fit into the ``ref`` of one; a capture has at most 1001 of its own."""
    group: list[Body] = []
    for body in bodies:
        if group and sum(len(one.targets) for one in group) + len(body.targets) > _TARGETS:
            yield group
            group = []
        group.append(body)
    if group:
        yield group


def _entries(service: Service, tx: Transaction, actor: Actor, report_id: str, bodies: Sequence[Body]) -> int:
    """Append the entry with the last verdicts, then the one that says the bodies were erased; return the second."""
    said = [{"entry": index, "kind": body.kind, "verdict": body.verdict} for body in bodies for index in body.targets]
    ref = tuple(index for body in bodies for index in body.targets)
    verdict = append(service, tx, actor, "verdict", {"verdicts": said}, ref)
    more: dict[str, Any] = {"report": report_id, "verdict_entry": verdict, "entries": list(ref)}
    repeated = sorted(body.row.id for body in bodies if isinstance(body.row, Capture) and body.row.entry_index is None)
    if repeated:  # captures of what was there already, which no entry stands for
        more["repeated"] = repeated
    place = append(service, tx, actor, "bodies", more, ref)
    rows = (ErasedEntry(target_index=one, erasure_index=place, verdict_index=verdict) for one in sorted(set(ref)))
    tx.session.add_all(rows)
    return place


def append(service: Service, tx: Transaction, actor: Actor, what: str, said: dict[str, Any], ref: Sequence[int]) -> int:
    """Append an entry of kind erasure whose body is the hash of a record of ours, and keep that record.

    The record names nobody: the approver stands in it under the pseudonym of the log.
    """
    record = {"v": 1, "what": what, "by": service.who(actor.id), **said}
    text = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    who = service.who(actor.party_id) if actor.party_id else None
    entry = Entry(kind="erasure", body=digest(text), who=who, ref=tuple(ref), at=milliseconds(tx.now))
    place = tx.log.append(entry)
    tx.session.add(Erasure(entry_index=place, what=what, record=text.decode(), at=tx.now))
    return place


def _capture(tx: Transaction, body: Body, place: int) -> None:
    row = body.row
    assert isinstance(row, Capture)  # noqa: S101  # by its kind
    row.errors = [{"path": one["path"], "message": skeletons.ERASED} for one in row.errors]
    row.body, row.erased_index, row.last_verdict = b"", place, body.verdict
    tx.session.add(row)
    indices = []
    for event in tx.session.exec(select(Event).where(Event.capture_id == row.id)):
        event.body = strict_json.dumps(skeletons.event(strict_json.stored(event.body))).decode()
        event.erased_index = place
        tx.session.add(event)
        indices.append(event.index)
    tx.session.flush()
    openings = sa.update(PersonalData).where(col(PersonalData.event_index).in_(indices))
    gone = openings.where(col(PersonalData.erasure_index).is_(None))
    tx.session.execute(gone.values(value=None, salt=None, erasure_index=place))


def _shipment(tx: Transaction, body: Body, place: int) -> None:
    row = body.row
    assert isinstance(row, Shipment)  # noqa: S101  # by its kind
    row.body, row.record, row.erased_index = b"", skeletons.shipment(row.record), place
    tx.session.add(row)


def _document(tx: Transaction, body: Body, place: int) -> None:
    row = body.row
    assert isinstance(row, Document)  # noqa: S101  # by its kind
    row.filename, row.report, row.outcome, row.erased_index = skeletons.ERASED, None, None, place
    tx.session.add(row)
    enqueue(tx, "delete_file", row.sha256, sha256=row.sha256)


def _assessment(tx: Transaction, body: Body, place: int) -> None:
    row = body.row
    assert isinstance(row, AssessmentRow)  # noqa: S101  # by its kind
    row.facts, row.result, row.notes = {}, skeletons.result(row.result), skeletons.notes(row.notes)
    row.pending, row.erased_index = [skeletons.ERASED] if row.pending else [], place
    tx.session.add(row)
    _names(tx, screened_by(row.entry_index))


def _look_up(tx: Transaction, body: Body, _place: int) -> None:
    _names(tx, col(Screening.entry_index) == body.targets[0])


def _names(tx: Transaction, which: Any) -> None:
    """Delete screenings whole: what they hold is whom somebody asked about, and what a list says of them."""
    screened = select(Screening.id).where(which)
    tx.session.execute(sa.delete(ScreeningHit).where(col(ScreeningHit.screening_id).in_(screened)))
    tx.session.execute(sa.delete(Screening).where(which))


def _case(tx: Transaction, body: Body, place: int) -> None:
    row = body.row
    assert isinstance(row, CaseVersion)  # noqa: S101  # by its kind
    row.record, row.erased_index = {}, place
    tx.session.add(row)


_ERASERS = {
    "capture": _capture, "shipment": _shipment, "document": _document, "assessment": _assessment, "decision": _case,
    "screening": _look_up,
}  # fmt: skip
