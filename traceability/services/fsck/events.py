"""What is taken from custody events, taken again: the rows, the items they name with kilograms, and the edges."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from traceability.errors import TraceabilityError
from traceability.events.identifiers import normalise
from traceability.ledger import credential as vc
from traceability.ledger import jose
from traceability.ledger.keys import PublicKey
from traceability.services.event_rows import NewEvent, event_row, named_items, own_edges, parsed, shared_edges, summed
from traceability.services.fsck.audit import TABLES, Audit, moment_of
from traceability.services.fsck.captures import Reread
from traceability.services.fsck.records import signed_fields
from traceability.services.placement import Incoming
from traceability.storage.ids import chunks, id_set
from traceability.storage.types import Kilograms

_ITEM, _LINK, _EDGE = (TABLES[name] for name in ("item", "event_item", "batch_edge"))
_EVENT = TABLES["event"]
_Link = tuple[int, str]
_Named = tuple[str, bool, str, Decimal | None]  # as ``named_items`` gives it


def check_events(audit: Audit, capture: Reread) -> None:
    """Compare the events of a capture, as it holds them, with everything that is stored of them."""
    _check_entries(audit, capture)
    if capture.outlines:
        named = {row.index: list(named_items(parsed(row))) for row in capture.outlines}
        _check_links(audit, named, capture.row.party_id)
    if not capture.new:
        return
    for event, row in capture.new:
        said = replace(event, credential_by=_credential_by(audit, event, row))
        expected = event_row(NewEvent(said, row.index, capture.row._mapping))  # noqa: SLF001  # SQLAlchemy's name for it
        audit.same("event", row.index, expected, row)
    named = {row.index: list(named_items(event.event)) for event, row in capture.new}
    _check_links(audit, named, capture.row.party_id)


def _check_entries(audit: Audit, capture: Reread) -> None:
    """Check the entries of what came with a capture, which all say the same of its bytes and signature."""
    row = capture.row
    shared = {"kind": "event", "at": moment_of(row.received_at), **signed_fields(row.body, row.jws)}
    places = [("event", known.index, event) for event, known in capture.new]
    places += [("counter_signature", known.entry_index, event) for event, known in capture.signed]
    entries = audit.entries(index for _, index, _ in places)
    for table, index, event in places:
        said = {**shared, "eid": event.eid, "n": event.position}
        audit.stands_for(table, index, entries.get(index), said)


def _credential_by(audit: Audit, event: Incoming, row: Any) -> str | None:
    """Return what the row says where it can be: whose relayed signature it is, or nobody's if it did not count then."""
    token = event.event.crm("eventCredential")
    if row.credential_by is None or not isinstance(token, str):
        return None
    try:
        signed = jose.read_compact(token.encode())
        key = next(key for key in audit.keys.values() if key.kid == signed.kid)
        jose.verify(signed, PublicKey.from_jwk(key.jwk))
        issuer = vc.read_credential(signed.payload).issuer
    except (TraceabilityError, StopIteration):
        return None
    return issuer if issuer == audit.dids.get(key.party_id) else None


def _check_links(audit: Audit, named: Mapping[int, Sequence[_Named]], signer_id: str) -> None:
    said = {(uri, lot) for rows in named.values() for uri, lot, *_ in rows}
    items = _items(audit, {normalise(uri) for uri, _ in said})
    _note_spellings(audit, items, said)
    stored = _stored_links(audit, list(named))
    edges: set[tuple[int, int, int]] = set()
    processes: set[int] = set()
    for index, rows in named.items():
        known = [(items[key].id, role, kg) for uri, _, role, kg in rows if (key := normalise(uri)) in items]
        if len(known) != len(rows):
            audit.problem("item", index, "an item that the event names is missing")
        _compare_links(audit, index, summed(known, index), stored.get(index, {}))
        edges |= own_edges(known, index)
        processes |= {item for item, role, _ in known if role == "process"}
    if processes:
        edges |= shared_edges(audit.session.connection(), processes, signer_id, set(named))
    _compare_edges(audit, list(named), edges)


def _items(audit: Audit, keys: set[str]) -> dict[str, Any]:
    # Each list of keys is one page: a page more would send the whole list again.
    found = (audit.rows("item", size=len(some) + 1, where=_ITEM.c.key.in_(some), again=True) for some in chunks(keys))
    return {row.key: row for rows in found for row in rows}


def _note_spellings(audit: Audit, items: Mapping[str, Any], said: set[tuple[str, bool]]) -> None:
    """Note that an event names an item as the item's row does, as a batch or not; every item needs one that does."""
    for item in items.values():
        if (item.uri, item.is_batch) in said:
            audit.spelled.add(item.id)


def _stored_links(audit: Audit, indices: Sequence[int]) -> dict[int, dict[_Link, Decimal | None]]:
    found: dict[int, dict[_Link, Decimal | None]] = {}
    within = _LINK.c.event_index.in_(id_set(indices, audit.session.connection().dialect.name))
    for row in audit.rows("event_item", where=within):
        found.setdefault(row.event_index, {})[row.item_id, row.role] = row.kg
    return found


def _compare_links(
    audit: Audit, index: int, expected: Mapping[tuple[int, int, str], Decimal | None],
    stored: Mapping[_Link, Decimal | None],
) -> None:  # fmt: skip
    wanted = {(item, role): _as_stored(kg) for (item, _, role), kg in expected.items()}
    for link in sorted(wanted.keys() ^ stored.keys()):
        told = "is not stored" if link in wanted else "is not named by the event"
        audit.problem("event_item", index, f"item {link[0]} as {link[1]} {told}")
    for link in wanted.keys() & stored.keys():
        if wanted[link] != stored[link]:
            audit.problem(
                "event_item", index, f"kg of item {link[0]}: expected {wanted[link]}; stored is {stored[link]}"
            )


def _as_stored(kg: Decimal | None) -> Decimal | None:
    """Return kilograms as their column gives them back."""
    text = Kilograms().process_bind_param(kg, None)  # type: ignore[arg-type]  # it asks for no dialect
    return None if text is None else Decimal(text)


def _compare_edges(audit: Audit, indices: Sequence[int], expected: set[tuple[int, int, int]]) -> None:
    within = _EDGE.c.event_index.in_(id_set(indices, audit.session.connection().dialect.name))
    stored = {(row.child_id, row.parent_id, row.event_index) for row in audit.rows("batch_edge", where=within)}
    for child, parent, index in sorted(expected ^ stored):
        told = "is not stored" if (child, parent, index) in expected else "does not follow from the events"
        audit.problem("batch_edge", index, f"the edge from item {parent} to item {child} {told}")


def check_items(audit: Audit) -> None:
    """Check every item by itself, and that links and edges belong to events; after all captures were read again."""
    for row in audit.rows("item"):
        audit.same("item", None, {"key": normalise(row.uri)}, row)
        if row.id not in audit.spelled:
            kind = "batch" if row.is_batch else "object"
            audit.problem("item", None, f"item {row.id}: no event names it as the {kind} {row.uri[:100]!r}")
    for name in ("event_item", "batch_edge"):
        table = TABLES[name]
        query = sa.select(table.c.event_index).where(table.c.event_index.not_in(sa.select(_EVENT.c.index)))
        for (index,) in audit.session.connection().execute(query.limit(100)):
            audit.problem(name, index, "event_index: no event stands there")
