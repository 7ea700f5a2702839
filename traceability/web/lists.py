"""Risk lists: the versions in force, how complete and how old they are (page 10, reading only)."""

from typing import Any

from flask import url_for

from traceability.clock import latest_date
from traceability.lists.codes import is_reference, named
from traceability.services import list_review as review_service
from traceability.services import lists as list_service
from traceability.web import words
from traceability.web.language import N_, gettext, ngettext
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service
from traceability.web.spoken import spoken

_COLUMNS = (
    Column("list", "List"),
    Column("use", "Used for"),
    Column("coverage", "Coverage"),
    Column("review", "For review"),
    Column("publisher", "Publisher"),
    Column("version", "Version"),
    Column("published", "Published", "time"),
    Column("retrieved", "Retrieved", "time"),
    Column("entries", "Entries", "number"),
    Column("age", "Age", "number"),
    Column("sentence", "In words"),
    Column("source", "Source files (sha256)", "id"),
)


@page("/lists")
def lists() -> Page:
    """Every list with the version in force today."""
    actor()
    found = list_service.status(service(), latest_date(service().clock()))
    empty = N_("No list is loaded, so nothing is screened. An admin loads them: traceability lists load")
    made = table("lists", "Risk lists in force", _COLUMNS, map(_row, found), empty)
    limited = [spoken(i["sentence"]) for i in found if i["coverage"] != "full" and not is_reference(i["list_id"])]
    return Page("Risk lists", "lists.html", [made], {}, {"limited": limited})


_REVIEW = (
    Column("lost", "Lost"),
    Column("state", "State"),
    Column("entry", "Entry", "id"),
    Column("field", "Field"),
    Column("raw", "Text of the source"),
    Column("reason", "Why"),
    Column("note", "Note"),
    Column("number", "Row", "number"),
)


@page("/lists/<string:list_id>/review")
def list_review(list_id: str) -> Page:
    """What the reader of a list did not fully understand: what waits, and what was read."""
    today = latest_date(service().clock())
    version = list_service.version_in_force(service(), list_id, today)
    found = review_service.review_of(service(), actor(), version.id or 0)
    empty = N_("Nothing: the reader understood every row, or the version was loaded before such rows were kept")
    of = spoken(named(list_id, version.title))
    caption = gettext("For review in %(list)s", list=of)
    made = table("review", caption, _REVIEW, map(_question, found), empty)
    return Page(gettext("For review: %(list)s", list=of), "table.html", [made], {"list_id": list_id})


def _question(item: dict[str, Any]) -> dict[str, Any]:
    waits = item["state"] == review_service.WAITING
    return {
        "lost": gettext("a name or entry") if item["lost"] else gettext("nothing"),
        "state": gettext("waits") if waits else gettext("read %(day)s", day=item["read_at"][:10]),
        "entry": item["entry_key"],
        "field": item["field"],
        "raw": item["raw"],
        "reason": item["reason"],
        "note": item["note"],
        "number": str(item["id"]),
    }


def _row(item: dict[str, Any]) -> Row:
    values: dict[str, Any] = {
        "list": Cell(
            spoken(item["name"]),
            href=url_for("web.list_page", list_id=item["list_id"]),
            whole=f"{item['title']} ({item['list_id']})",
        ),
        "use": spoken(item["use"]),
        "review": _review(item),
        "publisher": item["publisher"],
        "version": Cell(item["version"][:19], whole=item["version"])
        if item["version"].startswith("sha256:")
        else item["version"],
        "published": item["published_at"] or gettext("not stated"),
        "retrieved": item["retrieved_at"] or gettext("not stated"),
        "entries": str(item["rows"]),
        "age": _age(item),
        "coverage": Cell(words.MARKS[item["coverage"]].word, mark=item["coverage"]),
        "sentence": spoken(item["sentence"]),
        "source": _sources(item),
    }
    return Row(cells_of(values))


def _age(item: dict[str, Any]) -> str:
    if item["age_days"] is None:
        return gettext("not known")
    return gettext("%(age)s of %(most)s days", age=item["age_days"], most=item["max_age_days"])


def _review(item: dict[str, Any]) -> Cell:
    """Return what waits for a person, or waited: names are missing for it only where the list is partial."""
    if not item["for_review"]:
        return Cell(gettext("nothing"))
    rows = item["for_review"]
    if item["coverage"] == "partial":
        said = ngettext(
            "%(num)s row of the source; names may be missing", "%(num)s rows of the source; names may be missing", rows
        )
    else:
        said = ngettext(
            "%(num)s row of the source; no name is missing", "%(num)s rows of the source; no name is missing", rows
        )
    return Cell(said, href=f"/lists/{item['list_id']}/review")


def _sources(item: dict[str, Any]) -> Cell:
    """Return the files that the rows name by their key, each with its sum and address."""
    files = item["sources"]
    said = item["source_sha256"][:16]
    if len(files) > 1:
        said = ngettext("%(sum)s and %(num)s file more", "%(sum)s and %(num)s files more", len(files) - 1, sum=said)
    whole = "; ".join(f"{file['file']} {file['sha256']} {file['source_url']}" for file in files)
    return Cell(said, whole=whole)
