"""Which events of a capture are new, repeated, counter-signed, or in conflict with one of the same id (epcis.md 8, 9).

The same event signed by another party than the one it is stored from is a counter-signature: evidence of its own.
"""

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from traceability import strict_json
from traceability.errors import Problem
from traceability.events.identifiers import normalise
from traceability.events.model import CustodyEvent
from traceability.events.reading import read_events
from traceability.ledger.encoding import digest
from traceability.services.content import declaration_digest, identified, in_context
from traceability.services.disputes import compromised
from traceability.storage.ids import chunks
from traceability.storage.store import Transaction
from traceability.storage.tables import CounterSignature, Event

_EVENT: Any = Event.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_COUNTER: Any = CounterSignature.__table__  # type: ignore[attr-defined]  # as above
# Built once: on the hot path making a statement anew costs as much as running it.
_FIND = sa.select(
    _EVENT.c.event_id, _EVENT.c.declares_error, _EVENT.c.index, _EVENT.c.content, _EVENT.c.signer_id, _EVENT.c.key_id
).where(_EVENT.c.event_id.in_(sa.bindparam("ids", expanding=True)))
_FIND_COUNTER = sa.select(
    _COUNTER.c.event_index, _COUNTER.c.signer_id, _COUNTER.c.entry_index, _COUNTER.c.key_id
).where(_COUNTER.c.event_index.in_(sa.bindparam("places", expanding=True)))

Identity = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of a capture, ready to be stored."""

    position: int
    path: str  # where it stands in the body
    event_id: str  # normalised: two spellings are one event (epcis.md 4)
    written_id: str
    event: CustodyEvent
    raw: Mapping[str, Any]
    content: str
    credential_by: str | None

    @property
    def declares_error(self) -> bool:
        """Return whether it repeats an earlier event only to declare it wrong."""
        return self.event.error_declaration is not None

    @property
    def identity(self) -> Identity:
        return self.event_id, self.declares_error

    @property
    def eid(self) -> str:
        """Return the hash of the event id, as the ledger entry carries it."""
        return digest(self.written_id.encode())


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an event of a capture stands in the ledger; a counter-signature has an entry of its own."""

    event_id: str
    index: int
    repeated: bool
    counter_signature: bool = False

    def as_dict(self) -> dict[str, Any]:
        said = {"event_id": self.event_id, "index": self.index, "repeated": self.repeated}
        return said | {"counter_signature": self.counter_signature}


class Known(NamedTuple):
    """What has to be known of an event that stands in the ledger, to compare another of its id with it."""

    place: int
    content: str
    signer_id: str | None
    raw: Mapping[str, Any] | None = None  # where it was placed by this transaction
    counter: Mapping[str, int] = MappingProxyType({})  # the entry of each party that signed it besides
    disputed: bool = False  # its own signature: its signer may say it again with another key


@dataclass(slots=True)
class Placements:
    """Which events are new, which are known ones that gain a signature, and the ledger index of each."""

    new: dict[Identity, Incoming] = field(default_factory=dict)
    signed: dict[Identity, Incoming] = field(default_factory=dict)
    repeated: set[Identity] = field(default_factory=set)  # counter-signed before, by the same party
    indices: dict[Identity, int] = field(default_factory=dict)

    @property
    def added(self) -> list[Incoming]:
        """Return the events that get an entry in the ledger, in the order of these."""
        return [*self.new.values(), *self.signed.values()]

    def in_order(self, events: Sequence[Incoming]) -> list[Placed]:
        """Return the accepted events as they stood in the capture."""
        counter = self.repeated | self.signed.keys()
        return [
            Placed(event.written_id, self.indices[identity], identity not in self.new, identity in counter)
            for event in events
            if (identity := event.identity) in self.indices
        ]

    def repeat(self, event: Incoming, known: Known, signer_id: str) -> None:
        """Take note of an event that stands in the ledger: its own signer's again, or signed by another party.

        What a party signed with a key that is reported as compromised it signs anew: a signature of its own, besides.
        """
        if signer_id in known.counter:
            self.indices[event.identity] = known.counter[signer_id]
            self.repeated.add(event.identity)
        elif known.signer_id == signer_id and not known.disputed:
            self.indices[event.identity] = known.place
        else:
            self.signed[event.identity] = event


def incoming(
    raw: Mapping[str, Any], position: int, context: Any, credential: Callable[[CustodyEvent], str | None], path: str
) -> Incoming:
    """Read one validated event, which stands at ``path``. A missing eventID becomes its CBV event hash."""
    whole = in_context(raw, context)
    (event,) = read_events(whole)
    written, content = identified(whole)
    return Incoming(position, path, normalise(written), written, event, whole, content, credential(event))


def place(
    tx: Transaction, events: Sequence[Incoming], signer_id: str, stored: Mapping[Identity, Known]
) -> tuple[Placements, list[Problem]]:
    """Find which events of a capture are new, repeated, counter-signed, or in conflict with a known one of their id."""
    placements, conflicts = Placements(), []
    here: dict[Identity, Known] = {}
    for event in events:
        why = _contradiction(tx, event, ChainMap(here, cast("dict[Identity, Known]", stored)), signer_id)
        if why is not None:
            conflicts.append(_conflict(event, why))
        elif event.identity in stored:
            placements.repeat(event, stored[event.identity], signer_id)
        elif event.identity not in here:
            placements.new[event.identity] = event
            here[event.identity] = Known(-1, event.content, signer_id, event.raw)
    return placements, conflicts


def find_known(tx: Transaction, ids: Iterable[str]) -> dict[Identity, Known]:
    """Return what is stored of the events with these normalised ids."""
    rows = [row for some in chunks(ids) for row in tx.connection.execute(_FIND, {"ids": some})]
    if not rows:
        return {}
    keys = compromised(tx.session)
    counter: dict[int, dict[str, int]] = {}
    for some in chunks(row[2] for row in rows):
        for place_, signer_id, entry, key_id in tx.connection.execute(_FIND_COUNTER, {"places": some}):
            if not keys.disputes(key_id, entry):
                counter.setdefault(place_, {})[signer_id] = entry
    return {
        (row[0], bool(row[1])): Known(
            *row[2:5], counter=counter.get(row[2], {}), disputed=keys.disputes(row[5], row[2])
        )
        for row in rows
    }


def _contradiction(tx: Transaction, event: Incoming, known: Mapping[Identity, Known], signer_id: str) -> str | None:
    """Return why an event cannot stand beside the known ones of its id; None where it can.

    The rule between an event and its declaration holds in either order: one that came first stands for its id too.
    """
    same, other = known.get(event.identity), known.get((event.event_id, not event.declares_error))
    if same is not None and event.declares_error and same.signer_id != signer_id:
        return "only the original signer may declare it wrong"
    if same is not None and (same.content != event.content or _declares_otherwise(tx, event, same)):
        return "its id stands for other content"
    if same is not None or other is None:
        return None
    if other.content != event.content:
        return "an errorDeclaration has to repeat the event unchanged"
    if other.signer_id != signer_id:
        return "only the original signer may declare it wrong"
    return None


def _declares_otherwise(tx: Transaction, event: Incoming, same: Known) -> bool:
    if not event.declares_error:
        return False
    earlier = same.raw
    if earlier is None:
        body = tx.connection.execute(sa.select(_EVENT.c.body).where(_EVENT.c.index == same.place)).scalar_one()
        earlier = strict_json.stored(body)
    return declaration_digest(earlier) != declaration_digest(event.raw)


def _conflict(event: Incoming, why: str) -> Problem:
    return Problem(f"{event.path}.eventID", f"{event.written_id}: {why}; use a new eventID")
