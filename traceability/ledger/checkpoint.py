"""Checkpoints (C2SP tlog-checkpoint): the signed head: origin, size, root. A log key is named like its origin."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.errors import InvalidKey
from traceability.ledger.keyfile import read_secret, write_secret
from traceability.ledger.keys import PrivateKey
from traceability.ledger.merkle import HASH_SIZE
from traceability.ledger.note import ED25519, VerifierKey, note_text, open_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_HEAD_LINES = 3
# The text form of private keys that Go's note package and the tools around it read.
_PRIVATE = re.compile(r"PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(\S+)\n?")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log at a size."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """Return the note text: three lines."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"

    @classmethod
    def from_text(cls, text: str) -> "Checkpoint":
        """Read a note text; extension lines are allowed and have no meaning here.

        Raises:
            InvalidInput: not the text of a checkpoint.

        """
        lines = text.split("\n")
        if len(lines) <= _HEAD_LINES or lines.pop() or not all(lines):
            raise InvalidInput("expected a checkpoint: the lines origin, size, root, none of them empty")
        if not _SIZE.fullmatch(lines[1]):
            raise InvalidInput(f"checkpoint: expected a size in decimal without leading zeros; got {lines[1][:40]!r}")
        try:
            root = from_b64(lines[2])
        except ValueError as error:
            raise InvalidInput(f"checkpoint, root: {error}") from error
        if len(root) != HASH_SIZE:
            raise InvalidInput(f"checkpoint: expected a root of {HASH_SIZE} bytes; got {len(root)}")
        return cls(lines[0], int(lines[1]), root)


@dataclass(frozen=True, slots=True)
class LogKey:
    """The log's own Ed25519 key; its name is the origin of every checkpoint it signs."""

    verifier: VerifierKey
    _key: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls, origin: str) -> "LogKey":
        """Make a new log key.

        Raises:
            InvalidKey: the origin cannot be a key name (blanks, plus signs).

        """
        return cls._of(origin, Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> "LogKey":
        """Read a key file that `save` wrote.

        Raises:
            InvalidKey: other users may read the file, or it holds no log key.

        """
        match = _PRIVATE.fullmatch(read_secret(path).decode("utf-8", "replace"))
        if match is None:
            raise InvalidKey(f"{path} holds no log key: expected PRIVATE+KEY+name+hash+key")
        try:
            data = from_b64(match[3])
        except ValueError as error:
            raise InvalidKey(f"{path} holds no log key: {error}") from error
        if data[:1] != bytes([ED25519]) or len(data) != 1 + HASH_SIZE:
            raise InvalidKey(f"{path} holds no log key: expected signature type 0x01 (Ed25519) and 32 bytes")
        key = cls._of(match[1], Ed25519PrivateKey.from_private_bytes(data[1:]))
        if key.key_id.hex() != match[2]:
            raise InvalidKey(f"{path}: expected the hash {key.key_id.hex()} for this key; got {match[2]}")
        return key

    @classmethod
    def _of(cls, origin: str, key: Ed25519PrivateKey) -> "LogKey":
        return cls(VerifierKey.make(origin, key.public_key().public_bytes_raw()), key)

    @property
    def name(self) -> str:
        """The origin."""
        return self.verifier.name

    @property
    def key_id(self) -> bytes:
        """Four bytes of the key's hash, as in its signature lines."""
        return self.verifier.key_id

    @property
    def vkey(self) -> str:
        """The public part as text, for policies and pins."""
        return self.verifier.vkey

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of ``message``."""
        return self._key.sign(message)

    def signer(self) -> PrivateKey:
        """Return the key as one that signs JWS, for what the log states besides its checkpoints."""
        return PrivateKey(self.verifier.public, self.name, self._key)

    def save(self, path: Path) -> None:
        """Write the key into a new file with mode 0600.

        Raises:
            InvalidKey: the file exists; a key is never overwritten.

        """
        data = b64(bytes([ED25519]) + self._key.private_bytes_raw())
        write_secret(path, f"PRIVATE+KEY+{self.name}+{self.key_id.hex()}+{data}\n".encode())


def sign_checkpoint(checkpoint: Checkpoint, *keys: LogKey) -> str:
    """Return the checkpoint as a note signed by the log's key (by the old and the new one while a key is rotated).

    Raises:
        InvalidInput: a key of another log.

    """
    for key in keys:
        if key.name != checkpoint.origin:
            raise InvalidInput(f"expected the log key of {checkpoint.origin}; got that of {key.name}")
    return sign_note(checkpoint.to_text(), *keys)


def read_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint **without checking its signature**: for the log's own, and to name what is claimed.

    Raises:
        InvalidInput: it is no checkpoint.

    """
    return Checkpoint.from_text(note_text(note))


def verify_checkpoint(note: str, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, VerifierKey]:
    """Return the checkpoint and the key among ``keys`` that signed it as its log.

    Raises:
        InvalidInput: it is no checkpoint.
        BadSignature: no trusted key signed it, or a signature does not fit.
        InvalidKey: the trusted key that signed it belongs to another origin.

    """
    opened = open_note(note, keys)
    checkpoint = Checkpoint.from_text(opened.text)
    for key in opened.keys:
        if key.name == checkpoint.origin:
            return checkpoint, key
    raise InvalidKey(f"the checkpoint of {checkpoint.origin} is signed by the key of {opened.keys[0].name}")
