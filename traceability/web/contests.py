"""Contests: what a party is told and says against it, one thread, and the forms that tell, contest and answer."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.clock import latest_date
from traceability.services import addressed, contest_links, contests, requests
from traceability.services.contest_forms import (
    FROM,
    OUTCOMES,
    ConcernSchema,
    ContestAnswerSchema,
    ObjectionSchema,
    OwnContestSchema,
    for_party,
    state,
)
from traceability.services.request_forms import loaded
from traceability.storage.tables import CaseVersion, ContestLink, Party
from traceability.web import words
from traceability.web.cases import about_said, filled, named_in
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.requests import based_on, own_papers
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_LONG = {"about": 20_000, "told": 4000, "text": 4000, "reason": 4000}
_CONTESTS = (
    Column("contest", "Contest", "id"), Column("party", "Party"), Column("office", "Office"), Column("state", "State"),
    Column("due", "Answer due", "time"), Column("last", "Last said"),
)  # fmt: skip
_THREAD = (
    Column("on", "On", "time"), Column("by", "By"), Column("step", "Step"), Column("text", "What was said"),
)  # fmt: skip
_PAPERS = (Column("paper", "Paper"), Column("sha256", "SHA-256", "id"), Column("on", "Handed over", "time"))
_VERSIONS = (
    Column("version", "Version", "number"), Column("at", "Written", "time"), Column("state", "State"),
    Column("entry", "Ledger entry", "number"),
)  # fmt: skip
_LINKS = (
    Column("at", "Made", "time"),
    Column("by", "By"),
    Column("until", "Good until", "time"),
    Column("used", "Use"),
)
_LOOKS = {"overdue": "critical", "contested": "major", "told": "info", "answered": "in_force", "withdrawn": "refused"}
_SAID = {"stands": N_("It stands"), "corrected": N_("It was corrected"), "looked_into": N_("It was looked into")}
_STATES = {
    "told": N_("told, not contested"), "contested": N_("contested, waits for an answer"),
    "overdue": N_("answer overdue"), "answered": N_("answered"), "withdrawn": N_("taken back"), "erased": N_("erased"),
}  # fmt: skip
_ACTS = {
    "told": N_("told"), "contested": N_("contested"), "answered": N_("answered"), "withdrawn": N_("taken back"),
}  # fmt: skip


@page("/contests")
def contest_list() -> Page:
    """What waits for an answer of one's office and what concerns one's party, with the form that tells or contests."""
    who = actor()
    rows = contests.listed(service(), who)
    parties = requests.names(service(), rows)
    empty = N_("Nothing is contested. What an office tells a party, and what the party says against it, stands here.")
    made = table("contests", "Contests, what waits first", _CONTESTS, (_row(row, parties) for row in rows), empty)
    context = {
        "may_tell": who.may("tell"),
        "may_contest": who.role == "supplier",
        "about": request.args.get("about", ""),
    }
    context |= {"own": own_papers() if context["may_contest"] else [], "days": service().settings.contest_answer_days}
    return Page("Contests", "contests.html", [made], {}, context)


@page("/contests/<case_id>")
def contest_thread(case_id: str) -> Page:
    """One contest with its thread, and the form of the step that is the reader's."""
    who = actor()
    found = contests.one(service(), who, case_id)
    row, parties = found.now, requests.names(service(), [found.now])
    office = addressed.is_writer(who, row)
    record = row.record if office else for_party(row.record)
    status = record.get("status", "")
    versions = [
        {"version": str(one.version), "at": words.moment(one.written_at), "state": _state(one),
         "entry": str(one.entry_index)}
        for one in found.versions
    ]  # fmt: skip
    steps = thread(record, parties)
    made = [
        table("thread", "Thread, first step first", _THREAD, steps, N_("It was erased.")),
        table("papers", "Papers the party handed over", _PAPERS, _papers(record), N_("None.")),
        table("versions", "Versions, newest first", _VERSIONS, versions, ""),
    ]
    tells = office and who.may("tell") and bool(record)
    if tells:
        links = map(_link_row, contest_links.links_of(service(), who, case_id))
        made.append(table("links", "Links for a party without an account", _LINKS, links, N_("None was made.")))
    contests_it = row.addressee_id == who.party_id and who.may("contest") and status in FROM["contested"]
    context = {
        "row": row, "answers": tells and status in FROM["answered"],
        "takes_back": tells and status in FROM["withdrawn"], "links": tells and status != "withdrawn",
        "objects": contests_it, "own": own_papers() if contests_it else [],
        "last": steps[-1] if steps else None, "hit": record.get("hit"),
        "outcomes": [(one, gettext(_SAID[one])) for one in OUTCOMES], "office": record.get("office", ""),
    }  # fmt: skip
    return Page("Contest", "contest.html", made, {"case": _said(row, record, parties)}, context)


@action("/contests", form=contest_list, longest=_LONG)
def post_told() -> AnyResponse:
    """Tell a party that something concerns it."""
    actor().require("tell")
    said = filled("addressee", "name", "hit", "finding", "told") | {"about": about_said()}
    row = contests.tell(service(), actor(), loaded(ConcernSchema, said))
    return seen(url_for("web.contest_thread", case_id=row.case_id))


@action("/contests/own", form=contest_list, longest=_LONG)
def post_own_contest() -> AnyResponse:
    """Contest of one's own accord with an importer of one's chain."""
    actor().require("contest")
    said = filled("importer", "text") | {"documents": request.form.getlist("documents")}
    row = contests.contest(service(), actor(), loaded(OwnContestSchema, said))
    return seen(url_for("web.contest_thread", case_id=row.case_id))


