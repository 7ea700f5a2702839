"""Captures against their entries, and read again: which events they hold, in which order, under which id."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from traceability.errors import Problem, TraceabilityError
from traceability.events.capture_rules import event_path
from traceability.events.reading import event_list
from traceability.ledger.encoding import from_b64u
from traceability.services.capture import position_of
from traceability.services.fsck.audit import TABLES, Audit, Said, batched, moment_of
from traceability.services.fsck.pages import UNREADABLE
from traceability.services.fsck.placed import place_of, stored_of
from traceability.services.fsck.records import media_type_fits, read_signed, signed_fields
from traceability.services.placement import Identity, Incoming, incoming

_BATCH = 8  # bodies of up to 5 MB
_EVENT: Any = TABLES["event"]
_COUNTER: Any = TABLES["counter_signature"]
_CONFLICT = "; use a new eventID"
_BEHAVIOURS = ("rollback", "proceed")


@dataclass(frozen=True, slots=True)
class Reread:
    """A capture read again."""

    row: Any
    new: Sequence[tuple[Incoming, Any]]
    """Events that came with this capture, with their stored rows."""
    signed: Sequence[tuple[Incoming, Any]]
    """Recorded events that this capture signs besides, with the rows of these counter-signatures."""
    outlines: Sequence[Any] = ()
    """Rows of its events where the bytes were erased."""


def check_captures(audit: Audit, then: Callable[[Audit, Reread], None] | None, *, where: Any = None) -> None:
    """Check every capture, or some; with ``then`` also its signature and events, each being handed on as read."""
    for batch in batched(audit.rows("capture", size=_BATCH, where=where), _BATCH):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            _check_capture(audit, row, entries.get(row.entry_index))
            found = None if then is None else _outlines(audit, row) or _read_again(audit, row)
            if then is not None and found is not None:
                then(audit, found)


def _check_capture(audit: Audit, row: Any, entry: Said | None) -> None:
    index = row.entry_index
    sha256 = hashlib.sha256(row.body).hexdigest()
    if not row.body and row.erased_index is not None:
        sha256 = _erased(audit, row, entry) or sha256
    expected = {"sha256": sha256, "success": not row.errors}
    audit.same("capture", index, expected, row)
    media_type_fits(audit, "capture", index, row)
    if row.error_behaviour not in _BEHAVIOURS:
        audit.problem("capture", index, f"error_behaviour: {row.error_behaviour!r} is none of {_BEHAVIOURS}")
    if index is None:
        if row.new_events:
            audit.problem(
                "capture", None, f"capture {row.id}: entry_index is absent, and {row.new_events} events are new"
            )
        return
    said = {
        **signed_fields(row.body, row.jws), **audit.key_fields(row.key_id), "kind": "capture",
        "who": audit.who(row.party_id), "at": moment_of(row.received_at), "ref": (),
    }  # fmt: skip
    audit.stands_for("capture", index, entry, said)


def _erased(audit: Audit, row: Any, entry: Said | None) -> str | None:
    """Return the hash of bytes that are excused to be gone: what its entry says, or the row where it has none."""
    if row.entry_index is None:
        return str(row.sha256) if audit.is_repetition_gone(row) else None
    gone = entry is not None and audit.is_excused(row.entry_index)
    return from_b64u(entry.body).hex() if gone and entry is not None else None


def _read_again(audit: Audit, row: Any) -> Reread | None:
    """Read the signed bytes again and compare what the row says of them; None where they cannot be read."""
    key = audit.keys.get(row.key_id or "")
    data = read_signed(audit, "capture", row.entry_index, row.body, row.jws, key)
    if data is None or key is None:
        return None
    audit.same("capture", row.entry_index, {"party_id": key.party_id}, row)
    try:
        return _compare(audit, row, data)
    except (TraceabilityError, *UNREADABLE) as error:
        audit.problem("capture", row.entry_index, f"the signed bytes cannot be read as events again: {error!r}"[:300])
        return None


def _outlines(audit: Audit, row: Any) -> Reread | None:
    """Return an erased capture with what is left of its events: items, kilograms and edges still follow from it."""
    if row.erased_index is None or row.body:
        return None
    if not audit.is_excused(row.entry_index) and not audit.is_repetition_gone(row):
        return None
    return Reread(row, [], [], tuple(audit.rows("event", where=_EVENT.c.capture_id == row.id, again=True)))


def _compare(audit: Audit, row: Any, data: Any) -> Reread:
    context = data.get("@context")
    invalid, conflicts = _refused(row.errors)
    raw = ((n, event, event_path(data, n)) for n, event in enumerate(event_list(data)) if n not in invalid)
    good = [incoming(event, n, context, lambda _: None, path) for n, event, path in raw]
    accepted = [event for event in good if event.position not in conflicts]
    stored = stored_of(audit, accepted, row)
    new = _came(accepted, stored.events, row.id, unknown=True)
    signed = _came(accepted, stored.counter, row.id, unknown=False)
    _check_places(audit, row, [*new, *signed])
    _check_others(audit, row.id, new, stored.events, "event")
    _check_others(audit, row.id, signed, stored.counter, "counter_signature")
    told = [said.get("index") for said in row.events]
    told += [None] * (len(accepted) - len(told))
    placed = [stored.placed(event, row, place) for event, place in zip(accepted, told, strict=False)]
    if not any("counter_signature" in said for said in row.events):  # recorded before there were any
        placed = [{name: said[name] for name in said if name != "counter_signature"} for said in placed]
    expected = {"event_count": len(good), "new_events": len(new), "events": placed}
    audit.same("capture", row.entry_index, expected, row)
    return Reread(row, [pair for pair in new if pair[1] is not None], signed)


def _refused(errors: Sequence[Mapping[str, str]]) -> tuple[set[int], set[int]]:
    """Return the positions of events that were not valid, and of those in conflict with a recorded one."""
    found: tuple[set[int], set[int]] = (set(), set())
    for error in errors:
        position = position_of(Problem(str(error["path"]), ""))
        if position is not None:
            found[str(error["message"]).endswith(_CONFLICT)].add(position)
    return found


_Rows = Mapping[Identity, Any]
_Pair = tuple[Incoming, Any]


def _came(events: Sequence[Incoming], rows: _Rows, capture_id: str, *, unknown: bool) -> list[_Pair]:
    """Return the events that came with this capture, of one identity the first, each with its row.

    ``unknown``: one of which there is no row came with it too, and its row is missing.
    """
    found: dict[Identity, _Pair] = {}
    for event in events:
        known = rows.get(event.identity)
        if event.identity not in found and (unknown if known is None else known.capture_id == capture_id):
            found[event.identity] = (event, known)
    return list(found.values())


def _check_places(audit: Audit, row: Any, entered: Sequence[_Pair]) -> None:
    """Check that what came with a capture follows its entry: first the new events in order, then the signatures."""
    first = -1 if row.entry_index is None else row.entry_index
    for place, (event, known) in enumerate(entered, start=first + 1):
        index = place if known is None else place_of(known)
        if known is None:
            audit.problem("event", place, f"the event {event.written_id} of its capture is missing")
        elif index != place:
            audit.problem("event", min(place, index), f"index: expected {place} for {event.written_id}")


def _check_others(audit: Audit, capture_id: str, came: Sequence[_Pair], rows: _Rows, table: str) -> None:
    """Check that no other row claims to have come with the capture."""
    identities = {event.identity for event, _ in came}
    for identity, known in rows.items():
        if known.capture_id == capture_id and identity not in identities:
            audit.problem(table, place_of(known), "capture_id: it is none of its capture")


def check_counter_signatures(audit: Audit) -> None:
    """Check each counter-signature against its entry, which names the event it is of."""
    for batch in batched(audit.rows("counter_signature", ("entry_index",), size=1000), 1000):
        entries = audit.entries(row.entry_index for row in batch)
        for row in batch:
            said = {
                "kind": "event", "n": row.position, **audit.key_fields(row.key_id), "who": audit.who(row.signer_id),
                "ref": (row.event_index,),
            }  # fmt: skip
            audit.stands_for("counter_signature", row.entry_index, entries.get(row.entry_index), said)


def strays(audit: Audit) -> None:
    """Say which events and counter-signatures name a capture that is not stored."""
    known = sa.select(TABLES["capture"].c.id)
    for table, index in (("event", _EVENT.c.index), ("counter_signature", _COUNTER.c.entry_index)):
        query = sa.select(index).where(TABLES[table].c.capture_id.not_in(known)).order_by(index)
        for (place,) in audit.session.connection().execute(query.limit(100)):
            audit.problem(table, place, "capture_id: there is no such capture")
