"""Reports that the law asks for: each as a draft in its formats, and on a page of its own what is not recorded for it.

A list of them makes none: over some thousand shipment records each takes its time.
"""

from typing import Any

from flask import Response, request, url_for

from traceability.clock import latest_date
from traceability.diligence.reports.model import Gap
from traceability.errors import InvalidQuery, NotFound
from traceability.services.file_names import attachment
from traceability.services.reports import asking
from traceability.services.reports.registry import Kind, kinds
from traceability.services.reports.registry import kind as kind_of
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import bp, page
from traceability.web.session import actor, service

_FORMATS = ("pdf", "docx", "xlsx", "csv", "json", "zip")
_COLUMNS = (
    Column("report", "Report"), Column("law", "Law"), Column("audience", "For whom"),
    Column("missing", "Not recorded"), *(Column(form, form.upper()) for form in _FORMATS),
)  # fmt: skip
_GAPS = (Column("what", "Not recorded"), Column("law", "Asked for by"), Column("mend", "Where to record it"))
_AUDIENCES = {
    "public": N_("the public"), "authority": N_("an authority"), "customer": N_("the immediate buyer"),
    "own": N_("oneself"),
}  # fmt: skip
_EMPTY = N_("There is no report that your role asks for.")
_NO_GAPS = N_("Nothing is named as missing. A person reads each report before it is published or sent.")


@page("/reports")
def report_list() -> Page:
    """The reports of a year with their formats; none is made until it is asked for, and nothing is sent from here."""
    who, year = actor(), asked_year(before=1)
    who.require("reports")
    yearly = [one for one in kinds(who) if _is_yearly(one)]
    caption = gettext("Reports of %(year)s", year=year)
    made = table("reports", caption, _COLUMNS, [_row(one, year) for one in yearly], _EMPTY)
    singles = [_single(one) for one in kinds(who) if not _is_yearly(one)]
    return Page("Reports", "reports.html", [made], {"year": year}, {"singles": singles})


@page("/reports/missing/<kind>")
def report_gaps(kind: str) -> Page:
    """What is not recorded for one report of a year: it is put together to find out."""
    who, year = actor(), asked_year(before=1)
    who.require("reports")
    of = kind_of(kind)
    if not _is_yearly(of):
        raise NotFound(
            gettext("the report %(name)s is of no year; its draft itself says what is not recorded", name=of.name)
        )
    found = asking.built(service(), who, kind, {"year": year}).gaps
    made = table("gaps", gettext("Not recorded for %(year)s", year=year), _GAPS, map(_gap, found), _NO_GAPS)
    return Page(of.title, "report_gaps.html", [made], {"report": of.name, "year": year}, {"law": of.law})


@bp.get("/reports/file/<kind>")
def report_file(kind: str) -> Response:
    """One draft as a file, only ever as an attachment."""
    who = actor()
    who.require("reports")
    made = asking.made(service(), who, kind, request.args.to_dict(), None)
    headers = {"Content-Disposition": attachment(made.name), "Cache-Control": "no-store"}
    return Response(made.data, content_type=made.media, headers=headers)


def asked_year(*, before: int = 0) -> str:
    """Return the year the address asks for; without one the calendar year of today, or so many years before it."""
    asked = request.args.get("year", "").strip()
    if asked and not (len(asked) == len("2026") and asked.isascii() and asked.isdigit() and asked.startswith("20")):
        raise InvalidQuery(gettext("expected a year such as 2026; got %(got)r", got=asked[:20]))
    return asked or str(latest_date(service().clock()).year - before)


def _is_yearly(one: Kind) -> bool:
    """Tell whether a report is of a period alone; others are of one thing."""
    return "year" in one.parameters and not one.required


def _row(one: Kind, year: str) -> Row:
    files: dict[str, Any] = {
        form: Cell(form.upper(), href=url_for("web.report_file", kind=one.name, year=year, format=form))
        for form in one.formats
    }
    values: dict[str, Any] = {
        "report": one.title, "law": one.law, "audience": gettext(_AUDIENCES[one.audience]),
        "missing": Cell(gettext("Show what is missing"), href=url_for("web.report_gaps", kind=one.name, year=year)),
        **dict.fromkeys(_FORMATS), **files,
    }  # fmt: skip
    return Row(cells_of(values))


def _gap(one: Gap) -> dict[str, str]:
    return {"what": one.what, "law": one.law, "mend": one.mend}


def _single(one: Kind) -> dict[str, Any]:
    """Return the form of a report about one thing."""
    return {
        "name": one.name, "title": one.title, "law": one.law, "formats": one.formats, "parameters": one.parameters,
        "action": url_for("web.report_file", kind=one.name),
    }  # fmt: skip
