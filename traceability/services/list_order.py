"""The versions of each list in the order of the days they speak for, and the one in force on a day."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlmodel import Session, col, select

from traceability.lists.coverage import dated
from traceability.lists.entries import ListSource, ListVersion
from traceability.storage.tables import ListVersionRow


def version_of(row: ListVersionRow, waits: int = 0) -> ListVersion:
    """Return a stored version as the lists room reads it; ``waits`` are the rows of ``list_review.waiting``."""
    return ListVersion(
        list_id=row.list_id, version=row.version, published_at=row.published_at, retrieved_at=row.retrieved_at,
        loaded_at=row.loaded_at, source_url=row.source_url, sha256=row.source_sha256, row_count=row.row_count,
        expected_min=row.expected_min, expected_max=row.expected_max, coverage=row.coverage,  # type: ignore[arg-type]  # one of the three words when it was stored
        max_age_days=row.max_age_days, publisher=row.publisher, terms=row.terms, title=row.title,
        sources=tuple(ListSource(**source) for source in row.sources), waiting=waits,
    )  # fmt: skip


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


def all_in_force(session: Session, on: date) -> list[ListVersionRow]:
    """Return the version in force on a day of every list, in the order of their ids."""
    return [in_force(rows, on) for rows in versions(session).values()]


def parent_of(session: Session, version: ListVersionRow) -> ListVersionRow | None:
    """Return the version that was in force before one took its place; None where it took none, or an earlier place."""
    query = select(ListVersionRow).where(ListVersionRow.list_id == version.list_id)
    others = [row for row in session.exec(query) if row.id != version.id]
    later = [row for row in others if place(row) > place(version) and (row.id or 0) < (version.id or 0)]
    return None if later else max((row for row in others if place(row) < place(version)), key=place, default=None)
