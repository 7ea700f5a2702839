"""Strict base64 and base64url (RFC 4648): exactly one text stands for given bytes, so a changed text is noticed.

Python's decoders skip stray characters and unused bits; encoding the result again and comparing refuses both.
"""

import base64
import binascii
from hashlib import sha256


def b64u(data: bytes) -> str:
    """Return ``data`` as base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64u(text: str) -> bytes:
    """Return the bytes of an unpadded base64url text.

    Raises:
        ValueError: padding, blanks, other characters or stray bits.

    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("expected base64url without padding") from error
    if b64u(data) != text:
        raise ValueError("expected base64url without padding, blanks, other characters or stray bits")
    return data


def b64(data: bytes) -> str:
    """Return ``data`` as padded base64 (RFC 4648, section 4), the form of the C2SP formats."""
    return base64.b64encode(data).decode("ascii")


def from_b64(text: str) -> bytes:
    """Return the bytes of a padded base64 text.

    Raises:
        ValueError: missing padding, blanks, other characters or stray bits.

    """
    data = base64.b64decode(text, validate=True)
    if b64(data) != text:
        raise ValueError("expected padded base64 without stray bits")
    return data


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as base64url: the form in which ledger entries carry hashes."""
    return b64u(sha256(data).digest())
