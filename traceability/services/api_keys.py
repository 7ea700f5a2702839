"""API keys: machine access, 256 bit, shown once, kept as a sha256 digest with prefix, scopes and expiry."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import col, select

from traceability.errors import InvalidInput, NotAuthenticated, NotFound
from traceability.services.access import SCOPES, Actor, Role
from traceability.services.context import Service, new_id
from traceability.storage.store import Transaction
from traceability.storage.tables import ApiKey, User

_PREFIX = "trc_"
_MAX_DAYS = 730
_KEY: Any = ApiKey.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_USER: Any = User.__table__  # type: ignore[attr-defined]  # as above
_FIND = (
    sa.select(*_KEY.c, _USER.c.disabled_at.label("maker_closed"))
    .select_from(_KEY.join(_USER, _USER.c.name == _KEY.c.created_by, isouter=True))
    .where(_KEY.c.digest == sa.bindparam("digest"))
)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made; ``secret`` is shown this once."""

    id: str
    secret: str


def make_api_key(service: Service, actor: Actor, name: str, scopes: Sequence[str], days: int = 365) -> NewApiKey:
    """Make a key that acts as the actor's own party and role.

    Raises:
        InvalidInput: a scope is unknown, or the life is not 1 to 730 days.
        Forbidden: a key without the scope ``write`` makes a key, or gives one a scope it lacks itself.

    """
    actor.require_scope("write")
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise InvalidInput(f"expected scopes of {', '.join(SCOPES)}; got {', '.join(sorted(unknown)) or 'none'}")
    if not 1 <= days <= _MAX_DAYS:
        raise InvalidInput(f"a key lives 1 to {_MAX_DAYS} days; got {days}")
    if actor.made_by:
        for scope in scopes:
            actor.require_scope(scope)
    secret = _PREFIX + secrets.token_urlsafe(32)

    def change(tx: Transaction) -> str:
        now = tx.now
        row = ApiKey(
            id=new_id(), prefix=secret[:12], digest=_digest(secret), party_id=actor.party_id, role=actor.role,
            scopes=sorted(set(scopes)), name=name[:100], created_by=actor.person, created_at=now,
            expires_at=now + timedelta(days=days),
        )  # fmt: skip
        tx.session.add(row)
        return row.id

    return NewApiKey(service.store.write(change), secret)


def authenticate(service: Service, secret: str, source: str) -> Actor:
    """Return who an API key belongs to.

    Raises:
        NotAuthenticated: no such key, or it is revoked or expired, or the account that made it is closed.

    """
    with service.store.read() as session:
        row = session.connection().execute(_FIND, {"digest": _digest(secret)}).one_or_none()
    if row is None:
        raise NotAuthenticated("this API key does not exist; send `Authorization: Bearer trc_...` with a key of yours")
    if row.revoked_at is not None:
        raise NotAuthenticated(f"the API key {row.prefix}... was revoked; make a new one")
    if row.expires_at <= service.clock():
        raise NotAuthenticated(f"the API key {row.prefix}... expired on {row.expires_at:%Y-%m-%d}; make a new one")
    if row.maker_closed is not None:
        raise NotAuthenticated(f"the account that made the API key {row.prefix}... is closed; make a new key")
    return Actor(row.id, row.name, cast("Role", row.role), row.party_id, frozenset(row.scopes), source, row.created_by)


def api_keys(service: Service, actor: Actor) -> Sequence[ApiKey]:
    """Return the keys of the actor's own party and role; digests only, never a secret."""
    actor.require_scope("read")
    with service.store.read() as session:
        query = select(ApiKey).where(ApiKey.party_id == actor.party_id, ApiKey.role == actor.role)
        return session.exec(query.order_by(col(ApiKey.created_at))).all()


def revoke_api_key(service: Service, actor: Actor, key_id: str) -> None:
    """End a key of the actor's own party.

    Raises:
        NotFound: there is none of its own with this id.

    """
    actor.require_scope("write")

    def change(tx: Transaction) -> None:
        row = tx.session.get(ApiKey, key_id)
        if row is None or row.party_id != actor.party_id or row.role != actor.role:
            raise NotFound(f"there is no API key {key_id} of yours")
        row.revoked_at = row.revoked_at or tx.now
        tx.session.add(row)

    service.store.write(change)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
