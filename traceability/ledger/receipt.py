"""Receipts (ledger.md 4): what a sender keeps to prove later, without network, that the log holds its entry.

A receipt proves nothing by itself: `verify_receipt` checks it against a log key known beforehand. The ``log_key`` in it
only says whose it claims to be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import read_checkpoint
from traceability.ledger.commitment import Opening
from traceability.ledger.encoding import b64, digest, from_b64
from traceability.ledger.entry import MAX_ENTRY
from traceability.ledger.keys import PublicKey
from traceability.ledger.merkle import leaf_hash, verify_inclusion
from traceability.ledger.proof import make_proof, parse_proof
from traceability.ledger.succession import Link, read_links

FORMAT = "traceability-receipt@v1"
MAX_RECEIPT = 20_000_000
"""Bytes: a capture of 500 events in base64, with room to spare."""

_MEMBERS = frozenset({"format", "log_key", "entry", "proof", "body", "body_hash", "jws", "key"})
_OPTIONAL = frozenset({"erased", "openings"})
_KEY_MEMBERS = frozenset({"jwk", "state", "entry", "proof"})
_STAMPS = "timestamps"  # left out where there is none
_STAMP_MEMBERS = frozenset({"authority", "token"})
MAX_STAMPS = 16
MAX_OPENINGS = 1000


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A time-stamp token (RFC 3161) over the checkpoint of a receipt or pack."""

    authority: str
    """What the log's operator calls the authority: a claim, for people."""
    token: bytes
    """DER of the TimeStampToken."""

    def as_dict(self) -> dict[str, str]:
        """Return the JSON object, the token as base64."""
        return {"authority": self.authority, "token": b64(self.token)}

    @classmethod
    def from_value(cls, value: Any) -> "Timestamp":
        """Read it from its parsed JSON.

        Raises:
            InvalidInput: another form.

        """
        members = _members(value, _STAMP_MEMBERS, "a time stamp")
        return cls(_text(members, "authority"), _bytes(members, "token"))


@dataclass(frozen=True, slots=True)
class Included:
    """An entry of the log with its place and its inclusion path, for the size of the checkpoint it goes with."""

    index: int
    entry: bytes
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class KeyEvidence:
    """The signer's key: its JWK, its state at the entry's index, and proof of the entry that added it."""

    jwk: Mapping[str, str]
    state: str
    """As `KeyHistory.state_at` gives it."""
    entry: bytes
    proof: str


