"""Where the events of a capture stand in the ledger, as the stored rows say: new, repeated or counter-signed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from traceability.services.fsck.audit import TABLES, Audit
from traceability.services.placement import Identity, Incoming
from traceability.storage.ids import chunks

_EVENT: Any = TABLES["event"]
_COUNTER: Any = TABLES["counter_signature"]


@dataclass(slots=True)
class Stored:
    """The rows of a capture's events, and the counter-signatures of its party on them, by what names an event."""

    events: dict[Identity, Any] = field(default_factory=dict)
    counter: dict[Identity, Any] = field(default_factory=dict)

    def placed(self, event: Incoming, capture: Any) -> dict[str, Any]:
        """Return what the row of the capture says of one accepted event (`placement.Placed`)."""
        known = self.events.get(event.identity)
        again: Any = known if known is not None and known.capture_id != capture.id else None
        # its own signer's signature stands besides too where the first one was disputed and it signed once more
        mine = again is not None and again.signer_id == capture.party_id
        by_another = again is not None and (not mine or event.identity in self.counter)
        row = self.counter.get(event.identity) if by_another else known
        return {
            "event_id": event.written_id,
            "index": -1 if row is None else place_of(row),
            "repeated": again is not None,
            "counter_signature": by_another,
        }


def place_of(row: Any) -> int:
    """Return the ledger index of an event row or of a counter-signature."""
    return int(row.entry_index if hasattr(row, "entry_index") else row.index)


def stored_of(audit: Audit, events: Sequence[Incoming], capture: Any) -> Stored:
    """Return the rows of these events, and whatever says that it came with the capture."""
    found = Stored()
    wheres = [_EVENT.c.event_id.in_(some) for some in chunks({event.event_id for event in events})]
    for where in [*wheres, _EVENT.c.capture_id == capture.id]:
        for row in audit.rows("event", where=where, again=True):
            found.events[row.event_id, row.declares_error] = row
    identities = {row.index: identity for identity, row in found.events.items()}
    theirs = [
        _COUNTER.c.event_index.in_(some) & (_COUNTER.c.signer_id == capture.party_id) for some in chunks(identities)
    ]
    for where in [*theirs, _COUNTER.c.capture_id == capture.id]:
        for row in audit.rows("counter_signature", where=where, again=True):
            identity = identities.get(row.event_index, (f"entry {row.event_index}", False))
            if _concerns(capture, row, found.events.get(identity)):
                found.counter[identity] = row
    return found


def _concerns(capture: Any, row: Any, event: Any) -> bool:
    """Tell whether a counter-signature is the one a capture speaks of: of two of one party, the one that it names."""
    if row.capture_id == capture.id:
        return True
    named = any(said.get("index") == row.entry_index for said in capture.events)
    return named or event is None or event.signer_id != capture.party_id
