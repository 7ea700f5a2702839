"""JWS as captures carry it (RFC 7515, RFC 7797, RFC 9864): compact `vc+jwt`, or detached over the raw body (b64=false).

The algorithm is the one bound to the key; a header can neither choose another nor bring a key along. Base64url is
strict, so exactly one text stands for a signed message. What is verified is what was received, byte for byte.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64u, digest, from_b64, from_b64u
from traceability.ledger.errors import BadSignature, SignatureMalformed, SignatureMissing
from traceability.ledger.keys import PrivateKey, PublicKey
from traceability.ledger.merkle import HASH_SIZE

__all__ = [
    "Anchor", "BadSignature", "SignatureMalformed", "SignatureMissing", "Signed",
    "read_compact", "read_detached", "sign_compact", "sign_detached", "verify",
]  # fmt: skip

_ALGORITHMS: Mapping[str, str] = {"EdDSA": "EdDSA", "Ed25519": "EdDSA", "ES256": "ES256"}
_KEY_IN_HEADER = ("jwk", "jku", "x5u", "x5c")
_MAX_HEADER = 4096
_HEADERS = 1024
_MAX_NAME = 512
_ANCHOR = re.compile(r"(0|[1-9][0-9]{0,17}) (\S{44})")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint the signer had seen, hence a not-before proof of the signature (header parameter `log_anchor`)."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A JWS that was read and not yet verified: trust nothing in it before `verify`."""

    header: Mapping[str, Any]
    kid: str
    alg: str
    payload: bytes
    signing_input: bytes
    signature: bytes
    jws: bytes
    """The JWS as received: the compact token, or the value of the header X-JWS-Signature."""
    detached: bool

    @property
    def body(self) -> bytes:
        """The received bytes the ledger entry stands for: the compact JWS, or the raw body of the detached form."""
        return self.payload if self.detached else self.jws

    @property
    def body_hash(self) -> str:
        """SHA-256 of `body`, the entry's ``body``."""
        return digest(self.body)

    @property
    def jws_hash(self) -> str | None:
        """SHA-256 of the detached JWS, the entry's ``jws``; None in the enveloped form."""
        return digest(self.jws) if self.detached else None

    @property
    def log_origin(self) -> str | None:
        """Origin of the only log this was signed for; None where the signer named none."""
        return self.header.get("log_origin")

    @property
    def log_anchor(self) -> Anchor | None:
        """The checkpoint the signer had seen; None where the signer named none."""
        text = self.header.get("log_anchor")
        return None if text is None else _anchor(text)


def read_compact(token: bytes, *, typ: str | None = "vc+jwt", cty: str | None = "vc") -> Signed:
    """Read a compact JWS whose header says ``typ`` and ``cty`` (None: either may be anything).

    Raises:
        SignatureMissing: nothing was sent, or the signature part is empty.
        SignatureMalformed: anything else is not as expected.

    """
    if not token:
        raise SignatureMissing
    parts = token.split(b".")
    if len(parts) != 3:  # noqa: PLR2004  # header, payload, signature
        raise SignatureMalformed(f"expected three parts with dots between (a compact JWS); got {len(parts)}")
    header = _header(parts[0])
    _require_type(header, "typ", typ)
    _require_type(header, "cty", cty)
    if "crit" in header or "b64" in header:
        raise SignatureMalformed("a compact JWS takes neither crit nor b64 in its header: sign again without them")
    payload, signature = _decode(parts[1], "payload"), _signature(parts[2])
    return Signed(header, header["kid"], header["alg"], payload, parts[0] + b"." + parts[1], signature, token, False)  # noqa: FBT003  # a field


def read_detached(header_value: str | None, body: bytes) -> Signed:
    """Read a detached JWS (``protected..signature``) over the raw ``body``; ``b64`` is false and the one ``crit``.

    Raises:
        SignatureMissing: there is no header value, or its signature part is empty.
        SignatureMalformed: anything else is not as expected.

    """
    if not header_value:
        raise SignatureMissing
    jws = _ascii(header_value)
    parts = jws.split(b".")
    if len(parts) != 3 or parts[1]:  # noqa: PLR2004  # header, nothing, signature
        raise SignatureMalformed("expected <protected header>..<signature> (a detached JWS, RFC 7515 appendix F)")
    header = _header(parts[0])
    if header.get("b64") is not False or header.get("crit") != ["b64"]:
        raise SignatureMalformed('the protected header must hold "b64":false and "crit":["b64"] (RFC 7797)')
    signature = _signature(parts[2])
    return Signed(header, header["kid"], header["alg"], body, parts[0] + b"." + body, signature, jws, True)  # noqa: FBT003  # a field


