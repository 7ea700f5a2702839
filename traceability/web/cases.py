"""Mitigation plans and grievances: what is open, the overdue first, and the forms that add a case or a version."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.clock import latest_date
from traceability.services import case_forms, cases
from traceability.storage.tables import CaseVersion
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_LONG = {"about": 20_000, "text": 4000, "reason": 4000}
_PLANS = (
    Column("plan", "Plan", "id"), Column("risk", "Finding"), Column("about", "About", "id"),
    Column("progress", "Progress"), Column("review", "Review due"), Column("asked", "Last consultation"),
)  # fmt: skip
_GRIEVANCES = (
    Column("case", "Case", "id"), Column("kind", "Kind"), Column("about", "About", "id"), Column("status", "Status"),
    Column("received", "Received", "time"), Column("outcome", "Outcome"),
)  # fmt: skip
_VERSIONS = (
    Column("version", "Version", "number"), Column("at", "Written", "time"), Column("by", "By"),
    Column("said", "State"), Column("entry", "Ledger entry", "number"),
)  # fmt: skip
#: How a word looks: the icons and colours of `words.MARKS`.
_LOOKS = {
    "failed": "critical", "no_improvement": "major", "open": "major", "under_investigation": "major",
    "on_track": "in_force", "improved": "in_force",
    **dict.fromkeys(("completed", "closed", "answered", "withdrawn"), "refused"),
}  # fmt: skip
_MORE_STEPS = 2


@page("/plans")
def plans() -> Page:
    """The plans of the importer, the one to be reviewed first on top, and the form of a new one."""
    rows = map(_plan_row, cases.listed(service(), actor(), "plan"))
    empty = N_("No mitigation plan is kept. Record one where trade goes on while a risk is being mitigated.")
    made = table("plans", "Mitigation plans, overdue first", _PLANS, rows, empty)
    return Page("Mitigation plans", "plans.html", [made], {}, form_of("plan", {}))


@page("/plans/<case_id>")
def plan(case_id: str) -> Page:
    """One plan with its steps, consultations and versions, and the form of its next version."""
    found = cases.case(service(), actor(), "plan", case_id)
    record = found.now.record
    gone = gettext("erased")
    shown = {N_("finding"): record.get("risk_code", gone), N_("adopted on"): record.get("adopted_on", gone)}
    shown |= {N_("progress"): _word_of(record, "progress")}
    shown |= {N_("review due"): record.get("review_due_on", gettext("none set"))}
    return case_page(N_("Mitigation plan"), "plan.html", found, shown)


@action("/plans", form=plans, longest=_LONG)
def post_plan() -> AnyResponse:
    """Record a plan."""
    actor().require("cases")
    row = cases.create(service(), actor(), "plan", case_forms.loaded("plan", _plan_said({})))
    return seen(url_for("web.plan", case_id=row.case_id))


@action("/plans/<case_id>", form=plan, longest=_LONG)
def post_plan_version(case_id: str) -> AnyResponse:
    """Record the next version of a plan."""
    actor().require("cases")
    before = cases.case(service(), actor(), "plan", case_id).now.record
    return next_version("plan", case_id, _plan_said(before))


@page("/grievances")
def grievances() -> Page:
    """The grievances of the importer, open ones first, and the form of a new one."""
    rows = map(_grievance_row, cases.listed(service(), actor(), "grievance"))
    empty = N_("No grievance is kept. Record what reaches you by your own, a joint or an external mechanism.")
    made = table("grievances", "Grievances, open first", _GRIEVANCES, rows, empty)
    return Page("Grievances", "grievances.html", [made], {}, form_of("grievance", {}))


@page("/grievances/<case_id>")
def grievance(case_id: str) -> Page:
    """One grievance with its versions, and the form of its next one; never who reported it."""
    found = cases.case(service(), actor(), "grievance", case_id)
    record = found.now.record
    shown = {
        N_("kind"): _word_of(record, "kind"),
        N_("came by"): _word_of(record, "channel"),
        N_("text"): record.get("text", gettext("erased")),
    }
    shown |= {N_("received on"): record.get("received_on", gettext("erased")), N_("status"): _word_of(record, "status")}
    shown |= {N_("reports"): ", ".join(map(words.sentence, record.get("risks", ()))) or gettext("no risk is named")}
    shown |= {N_("outcome"): _word_of(record, "outcome"), N_("reason"): record.get("reason", gettext("none"))}
    return case_page(N_("Grievance"), "grievance.html", found, shown)


@action("/grievances", form=grievances, longest=_LONG)
def post_grievance() -> AnyResponse:
    """Record a grievance; who reported it is kept apart."""
    actor().require("cases")
    said = filled("kind", "channel", "received_on", "status", "text") | {"about": about_said()} | _risks({})
    who = request.form.get("reporter", "").strip() or None
    row = cases.create(service(), actor(), "grievance", case_forms.loaded("grievance", said), who)
    return seen(url_for("web.grievance", case_id=row.case_id))


@action("/grievances/<case_id>", form=grievance, longest=_LONG)
def post_grievance_version(case_id: str) -> AnyResponse:
    """Record the next version of a grievance."""
    actor().require("cases")
    before = cases.case(service(), actor(), "grievance", case_id).now.record
    fixed = {name: before[name] for name in case_forms.FIXED["grievance"] if name in before}
    said = fixed | _risks(before) | filled("status", "outcome", "reason") | {"about": about_said()}
    return next_version("grievance", case_id, said)


def _risks(before: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the risks that are ticked, with those an earlier version names: they stay."""
    found = sorted({*before.get("risks", ()), *request.form.getlist("risks")})
    return {"risks": found} if found else {}


