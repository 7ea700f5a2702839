"""What every page has around it: navigation by role, the form token, words and icons for templates."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, current_app, request, url_for
from markupsafe import Markup

from traceability.services import contest_reminders, open_work, reminders, request_reminders
from traceability.services.access import Actor
from traceability.services.reminder_words import subject
from traceability.web import language, words
from traceability.web.assets import address
from traceability.web.language import N_, gettext
from traceability.web.page import Table
from traceability.web.session import token, visitor
from traceability.web.spoken import spoken

#: Page endpoint, its name in the navigation, and the roles it is for; the services decide what each may do there.
NAVIGATION: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("queue", N_("Queue"), frozenset({"officer", "importer"})),
    ("decisions", N_("Decisions"), frozenset({"officer", "importer"})),
    ("deadline_list", N_("Deadlines"), frozenset({"officer", "importer"})),
    ("notices", N_("Notices"), frozenset({"officer", "importer"})),
    ("plans", N_("Mitigation plans"), frozenset({"officer", "importer"})),
    ("grievances", N_("Grievances"), frozenset({"officer", "importer"})),
    ("incidents", N_("Incidents"), frozenset({"officer"})),
    ("event_form", N_("New events"), frozenset({"supplier", "importer"})),
    ("search", N_("Search"), frozenset({"regulator", "auditor", "supplier", "importer", "officer"})),
    ("importer_list", N_("Importers"), frozenset({"regulator"})),
    ("documents", N_("Documents"), frozenset({"supplier", "importer", "officer"})),
    ("request_list", N_("Requests"), frozenset({"supplier", "officer", "importer"})),
    ("contest_list", N_("Contests"), frozenset({"supplier", "officer", "importer"})),
    ("approvals", N_("Approvals"), frozenset({"admin"})),
    ("merge_list", N_("Parties"), frozenset({"admin"})),
    ("users", N_("Users"), frozenset({"admin"})),
    ("mandates", N_("Mandates"), frozenset({"admin"})),
    ("jobs", N_("Jobs"), frozenset({"admin"})),
    ("access_log", N_("Access log"), frozenset({"dpo"})),
    ("reporters", N_("Reporters"), frozenset({"dpo"})),
    ("retention", N_("Retention"), frozenset({"dpo"})),
    ("holds", N_("Legal holds"), frozenset({"officer", "dpo"})),
    ("screening_list", N_("Screenings"), frozenset({"importer", "officer", "regulator", "auditor", "admin"})),
    ("profile_page", N_("Importer profile"), frozenset({"officer", "importer"})),
    ("volume_page", N_("Volumes"), frozenset({"officer", "importer"})),
    ("concentration_page", N_("Concentration"), frozenset({"officer", "importer"})),
    ("report_list", N_("Reports"), frozenset({"officer", "importer", "dpo"})),
    ("lists", N_("Lists"), frozenset({"supplier", "importer", "officer", "regulator", "auditor", "dpo", "admin"})),
    ("log", N_("Ledger"), frozenset({"supplier", "importer", "officer", "regulator", "auditor", "dpo", "admin"})),
    ("api_keys", N_("API keys"), frozenset({"supplier", "importer", "officer", "regulator", "auditor", "admin"})),
)


#: Roles that are told when a list is old.
REMINDED = ("admin", "officer")
#: Who is told anything by mail: besides, everybody whose party may be asked for information or contest something.
TAKES_MAIL = (*REMINDED, "supplier", "importer")
_SHOWN = 3  # old lists above every page; of more only the sum, but on the page of lists


def home_of(role: str) -> str:
    """Return the address of the first page a role works with."""
    return url_for(next(f"web.{endpoint}" for endpoint, _, roles in NAVIGATION if role in roles))


def install(app: Flask) -> None:
    """Give templates what they need."""
    language.install(app)
    app.context_processor(_context)
    app.jinja_env.globals.update(asset=address, form_token=token, marks=words.MARKS, twin=_twin)
    app.jinja_env.filters.update(
        translated=language.gettext, spoken=spoken, kg=words.kilograms, moment=_moment, day=_day, told=_told,
        days=language.with_days, capital=_capital, short=words.short, words=words.sentence, parts=_with_breaks,
    )  # fmt: skip
    app.jinja_env.globals.update(
        language=language.current, languages=language.languages, plural=words.plural, page_of=_page_of,
        pairs=lambda names: [(one, one) for one in names], coded=_coded,
    )  # fmt: skip


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
    return {"href": url_for(f"web.{endpoint}"), "name": gettext(name), "current": request.endpoint == f"web.{endpoint}"}


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


def _moment(value: Any) -> Markup:
    return language.with_days(words.moment(value))


def _day(value: Any) -> Markup:
    return language.with_days(words.day(value))


def _with_breaks(identifier: str) -> Markup:
    """Return a long identifier with places where a narrow screen may break it."""
    return Markup("<wbr>").join(_pieces(identifier))


def _told(value: str) -> Markup:
    """Return what is said of something: an identifier may break, and days are as the reader writes them."""
    return Markup("<wbr>").join(language.with_days(piece) for piece in _pieces(value))


def _pieces(text: str) -> list[str]:
    return str(text).replace("/", "/\u200b").split("\u200b")


def _coded(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the choices of a field that takes codes: each with its word in the reader's language."""
    return [(one, language.gettext(one)) for one in names]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
