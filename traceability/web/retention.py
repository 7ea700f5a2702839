"""What is due to be erased, for the dpo: the reports, one report with its approval, and legal holds."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.diligence.retention import GROUNDS
from traceability.errors import InvalidInput, Problem
from traceability.services.retention import holds as hold_service
from traceability.services.retention import reports as report_service
from traceability.services.retention.approve import approve
from traceability.storage.tables import LegalHold, RetentionLine, RetentionReport
from traceability.web import words
from traceability.web.fields import LINES
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_REPORTS = (
    Column("as_of", "As of", "time"), Column("at", "Made", "time"), Column("due", "Due to be erased", "number"),
    Column("blocked", "Over, and kept", "number"), Column("unknown", "No end known", "number"),
    Column("running", "In their term", "number"), Column("id", "Report", "id"),
)  # fmt: skip
_LINES = (
    Column("line", "Line", "number"), Column("kind", "Kind"), Column("subject", "Record", "id"),
    Column("owner", "Whose", "id"), Column("state", "State"), Column("ended", "Term ended", "time"),
    Column("why", "Ground, or why it is kept"), Column("done", "Erased by"),
)  # fmt: skip
_HOLDS = (
    Column("kind", "Kind"), Column("target", "What", "id"), Column("reason", "Reason"), Column("by", "Placed by"),
    Column("at", "Placed", "time"), Column("lifted", "Lifted"), Column("id", "Hold", "id"),
)  # fmt: skip
_GROUNDS = (Column("law", "Ground"), Column("years", "Years", "number"), Column("starts", "Counted from"),
            Column("seen", "How sure the wording is"))  # fmt: skip
_STATES = {"due": N_("due to be erased"), "blocked": N_("over, and kept"), "unknown": N_("kept: no end known")}
_KINDS = {
    "capture": N_("capture"), "shipment": N_("shipment record"), "assessment": N_("assessments of a batch"),
    "document": N_("document"), "access_log": N_("log of reads"), "screening": N_("names asked about"),
    "case": N_("mitigation plan, grievance or notice"), "reporter": N_("who reported a grievance"),
}  # fmt: skip


@page("/retention")
def retention() -> Page:
    """The reports of what is due, newest first, and what may be asked for."""
    who = actor()
    rows = report_service.reports(service(), who)
    empty = N_("No report has been made yet. Ask for one: nothing is erased by it.")
    made = table("reports", "Reports of what is due, newest first", _REPORTS, map(_report, rows), empty)
    grounds = table("grounds", "How long records are kept", _GROUNDS, map(_ground, GROUNDS.values()), "")
    return Page("Retention", "retention.html", [made, grounds], {}, {"waits": report_service.waits(service(), who)})


def _ground(ground: Any) -> dict[str, Any]:
    return {"law": ground.law_ref, "years": ground.years, "starts": ground.starts, "seen": ground.provenance}


def _report(row: RetentionReport) -> dict[str, Any]:
    states = ("due", "blocked", "unknown", "running")
    number = {state: sum(counts.get(state, 0) for counts in row.counts.values()) for state in states}
    link = Cell(words.day(row.as_of), href=url_for("web.retention_report", report_id=row.id))
    return {"as_of": link, "at": words.moment(row.at), "id": row.id, **number}


@action("/retention", form=retention)
def post_retention() -> AnyResponse:
    """Ask for a report."""
    report_service.ask(service(), actor())
    return seen(url_for("web.retention"))


@page("/retention/<report_id>")
def retention_report(report_id: str) -> Page:
    """One report: what is due, what is kept and why, and the form that approves."""
    found = report_service.report(service(), actor(), report_id)
    rows = [_line(row, found.owners) for row in found.lines]
    empty = N_("Nothing is beyond its term, and of every record it is known how long it is kept.")
    made = table("lines", "Records that are due, then those kept beyond their term", _LINES, rows, empty)
    open_ = [row.id for row in found.lines if row.state == "due" and row.erasure_index is None]
    title = gettext("Retention report of %(day)s", day=words.day(found.row.as_of))
    return Page(title, "retention_report.html", [made], {"open": open_}, {"report_id": report_id})


def _line(row: RetentionLine, owners: Mapping[str, str]) -> dict[str, Any]:
    done = _done(row)
    return {
        "line": str(row.id), "kind": gettext(_KINDS[row.kind]), "subject": row.subject,
        "owner": owners.get(row.owner_id or ""), "state": gettext("erased") if done else gettext(_STATES[row.state]),
        "ended": words.day(row.ended_on) if row.ended_on else "", "why": row.why, "done": done,
    }  # fmt: skip


def _done(row: RetentionLine) -> str:
    """Return by whom, when and why a record was erased; nothing where it was not."""
    if row.erasure_index is None:
        return ""
    told = {"who": row.decided_by, "at": words.moment(row.decided_at), "entry": row.erasure_index, "why": row.reason}
    return gettext("%(who)s, %(at)s, ledger entry %(entry)s: %(why)s", **told)


@action("/retention/<report_id>/approve", form=retention_report, longest={"lines": LINES})
def post_retention_approval(report_id: str) -> AnyResponse:
    """Erase what is due, all of it or the lines named."""
    which, named = request.form.get("which"), request.form.get("lines", "")
    if which not in ("all", "some"):
        problem = Problem("which", gettext("choose all that is due, or some lines"))
        raise InvalidInput(gettext("choose what to erase"), problems=[problem])
    lines = None if which == "all" else _numbers(named)
    approve(service(), actor(), report_id, request.form.get("reason", ""), lines)
    return seen(url_for("web.retention_report", report_id=report_id))


def _numbers(text: str) -> list[int]:
    parts = text.replace(",", " ").split()
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):  # noqa: PLR2004  # ids
        problem = Problem("lines", gettext("write the numbers of the lines with blanks or commas between them"))
        raise InvalidInput(gettext("the lines cannot be read"), problems=[problem])
    return [int(part) for part in parts]


@page("/holds")
def holds() -> Page:
    """The legal holds on one's own party's records, and the forms that place and lift one."""
    rows = hold_service.holds(service(), actor())
    empty = N_(
        "Nothing is held by hand. Open cases, decisions that wait and batches with an incident are kept by themselves."
    )
    made = table("holds", "Legal holds, newest first", _HOLDS, map(_hold, rows), empty)
    mine = [
        (row.id, f"{words.sentence(row.kind)} {row.target}")
        for row in rows
        if row.lifted_at is None and row.party_id == actor().party_id
    ]
    return Page("Legal holds", "holds.html", [made], {}, {"kinds": hold_service.KINDS, "mine": mine})


def _hold(row: LegalHold) -> dict[str, Any]:
    told = {"at": words.moment(row.lifted_at), "who": row.lifted_by, "why": row.lifted_reason}
    lifted = "" if row.lifted_at is None else gettext("%(at)s by %(who)s: %(why)s", **told)
    everything = gettext("every party's records") if row.party_id is None else gettext("all records of the party")
    return {
        "kind": words.sentence(row.kind), "target": row.target or everything, "reason": row.reason, "by": row.placed_by,
        "at": words.moment(row.placed_at), "lifted": lifted, "id": row.id,
    }  # fmt: skip


@action("/holds", form=holds)
def post_hold() -> AnyResponse:
    """Place a hold."""
    form = request.form
    hold_service.place(service(), actor(), form.get("kind", ""), form.get("target", "").strip(), form.get("reason", ""))
    return seen(url_for("web.holds"))


@action("/holds/lift", form=holds)
def post_lift() -> AnyResponse:
    """Lift a hold."""
    hold_service.lift(service(), actor(), request.form.get("hold", ""), request.form.get("lift_reason", ""))
    return seen(url_for("web.holds"))
