"""A party leaves: its entries stay and are read as before; its keys, accounts and API keys end with the departure.

Its keys are revoked from that entry on, so what they signed before holds. It gets no new ones; a party that comes back
applies anew.
"""

from collections.abc import Sequence
from typing import Final

from sqlmodel import col, select

from traceability.errors import NotFound
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.services import revocation, users
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.presence import require_here
from traceability.services.request_forms import check_reason
from traceability.services.whole import departure_bytes
from traceability.storage.store import Transaction
from traceability.storage.tables import ApiKey, KeyApplication, Party, PartyDeparture, PartyKey, User

_MOST_REASON: Final = 2000


def leave(service: Service, admin: Actor, party_id: str, reason: str) -> PartyDeparture:
    """Record that a party left, and end its keys, what it applied for, its accounts and its API keys.

    Raises:
        InvalidInput: the reason is too short.
        NotFound: there is no such active party.
        Conflict: it has left already.

    """
    admin.require("confirm_identity", scope="write")
    said = check_reason(reason, "reason", _MOST_REASON)

    def change(tx: Transaction) -> PartyDeparture:
        _ = tx.now  # locks the head: nothing of it is signed between its end and the end of its keys
        party = tx.session.get(Party, party_id)
        if party is None or party.state != "active":
            raise NotFound(f"there is no active party {party_id[:60]}")
        require_here(tx, party_id)
        row = PartyDeparture(
            party_id=party_id, reason=said, left_by=admin.person, left_at=tx.now, entry_index=0
        )  # fmt: skip
        refs = () if party.entry_index is None else (party.entry_index,)
        body = digest(departure_bytes(row, service.who))
        entry = Entry(kind="decision", body=body, who=service.who(party_id), at=milliseconds(tx.now), ref=refs)
        row.entry_index = tx.log.append(entry)
        tx.session.add(row)
        _end_keys(service, tx, admin, row)
        _end_accounts(service, tx, party_id)
        return row

    return service.store.write(change)


def _end_keys(service: Service, tx: Transaction, admin: Actor, row: PartyDeparture) -> None:
    told = f"its party left: {row.reason}"[:_MOST_REASON]
    for key in tx.session.exec(select(PartyKey).where(PartyKey.party_id == row.party_id)).all():
        if key.state == "active":
            revocation.end(service, tx, key, admin.person, told)
        elif key.state == "waiting":
            key.state, key.reason, key.decided_by = "refused", told, admin.person
            tx.session.add(key)
    waiting = select(KeyApplication).where(KeyApplication.party_id == row.party_id, KeyApplication.state == "waiting")
    for asked in tx.session.exec(waiting):
        asked.state, asked.decided_by, asked.decided_at, asked.decided_reason = "refused", admin.person, tx.now, told
        tx.session.add(asked)
    tx.after_commit(service.known_keys.clear)


def _end_accounts(service: Service, tx: Transaction, party_id: str) -> None:
    for user in tx.session.exec(select(User).where(User.party_id == party_id, col(User.disabled_at).is_(None))).all():
        users.close(service, tx, user)
    for key in tx.session.exec(select(ApiKey).where(ApiKey.party_id == party_id, col(ApiKey.revoked_at).is_(None))):
        key.revoked_at = tx.now
        tx.session.add(key)
    tx.after_commit(service.known_api_keys.clear)


def departure(service: Service, party_id: str) -> PartyDeparture | None:
    """Return that a party left, where it has."""
    with service.store.read() as session:
        return session.get(PartyDeparture, party_id)


def departed(service: Service, actor: Actor) -> Sequence[tuple[PartyDeparture, Party]]:
    """Return the parties that left, the last first, for admins."""
    actor.require("administer", scope="read")
    query = select(PartyDeparture, Party).join(Party, col(Party.id) == col(PartyDeparture.party_id))
    with service.store.read() as session:
        return session.exec(query.order_by(col(PartyDeparture.left_at).desc())).all()
