"""Telling a reader that something was erased: 410 with the ledger entry that says so (RFC 9110, 15.5.11)."""

from sqlmodel import Session

from traceability.errors import Gone
from traceability.ledger.entry import milliseconds
from traceability.storage.erasures import erased
from traceability.storage.tables import Erasure


def gone(session: Session, what: str, erasure: int, index: int | None = None) -> Gone:
    """Return the answer about a thing that was erased.

    Args:
        session: a read session.
        what: the thing in words, with its id.
        erasure: the erasure entry.
        index: the thing's own ledger entry, where it has one; the last verdict on it is told then.

    """
    row, found = session.get(Erasure, erasure), None if index is None else erased(session, index)
    said: dict[str, object] = {"entry": erasure} if found is None else dict(found.as_dict())
    day = "" if row is None else f" on {row.at.date().isoformat()}"
    detail = (
        f"{what} was erased{day} when its retention ended; ledger entry {erasure} says so. Its own entry, receipts and "
        "proofs stay valid, and whoever kept the bytes can still verify them"
    )
    if row is not None:
        said["at"] = milliseconds(row.at)
    return Gone(detail, extra={"erasure": said})
