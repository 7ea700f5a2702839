"""Open work of people who leave: listed and handed over by an admin; and what was handed to the reader."""

from collections.abc import Mapping
from typing import Any, Final

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, Problem
from traceability.services import open_work
from traceability.services.open_work import Work
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_WORK = (Column("what", "What is open"), Column("id", "Id", "id"), Column("to", "Handed to"))
_MINE = (
    Column("what", "What is open"), Column("id", "Where", "id"), Column("from", "Was the work of"),
    Column("at", "Handed over", "time"), Column("by", "By"),
)  # fmt: skip
#: The page of each kind and the name of its id; kinds without one stand on a list.
_PAGES: Final = {
    "decision": ("decision", "decision_id"), "plan": ("plan", "case_id"), "grievance": ("grievance", "case_id"),
    "notice": ("notice", "case_id"), "request": ("request_thread", "case_id"), "contest": ("contest_thread", "case_id"),
    "merge": ("merge", "merge_id"), "party": ("party", "party_id"),
}  # fmt: skip
_LISTS: Final = {"hold": "holds", "key": "approvals", "lost_key": "approvals"}


@page("/users/work")
def user_work() -> Page:
    """The open work of an account, and the form that hands it to a colleague."""
    who, name = actor(), request.values.get("user", "")
    found = open_work.open_work(service(), who, name)
    rows = [{"what": one.what, "id": one.subject, "to": one.handed_to} for one in found]
    caption, empty = gettext("Open work of %(name)s", name=name), N_("Nothing of this person's work is open.")
    made = table("work", caption, _WORK, rows, empty)
    colleagues = open_work.colleagues(service(), who, name)
    context = {"user": name, "work": found, "colleagues": colleagues}
    return Page(gettext("Work of %(name)s", name=name), "user_work.html", [made], {}, context)


@action("/users/work", form=user_work)
def post_user_work() -> AnyResponse:
    """Hand over the work that is ticked."""
    form = request.form
    chosen = [(kind, subject) for kind, _, subject in (one.partition("|") for one in form.getlist("work"))]
    if not chosen:
        raise InvalidInput(
            gettext("tick what is handed over"), problems=[Problem("work", gettext("tick at least one"))]
        )
    open_work.hand_over(service(), actor(), form.get("user", ""), form.get("to", ""), chosen)
    return seen(url_for("web.user_work", user=form.get("user", "")))


@page("/work")
def handed_work() -> Page:
    """What was handed to the reader and is still open."""
    rows = [
        cells_of({
            "what": work.what, "id": _where(work), "from": row.from_user, "at": words.moment(row.handed_at),
            "by": row.handed_by,
        })
        for row, work in open_work.handed_to(service(), actor())
    ]  # fmt: skip
    empty = N_("Nothing was handed to you, or all of it is done.")
    return Page("Work handed to you", "table.html", [table("work", "Open work, newest first", _MINE, rows, empty)])


def _where(work: Work) -> Cell:
    if work.kind in _PAGES:
        endpoint, name = _PAGES[work.kind]
        named: Mapping[str, Any] = {name: work.subject}
        return Cell(work.subject[:8], url_for(f"web.{endpoint}", **named), whole=work.subject)
    return Cell(work.subject[:8], url_for(f"web.{_LISTS[work.kind]}"), whole=work.subject)
