"""The officer's queue: every shipment record and batch of the importer, worst state first, pending apart (page 1)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import request, url_for

from traceability.diligence.status import PENDING, STATES
from traceability.lists.codes import named
from traceability.services import batches, review
from traceability.services.batches import QueueRow
from traceability.web import words
from traceability.web.page import Cell, Column, Page, Row, cells_of, table
from traceability.web.routes import page
from traceability.web.session import actor, service

_COLUMNS = (
    Column("state", "State"),
    Column("severity", "Severity"),
    Column("subject", "Batch or shipment record", "id"),
    Column("batches", "Its batches", "id"),
    Column("material", "Material"),
    Column("origin", "Origin"),
    Column("rules", "Rules"),
    Column("waits", "Waits for"),
    Column("age", "Age", "number"),
    Column("coverage", "List coverage"),
    Column("assessed", "Assessed", "time"),
)


@page("/queue")
def queue() -> Page:
    """What the importer's officers have to look at."""
    state, code = request.args.get("state") or None, request.args.get("code") or None
    who = actor()
    everything = batches.queue(service(), who, code=code)
    rows = [row for row in everything if state in (None, row.state.state)]
    counts = Counter(row.state.state for row in everything)
    return Page(
        "Queue",
        "queue.html",
        [table("queue", "Shipment records and batches, worst first", _COLUMNS, map(_row, rows), _EMPTY)],
        {
            "counts": {name: counts[name] for name in STATES if counts[name] or name == PENDING},
            "waiting": len(review.decisions(service(), who, state="waiting")),
        },
        {"state": state, "code": code, "codes": _codes(everything), "total": len(everything), "pending": PENDING},
    )


_SERIOUS = ("critical", "major")
_EMPTY = (
    "Nothing is here for this filter. Shipment records appear once they are posted, batches once a signed event names "
    "your party as receiver."
)


def _codes(rows: Sequence[QueueRow]) -> list[str]:
    return sorted({code for row in rows for code in row.state.codes})


def _row(row: QueueRow) -> Row:
    state = row.state
    run = state.assessment
    limited = [named(item["list_id"]) for item in state.coverage if item["required"] and item["state"] != "full"]
    values: dict[str, Any] = {
        "state": Cell(words.MARKS[state.state].word, mark=state.state),
        "subject": Cell(
            _named(state.kind, state.subject), href=address(state.kind, state.subject), whole=state.subject
        ),
        "severity": Cell(words.MARKS[row.severity].word, mark=row.severity) if row.severity else Cell("none open"),
        "batches": _batches(row),
        "age": _age(row),
        "material": ", ".join(words.sentence(name) for name in row.minerals),
        "origin": ", ".join(row.origins),
        "rules": _rules(row),
        "waits": "; ".join(state.pending) or _waits(row),
        "coverage": f"limited: {', '.join(limited)}" if limited else "required lists full" if run else "not assessed",
        "assessed": words.moment(run.at) if run else "never",
    }
    return Row(cells_of(values))


def _batches(row: QueueRow) -> Cell:
    """Return the batches of a shipment record: the first as a link, and how many more; a batch stands there already."""
    if row.state.kind == "batch":
        return Cell("the batch itself")
    if not row.batches:
        return Cell("names none")
    more = f" and {len(row.batches) - 1} more" if len(row.batches) > 1 else ""
    first = row.batches[0]
    return Cell(words.short(first) + more, href=address("batch", first), whole=", ".join(row.batches))


def _age(row: QueueRow) -> str:
    if row.since is None:
        return "new"
    days = (service().clock() - row.since).days
    return words.plural(days, "day") if days > 0 else "today"


def _waits(row: QueueRow) -> str:
    if row.state.waiting:
        return "a second person"
    if any(item.severity in _SERIOUS and not item.covered for item in row.state.findings):
        return "a decision"
    if any(item.severity == "gap" for item in row.state.findings):
        return "what is missing"
    return "complete lists" if row.state.floors else "nothing"


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
