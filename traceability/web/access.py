"""Mandates that open reading, for the admin; and the log of every read under them, for the dpo."""

from datetime import date
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, Problem
from traceability.services import mandates as mandate_service
from traceability.storage.tables import Mandate
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Column, Page, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_LOG = (
    Column("at", "When", "time"), Column("actor", "Who"), Column("role", "Role"), Column("action", "Read"),
    Column("subject", "What", "id"), Column("importers", "Whose private records"),
    Column("purpose", "Purpose stated"), Column("mandate", "Mandate", "id"),
)  # fmt: skip
_MANDATES = (
    Column("user", "User"), Column("authority", "Authority"), Column("article", "Legal article"),
    Column("purpose", "Purpose"), Column("importer", "Importer"), Column("from", "From", "time"),
    Column("to", "To", "time"), Column("records", "Records of"), Column("by", "Recorded by"),
)  # fmt: skip

_RECORDS = ("records_from", "records_to")
_SAID = ("user", "authority", "article", "purpose")


@page("/access-log")
def access_log() -> Page:
    """Who read what, under which mandate and purpose."""
    rows = mandate_service.access_log(service(), actor())
    made = table(
        "access-log",
        "Reads under a mandate, newest first",
        _LOG,
        map(_read, rows),
        N_("Nobody has read under a mandate yet."),
    )
    return Page("Access log", "table.html", [made])


def _read(read: mandate_service.Read) -> dict[str, Any]:
    row = read.line
    whose = ", ".join(party.name for party in read.importers) or gettext("nobody's")
    return {
        "at": words.moment(row.at), "actor": row.actor, "role": gettext(row.role), "action": row.action,
        "subject": row.subject, "importers": whose, "purpose": row.detail.get("purpose"), "mandate": row.mandate_id,
    }  # fmt: skip


@page("/mandates")
def mandates() -> Page:
    """The mandates of regulators and auditors, and the form that records one."""
    rows = mandate_service.granted(service(), actor())
    empty = N_("No mandate is recorded, so no regulator or auditor can read anything.")
    made = table("mandates", "Mandates, newest first", _MANDATES, [_granted(*row) for row in rows], empty)
    return Page("Mandates", "mandates.html", [made])


def _granted(row: Mandate, user: str, importer: str | None) -> dict[str, Any]:
    return {
        "user": user, "authority": row.authority, "article": row.legal_article, "purpose": row.purpose,
        "importer": importer or gettext("all"), "from": words.day(row.valid_from), "to": words.day(row.valid_to),
        "records": _period(row), "by": row.created_by,
    }  # fmt: skip


def _period(row: Mandate) -> str:
    records = mandate_service.records_of(row)
    if not records:
        return gettext("all days")
    return gettext("%(first)s to %(last)s", first=words.day(records[0]), last=words.day(records[1]))


@action("/mandates", form=mandates)
def post_mandate() -> AnyResponse:
    """Record a mandate."""
    form = request.form
    period = _day("valid_from"), _day("valid_to")
    user, authority, article, purpose = (form.get(name, "").strip() for name in _SAID)
    importer = form.get("importer", "").strip() or None
    said = any(request.form.get(name) for name in _RECORDS)
    records = (_day(_RECORDS[0]), _day(_RECORDS[1])) if said else None
    mandate_service.grant(service(), actor(), user, authority, article, purpose, period, importer, records)
    return seen(url_for("web.mandates"))


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        problem = Problem(name, gettext("write it as year-month-day, such as 2027-01-31"))
        raise InvalidInput(gettext("a date cannot be read"), problems=[problem]) from error
