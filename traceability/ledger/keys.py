"""Keys with one algorithm bound to each: Ed25519 (EdDSA) and P-256 (ES256), as JWK, named by RFC 7638 thumbprints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64u, digest
from traceability.ledger.errors import BadSignature, InvalidKey
from traceability.ledger.jwk import (
    COORDINATE,
    PRIVATE_MEMBERS,
    Algorithm,
    Check,
    coordinate,
    ed25519_check,
    es256_check,
    require_purpose,
    shape,
)
from traceability.ledger.keyfile import read_secret, write_secret

__all__ = ["Algorithm", "BadSignature", "InvalidKey", "PrivateKey", "PublicKey"]

_SIGNATURE = 64

_Secret = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that checks signatures of exactly one algorithm."""

    alg: Algorithm
    jwk: Mapping[str, str] = field(hash=False)
    """Only the members that make the key: crv, kty, x (and y)."""
    thumbprint: str
    """RFC 7638 with SHA-256, base64url: the key's name in ledger entries."""
    _check: Check = field(repr=False, compare=False)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "PublicKey":
        """Read a public JWK.

        Raises:
            InvalidKey: another kind of key, a private one, one not meant for signatures, or no point of the curve.

        """
        private = sorted(PRIVATE_MEMBERS & jwk.keys())
        if private:
            raise InvalidKey(
                f"the key carries the private members {private}: send the public key only, and make a new one"
            )
        alg, members = shape(jwk)
        require_purpose(jwk, alg, "verify")
        numbers = [coordinate(jwk, name) for name in members]
        check = ed25519_check(*numbers) if alg == "EdDSA" else es256_check(*numbers)
        public = {name: str(jwk[name]) for name in ("crv", "kty", *members)}
        return cls(alg, public, digest(orjson.dumps(public, option=orjson.OPT_SORT_KEYS)), check)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check a signature of 64 bytes (Ed25519, or r ‖ s of ES256) over ``message``.

        Raises:
            BadSignature: it does not fit.

        """
        if len(signature) != _SIGNATURE:
            raise BadSignature(f"expected a signature of {_SIGNATURE} bytes ({self.alg}); got {len(signature)} bytes")
        try:
            self._check(signature, message)
        except InvalidSignature as error:
            raise BadSignature(
                f"the signature does not fit these bytes and the key {self.thumbprint}: "
                "the bytes were changed after signing, or another key signed them"
            ) from error


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs; neither its text form nor its messages show the private part."""

    public: PublicKey
    kid: str
    """The name signatures call the key by; the thumbprint where no other was given."""
    _key: _Secret = field(repr=False, compare=False)

    @classmethod
    def generate(cls, alg: Algorithm = "EdDSA", *, kid: str | None = None) -> "PrivateKey":
        """Make a new key from the operating system's randomness."""
        if alg == "EdDSA":
            return cls._of(ed25519.Ed25519PrivateKey.generate(), kid)
        return cls._of(ec.generate_private_key(ec.SECP256R1()), kid)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "PrivateKey":
        """Read a private JWK; its public members must belong to its private one.

        Raises:
            InvalidKey: another kind of key, or members that do not fit each other.

        """
        alg, members = shape(jwk)
        require_purpose(jwk, alg, "sign")
        kid = jwk.get("kid")
        if kid is not None and not (isinstance(kid, str) and kid):
            raise InvalidKey("expected kid to be a text that is not empty")
        key = cls._of(_derive(alg, coordinate(jwk, "d")), kid)
        if any(jwk.get(name) != key.public.jwk[name] for name in members):
            raise InvalidKey("the public members do not belong to the private member d: the key was changed")
        return key

    @classmethod
    def load(cls, path: Path) -> "PrivateKey":
        """Read a key file that `save` wrote.

        Raises:
            InvalidKey: other users may read the file, or it holds no private key.

        """
        try:
            jwk = strict_json.loads(read_secret(path))
        except InvalidKey:
            raise
        except InvalidInput as error:
            raise InvalidKey(f"{path} holds no key: expected a JWK (a JSON object)") from error
        if not isinstance(jwk, dict):
            raise InvalidKey(f"{path} holds no key: expected a JWK (a JSON object)")
        return cls.from_jwk(jwk)

    @classmethod
    def _of(cls, key: _Secret, kid: str | None) -> "PrivateKey":
        public = PublicKey.from_jwk(_public_jwk(key))
        return cls(public, kid or public.thumbprint, key)

    def sign(self, message: bytes) -> bytes:
        """Return a signature of 64 bytes: Ed25519, or r ‖ s of ES256."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(message)
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(COORDINATE) + s.to_bytes(COORDINATE)

    def save(self, path: Path) -> None:
        """Write the key as JWK into a new file with mode 0600.

        Raises:
            InvalidKey: the file exists; a key is never overwritten.

        """
        jwk = {**self.public.jwk, "kid": self.kid, "d": b64u(_secret_bytes(self._key))}
        write_secret(path, orjson.dumps(jwk) + b"\n")


def _derive(alg: Algorithm, secret: bytes) -> _Secret:
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.from_private_bytes(secret)
    try:
        return ec.derive_private_key(int.from_bytes(secret), ec.SECP256R1())
    except ValueError as error:
        raise InvalidKey("the private member d is no key of this curve") from error


def _secret_bytes(key: _Secret) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.private_bytes_raw()
    return key.private_numbers().private_value.to_bytes(COORDINATE)


def _public_jwk(key: _Secret) -> dict[str, str]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": b64u(key.public_key().public_bytes_raw())}
    numbers = key.public_key().public_numbers()
    x, y = (b64u(number.to_bytes(COORDINATE)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
