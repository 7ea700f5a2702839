"""Signed bodies of every kind: who signed, with which registered key, over exactly which bytes (epcis.md 7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability import strict_json
from traceability.errors import Forbidden, InvalidInput, TooLarge, UnsupportedMediaType
from traceability.ledger import credential as vc
from traceability.ledger import jose
from traceability.ledger.encoding import b64, digest
from traceability.ledger.keys import PublicKey
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage.store import Transaction
from traceability.storage.tables import Party, PartyKey

ENVELOPED = "application/vc+jwt"
JSON_TYPES = ("application/json", "application/ld+json")
_UTF_8 = ("utf-8", "utf8")
_REMEMBERED = 10_000
_STATES = sa.select(col(PartyKey.id), col(PartyKey.state)).where(
    col(PartyKey.id).in_(sa.bindparam("ids", expanding=True))
)
SIGNED_BYTES = 5_000_000
"""Bytes of a signed body of any kind; exactly as many are accepted."""


@dataclass(frozen=True, slots=True)
class SignedBody:
    """A verified body: the bytes as received, what they say, and the key and party behind the signature."""

    body: bytes
    media_type: str
    jws: str | None
    data: Any
    key: PartyKey
    party: Party
    header: dict[str, Any]
    anchor: jose.Anchor | None = None

    @property
    def entry_fields(self) -> dict[str, Any]:
        """Return what a ledger entry says about a signed body: hashes, algorithm and key."""
        return {
            "body": digest(self.body),
            "jws": None if self.jws is None else digest(self.jws.encode()),
            "alg": self.key.alg,
            "key": self.key.thumbprint,
        }


def open_signed(service: Service, actor: Actor, body: bytes, content_type: str, jws: str | None) -> SignedBody:
    """Verify a body against the keys of the actor's own party, and parse the bytes that were verified.

    Raises:
        UnsupportedMediaType: neither vc+jwt nor JSON, or in another encoding than UTF-8.
        TooLarge: more than 5 MB.
        NotAuthenticated: there is no signature, or it cannot be read.
        Forbidden: the signature is wrong, or its key is not an active key of the actor's party.
        InvalidInput: the verified bytes are not strict JSON, or a vc+jwt came with a detached signature besides.

    """
    media_type = media_type_of(content_type)
    if len(body) > SIGNED_BYTES:
        raise TooLarge(f"a signed body may have {SIGNED_BYTES} bytes; this one has {len(body)}. Split it")
    if media_type == ENVELOPED and jws is not None:
        raise InvalidInput(
            f"the header X-JWS-Signature came with {ENVELOPED}, which carries its signature in itself: leave "
            "the header out, or send the plain JSON with it"
        )
    if jws is None and media_type != ENVELOPED and vc.is_wrapped(body):
        body, media_type = vc.unwrap(body), ENVELOPED
    signed = jose.read_compact(body) if media_type == ENVELOPED else jose.read_detached(jws, body)
    key, party, public = _known(service, signed.kid)
    _check_owner(key, party, actor)
    jose.verify(signed, public)
    if signed.log_origin not in (None, service.settings.log_origin):
        raise Forbidden(f"this was signed for the log {signed.log_origin!r}; this is {service.settings.log_origin!r}")
    data = _content(signed.payload, media_type, party, service.clock())
    return SignedBody(body, media_type, jws, data, key, party, dict(signed.header), signed.log_anchor)


def _known(service: Service, kid: str) -> tuple[PartyKey, Party, PublicKey]:
    """Return a key with its party; active ones are remembered, since the write transaction asks for its state again."""
    if kid in service.known_keys:
        return service.known_keys[kid]
    with service.store.read() as session:
        key, party = key_of(session, kid)
    found = (key, party, PublicKey.from_jwk(key.jwk))
    if key.state == "active" and party.state == "active":
        if len(service.known_keys) >= _REMEMBERED:
            service.known_keys.clear()
        service.known_keys[kid] = found
    return found


def media_type_of(content_type: str) -> str:
    """Return the bare media type.

    Raises:
        UnsupportedMediaType: it is none of those a signed body may have, or says another encoding than UTF-8.

    """
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media_type != ENVELOPED and media_type not in JSON_TYPES:
        raise UnsupportedMediaType(
            f"expected {ENVELOPED}, or {' or '.join(JSON_TYPES)} with the header X-JWS-Signature; "
            f"got {media_type[:100] or 'none'}"
        )
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in _UTF_8:
            raise UnsupportedMediaType(f"expected the body as UTF-8; got {parameter[:100]}. Save it as UTF-8")
    return media_type


def key_of(session: Session, kid: str) -> tuple[PartyKey, Party]:
    """Return the registered key and its party.

    Raises:
        Forbidden: no party has registered this key.

    """
    query = select(PartyKey, Party).join(Party, col(Party.id) == col(PartyKey.party_id)).where(PartyKey.kid == kid)
    row = None if "\x00" in kid else session.exec(query).one_or_none()  # NUL: PostgreSQL cannot even compare with it
    if row is None:
        raise Forbidden(f"no registered key has the id {kid!r}; register it first (`traceability keys register`)")
    return row[0], row[1]


def still_good(tx: Transaction, signed: SignedBody) -> None:
    """Check in the write transaction what may have changed since the signature was verified, as ``admit`` does.

    The head of the log is locked before, so that no key is revoked between this and the entry.

    Raises:
        Forbidden, InvalidInput: as ``admit``.

    """
    _ = tx.now  # takes the lock
    admit(tx, signed, key_states(tx, {signed.key.id})[signed.key.id])


def key_states(tx: Transaction, ids: Iterable[str]) -> dict[str, str]:
    """Return the state each key has in this transaction, by its id."""
    return {row[0]: row[1] for row in tx.connection.execute(_STATES, {"ids": list(ids)})}


def admit(tx: Transaction, signed: SignedBody, state: str) -> None:
    """Let a signed body of any kind be recorded: ``state`` is its key's, and the place in the ledger decides.

    Raises:
        Forbidden: the key is not active.
        InvalidInput: the checkpoint the signer says to have seen (log_anchor) is none of this log.

    """
    _require_active(signed.key, state)
    if signed.anchor is not None:
        _require_on_tree(tx, signed.anchor)


def _require_active(key: PartyKey, state: str) -> None:
    if state != "active":
        raise Forbidden(f"the key {key.kid!r} is {state}; sign with an active key")


def _require_on_tree(tx: Transaction, anchor: jose.Anchor) -> None:
    root = tx.log.root_at(anchor.size)
    if root == anchor.root:
        return
    ours = "has not that many" if root is None else f"had the root {b64(root)} then"
    raise InvalidInput(
        f"log_anchor names a checkpoint of {anchor.size} entries with the root {b64(anchor.root)}; this log {ours}. "
        "Name a checkpoint of this log, or sign without log_anchor. Nothing was recorded"
    )


def _check_owner(key: PartyKey, party: Party, actor: Actor) -> None:
    if key.party_id != actor.own_party():
        raise Forbidden(f"the key {key.kid!r} belongs to another party; sign with a key of your own")
    _require_active(key, key.state)
    if party.state != "active":
        raise Forbidden(f"the party {party.did} is {party.state}; an admin has to approve it first")


def _content(payload: bytes, media_type: str, party: Party, now: datetime) -> Any:
    data = strict_json.loads(payload)
    strict_json.refuse_nul(payload, data)
    if media_type != ENVELOPED:
        return data
    credential = vc.credential_of(data)
    if credential.issuer != party.did:
        raise Forbidden(f"the issuer {credential.issuer!r} does not own the signing key; it is {party.did}'s")
    vc.check_validity(credential, now)
    return credential.subject
