"""Ending a key: revoked from an entry on, and disputed from an earlier one where others may have used it (ledger.md 6).

Every end is an entry and a row that stays. A key that a disputed one was rotated to falls with it.
"""

import secrets
from collections.abc import Iterable

from sqlmodel import Session, col, select

from traceability.errors import Conflict, InvalidInput, NotFound
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.history import KeyAdded, KeyFact, KeyHistory, KeyRevoked
from traceability.ledger.revocation import revocation_record
from traceability.services import key_aftermath
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage.store import Transaction
from traceability.storage.tables import KeyRevocation, LedgerEntry, PartyKey

_MIN_REASON = 10
_SALT = 16


def revoke(service: Service, actor: Actor, kid: str, reason: str, compromised_since: int | None = None) -> PartyKey:
    """End a key. With ``compromised_since`` (a ledger index) its later entries are disputed and re-assessed.

    A key that still waits is withdrawn: it becomes refused, and as it never entered the ledger, neither does its end.
    Of a key that is revoked already, only an earlier ``compromised_since`` can be told: it moves the border back.

    Raises:
        NotFound: it is no waiting or active key of the actor's own party (an admin may end any).
        InvalidInput: the reason is too short, or the index lies ahead of the log.
        Conflict: it is revoked already, and nothing new is told.

    """
    if actor.role == "admin":
        actor.require_scope("write")
    else:
        actor.require("keys", scope="write")
    if len(reason.strip()) < _MIN_REASON:
        raise InvalidInput(f"a revocation needs a reason of at least {_MIN_REASON} characters")

    def change(tx: Transaction) -> PartyKey:
        _ = tx.now  # locks the head: nothing is signed between reading the key and its end
        key = tx.session.exec(select(PartyKey).where(PartyKey.kid == kid)).one_or_none()
        if key is None or (actor.role != "admin" and key.party_id != actor.party_id):
            raise NotFound(f"there is no key {kid} that you may revoke")
        if key.added_index is None:
            return _withdraw(tx, actor, key, reason, compromised_since)
        _require_news(key, compromised_since)
        end(service, tx, key, actor.person, reason, compromised_since)
        return key

    return service.store.write(change)


def _require_news(key: PartyKey, compromised_since: int | None) -> None:
    if key.state != "revoked":
        return
    if compromised_since is None:
        raise Conflict(f"the key {key.kid} is revoked already")
    if key.compromised_since is not None and compromised_since >= key.compromised_since:
        raise Conflict(
            f"the key {key.kid} is disputed from entry {key.compromised_since} on already; expected an earlier entry; "
            f"got {compromised_since}"
        )


def _withdraw(tx: Transaction, actor: Actor, key: PartyKey, reason: str, compromised_since: int | None) -> PartyKey:
    if key.state != "waiting":
        raise NotFound(f"there is no key {key.kid} that you may revoke")
    if compromised_since is not None:
        raise InvalidInput("a key that still waits has signed nothing: leave compromised_since out")
    key.state, key.reason, key.decided_by = "refused", reason, actor.person
    tx.session.add(key)
    return key


def end(  # whose key, by whom and why
    service: Service, tx: Transaction, key: PartyKey, by: str, reason: str, compromised_since: int | None = None,
    ref: tuple[int, ...] = (),
) -> int:  # fmt: skip
    """Write the end of a key that entered the ledger and return its entry's index.

    Raises:
        InvalidInput: the compromise begins ahead of the log.

    """
    salt = secrets.token_bytes(_SALT)
    body = revocation_record(key.kid, key.thumbprint, compromised_since, reason, salt, milliseconds(tx.now))
    entry = Entry(
        kind="key-revoke", body=digest(body), alg=key.alg, key=key.thumbprint, who=service.who(key.party_id),
        at=milliseconds(tx.now), ref=(key.added_index or 0, *ref),
    )  # fmt: skip
    index = tx.log.append(entry)
    if compromised_since is not None and not 0 <= compromised_since <= index:
        raise InvalidInput(f"compromised_since is a ledger index from 0 to {index}; got {compromised_since}")
    row = KeyRevocation(
        entry_index=index, key_id=key.id, compromised_since=compromised_since, body=body, salt=salt, reason=reason,
        revoked_by=by, revoked_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    key.state, key.reason = "revoked", reason
    key.revoked_index = index if key.revoked_index is None else key.revoked_index
    key.compromised_since = _earliest(key.compromised_since, compromised_since)
    tx.session.add(key)
    tx.session.flush()
    if compromised_since is not None:
        key_aftermath.reassess(tx, key, index)
        _end_successors(service, tx, key, by)
    return index


def _end_successors(service: Service, tx: Transaction, key: PartyKey, by: str) -> None:
    """End what the key was rotated to since: whoever held it could rotate it, and its word was the only one asked."""
    since = key.compromised_since
    siblings = tx.session.exec(select(PartyKey).where(PartyKey.party_id == key.party_id)).all()
    for heir in siblings:
        rotated = heir.proof.get("old_kid") == key.kid and heir.added_index is not None
        if not rotated or since is None or heir.added_index is None or heir.added_index < since:
            continue
        if heir.compromised_since is None or heir.compromised_since > heir.added_index:
            reason = f"rotated from {key.kid}, which is reported as compromised since entry {since}"
            end(service, tx, heir, by, reason, heir.added_index)


def _earliest(known: int | None, told: int | None) -> int | None:
    """Return the earlier index: later knowledge never makes a compromise begin later."""
    return min((index for index in (known, told) if index is not None), default=None)


def revocations(session: Session, keys: Iterable[str], size: int | None = None) -> list[KeyRevocation]:
    """Return the ends of these keys (by id) in the order of the log, those before an entry of index ``size``."""
    query = select(KeyRevocation).where(col(KeyRevocation.key_id).in_(list(keys)))
    if size is not None:
        query = query.where(col(KeyRevocation.entry_index) < size)
    return list(session.exec(query.order_by(col(KeyRevocation.entry_index))))


def history_at(session: Session, key: PartyKey, size: int) -> KeyHistory:
    """Return the life of a key as it was known when the log had ``size`` entries."""
    facts: list[KeyFact] = [] if key.added_index is None else [KeyAdded(key.added_index, key.thumbprint)]
    facts += [
        KeyRevoked(row.entry_index, key.thumbprint, row.compromised_since)
        for row in revocations(session, [key.id], size)
    ]
    rotated = key.revoked_index is not None and key.revoked_index < size and len(facts) == 1
    if rotated and _kind(session, key.revoked_index or 0) == "key-rotate":
        facts.append(KeyRevoked(key.revoked_index or 0, key.thumbprint))
    return KeyHistory.of(key.thumbprint, facts)


def _kind(session: Session, index: int) -> str:
    return session.get_one(LedgerEntry, index).kind


def newest_end(session: Session, key: PartyKey) -> int | None:
    """Return the index of the newest entry that ends a key, or moves its border; None while it is active."""
    rows = revocations(session, [key.id])
    return rows[-1].entry_index if rows else key.revoked_index
