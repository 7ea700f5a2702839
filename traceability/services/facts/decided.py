"""Decisions that enter the facts: on hits, signals, unread documents, and on what paper a document is."""

from collections.abc import Mapping
from functools import lru_cache

from sqlmodel import Session, col, select

from traceability.diligence.facts import facts_schema
from traceability.storage.tables import Decision

DOC_TYPE = "doc_type"


def in_force_since(row: Decision) -> int:
    """Return the ledger index with which a decision took effect."""
    return row.entry_index if row.confirmed_index is None else row.confirmed_index


def decided(session: Session, owner_id: str, *, alone: bool = True) -> dict[str, str]:
    """Return the decisions in force on hits, signals and documents: subject to rejected, confirmed or read_by_person.

    ``alone=False`` leaves out what one person has rejected without a second.
    """
    rows = session.exec(
        select(Decision).where(
            Decision.owner_id == owner_id,
            Decision.state == "in_force",
            col(Decision.subject_kind).in_(("hit", "signal", "document")),
        )
    )
    newest = {row.subject: row for row in sorted(rows, key=in_force_since)}
    return {
        subject: row.disposition
        for subject, row in newest.items()
        if alone or row.needs_second or row.disposition != "rejected"
    }


@lru_cache(maxsize=1)
def document_types() -> tuple[str, ...]:
    """Return the types a document may have in the facts."""
    found: list[str] = facts_schema()["properties"]["documents"]["items"]["properties"]["type"]["enum"]
    return tuple(found)


def confirmed_types(session: Session, owner_id: str) -> Mapping[str, str]:
    """Return the types of an owner's documents that two officers have confirmed, by the document's sha256."""
    rows = session.exec(
        select(Decision).where(
            Decision.owner_id == owner_id, Decision.subject_kind == DOC_TYPE, Decision.state == "in_force"
        )
    )
    return {row.subject: row.disposition for row in sorted(rows, key=in_force_since)}
