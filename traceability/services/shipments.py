"""Shipment records: an importer's signed declaration of a consignment. A later one of the same id is its correction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.clock import latest_date
from traceability.errors import NotFound
from traceability.events.identifiers import normalise
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import assess, shipment_fields
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.disputes import is_disputed
from traceability.services.facts.importer import release_day
from traceability.services.gone import gone
from traceability.services.period import shipment_within
from traceability.services.signed import SignedBody, open_signed, still_good
from traceability.services.volume_effects import ask_later
from traceability.storage.store import Transaction
from traceability.storage.tables import LedgerEntry, Shipment, ShipmentBatch


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer to a posted shipment record."""

    shipment_id: str
    version: int
    index: int
    repeated: bool


def post(service: Service, actor: Actor, body: bytes, content_type: str, jws: str | None) -> Recorded:
    """Record a signed shipment record; the same bytes again answer with the first one's place.

    Where the first one is disputed they are a new version: the importer says again what it then may not have said.

    Raises:
        NotAuthenticated, Forbidden: no good signature of the importer's own party.
        InvalidInput: a field is missing, unknown or not of its form; nothing is written.

    """
    actor.require("shipments", scope="write")
    signed = open_signed(service, actor, body, content_type, jws)
    return post_all(service, actor, [signed])[0]


def post_all(service: Service, actor: Actor, bodies: Sequence[SignedBody]) -> list[Recorded]:
    """Record several verified records in one transaction: all of them or none."""
    actor.require("shipments", scope="write")
    today = latest_date(service.clock())
    for signed in bodies:
        shipment_fields.check(signed.data, today)

    def change(tx: Transaction) -> list[Recorded]:
        changed: list[Shipment] = []
        done = [_record(service, tx, signed, changed) for signed in bodies]
        ask_later(tx, changed)
        return done

    return service.store.write(change)


def _record(service: Service, tx: Transaction, signed: SignedBody, changed: list[Shipment]) -> Recorded:
    """Record one, and add it to ``changed`` with the version that it replaces."""
    still_good(tx, signed)
    importer_id, shipment_id = signed.party.id, signed.data["shipment_id"]
    before = latest(tx.session, importer_id, shipment_id)
    repeated = before is not None and _same(tx, before, signed)
    if before is not None and repeated and not is_disputed(tx.session, before.key_id, before.entry_index):
        return Recorded(shipment_id, before.version, before.entry_index, repeated=True)
    entry = Entry(
        kind="shipment",
        who=service.who(importer_id),
        at=milliseconds(tx.now),
        ref=(before.entry_index,) if before else (),
        **signed.entry_fields,
    )
    row = Shipment(
        importer_id=importer_id, shipment_id=shipment_id, version=before.version + 1 if before else 1,
        record=dict(signed.data), body=signed.body, media_type=signed.media_type, jws=signed.jws,
        key_id=signed.key.id, entry_index=tx.log.append(entry), received_at=tx.now,
        released_on=release_day(signed.data, tx.now),
    )  # fmt: skip
    if before is not None:
        before.latest = False
        tx.session.add(before)
        changed.append(before)
    changed.append(row)
    tx.session.add(row)
    _link(tx, row)
    assess.ask(tx, importer_id, "shipment", shipment_id)
    return Recorded(shipment_id, row.version, row.entry_index, repeated=False)


def _same(tx: Transaction, row: Shipment, signed: SignedBody) -> bool:
    """Tell whether these are the bytes recorded last; of erased ones the ledger still knows the hash."""
    if row.erased_index is None:
        return hashlib.sha256(bytes(row.body)).digest() == hashlib.sha256(signed.body).digest()
    return Entry.parse(bytes(tx.session.get_one(LedgerEntry, row.entry_index).body)).body == digest(signed.body)


def _link(tx: Transaction, row: Shipment) -> None:
    """Link the batches this version names; one that an earlier version named stands by itself again."""
    before = set(
        tx.session.exec(
            select(ShipmentBatch.batch_key).where(
                ShipmentBatch.importer_id == row.importer_id, ShipmentBatch.shipment_id == row.shipment_id
            )
        )
    )
    now = {normalise(batch) for batch in row.record.get("batch_ids", [])}
    tx.session.execute(
        sa.delete(ShipmentBatch).where(
            col(ShipmentBatch.importer_id) == row.importer_id, col(ShipmentBatch.shipment_id) == row.shipment_id
        )
    )
    for batch in sorted(now):
        tx.session.add(ShipmentBatch(importer_id=row.importer_id, shipment_id=row.shipment_id, batch_key=batch))
    tx.session.flush()
    for batch in sorted(before - now):
        assess.ask_for_batch(tx, row.importer_id, batch)


def latest(session: Session, importer_id: str, shipment_id: str) -> Shipment | None:
    """Return the newest version of a shipment record."""
    return session.exec(
        select(Shipment).where(
            Shipment.importer_id == importer_id, Shipment.shipment_id == shipment_id, col(Shipment.latest).is_(True)
        )
    ).one_or_none()


def shipment(service: Service, actor: Actor, shipment_id: str) -> Shipment:
    """Return the newest version of a shipment record of the actor's own importer.

    Raises:
        NotFound: there is none, or it is another importer's.
        Gone: it was erased when its retention ended.

    """
    actor.require("read_shipments", scope="read")
    with service.store.read() as session:
        row = latest(session, actor.own_party(), shipment_id)
        row = row if row is not None and in_period(session, actor, shipment_id) else None
        if row is not None and row.erased_index is not None:
            raise gone(session, f"the shipment record {shipment_id[:200]}", row.erased_index, row.entry_index)
    if row is None:
        raise NotFound(f"there is no shipment record {shipment_id[:200]} of yours")
    return row


def in_period(session: Session, actor: Actor, shipment_id: str) -> bool:
    """Tell whether a record of the actor's importer lies in the period of its mandate, where it has one."""
    query = select(Shipment.id).where(Shipment.importer_id == actor.own_party(), Shipment.shipment_id == shipment_id)
    return session.exec(query.where(shipment_within(actor)).limit(1)).first() is not None


def shipments(service: Service, actor: Actor) -> Sequence[Shipment]:
    """Return the newest version of every shipment record of the actor's own importer; of erased ones what is left."""
    actor.require("read_shipments", scope="read")
    with service.store.read() as session:
        query = select(Shipment).where(Shipment.importer_id == actor.own_party(), col(Shipment.latest).is_(True))
        query = query.where(shipment_within(actor))
        return session.exec(query.order_by(col(Shipment.received_at).desc())).all()


def for_batch(session: Session, importer_id: str, batch: str) -> list[str]:
    """Return the ids of an importer's shipment records that name a batch."""
    query = select(ShipmentBatch.shipment_id).where(
        ShipmentBatch.importer_id == importer_id, ShipmentBatch.batch_key == normalise(batch)
    )
    return sorted(session.exec(query))
