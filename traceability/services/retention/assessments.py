"""Assessments repeat what records and events say: which go with a shipment record, and which batches have their own.

A run over a batch is its owner's record, whoever sent the events: it goes when its owner's term is over, not when
somebody else's capture does.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.diligence.retention import grounds_of
from traceability.services.retention.terms import Consignment, Grounds, importer_facts, merged
from traceability.storage.ids import chunks
from traceability.storage.tables import AssessmentRow, Item, Party, Shipment, ShipmentBatch


@dataclass(frozen=True, slots=True)
class BatchRuns:
    """The runs over one batch for one owner, which no living shipment record of that owner names."""

    owner_id: str
    batch: str
    items: frozenset[int]
    grounds: Grounds
    by_importer: bool
    """Whether law binds the owner itself; a supplier's runs are kept as long as the events they are about."""
    alive: bool
    """Whether any of them still has its facts."""


def in_stock(session: Session, found: Iterable[Consignment]) -> list[BatchRuns]:
    """Return the batches that were assessed by themselves; where a record of the owner names one, it goes with that.

    Of a batch without a record nobody stated what it is, so it is kept as what binds its owner the longest.
    """
    rows = session.exec(_runs()).all()
    items = _items(session, {row[1] for row in rows})
    parties = session.exec(select(Party).where(col(Party.id).in_({row[0] for row in rows})))
    bound = {
        party.id: grounds_of(importer_facts(session, party.id), None) for party in parties if "importer" in party.roles
    }
    named: dict[tuple[str, int], list[Consignment]] = {}
    for one in found:
        for item in one.items:
            named.setdefault((one.importer_id, item), []).append(one)
    made = []
    for owner, batch, number, erased in rows:
        records = [one for item in items.get(batch, ()) for one in named.get((owner, item), ())]
        if all(one.erased for one in records):
            grounds = merged([one.grounds for one in records]) if records else bound.get(owner)
            made.append(
                BatchRuns(owner, batch, items.get(batch, frozenset()), grounds, owner in bound, erased < number)
            )
    return made


def _runs() -> Any:
    """Return the question for owner, batch, number of runs and number of those erased."""
    whose: Any = (AssessmentRow.owner_id, AssessmentRow.subject)
    numbers = (sa.func.count(), sa.func.count(col(AssessmentRow.erased_index)))
    return (
        sa.select(*whose, *numbers).where(col(AssessmentRow.subject_kind) == "batch").group_by(*whose).order_by(*whose)
    )


def _items(session: Session, keys: Collection[str]) -> dict[str, frozenset[int]]:
    query = select(Item.key, Item.id)
    return {
        key: frozenset({item})
        for some in chunks(sorted(keys))
        for key, item in session.exec(query.where(col(Item.key).in_(some)))
        if item is not None
    }


def assessed_by(session: Session, owners: Collection[str | None]) -> set[int]:
    """Return the items of the batches that these parties had assessed: a hold on all their records keeps those."""
    query = select(AssessmentRow.subject).where(
        col(AssessmentRow.owner_id).in_([one for one in owners if one]), AssessmentRow.subject_kind == "batch",
        col(AssessmentRow.erased_index).is_(None),
    )  # fmt: skip
    return set[int]().union(*_items(session, set(session.exec(query.distinct()))).values())


def about_batch(session: Session, owner_id: str, batch: str) -> Sequence[AssessmentRow]:
    """Return an owner's runs over a batch that still have their facts."""
    return _facts_of(session, owner_id, "batch", [batch])


def about_shipment(session: Session, importer_id: str, shipment_id: str) -> Sequence[AssessmentRow]:
    """Return every run over a shipment record, and those over batches that no other record of the importer names."""
    rows = session.exec(select(ShipmentBatch).where(ShipmentBatch.importer_id == importer_id)).all()
    still = select(Shipment.shipment_id).where(
        Shipment.importer_id == importer_id, Shipment.shipment_id != shipment_id, col(Shipment.erased_index).is_(None)
    )
    living = set(session.exec(still))
    others = {row.batch_key for row in rows if row.shipment_id in living}
    alone = sorted({row.batch_key for row in rows if row.shipment_id == shipment_id} - others)
    over = _facts_of(session, importer_id, "shipment", [shipment_id])
    return [*over, *_facts_of(session, importer_id, "batch", alone)]


def _facts_of(session: Session, owner_id: str, kind: str, subjects: Sequence[str]) -> Sequence[AssessmentRow]:
    query = select(AssessmentRow).where(
        AssessmentRow.owner_id == owner_id, AssessmentRow.subject_kind == kind,
        col(AssessmentRow.erased_index).is_(None),
    ).order_by(col(AssessmentRow.id))  # fmt: skip
    return [row for some in chunks(subjects) for row in session.exec(query.where(col(AssessmentRow.subject).in_(some)))]
