"""What a merge, or its undoing, changes the outcome for: what names, places or signatures tie to one of the two."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from traceability.events.identifiers import normalise
from traceability.services import assess, document_links
from traceability.services.signed_items import signed_by
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import Party, PartyClaim, Shipment, Site


def ask(tx: Transaction, rows: Sequence[Party], merge_id: str) -> None:
    """Ask anew for whatever rests on one of two records that are merged, or were.

    That is what names it or a place of it, what it signed, the shipment records that name it, and its own.
    """
    names, ids = _names(tx.session, rows), [row.id for row in rows]
    places = tx.session.exec(select(Site.key).where(col(Site.party_id).in_(ids)).distinct())
    enqueue(tx, "places_changed", f"merge-{merge_id}", uris=sorted({*names, *places}))
    if items := signed_by(tx.session, ids):
        enqueue(tx, "touched", f"merge-{merge_id}", items=items)
    known = set(map(normalise, names))
    for record in tx.session.exec(select(Shipment).where(col(Shipment.latest).is_(True))):
        if known & set(document_links.stated_in(record.record)):
            assess.ask(tx, record.importer_id, "shipment", record.shipment_id)
    for one in ids:
        assess.ask_all(tx, one)


def _names(session: Session, rows: Sequence[Party]) -> set[str]:
    ids = [row.id for row in rows]
    claims = session.exec(select(PartyClaim).where(col(PartyClaim.party_id).in_(ids), PartyClaim.state == "active"))
    return {*(row.did for row in rows), *(one.value for one in claims if one.kind != "prefix")}
