"""The page behind a link that an officer sends: a party without an account reads, contests, and reads the answer.

It shows what the officer wrote and the answer, and nothing else of the office; the service logs no such address.
"""

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.clock import latest_date
from traceability.services import contest_links, requests
from traceability.services.contest_forms import for_party, state
from traceability.services.documents import Brought
from traceability.web import words
from traceability.web.contests import thread
from traceability.web.language import gettext
from traceability.web.page import Column, Page, table
from traceability.web.routes import action, page, seen
from traceability.web.session import service, source

_THREAD = (Column("on", "On", "time"), Column("by", "By"), Column("step", "Step"), Column("text", "What was said"))


@page("/contested/<secret>", public=True)
def contest_link(secret: str) -> Page:
    """What a party was told, the form to contest it once, and the answer when there is one."""
    opened = contest_links.open_link(service(), secret, source())
    record = for_party(opened.row.record)
    rows = thread(record, requests.names(service(), [opened.row]), gettext("You, by this link"))
    steps = [{name: row[name].text for name in ("on", "by", "step", "text")} for row in rows]
    now = state(record, latest_date(service().clock()))
    said = {"office": record["office"], "state": now, "answer_due": record.get("due_on", "")}
    context = {
        "secret": secret, "may_contest": opened.may_contest, "until": words.day(opened.link.expires_at),
        "days": service().settings.contest_answer_days, "most": contest_links.MOST_PAPERS,
        "most_mb": service().settings.contest_limit_mb, "used": opened.link.used_at is not None, "steps": steps,
    }  # fmt: skip
    made = table("thread", "What was said, first step first", _THREAD, steps, "")
    title = gettext("A notice of %(office)s", office=record["office"])
    return Page(title, "contest_link.html", [made], {"notice": said}, context)


@action("/contested/<secret>", form=contest_link, public=True, longest={"text": 4000})
def post_contest_by_link(secret: str) -> AnyResponse:
    """Contest, once."""
    papers = [
        Brought(file.read(), file.filename, file.mimetype or "application/octet-stream")
        for file in request.files.getlist("papers")
        if file.filename
    ]
    contest_links.contest(service(), secret, source(), request.form.get("text", ""), papers)
    return seen(url_for("web.contest_link", secret=secret))
