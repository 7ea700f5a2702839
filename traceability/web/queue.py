"""The officer's queue: every shipment record and batch of the importer, worst state first, pending apart (page 1)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request, url_for

from traceability.diligence.status import PENDING, STATES
from traceability.lists.codes import named
from traceability.services import batches, desk, review
from traceability.services.access import Actor
from traceability.services.batches import QueueRow
from traceability.web import words
from traceability.web.language import N_, gettext, ngettext
from traceability.web.page import Cell, Column, Page, Pick, Row, RowsOf, Table, cells_of
from traceability.web.routes import page
from traceability.web.session import actor, service
from traceability.web.spoken import spoken

_COLUMNS = (
    Column("state", "State"),
    Column("severity", "Severity"),
    Column("subject", "Batch or shipment record", "id"),
    Column("batches", "Its batches", "id"),
    Column("material", "Material"),
    Column("origin", "Origin"),
    Column("rules", "Rules"),
    Column("waits", "Waits for"),
    Column("assignee", "Assigned to"),
    Column("age", "Age", "number"),
    Column("coverage", "List coverage"),
    Column("assessed", "Assessed", "time"),
)


@page("/queue")
def queue() -> Page:
    """What the importer's officers have to look at, narrowed by what the address says."""
    who, asked = actor(), {name: request.values.get(name, "") for name in desk.FILTERS}
    found = batches.queue(service(), who)
    assigned = desk.assigned(service(), who)
    narrowed = [row for row in found if _wanted(row, asked, assigned)]
    rows = [row for row in narrowed if asked["state"] in ("", row.state.state)]
    counts = Counter(row.state.state for row in narrowed)
    shown = RowsOf(rows, lambda row: _row(row, assigned.get((row.state.kind, row.state.subject)), who))
    data = {
        "counts": {name: counts[name] for name in STATES if counts[name] or name == PENDING},
        "waiting": len(review.decisions(service(), who, state="waiting")),
    }
    made = [Table("queue", "Shipment records and batches, worst first", _COLUMNS, shown, _EMPTY)]
    return Page("Queue", "queue.html", made, data, _context(who, found, asked, len(narrowed)))


def _context(who: Actor, found: Sequence[QueueRow], asked: Mapping[str, str], total: int) -> dict[str, Any]:
    """Return the filters with their choices, the views the reader keeps, and to whom rows can be assigned."""
    officers = desk.officers(service(), who)
    people = [(name, name) for name in officers] + [(desk.NOBODY, gettext("nobody"))]
    choices = {
        "code": (N_("Rule"), [(code, code) for code in _codes(found)]), "assignee": (N_("Assigned to"), people),
        "material": (N_("Material"), [(one, words.sentence(one)) for one in _each(row.minerals for row in found)]),
        "origin": (N_("Origin"), [(one, one) for one in _each(row.origins for row in found)]),
    }  # fmt: skip
    kept = [(one.name, url_for("web.queue", **one.filters)) for one in desk.views(service(), who)]  # type: ignore[arg-type]  # names of ours
    filters = {name: value for name, value in asked.items() if value}
    others = {name: value for name, value in filters.items() if name != "state"}
    return {
        "filters": filters, "others": others, "choices": choices, "views": kept, "total": total, "pending": PENDING,
        "officers": officers if who.may("assign") else [], "me": who.name, "state": asked["state"] or None,
    }  # fmt: skip


def _each(named: Iterable[Iterable[str]]) -> list[str]:
    return sorted({one for names in named for one in names})


def _wanted(row: QueueRow, asked: Mapping[str, str], assigned: Mapping[desk.Subject, desk.Assigned]) -> bool:
    """Tell whether a row passes every filter but that of the state, by which the counts above the table go."""
    at = assigned.get((row.state.kind, row.state.subject))
    return (
        (not asked["code"] or asked["code"] in row.state.codes)
        and (not asked["assignee"] or asked["assignee"] == (at.to if at else desk.NOBODY))
        and (not asked["material"] or asked["material"] in row.minerals)
        and (not asked["origin"] or asked["origin"] in row.origins)
    )


