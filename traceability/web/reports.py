"""Reports that the law asks for: each as a draft in its formats, and what is not recorded for it."""

from collections.abc import Iterator
from typing import Any

from flask import Response, request, url_for

from traceability.clock import latest_date
from traceability.diligence.reports.model import Report
from traceability.errors import InvalidQuery
from traceability.services.file_names import attachment
from traceability.services.reports import asking
from traceability.services.reports.registry import Kind, kinds
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import bp, page
from traceability.web.session import actor, service

_FORMATS = ("pdf", "docx", "xlsx", "csv", "json", "zip")
_COLUMNS = (
    Column("report", "Report"), Column("law", "Law"), Column("audience", "For whom"),
    Column("missing", "Not recorded", "number"), *(Column(form, form.upper()) for form in _FORMATS),
)  # fmt: skip
_GAPS = (
    Column("report", "Report"), Column("what", "Not recorded"), Column("law", "Asked for by"),
    Column("mend", "Where to record it"),
)  # fmt: skip
_AUDIENCES = {"public": "the public", "authority": "an authority", "customer": "the immediate buyer", "own": "oneself"}
_EMPTY = "There is no report that your role asks for."
_NO_GAPS = "Nothing is named as missing. A person reads each report before it is published or sent."


@page("/reports")
def report_list() -> Page:
    """The reports of a year with their formats, and what is not recorded for each; nothing is sent from here."""
    who, year = actor(), _year()
    who.require("reports")
    yearly = [one for one in kinds(who) if "year" in one.parameters and not one.required]
    made = {one.name: asking.built(service(), who, one.name, {"year": year}) for one in yearly}
    rows = [_row(one, made[one.name], year) for one in yearly]
    gaps = list(_missing(made.values()))
    tables = [
        table("reports", f"Reports of {year}", _COLUMNS, rows, _EMPTY),
        table("gaps", f"Not recorded for {year}", _GAPS, gaps, _NO_GAPS),
    ]
    singles = [_single(one) for one in kinds(who) if one not in yearly]
    return Page("Reports", "reports.html", tables, {"year": year}, {"singles": singles})


@bp.get("/reports/file/<kind>")
def report_file(kind: str) -> Response:
    """One draft as a file, only ever as an attachment."""
    who = actor()
    who.require("reports")
    made = asking.made(service(), who, kind, request.args.to_dict(), None)
    headers = {"Content-Disposition": attachment(made.name), "Cache-Control": "no-store"}
    return Response(made.data, content_type=made.media, headers=headers)


def _year() -> str:
    """Return the year the address asks for; without one the calendar year before."""
    asked = request.args.get("year", "").strip()
    if asked and not (len(asked) == len("2026") and asked.isascii() and asked.isdigit() and asked.startswith("20")):
        raise InvalidQuery(f"expected a year such as 2026; got {asked[:20]!r}")
    return asked or str(latest_date(service().clock()).year - 1)


def _row(one: Kind, made: Report, year: str) -> Row:
    files: dict[str, Any] = {
        form: Cell(form.upper(), href=url_for("web.report_file", kind=one.name, year=year, format=form))
        for form in one.formats
    }
    values: dict[str, Any] = {
        "report": one.title, "law": one.law, "audience": _AUDIENCES[one.audience],
        "missing": Cell(str(len(made.gaps)), href="#gaps"), **dict.fromkeys(_FORMATS), **files,
    }  # fmt: skip
    return Row(cells_of(values))


def _missing(made: Any) -> Iterator[dict[str, str]]:
    for one in made:
        for gap in one.gaps:
            yield {"report": one.title, "what": gap.what, "law": gap.law, "mend": gap.mend}


def _single(one: Kind) -> dict[str, Any]:
    """Return the form of a report about one thing."""
    return {
        "name": one.name, "title": one.title, "law": one.law, "formats": one.formats, "parameters": one.parameters,
        "action": url_for("web.report_file", kind=one.name),
    }  # fmt: skip
