"""A year's volumes for those who watch them: how near each row of Annex I is to its threshold, and what crossed it.

Reg. (EU) 2017/821 Art. 1(3): from the threshold on the obligations apply to the calendar year, so the shipment that
reaches it makes the earlier lots of the year a task: their papers have to be completed (CMR-02-CROSSED).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlmodel import Session

from traceability.clock import latest_date
from traceability.diligence.definitions.annex_i import annex_row
from traceability.diligence.definitions.numbers import product
from traceability.diligence.parameters import PARAMETERS
from traceability.errors import InvalidQuery
from traceability.services.access import Actor
from traceability.services.back_fill import DONE, OWED
from traceability.services.context import Service
from traceability.services.facts.importer import counts, kilograms, position, released
from traceability.services.reports.records import Records, read
from traceability.services.reports.registry import Query
from traceability.services.reports.volumes import RowVolume, gaps, row_volumes
from traceability.storage.tables import Shipment

State = Literal["unknown", "below", "near", "reached"]
_YEAR = re.compile(r"20[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Lot:
    """One shipment record that adds to a row: when it was released, and kilograms; none where it states no weight.

    One that stands under another record of the same importer has no ``shipment_id`` here but that record's DID in
    ``under``: what is seen of the other record is what it adds.
    ``missing`` are the codes of what is to be completed of it since a later one reached the threshold, as its newest
    assessment says; None where that does not say.
    """

    shipment_id: str | None
    released_on: date
    kg: Decimal | None
    batches: tuple[str, ...]
    missing: tuple[str, ...] | None = None
    under: str | None = None


@dataclass(frozen=True, slots=True)
class RowYear:
    """One row in one year: its volume, where it stands against the threshold, and what reached it.

    ``crossing`` is the shipment with which the threshold was reached, ``back_fill`` the earlier lots of the year to be
    completed since. Where the year is not signed, or not all its records can be read, they are unknown; then only what
    is recorded can be said.
    """

    volume: RowVolume
    total: Decimal | None
    percent: Decimal | None
    state: State
    crossing: Lot | None
    back_fill: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """The volumes of one calendar year as of a day, and what is not known of them."""

    year: int
    as_of: date
    rows: tuple[RowYear, ...]
    not_known: tuple[str, ...]


def volumes(service: Service, actor: Actor, year: str | None = None) -> Year:
    """Return the volumes of a calendar year of the actor's importer; without one of the year that runs.

    Raises:
        Forbidden: the role may not read them.
        InvalidQuery: the year is none from 2000 to 2099.

    """
    actor.require("private", scope="read")
    today = latest_date(service.clock())
    if year and not _YEAR.fullmatch(year):
        raise InvalidQuery(f"expected a year such as 2026; got {year[:20]!r}")
    number = int(year) if year else today.year
    with service.store.read() as session:
        had = read(session, actor, Query(date(number, 1, 1), date(number, 12, 31), today))
        found = row_volumes(session, had, number, today)
        whole = is_whole(actor, had)
        rows = tuple(
            _row(session, had, one) if whole else RowYear(one, None, None, "unknown", None, ()) for one in found
        )
    missing = tuple(gap.what for gap in (*had.limits, *gaps(found, number)))
    return Year(number, today, rows, missing)


def is_whole(actor: Actor, had: Records) -> bool:
    """Tell whether every record of the year is read: none was erased, and an auditor's mandate opens all of it."""
    opened = actor.records or had.period
    gone = had.erased + sum(one.erased for one in had.also)
    return not gone and opened[0] <= had.period[0] and had.period[1] <= opened[1]


def _row(session: Session, had: Records, found: RowVolume) -> RowYear:
    threshold = found.threshold
    if found.opening is None:
        return RowYear(found, None, None, "unknown", None, ())
    under = {lot.importer_id: one.did for one in had.also for lot in one.shipments}
    every = [*had.shipments, *(lot for one in had.also for lot in one.shipments)]
    counted = sorted(_counted(session, every, found.row.row_id), key=position)
    lots = [_elsewhere(one, under[one.importer_id]) if one.importer_id in under else _lot(had, one) for one in counted]
    crossing, before = crossed(lots, found.opening, threshold)
    own = tuple(lot for lot in before if lot.under is None)
    return RowYear(found, found.total, found.percent, state_of(found.total, threshold), crossing, own)


def state_of(total: Decimal | None, threshold: Decimal) -> State:
    """Return where a volume stands: a volume equal to the threshold has reached it, from 80 % on it is near."""
    if total is None:
        return "unknown"
    if total >= threshold:
        return "reached"
    return "near" if total >= product(PARAMETERS.near_threshold, threshold) else "below"


def _counted(session: Session, shipments: Sequence[Shipment], row_id: str) -> Iterator[Shipment]:
    for one in shipments:
        row = annex_row(one.record)
        if row is not None and row.row_id == row_id and counts(session, one, row_id):
            yield one


def _elsewhere(one: Shipment, did: str) -> Lot:
    return Lot(None, released(one), kilograms(one), (), under=did)


def _lot(had: Records, one: Shipment) -> Lot:
    kg, assessed = one.record.get("net_weight_kg"), had.assessed.get(one.shipment_id)
    told = [note for note in (assessed.notes if assessed else ()) if note["kind"] in (OWED, DONE)]
    missing = tuple(item["code"] for note in told for item in note.get("findings", ())) if told else None
    batches = tuple(one.record.get("batch_ids", ()))
    return Lot(one.shipment_id, released(one), None if kg is None else Decimal(kg), batches, missing)


def crossed(lots: Sequence[Lot], opening: Decimal, threshold: Decimal) -> tuple[Lot | None, tuple[Lot, ...]]:
    """Return the lot that reaches the threshold and those before it; an opening balance that reaches it needs none."""
    total = opening
    if total >= threshold:
        return None, ()
    for number, lot in enumerate(lots):
        total += lot.kg or 0
        if total >= threshold:
            return lot, tuple(lots[:number])
    return None, ()


def shown(found: Year) -> dict[str, Any]:
    """Return a year as JSON; kilograms are decimal text, what is not known is null."""
    return {
        "year": found.year, "as_of": found.as_of.isoformat(), "rows": [_shown(one) for one in found.rows],
        "not_known": list(found.not_known),
    }  # fmt: skip


def _shown(one: RowYear) -> Mapping[str, Any]:
    volume = one.volume
    return {
        "row_id": volume.row.row_id, "metal": volume.row.metal, "state": one.state,
        "signed": volume.opening is not None, "opening_kg": _text(volume.opening),
        "recorded_kg": _text(volume.recorded), "exempt_kg": _text(volume.exempt),
        "elsewhere_kg": _text(volume.elsewhere), "total_kg": _text(one.total),
        "threshold_kg": _text(volume.threshold),
        "percent": _text(one.percent), "consignments": volume.consignments, "without_weight": volume.unweighed,
        "crossing": one.crossing and _shown_lot(one.crossing),
        "back_fill": [_shown_lot(lot) | {"missing": lot.missing} for lot in one.back_fill],
    }  # fmt: skip


def _shown_lot(lot: Lot) -> dict[str, Any]:
    return {
        "shipment_id": lot.shipment_id, "released_on": lot.released_on.isoformat(), "kg": _text(lot.kg),
        "batches": list(lot.batches),
    } | ({"under": lot.under} if lot.under else {})  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
