"""Judging a list hit, a text signal, a document or a correction: both sides, one verdict, a reason (page 3)."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, Problem
from traceability.services import judging, review
from traceability.web import decided, words
from traceability.web.decisions import reason
from traceability.web.fields import DECIDED
from traceability.web.language import N_, gettext
from traceability.web.page import Page
from traceability.web.routes import action, bp, page, seen
from traceability.web.session import actor, service

_TITLES = {
    "hit": N_("Is this the listed party?"),
    "signal": N_("What does this passage say?"),
    "document": N_("Was this document read to the end?"),
    "doc_type": N_("What paper is this?"),
    "correction": N_("Should this correction take effect?"),
}
#: What stands on the other side of each, beside what is in the record.
_OTHER_SIDES = {
    "hit": N_("On the list"),
    "signal": N_("Signal, found by machine"),
    "document": N_("Reading"),
    "doc_type": N_("What it was taken for"),
    "correction": N_("What it would change"),
}


@bp.get("/hit")
def hit() -> AnyResponse:
    """Lead from a hit in the evidence of a finding to the page that judges it."""
    args = request.args
    named = (args.get("list_code", ""), args.get("entry", ""), args.get("party", ""))
    key = judging.hit_key(service(), actor(), (args.get("kind", ""), args.get("id", "")), named)
    return redirect(url_for("web.judge", kind="hit", id=key), 303)


@page("/judge")
def judge() -> Page:
    """Both sides of one thing to judge, what rests on it, and what was decided about it before."""
    seen_by = judging.look(service(), actor(), request.values.get("kind", ""), request.values.get("id", ""))
    criticals = [item["code"] for one in seen_by.showing for item in one.criticals]
    return Page(
        _TITLES[seen_by.kind],
        "judge.html",
        [decided.of(seen_by.earlier)],
        {"kind": seen_by.kind, "subject": seen_by.subject, "record": dict(seen_by.record), "other": dict(seen_by.other),
         "again": seen_by.again, "criticals": list(dict.fromkeys(criticals)),
         "shown_on": [{"kind": one.kind, "subject": one.subject} for one in seen_by.showing]},
        {"verdicts": words.VERDICTS[seen_by.kind], "own_side": N_("In the record"),
         "other_side": _OTHER_SIDES[seen_by.kind]},
    )  # fmt: skip


@action("/judge", form=judge, longest={"reason": DECIDED})
def post_judge() -> AnyResponse:
    """Record the verdict; what would make a critical disappear or a paper into proof waits for a second person."""
    form = request.form
    if form.get("verdict", "") not in words.VERDICTS.get(form.get("kind", ""), ()):
        raise InvalidInput(gettext("choose a verdict"), problems=[Problem("verdict", gettext("choose one"))])
    row = review.judge(service(), actor(), form["kind"], form.get("id", ""), form["verdict"], reason())
    return seen(url_for("web.decision", decision_id=row.id))
