"""The signed bytes of a pack: captures, with the events in them."""

from collections.abc import Mapping

import orjson
from sqlmodel import Session, col, select

from traceability.custody.model import Recorded
from traceability.ledger.pack import EVENTS
from traceability.services.evidence.proofs import Proofs
from traceability.services.signed import ENVELOPED
from traceability.services.visible import View
from traceability.storage.ids import id_set
from traceability.storage.tables import Capture, CounterSignature, Event


def add_captures(session: Session, view: View, proofs: Proofs, recorded: Mapping[int, Recorded]) -> dict[str, bytes]:
    """Return the captures of the events, and a line for each event; each signature is proved.

    A capture that holds what the reader may not see is represented by its hash; its events that the reader may see
    stand in their lines alone.
    """
    wanted = id_set(recorded, session.get_bind().dialect.name)
    events = session.exec(select(Event).where(col(Event.index).in_(wanted)).order_by(col(Event.index))).all()
    named = {event.index: event.event_id for event in events}
    before = col(CounterSignature.entry_index) < proofs.checkpoint.size
    besides = session.exec(select(CounterSignature).where(col(CounterSignature.event_index).in_(wanted), before)).all()
    proofs.read_ahead([*named, *(one.entry_index for one in besides)])
    held = _Captures(session, view, recorded)
    lines = []
    for event in events:
        name = held.prove(proofs, event.index, event.capture_id, f"event {event.event_id}")
        lines.append(_line(event, name))
    for one in besides:
        held.prove(proofs, one.entry_index, one.capture_id, f"counter-signature of event {named[one.event_index]}")
    return held.files | {EVENTS: b"".join(lines)}


def _line(event: Event, file: str | None) -> bytes:
    """Return an event's line of ``events.jsonl``, with the event as it is stored: its numbers digit for digit."""
    said = {
        "index": event.index, "event_id": event.event_id, "file": file, "position": event.position,
        "received_at": event.received_at.isoformat(), "event": orjson.Fragment(event.body),
    }  # fmt: skip
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS) + b"\n"


class _Captures:
    """The captures that go into a pack, each once."""

    def __init__(self, session: Session, view: View, recorded: Mapping[int, Recorded]) -> None:
        self.files: dict[str, bytes] = {}
        self._session, self._view, self._recorded = session, view, recorded
        self._names: dict[str, str | None] = {}
        self._captures: dict[str, Capture] = {}

    def prove(self, proofs: Proofs, index: int, capture_id: str, about: str) -> str | None:
        """Prove the signature at an index; return the name of its capture, None where the pack holds its hash alone."""
        if capture_id not in self._captures:
            self._take(self._session.get_one(Capture, capture_id))
        capture, name = self._captures[capture_id], self._names[capture_id]
        if capture.erased_index is not None:
            proofs.add_hash(index, about, jws=capture.jws, key_id=capture.key_id)
            return None
        body = bytes(capture.body) if name is None else self.files[name]
        proofs.add(index, about, body, file=name, jws=capture.jws, key_id=capture.key_id)
        return name

    def _take(self, capture: Capture) -> None:
        name = self._names[capture.id] = None if capture.erased_index is not None else self._name(capture)
        self._captures[capture.id] = capture
        if name is not None:
            self.files[name] = bytes(capture.body)
            self.files |= {f"signatures/{capture.sha256}.jws": capture.jws.encode()} if capture.jws else {}

    def _name(self, capture: Capture) -> str | None:
        view = self._view
        if not view.everything and capture.party_id != view.party_id:
            inside = set(self._session.exec(select(Event.index).where(Event.capture_id == capture.id)))
            signed = select(CounterSignature.event_index).where(CounterSignature.capture_id == capture.id)
            inside |= set(self._session.exec(signed))
            if not inside <= self._recorded.keys() or capture.event_count > len(inside):
                return None
        return f"captures/{capture.sha256}.{'jwt' if capture.media_type == ENVELOPED else 'json'}"
