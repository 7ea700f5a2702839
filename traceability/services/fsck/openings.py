"""Openings of commitments (`services.personal`): each opens what its signed event holds, or was erased by an entry."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from traceability import strict_json
from traceability.errors import TraceabilityError
from traceability.events.personal import commitments
from traceability.ledger.commitment import commit
from traceability.services.fsck.audit import TABLES, Audit, batched
from traceability.services.fsck.pages import UNREADABLE

_BATCH = 100
_EVENT, _CAPTURE, _ERASURE = (TABLES[name] for name in ("event", "capture", "erasure"))
_SIGNED = sa.select(_EVENT.c.index.label("place"), _EVENT.c.body, _EVENT.c.erased_index, _CAPTURE.c.party_id).join(
    _CAPTURE, _CAPTURE.c.id == _EVENT.c.capture_id
)


def check_openings(audit: Audit) -> None:
    """Check every opening against its event, and that those erased by themselves still have their rows.

    Without its row an erased one could be handed in again (see `services.personal`).
    """
    erased = _erased(audit)
    left = {(index, commitment) for index, some in erased.items() for commitment in some}
    for batch in batched(audit.rows("personal_data", size=_BATCH), _BATCH):
        events = _events(audit, {row.event_index for row in batch if isinstance(row.event_index, int)})
        for row in batch:
            _check_event(audit, row, events.get(row.event_index))
            _check_value(audit, row, events.get(row.event_index), erased)
            left.discard((row.erasure_index, row.commitment))
    for index, _ in sorted(left):
        audit.problem("personal_data", index, "an opening that this entry erased has no row that says so")


def _erased(audit: Audit) -> Mapping[int, frozenset[str]]:
    """Return the commitments that erasures of single openings name, by the index of their entry."""
    found = audit.rows("erasure", ("entry_index",), where=_ERASURE.c.what == "personal", again=True)
    return {row.entry_index: frozenset(orjson.loads(row.record)["commitments"]) for row in found}


def _events(audit: Audit, indices: Iterable[int]) -> dict[int, Any]:
    query = _SIGNED.where(_EVENT.c.index.in_(list(indices)))
    return {row.place: row for row in audit.session.connection().execute(query)}


def _check_event(audit: Audit, row: Any, event: Any) -> None:
    if event is None:
        audit.problem("personal_data", row.event_index, "event_index: no event of a capture stands there")
        return
    if event.party_id != row.party_id:
        audit.problem("personal_data", row.event_index, "party_id: the event is another party's")
    if event.erased_index is None and row.commitment not in _held(event.body):
        audit.problem("personal_data", row.event_index, "commitment: the event holds no such commitment")


def _held(body: str) -> frozenset[str]:
    """Return the commitments of an event; one that cannot be read is told of where events are checked."""
    try:
        return commitments(strict_json.stored(body))
    except (TraceabilityError, *UNREADABLE):
        return frozenset()


def _check_value(audit: Audit, row: Any, event: Any, erased: Mapping[int, frozenset[str]]) -> None:
    index, gone = row.event_index, None if event is None else event.erased_index
    if row.erasure_index is None:
        if gone is not None:
            audit.problem("personal_data", index, "erasure_index: its event was erased, and the opening was not")
        elif not _opens(row):
            audit.problem("personal_data", index, "value and salt do not open the commitment")
        return
    if row.value is not None or row.salt is not None:
        audit.problem("personal_data", index, "value: it was erased, and is here")
    if row.erasure_index != gone and row.commitment not in erased.get(row.erasure_index, ()):
        audit.problem("personal_data", index, f"erasure_index: entry {row.erasure_index} does not say so")


def _opens(row: Any) -> bool:
    try:
        return commit(row.value, row.salt) == str(row.commitment)
    except UNREADABLE:  # one of them is missing, or of another type
        return False
