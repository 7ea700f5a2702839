"""Who had which batch, worked out again from the events (see `services.holdings`).

Parties and prefixes are registered as time goes by, so what is stored may rest on what was known then: a holding holds
when it follows from the events with the prefixes agreed on today, or without them, and with every filling of its bags.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import col, select

from traceability.services.fsck.audit import TABLES, Audit, batched
from traceability.services.fsck.pages import UNREADABLE, passes
from traceability.services.holdings import Evidence, Had, PartyIndex, evidence_of, holders, party_index
from traceability.storage.jobs import jobs_named
from traceability.storage.tables import Handover, Holding, Item

_BATCH = 200
_DERIVING = ("touched", "places_changed")


@dataclass(slots=True)
class _Stored:
    """What is stored of one batch: since which event, and whether as its maker, a party had it; who gave it to whom."""

    since: dict[str, tuple[int, bool]] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)


def check_holdings(audit: Audit) -> None:
    """Check the holdings of every batch."""
    parties = party_index(audit.session)
    is_final = not jobs_named(audit.session, _DERIVING)
    rows = audit.rows("item", where=TABLES["item"].c.is_batch.is_(True), size=_BATCH, again=True)
    for batch in batched(rows, _BATCH):
        ids = [row.id for row in batch]
        stored = _stored(audit, ids)
        for one in _evidence(audit, ids):
            _check_item(audit, one, stored.get(one.item.id or 0, _Stored()), parties, is_final=is_final)
        audit.session.expunge_all()
    _check_strays(audit)


def _stored(audit: Audit, ids: Sequence[int]) -> dict[int, _Stored]:
    found: dict[int, _Stored] = {}
    held = select(Holding.item_id, Holding.party_id, Holding.event_index, Holding.made)
    for item, party, index, made in audit.session.exec(held.where(col(Holding.item_id).in_(ids))):
        found.setdefault(item, _Stored()).since[party] = (index, made)
    given = select(Handover.item_id, Handover.giver_id, Handover.receiver_id)
    for item, giver, receiver in audit.session.exec(given.where(col(Handover.item_id).in_(ids))):
        found.setdefault(item, _Stored()).given.add((giver, receiver))
    return found


def _evidence(audit: Audit, ids: Sequence[int]) -> Iterator[Evidence]:
    """Yield what is said of each batch; where it cannot be read, of each by itself, and those that cannot are told."""
    items = audit.session.exec(select(Item).where(col(Item.id).in_(ids)).order_by(col(Item.id))).all()
    try:
        yield from evidence_of(audit.session, items)
    except UNREADABLE as error:
        if passes(error):
            raise
        for item in items:
            yield from _alone(audit, item)


def _alone(audit: Audit, item: Item) -> Iterator[Evidence]:
    try:
        yield from evidence_of(audit.session, [item])
    except UNREADABLE as error:
        if passes(error):
            raise
        _cannot_be_read(audit, item, error)


def _cannot_be_read(audit: Audit, item: Item, error: Exception) -> None:
    audit.problem("holding", None, f"{item.key}: an event about it cannot be read: {error}"[:300])


def _check_item(audit: Audit, one: Evidence, stored: _Stored, parties: PartyIndex, *, is_final: bool) -> None:
    try:
        now = holders(one, parties)
        if stored == _Stored({party: (at, party == now.maker) for party, at in now.since.items()}, now.given):
            return
        once = [holders(one, parties, prefixes=prefixes, ever=True) for prefixes in (True, False)]
    except UNREADABLE as error:
        _cannot_be_read(audit, one.item, error)
        return
    _check_since(audit, one.item, stored, now, once, is_final=is_final)
    _check_given(audit, one.item, stored.given, now, once, is_final=is_final)


def _check_since(audit: Audit, item: Item, found: _Stored, now: Had, once: Sequence[Had], *, is_final: bool) -> None:
    stored = found.since
    ever = {party_id for had in once for party_id in had.since}
    makers = {had.maker for had in (now, *once)}
    for party_id in sorted(stored.keys() - ever):
        audit.problem("holding", stored[party_id][0], f"{item.key}: nothing shows that party {party_id} had it")
    for party_id in sorted(now.since.keys() - stored.keys()) if is_final else ():
        audit.problem("holding", now.since[party_id], f"{item.key}: party {party_id} had it, and no holding says so")
    for party_id in sorted(stored.keys() & ever):
        index, made = stored[party_id]
        if index != now.since.get(party_id) and not any(had.is_shown_at(party_id, index) for had in once):
            audit.problem("holding", index, f"{item.key}: the event does not show that party {party_id} had it")
        if made != (party_id in makers) and (made or makers == {party_id}):
            audit.problem("holding", index, f"made: {item.key}: party {party_id} was {'not ' * made}the one to make it")


def _check_given(
    audit: Audit, item: Item, stored: set[tuple[str, str]], now: Had, once: Sequence[Had], *, is_final: bool
) -> None:
    ever = {pair for had in once for pair in had.given}
    for giver, receiver in sorted(stored - ever):
        audit.problem("handover", None, f"{item.key}: nothing shows that {giver} gave of it to {receiver}")
    for giver, receiver in sorted(now.given - stored) if is_final else ():
        audit.problem("handover", None, f"{item.key}: {giver} gave of it to {receiver}, and no row says so")


def _check_strays(audit: Audit) -> None:
    """Check that no holding or hand-over is of something that is no batch, or no item at all."""
    batches = sa.select(TABLES["item"].c.id).where(TABLES["item"].c.is_batch.is_(True))
    for name in ("holding", "handover"):
        stray = {row.item_id for row in audit.rows(name, where=TABLES[name].c.item_id.not_in(batches), again=True)}
        for item_id in sorted(stray):
            audit.problem(name, None, f"item_id: item {item_id} is no batch")
        for _ in audit.rows(name):  # one that cannot be read is told of
            pass