@action("/contests/<case_id>/objection", form=contest_thread, longest=_LONG)
def post_objection(case_id: str) -> AnyResponse:
    """Contest what one's party was told, or the answer it has."""
    actor().require("contest")
    said = filled("text") | {"documents": request.form.getlist("documents"), "based_on": based_on()}
    contests.object_to(service(), actor(), case_id, loaded(ObjectionSchema, said))
    return seen(url_for("web.contest_thread", case_id=case_id))


@action("/contests/<case_id>/answer", form=contest_thread, longest=_LONG)
def post_contest_answer(case_id: str) -> AnyResponse:
    """Answer a contest as a person of the office."""
    actor().require("tell")
    said = filled("text", "outcome", "office") | {"based_on": based_on()}
    contests.answer(service(), actor(), case_id, loaded(ContestAnswerSchema, said))
    return seen(url_for("web.contest_thread", case_id=case_id))


@action("/contests/<case_id>/link", form=contest_thread)
def post_contest_link(case_id: str) -> Page:
    """Make the link that the officer sends; it is shown this once."""
    made = contest_links.make(service(), actor(), case_id)
    address = service().settings.public_url.rstrip("/") + url_for("web.contest_link", secret=made.secret)
    hint = gettext(
        "Send it to the party by a way you trust: whoever has it may contest once, until %(moment)s, and read the "
        "answer. It shows what you told the party and nothing else.",
        moment=words.moment(made.expires_at),
    )
    return Page("Link to contest", "once.html", (), {}, {
        "what": N_("link"), "name": gettext("contest %(name)s", name=case_id[:8]), "secret": address,
        "back": url_for("web.contest_thread", case_id=case_id),
        "hint": hint,
    })  # fmt: skip


@action("/contests/<case_id>/withdrawal", form=contest_thread, longest=_LONG)
def post_taken_back(case_id: str) -> AnyResponse:
    """Take back what a party was told and has not contested."""
    contests.withdraw(service(), actor(), case_id, based_on(), request.form.get("reason", ""))
    return seen(url_for("web.contest_thread", case_id=case_id))


def _row(row: CaseVersion, parties: Mapping[str, Party]) -> Mapping[str, Any]:
    record, owner = row.record, parties.get(row.owner_id)
    return cells_of({
        "contest": Cell(row.case_id[:8], url_for("web.contest_thread", case_id=row.case_id), whole=row.case_id),
        "party": record.get("name", ""), "office": owner.name if owner else "", "state": _state(row),
        "due": record.get("due_on", "") if record.get("status") == "contested" else "",
        "last": record["thread"][-1]["text"][:200] if record else gettext("erased"),
    })  # fmt: skip


def _state(row: CaseVersion) -> Cell:
    said = state(row.record, latest_date(service().clock())) if row.latest else row.record.get("status", "erased")
    return Cell(gettext(_STATES[said]), mark=_LOOKS.get(said))


def thread(record: Mapping[str, Any], parties: Mapping[str, Party], by_link: str = "") -> list[Mapping[str, Any]]:
    """Return the steps of a contest as rows: who said what, on which day.

    ``by_link`` is how the page calls whoever used a link; nothing where it speaks of a third person.
    """
    by_did = {one.did: one.name for one in parties.values()}
    by_did[contest_links.BY_LINK.name] = by_link or gettext("a link without an account")
    return [
        cells_of({
            "on": step["on"], "by": step.get("office") or by_did.get(step["by"], step["by"]),
            "step": _step(step), "text": step["text"],
        })
        for step in record.get("thread", ())
    ]  # fmt: skip


def _papers(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        cells_of({
            "paper": Cell(one["filename"], url_for("web.document_by_hash", sha256=one["sha256"])),
            "sha256": one["sha256"], "on": step["on"],
        })
        for step in record.get("thread", ())
        for one in step.get("documents", ())
    ]  # fmt: skip


def _step(step: Mapping[str, Any]) -> str:
    act, outcome = _ACTS[step["act"]], _SAID.get(step.get("outcome", ""), "")
    return f"{gettext(act)}: {gettext(outcome).lower()}" if outcome else gettext(act)


def _link_row(row: ContestLink) -> Mapping[str, Any]:
    now = service().clock()
    used = gettext("contested %(moment)s", moment=words.moment(row.used_at))
    over = gettext("replaced by a newer one") if row.ended_at else gettext("expired") if row.expires_at <= now else ""
    use = used if row.used_at else gettext("not used to contest")
    return {
        "at": words.moment(row.made_at),
        "by": row.made_by,
        "until": words.moment(row.expires_at),
        "used": "; ".join(filter(None, (over, use))),
    }


def _said(row: CaseVersion, record: Mapping[str, Any], parties: Mapping[str, Party]) -> dict[str, str]:
    """Return what is shown of a contest; what the record does not have, its reader is not shown."""
    if not record:
        return {N_("contest"): gettext("erased (ledger entry %(entry)s)", entry=row.erased_index)}
    owner, none = parties.get(row.owner_id), gettext("none")
    shown = {N_("office"): record["office"], N_("importer"): owner.name if owner else "", N_("party"): record["name"]}
    shown |= {N_("state"): _state(row).text} | ({N_("answer due"): record["due_on"]} if "due_on" in record else {})
    if "about" in record:
        shown |= {N_("about"): named_in(record), N_("hit"): record.get("hit", none)}
        shown |= {N_("finding"): record.get("finding", none)}
    return shown
