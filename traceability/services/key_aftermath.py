"""After a key was reported as compromised: everything that rests on what it signed since is assessed again."""

from sqlmodel import Session, col, select

from traceability.services import assess
from traceability.services.same import group_of
from traceability.services.signed_items import signed_with
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import ImporterProfile, PartyKey, Shipment, Site


def reassess(tx: Transaction, key: PartyKey, entry: int) -> None:
    """Ask again for everything that rests on what a key signed since its compromise; ``entry`` is what told of it."""
    since = key.compromised_since or 0
    # A key of its own for each report: a job that waits already knows fewer items than an earlier border touches.
    items = signed_with(tx.session, key, since)
    if items:
        enqueue(tx, "touched", f"key-{key.id}-{entry}", items=items)
    sites = select(Site.key).where(Site.key_id == key.id, col(Site.entry_index) >= since).distinct()
    if uris := sorted(tx.session.exec(sites)):
        enqueue(tx, "places_changed", f"key-{key.id}-{entry}", uris=uris)
    if _declared(tx.session, key, since):
        for one in group_of(tx.session, key.party_id):  # whose yearly volumes rest on it, too
            assess.ask_all(tx, one)


def _declared(session: Session, key: PartyKey, since: int) -> bool:
    records = select(Shipment.id).where(Shipment.key_id == key.id, col(Shipment.entry_index) >= since)
    profiles = select(ImporterProfile.id).where(
        ImporterProfile.key_id == key.id, col(ImporterProfile.entry_index) >= since
    )
    return any(session.exec(query.limit(1)).first() is not None for query in (records, profiles))
