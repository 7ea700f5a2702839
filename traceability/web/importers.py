"""Importers beside each other, for a regulator who plans checks by risk: volume, origin, route, findings (page 9)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import request, session, url_for

from traceability.services import importer_ranking
from traceability.services.importer_ranking import ORDERS, Order, Part, Ranked, Risk
from traceability.web import words
from traceability.web.language import N_, gettext, ngettext
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service

_COLUMNS = (
    Column("place", "No.", "number"), Column("importer", "Importer"), Column("volume", "Volume declared", "number"),
    Column("consignments", "Consignments", "number"), Column("origin", "Origin in a listed area"),
    Column("route", "Route by a watched country"), Column("findings", "Findings"), Column("pending", "Pending"),
    Column("rows", "Rows of Annex I"), Column("did", "Identifier", "id"),
)  # fmt: skip
ORDER_NAMES: Mapping[Order, str] = {
    "volume": N_("Volume"), "origin": N_("Origin"), "route": N_("Route"), "findings": N_("Findings"),
}  # fmt: skip
_RISKS: Mapping[Risk, str] = {
    "listed": N_("%(kg)s in %(consignments)s"), "possible": N_("%(kg)s in %(consignments)s possibly"),
    "unknown": N_("%(kg)s in %(consignments)s not known"),
}  # fmt: skip
_ROWS = {
    "reached": N_("%(num)s at the threshold"), "near": N_("%(num)s near it"), "below": N_("%(num)s below"),
    "unknown": N_("%(num)s not known"),
}  # fmt: skip
_EMPTY = N_("No importer is registered that your mandate opens.")


@page("/importers")
def importer_list() -> Page:
    """The importers of a year, ordered by one thing at a time; the read is logged for each of them."""
    order = request.args.get("order", "volume")
    year = request.args.get("year", "").strip()
    found = importer_ranking.ranking(service(), actor(), session.get("purpose"), year, order)
    rows = [_row(place, one) for place, one in enumerate(found.importers, start=1)]
    caption = gettext(
        "Importers of %(year)s, by %(order)s", year=found.year, order=gettext(ORDER_NAMES[found.order]).lower()
    )
    made = table("importers", caption, _COLUMNS, rows, _EMPTY)
    orders = [(one, gettext(ORDER_NAMES[one])) for one in ORDERS]
    return Page("Importers", "importers.html", [made], {"year": str(found.year), "order": found.order}, {
        "orders": orders, "as_of": found.as_of, "not_loaded": found.not_loaded,
    })  # fmt: skip


def _row(place: int, one: Ranked) -> Row:
    values: dict[str, Any] = {
        "place": place, "importer": Cell(one.party.name, href=url_for("web.search", q=one.party.did)),
        "did": one.party.did, "consignments": one.whole.consignments, "volume": _volume(one),
        "rows": "; ".join(gettext(text, num=one.rows[name]) for name, text in _ROWS.items() if one.rows.get(name))
        or gettext("none recorded"),
        "origin": risk(one.origins), "route": risk(one.routes), "findings": _findings(one), "pending": _pending(one),
    }  # fmt: skip
    return Row(cells_of(values))


def _volume(one: Ranked) -> str:
    said = kg(one.whole.kg)
    if one.unweighed:
        more = ngettext("%(num)s without a weight", "%(num)s without a weight", one.unweighed)
        said = f"{said}, {more}"
    return f"{said}, {gettext('%(num)s erased', num=one.erased)}" if one.erased else said


def risk(parts: Mapping[Risk, Part]) -> Cell:
    """Return what is of listed places, what may be, and what nobody stated; only of none of these it says none."""
    said = [
        gettext(text, kg=kg(parts[name].kg), consignments=_consignments(parts[name]))
        for name, text in _RISKS.items() if name in parts
    ]  # fmt: skip
    if not parts:
        return Cell(gettext("nothing recorded"))
    mark = next(
        (mark for name, mark in (("listed", "major"), ("possible", "gap"), ("unknown", "gap")) if name in parts), None
    )
    return Cell("; ".join(said) or gettext("none declared"), mark=mark)


def _consignments(part: Part) -> str:
    return ngettext("%(num)s consignment", "%(num)s consignments", part.consignments)


def _findings(one: Ranked) -> Cell:
    """Return how many consignments have which worst finding; what is pending may have more."""
    found = {name: one.findings.get(name, 0) for name in ("critical", "major")}
    said = [f"{count} {gettext(name)}" for name, count in found.items() if count]
    return Cell(
        ", ".join(said) or gettext("none serious"), mark=next((name for name, count in found.items() if count), None)
    )


def _pending(one: Ranked) -> Cell:
    if not one.pending:
        return Cell(gettext("none"))
    return Cell(gettext("%(num)s, counted as nothing else", num=one.pending), mark="not_screened")


def kg(value: Decimal) -> str:
    """Return kilograms without noughts at the end."""
    return words.kilograms(f"{value.normalize():f}")
