"""Search by what leads to a batch; regulators and auditors state a purpose under their mandate (page 9)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import Forbidden, InvalidInput, Problem
from traceability.services import find, mandates
from traceability.services.access import Actor
from traceability.services.find_by import Found
from traceability.storage.tables import Mandate
from traceability.web import words
from traceability.web.account import wanted
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, Row, Table, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_COLUMNS = (Column("batch", "Batch"), Column("identifier", "Identifier", "id"), Column("by", "Found by"))

_FOUND_BY = {
    "batch": N_("its identifier"),
    "shipment": N_("shipment %(name)s"),
    "party": N_("party %(name)s"),
    "site": N_("site %(name)s"),
    "smelter": N_("smelter %(name)s"),
    "entry": N_("list entry %(name)s"),
}


@page("/search")
def search() -> Page:
    """The search form, what it found, and the mandate it is read under."""
    who = actor()
    granted, missing = _mandates(who)
    text = request.args.get("q", "").strip()
    ready = who.role not in mandates.UNDER_MANDATE or (bool(granted) and "purpose" in session)
    tables = [_found(find.find(service(), who, text, session.get("purpose")))] if text and ready else []
    return Page(
        "Search",
        "search.html",
        tables,
        {"mandates": [_shown(row) for row in granted], "purpose": session.get("purpose")},
        {"ready": ready, "missing": missing, "wanted": text, "next": wanted()},
    )


def _mandates(who: Actor) -> tuple[Sequence[Mandate], str | None]:
    if who.role not in mandates.UNDER_MANDATE:
        who.require("chain")
        return [], None
    try:
        return mandates.in_force(service(), who), None
    except Forbidden as error:
        return [], error.detail


def _shown(row: Mandate) -> dict[str, Any]:
    records = mandates.records_of(row)
    return {
        N_("authority"): row.authority, N_("legal article"): row.legal_article,
        N_("purpose of the mandate"): row.purpose, N_("in force"): _days(row.valid_from, row.valid_to),
        N_("records of"): _days(*records) if records else gettext("all days"),
    }  # fmt: skip


def _days(first: date | None, last: date | None) -> str:
    return gettext("%(first)s to %(last)s", first=words.day(first), last=words.day(last))


def _found(rows: list[Found]) -> Table:
    empty = N_(
        "Nothing was found that you may see. A batch is found by its whole identifier, "
        "a party by its DID or a part of its name, a site too, a smelter by its number, a list entry by its key."
    )
    return table("found", "Batches found", _COLUMNS, map(_row, rows), empty)


def _row(row: Found) -> Row:
    by = gettext(_FOUND_BY[row.by], name=row.name)
    href = url_for("web.batch", id=row.batch)
    return Row(cells_of({"batch": Cell(words.short(row.batch), href=href), "identifier": row.batch, "by": by}))


@action("/search/purpose", form=search)
def post_purpose() -> AnyResponse:
    """Keep the purpose of the reads that follow, for this session; every read is logged with it."""
    if actor().role not in mandates.UNDER_MANDATE:
        raise Forbidden(gettext("only regulators and auditors read under a purpose"))
    try:
        session["purpose"] = mandates.check_purpose(request.form.get("purpose"))
    except Forbidden as error:
        problem = Problem("purpose", gettext("say what the reads are for, in at least 10 characters"))
        raise InvalidInput(gettext("a purpose is needed"), problems=[problem]) from error
    return seen(wanted() or url_for("web.search"))