_SERIOUS = ("critical", "major")
_EMPTY = N_(
    "Nothing is here for this filter. Shipment records appear once they are posted, batches once a signed event names "
    "your party as receiver."
)


def _codes(rows: Sequence[QueueRow]) -> list[str]:
    return sorted({code for row in rows for code in row.state.codes})


def _row(row: QueueRow, assigned: desk.Assigned | None, who: Actor) -> Row:
    state = row.state
    run = state.assessment
    values: dict[str, Any] = {
        "state": Cell(words.MARKS[state.state].word, mark=state.state),
        "subject": Cell(
            _named(state.kind, state.subject), href=address(state.kind, state.subject), whole=state.subject
        ),
        "severity": Cell(words.MARKS[row.severity].word, mark=row.severity)
        if row.severity
        else Cell(gettext("none open")),
        "batches": _batches(row),
        "age": _age(row),
        "assignee": Cell(assigned.to if assigned else gettext("nobody")),
        "material": ", ".join(words.sentence(name) for name in row.minerals),
        "origin": ", ".join(row.origins),
        "rules": _rules(row),
        "waits": "; ".join(state.pending) or _waits(row),
        "coverage": _coverage(row),
        "assessed": words.moment(run.at) if run else gettext("never"),
    }
    pick = Pick("assign", f"{state.kind}|{state.subject}", _named(state.kind, state.subject))
    return Row(cells_of(values), pick=pick if who.may("assign") else None)


def _coverage(row: QueueRow) -> Cell:
    """Return how many of the lists an answer needs are limited; the title says which: names would fill the row."""
    needed = [item for item in row.state.coverage if item["required"]]
    limited = [spoken(named(item["list_id"])) for item in needed if item["state"] != "full"]
    if not limited:
        return Cell(gettext("required lists full") if row.state.assessment else gettext("not assessed"))
    count = ngettext(
        "%(limited)s of %(num)s required list limited", "%(limited)s of %(num)s required lists limited", len(needed),
        limited=len(limited),
    )  # fmt: skip
    return Cell(count, href=url_for("web.lists"), whole=", ".join(limited))


def _batches(row: QueueRow) -> Cell:
    """Return the batches of a shipment record: the first as a link, and how many more; a batch stands there already."""
    if row.state.kind == "batch":
        return Cell(gettext("the batch itself"))
    if not row.batches:
        return Cell(gettext("names none"))
    first, more = row.batches[0], len(row.batches) - 1
    said = words.short(first)
    said = gettext("%(first)s and %(count)s more", first=said, count=more) if more else said
    return Cell(said, href=address("batch", first), whole=", ".join(row.batches))


def _age(row: QueueRow) -> str:
    if row.since is None:
        return gettext("new")
    days = (service().clock() - row.since).days
    return words.plural(days, "day") if days > 0 else gettext("today")


def _waits(row: QueueRow) -> str:
    if row.state.waiting:
        return gettext("a second person")
    if any(item.severity in _SERIOUS and not item.covered for item in row.state.findings):
        return gettext("a decision")
    if any(item.severity == "gap" for item in row.state.findings):
        return gettext("what is missing")
    return gettext("complete lists") if row.state.floors else gettext("nothing")


def _rules(row: QueueRow) -> str:
    """Return the codes an officer decides on, and how many others there are."""
    counted = [item for item in row.state.findings if not item.covered and not item.advisory]
    serious = list(dict.fromkeys(item.code for item in counted if item.severity in _SERIOUS))
    others = Counter(item.severity for item in counted if item.severity in ("gap", "minor"))
    return ", ".join([*serious, *(words.plural(count, name) for name, count in others.items())])


def _named(kind: str, subject: str) -> str:
    return words.short(subject) if kind == "batch" else subject


def address(kind: str, subject: str) -> str:
    """Return the address of the page of a batch or shipment record."""
    return url_for(f"web.{kind}", id=subject)
