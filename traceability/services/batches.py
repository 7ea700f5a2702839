"""Batches as people look them up: their states for an owner, and the queue of what an officer has to see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from traceability.diligence.status import HOLD, PENDING, severity_rank, state_rank, status_of, worst
from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.services.access import Actor
from traceability.services.assess import latest_all
from traceability.services.bag_contents import keys_of
from traceability.services.beside import Beside, BesideMany
from traceability.services.context import Service
from traceability.services.counter_signatures import is_signed_by
from traceability.services.criticals import once_critical
from traceability.services.facts.chain import chain_view, item_ids
from traceability.services.period import batches_within, shipment_within
from traceability.services.shipments import for_batch
from traceability.services.states import SubjectState, of_row, state_of
from traceability.services.visible import View
from traceability.storage.tables import AssessmentRow, Holding, Item, Shipment, ShipmentBatch

#: Findings of these packs stand on the goods and reach every batch made from them; gaps of importer and shipment
#: do not.
_PASSES_DOWN = (
    *("COC", "MB-", "INT-", "ORIGIN", "RF-", "A2-", "DOC-", "ILO-"),
    *("UFLPA-", "SANCTION", "ENTITY", "US307", "FLR-RISK"),
)
_NOT_DOWN = ("INT-LIST", "INT-DATE", "UFLPA-CBP", "UFLPA-SECTOR")


@dataclass(frozen=True, slots=True)
class BatchState:
    """One batch for one owner: its state is the worst of its own and of the shipment records that name it."""

    batch: str
    state: str
    subjects: tuple[SubjectState, ...]
    inherited: tuple[tuple[str, SubjectState], ...] = ()

    @property
    def codes(self) -> list[str]:
        """Return the codes of all findings above info, each once."""
        return list(dict.fromkeys(code for subject in self.subjects for code in subject.codes))


def batch_state(service: Service, session: Session, owner_id: str, batch: str) -> BatchState:
    """Return the state of a batch for an owner, with the findings that reach it from shipments of its ancestors."""
    key = normalise(batch)
    named = for_batch(session, owner_id, key)
    kinds = [("shipment", shipment_id) for shipment_id in named] or [("batch", key)]
    beside = Beside(session)
    subjects = tuple(state_of(service, session, owner_id, kind, subject, beside) for kind, subject in kinds)
    inherited = tuple(_inherited(service, beside, owner_id, key, subjects))
    states = [subject.state for subject in subjects] + [passed_down(state) for _, state in inherited]
    return BatchState(key, worst(*states), subjects, inherited)


def _inherited(
    service: Service, beside: Beside, owner_id: str, batch: str, subjects: Iterable[SubjectState]
) -> Iterable[tuple[str, SubjectState]]:
    """Yield (ancestor, state) of the owner's shipment records that name an ancestor of the batch.

    An ancestor that no record names any more, and for which something was critical, stands there by itself.
    """
    ancestors = {key for subject in subjects if subject.assessment for key in subject.assessment.batches} - {batch}
    own = {subject.subject for subject in subjects}
    found = beside.records(owner_id, ancestors)
    recorded = {key for _, key in found}
    named = {shipment_id: key for shipment_id, key in found if shipment_id not in own}
    for shipment_id, ancestor in sorted(named.items()):
        yield ancestor, state_of(service, beside.session, owner_id, "shipment", shipment_id, beside)
    for ancestor in sorted(once_critical(beside, owner_id, ancestors - recorded - own)):
        yield ancestor, state_of(service, beside.session, owner_id, "batch", ancestor, beside)


def passed_down(state: SubjectState) -> str:
    """Return what of an ancestor's state its descendants take over: a release clears no child."""
    down = [finding for finding in state.findings if _goes_down(finding.code)]
    gone = [HOLD for code in state.open_criticals if _goes_down(code)]
    return worst(status_of(down), *gone, *([PENDING] if state.pending else []))


def _goes_down(code: str) -> bool:
    return code.startswith(_PASSES_DOWN) and not code.startswith(_NOT_DOWN)


def require_visible(session: Session, actor: Actor, batch: str) -> View:
    """Return the actor's view of the chain around a batch.

    Raises:
        NotFound: there is no such batch that it may see; the answer is the same for foreign and for unknown ones.

    """
    key = normalise(batch)
    ids = item_ids(session, [key])
    item = session.get(Item, next(iter(ids), 0))
    known = item.id or 0 if item is not None and item.is_batch else 0
    if actor.role == "regulator" and known:
        return View(None, everything=True)
    if actor.role != "regulator":
        # One that is unknown is looked for as one that is foreign, or the time would tell that there is such a batch.
        view = chain_view(session, actor.own_party(), [key])
        shown = view.sees_item(known) or _captured(session, actor, known)
        if shown and batches_within(session, actor, {known}):
            return view
    raise NotFound(f"there is no batch {batch[:200]} that you may see")


