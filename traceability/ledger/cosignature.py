"""Cosignatures on checkpoints (C2SP tlog-cosignature): a witness says when it saw which head, and that it only grew.

Two kinds: Ed25519 (type 0x04) and ML-DSA-44 (type 0x06), the latter where the installed ``cryptography`` has it. A log
signs with ML-DSA-44 in the same form, under its own name (C2SP tlog-checkpoint, Signatures).
"""

import re
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from traceability.errors import InvalidInput
from traceability.ledger import ml_dsa
from traceability.ledger.checkpoint import Checkpoint
from traceability.ledger.encoding import b64, b64u, from_b64
from traceability.ledger.errors import BadSignature, InvalidKey
from traceability.ledger.keyfile import read_secret, write_secret
from traceability.ledger.keys import PublicKey
from traceability.ledger.note import VKEY, note_signatures, note_text

ED25519, ML_DSA_44 = 0x04, 0x06
_KEY_BYTES = {ED25519: 32, ML_DSA_44: ml_dsa.PUBLIC_BYTES}
_SIGNATURE_BYTES = {ED25519: 64, ML_DSA_44: ml_dsa.SIGNATURE_BYTES}
_SECRET_BYTES = 32  # the seed, of either kind
_LABEL = b"subtree/v1\n\x00"
_LAST_TIME = 2**63 - 1
_PRIVATE = re.compile(r"PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(\S+)\n?")


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """A witness's name and public key; as text a vkey ``name+hash+key`` of signature type 0x04 or 0x06."""

    name: str
    kind: int
    raw: bytes = field(repr=False)

    @classmethod
    def make(cls, name: str, kind: int, raw: bytes) -> "CosignerKey":
        """Put a key together.

        Raises:
            InvalidKey: the name has blanks or plus signs, or the bytes are no public key of the kind.

        """
        if not name or "+" in name or not name.isprintable() or any(map(str.isspace, name)):
            raise InvalidKey(f"expected a key name without blanks and plus signs; got {name!r}")
        if len(raw) != _KEY_BYTES.get(kind):
            raise InvalidKey(
                f"witness key {name}: expected signature type 0x04 (Ed25519) or 0x06 (ML-DSA-44) and a key"
            )
        key = cls(name, kind, raw)
        if kind == ED25519:
            key.ed25519()  # refuses points that would verify anything
        return key

    @classmethod
    def parse(cls, vkey: str) -> "CosignerKey":
        """Read ``name+hash+key``.

        Raises:
            InvalidKey: another form or type, or a hash that does not belong to the key.

        """
        match = VKEY.fullmatch(vkey)
        if match is None:
            raise InvalidKey("expected a witness key of the form name+hash+key (C2SP signed-note)")
        try:
            data = from_b64(match[3])
        except ValueError as error:
            raise InvalidKey(f"witness key {match[1]}: {error}") from error
        key = cls.make(match[1], data[0] if data else 0, data[1:])
        if key.key_id.hex() != match[2]:
            raise InvalidKey(f"witness key {key.name}: expected the hash {key.key_id.hex()}; got {match[2]}")
        return key

    @property
    def key_id(self) -> bytes:
        """Return the four bytes that, with the name, say which key signed."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:4]

    @property
    def vkey(self) -> str:
        """Return the text form."""
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.kind]) + self.raw)}"

    @property
    def thumbprint(self) -> str:
        """Return what is the same for one public key under every name."""
        return sha256(self.raw).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 over type byte and public key, in hexadecimal: for people to compare."""
        return sha256(bytes([self.kind]) + self.raw).hexdigest()

    def ed25519(self) -> PublicKey:
        """Return the Ed25519 key.

        Raises:
            InvalidKey: it is of the other kind, or no usable key.

        """
        return PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64u(self.raw)})

    def verify(self, text: str, signature: bytes) -> int:
        """Check a cosignature on the text of a checkpoint and return its time in POSIX seconds.

        Raises:
            BadSignature: it is no cosignature of this key on this text.

        """
        if len(signature) != 8 + _SIGNATURE_BYTES[self.kind]:
            raise BadSignature(f"cosignature of {self.name}: expected a time and a signature")
        at = int.from_bytes(signature[:8])
        if at > _LAST_TIME:
            raise BadSignature(f"cosignature of {self.name}: expected a time below 2^63; got {at}")
        message = cosigned_message(self.name, self.kind, text, at)
        if self.kind == ED25519:
            self.ed25519().verify(signature[8:], message)
        else:
            self._verify_ml_dsa(signature[8:], message)
        return at

    def _verify_ml_dsa(self, signature: bytes, message: bytes) -> None:
        try:
            ml_dsa.verify(self.raw, signature, message)
        except BadSignature as error:
            raise BadSignature(f"the cosignature of {self.name} does not fit the checkpoint") from error


