"""Requests for information: what is asked and until when, one thread, and the forms that ask, answer and close it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.clock import latest_date
from traceability.errors import InvalidInput, Problem
from traceability.services import addressed, documents, requests
from traceability.services.facts.decided import document_types
from traceability.services.request_forms import (
    FROM,
    AnswerSchema,
    InformationRequestSchema,
    for_addressee,
    loaded,
    refuse,
    state,
)
from traceability.services.requests import Answer
from traceability.storage.tables import CaseVersion, Party
from traceability.web import words
from traceability.web.cases import about_said, filled, named_in
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_LONG = {"about": 20_000, "question": 4000, "text": 4000, "necessity": 4000, "fields_wanted": 12_000,
         "papers_wanted": 4000, "fields_given": 200_000}  # fmt: skip
_REQUESTS = (
    Column("request", "Request", "id"), Column("asker", "Asked by"), Column("addressee", "Asked of"),
    Column("question", "Question"), Column("state", "State"), Column("due", "Due", "time"),
)  # fmt: skip
_THREAD = (
    Column("on", "On", "time"), Column("by", "By"), Column("step", "Step"), Column("text", "What was said"),
    Column("papers", "Papers", "id"), Column("key", "Signed with", "id"),
)  # fmt: skip
_VERSIONS = (
    Column("version", "Version", "number"), Column("at", "Written", "time"), Column("state", "State"),
    Column("entry", "Ledger entry", "number"),
)  # fmt: skip
_LOOKS = {"overdue": "major", "open": "major", "answered": "major", "accepted": "in_force", "withdrawn": "refused"}
_STEPS = (
    ("accepted", N_("Accept the answer")), ("asked_again", N_("Ask again")), ("withdrawn", N_("Withdraw the request")),
)  # fmt: skip
_SHOWN = 50  # own papers to choose from, the newest


@page("/requests")
def request_list() -> Page:
    """What one's party asked and is asked, open first, and for officers the form that asks."""
    rows = requests.listed(service(), actor())
    parties = requests.names(service(), rows)
    empty = N_("Nothing is asked. A request for information stands here for who asks and who is asked alone.")
    made = table("requests", "Requests, open first", _REQUESTS, (_row(row, parties) for row in rows), empty)
    context = {
        "may": actor().may("ask"), "otherwise": [("no", gettext("No")), ("yes", gettext("Yes"))],
        "papers": ", ".join(document_types()),
    }  # fmt: skip
    return Page("Requests for information", "requests.html", [made], {}, context)


@page("/requests/<case_id>")
def request_thread(case_id: str) -> Page:
    """One request with its thread, and the form of the step that is the reader's."""
    who = actor()
    found = requests.one(service(), who, case_id)
    row, parties = found.now, requests.names(service(), [found.now])
    own = addressed.is_writer(who, row)
    record = row.record if own else for_addressee(row.record)
    status = record.get("status", "")
    versions = [
        {"version": str(one.version), "at": words.moment(one.written_at), "state": _state(one),
         "entry": str(one.entry_index)}
        for one in found.versions
    ]  # fmt: skip
    made = [
        table("thread", "Thread, first step first", _THREAD, _thread(record, parties), N_("It was erased.")),
        table("versions", "Versions, newest first", _VERSIONS, versions, ""),
    ]
    answers = row.addressee_id == who.party_id and who.may("answer") and status == "open"
    steps = [
        (act, gettext(said))
        for act, said in _STEPS
        if own and who.may("ask") and status in FROM[act]  # type: ignore[index]  # acts
    ]
    context = {"row": row, "steps": steps, "answers": answers, "own": own_papers() if answers else []}
    return Page("Request for information", "request.html", made, {"case": _said(row, record, parties)}, context)


@action("/requests", form=request_list, longest=_LONG)
def post_request() -> AnyResponse:
    """Ask a party of the chain."""
    actor().require("ask")
    said = filled("addressee", "finding", "question", "due_on", "necessity") | {"about": about_said()}
    said |= {name: _lines(name) for name in ("fields_wanted", "papers_wanted")}
    if _has("obtainable_otherwise"):
        said["obtainable_otherwise"] = request.form["obtainable_otherwise"] == "yes"
    if _has("partner_employees"):
        said["partner_employees"] = _number("partner_employees")
    row = requests.ask(service(), actor(), loaded(InformationRequestSchema, said))
    return seen(url_for("web.request_thread", case_id=row.case_id))


@action("/requests/<case_id>/answer", form=request_thread, longest=_LONG)
def post_request_answer(case_id: str) -> AnyResponse:
    """Answer what one's party is asked; signed answers come through the API."""
    actor().require("answer")
    said = filled("text") | {"documents": request.form.getlist("documents"), "based_on": based_on()}
    said["fields_given"] = [
        {"name": name.strip(), "value": value.strip()}
        for name, _, value in (line.partition(":") for line in _lines("fields_given"))
    ]
    requests.answer(service(), actor(), case_id, Answer(loaded(AnswerSchema, said)))
    return seen(url_for("web.request_thread", case_id=case_id))


