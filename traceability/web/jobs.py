"""Jobs that have not succeeded, for the admin: while one is open, the state of its subject stays pending."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response as AnyResponse

from traceability.errors import InvalidInput, Problem
from traceability.services import jobs as job_service
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Column, Page, table
from traceability.web.routes import action, page, seen
from traceability.web.session import actor, service

_COLUMNS = (
    Column("id", "Job", "number"), Column("state", "State"), Column("name", "What it does"), Column("party", "Party"),
    Column("attempts", "Attempts", "number"), Column("due", "Tried next", "time"), Column("error", "Last error"),
    Column("key", "Subject", "id"),
)  # fmt: skip
_NAMES = {
    "assess": N_("assess a subject"), "read_document": N_("read a document"),
    "touched": N_("follow events to their batches"),
    "places_changed": N_("follow a site or party to its events"),
    "list_changed": N_("assess again after a list version"),
    "retention_report": N_("find what is due to be erased"),
    "delete_file": N_("delete the file of an erased document"),
}  # fmt: skip
_EMPTY = N_("Every job is done: no state is pending because of one.")


@page("/jobs")
def jobs() -> Page:
    """The jobs that have not succeeded, and the form that lets a failed one run again."""
    state = request.args.get("state") or None
    found = job_service.jobs(service(), actor(), state)
    rows = [_row(job) for job in found]
    failed = [(job.open.id, _name(job.open.name)) for job in found if job.open.state == "failed"]
    made = table("jobs", "Jobs that have not succeeded, oldest first", _COLUMNS, rows, _EMPTY)
    return Page("Jobs", "jobs.html", [made], {}, {"state": state, "states": job_service.STATES, "failed": failed})


def _row(job: job_service.Job) -> dict[str, Any]:
    row = job.open
    due = words.moment(row.run_after) if row.state == "waiting" else ""
    return {
        "id": row.id, "state": gettext(row.state), "name": _name(row.name), "party": job.party,
        "attempts": row.attempts, "due": due, "error": row.error, "key": row.key,
    }  # fmt: skip


def _name(job: str) -> str:
    return gettext(_NAMES[job]) if job in _NAMES else words.sentence(job)


@action("/jobs/retry", form=jobs)
def post_retry_job() -> AnyResponse:
    """Let a failed job run again."""
    given = request.form.get("job", "")
    if not (given.isascii() and given.isdigit()):
        raise InvalidInput(gettext("choose a job"), problems=[Problem("job", gettext("choose a failed job"))])
    job_service.retry(service(), actor(), int(given))
    return seen(url_for("web.jobs"))
