"""Finding batches by what people have in hand: their own name, a shipment record, a party, a site, smelter or entry."""

from collections.abc import Iterable
from itertools import islice

from sqlmodel import Session, col, select

from traceability.errors import InvalidInput, NotFound
from traceability.events.identifiers import normalise
from traceability.lists.fold import tokens
from traceability.services.access import Actor
from traceability.services.batches import require_visible
from traceability.services.context import Service
from traceability.services.find_by import Found, by_entry, by_site, by_smelter, says
from traceability.services.mandates import log_read, reader
from traceability.storage.tables import Holding, Item, Party, PartyClaim, Shipment, ShipmentBatch

_LONGEST = 500
_MOST = 200


def find(service: Service, actor: Actor, text: str, purpose: str | None = None) -> list[Found]:
    """Return the batches a text leads to, at most 200, only those the actor may see.

    Raises:
        InvalidInput: the text is empty or longer than 500 characters.
        Forbidden: a regulator or auditor has no mandate in force, or states no purpose.

    """
    actor.require("chain", scope="read")
    text = text.strip()
    if not 0 < len(text) <= _LONGEST:
        raise InvalidInput(
            "search for a batch, shipment record, party, site, smelter or list entry: 1 to 500 characters"
        )
    mandate, as_reader = reader(service, actor, purpose)
    with service.store.read() as session:
        candidates: dict[str, Found] = {}
        for item in _candidates(session, as_reader, text):
            candidates.setdefault(item.batch, item)
        visible = (item for item in candidates.values() if _sees(session, as_reader, item.batch))
        found = list(islice(visible, _MOST))
    if mandate is not None:
        log_read(service, actor, "search", text, mandate, {"purpose": purpose, "found": len(found)})
    return found


def _candidates(session: Session, actor: Actor, text: str) -> Iterable[Found]:
    key = normalise(text)
    for item in session.exec(select(Item).where(Item.key == key, col(Item.is_batch).is_(True))):
        yield Found(item.key, "batch", item.uri)
    shipments = select(Shipment.importer_id, Shipment.shipment_id).where(Shipment.shipment_id == text)
    if actor.role != "regulator":
        shipments = shipments.where(Shipment.importer_id == actor.party_id)
    for importer_id, shipment_id in set(session.exec(shipments)):
        named = select(ShipmentBatch.batch_key).where(
            ShipmentBatch.importer_id == importer_id, ShipmentBatch.shipment_id == shipment_id
        )
        yield from (Found(batch, "shipment", shipment_id) for batch in sorted(session.exec(named)))
    for party in _parties(session, text):
        held = select(Item.key).join(Holding, col(Holding.item_id) == col(Item.id)).where(Holding.party_id == party.id)
        yield from (Found(batch, "party", party.name) for batch in sorted(session.exec(held)))
    yield from by_site(session, text)
    yield from by_smelter(session, actor, text)
    yield from by_entry(session, actor, text)


def _parties(session: Session, text: str) -> list[Party]:
    """Return the parties with this DID or identifier, or with each word of the text in their name, however spelled."""
    claims = select(PartyClaim.party_id).where(PartyClaim.value == text, PartyClaim.state == "active")
    claimed = set(session.exec(claims))
    rows = session.exec(select(Party).where(Party.state == "active").order_by(col(Party.name)))
    words = tokens(text)
    return [row for row in rows if row.did == text or row.id in claimed or row.name == text or says(row.name, words)]


def _sees(session: Session, actor: Actor, batch: str) -> bool:
    try:
        require_visible(session, actor, batch)
    except NotFound:
        return False
    return True
