"""The table of decisions on some subjects, as batch page, shipment page and the list of decisions show it."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from traceability.services import states
from traceability.services.releases import Reopened
from traceability.services.states import SubjectState
from traceability.storage.tables import Decision
from traceability.web import words
from traceability.web.language import N_, gettext
from traceability.web.page import Cell, Column, Row, Table, cells_of, table
from traceability.web.session import opens, service

COLUMNS = (
    Column("at", "Proposed", "time"),
    Column("about", "About"),
    Column("what", "Decision"),
    Column("findings", "Findings"),
    Column("state", "State"),
    Column("by", "Proposed by"),
    Column("second", "Second person"),
    Column("reason", "Reason"),
)


def listing(
    subjects: Sequence[SubjectState], suffix: str = "", whose: str = "", only: Collection[str] | None = None
) -> Table:
    """Return the decisions on these subjects, newest first; ``only`` those with these ids.

    ``suffix`` and ``whose`` tell several tables apart.
    """
    rows: list[Decision] = []
    with service().store.read() as session:
        for subject in subjects:
            if subject.assessment is not None:
                rows += states.decisions_on(session, subject.assessment.owner_id, subject.kind, subject.subject)
    shown = [row for row in rows if only is None or row.id in only]
    return of(sorted(shown, key=lambda row: -row.entry_index), suffix, whose)


def of(rows: Iterable[Decision], suffix: str = "", whose: str = "") -> Table:
    """Return decisions as a table."""
    shown = list(rows)
    with service().store.read() as session:
        ended = states.reopened_among(service(), session, shown)
    lines = [_row(row, ended.get(row.id)) for row in shown]
    caption = gettext("Decisions%(whose)s, newest first", whose=whose)
    return table(f"decisions{suffix}", caption, COLUMNS, lines, N_("Nobody has decided anything yet."))


def _row(row: Decision, ended: Reopened | None) -> Row:
    state = Cell(ended.said, mark="reopened") if ended else Cell(words.MARKS[row.state].word, mark=row.state)
    values: dict[str, Any] = {
        "at": words.moment(row.proposed_at),
        "about": f"{words.sentence(row.subject_kind)} {named(row)}",
        "what": Cell(
            words.sentence(row.disposition), href=opens("decision", ("officer", "importer"), decision_id=row.id)
        ),
        "findings": ", ".join(dict.fromkeys(item["code"] for item in row.findings)) or gettext("none"),
        "state": state,
        "by": row.proposed_by,
        "second": row.confirmed_by or (gettext("waiting") if row.state == "waiting" else gettext("not needed")),
        "reason": row.reason,
    }
    return Row(cells_of(values))


def named(row: Decision) -> str:
    """Return what a decision is about, short enough for a table."""
    if row.subject_kind in ("batch", "correction"):
        return words.short(row.subject)
    return row.subject if row.subject_kind == "shipment" else f"{row.subject.split('|')[0][:16]}\u2026"