def verify(signed: Signed, key: PublicKey) -> None:
    """Check the signature with the key that ``kid`` names.

    Raises:
        BadSignature: another algorithm than the key's, other bytes, or another key.

    """
    if _ALGORITHMS[signed.alg] != key.alg:
        raise BadSignature(f"the header says alg {signed.alg}; the key {key.thumbprint} signs with {key.alg} only")
    key.verify(signed.signature, signed.signing_input)


def sign_compact(
    payload: bytes,
    key: PrivateKey,
    *,
    kid: str,
    typ: str = "vc+jwt",
    cty: str = "vc",
    extra: Mapping[str, str] | None = None,
) -> str:
    """Return ``payload`` as a compact JWS; ``extra`` may hold log_origin and log_anchor."""
    header = {"alg": key.public.alg, "typ": typ, "cty": cty, "kid": kid} | dict(extra or {})
    signing_input = _protected(header) + "." + b64u(payload)
    return signing_input + "." + b64u(key.sign(signing_input.encode("ascii")))


def sign_detached(body: bytes, key: PrivateKey, *, kid: str, extra: Mapping[str, str] | None = None) -> str:
    """Return a detached JWS over the raw ``body``, for the header X-JWS-Signature; ``extra`` as in `sign_compact`."""
    header = {"alg": key.public.alg, "kid": kid, "b64": False, "crit": ["b64"]} | dict(extra or {})
    protected = _protected(header)
    return protected + ".." + b64u(key.sign(protected.encode("ascii") + b"." + body))


def _protected(header: Mapping[str, Any]) -> str:
    text = b64u(orjson.dumps(dict(header)))
    _header(text.encode("ascii"))  # what we sign, we must be able to read
    return text


def _ascii(text: str) -> bytes:
    try:
        return text.encode("ascii")
    except UnicodeEncodeError as error:
        raise SignatureMalformed("a JWS is ASCII text") from error


def _decode(part: bytes, what: str) -> bytes:
    try:
        return from_b64u(part.decode("ascii"))
    except ValueError as error:
        raise SignatureMalformed(
            f"the {what} of the JWS is not strict base64url (no padding, blanks, stray bits)"
        ) from error


def _signature(part: bytes) -> bytes:
    if not part:
        raise SignatureMissing("the JWS has an empty signature part: sign it with a registered key")
    return _decode(part, "signature")


@lru_cache(_HEADERS)  # one key's headers are the same for thousands of captures
def _header(part: bytes) -> Mapping[str, Any]:
    if len(part) > _MAX_HEADER:
        raise SignatureMalformed(f"the JWS header takes {len(part)} bytes; at most {_MAX_HEADER} are read")
    try:
        header = strict_json.loads(_decode(part, "header"), max_depth=4)
    except InvalidInput as error:
        raise SignatureMalformed(f"the JWS header is not JSON as it must be: {error.detail}") from error
    if not isinstance(header, dict):
        raise SignatureMalformed("the JWS header is not a JSON object")
    _check_header(header)
    return header


def _check_header(header: Mapping[str, Any]) -> None:
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in _ALGORITHMS:
        raise SignatureMalformed(f"expected alg EdDSA (or Ed25519) or ES256; got {alg!r}")
    for name in _KEY_IN_HEADER:
        if name in header:
            raise SignatureMalformed(
                f"the header carries {name}: keys come from the registry only; sign with kid alone"
            )
    _require_name(header, "kid")
    if "log_origin" in header:
        _require_name(header, "log_origin")
    if "log_anchor" in header:
        _anchor(header["log_anchor"])


def _require_name(header: Mapping[str, Any], name: str) -> None:
    value = header.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_NAME:
        raise SignatureMalformed(f"expected {name} as a text of 1 to {_MAX_NAME} characters in the JWS header")


def _require_type(header: Mapping[str, Any], name: str, expected: str | None) -> None:
    if expected is not None and header.get(name) != expected:
        raise SignatureMalformed(f"expected {name} {expected!r} in the JWS header; got {header.get(name)!r}")


def _anchor(value: object) -> Anchor:
    match = _ANCHOR.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise SignatureMalformed("expected log_anchor as '<size> <root>': a checkpoint's second and third line")
    try:
        root = from_b64(match[2])
    except ValueError as error:
        raise SignatureMalformed(f"log_anchor, root: {error}") from error
    if len(root) != HASH_SIZE:
        raise SignatureMalformed(f"log_anchor: expected a root of {HASH_SIZE} bytes; got {len(root)}")
    return Anchor(int(match[1]), root)
