"""A yearly volume is a running sum, so one shipment record is in the facts of all later ones of its row and year.

Whoever changes what a record adds to it - the record itself, its correction, a paper that proves or no longer proves an
exemption - asks here for those that count it (facts.md 7). Where the year reaches its threshold by that, or is below it
again, every lot of the year is asked for: the earlier ones are to be completed now, or no longer (``back_fill``).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlmodel import col, select

from traceability.clock import latest_date
from traceability.diligence.definitions.annex_i import annex_row, threshold
from traceability.diligence.tables import annex_rows
from traceability.services import assess
from traceability.services.back_fill import year_day
from traceability.services.facts.importer import (
    claims_exemption,
    counts,
    kilograms,
    later_of_row,
    of_year,
    released,
    year_volume,
    years_of,
)
from traceability.storage.store import Transaction
from traceability.storage.tables import Shipment


def ask_later(tx: Transaction, changed: Iterable[Shipment]) -> None:
    """Let the shipment records be assessed that count these, as they are now and as they were before a correction."""
    rows = list(changed)
    wanted = later_of_row(tx.session, rows)
    for importer_id, row_id, year in years_of(rows):
        if _turns(tx, rows, importer_id, row_id, year):
            wanted |= of_year(tx.session, importer_id, row_id, year)
    for importer_id, shipment_id in sorted(wanted):
        assess.ask(tx, importer_id, "shipment", shipment_id)


def _turns(tx: Transaction, changed: Sequence[Shipment], importer_id: str, row_id: str, year: int) -> bool:
    """Tell whether the year reaches its threshold by these records, or is below it without what they replace."""
    volume = year_volume(tx.session, importer_id, row_id, year)
    if volume is None:
        return False
    row = next(row for row in annex_rows() if row.row_id == row_id)
    limit = threshold(row, year_day(year, latest_date(tx.now)))
    own = [one for one in changed if one.importer_id == importer_id and _is_of(tx, one, row_id, year)]
    added = sum(map(_signed, own), Decimal(0))
    return (volume.total >= limit) != (volume.total - added >= limit)


def _is_of(tx: Transaction, one: Shipment, row_id: str, year: int) -> bool:
    return released(one).year == year and annex_row(one.record) is not None and counts(tx.session, one, row_id)


def _signed(one: Shipment) -> Decimal:
    """Return what a record adds to the year, and less of one that was replaced."""
    return kilograms(one) if one.latest else -kilograms(one)


def papers_changed(tx: Transaction, importer_id: str, shipment_ids: Iterable[str]) -> None:
    """Let the records be assessed that count one of these, where its papers decide whether it counts.

    Whether the year reaches its threshold by that cannot be told from the papers alone, so all its lots are asked for.
    """
    query = select(Shipment).where(
        Shipment.importer_id == importer_id, col(Shipment.latest).is_(True),
        col(Shipment.shipment_id).in_(list(shipment_ids)),
    )  # fmt: skip
    rows = [row for row in tx.session.exec(query) if claims_exemption(row.record)]
    wanted = set[tuple[str, str]]().union(*(of_year(tx.session, *key) for key in years_of(rows)))
    for owner_id, shipment_id in sorted(wanted):
        assess.ask(tx, owner_id, "shipment", shipment_id)
