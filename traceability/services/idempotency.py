"""The Idempotency-Key of a capture (draft-ietf-httpapi-idempotency-key-header): one key stands for one body, for good.

Captures are repeatable without it; it lets a sender find out that it used one name for two things.
"""

import hashlib
import re

import sqlalchemy as sa
from sqlmodel import col

from traceability.errors import Conflict, InvalidInput
from traceability.storage.store import Transaction
from traceability.storage.tables import IdempotencyKey

_FORM = re.compile(r"[\x21-\x7e]{1,255}")
_FIND = sa.select(col(IdempotencyKey.sha256)).where(
    col(IdempotencyKey.party_id) == sa.bindparam("party"), col(IdempotencyKey.key) == sa.bindparam("name")
)
_ADD = sa.insert(IdempotencyKey)


def read_key(header: str | None) -> str | None:
    """Return the key that a header states, with or without quotation marks; None without a header.

    Raises:
        InvalidInput: it is no key.

    """
    if header is None:
        return None
    text = header.strip()
    key = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not _FORM.fullmatch(key):
        raise InvalidInput("expected an Idempotency-Key of 1 to 255 printable ASCII characters without blanks")
    return key


def require_same(tx: Transaction, party_id: str, key: str, body: bytes) -> bool:
    """Return whether a party used this key before, for the same bytes.

    Raises:
        Conflict: it used the key for other bytes.

    """
    known = tx.connection.execute(_FIND, {"party": party_id, "name": key}).scalar_one_or_none()
    if known not in (None, hashlib.sha256(body).hexdigest()):
        raise Conflict(
            f"the Idempotency-Key {key!r} stands for another body that you sent before; nothing was recorded. "
            "Send this one under a key of its own"
        )
    return known is not None


def remember(tx: Transaction, party_id: str, key: str, body: bytes) -> None:
    """Let a key of a party stand for these bytes from now on."""
    row = {"party_id": party_id, "key": key, "sha256": hashlib.sha256(body).hexdigest(), "at": tx.now}
    tx.connection.execute(_ADD, [row])
