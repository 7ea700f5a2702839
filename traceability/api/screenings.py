"""The screening record: who or what was screened, when, against which lists, and what came out; and its export."""

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields, validate

from traceability.api.base import Length, StrictSchema, answer, blueprint, reader, service
from traceability.services.screening_export import FORMS
from traceability.services.screenings import (
    MOST_ROWS,
    OUTCOMES,
    Wanted,
    every,
    remembered,
    screening,
    screenings,
    shown,
)

blp: Blueprint = blueprint("screenings", "/v1/screenings", "The record of what was screened, and what came out")
_TEXT = Length(1, 500)


class FilterSchema(StrictSchema):
    """Which screenings; days are those of UTC and inclusive. A regulator names the importer."""

    subject = fields.String(validate=_TEXT)
    party = fields.String(validate=_TEXT)
    list_id = fields.String(data_key="list", validate=Length(1, 60))
    entry = fields.String(validate=_TEXT)
    outcome = fields.String(validate=validate.OneOf(OUTCOMES))
    since = fields.Date(data_key="from")
    until = fields.Date(data_key="to")
    importer = fields.String(validate=_TEXT)


class PageSchema(FilterSchema):
    """The same, page by page: ``after`` is ``next`` of the page before."""

    after = fields.Integer(validate=validate.Range(1, 2**31 - 1))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MOST_ROWS))


class ExportSchema(FilterSchema):
    """The same in one file, in a form."""

    form = fields.String(data_key="format", load_default="csv", validate=validate.OneOf(tuple(FORMS)))


@blp.route("", methods=["GET"])
@blp.arguments(PageSchema, location="query")
def get_screenings(args: dict[str, Any]) -> Response:
    """Screenings, newest first: of one's own importer, of the mandate's, or all for an admin; ``next`` leads on."""
    wanted = _wanted(args)
    found = screenings(service(), reader(), wanted)
    following = found[-1].row.id if len(found) == wanted.limit else None
    return answer({"screenings": [shown(one) for one in found], "next": following})


@blp.route("/export", methods=["GET"])
@blp.arguments(ExportSchema, location="query")
def get_export(args: dict[str, Any]) -> Response:
    """Up to 100,000 screenings as CSV (a line for each hit) or JSON lines, newest first."""
    form = args.pop("form")
    write, media_type = FORMS[form]
    found = every(service(), reader(), _wanted(args))
    headers = {"Content-Disposition": f'attachment; filename="screenings.{form}"', "Cache-Control": "no-store"}
    return Response(write(found), content_type=media_type, headers=headers)


@blp.route("/<int:screening_id>", methods=["GET"])
def get_screening(screening_id: int) -> Response:
    """One screening, with what people have said about each of its hits by now."""
    found = screening(service(), reader(), screening_id)
    return answer(shown(found, remembered(service(), found)))


def _wanted(args: dict[str, Any]) -> Wanted:
    return Wanted(**{name: value for name, value in args.items() if name != "importer"})