@dataclass(frozen=True, slots=True)
class ErasedNotice:
    """Where the log says that a body was erased, and what its signature was found to be before."""

    entry: int
    verdict_entry: int
    verdict: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"entry": self.entry, "verdict_entry": self.verdict_entry, "verdict": self.verdict}

    @classmethod
    def from_value(cls, value: object) -> "ErasedNotice":
        """Read it from its parsed JSON.

        Raises:
            InvalidInput: another form.

        """
        members = _members(value, frozenset({"entry", "verdict_entry", "verdict"}), "what a receipt says was erased")
        if type(members["entry"]) is not int or type(members["verdict_entry"]) is not int:
            raise InvalidInput("receipt, erased: expected ledger indices as entry and verdict_entry")
        return cls(members["entry"], members["verdict_entry"], _text(members, "verdict"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The parts of a receipt, as its JSON carries them."""

    log_key: str
    """Verifier key of the log: a claim, for people to compare with what they have pinned."""
    entry: bytes
    proof: str
    body: bytes | None
    """The bytes the entry stands for; None where the holder has them, or after erasure."""
    body_hash: str
    jws: str | None
    """The detached JWS; None in the enveloped form, where the body is the JWS."""
    key: KeyEvidence | None
    """None for records of our own, which no party signs."""
    timestamps: tuple[Timestamp, ...] = ()
    """Tokens over the checkpoint of ``proof``, without the cosignatures that came after they were made."""
    succession: tuple[Link, ...] = ()
    """How the log's key came to follow earlier ones, for who has pinned one of those; in the JSON only where any is."""
    erased: "ErasedNotice | None" = None
    """Where the body was erased when its retention ended; a claim, for people to look up in the log."""
    openings: tuple[Opening, ...] = ()
    """What opens commitments of the event, where the holder asked for them and may see them (ledger.md 4)."""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object: bytes as base64, hashes as base64url."""
        key = None
        if self.key is not None:
            key = {
                "jwk": dict(self.key.jwk),
                "state": self.key.state,
                "entry": b64(self.key.entry),
                "proof": self.key.proof,
            }
        stamps = {_STAMPS: [one.as_dict() for one in self.timestamps]} if self.timestamps else {}
        return {
            "format": FORMAT,
            "log_key": self.log_key,
            "entry": b64(self.entry),
            "proof": self.proof,
            "body": None if self.body is None else b64(self.body),
            "body_hash": self.body_hash,
            "jws": self.jws,
            "key": key,
            **({"succession": [link.as_dict() for link in self.succession]} if self.succession else {}),
            **stamps,
            **({} if self.erased is None else {"erased": self.erased.as_dict()}),
            **({"openings": [one.as_dict() for one in self.openings]} if self.openings else {}),
        }

    def to_json(self) -> bytes:
        """Return the receipt as UTF-8 JSON."""
        return orjson.dumps(self.as_dict())

    @classmethod
    def from_json(cls, data: bytes) -> "Receipt":
        """Read a receipt; nothing in it is verified.

        Raises:
            InvalidInput: another form or format version.

        """
        if len(data) > MAX_RECEIPT:
            raise InvalidInput(f"expected a receipt of at most {MAX_RECEIPT} bytes; got {len(data)}")
        return cls.from_value(strict_json.loads(data, max_depth=5, max_string=MAX_RECEIPT))

    @classmethod
    def from_value(cls, value: Any) -> "Receipt":
        """Read a receipt from its parsed JSON; raises as ``from_json``."""
        stamps, follows = _timestamps(value), isinstance(value, dict) and "succession" in value
        optional = ({_STAMPS} if stamps else set()) | ({"succession"} if follows else set())
        members = _members(value, _MEMBERS | optional, "a receipt", _OPTIONAL)
        if members["format"] != FORMAT:
            raise InvalidInput(f"expected a receipt of format {FORMAT}; got {members['format']!r}")
        return cls(
            log_key=_text(members, "log_key"),
            entry=_bytes(members, "entry"),
            proof=_text(members, "proof"),
            body=None if members["body"] is None else _bytes(members, "body"),
            body_hash=_text(members, "body_hash"),
            jws=None if members["jws"] is None else _text(members, "jws"),
            key=None if members["key"] is None else _key(members["key"]),
            succession=read_links(members["succession"]) if follows else (),
            timestamps=stamps,
            erased=ErasedNotice.from_value(members["erased"]) if "erased" in members else None,
            openings=_openings(members.get("openings", [])),
        )


def make_receipt(
    *,
    log_key: str,
    checkpoint: str,
    included: Included,
    body: bytes | str,
    jws: str | None = None,
    signer: tuple[PublicKey, str, Included] | None = None,
    timestamps: Sequence[Timestamp] = (),
) -> Receipt:
    """Put a receipt together from a stored checkpoint (a note) and what is proved against it.

    Args:
        log_key: the log's verifier key (`LogKey.vkey`).
        checkpoint: the signed note, verbatim; both paths must have been made for its size.
        included: the entry the receipt is for.
        body: the bytes the entry stands for, or only their `digest` where they are not to be handed out.
        jws: the detached JWS as received.
        signer: the key, its state at the entry's index, and the key-add (or key-rotate) entry that brought it.
        timestamps: tokens over the checkpoint as the log stored it.

    Raises:
        ProofError: a path does not lead to the checkpoint's root: nothing false is handed out.
        InvalidInput: ``checkpoint`` is no checkpoint.

    """
    proof = _proved(checkpoint, included)
    key = None
    if signer is not None:
        public, state, added = signer
        key = KeyEvidence(public.jwk, state, added.entry, _proved(checkpoint, added))
    content, hashed = (body, digest(body)) if isinstance(body, bytes) else (None, body)
    return Receipt(log_key, included.entry, proof, content, hashed, jws, key, tuple(timestamps))


def _proved(checkpoint: str, included: Included) -> str:
    head = read_checkpoint(checkpoint)
    verify_inclusion(leaf_hash(included.entry), included.index, head.size, included.path, head.root)
    text = make_proof(included.index, included.path, checkpoint)
    parse_proof(text)  # what we hand out, a verifier must be able to read
    return text


def _timestamps(value: object) -> tuple[Timestamp, ...]:
    if not isinstance(value, dict) or _STAMPS not in value:
        return ()
    found = value[_STAMPS]
    if not isinstance(found, list) or not 0 < len(found) <= MAX_STAMPS:
        raise InvalidInput(f"receipt, {_STAMPS}: expected a list of 1 to {MAX_STAMPS} tokens, or no such member")
    return tuple(map(Timestamp.from_value, found))


def _openings(value: object) -> tuple[Opening, ...]:
    if not isinstance(value, list) or len(value) > MAX_OPENINGS:
        raise InvalidInput(f"receipt, openings: expected a list of at most {MAX_OPENINGS}")
    return tuple(map(Opening.from_value, value))


def _key(value: object) -> KeyEvidence:
    members = _members(value, _KEY_MEMBERS, "the key of a receipt")
    jwk = members["jwk"]
    if not isinstance(jwk, dict) or PublicKey.from_jwk(jwk).jwk != jwk:
        raise InvalidInput("receipt, key: expected a JWK with kty, crv, x (and y), and no other members")
    return KeyEvidence(jwk, _text(members, "state"), _bytes(members, "entry"), _text(members, "proof"))


def _members(value: object, names: frozenset[str], what: str, optional: frozenset[str] = frozenset()) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() - optional != names:
        raise InvalidInput(f"expected {what} as an object with exactly {', '.join(sorted(names))}")
    return value


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise InvalidInput(f"receipt, {name}: expected text; got {type(value).__name__}")
    return value


def _bytes(members: Mapping[str, Any], name: str) -> bytes:
    try:
        value = from_b64(_text(members, name))
    except ValueError as error:
        raise InvalidInput(f"receipt, {name}: {error}") from error
    if name == "entry" and len(value) > MAX_ENTRY:
        raise InvalidInput(f"receipt, entry: expected at most {MAX_ENTRY} bytes; got {len(value)}")
    return value
