"""Who reported a grievance: of which one is kept, and the form by which those entitled read it, or the dpo erases it.

The name is in no page at an address: it answers one form with a purpose, and each such answer is logged.
"""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.services import case_reporters
from traceability.services.case_reporters import Kept
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_COLUMNS = (
    Column("case", "Grievance", "id"), Column("by", "Taken down by"), Column("at", "Taken down", "time"),
    Column("kept", "Kept"),
)  # fmt: skip
_EMPTY = N_("Of no grievance it is kept who reported it.")


@page("/reporters")
def reporters() -> Page:
    """The grievances of which it is kept who reported them; not who it is."""
    made = table(
        "reporters", "Kept apart from their grievances", _COLUMNS, map(_row, case_reporters.kept(service(), actor())),
        _EMPTY,
    )  # fmt: skip
    return Page("Who reported a grievance", "reporters.html", [made], {}, {})


@page("/reporters/<case_id>")
def reporter(case_id: str) -> Page:
    """The form that asks for the purpose, and for the dpo the form that erases; nothing is read by opening it."""
    return _page(case_reporters.one(service(), actor(), case_id), None)


@action("/reporters/<case_id>", form=reporter)
def post_reporter(case_id: str) -> Page:
    """Show who reported it, once, to those entitled; the read is logged with its purpose first."""
    row = case_reporters.read(service(), actor(), case_id, request.form.get("purpose"))
    return _page(case_reporters.one(service(), actor(), case_id), row.identity)


@action("/reporters/<case_id>/erase", form=reporter)
def post_reporter_erasure(case_id: str) -> AnyResponse:
    """Erase who reported it, on the dpo's word."""
    case_reporters.erase(service(), actor(), case_id, request.form.get("reason", ""))
    return seen(url_for("web.reporter", case_id=case_id))


def _page(found: Kept, identity: str | None) -> Page:
    who = actor()
    shown = {N_("grievance"): found.case_id, N_("taken down by"): found.recorded_by, N_("kept"): _kept(found)}
    here = found.erasure_index is None
    context = {
        "row": found, "identity": identity, "may_erase": here and who.may("erase"),
        "may_read": here and (who.role != "officer" or who.person == found.recorded_by),
    }  # fmt: skip
    return Page("Who reported a grievance", "reporter.html", [], {"kept": shown}, context)


def _row(one: Kept) -> Mapping[str, Any]:
    return cells_of({
        "case": Cell(one.case_id[:8], url_for("web.reporter", case_id=one.case_id), whole=one.case_id),
        "by": one.recorded_by, "at": words.moment(one.recorded_at), "kept": _kept(one),
    })  # fmt: skip


def _kept(one: Kept) -> str:
    if one.erasure_index is None:
        return gettext("yes")
    return gettext("erased (ledger entry %(entry)s)", entry=one.erasure_index)
