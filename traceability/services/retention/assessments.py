"""Assessments repeat what records and events say, so they go with them: which ones those are."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from traceability.services.facts.chain import chunks
from traceability.storage.ids import id_set
from traceability.storage.tables import AssessmentRow, Event, EventItem, Item


def about_shipment(session: Session, importer_id: str, shipment_id: str) -> Sequence[AssessmentRow]:
    """Return every run over a shipment record that still has its facts."""
    query = select(AssessmentRow).where(
        AssessmentRow.owner_id == importer_id, AssessmentRow.subject_kind == "shipment",
        AssessmentRow.subject == shipment_id, col(AssessmentRow.erased_index).is_(None),
    )  # fmt: skip
    return session.exec(query.order_by(col(AssessmentRow.id))).all()


def about_batches(session: Session, capture_ids: Sequence[str]) -> list[AssessmentRow]:
    """Return every run over a batch of these captures about which no event has its whole body any more."""
    dialect = session.get_bind().dialect.name
    keys: list[str] = []
    for some in chunks(sorted(capture_ids)):
        events = select(Event.index).where(col(Event.capture_id).in_(some))
        named = set(session.exec(select(EventItem.item_id).where(col(EventItem.event_index).in_(events))))
        whole = select(EventItem.item_id).join(Event, col(Event.index) == col(EventItem.event_index))
        ids = id_set(named, dialect)
        alive = session.exec(whole.where(col(EventItem.item_id).in_(ids), col(Event.erased_index).is_(None)).distinct())
        gone = id_set(named - set(alive), dialect)
        keys += session.exec(select(Item.key).where(col(Item.id).in_(gone))).all()
    query = select(AssessmentRow).where(
        AssessmentRow.subject_kind == "batch", col(AssessmentRow.erased_index).is_(None)
    )
    return [
        row
        for some in chunks(sorted(set(keys)))
        for row in session.exec(query.where(col(AssessmentRow.subject).in_(some)).order_by(col(AssessmentRow.id)))
    ]
