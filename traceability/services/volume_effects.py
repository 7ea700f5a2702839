"""A yearly volume is a running sum, so one shipment record is in the facts of all later ones of its row and year.

Whoever changes what a record adds to it - the record itself, its correction, a paper that proves or no longer proves an
exemption - asks here for those that count it (facts.md 7).
"""

from collections.abc import Iterable

from sqlmodel import col, select

from traceability.services import assess
from traceability.services.facts.importer import claims_exemption, later_of_row
from traceability.storage.store import Transaction
from traceability.storage.tables import Shipment


def ask_later(tx: Transaction, changed: Iterable[Shipment]) -> None:
    """Let the shipment records be assessed that count these, as they are now and as they were before a correction."""
    rows = list(changed)
    for shipment_id in sorted(later_of_row(tx.session, rows)):
        assess.ask(tx, rows[0].importer_id, "shipment", shipment_id)


def papers_changed(tx: Transaction, importer_id: str, shipment_ids: Iterable[str]) -> None:
    """Let the records be assessed that count one of these, where its papers decide whether it counts."""
    query = select(Shipment).where(
        Shipment.importer_id == importer_id, col(Shipment.latest).is_(True),
        col(Shipment.shipment_id).in_(list(shipment_ids)),
    )  # fmt: skip
    ask_later(tx, [row for row in tx.session.exec(query) if claims_exemption(row.record)])
