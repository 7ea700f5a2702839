"""Ledger entries: the leaf preimages (ledger.md 2). Hashes and codes only, never anything personal.

The JSON is restricted so that sorted keys without blanks equal the canonical form of RFC 8785: ASCII texts from closed
alphabets and integers below 2^53. An entry is written once; its bytes are what the tree hashes and receipts carry.
"""

import hmac
import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64u, digest

__all__ = ["KINDS", "MAX_ENTRY", "Entry", "digest", "milliseconds", "pseudonym"]

KINDS = (
    "capture", "event", "shipment", "document", "key-add", "key-rotate", "key-revoke", "list-version", "rule-set",
    "screening", "assessment", "decision", "correction", "evidence-pack", "erasure", "origin-change",
)  # fmt: skip
MAX_ENTRY = 65_535
"""Bytes: the limit of an entry bundle of tlog-tiles."""

_VERSION = 1
_SAFE = 2**53
_MIN_SALT = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALGORITHMS = ("EdDSA", "ES256")
_HASH = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")  # 32 bytes in base64url: the last two bits stay unused


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one leaf of the log says. Hashes are SHA-256 in base64url (`digest`); fields that do not apply are None.

    Raises:
        InvalidInput: a field has the wrong form; an entry that exists can be written.

    """

    kind: str
    body: str
    """Hash of the bytes the entry stands for: the signed bytes as received, a document's file, or our own record."""
    at: int
    """received_at in milliseconds since 1970 UTC (`milliseconds`)."""
    jws: str | None = None
    """Hash of the detached JWS as received; None in the enveloped form and for records of our own."""
    alg: str | None = None
    key: str | None = None
    """Thumbprint of the signer's key (RFC 7638)."""
    who: str | None = None
    """`pseudonym` of the party."""
    n: int | None = None
    """Kind event: position in the capture, from 0."""
    eid: str | None = None
    """Kind event: hash of the eventID."""
    ref: tuple[int, ...] = ()
    """Indices of the entries this one concerns."""
    v: int = _VERSION

    def __post_init__(self) -> None:
        if self.v != _VERSION or self.kind not in KINDS:
            raise InvalidInput(
                f"expected an entry of version {_VERSION} and a known kind; got {self.v!r}, {self.kind!r}"
            )
        for name in ("body", "jws", "key", "who", "eid"):
            _require_hash(name, getattr(self, name), optional=name != "body")
        if (self.alg is None) != (self.key is None) or self.alg not in (None, *_ALGORITHMS):
            raise InvalidInput(f"expected alg EdDSA or ES256 together with a key, or neither; got alg {self.alg!r}")
        if {self.n is not None, self.eid is not None} != {self.kind == "event"}:
            raise InvalidInput("expected n and eid on entries of kind event, and on no others")
        for number in (self.v, self.at, 0 if self.n is None else self.n, *self.ref):
            _require_number(number)

    def to_bytes(self) -> bytes:
        """Return the canonical JSON (RFC 8785): the preimage of the leaf."""
        members = {name: value for name in _FIELDS if (value := getattr(self, name)) not in (None, ())}
        return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def parse(cls, data: bytes) -> "Entry":
        """Read the exact bytes of an entry.

        Raises:
            InvalidInput: no entry, or not in the one form `to_bytes` gives it.

        """
        if len(data) > MAX_ENTRY:
            raise InvalidInput(f"expected an entry of at most {MAX_ENTRY} bytes; got {len(data)}")
        members = strict_json.loads(data, max_depth=2)
        if not isinstance(members, dict) or not members.keys() <= _FIELDS or not members.keys() >= _REQUIRED:
            raise InvalidInput("expected a ledger entry: an object with v, kind, body, at and the fields of its kind")
        if "ref" in members:
            members["ref"] = _indices(members["ref"])
        entry = cls(**members)
        if entry.to_bytes() != data:
            raise InvalidInput("the ledger entry is not in canonical form (RFC 8785), so it is not what was logged")
        return entry

    @property
    def received_at(self) -> datetime:
        """``at`` as a moment in UTC."""
        return _EPOCH + timedelta(milliseconds=self.at)


_FIELDS = frozenset(field.name for field in fields(Entry))
_REQUIRED = frozenset({"v", "kind", "body", "at"})


def milliseconds(moment: datetime) -> int:
    """Return an aware moment as milliseconds since 1970 UTC, rounded down.

    Raises:
        InvalidInput: the moment has no time zone.

    """
    if moment.tzinfo is None:
        raise InvalidInput(f"expected a moment with a time zone; got {moment.isoformat()}")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def pseudonym(salt: bytes, party_id: str) -> str:
    """Return HMAC-SHA256(salt, party id), base64url: the same party is seen to be the same, and not who it is.

    Raises:
        InvalidInput: the ledger's salt has fewer than 16 bytes, so that identifiers could be guessed.

    """
    if len(salt) < _MIN_SALT:
        raise InvalidInput(f"expected a ledger salt of at least {_MIN_SALT} bytes; got {len(salt)}")
    return b64u(hmac.digest(salt, party_id.encode(), "sha256"))


def _require_hash(name: str, value: object, *, optional: bool) -> None:
    if value is None and optional:
        return
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise InvalidInput(f"entry field {name}: expected a SHA-256 as 43 characters of base64url; got {value!r}")


def _require_number(value: object) -> None:
    if type(value) is not int or not 0 <= value < _SAFE:
        raise InvalidInput(f"expected whole numbers from 0 to below 2^53 in an entry; got {value!r}")


def _indices(value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise InvalidInput("entry field ref: expected a list of indices")
    return tuple(value)
