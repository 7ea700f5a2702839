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
    """Those that came with the capture."""
    theirs: dict[Identity, list[Any]] = field(default_factory=dict)
    """All of them: of what a key signed that is disputed now, its party signs again with another."""

    def placed(self, event: Incoming, capture: Any, told: int | None) -> dict[str, Any]:
        """Return what the row of the capture says of one accepted event (`placement.Placed`).

        Whether a key was disputed when the capture came, nobody asks here: where it says to stand at one of the
        signatures of its party, ``told``, it does.
        """
        known = self.events.get(event.identity)
        place, besides = -1 if known is None else place_of(known), False
        if known is not None and known.capture_id != capture.id:
            row = self.counter.get(event.identity)
            others = [place_of(one) for one in self.theirs.get(event.identity, ())] if row is None else [place_of(row)]
            is_own = known.signer_id == capture.party_id
            if others and not (is_own and row is None and told == place):
                place, besides = told if told in others else others[0], True
            elif not is_own:
                place, besides = -1, True
        return {
            "event_id": event.written_id,
            "index": place,
            "repeated": known is not None and known.capture_id != capture.id,
            "counter_signature": besides,
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
    for where in theirs:
        for row in audit.rows("counter_signature", where=where, again=True):
            found.theirs.setdefault(identities[row.event_index], []).append(row)
    for row in audit.rows("counter_signature", where=_COUNTER.c.capture_id == capture.id, again=True):
        found.counter[identities.get(row.event_index, (f"entry {row.event_index}", False))] = row
    return found
