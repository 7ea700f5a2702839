"""Who had which batch, worked out again from the events (see `services.holdings`).

Parties and prefixes are registered as time goes by, so what is stored may rest on what was known then: a holding holds
when it follows from the events with the prefixes agreed on today, or without them, and with every filling of its bags.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import select

from traceability.services.fsck.audit import TABLES, Audit
from traceability.services.fsck.pages import UNREADABLE
from traceability.services.holdings import Had, PartyIndex, evidence_about, holders, party_index
from traceability.storage.jobs import jobs_named
from traceability.storage.tables import Handover, Holding, Item

_DERIVING = ("touched", "places_changed")


def check_holdings(audit: Audit) -> None:
    """Check the holdings of every batch."""
    parties = party_index(audit.session)
    waiting = bool(jobs_named(audit.session, _DERIVING))
    batches = audit.rows("item", where=TABLES["item"].c.is_batch.is_(True), size=100, again=True)
    for item in batches:
        try:
            _check_item(audit, audit.session.get_one(Item, item.id), parties, is_final=not waiting)
        except UNREADABLE as error:
            audit.problem("holding", None, f"{item.key}: an event about it cannot be read: {error}"[:300])
        audit.session.expunge_all()
    _check_strays(audit)


def _check_item(audit: Audit, item: Item, parties: PartyIndex, *, is_final: bool) -> None:
    evidence = evidence_about(audit.session, item)
    now = holders(evidence, parties)
    once = [holders(evidence, parties, prefixes=prefixes, ever=True) for prefixes in (True, False)]
    _check_since(audit, item, now, once, is_final=is_final)
    _check_given(audit, item, now, once, is_final=is_final)


def _check_since(audit: Audit, item: Item, now: Had, once: Sequence[Had], *, is_final: bool) -> None:
    query = select(Holding.party_id, Holding.event_index, Holding.made).where(Holding.item_id == item.id)
    stored = {party_id: (index, made) for party_id, index, made in audit.session.exec(query)}
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


def _check_given(audit: Audit, item: Item, now: Had, once: Sequence[Had], *, is_final: bool) -> None:
    query = select(Handover.giver_id, Handover.receiver_id).where(Handover.item_id == item.id)
    stored = set(audit.session.exec(query))
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