@action("/requests/<case_id>", form=request_thread, longest=_LONG)
def post_request_step(case_id: str) -> AnyResponse:
    """Accept an answer, ask again, or withdraw the request."""
    who = actor()
    who.require("ask")
    text, step = request.form.get("text", ""), request.form.get("step")
    if step == "accepted":
        requests.accept(service(), who, case_id, based_on(), text)
    elif step == "asked_again":
        requests.ask_again(service(), who, case_id, based_on(), text, _day("due_on"))
    elif step == "withdrawn":
        requests.withdraw(service(), who, case_id, based_on(), text)
    else:
        refuse([Problem("step", gettext("choose what to do with the request"))])
    return seen(url_for("web.request_thread", case_id=case_id))


def _has(name: str) -> bool:
    return bool(request.form.get(name, "").strip())


def _lines(name: str) -> list[str]:
    return [line.strip() for line in request.form.get(name, "").splitlines() if line.strip()]


def based_on() -> int:
    """Return the version that a form was opened on; 0 where it says none."""
    number = _number("based_on")
    return number if isinstance(number, int) else 0


def _number(name: str) -> int | str:
    """Return a field as a number; as it was typed where it is none, so that the form says what is wrong with it."""
    said = request.form.get(name, "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else said  # noqa: PLR2004  # versions


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError as error:
        told = [Problem(name, gettext("write the day of the new answer as YYYY-MM-DD"))]
        raise InvalidInput(gettext("the day cannot be read"), problems=told) from error


def own_papers() -> list[tuple[str, str]]:
    """Return the newest documents of one's own party, to choose those to hand over: SHA-256 and name."""
    rows = documents.documents(service(), actor())[:_SHOWN]
    return [(row.sha256, row.filename) for row in rows]


def _row(row: CaseVersion, parties: Mapping[str, Party]) -> Mapping[str, Any]:
    record, due = row.record, row.record.get("due_on", "")
    return cells_of({
        "request": Cell(row.case_id[:8], url_for("web.request_thread", case_id=row.case_id), whole=row.case_id),
        "asker": _name(parties, row.owner_id), "addressee": _name(parties, row.addressee_id),
        "question": record.get("question", gettext("erased"))[:200], "state": _state(row), "due": due,
    })  # fmt: skip


def _name(parties: Mapping[str, Party], party_id: str | None) -> str:
    found = parties.get(party_id or "")
    return found.name if found else ""


def _state(row: CaseVersion) -> Cell:
    said = state(row.record, latest_date(service().clock())) if row.latest else row.record.get("status", "erased")
    return Cell(words.sentence(said), mark=_LOOKS[said]) if said in _LOOKS else Cell(words.sentence(said))


def _thread(record: Mapping[str, Any], parties: Mapping[str, Party]) -> list[Mapping[str, Any]]:
    by_did = {one.did: one.name for one in parties.values()}
    return [
        cells_of({
            "on": step["on"], "by": by_did.get(step["by"], step["by"]), "step": words.sentence(step["act"]),
            "text": "; ".join([step["text"], *_fields(step)]),
            "papers": ", ".join(f"{one['filename']} (SHA-256 {one['sha256']})" for one in step.get("documents", ())),
            "key": step.get("signed", {}).get("kid", ""),
        })
        for step in record.get("thread", ())
    ]  # fmt: skip


def _fields(step: Mapping[str, Any]) -> list[str]:
    return [f"{one['name']}: {one['value']}" for one in step.get("fields_given", ())]


def _said(row: CaseVersion, record: Mapping[str, Any], parties: Mapping[str, Party]) -> dict[str, str]:
    """Return what is shown of a request; what the record does not have, its reader is not shown."""
    if not record:
        return {N_("request"): gettext("erased (ledger entry %(entry)s)", entry=row.erased_index)}
    none = gettext("none")
    shown = {N_("asked by"): _name(parties, row.owner_id), N_("asked of"): _name(parties, row.addressee_id)}
    shown |= {N_("state"): _state(row).text, N_("due"): record["due_on"], N_("question"): record["question"]}
    shown |= {N_("why it is necessary"): record.get("necessity", gettext("not stated"))}
    shown |= {N_("fields wanted"): ", ".join(record["fields_wanted"]) or none}
    shown |= {N_("papers wanted"): ", ".join(map(words.sentence, record["papers_wanted"])) or none}
    private = {N_("about"): named_in(record), N_("finding"): record.get("finding", none)} if "about" in record else {}
    return shown | private
