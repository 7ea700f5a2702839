"""The supplier's form for custody events: it makes a draft; signing it stays with the key, on the supplier's machine.

The rows go through the same reader as our spreadsheet (events/sheet.py); nothing is stored here.
"""

import csv
import hashlib
import io
from typing import Any

from flask import Response, request

from traceability import strict_json
from traceability.errors import InvalidInput, NotFound, Problem
from traceability.events import sheet
from traceability.events.sheet_columns import BY_NAME, COLUMNS, UNITS
from traceability.events.sheet_kinds import KINDS
from traceability.services.access import Actor
from traceability.services.parties import party
from traceability.web.fields import LINES
from traceability.web.language import gettext
from traceability.web.page import Page
from traceability.web.routes import action, bp, page
from traceability.web.session import actor, service

_FORM = "form.csv"
_MAX_DRAFT = 5_000_000


@page("/events/new")
def event_form() -> Page:
    """The form: first what happened, then the fields that kind needs; or a filled-in template."""
    actor().require("capture")
    what = request.values.get("what", "")
    kind = KINDS.get(what)
    needed = ("when", "zone", *kind.needs) if kind else ()
    columns = [column for column in COLUMNS if kind and column.name in kind.columns and column.name != "what"]
    return Page("New custody events", "event_form.html", (), {}, {
        "what": what if kind else "", "kinds": {name: one.help for name, one in KINDS.items()},
        "needed": [column for column in columns if column.name in needed],
        "others": [column for column in columns if column.name not in needed], "units": UNITS,
    })  # fmt: skip


@action("/events/draft", form=event_form, longest=dict.fromkeys(BY_NAME, LINES))
def post_draft() -> Page:
    """Make the draft of a form or of a filled-in template, and say how to sign it."""
    who = actor()
    who.require("capture")
    file = request.files.get("file")
    if file is not None and file.filename:
        data, name = file.read(), file.filename
    else:
        data, name = _row(), _FORM
    events, errors = sheet.read_rows(data, name, party=_did(who))
    if errors:
        raise InvalidInput(_wrong(name), problems=[_problem(item, name) for item in errors[:100]])
    return _draft(events)


def _draft(events: list[dict[str, Any]]) -> Page:
    draft = strict_json.dumps(sheet.document(events, service().clock())).decode()
    file = f"events-{hashlib.sha256(draft.encode()).hexdigest()[:12]}.json"
    command = f"traceability capture {file} --url {service().settings.public_url} --key my-key.json"
    return Page("Your draft: sign it", "event_draft.html", (), {}, {
        "draft": draft, "file": file, "command": command, "count": len(events),
        "pretty": strict_json.dumps(events[0]).decode(),
    })  # fmt: skip


def _row() -> bytes:
    """Return the form as a sheet of one row."""
    filled = {name: request.form.get(name, "").strip() for name in BY_NAME}
    kept = {name: text for name, text in filled.items() if text or name in ("what", "when")}
    out = io.StringIO(newline="")
    csv.writer(out).writerows([list(kept), list(kept.values())])
    return out.getvalue().encode()


def _wrong(name: str) -> str:
    if name == _FORM:
        return gettext("the event cannot be made yet")
    return gettext("nothing of the file was taken; mend these cells first")


def _problem(item: sheet.RowError, name: str) -> Problem:
    in_row = gettext("row %(number)s: %(message)s", number=item.row, message=item.message)
    return Problem(item.column, item.message if name == _FORM else in_row)


def _did(who: Actor) -> str:
    did: str = party(service(), who, who.own_party())["party"].did
    return did


@action("/events/download", longest={"draft": _MAX_DRAFT})
def post_download() -> Response:
    """Give a draft back as a file; it is the reader's own text, checked to be JSON."""
    text = request.form.get("draft", "")
    if len(text) > _MAX_DRAFT:
        raise InvalidInput(gettext("the draft is too large: import the file with the command line"))
    data = text.encode()
    strict_json.loads(data)
    name = f"events-{hashlib.sha256(data).hexdigest()[:12]}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, content_type="application/json", headers=headers)


@bp.get("/events/template.<form>")
def template(form: str) -> Response:
    """The empty template, as a spreadsheet with instructions or as CSV."""
    actor()
    kinds = {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv": "text/csv; charset=utf-8",
    }
    if form not in kinds:
        raise NotFound(gettext("the template comes as template.xlsx or template.csv"))
    data: bytes | str = sheet.template_xlsx() if form == "xlsx" else sheet.template_csv()
    headers = {"Content-Disposition": f'attachment; filename="custody-events.{form}"'}
    return Response(data, content_type=kinds[form], headers=headers)
