"""Risk lists: the versions in force, how complete and how old they are (page 10, reading only)."""

from typing import Any

from traceability.clock import latest_date
from traceability.services import lists as list_service
from traceability.web import words
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service

_COLUMNS = (
    Column("list", "List"),
    Column("coverage", "Coverage"),
    Column("publisher", "Publisher"),
    Column("version", "Version"),
    Column("published", "Published", "time"),
    Column("entries", "Entries", "number"),
    Column("age", "Age", "number"),
    Column("sentence", "In words"),
    Column("source", "Source file (sha256)", "id"),
)


@page("/lists")
def lists() -> Page:
    """Every list with the version in force today."""
    actor()
    found = list_service.status(service(), latest_date(service().clock()))
    empty = "No list is loaded, so nothing is screened. An admin loads them: traceability lists load"
    made = table("lists", "Risk lists in force", _COLUMNS, map(_row, found), empty)
    limited = [item["sentence"] for item in found if item["coverage"] != "full"]
    return Page("Risk lists", "lists.html", [made], {}, {"limited": limited})


def _row(item: dict[str, Any]) -> Row:
    age = item["age_days"]
    values: dict[str, Any] = {
        "list": item["title"],
        "publisher": item["publisher"],
        "version": Cell(item["version"][:19], whole=item["version"])
        if item["version"].startswith("sha256:")
        else item["version"],
        "published": item["published_at"] or "not stated",
        "entries": str(item["rows"]),
        "age": "not known" if age is None else f"{age} of {item['max_age_days']} days",
        "coverage": Cell(words.MARKS[item["coverage"]].word, mark=item["coverage"]),
        "sentence": item["sentence"],
        "source": Cell(item["source_sha256"][:16], whole=item["source_sha256"]),
    }
    return Row(cells_of(values))
