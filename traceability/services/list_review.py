"""What the readers of lists did not fully understand: it waits with its version until an admin has read it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from traceability.errors import Conflict, InvalidInput, NotFound
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.lists.readers.reading import Review
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.whole import read_bytes
from traceability.storage.jobs import enqueue
from traceability.storage.store import Transaction
from traceability.storage.tables import ListReviewRow, ListVersionRow

WAITING = "waiting"
READ = "read"
_MIN_NOTE = 10
_END_OF_IDS = 2**31  # what the column of ids holds
_DECIDED = ("state", "read_by", "read_at", "note", "entry_index")


def rows_for(session: Session, list_id: str, questions: Sequence[Review]) -> list[ListReviewRow]:
    """Return the rows of a new version; what a person has read of the same text in the list before stays read."""
    known = {_text(row): row for row in session.exec(_read_before(list_id))}
    found = []
    for one in questions:
        row = ListReviewRow(
            version_id=0, entry_key=one.entry_key, field=one.field, raw=one.raw, reason=one.reason,
            lost=one.lost == "yes", state=WAITING,
        )  # fmt: skip
        before = known.get(_text(row))
        if before is not None:
            row.sqlmodel_update({name: getattr(before, name) for name in _DECIDED})
        found.append(row)
    return found


def _read_before(list_id: str) -> Any:
    versions = select(ListVersionRow.id).where(ListVersionRow.list_id == list_id)
    return (
        select(ListReviewRow)
        .where(ListReviewRow.state == READ, col(ListReviewRow.version_id).in_(versions))
        .order_by(col(ListReviewRow.id))
    )


def _text(row: ListReviewRow) -> tuple[str, str, str, str, bool]:
    return row.entry_key, row.field, row.raw, row.reason, row.lost


def waiting(session: Session, versions: Sequence[int]) -> dict[int, int]:
    """Return how many rows of versions wait although names or entries are missing for them, by the version's id."""
    query = (
        select(ListReviewRow.version_id, func.count())
        .where(
            col(ListReviewRow.version_id).in_(versions), ListReviewRow.state == WAITING, col(ListReviewRow.lost)
        )
        .group_by(col(ListReviewRow.version_id))
    )  # fmt: skip
    return dict(session.exec(query).all())


def review_of(service: Service, actor: Actor, version_id: int) -> list[dict[str, Any]]:
    """Return the rows of a version, those that wait first; who read one is told to admins alone."""
    with service.store.read() as session:
        rows = session.exec(
            select(ListReviewRow).where(ListReviewRow.version_id == version_id).order_by(col(ListReviewRow.id))
        ).all()
    rows = sorted(rows, key=lambda row: (row.state != WAITING, not row.lost))
    return [shown(row, full=actor.may("administer")) for row in rows]


def shown(row: ListReviewRow, *, full: bool) -> dict[str, Any]:
    """Return a row for people; ``full`` with the name of who read it."""
    said: dict[str, Any] = {name: getattr(row, name) for name in ("id", "entry_key", "field", "raw", "reason", "lost")}
    moment = row.read_at.isoformat(timespec="seconds") if row.read_at else None
    read_by = {"read_by": row.read_by} if full else {}
    return {**said, "state": row.state, "read_at": moment, "note": row.note, **read_by}


def mark_read(service: Service, admin: Actor, list_id: str, row_id: int, note: str) -> Mapping[str, Any]:
    """Record that a person has read a row, and what came of it; where it was the last, the list is whole again.

    Everything that was assessed is assessed again then.

    Raises:
        InvalidInput: the note says nothing.
        NotFound: the list has no such row.
        Conflict: it was read before.

    """
    admin.require("pass_lists", scope="write")
    note = note.strip()
    if len(note) < _MIN_NOTE:
        raise InvalidInput(f"a note says what came of reading the row, in at least {_MIN_NOTE} characters")

    def change(tx: Transaction) -> Mapping[str, Any]:
        now = tx.now
        row = tx.session.get(ListReviewRow, row_id) if row_id < _END_OF_IDS else None
        version = tx.session.get(ListVersionRow, row.version_id) if row else None
        if row is None or version is None or version.list_id != list_id:
            raise NotFound(f"the list {list_id[:60]!r} has no row {row_id} for review")
        if row.state != WAITING:
            raise Conflict(f"row {row_id} was read before")
        row.sqlmodel_update({"state": READ, "read_by": admin.person, "read_at": now, "note": note})
        body = digest(read_bytes(row, list_id, service.who))
        row.entry_index = tx.log.append(Entry(kind="decision", body=body, at=milliseconds(now)))
        tx.session.add(row)
        tx.session.flush()
        if row.lost and not waiting(tx.session, [row.version_id]):
            enqueue(tx, "list_changed", list_id, list_id=list_id)
        return shown(row, full=True)

    return service.store.write(change)
