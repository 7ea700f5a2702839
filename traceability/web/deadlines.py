"""The calendar of deadlines: what is overdue, what comes next, and what has no day, with where each is answered."""

from flask import url_for

from traceability.services import deadlines, volumes
from traceability.services.deadlines import Deadline
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service
from traceability.web.spoken import spoken

_COLUMNS = (
    Column("due", "Due", "time"), Column("kind", "Kind"), Column("what", "What waits"), Column("case", "Where", "id"),
    Column("since", "Since", "time"),
)  # fmt: skip
_KINDS = {
    "notice": N_("notice of an authority"), "plan": N_("mitigation plan"), "step": N_("step of a plan"),
    "grievance": N_("grievance"), "request": N_("request for information"), "contest": N_("contest"),
    "list": N_("risk list"),
}  # fmt: skip
_PAGES = {
    "notice": "notice", "plan": "plan", "step": "plan", "grievance": "grievance", "request": "request_thread",
    "contest": "contest_thread",
}  # fmt: skip
_EMPTY = N_("Nothing waits for a day. Notices, plans and grievances appear here once they are recorded.")
NO_LOTS = N_(
    "No earlier lot of the year is known to need completing. Those before a shipment that reaches a threshold do; of "
    "rows that are not signed it is not known."
)
_LOTS = (
    Column("row", "Row of Annex I", "id"), Column("shipment", "Shipment record", "id"), Column("since", "Since"),
    Column("because", "Because"),
)  # fmt: skip


@page("/deadlines")
def deadline_list() -> Page:
    """What waits for a day, the overdue first; and the earlier lots to be completed since a threshold was reached."""
    who = actor()
    who.require("reports")
    found = deadlines.deadlines(service(), who)
    lots = [
        {"row": one.volume.row.row_id, "shipment": lot_cell(lot), "since": one.crossing.released_on,
         "because": gettext("%(shipment)s reached the threshold", shipment=lot_cell(one.crossing).text)}
        for one in volumes.volumes(service(), who).rows
        if one.crossing
        for lot in one.back_fill
    ]  # fmt: skip
    made = [
        table("deadlines", "Deadlines, overdue first", _COLUMNS, map(_row, found), _EMPTY),
        table("lots", "Earlier lots of this year to be completed", _LOTS, lots, NO_LOTS),
    ]
    over = sum(one.overdue for one in found)
    return Page("Deadlines", "deadlines.html", made, {"overdue": over, "unknown": sum(map(_is_unknown, found))})


def lot_cell(lot: volumes.Lot) -> Cell:
    """Return a lot as a link to its shipment record; of another record of the importer whose it is."""
    if lot.shipment_id is None:
        return Cell(gettext("a shipment under %(party)s", party=lot.under))
    return Cell(lot.shipment_id, url_for("web.shipment", id=lot.shipment_id))


def _is_unknown(one: Deadline) -> bool:
    return one.kind == "notice" and one.due is None


def _row(one: Deadline) -> dict[str, Cell]:
    if one.kind == "list":
        where = Cell(one.subject, url_for("web.list_page", list_id=one.subject))
    else:
        where = Cell(one.subject[:8], url_for(f"web.{_PAGES[one.kind]}", case_id=one.subject), whole=one.subject)
    return cells_of({
        "due": _due(one), "kind": gettext(_KINDS[one.kind]), "what": spoken(one.what), "case": where,
        "since": words.day(one.since),
    })  # fmt: skip


def _due(one: Deadline) -> Cell:
    day = words.day(one.due)
    if one.overdue:
        return Cell(gettext("overdue since %(day)s", day=day) if day else gettext("overdue"), mark="major")
    if _is_unknown(one):
        return Cell(gettext("not known"), mark="gap")
    return Cell(day or gettext("no day is set"))
