"""The versions of each list in the order of the days they speak for, and the one in force on a day."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlmodel import Session, col, select

from traceability.lists.coverage import dated
from traceability.services.lists import version_of
from traceability.storage.tables import ListVersionRow


def place(row: ListVersionRow) -> tuple[date, int]:
    """Return what orders the versions of a list: the day they speak for, then the order of loading."""
    return dated(version_of(row)) or row.loaded_at.date(), row.id or 0


def versions(session: Session, only: Collection[str] | None = None) -> dict[str, list[ListVersionRow]]:
    """Return the versions of every list, or of some, the oldest first."""
    query = select(ListVersionRow).order_by(col(ListVersionRow.list_id))
    found: dict[str, list[ListVersionRow]] = {}
    for row in session.exec(query if only is None else query.where(col(ListVersionRow.list_id).in_(only))):
        found.setdefault(row.list_id, []).append(row)
    return {name: sorted(rows, key=place) for name, rows in found.items()}


def in_force(rows: Sequence[ListVersionRow], on: date) -> ListVersionRow:
    """Return of one list's versions the newest that speaks for ``on`` or a day before it, else the oldest."""
    return max((row for row in rows if place(row)[0] <= on), key=place, default=rows[0])
