"""Deciding: the form that names findings, the preview of what changes, and the second person (console.md 6)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import g, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, NotFound, Problem
from traceability.services import disclose, review, states
from traceability.services.releases import RELEASES
from traceability.services.review import Proposal
from traceability.services.states import SubjectState
from traceability.storage.tables import Decision
from traceability.web import decided, evidence, papers, verdict, words
from traceability.web.fields import DECIDED, LINES
from traceability.web.language import N_, gettext
from traceability.web.page import Page
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_MIN_REASON = 20
_STEPS = 3
_NOT_ASSESSED = {
    "batch": N_("there is no assessment of batch %(name)s for you to decide on"),
    "shipment": N_("there is no assessment of shipment %(name)s for you to decide on"),
}
_DECIDE_ON = {"batch": N_("Decide on batch %(name)s"), "shipment": N_("Decide on shipment %(name)s")}


@page("/decisions")
def decisions() -> Page:
    """The decisions of the importer; ``state=waiting`` shows those that need a second person."""
    state = request.args.get("state") or None
    rows = review.decisions(service(), actor(), state=state)
    return Page("Decisions", "decisions.html", [decided.of(rows)], {}, {"state": state})


@page("/decide")
def decide() -> Page:
    """The form of a decision about a batch or shipment record."""
    subject = _subject()
    shown = evidence.findings(subject, {}, papers.names(actor()))
    before = set(request.form.getlist("shown"))
    fresh = {item["digest"] for item in shown} - before if before else set()
    said = verdict.verdict(subject.state, [subject])
    name = words.short(subject.subject) if subject.kind == "batch" else subject.subject
    return Page(
        gettext(_DECIDE_ON[subject.kind], name=name),
        "decide.html",
        (),
        {"verdict": said.as_dict(), "findings": shown, "subject": disclose.assessed(subject)},
        {"state": subject, "fresh": fresh, "preview": g.get("preview"), "steps": range(1, _STEPS + 1),
         "dispositions": _told(words.DISPOSITIONS), "codes": _told(words.REASON_CODES), "mine": actor().person},
    )  # fmt: skip


def _told(choices: Mapping[str, str]) -> dict[str, str]:
    return {code: gettext(text) for code, text in choices.items()}


@action("/decide", form=decide, longest={"reason": DECIDED, "evidence": LINES})
def post_decide() -> AnyResponse | Page:
    """Show what a decision would change, or carry it out."""
    subject, proposal = _subject(), _proposal()
    _check(subject, proposal)
    if request.form.get("go") != "record":
        g.preview = _preview(subject, proposal)
        return decide()
    row = review.decide(service(), actor(), proposal)
    return seen(url_for("web.decision", decision_id=row.id))


@page("/decisions/<decision_id>")
def decision(decision_id: str) -> Page:
    """One decision with its place in the ledger; a waiting one can be confirmed or declined."""
    row = _own(decision_id)
    other = row.state == "waiting" and actor().may("decide")
    with service().store.read() as session:
        ended = states.reopened_among(service(), session, [row]).get(row.id)
    return Page(
        gettext("Decision: %(what)s", what=words.sentence(row.disposition)),
        "decision.html",
        (),
        {"decision": disclose.decision(row, ended)},
        {"row": row, "decidable": other, "second": other and actor().person != row.proposed_by,
         "about": decided.named(row), "back": _address(row)},
    )  # fmt: skip


@action("/decisions/<decision_id>/confirm", form=decision, longest={"reason": DECIDED})
def post_confirm(decision_id: str) -> AnyResponse:
    """Confirm another officer's proposal."""
    review.confirm(service(), actor(), decision_id, reason())
    return seen(url_for("web.decision", decision_id=decision_id))


@action("/decisions/<decision_id>/decline", form=decision, longest={"reason": DECIDED})
def post_decline(decision_id: str) -> AnyResponse:
    """Decline a waiting proposal; the subject stays as it was."""
    review.decline(service(), actor(), decision_id, reason())
    return seen(url_for("web.decision", decision_id=decision_id))


def reason() -> str:
    """Return the reason a form gives.

    Raises:
        InvalidInput: it has fewer than 20 characters.

    """
    text = request.form.get("reason", "").strip()
    if len(text) < _MIN_REASON:
        problem = Problem("reason", gettext("say why in at least %(least)s characters", least=_MIN_REASON))
        raise InvalidInput(gettext("the reason is too short"), problems=[problem])
    return text


def _subject() -> SubjectState:
    who, kind, name = actor(), request.values.get("kind", ""), request.values.get("id", "")
    who.require("decide")
    if kind not in ("batch", "shipment"):
        raise NotFound(gettext("a decision is about a batch or a shipment record; open one first"))
    with service().store.read() as session:
        subject = states.state_of(service(), session, who.own_party(), kind, name)
    if subject.assessment is None:
        raise NotFound(gettext(_NOT_ASSESSED[kind], name=name[:200]))
    return subject


def _own(decision_id: str) -> Decision:
    for row in review.decisions(service(), actor()):
        if row.id == decision_id:
            return row
    raise NotFound(gettext("there is no decision %(id)s of your importer", id=decision_id[:60]))


def _address(row: Decision) -> str | None:
    return url_for(f"web.{row.subject_kind}", id=row.subject) if row.subject_kind in ("batch", "shipment") else None


def _proposal() -> Proposal:
    form = request.form
    steps = [(form.get(f"step-{n}", "").strip(), form.get(f"due-{n}", "").strip()) for n in range(1, _STEPS + 1)]
    return Proposal(
        kind=form["kind"],
        subject=form["id"],
        disposition=form.get("disposition", ""),
        reason=reason(),
        reason_code=form.get("reason_code", "other"),
        findings=tuple(form.getlist("finding")),
        inputs_hash=form.get("inputs_hash"),
        evidence=tuple(line.strip() for line in form.get("evidence", "").splitlines() if line.strip()),
        steps=tuple({"what": what, "due_on": due} for what, due in steps if what or due),
        review_on=_date(form.get("review_on", "")),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        problem = Problem("review_on", gettext("write it as year-month-day, such as 2027-01-31"))
        raise InvalidInput(gettext("the review date cannot be read"), problems=[problem]) from error


def _check(subject: SubjectState, proposal: Proposal) -> None:
    if proposal.disposition not in words.DISPOSITIONS:
        raise InvalidInput(gettext("choose what is decided"), problems=[Problem("disposition", gettext("choose one"))])
    if proposal.reason_code not in words.REASON_CODES:
        raise InvalidInput(gettext("choose a kind of reason"), problems=[Problem("reason_code", gettext("choose one"))])
    review.check(subject, proposal)


def _preview(subject: SubjectState, proposal: Proposal) -> dict[str, Any]:
    named = [item for item in subject.findings if item.digest in proposal.findings]
    releases = proposal.disposition in RELEASES
    return {
        "disposition": gettext(words.DISPOSITIONS[proposal.disposition]),
        "covered": [item.code for item in named],
        "second": releases and bool(subject.open_criticals or any(item.severity == "critical" for item in named)),
        "releases": releases,
    }