@dataclass(frozen=True, slots=True)
class CosigningKey:
    """A private key that cosigns: a witness's, or the second one of a log."""

    public: CosignerKey
    _seed: bytes = field(repr=False, compare=False)

    @classmethod
    def generate(cls, name: str, kind: int = ED25519) -> "CosigningKey":
        """Make a new key.

        Raises:
            InvalidKey: the name cannot be a key name, or the kind is not available here.

        """
        return cls._of(name, kind, secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def load(cls, path: Path) -> "CosigningKey":
        """Read a key file that `save` wrote.

        Raises:
            InvalidKey: other users may read the file, it holds no such key, or the kind is not available here.

        """
        match = _PRIVATE.fullmatch(read_secret(path).decode("utf-8", "replace"))
        data = b"" if match is None else from_b64(match[3])
        if match is None or len(data) != 1 + _SECRET_BYTES or data[0] not in _KEY_BYTES:
            raise InvalidKey(f"{path} holds no cosigning key: expected PRIVATE+KEY+name+hash+key of type 0x04 or 0x06")
        return cls._of(match[1], data[0], data[1:])

    @classmethod
    def _of(cls, name: str, kind: int, seed: bytes) -> "CosigningKey":
        made = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw() if kind == ED25519 else b""
        return cls(CosignerKey.make(name, kind, made or ml_dsa.public_of(seed)), seed)

    def save(self, path: Path) -> None:
        """Write the key into a new file with mode 0600; raises InvalidKey where there is one."""
        data = b64(bytes([self.public.kind]) + self._seed)
        write_secret(path, f"PRIVATE+KEY+{self.public.name}+{self.public.key_id.hex()}+{data}\n".encode())

    def _sign(self, message: bytes) -> bytes:
        if self.public.kind == ED25519:
            return Ed25519PrivateKey.from_private_bytes(self._seed).sign(message)
        return ml_dsa.sign(self._seed, message)

    def cosign(self, text: str, at: datetime) -> str:
        """Return the signature line on a checkpoint's text, as of ``at``."""
        seconds = int(at.timestamp())
        signature = self._sign(cosigned_message(self.public.name, self.public.kind, text, seconds))
        data = self.public.key_id + struct.pack(">Q", seconds) + signature
        return f"\N{EM DASH} {self.public.name} {b64(data)}\n"


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A cosignature that verified."""

    key: CosignerKey
    at: int
    """POSIX seconds, by the witness's clock."""
    line: str


def cosigned_message(name: str, kind: int, text: str, at: int) -> bytes:
    """Return the bytes a cosigner signs: the whole note text (0x04), or the structure over its head (0x06)."""
    if kind == ED25519:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    head = Checkpoint.from_text(text)
    cosigner, origin = name.encode(), head.origin.encode()
    if max(len(cosigner), len(origin)) > 255:  # noqa: PLR2004  # one byte says the length
        raise InvalidInput("expected a cosigner's name and an origin of at most 255 bytes")
    parts = [_LABEL, bytes([len(cosigner)]), cosigner, struct.pack(">Q", at), bytes([len(origin)]), origin]
    return b"".join([*parts, struct.pack(">QQ", 0, head.size), head.root])


def cosignatures(note: str, keys: Sequence[CosignerKey]) -> list[Cosigned]:
    """Return the cosignatures of known keys on a checkpoint; those of others or of kinds not available are passed over.

    Raises:
        InvalidInput: it is no note.
        BadSignature: a known key's signature does not fit.

    """
    known = {(key.name, key.key_id): key for key in keys if key.kind == ED25519 or ml_dsa.available()}
    text, found = note_text(note), []
    for name, identifier, signature in note_signatures(note):
        key = known.get((name, identifier))
        if key is not None:
            line = f"\N{EM DASH} {name} {b64(identifier + signature)}\n"
            found.append(Cosigned(key, key.verify(text, signature), line))
    return found
