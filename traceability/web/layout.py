"""What every page has around it: navigation by role, the form token, words and icons for templates."""

from typing import Any

from flask import Flask, current_app, request, url_for
from markupsafe import Markup

from traceability.services import contest_reminders, open_work, reminders, request_reminders
from traceability.services.access import Actor
from traceability.services.reminder_words import subject
from traceability.web import words
from traceability.web.assets import address
from traceability.web.page import Table
from traceability.web.session import token, visitor

#: Page endpoint, its name in the navigation, and the roles it is for; the services decide what each may do there.
NAVIGATION: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("queue", "Queue", frozenset({"officer", "importer"})),
    ("decisions", "Decisions", frozenset({"officer", "importer"})),
    ("deadline_list", "Deadlines", frozenset({"officer", "importer"})),
    ("notices", "Notices", frozenset({"officer", "importer"})),
    ("plans", "Mitigation plans", frozenset({"officer", "importer"})),
    ("grievances", "Grievances", frozenset({"officer", "importer"})),
    ("incidents", "Incidents", frozenset({"officer"})),
    ("event_form", "New events", frozenset({"supplier", "importer"})),
    ("search", "Search", frozenset({"regulator", "auditor", "supplier", "importer", "officer"})),
    ("documents", "Documents", frozenset({"supplier", "importer", "officer"})),
    ("request_list", "Requests", frozenset({"supplier", "officer", "importer"})),
    ("contest_list", "Contests", frozenset({"supplier", "officer", "importer"})),
    ("approvals", "Approvals", frozenset({"admin"})),
    ("merge_list", "Parties", frozenset({"admin"})),
    ("users", "Users", frozenset({"admin"})),
    ("mandates", "Mandates", frozenset({"admin"})),
    ("jobs", "Jobs", frozenset({"admin"})),
    ("access_log", "Access log", frozenset({"dpo"})),
    ("reporters", "Reporters", frozenset({"dpo"})),
    ("retention", "Retention", frozenset({"dpo"})),
    ("holds", "Legal holds", frozenset({"officer", "dpo"})),
    ("screening_list", "Screenings", frozenset({"importer", "officer", "regulator", "auditor", "admin"})),
    ("profile_page", "Importer profile", frozenset({"officer", "importer"})),
    ("volume_page", "Volumes", frozenset({"officer", "importer"})),
    ("report_list", "Reports", frozenset({"officer", "importer", "dpo"})),
    ("lists", "Lists", frozenset({"supplier", "importer", "officer", "regulator", "auditor", "dpo", "admin"})),
    ("api_keys", "API keys", frozenset({"supplier", "importer", "officer", "regulator", "auditor", "admin"})),
)


#: Roles that are told when a list is old.
REMINDED = ("admin", "officer")
_SHOWN = 3  # old lists above every page; of more only the sum, but on the page of lists


def home_of(role: str) -> str:
    """Return the address of the first page a role works with."""
    return url_for(next(f"web.{endpoint}" for endpoint, _, roles in NAVIGATION if role in roles))


def install(app: Flask) -> None:
    """Give templates what they need."""
    app.context_processor(_context)
    app.jinja_env.globals.update(asset=address, form_token=token, marks=words.MARKS, twin=_twin)
    app.jinja_env.filters.update(
        kg=words.kilograms, moment=words.moment, day=words.day, short=words.short, words=words.sentence,
        parts=_with_breaks,
    )  # fmt: skip
    app.jinja_env.globals.update(
        plural=words.plural, page_of=_page_of, pairs=lambda names: [(one, one) for one in names]
    )


def _context() -> dict[str, Any]:
    found = visitor() if request.blueprint == "web" else None
    if found is None or found[1].one_time:
        return {"reader": None, "navigation": []}
    warning = current_app.extensions["traceability"].store.quarantine
    pages = [_entry(*item) for item in NAVIGATION if found[0].role in item[2]]
    said = {"reader": found[0], "warning": warning, "navigation": pages, "reminded": _reminded(found[0])}
    handed = len(open_work.handed_to(current_app.extensions["traceability"], found[0]))
    said |= {"waiting_requests": _waiting(found[0]), "waiting_contests": _contested(found[0]), "handed": handed}
    return said


def _waiting(reader: Actor) -> dict[str, int] | None:
    """Return how many requests for information wait for the reader, and how many of them are overdue."""
    found = request_reminders.own(current_app.extensions["traceability"], reader)
    return {"all": len(found), "overdue": sum(one.level == "overdue" for one in found)} if found else None


def _contested(reader: Actor) -> dict[str, Any] | None:
    """Return how many contests wait for the reader's answer, or what the reader was told, and how many are overdue."""
    found = contest_reminders.own(current_app.extensions["traceability"], reader)
    if not found:
        return None
    levels = [one.level for one in found]
    return {"told": levels.count("told"), "all": len(levels) - levels.count("told"), "overdue": levels.count("overdue")}


def _reminded(reader: Actor) -> dict[str, Any] | None:
    """Return what stands above every page of somebody whom old lists concern."""
    if reader.role not in REMINDED:
        return None
    found = reminders.own(current_app.extensions["traceability"], reader)
    if not found:
        return None
    return {
        "lists": found,
        "overdue": any(item["level"] == "overdue" for item in found),
        "subject": subject([item["level"] for item in found]),
        "what_to_do": reminders.advice([item["list_id"] for item in found], reader.role),
        "shown": len(found) <= _SHOWN or request.endpoint == "web.lists",
    }


def _entry(endpoint: str, name: str, _roles: frozenset[str]) -> dict[str, Any]:
    return {"href": url_for(f"web.{endpoint}"), "name": name, "current": request.endpoint == f"web.{endpoint}"}


def _twin(form: str, **changed: str) -> str | None:
    """Return the address of this page's twin: the same path and filters; what a form answered with has none."""
    if request.method != "GET":
        return None
    named = {**request.args.to_dict(), **changed}
    named = {**(request.view_args or {}), **named}
    return url_for(f"{request.endpoint}_{form}", **named)  # type: ignore[arg-type]  # as below


def _page_of(table: Table, number: int) -> str:
    """Return the address of this page with a table turned to a page of its own."""
    changed = {**(request.view_args or {}), **request.args.to_dict(), f"{table.name}-page": str(number)}
    return url_for(str(request.endpoint), **changed)  # type: ignore[arg-type]  # its own options are no names of ours


def _with_breaks(identifier: str) -> Markup:
    """Return a long identifier with places where a narrow screen may break it."""
    pieces = str(identifier).replace("/", "/\u200b").split("\u200b")
    return Markup("<wbr>").join(pieces)
