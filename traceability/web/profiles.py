"""The importer's profile: each item with its paper and until when it counts, and the findings about the importer."""

from collections.abc import Mapping
from typing import Any

from traceability.services import profile_items
from traceability.services.profile_items import Item, Raised
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Page, cells_of, table
from traceability.web.papers import names
from traceability.web.routes import page
from traceability.web.session import actor, opens, service

_ITEMS = (
    Column("item", "Item"), Column("law", "Reg. (EU) 2017/821"), Column("stated", "As stated"),
    Column("state", "State"), Column("until", "Counts until"), Column("papers", "Papers"),
)  # fmt: skip
_RAISED = (
    Column("code", "Rule"), Column("severity", "Severity"), Column("title", "Finding"), Column("law", "Law"),
    Column("records", "Shipment records", "number"),
)  # fmt: skip
_STATES = {
    "stated": (N_("stated"), "in_force"),
    "missing": (N_("missing"), "gap"),
    "over": (N_("over"), "stale"),
}
_NONE_RAISED = N_(
    "The newest assessments raise none. They ask first whether the obligations apply: see what is missing above."
)
_NOT_ASSESSED = N_(
    "No shipment record was assessed, so no rule about the importer could run. That is no statement about it."
)


@page("/profile")
def profile_page() -> Page:
    """The importer's items with their papers and days, and what rules raised of the importer itself."""
    who = actor()
    found, files = profile_items.profile_items(service(), who), names(who)
    empty = _NONE_RAISED if found.assessed else _NOT_ASSESSED
    made = [
        table("items", "What is stated", _ITEMS, [_item(one, files) for one in found.items], ""),
        table("raised", "Findings about the importer", _RAISED, map(_finding, found.raised), empty),
    ]
    return Page("Importer profile", "profile.html", made, {"as_of": found.as_of.isoformat()}, {})


def _item(one: Item, files: Mapping[str, str]) -> Mapping[str, Any]:
    held = [files.get(paper.removeprefix("sha256:")) or _elsewhere(paper) for paper in one.papers]
    state, mark = _STATES[one.state]
    return cells_of({
        "item": one.title, "law": one.law, "stated": one.stated or gettext("nothing"),
        "state": Cell(gettext(state), mark=mark),
        "until": one.until.isoformat() if one.until else gettext("no day is stated"),
        "papers": ", ".join(held) or Cell(gettext("none"), mark="gap"),
    })  # fmt: skip


def _elsewhere(paper: str) -> str:
    return gettext("%(paper)s (not stored here)", paper=words.short(paper))


def _finding(one: Raised) -> Mapping[str, Any]:
    word = words.MARKS[one.severity].word
    severity = gettext("%(severity)s, advisory", severity=word) if one.advisory else word
    return cells_of({
        "code": one.code, "severity": Cell(severity, mark=one.severity), "title": one.title, "law": one.law,
        "records": Cell(str(one.records), href=opens("queue", ("officer", "importer"))),
    })  # fmt: skip
