"""What a key-revoke entry stands for (ledger.md 6): which key ends, from where on it is disputed, and why.

The reason may name persons, so the record holds a salted commitment to it and no word of it (ledger.md 8).
"""

import hashlib
from typing import Any

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64
from traceability.ledger.entry import Entry
from traceability.ledger.history import KeyAdded, KeyFact, KeyRevoked, KeyRotated

FORMAT = "traceability-key-revocation@v1"


def revocation_record(  # what is revoked, from where on, and the opening of the commitment
    kid: str, thumbprint: str, compromised_since: int | None, reason: str, salt: bytes, at: int
) -> bytes:
    """Return the bytes of the record; ``at`` in milliseconds since 1970 UTC, ``compromised_since`` a ledger index."""
    members = {
        "type": FORMAT,
        "kid": kid,
        "key": thumbprint,
        "compromised_since_index": compromised_since,
        "reason": commitment(reason, salt),
        "at": at,
    }
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def commitment(reason: str, salt: bytes) -> str:
    """Return base64(SHA-256(salt ‖ reason)): who is told both can check them, nobody can guess the reason from it."""
    return b64(hashlib.sha256(salt + reason.encode()).digest())


def key_facts(entry: Entry, index: int, body: bytes) -> list[KeyFact]:
    """Return what a key entry and the bytes it stands for say of the lives of keys; nothing for other entries.

    Raises:
        InvalidInput: the bytes of a revocation or rotation cannot be read.

    """
    if entry.key is None:
        return []
    if entry.kind == "key-add":
        return [KeyAdded(index, entry.key)]
    if entry.kind == "key-rotate":
        return [KeyRotated(index, str(_object(body).get("old")), entry.key)]
    if entry.kind == "key-revoke":
        return [KeyRevoked(index, entry.key, _border(_object(body)))]
    return []


def _border(record: dict[str, Any]) -> int | None:
    since = record.get("compromised_since_index")
    if since is not None and (type(since) is not int or since < 0):
        raise InvalidInput(f"expected compromised_since_index as a ledger index or null; got {since!r}")
    return since


def _object(body: bytes) -> dict[str, Any]:
    value = strict_json.loads(body, max_depth=4)
    if not isinstance(value, dict):
        raise InvalidInput("expected the record of a key as a JSON object")
    return value


__all__ = ["FORMAT", "commitment", "key_facts", "revocation_record"]