def next_version(kind: str, case_id: str, said: Mapping[str, Any]) -> AnyResponse:
    """Record what a form says as the next version of a case, and show it."""
    based = request.form.get("based_on", "")
    number = int(based) if based.isascii() and based.isdigit() and len(based) < 9 else 0  # noqa: PLR2004  # versions
    cases.revise(service(), actor(), kind, case_id, number, case_forms.loaded(kind, said))
    return seen(url_for(f"web.{kind}", case_id=case_id))


def _plan_said(before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form says of a plan: what stays comes from the version before, consultations are added to it."""
    fixed = {name: before[name] for name in case_forms.FIXED["plan"] if name in before}
    said = filled("risk_code", "adopted_on", "review_due_on", "progress", "text") | fixed | {"about": about_said()}
    held = filled("on", "who", "topic")
    added = [{("about" if name == "topic" else name): value for name, value in held.items()}] if held else []
    steps = [
        filled(*(f"{name}-{n}" for name in ("what", "measure", "due_on", "done_on")))
        for n in range(1, len(before.get("steps", [])) + _MORE_STEPS + 1)
    ]
    named = [{name.partition("-")[0]: value for name, value in step.items()} for step in steps if step]
    return said | {"consultations": [*before.get("consultations", []), *added], "steps": named}


def filled(*names: str) -> dict[str, Any]:
    """Return the fields of the form that somebody filled in."""
    found = {name: request.form.get(name, "").strip() for name in names}
    return {name: value for name, value in found.items() if value}


def about_said() -> list[dict[str, str]]:
    """Return what the form says a case is about, a line each: the kind, then the identifier."""
    lines = (line.strip().partition(" ") for line in request.form.get("about", "").splitlines() if line.strip())
    return [{"kind": kind, "id": name.strip()} for kind, _, name in lines]


def form_of(kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the forms of a kind need: choices, what the last version says, and whether the reader may write."""
    lines = "\n".join(f"{one['kind']} {one['id']}" for one in record.get("about", []))
    steps = [*record.get("steps", []), *({} for _ in range(_MORE_STEPS))]
    named = {"progress": case_forms.PROGRESS, "status": case_forms.STATUSES, "kind": case_forms.GRIEVANCE_KINDS}
    named |= {"channel": case_forms.CHANNELS, "outcome": case_forms.OUTCOMES, "risks": case_forms.RISKS}
    choices = {name: [(one, words.sentence(one)) for one in ones] for name, ones in named.items()}
    may = actor().may("cases") and (not record or record.get("about") is not None)
    return {"may": may, "choices": choices, "said": record, "about": lines, "steps": steps, "which": kind}


def case_page(title: str, template: str, found: cases.Case, shown: Mapping[str, str]) -> Page:
    """Return the page of one case: what is shown of it, its versions, and the form of its next one."""
    rows = [
        {"version": str(row.version), "at": words.moment(row.written_at), "by": row.written_by,
         "said": state_cell(row), "entry": str(row.entry_index)}
        for row in found.versions
    ]  # fmt: skip
    made = table("versions", "Versions, newest first", _VERSIONS, rows, "")
    now = found.now
    context = form_of(now.kind, now.record) | {"row": now, "may": actor().may("cases") and now.erased_index is None}
    return Page(title, template, [made], {"case": shown, "record": now.record}, context)


def _plan_row(row: CaseVersion) -> Mapping[str, Any]:
    record, due = row.record, row.record.get("review_due_on", "")
    running = record.get("progress") not in {None, "completed", "failed"}
    over = running and bool(due) and due < latest_date(service().clock()).isoformat()
    held = [one["on"] for one in record.get("consultations", [])]
    return cells_of({
        "plan": Cell(row.case_id[:8], url_for("web.plan", case_id=row.case_id), whole=row.case_id),
        "risk": record.get("risk_code"), "about": named_in(record), "progress": state_cell(row),
        "review": Cell(gettext("overdue since %(day)s", day=due), mark="major") if over else due,
        "asked": max(held) if held else Cell(gettext("none"), mark="gap") if running else gettext("none"),
    })  # fmt: skip


def _grievance_row(row: CaseVersion) -> Mapping[str, Any]:
    record = row.record
    return cells_of({
        "case": Cell(row.case_id[:8], url_for("web.grievance", case_id=row.case_id), whole=row.case_id),
        "kind": _word_of(record, "kind"), "about": named_in(record), "status": state_cell(row),
        "received": record.get("received_on"), "outcome": _word_of(record, "outcome"),
    })  # fmt: skip


def state_cell(row: CaseVersion) -> Cell:
    """Return how a version says the case stands."""
    said = row.record.get("progress", row.record.get("status"))
    if not said:
        return Cell(gettext("erased (ledger entry %(entry)s)", entry=row.erased_index))
    return Cell(words.sentence(said), mark=_LOOKS[said])


def _word_of(record: Mapping[str, Any], name: str) -> str:
    return words.sentence(record[name]) if name in record else gettext("none")


def named_in(record: Mapping[str, Any]) -> str:
    """Return what a case is about in one line."""
    return ", ".join(f"{words.sentence(one['kind'])} {one['id']}" for one in record.get("about", []))
