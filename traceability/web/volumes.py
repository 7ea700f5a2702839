"""Volumes of a year: each row of Annex I as a bar and in a table, what reached its threshold, and what is not known."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import request

from traceability.services import volumes
from traceability.services.volumes import Lot, RowYear
from traceability.web import words
from traceability.web.deadlines import NO_LOTS, lot_cell
from traceability.web.language import N_, decimal, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service

_ROWS = (
    Column("row", "Row", "id"), Column("metal", "Mineral or metal"), Column("state", "State"),
    Column("total", "Volume of the year", "number"), Column("threshold", "Threshold", "number"),
    Column("percent", "Of it", "number"), Column("crossing", "Reached by", "id"),
    Column("lots", "Lots to complete", "number"), Column("recorded", "Recorded", "number"),
    Column("elsewhere", "Under other records", "number"), Column("opening", "Opening balance", "number"),
    Column("exempt", "Exempt, proved", "number"),
)  # fmt: skip
_LOTS = (
    Column("row", "Row", "id"), Column("shipment", "Shipment record", "id"), Column("released", "Released"),
    Column("kg", "Kilograms", "number"), Column("missing", "To be completed"), Column("batches", "Batches", "id"),
)  # fmt: skip
_UNKNOWN = (Column("what", "Not known"),)
_STATES = {
    "unknown": (N_("not known"), "gap"),
    "below": (N_("under 80 %"), "in_force"),
    "near": (N_("80 % or more"), "stale"),
    "reached": (N_("threshold reached"), "major"),
}
_EMPTY = N_(
    "No shipment record of a row of Annex I was released in this year, and no opening balance is signed for it."
)
_ALL_KNOWN = N_("Nothing is named as missing from these figures.")
_FULL = Decimal(100)


@page("/volumes")
def volume_page() -> Page:
    """The volumes of a year against the thresholds of Annex I, and the lots to be completed."""
    who = actor()
    who.require("reports")
    found = volumes.volumes(service(), who, request.args.get("year", "").strip())
    lots = [
        {"row": one.volume.row.row_id, "shipment": lot_cell(lot), "released": lot.released_on,
         "kg": words.kilograms(lot.kg), "missing": missing(lot), "batches": ", ".join(lot.batches)}
        for one in found.rows
        for lot in one.back_fill
    ]  # fmt: skip
    all_of = gettext("Volumes of %(year)s", year=found.year)
    to_complete = gettext("Earlier lots of %(year)s to be completed", year=found.year)
    made = [
        table("volumes", all_of, _columns(found.rows), map(_row, found.rows), _EMPTY),
        table("lots", to_complete, _LOTS, lots, NO_LOTS),
        table("unknown", "What is not known", _UNKNOWN, [{"what": one} for one in found.not_known], _ALL_KNOWN),
    ]
    bars = [bar_of(one) for one in found.rows]
    return Page("Volumes", "volumes.html", made, {"year": str(found.year)}, {"bars": bars, "as_of": found.as_of})


def _columns(rows: Sequence[RowYear]) -> Sequence[Column]:
    """Return the columns: that of other records only where a row has some, as it pushes others off a screen."""
    if any(one.volume.elsewhere for one in rows):
        return _ROWS
    return [column for column in _ROWS if column.key != "elsewhere"]


def missing(lot: Lot) -> str:
    """Return what is to be completed of a lot, as its newest assessment has it."""
    if lot.missing is None:
        return gettext("not assessed since")
    return ", ".join(lot.missing) or gettext("nothing that a rule misses")


def _row(one: RowYear) -> Mapping[str, Cell]:
    volume, crossing = one.volume, one.crossing
    state, mark = _STATES[one.state]
    return cells_of({
        "row": volume.row.row_id, "metal": words.sentence(volume.row.metal), "state": Cell(gettext(state), mark=mark),
        "total": gettext("not known") if one.total is None else words.kilograms(one.total),
        "threshold": words.kilograms(volume.threshold), "percent": _percent(one.percent),
        "opening": gettext("not signed") if volume.opening is None else words.kilograms(volume.opening),
        "recorded": words.kilograms(volume.recorded), "exempt": words.kilograms(volume.exempt),
        "elsewhere": words.kilograms(volume.elsewhere),
        "crossing": lot_cell(crossing) if crossing else "", "lots": len(one.back_fill),
    })  # fmt: skip


def _percent(share: Decimal | None) -> str:
    """Return a share with the reader's decimal sign; thousands of a share are not set apart."""
    if share is None:
        return gettext("not known")
    whole, _, rest = f"{share:f}".partition(".")
    return f"{whole}{decimal(f'0.{rest}').removeprefix('0') if rest else ''} %"


def bar_of(one: RowYear) -> dict[str, Any]:
    """Return what the picture of a row needs: of 300 units of width, 240 are the threshold; what is beyond is cut."""
    volume = one.volume
    share = one.percent
    known = min(share or Decimal(0), Decimal(125))
    return {
        "name": f"{words.sentence(volume.row.metal)}, {volume.row.row_id}", "said": _said(one),
        "known": share is not None, "width": f"{known * 240 / _FULL:.1f}", "state": one.state,
    }  # fmt: skip


def _said(one: RowYear) -> str:
    """Return the bar of a row in words."""
    volume = one.volume
    if one.percent is not None:
        known = {"total": words.kilograms(one.total), "threshold": words.kilograms(volume.threshold)}
        return gettext("%(total)s of %(threshold)s, %(percent)s", **known, percent=_percent(one.percent))
    recorded = words.kilograms(volume.recorded)
    if volume.opening is None:
        return gettext("not known: %(recorded)s are recorded, the year is not signed", recorded=recorded)
    return gettext("not known: %(recorded)s are recorded, records of the year are gone", recorded=recorded)
