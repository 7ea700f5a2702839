"""A party that lost its only key is registered anew (ledger.md 6), without the old key vouching for the new one.

Anybody may apply, with proof of possession of the new key and a reason. Who applies learns nothing and changes nothing:
the answer is the same whether there is such a party or not, no name is taken by it, and any number may wait beside each
other. An admin who is not the applicant checks outside the system who is asking; only then does the old key end. What
came without an account may have been sent by an admin too, so to those two admins have to agree.
"""

import base64
from collections.abc import Sequence

from sqlmodel import col, select

from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound
from traceability.events.identifiers import normalise
from traceability.ledger.keys import PublicKey
from traceability.services import key_approvals, keys, revocation
from traceability.services.access import Actor
from traceability.services.context import Service, new_id
from traceability.services.parties import SELF_REGISTRATION, require_other
from traceability.services.presence import has_left
from traceability.storage.store import Transaction
from traceability.storage.tables import KeyApplication, Party, PartyKey

METHODS = ("in person", "video call", "telephone", "letter", "official register")
"""How an admin may have checked who is asking: on a way that the application itself did not give."""
_MIN_REASON, _LONGEST = 20, 2000


def apply(service: Service, applicant: str, did: str, proof: keys.ProofOfPossession, reason: str) -> str:
    """Record an application for a party whose only key is lost and return the new key's id.

    Nothing is recorded, and nothing told, where there is no such party.

    Raises:
        InvalidInput: the reason is too short, or the proof or its nonce cannot be used.
        Forbidden: another key signed the proof.

    """
    _require_words(reason, "an application after a lost key")
    kid, key = keys.check_proof(service, did, proof)
    signed = {"body": base64.b64encode(proof.body).decode(), "jws": proof.jws}

    def change(tx: Transaction) -> None:
        _ = tx.now  # locks the head: nothing is left waiting for a party that leaves at the same moment
        party = next((row for row in tx.session.exec(select(Party)) if normalise(row.did) == normalise(did)), None)
        if party is None or party.state != "active" or has_left(tx, party.id):
            return
        again = select(KeyApplication).where(
            KeyApplication.party_id == party.id, KeyApplication.thumbprint == key.thumbprint
        )
        for row in tx.session.exec(again.where(KeyApplication.state == "waiting")):
            tx.session.delete(row)  # the same key asks again: its later words count
        tx.session.add(
            KeyApplication(
                id=new_id(), party_id=party.id, kid=kid, alg=key.alg, thumbprint=key.thumbprint, jwk=dict(key.jwk),
                proof=signed, reason=reason.strip(), state="waiting", applicant=applicant, applied_at=tx.now,
            )
        )  # fmt: skip

    service.store.write(change)
    return kid


def listed(service: Service, actor: Actor, state: str | None = None) -> Sequence[KeyApplication]:
    """Return the applications made in the name of the actor's own party, or of every party for an admin."""
    actor.require_scope("read")
    query = select(KeyApplication).order_by(col(KeyApplication.applied_at), col(KeyApplication.id))
    if actor.role != "admin":
        query = query.where(KeyApplication.party_id == actor.own_party())
    with service.store.read() as session:
        return session.exec(query if state is None else query.where(KeyApplication.state == state)).all()


