"""Incidents: captures refused with 401 or 403, in a list of their own; an officer may link one to a batch by hand."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, NotFound, Problem
from traceability.services import batches
from traceability.services import incidents as incident_service
from traceability.services.incidents import Seen
from traceability.web import words
from traceability.web.decisions import reason
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_COLUMNS = (
    Column("at", "Refused", "time"),
    Column("source", "Source"),
    Column("actor", "Who asked"),
    Column("why", "Why it was refused"),
    Column("size", "Bytes kept", "number"),
    Column("linked", "Linked to"),
)


@page("/incidents")
def incidents() -> Page:
    """The newest refused captures."""
    rows = incident_service.incidents(service(), actor())
    empty = N_("No capture has been refused. Refused ones are kept here; they enter no facts and change no state.")
    return Page(
        "Incidents",
        "incidents.html",
        [table("incidents", "Refused captures, newest first", _COLUMNS, map(_row, rows), empty)],
    )


def _row(seen_by: Seen) -> Row:
    row, link = seen_by.row, seen_by.link
    values: dict[str, Any] = {
        "at": Cell(words.moment(row.at), href=url_for("web.incident", incident_id=row.id)),
        "source": row.source,
        "actor": row.actor,
        "why": row.reason,
        "size": str(len(row.body)),
        "linked": words.short(link.batch_key) if link else gettext("no batch"),
    }
    return Row(cells_of(values))


@page("/incidents/<incident_id>")
def incident(incident_id: str) -> Page:
    """One refused capture: who sent it, why it was refused; never its content, which nobody vouches for."""
    found = incident_service.incident(service(), actor(), incident_id)
    row, link = found.row, found.link
    shown = {
        N_("refused"): words.moment(row.at), N_("source"): row.source,
        N_("who asked"): row.actor or gettext("not known"), N_("answered with"): str(row.status),
        N_("why"): row.reason, N_("media type"): row.media_type or gettext("none"),
        N_("bytes kept"): str(len(row.body)), N_("linked to"): link.batch_key if link else gettext("no batch"),
        N_("linked by"): link.linked_by if link else gettext("nobody"),
        N_("reason for the link"): link.reason if link else gettext("none"),
    }  # fmt: skip
    return Page("Incident", "incident.html", (), {"incident": shown}, {"row": row})


@action("/incidents/<incident_id>/link", form=incident)
def post_link(incident_id: str) -> AnyResponse:
    """Link an incident to a batch, where it shows as a note."""
    who, name = actor(), request.form.get("batch", "").strip()
    who.require("incidents")
    try:
        with service().store.read() as session:
            batches.require_visible(session, who, name)
    except NotFound as error:
        raise InvalidInput(gettext("the batch is not known"), problems=[Problem("batch", error.detail)]) from error
    incident_service.link(service(), who, incident_id, name, reason())
    return seen(url_for("web.incident", incident_id=incident_id))
