"""Who was given an evidence pack: its entry names the party, and the access log the reads under a mandate."""

from sqlmodel import Session, col, select

from traceability.ledger.entry import Entry
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.mandates import PACK_READ, UNDER_MANDATE
from traceability.storage.tables import AccessLog, LedgerEntry


def was_given(service: Service, session: Session, actor: Actor, row: LedgerEntry) -> bool:
    """Return whether the pack that an entry of kind evidence-pack stands for was given to the actor.

    To a party: whoever of it may read chains. To a regulator or auditor: the person, as long as the access log keeps
    the read; the entry does not name them.
    """
    entry = Entry.parse(bytes(row.body))
    if actor.role in UNDER_MANDATE:
        return _was_read(session, actor, entry.body)
    return actor.may("chain") and actor.party_id is not None and entry.who == service.who(actor.party_id)


def _was_read(session: Session, actor: Actor, sha256: str) -> bool:
    read = select(AccessLog.id).where(
        AccessLog.action == PACK_READ,
        AccessLog.actor == actor.person,
        AccessLog.role == actor.role,
        col(AccessLog.detail)["sha256"].as_string() == sha256,
    )
    return session.exec(read.limit(1)).first() is not None