def approve(service: Service, admin: Actor, application_id: str, method: str, reason: str) -> PartyKey | KeyApplication:
    """Make the new key active and end the old one from here on; what the old one signed before stays good.

    An application that came without an account is returned still waiting where this admin is the first to agree.

    ``method`` says how the admin checked who is asking, ``reason`` what came of it; both stay on record.

    Raises:
        Forbidden: the admin is the applicant, or was the first to agree.
        NotFound: no such application waits.
        InvalidInput: no method of ``METHODS``, or too short a reason.
        Conflict: the party has other active keys, or the new key or its id is registered already.

    """
    admin.require("confirm_identity", scope="write")
    if method not in METHODS:
        raise InvalidInput(f"expected how the identity was checked: {', '.join(METHODS)}; got {method[:50]!r}")
    _require_words(reason, "an approval")

    def change(tx: Transaction) -> PartyKey | KeyApplication:
        row = _waiting(tx, admin, application_id)
        lost = _only_key(tx, row)
        if row.applicant == SELF_REGISTRATION and row.checked_by is None:
            row.checked_by, row.method, row.decided_reason = admin.person, method, reason.strip()
            tx.session.add(row)
            return row
        words = _agreed(row, admin, method, reason)
        fresh = _bring(service, tx, row, admin)
        _decided(tx, row, admin, "approved", words)
        row.method = row.method or method
        key_approvals.record(service, tx, fresh, row)
        if lost is not None:
            said = f"lost ({row.reason}); identity checked by {row.method}: {row.decided_reason}; replaced by {row.kid}"
            revocation.end(service, tx, lost, admin.person, said[:_LONGEST], ref=(fresh.added_index or 0,))
        return fresh

    return service.store.write(change)


def refuse(service: Service, admin: Actor, application_id: str, reason: str) -> KeyApplication:
    """Refuse an application; keys and everything else stay as they are.

    Raises:
        Forbidden, NotFound, InvalidInput: as ``approve``.

    """
    admin.require("confirm_identity", scope="write")
    _require_words(reason, "a refusal")

    def change(tx: Transaction) -> KeyApplication:
        row = _waiting(tx, admin, application_id)
        _decided(tx, row, admin, "refused", reason)
        return row

    return service.store.write(change)


def _agreed(row: KeyApplication, admin: Actor, method: str, reason: str) -> str:
    """Return what was checked, in the words of both admins where there are two."""
    if row.checked_by is None:
        return reason.strip()
    if row.checked_by == admin.person:
        raise Forbidden("you have agreed already; it came without an account, so another admin has to agree as well")
    return f"{row.decided_reason}; a second admin, by {method}: {reason.strip()}"[:_LONGEST]


def _waiting(tx: Transaction, admin: Actor, application_id: str) -> KeyApplication:
    _ = tx.now  # locks the head: nobody else decides, and nothing is signed meanwhile
    row = tx.session.get(KeyApplication, application_id)
    if row is None or row.state != "waiting":
        raise NotFound(f"no application {application_id[:50]} after a lost key waits for a decision")
    require_other(admin, row.applicant)
    return row


def _only_key(tx: Transaction, row: KeyApplication) -> PartyKey | None:
    """Return the one active key of the party; None where it has none left, because its last one was revoked."""
    query = select(PartyKey).where(PartyKey.party_id == row.party_id, PartyKey.state == "active")
    active = tx.session.exec(query).all()
    if len(active) > 1:
        raise Conflict(
            f"the party has {len(active)} active keys, so it did not lose its only one: it registers a further key "
            "with an account of its own and revokes the lost one. Where all are lost, revoke all but one first"
        )
    return active[0] if active else None


def _bring(service: Service, tx: Transaction, row: KeyApplication, admin: Actor) -> PartyKey:
    key = PublicKey.from_jwk(row.jwk)
    proof = keys.ProofOfPossession(base64.b64decode(row.proof["body"]), row.proof["jws"], "")
    fresh = keys.add_waiting(tx, row.party_id, row.kid, key, proof, row.applicant)
    fresh.reason = f"after a lost key, application {row.id}"
    keys.decide_key(service, tx, fresh, admin, "active")
    return fresh


def _decided(tx: Transaction, row: KeyApplication, admin: Actor, state: str, reason: str) -> None:
    row.state, row.decided_by, row.decided_at, row.decided_reason = state, admin.person, tx.now, reason.strip()
    tx.session.add(row)


def _require_words(reason: str, what: str) -> None:
    if len(reason.strip()) < _MIN_REASON:
        raise InvalidInput(f"{what} needs a reason of at least {_MIN_REASON} characters")
