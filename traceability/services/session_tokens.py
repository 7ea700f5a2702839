"""Session tokens: a person's sign-in for clients of the API, signed and not stored, good for an hour.

What is never automated (``access.NEVER_AUTOMATED``) is refused to API keys. Who does it over the API proves the
password once and sends the token instead of it. It ends with the hour, a changed password, and a closed account.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from traceability.errors import Forbidden, NotAuthenticated
from traceability.services import users
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.storage.tables import User

PREFIX = "trs_"
LIFE = timedelta(hours=1)
#: A person's password opens the API for management only: events need an API key with the scope ``capture``.
SCOPES = frozenset({"read", "write"})
_CONTEXT = b"traceability session token v1"
_LONGEST = 1000
_OVER = "the session token has ended or is none of this service: get another one (POST /v1/sessions)"


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A token just made, and the moment from which it is refused."""

    secret: str
    expires_at: datetime


def make(service: Service, user: User) -> SessionToken:
    """Return a token of somebody who has just signed in.

    Raises:
        Forbidden: the password is a one-time password, which somebody else has seen.

    """
    if user.one_time:
        raise Forbidden("this password was made by somebody else: change it first (POST /v1/password, or the console)")
    ends = int((service.clock() + LIFE).timestamp())
    body = orjson.dumps({"user": user.id, "epoch": user.session_epoch, "ends": ends})
    return SessionToken(_signed(service, body), datetime.fromtimestamp(ends, UTC))


def authenticate(service: Service, secret: str, source: str) -> Actor:
    """Return the person a token belongs to.

    Raises:
        NotAuthenticated: it was not made here, its hour is over, or the account was closed or its password changed.

    """
    body = _opened(service, secret)
    if body is None:
        raise NotAuthenticated(_OVER)
    said = orjson.loads(body)
    found = users.actor_of(service, said["user"], said["epoch"], source)
    if service.clock().timestamp() >= said["ends"] or found is None or found[1].one_time:
        raise NotAuthenticated(_OVER)
    who = found[0]
    return Actor(who.id, who.name, who.role, who.party_id, SCOPES, source)


def _opened(service: Service, secret: str) -> bytes | None:
    """Return the body that this service signed; None where it did not."""
    if len(secret) > _LONGEST:
        return None
    said = secret.removeprefix(PREFIX).partition(".")[0]
    try:
        body = base64.urlsafe_b64decode(f"{said}{'=' * (-len(said) % 4)}")
    except ValueError:
        return None
    # The whole text is made again, so that there is one spelling of a token.
    return body if hmac.compare_digest(secret.encode(), _signed(service, body).encode()) else None


def _signed(service: Service, body: bytes) -> str:
    key = hmac.digest(service.session_secret, _CONTEXT, hashlib.sha256)
    return f"{PREFIX}{_text(body)}.{_text(hmac.digest(key, body, hashlib.sha256))}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
