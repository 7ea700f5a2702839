"""Public keys of parties: registered with proof of possession, rotated by both keys. ``revocation`` ends them.

What a signature is worth is judged by ledger indices (ledger.md 6): the key's entries and the signed entry's place.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound
from traceability.events.formats import is_uri
from traceability.ledger.algorithms import may_come_in, warning
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.history import KeyAdded, KeyHistory, KeyRevoked
from traceability.ledger.keys import PublicKey
from traceability.ledger.possession import check_possession, check_rotation
from traceability.services import key_approvals
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.party_identifiers import check_did
from traceability.services.presence import require_here
from traceability.storage.store import Transaction
from traceability.storage.tables import Party, PartyKey

_NONCE_LIFE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ProofOfPossession:
    """The challenge as signed by the new key itself: its bytes, the detached JWS, and the nonce it was made for."""

    body: bytes
    jws: str
    nonce: str


def make_nonce(service: Service, did: str) -> str:
    """Return a nonce to be signed by a new key of ``did``; it can be used for 30 minutes.

    Raises:
        InvalidInput: it is no DID.

    """
    check_did(did)
    until = int((service.clock() + _NONCE_LIFE).timestamp())
    mac = _mac(service, did, until)
    return f"{until}.{mac}"


def _check_nonce(service: Service, did: str, nonce: str) -> None:
    until, _, mac = nonce.partition(".")
    if not nonce.isascii() or not until.isdigit() or not hmac.compare_digest(mac, _mac(service, did, int(until[:12]))):
        raise InvalidInput("the nonce is not one this service gave for this DID; ask for one (POST /v1/challenges)")
    if int(until[:12]) < service.clock().timestamp():
        raise InvalidInput("the nonce has expired; ask for a new one (POST /v1/challenges)")


def _mac(service: Service, did: str, until: int) -> str:
    mac = hmac.new(service.salt, f"nonce:{did}:{until}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def check_proof(service: Service, did: str, proof: ProofOfPossession) -> tuple[str, PublicKey]:
    """Return the kid and key whose holder signed the challenge.

    Raises:
        InvalidInput: the challenge or its nonce cannot be used, or the kid is not one of this DID.
        Forbidden: another key signed it.

    """
    _check_nonce(service, did, proof.nonce)
    kid, key = check_possession(
        proof.body, proof.jws, party=did, nonce=proof.nonce, log_origin=service.settings.log_origin
    )
    _check_kid(kid, did)
    _check_algorithm(service, key)
    return kid, key


def _check_algorithm(service: Service, key: PublicKey) -> None:
    today = service.clock().date()
    if not may_come_in(key.alg, service.key_algorithms, today):
        raise InvalidInput(warning(key.alg, service.key_algorithms, today) or "")


def key_warning(service: Service, key: PartyKey) -> str | None:
    """Return what is to be said of an active key whose algorithm is going or gone; such a key still signs."""
    if key.state != "active":
        return None
    return warning(PublicKey.from_jwk(key.jwk).alg, service.key_algorithms, service.clock().date())


def _check_kid(kid: str, did: str) -> None:
    if not kid.startswith(f"{did}#") or kid == f"{did}#" or not is_uri(kid) or len(kid) > 500:  # noqa: PLR2004  # the column's length
        raise InvalidInput(f"a key id of {did} reads {did}#name; got {kid[:100]!r}")


def add_waiting(
    tx: Transaction, party_id: str, kid: str, key: PublicKey, proof: ProofOfPossession, applicant: str
) -> PartyKey:
    """Store a key that waits for an admin.

    Raises:
        Conflict: the key or its id is registered already, or the party has left.

    """
    require_here(tx, party_id)
    taken = (PartyKey.kid == kid) | (PartyKey.thumbprint == key.thumbprint)
    for row in tx.session.exec(select(PartyKey).where(taken)):
        if row.state != "refused":
            raise Conflict(f"the key {kid} is registered already; make a new one (`traceability keys new`)")
        tx.session.delete(row)  # it never entered the ledger; a refusal must not keep the rightful holder out
    tx.session.flush()
    row = PartyKey(
        id=new_id(), kid=kid, party_id=party_id, alg=key.alg, thumbprint=key.thumbprint, jwk=dict(key.jwk),
        proof={"body": base64.b64encode(proof.body).decode(), "jws": proof.jws}, state="waiting", applicant=applicant,
        applied_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return row


def register(service: Service, actor: Actor, proof: ProofOfPossession, reason: str | None = None) -> PartyKey:
    """Apply for a further key of the actor's own party, or a new one where the only key was lost."""
    actor.require("keys", scope="write")
    did = _own_did(service, actor)
    kid, key = check_proof(service, did, proof)

    def change(tx: Transaction) -> PartyKey:
        row = add_waiting(tx, actor.own_party(), kid, key, proof, actor.person)
        row.reason = reason
        return row

    return service.store.write(change)


def listed(service: Service, actor: Actor, state: str | None = None) -> Sequence[PartyKey]:
    """Return the keys of the actor's own party, or of every party for an admin; all or in one state."""
    actor.require_scope("read")
    query = select(PartyKey).order_by(col(PartyKey.applied_at), col(PartyKey.kid))
    if actor.role != "admin":
        query = query.where(PartyKey.party_id == actor.own_party())
    with service.store.read() as session:
        return session.exec(query if state is None else query.where(PartyKey.state == state)).all()


