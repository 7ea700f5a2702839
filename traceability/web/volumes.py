"""Volumes of a year: each row of Annex I as a bar and in a table, what reached its threshold, and what is not known."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import request

from traceability.services import volumes
from traceability.services.volumes import Lot, RowYear
from traceability.web import words
from traceability.web.deadlines import shipment_cell
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service

_ROWS = (
    Column("row", "Row", "id"), Column("metal", "Mineral or metal"), Column("state", "State"),
    Column("total", "Volume of the year", "number"), Column("threshold", "Threshold", "number"),
    Column("percent", "Of it", "number"), Column("crossing", "Reached by", "id"),
    Column("lots", "Lots to complete", "number"), Column("recorded", "Recorded", "number"),
    Column("opening", "Opening balance", "number"), Column("exempt", "Exempt, proved", "number"),
)  # fmt: skip
_LOTS = (
    Column("row", "Row", "id"), Column("shipment", "Shipment record", "id"), Column("released", "Released"),
    Column("kg", "Kilograms", "number"), Column("missing", "To be completed"), Column("batches", "Batches", "id"),
)  # fmt: skip
_UNKNOWN = (Column("what", "Not known"),)
_STATES = {
    "unknown": Cell("not known", mark="gap"),
    "below": Cell("under 80 %", mark="in_force"),
    "near": Cell("80 % or more", mark="stale"),
    "reached": Cell("threshold reached", mark="major"),
}
_EMPTY = "No shipment record of a row of Annex I was released in this year, and no opening balance is signed for it."
_NO_LOTS = "No shipment is known to have reached a threshold in this year; rows that are not signed are not known."
_ALL_KNOWN = "Nothing is named as missing from these figures."
_FULL = Decimal(100)


@page("/volumes")
def volume_page() -> Page:
    """The volumes of a year against the thresholds of Annex I, and the lots to be completed."""
    who = actor()
    who.require("reports")
    found = volumes.volumes(service(), who, request.args.get("year", "").strip())
    lots = [
        {"row": one.volume.row.row_id, "shipment": shipment_cell(lot.shipment_id), "released": lot.released_on,
         "kg": words.kilograms(lot.kg), "missing": missing(lot), "batches": ", ".join(lot.batches)}
        for one in found.rows
        for lot in one.back_fill
    ]  # fmt: skip
    made = [
        table("volumes", f"Volumes of {found.year}", _ROWS, map(_row, found.rows), _EMPTY),
        table("lots", f"Earlier lots of {found.year} to be completed", _LOTS, lots, _NO_LOTS),
        table("unknown", "What is not known", _UNKNOWN, [{"what": one} for one in found.not_known], _ALL_KNOWN),
    ]
    bars = [_bar(one) for one in found.rows]
    return Page("Volumes", "volumes.html", made, {"year": str(found.year)}, {"bars": bars, "as_of": found.as_of})


def missing(lot: Lot) -> str:
    """Return what is to be completed of a lot, as its newest assessment has it."""
    if lot.missing is None:
        return "not assessed since"
    return ", ".join(lot.missing) or "nothing that a rule misses"


def _row(one: RowYear) -> Mapping[str, Cell]:
    volume, crossing = one.volume, one.crossing
    return cells_of({
        "row": volume.row.row_id, "metal": volume.row.metal, "state": _STATES[one.state],
        "total": "not known" if one.total is None else words.kilograms(one.total),
        "threshold": words.kilograms(volume.threshold), "percent": _percent(one.percent),
        "opening": "not signed" if volume.opening is None else words.kilograms(volume.opening),
        "recorded": words.kilograms(volume.recorded), "exempt": words.kilograms(volume.exempt),
        "crossing": shipment_cell(crossing.shipment_id) if crossing else "", "lots": len(one.back_fill),
    })  # fmt: skip


def _percent(share: Decimal | None) -> str:
    return "not known" if share is None else f"{share:f} %"


def _bar(one: RowYear) -> dict[str, Any]:
    """Return what the picture of a row needs: of 300 units of width, 240 are the threshold; what is beyond is cut."""
    volume = one.volume
    share = one.percent
    known = min(share or Decimal(0), Decimal(125))
    said = f"{words.kilograms(one.total)} of {words.kilograms(volume.threshold)}, {_percent(share)}"
    if share is None:
        why = "the year is not signed" if volume.opening is None else "records of the year are gone"
        said = f"not known: {words.kilograms(volume.recorded)} are recorded, {why}"
    return {
        "name": f"{volume.row.metal}, {volume.row.row_id}", "said": said, "known": share is not None,
        "width": f"{known * 240 / _FULL:.1f}", "state": one.state,
    }  # fmt: skip
