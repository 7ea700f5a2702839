"""What leads to batches besides their own names: a site or mine, a smelter's number, an entry of a list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.events.identifiers import normalise
from traceability.lists.fold import fold, tokens
from traceability.services.access import Actor
from traceability.services.mentions import items_naming
from traceability.services.period import within
from traceability.storage.ids import id_set
from traceability.storage.tables import (
    Holding,
    Item,
    Party,
    Screening,
    ScreeningHit,
    Shipment,
    ShipmentBatch,
    Site,
)

_SHORTEST_PART = 3  # fewer letters are a part of most names
_SMELTER = re.compile(r"CID[0-9]{6}")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A batch the reader may see, and why it was found: batch, shipment, party, site, smelter or entry, by its name."""

    batch: str
    by: str
    name: str


def says(name: str | None, words: tuple[str, ...]) -> bool:
    """Tell whether each word stands in a name, however it is spelled; a letter or two find nothing."""
    if name is None or sum(map(len, words)) < _SHORTEST_PART:
        return False
    folded = fold(name)
    return all(word in folded for word in words)


def by_site(session: Session, text: str) -> Iterator[Found]:
    """Yield the batches of the events at a registered site or mine, found by its identifier or parts of its name."""
    key, words = normalise(text), tokens(text)
    rows = [row for row in session.exec(select(Site).order_by(col(Site.id))) if row.key == key or says(row.name, words)]
    for site in {row.key: row for row in rows}.values():
        named = id_set(items_naming(session, [site.uri]), session.get_bind().dialect.name)
        batches = select(Item.key).where(col(Item.id).in_(named), col(Item.is_batch).is_(True)).order_by(col(Item.key))
        yield from (Found(batch, "site", site.name or site.uri) for batch in session.exec(batches))


def by_smelter(session: Session, actor: Actor, text: str) -> Iterator[Found]:
    """Yield the batches of the shipment records that name a smelter by its number, such as CID002082."""
    cid = text.upper()
    if not _SMELTER.fullmatch(cid):
        return
    wanted = select(Shipment).where(col(Shipment.latest).is_(True), sa.cast(Shipment.record, sa.Text).contains(cid))
    if actor.role != "regulator":
        wanted = wanted.where(Shipment.importer_id == actor.party_id)
    for row in session.exec(wanted.order_by(col(Shipment.shipment_id))):
        if any(cid in map(str, one.values()) for one in row.record.get("smelters", ())):
            named = select(ShipmentBatch.batch_key).where(
                ShipmentBatch.importer_id == row.importer_id, ShipmentBatch.shipment_id == row.shipment_id
            )
            yield from (Found(batch, "smelter", cid) for batch in sorted(session.exec(named)))


def by_entry(session: Session, actor: Actor, text: str) -> Iterator[Found]:
    """Yield the batches held by parties that a screening of the reader's met an entry of a list with, by its key.

    A screening that met an entry is a question: who was met is told to those alone who may read screenings.
    """
    if not actor.may("screenings"):
        return
    list_id, _, key = text.rpartition("/")
    met = select(Screening).join(ScreeningHit, col(ScreeningHit.screening_id) == col(Screening.id))
    met = met.where(ScreeningHit.entry_key == key, *([ScreeningHit.list_id == list_id] if list_id else []))
    if actor.role != "regulator":
        met = met.where(Screening.owner_id == actor.party_id, within(actor, col(Screening.at)))
    for did in sorted({row.party_id for row in session.exec(met.limit(_MOST * 10)) if row.party_id}):
        yield from _of_met(session, actor, did, text)


def _of_met(session: Session, actor: Actor, who: str, text: str) -> Iterator[Found]:
    yield from (Found(one.batch, "entry", text) for one in by_smelter(session, actor, who))
    held = (
        select(Item.key)
        .join(Holding, col(Holding.item_id) == col(Item.id))
        .join(Party, col(Party.id) == col(Holding.party_id))
        .where(Party.did == who)
    )
    yield from (Found(batch, "entry", text) for batch in sorted(session.exec(held)))