def decide(service: Service, admin: Actor, kid: str, state: str) -> PartyKey:
    """Make a waiting key of an active party active, or refuse it.

    The first key of a party goes with the decision on the party, whose entry names it.

    Raises:
        Forbidden: the admin is the applicant.
        NotFound: no such key waits.
        Conflict: its party waits itself, or has left.

    """
    admin.require("confirm_identity", scope="write")

    def change(tx: Transaction) -> PartyKey:
        _ = tx.now  # locks the head: of two decisions, or a decision and a withdrawal, the second finds the first
        key = tx.session.exec(select(PartyKey).where(PartyKey.kid == kid)).one_or_none()
        if key is None or key.state != "waiting":
            raise NotFound(f"no key {kid} waits for a decision")
        if key.applicant == admin.person:
            raise Forbidden("you applied for this yourself; another admin has to decide it")
        if tx.session.get_one(Party, key.party_id).state != "active":
            raise Conflict(
                f"the party of {kid} waits itself: approve or refuse the party, and its first key goes with it"
            )
        if state == "active":
            require_here(tx, key.party_id)
        decide_key(service, tx, key, admin, state)
        if state == "active":
            key_approvals.record(service, tx, key)
        return key

    return service.store.write(change)


def decide_key(service: Service, tx: Transaction, key: PartyKey, admin: Actor, state: str) -> None:
    """Carry out a decision on a waiting key; an active one gets its key-add entry."""
    key.state, key.decided_by = state, admin.person
    if state == "active":
        body, jws = base64.b64decode(key.proof["body"]), key.proof["jws"]
        key.added_index = tx.log.append(_entry(service, tx, "key-add", key, body, jws))
    tx.session.add(key)


def rotate(  # the two signatures and what they are over
    service: Service, actor: Actor, old_kid: str, body: bytes, old_jws: str, new_jws: str, nonce: str
) -> PartyKey:
    """Replace an active key by a new one, signed by both; no approval is needed, the old key vouches.

    Raises:
        NotFound: the old key is not an active key of the actor's own party.
        Forbidden: one of the two signatures does not hold.

    """
    actor.require("keys", scope="write")
    did = _own_did(service, actor)
    _check_nonce(service, did, nonce)
    with service.store.read() as session:
        found = session.exec(select(PartyKey).where(PartyKey.kid == old_kid)).one_or_none()
    _check_own(found, actor, old_kid)
    old = PublicKey.from_jwk(found.jwk)  # type: ignore[union-attr]  # _check_own has refused None
    kid, key = check_rotation(
        body, old_jws, new_jws, party=did, old=old, old_kid=old_kid, nonce=nonce, log_origin=service.settings.log_origin
    )
    _check_kid(kid, did)
    _check_algorithm(service, key)

    def change(tx: Transaction) -> PartyKey:
        _ = tx.now  # locks the head: the key does not end between being read and being followed
        replaced = tx.session.exec(select(PartyKey).where(PartyKey.kid == old_kid)).one_or_none()
        _check_own(replaced, actor, old_kid)
        row = add_waiting(tx, actor.own_party(), kid, key, ProofOfPossession(body, new_jws, nonce), actor.person)
        row.state, row.decided_by = "active", f"rotation of {old_kid}"
        row.proof = {**row.proof, "old_kid": old_kid, "old_jws": old_jws}
        row.added_index = tx.log.append(_entry(service, tx, "key-rotate", row, body, new_jws))
        replaced.state, replaced.revoked_index = "revoked", row.added_index  # type: ignore[union-attr]
        replaced.reason = f"rotated to {kid}"  # type: ignore[union-attr]
        tx.session.add_all([row, replaced])
        return row

    return service.store.write(change)


def key_history(key: PartyKey) -> KeyHistory:
    """Return the life of a key by ledger index."""
    facts: list[Any] = [] if key.added_index is None else [KeyAdded(key.added_index, key.thumbprint)]
    if key.revoked_index is not None:
        facts.append(KeyRevoked(key.revoked_index, key.thumbprint, key.compromised_since))
    return KeyHistory.of(key.thumbprint, facts)


def _entry(service: Service, tx: Transaction, kind: str, key: PartyKey, body: bytes, jws: str) -> Entry:
    """Return the entry that brings a key; ``jws`` is the key's own signature over ``body``, its proof of possession."""
    return Entry(
        kind=kind, body=digest(body), jws=digest(jws.encode()), alg=key.alg, key=key.thumbprint,
        who=service.who(key.party_id), at=milliseconds(tx.now),
    )  # fmt: skip


def _own_did(service: Service, actor: Actor) -> str:
    with service.store.read() as session:
        return session.get_one(Party, actor.own_party()).did


def _check_own(key: PartyKey | None, actor: Actor, kid: str) -> None:
    if key is None or key.party_id != actor.party_id or key.state != "active":
        raise NotFound(f"{kid} is not an active key of yours")