def _captured(session: Session, actor: Actor, item_id: int) -> bool:
    from traceability.storage.tables import Event, EventItem

    query = select(Event.index).join(EventItem, col(EventItem.event_index) == col(Event.index))
    query = query.where(EventItem.item_id == item_id, is_signed_by(actor.party_id)).limit(1)
    return session.exec(query).first() is not None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the officer's queue: a shipment record or a batch without one."""

    state: SubjectState
    title: str
    batches: tuple[str, ...]
    minerals: tuple[str, ...]
    origins: tuple[str, ...]
    since: datetime | None = None  # first assessed; where it never was, when its record was received

    @property
    def severity(self) -> str | None:
        """Return the worst severity that counts: neither advisory nor covered by a decision in force."""
        counted = (item.severity for item in self.state.findings if not item.advisory and not item.covered)
        return min(counted, key=severity_rank, default=None)


def queue(service: Service, actor: Actor, *, state: str | None = None, code: str | None = None) -> list[QueueRow]:
    """Return what is assessed for the actor's importer, worst first, then oldest; filters narrow it."""
    actor.require("private", scope="read")
    owner_id = actor.own_party()
    with service.store.read() as session:
        since, newest = _since(session, owner_id), latest_all(session, owner_id)
        beside = BesideMany(session, owner_id, newest)
        subjects = _of_period(session, actor, _subjects(session, owner_id, newest))
        rows = [_queue_row(service, beside, owner_id, row) for row in subjects]
        rows = [replace(row, since=since.get((row.state.kind, row.state.subject))) for row in rows]
    wanted = [
        row for row in rows if (state is None or row.state.state == state) and (code is None or code in row.state.codes)
    ]
    return sorted(wanted, key=lambda row: (state_rank(row.state.state), row.title))


_Subject = tuple[str, str, Any]  # kind, name, newest assessment or None


def _since(session: Session, owner_id: str) -> dict[tuple[str, str], datetime]:
    """Return since when each subject is known: its first assessment, else the receipt of its record."""
    received = select(Shipment.shipment_id, func.min(Shipment.received_at)).where(Shipment.importer_id == owner_id)
    first = select(AssessmentRow.subject_kind, AssessmentRow.subject, func.min(AssessmentRow.at))
    first = first.where(AssessmentRow.owner_id == owner_id)
    named = session.exec(received.group_by(col(Shipment.shipment_id)))
    found = {("shipment", shipment_id): at for shipment_id, at in named}
    assessed = session.exec(first.group_by(col(AssessmentRow.subject_kind), col(AssessmentRow.subject)))
    return found | {(kind, subject): at for kind, subject, at in assessed}


def _subjects(session: Session, owner_id: str, newest: Iterable[AssessmentRow]) -> Sequence[_Subject]:
    """Return (kind, subject, newest assessment or None); a batch a shipment record names is shown by that."""
    assessed = {(row.subject_kind, row.subject): row for row in newest}
    shipments = session.exec(
        select(Shipment.shipment_id).where(Shipment.importer_id == owner_id, col(Shipment.latest).is_(True))
    ).all()
    held = session.exec(
        select(Item.key).join(Holding, col(Holding.item_id) == col(Item.id)).where(Holding.party_id == owner_id)
    ).all()
    subjects = [("shipment", shipment_id) for shipment_id in shipments]
    batches = {key for kind, key in assessed if kind == "batch"} | set(held)
    named = set(session.exec(select(ShipmentBatch.batch_key).where(ShipmentBatch.importer_id == owner_id)))
    subjects += [("batch", key) for key in sorted(batches - named)]
    return [(kind, subject, assessed.get((kind, subject))) for kind, subject in subjects]


def _of_period(session: Session, actor: Actor, subjects: Sequence[_Subject]) -> list[_Subject]:
    """Leave out what lies outside the period of an auditor's mandate."""
    if actor.records is None:
        return list(subjects)
    owned = select(Shipment.shipment_id).where(Shipment.importer_id == actor.own_party(), shipment_within(actor))
    records = set(session.exec(owned))
    keys = keys_of(session, item_ids(session, [name for kind, name, _ in subjects if kind == "batch"]))
    happened = {keys[item] for item in batches_within(session, actor, keys.keys())}
    return [subject for subject in subjects if subject[1] in (records if subject[0] == "shipment" else happened)]


def _queue_row(service: Service, beside: Beside, owner_id: str, subject: _Subject) -> QueueRow:
    kind, name, row = subject
    state = of_row(service, beside.session, owner_id, kind, name, row, beside)
    passed = [passed_down(found) for _, found in _inherited(service, beside, owner_id, "", [state])]
    state = replace(state, state=worst(state.state, *passed))
    shipment = row.facts.get("shipment", {}) if row else {}
    places = {place["country"] for place in shipment.get("origins", [])}
    if row is not None:
        events = row.facts.get("custody_events", [])
        places |= {event["country"] for event in events if event["type"] == "extraction" and "country" in event}
    batches = tuple(shipment.get("batch_ids", [])) or ((name,) if kind == "batch" else ())
    return QueueRow(state, name, batches, tuple(shipment.get("materials", [])), tuple(sorted(places)))
