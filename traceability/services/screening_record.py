"""The record of screenings: each with lists, matcher, threshold and outcome, under one ledger entry a run.

The entry stands for the whole record (form 2). Of screenings recorded before 0022 it stands for what was recorded then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import col

from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.lists import coverage as cover
from traceability.lists.coverage import Coverage
from traceability.lists.version import MATCHER_VERSION
from traceability.services import matching
from traceability.services.context import Service
from traceability.services.lists import ListBook
from traceability.services.printable import printable
from traceability.services.screening import Screened
from traceability.services.whole import FORM, Who, record_bytes
from traceability.storage.store import Transaction
from traceability.storage.tables import Screening, ScreeningHit

_BEFORE = ("subject_key", "subject", "as_of", "versions", "matcher", "outcome", "hits")
SINCE = ("asked_by", "kind", "threshold", "settings_hash", "known_at", "status", "failure")
"""What came with form 2: empty in every row recorded before."""
_WHOLE = (*_BEFORE, *SINCE, "owner_id", "party_id")


def record(
    book: ListBook, screened: Sequence[Screened], as_of: date, coverage: Sequence[Coverage] | None = None
) -> list[dict[str, Any]]:
    """Return the screening records of a run: subject, versions, matcher, settings, outcome, hits with their account."""
    lists = book.coverage(as_of, frozenset()) if coverage is None else coverage
    common = {
        "as_of": as_of,
        "versions": [{"list_id": item.list_id, "version": item.version, "state": item.state} for item in lists],
        "matcher": MATCHER_VERSION,
        "known_at": matching.known_at(book),
    }
    return [common | _one(item, lists) for item in screened]


def _one(item: Screened, lists: Sequence[Coverage]) -> dict[str, Any]:
    done = item.status == "done"
    hits = [
        orjson.loads(orjson.dumps(hit, default=printable)) | {"identity": identity}
        for hit, identity in zip(item.hits, item.identities, strict=True)
    ]
    return {
        "subject_key": item.subject.key,
        "subject": asdict(item.subject),
        "kind": item.subject.kind,
        "threshold": f"{item.review_from:f}",
        "settings_hash": matching.settings_hash(item.review_from),
        "party_id": item.subject.party_id and item.subject.party_id[:500],
        "outcome": cover.outcome(lists, hits=item.found) if done else "not_screened",
        "hits": hits,
        "status": item.status,
        "failure": item.failure,
    }


def append(
    service: Service, tx: Transaction, owner_id: str, records: Sequence[Mapping[str, Any]], asked_by: str | None = None
) -> int:
    """Store the screenings of one run under one entry of the ledger; return where it stands.

    Args:
        service: the service.
        tx: the transaction.
        owner_id: the party that was screened for.
        records: what ``record`` gave, at least one.
        asked_by: the person who asked; None where an assessment did.

    """
    at = tx.now
    rows = [Screening(**one, at=at, owner_id=owner_id, asked_by=asked_by) for one in records]
    body = digest(screenings_bytes(rows, service.who))
    place = tx.log.append(Entry(kind="screening", body=body, who=service.who(owner_id), at=milliseconds(at)))
    for row in rows:
        row.entry_index = place
    tx.session.add_all(rows)
    tx.session.flush()
    tx.session.add_all(ScreeningHit(screening_id=row.id or 0, **hit) for row in rows for hit in met(row.hits))
    return place


def met(hits: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the list entries that hits name, as they are looked for."""
    found = sorted({(hit["list_id"], hit["entry_key"][:500]) for hit in hits})
    return [{"list_id": list_id, "entry_key": key} for list_id, key in found]


def screenings_bytes(rows: Iterable[Any], who: Who) -> bytes:
    """Return the screenings of a run whole; who asked is a pseudonym, since it is a person."""
    return record_bytes({"v": FORM, "screenings": [_said(row, who) for row in rows]})


def _said(row: Any, who: Who) -> dict[str, Any]:
    asked = row.asked_by and who(row.asked_by)
    return {**{name: getattr(row, name) for name in _WHOLE}, "asked_by": asked}


def bytes_before(rows: Iterable[Any]) -> bytes:
    """Return what the entry of screenings stands for that were recorded before form 2."""
    return record_bytes([{name: getattr(row, name) for name in _BEFORE} for row in rows])


def screened_by(entry_index: int) -> Any:
    """Return the condition on the screenings of the run whose own entry stands there: theirs is the one right before.

    A name that a person asked about has an entry of the same kind, and belongs to no run.
    """
    return sa.and_(col(Screening.entry_index) == entry_index - 1, col(Screening.asked_by).is_(None))
