"""Passwords: argon2id hashes, and one-time passwords that are shown once."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from traceability.errors import InvalidInput

_HASHER = PasswordHasher()
_MIN_LENGTH = 12
_MAX_LENGTH = 200


@cache
def _nobody() -> str:
    """Return what is verified when no such user exists, so that the answer takes as long as for one that does."""
    return _HASHER.hash(secrets.token_urlsafe(16))


def one_time_password() -> str:
    """Return a password to be shown once and changed at the first sign-in (96 bit)."""
    raw = secrets.token_hex(12)
    return "-".join(raw[n : n + 6] for n in range(0, len(raw), 6))


def hashed(password: str) -> str:
    """Return the argon2id hash of a password.

    Raises:
        InvalidInput: it is too short or too long.

    """
    if not _MIN_LENGTH <= len(password) <= _MAX_LENGTH:
        raise InvalidInput(f"a password has {_MIN_LENGTH} to {_MAX_LENGTH} characters; this one has {len(password)}")
    return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Return whether the password is the hashed one; takes the same time where there is no such user."""
    nobody = _nobody()  # made for known users too, or the first unknown one would take longer
    try:
        _HASHER.verify(password_hash or nobody, password[:_MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
