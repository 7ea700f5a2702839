"""The screening record: what was screened when, against which lists, and one screening word by word."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import request, url_for

from traceability.errors import InvalidQuery, NotFound
from traceability.lists.codes import named
from traceability.services.access import Actor
from traceability.services.mandates import UNDER_MANDATE
from traceability.services.screenings import (
    MOST_ROWS,
    OUTCOMES,
    Found,
    Wanted,
    remembered,
    screening,
    screenings,
    shown,
)
from traceability.web import papers, words
from traceability.web.language import N_, Verbatim, gettext
from traceability.web.page import Cell, Column, Page, Row, Table, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service

_COLUMNS = (
    Column("at", "Screened", "time"), Column("name", "Name"), Column("kind", "Kind"), Column("outcome", "Outcome"),
    Column("hits", "Hits", "number"), Column("limits", "Lists not complete", "number"),
    Column("as_of", "Law of", "time"), Column("by", "Asked by"), Column("entry", "Ledger entry", "number"),
)  # fmt: skip
_HITS = (
    Column("listed", "Listed name"), Column("list", "List"), Column("version", "Version"),
    Column("entry", "Entry", "id"), Column("basis", "Ground"), Column("score", "Score", "number"),
    Column("said", "A person said"),
)  # fmt: skip
_STEPS = (
    Column("listed", "Listed name"), Column("how", "How"), Column("query", "In the record"),
    Column("against", "On the list"), Column("more", "In numbers"),
)  # fmt: skip
_LISTS = (Column("list", "List"), Column("version", "Version"), Column("state", "Coverage"))
_EMPTY = N_(
    "No screening fits. Names are screened when a shipment record is assessed, or when somebody asks and records it."
)
_VERDICTS = {"rejected": N_("dismissed: somebody else"), "confirmed": N_("the listed party")}
_UNSAID = N_("nothing yet")
_TEXTS = ("subject", "party", "list", "entry", "outcome")


@page("/screenings")
def screening_list() -> Page:
    """The newest screenings that fit the filter, a thousand a page."""
    who, args = actor(), request.args
    importer = args.get("importer") or None
    asked = {name: value for name in (*_TEXTS, "from", "to", "importer") if (value := args.get(name, "").strip())}
    if who.role == "regulator" and importer is None:
        return _page([], asked, who, None, waits=True)
    wanted = _wanted(asked)
    found = screenings(service(), _reader(who, importer), wanted)
    following = found[-1].row.id if len(found) == wanted.limit else None
    return _page(found, asked, who, following)


def _page(
    found: list[Found], asked: Mapping[str, str], who: Actor, following: int | None, *, waits: bool = False
) -> Page:
    importer = asked.get("importer")
    made = table("screenings", "Screenings, newest first", _COLUMNS, [_row(one, importer) for one in found], _EMPTY)
    on = url_for("web.screening_list", **asked, after=following) if following else None  # type: ignore[arg-type]  # names of ours
    context = {"asked": asked, "outcomes": OUTCOMES, "regulator": who.role == "regulator", "waits": waits, "on": on}
    return Page("Screenings", "screenings.html", [made], {"next": following}, context)


def _reader(who: Actor, importer: str | None) -> Actor:
    return papers.reader(who, importer) if who.role in UNDER_MANDATE else who


def _wanted(asked: Mapping[str, str]) -> Wanted:
    after = request.args.get("after", "")
    return Wanted(
        subject=asked.get("subject"), party=asked.get("party"), list_id=asked.get("list"), entry=asked.get("entry"),
        outcome=asked.get("outcome"), since=_day(asked, "from"), until=_day(asked, "to"),
        after=int(after) if after.isascii() and after.isdigit() else None, limit=MOST_ROWS,
    )  # fmt: skip


def _day(asked: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(asked[name]) if name in asked else None
    except ValueError as error:
        told = {"name": name, "got": asked[name][:20]}
        said = gettext("write %(name)s as year-month-day, such as 2027-01-31; got %(got)r", **told)
        raise InvalidQuery(said) from error


def _row(found: Found, importer: str | None) -> Row:
    row = found.row
    limited = sum(item["state"] != "full" for item in row.versions)
    values: dict[str, Any] = {
        "at": words.moment(row.at),
        "name": Cell(row.subject["name"], href=url_for("web.one_screening", number=row.id, importer=importer)),
        "kind": words.sentence(row.kind or "party"),
        "outcome": Cell(words.MARKS[row.outcome].word, mark=row.outcome),
        "hits": str(len(row.hits)),
        "limits": gettext("%(count)s of %(all)s", count=limited, all=len(row.versions)),
        "as_of": row.as_of.isoformat(),
        "by": row.asked_by or gettext("an assessment"),
        "entry": "" if row.entry_index is None else str(row.entry_index),
    }
    return Row(cells_of(values))


@page("/screenings/<number>")
def one_screening(number: str) -> Page:
    """One screening: who or what, when, which lists, matcher and threshold, and each hit word by word."""
    if not (number.isascii() and number.isdigit()):
        raise NotFound(gettext("there is no screening %(number)r", number=number[:20]))
    importer = request.args.get("importer") or None
    found = screening(service(), _reader(actor(), importer), int(number[:20]))
    said = shown(found, remembered(service(), found))
    name = said["subject"]["name"]
    return Page(
        Verbatim(name), "screening.html", [_hits(said), _steps(said), _versions(said)], {"screening": said},
        {"about": _about(said), "failure": said["failure"], "importer": importer},
    )  # fmt: skip


def _about(said: Mapping[str, Any]) -> dict[str, str | None]:
    numbers = "; ".join(f"{one['scheme']} {one['value']}" for one in said["subject"]["identifiers"])
    known = {
        N_("name"): said["subject"]["name"], N_("kind"): words.sentence(said["kind"]), N_("party"): said["party_id"],
        N_("country"): said["subject"]["country"], N_("identifiers"): numbers,
        N_("outcome"): words.MARKS[said["outcome"]].word, N_("screened"): words.moment(said["at"]),
        N_("law as of"): said["as_of"],
        N_("lists as known at"): words.moment(said["known_at"]), N_("for importer"): said["importer"],
        N_("asked by"): said["asked_by"] or gettext("an assessment"), N_("matcher"): said["matcher"],
        N_("threshold"): said["threshold"], N_("settings"): said["settings_hash"],
        N_("ledger entry"): None if said["entry_index"] is None else str(said["entry_index"]),
    }  # fmt: skip
    return {name: value for name, value in known.items() if value}


def _hits(said: Mapping[str, Any]) -> Table:
    empty = N_("No entry of these lists met the name, and not all of them are complete: nothing is clear.")
    if said["outcome"] == "no_hits_full_coverage":
        empty = N_("No entry of these lists met the name.")
    return table("hits", "Entries met, the surest first", _HITS, map(_hit, said["hits"]), empty)


def _hit(hit: Mapping[str, Any]) -> dict[str, Any]:
    verdict = gettext(_VERDICTS.get(hit["said"] or "", _UNSAID))
    again = gettext("%(verdict)s; confirm again: %(why)s", verdict=verdict, why=hit["again"])
    return {
        "listed": hit["listed_name"], "list": named(hit["list_id"]), "version": hit["list_version"],
        "entry": hit["entry_key"], "basis": words.sentence(hit["match_basis"]), "score": hit["score"],
        "said": again if hit["again"] else verdict,
    }  # fmt: skip


def _steps(said: Mapping[str, Any]) -> Table:
    rows = [_step(hit["listed_name"], step) for hit in said["hits"] for step in hit["explanation"]]
    return table("alignment", "Word by word", _STEPS, rows, N_("There is nothing to compare."))


_BIRTH = N_("date of birth")  # the code also says that goods were born, which is another word in other languages


def _step(listed: str, step: Mapping[str, Any]) -> dict[str, Any]:
    more = "; ".join(
        f"{words.sentence(name)} {value}"
        for name, value in step.items()
        if name not in ("how", "query", "listed") and value not in (None, "")
    )
    return {
        "listed": listed, "how": gettext(_BIRTH) if step["how"] == "born" else words.sentence(step["how"]),
        "query": step["query"], "against": step["listed"],
        "more": more,
    }  # fmt: skip


def _versions(said: Mapping[str, Any]) -> Table:
    rows = [
        {
            "list": Cell(named(one["list_id"]), whole=one["list_id"]), "version": one["version"] or gettext("none"),
            "state": Cell(words.MARKS[one["state"]].word, mark=one["state"]),
        }
        for one in said["lists"]
    ]  # fmt: skip
    return table("lists", "Lists it was compared with", _LISTS, rows, N_("It was compared with no list."))
