"""What was erased, as the records of erasures say it: which bodies went, by which entry, and the last verdict on each.

Which missing bodies are excused decides `Audit.is_excused`; here the rows that readers are told of it from are checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from traceability.ledger.encoding import digest
from traceability.services.fsck.audit import TABLES, Audit, batched, moment_of
from traceability.storage.ids import chunks

_BATCH = 20  # a record names up to 2000 entries
#: Tables whose bodies are erased: the column of their entry.
_BODIES = {
    "capture": "entry_index", "event": "index", "shipment": "entry_index", "document": "entry_index",
    "assessment": "entry_index", "case_version": "entry_index",
}  # fmt: skip


@dataclass(slots=True)
class _Gone:
    """By the index of an entry: the erasure of its body with that of its last verdict, and the verdict."""

    by: dict[int, tuple[int, int]] = field(default_factory=dict)
    verdicts: dict[int, str] = field(default_factory=dict)


def check_erasures(audit: Audit) -> None:
    """Check every erasure, and the rows that say what was erased."""
    gone = _Gone()
    for batch in batched(audit.rows("erasure", ("entry_index",), size=_BATCH), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            said = {"kind": "erasure", "body": digest(row.record.encode()), "at": moment_of(row.at)}
            if audit.stands_for("erasure", row.entry_index, entries.get(row.entry_index), said):
                record = orjson.loads(row.record)
                audit.same("erasure", row.entry_index, {"what": record["what"]}, row)
                _learn(gone, row.entry_index, record)
    _check_entries(audit, gone)
    for table, column in _BODIES.items():
        _check_bodies(audit, table, TABLES[table].c[column], gone)
    _check_verdicts(audit, gone)


def _learn(gone: _Gone, index: int, record: Mapping[str, Any]) -> None:
    if record["what"] == "bodies":
        gone.by.update((target, (index, record["verdict_entry"])) for target in record["entries"])
    elif record["what"] == "verdict":
        gone.verdicts.update((one["entry"], one["verdict"]) for one in record["verdicts"])


def _check_entries(audit: Audit, gone: _Gone) -> None:
    left = dict(gone.by)
    for row in audit.rows("erased_entry"):
        if left.pop(row.target_index, None) != (row.erasure_index, row.verdict_index):
            audit.problem("erased_entry", row.target_index, "no erasure says so of the body of this entry")
    for target in left:
        audit.problem("erased_entry", target, "the body of this entry was erased, and no row says so")


def _check_bodies(audit: Audit, table: str, entry: Any, gone: _Gone) -> None:
    """Check that exactly the rows whose bodies went say so. One without an entry of its own names some erasure."""
    erased = TABLES[table].c.erased_index
    connection = audit.session.connection()
    for place, index in connection.execute(sa.select(entry, erased).where(erased.is_not(None))):
        known = index in audit.repeated if place is None else index == gone.by.get(place, (None,))[0]
        if not known:
            audit.problem(table, place, f"erased_index: entry {index} does not say that this body was erased")
    for some in chunks(gone.by):
        for (place,) in connection.execute(sa.select(entry).where(entry.in_(some), erased.is_(None))):
            audit.problem(table, place, "erased_index: the body was erased, and the row does not say so")


def _check_verdicts(audit: Audit, gone: _Gone) -> None:
    capture = TABLES["capture"].c
    query = sa.select(capture.entry_index, capture.erased_index, capture.last_verdict)
    query = query.where(capture.erased_index.is_not(None) | capture.last_verdict.is_not(None))
    for place, erased, verdict in audit.session.connection().execute(query):
        told = gone.verdicts.get(place) if erased is not None else None
        if verdict != told and (place is not None or erased is None):
            audit.problem("capture", place, f"last_verdict: {verdict!r} is not what the erasure says, {told!r}")
