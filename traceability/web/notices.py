"""Notices of authorities: what is open, the overdue first, and the forms that record one, its answer or a later day."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.clock import latest_date
from traceability.diligence.notice_kinds import KINDS, notice_kind, period_by_law
from traceability.diligence.working_days import AUTHORITIES, COMMISSION, UNITS
from traceability.services import case_forms, cases, notice_forms
from traceability.storage.tables import CaseVersion
from traceability.web import words
from traceability.web.cases import about_said, case_page, filled, form_of, named_in, next_version, state_cell
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_LONG = {"about": 20_000, "text": 4000, "reason": 4000, "deadline_reason": 4000, "authority": 500}
_NOTICES = (
    Column("notice", "Notice", "id"), Column("asked", "What is asked"), Column("authority", "Authority"),
    Column("received", "Received", "time"), Column("due", "Due"), Column("status", "Status"), Column("law", "Article"),
)  # fmt: skip
_UNKNOWN = N_("not known: the notice sets no day")
_LENGTHS = {"calendar": N_("%(num)s calendar days"), "working": N_("%(num)s working days")}
_UNITS = {"calendar": N_("calendar days"), "working": N_("working days")}


@page("/notices")
def notices() -> Page:
    """The notices of the importer, open ones first by the day they are due, and the form of a new one."""
    rows = map(_row, cases.listed(service(), actor(), "notice"))
    empty = N_("No notice of an authority is recorded. Record one the day it arrives: its period runs from receipt.")
    made = table("notices", "Notices of authorities, open first", _NOTICES, rows, empty)
    return Page("Notices of authorities", "notices.html", [made], {}, form_of("notice", {}) | _choices())


@page("/notices/<case_id>")
def notice(case_id: str) -> Page:
    """One notice with what its day was counted from and its versions, and the form of its next one."""
    found = cases.case(service(), actor(), "notice", case_id)
    made = case_page(N_("Notice of an authority"), "notice.html", found, _said(found.now.record))
    return Page(made.title, made.template, made.tables, made.data, {**made.context, **_choices()})


@action("/notices", form=notices, longest=_LONG)
def post_notice() -> AnyResponse:
    """Record a notice."""
    actor().require("cases")
    said = filled("authority", "authority_country", "reference", "issued_on", "received_on", "text") | _deadline()
    regime, _, kind = request.form.get("kind", "").partition(" ")
    said |= {"regime": regime, "kind": kind, "about": about_said(), "status": "open"}
    row = cases.create(service(), actor(), "notice", case_forms.loaded("notice", said))
    return seen(url_for("web.notice", case_id=row.case_id))


@action("/notices/<case_id>", form=notice, longest=_LONG)
def post_notice_version(case_id: str) -> AnyResponse:
    """Record the next version of a notice."""
    actor().require("cases")
    before = cases.case(service(), actor(), "notice", case_id).now.record
    fixed = {name: before[name] for name in (*notice_forms.FIXED, "authority") if name in before}
    said = filled("reference", "deadline_reason", "status", "answered_on", "reason") | _deadline()
    return next_version("notice", case_id, fixed | said | {"about": about_said()})


def _deadline() -> dict[str, Any]:
    """Return the deadline that the form states: a day, a period, or that there is none."""
    period = filled("days", "unit")
    if "days" in period and period["days"].isascii() and period["days"].isdigit():
        period["days"] = int(period["days"][:9])
    return filled("due_on", "no_deadline") | ({"period": period} if "days" in period else {})


def _choices() -> dict[str, Any]:
    commission = gettext("the Commission (EU)")
    countries = [(code, commission if code == COMMISSION else code) for code in sorted(AUTHORITIES)]
    return {
        "kinds": [(f"{one.regime} {one.kind}", f"{one.title} ({one.law_ref})") for one in KINDS],
        "countries": countries, "units": [(one, gettext(_UNITS[one])) for one in UNITS],
        "statuses": [(one, words.sentence(one)) for one in notice_forms.STATUSES],
        "none_set": [("yes", gettext("The notice sets no day"))],
    }  # fmt: skip


def _said(record: Mapping[str, Any]) -> dict[str, str]:
    """Return what is shown of a notice: how its day came about beside the day."""
    if not record:
        return {N_("notice"): gettext("erased")}
    known, none = notice_kind(record["regime"], record["kind"]), gettext("none")
    no_receipt = gettext("not stated; taken as the day of issue")
    return {
        N_("what"): known.title if known else record["kind"],
        N_("article"): known.law_ref if known else record["regime"],
        N_("authority"): f"{record['authority']} ({record['authority_country']})",
        N_("reference"): record.get("reference", none),
        N_("issued on"): record["issued_on"],
        N_("received on"): record.get("received_on", no_receipt),
        N_("asked"): record["text"],
        N_("due"): record.get("due", gettext(_UNKNOWN)),
        N_("counted"): _counted(record),
        N_("status"): words.sentence(record["status"]),
        N_("answered on"): record.get("answered_on", gettext("not answered")),
        N_("reason"): record.get("reason", none),
        N_("reason for a later day"): record.get("deadline_reason", none),
        N_("about"): named_in(record) or none,
    }


def _counted(record: Mapping[str, Any]) -> str:
    if "due_on" in record:
        return gettext("as the authority states it")
    law = period_by_law(record["regime"], record["kind"], record["authority_country"])
    if "period" in record:
        length = _length(record["period"]["days"], record["period"]["unit"])
        said = gettext("%(length)s from receipt, as the authority states it", length=length)
    elif law is not None:
        said = gettext("%(length)s from receipt (%(law)s)", length=_length(law.days, law.unit), law=law.law_ref)
    else:
        return gettext("nothing to count from")
    if "calendar" not in record:
        return said
    out = ", ".join(record.get("public_holidays", ())) or gettext("none")
    told = {"said": said, "days": out, "calendar": record["calendar"]}
    return gettext("%(said)s; holidays left out: %(days)s; by %(calendar)s", **told)


def _length(days: int, unit: str) -> str:
    return gettext(_LENGTHS[unit], num=days)


def _row(row: CaseVersion) -> Mapping[str, Any]:
    record, address = row.record, url_for("web.notice", case_id=row.case_id)
    known, erased = notice_kind(record.get("regime", ""), record.get("kind", "")), gettext("erased")
    return cells_of({
        "notice": Cell(row.case_id[:8], address, whole=row.case_id), "asked": known.title if known else erased,
        "authority": f"{record['authority']} ({record['authority_country']})" if known else erased,
        "received": record.get("received_on", record.get("issued_on")), "due": _due(record), "status": state_cell(row),
        "law": known.law_ref if known else "",
    })  # fmt: skip


def _due(record: Mapping[str, Any]) -> Cell:
    due = record.get("due")
    if record.get("status") != "open":
        return Cell(due or "")
    if due is None:
        return Cell(gettext(_UNKNOWN), mark="gap")
    over = due < latest_date(service().clock()).isoformat()
    return Cell(gettext("overdue since %(day)s", day=due), mark="major") if over else Cell(due)
