"""Signed notes (C2SP signed-note) with Ed25519, signature type 0x01: text, an empty line, signature lines.

A note's text counts only after `open_note` has verified it with a key that was trusted beforehand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64, b64u, from_b64
from traceability.ledger.errors import BadSignature, InvalidKey
from traceability.ledger.keys import PublicKey

ED25519 = 0x01

_MAX_NOTE = 1_000_000
_MAX_LINES = 100
_KEY_ID = 4
VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(\S+)")
_LINE = re.compile(r"\N{EM DASH} ([^\s+]+) (\S+)")  # a name has no blanks of Unicode and no plus sign
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteSigner(Protocol):
    """What signs notes: a log key here; later a key in an HSM or KMS."""

    @property
    def name(self) -> str:
        """Key name, without blanks and plus signs."""

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, say which key signed."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of ``message``."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and the Ed25519 key that belongs to it: ``name+hash+key``, the text form of the specification."""

    name: str
    key_id: bytes
    public: PublicKey = field(repr=False)
    vkey: str
    fingerprint: str
    """SHA-256 over type byte and public key, in hexadecimal: for people to compare."""

    @classmethod
    def make(cls, name: str, raw: bytes) -> "VerifierKey":
        """Put a verifier key together from its name and the 32 bytes of the public key.

        Raises:
            InvalidKey: the name is empty or has blanks or plus signs, or the bytes are no usable Ed25519 key.

        """
        if not name or "+" in name or not name.isprintable() or any(map(str.isspace, name)):
            raise InvalidKey(f"expected a key name without blanks and plus signs; got {name!r}")
        public = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64u(raw)})
        data = bytes([ED25519]) + raw
        identifier = sha256(name.encode() + b"\n" + data).digest()[:_KEY_ID]
        return cls(name, identifier, public, f"{name}+{identifier.hex()}+{b64(data)}", sha256(data).hexdigest())

    @classmethod
    def parse(cls, vkey: str) -> "VerifierKey":
        """Read ``name+hash+key``.

        Raises:
            InvalidKey: another form, another signature type than Ed25519, or a hash that does not belong to the key.

        """
        match = VKEY.fullmatch(vkey)
        if match is None:
            raise InvalidKey("expected a verifier key of the form name+hash+key (C2SP signed-note)")
        try:
            data = from_b64(match[3])
        except ValueError as error:
            raise InvalidKey(f"verifier key {match[1]}: {error}") from error
        if data[:1] != bytes([ED25519]):
            raise InvalidKey(f"verifier key {match[1]}: expected signature type 0x01 (Ed25519)")
        key = cls.make(match[1], data[1:])
        if key.key_id.hex() != match[2]:
            raise InvalidKey(f"verifier key {key.name}: expected the hash {key.key_id.hex()}; got {match[2]}")
        return key


@dataclass(frozen=True, slots=True)
class OpenNote:
    """The text of a note and the keys whose signatures verified: at least one."""

    text: str
    keys: tuple[VerifierKey, ...]


def sign_note(text: str, *signers: NoteSigner) -> str:
    """Return ``text`` (which ends in a newline) as a note with one signature line for each signer.

    Raises:
        InvalidInput: the text cannot be a note's text.

    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise InvalidInput("expected a note text that ends in a newline and has no other control characters")
    lines = [f"\N{EM DASH} {signer.name} {b64(signer.key_id + signer.sign(text.encode()))}\n" for signer in signers]
    return text + "\n" + "".join(lines)


def note_text(note: str) -> str:
    """Return the text of a note **without checking a signature**: for the log's own notes, and to name what is claimed.

    Raises:
        InvalidInput: it is no note.

    """
    return _split(note)[0]


def note_signatures(note: str) -> list[tuple[str, bytes, bytes]]:
    """Return key name, key id and signature of each line, **none of them checked**.

    Raises:
        InvalidInput: it is no note.

    """
    return _split(note)[1]


def open_note(note: str, keys: Sequence[VerifierKey]) -> OpenNote:
    """Verify a note: every signature of a known key must fit, at least one there must be; others are passed over.

    Raises:
        InvalidInput: it is no note.
        BadSignature: no signature of a known key, or one that does not fit.

    """
    text, lines = _split(note)
    known = {(key.name, key.key_id): key for key in keys}
    verified: list[VerifierKey] = []
    for name, identifier, signature in lines:
        key = known.get((name, identifier))
        if key is not None:
            key.public.verify(signature, text.encode())
            verified.append(key)
    if not verified:
        expected = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in keys) or "none"
        got = ", ".join(f"{name}+{identifier.hex()}" for name, identifier, _ in lines)
        raise BadSignature(f"the note is signed by no trusted key: expected one of {expected}; got {got}")
    return OpenNote(text, tuple(verified))


def _split(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    if len(note) > _MAX_NOTE or _CONTROL.search(note):
        raise InvalidInput("the note is too long or has control characters")
    # The last empty line separates; the text itself may hold empty lines.
    text, separator, signatures = note.rpartition("\n\n")
    lines = signatures.split("\n")
    if not separator or not text or lines.pop() or not 0 < len(lines) <= _MAX_LINES:
        raise InvalidInput("expected a signed note: text, an empty line, and signature lines that end in a newline")
    return text + "\n", [_signature_line(line) for line in lines]


def _signature_line(line: str) -> tuple[str, bytes, bytes]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise InvalidInput("expected note signatures as: em dash, blank, key name, blank, base64")
    try:
        data = from_b64(match[2])
    except ValueError as error:
        raise InvalidInput(f"note signature of {match[1]}: {error}") from error
    if len(data) <= _KEY_ID:
        raise InvalidInput(f"note signature of {match[1]}: expected a key id and a signature; got {len(data)} bytes")
    return match[1], data[:_KEY_ID], data[_KEY_ID:]
