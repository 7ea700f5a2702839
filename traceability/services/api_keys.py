"""API keys: machine access, 256 bit, shown once, kept as a sha256 digest with prefix, scopes and expiry."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import col, select

from traceability.errors import InvalidInput, NotAuthenticated, NotFound
from traceability.services.access import SCOPES, Actor, Role
from traceability.services.context import KnownApiKey, Service, new_id
from traceability.services.presence import require_here
from traceability.storage.store import Transaction
from traceability.storage.tables import ApiKey, User

_PREFIX = "trc_"
_MAX_DAYS = 730
_KEY: Any = ApiKey.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_USER: Any = User.__table__  # type: ignore[attr-defined]  # as above
_ALL = sa.select(*_KEY.c, _USER.c.disabled_at.label("maker_closed")).select_from(
    _KEY.join(_USER, _USER.c.name == _KEY.c.created_by, isouter=True)
)
_FIND = _ALL.where(_KEY.c.digest == sa.bindparam("digest"))
_FIND_EACH = _ALL.where(_KEY.c.id.in_(sa.bindparam("ids", expanding=True)))
_REMEMBERED = 10_000
_UNKNOWN = "an unknown person"


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
        Conflict: the party has left.

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
        if actor.party_id is not None:
            require_here(tx, actor.party_id)
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
    _require_valid(row, service.clock())
    return _actor(row, source)


def authenticate_sender(service: Service, secret: str, source: str) -> Actor:
    """Return who an API key belongs to, by memory where it was met before.

    For captures alone: their write transaction asks again whether the key is valid (`refused_keys`).

    Raises:
        NotAuthenticated: as ``authenticate``.

    """
    digest = _digest(secret)
    known = service.known_api_keys.get(digest)
    if known is not None and known.expires_at > service.clock():
        return replace(known.actor, source=source)
    found = authenticate(service, secret, source)
    with service.store.read() as session:
        expires_at = session.get_one(ApiKey, found.id).expires_at
    if len(service.known_api_keys) >= _REMEMBERED:
        service.known_api_keys.clear()
    service.known_api_keys[digest] = KnownApiKey(found, expires_at)
    return found


def refused_keys(tx: Transaction, ids: Iterable[str]) -> dict[str, NotAuthenticated]:
    """Return why API keys are no longer valid in this transaction, by id; valid ones are left out."""
    wanted, refused = set(ids), {}
    for row in tx.connection.execute(_FIND_EACH, {"ids": list(wanted)}):
        wanted.discard(row.id)
        try:
            _require_valid(row, tx.clock())
        except NotAuthenticated as refusal:
            refused[row.id] = refusal
    return refused | {key_id: NotAuthenticated("this API key does not exist") for key_id in wanted}


def _require_valid(row: Any, now: datetime) -> None:
    if row.revoked_at is not None:
        raise NotAuthenticated(f"the API key {row.prefix}... was revoked; make a new one")
    if row.expires_at <= now:
        raise NotAuthenticated(f"the API key {row.prefix}... expired on {row.expires_at:%Y-%m-%d}; make a new one")
    if row.maker_closed is not None:
        raise NotAuthenticated(f"the account that made the API key {row.prefix}... is closed; make a new key")


def _actor(row: Any, source: str) -> Actor:
    made_by = row.created_by or _UNKNOWN  # never empty: that would be a person
    return Actor(row.id, row.name, cast("Role", row.role), row.party_id, frozenset(row.scopes), source, made_by)


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
        tx.after_commit(service.known_api_keys.clear)

    service.store.write(change)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
