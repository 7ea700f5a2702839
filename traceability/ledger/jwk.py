"""What makes a JWK usable here (RFC 7517, RFC 8037): its kind, its purpose, and a point of the curve.

Ed25519 points of low order are refused: under such a key one signature fits many messages.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from traceability.ledger.encoding import from_b64u
from traceability.ledger.errors import InvalidKey

Algorithm = Literal["EdDSA", "ES256"]
Check = Callable[[bytes, bytes], None]
"""(signature, message) -> None; raises cryptography's InvalidSignature."""

COORDINATE = 32
_REMEMBERED = 1024  # keys: whether a point is one takes as long as checking two signatures
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})

_SHAPES: Mapping[tuple[str, str], tuple[Algorithm, tuple[str, ...]]] = {
    ("OKP", "Ed25519"): ("EdDSA", ("x",)),
    ("EC", "P-256"): ("ES256", ("x", "y")),
}
# RFC 9864 gives EdDSA over Ed25519 a name of its own; it is the same algorithm.
_ALG_NAMES: Mapping[Algorithm, tuple[str, ...]] = {"EdDSA": ("EdDSA", "Ed25519"), "ES256": ("ES256",)}

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
# The y of the points whose order divides 8: orders 1, 2, 4, and the two of order 8 (x has either sign).
_LOW_ORDER = frozenset({1, _P - 1, 0, _ORDER_8, _P - _ORDER_8})


def shape(jwk: Mapping[str, Any]) -> tuple[Algorithm, tuple[str, ...]]:
    """Return the algorithm bound to a key of this kind, and the names of its public coordinates.

    Raises:
        InvalidKey: neither Ed25519 nor P-256.

    """
    kind = (jwk.get("kty"), jwk.get("crv"))
    for known, found in _SHAPES.items():
        if kind == known:
            return found
    raise InvalidKey(
        f"expected kty OKP with crv Ed25519, or kty EC with crv P-256; got kty {kind[0]!r} with crv {kind[1]!r}"
    )


def require_purpose(jwk: Mapping[str, Any], alg: Algorithm, operation: str) -> None:
    """Refuse a key that says itself it is for something else (RFC 7517, sections 4.2 to 4.4).

    Raises:
        InvalidKey: its alg, use or key_ops do not go with ``operation``.

    """
    if jwk.get("alg", alg) not in _ALG_NAMES[alg]:
        raise InvalidKey(f"the key names the algorithm {jwk['alg']!r}; a key of its kind is used with {alg}")
    if jwk.get("use", "sig") != "sig":
        raise InvalidKey(f"the key is for use {jwk['use']!r}; a key for signatures (sig) is needed")
    operations = jwk.get("key_ops", [operation])
    if not isinstance(operations, list) or operation not in operations:
        raise InvalidKey(f"the key's key_ops {operations!r} do not contain {operation!r}")


def coordinate(jwk: Mapping[str, Any], name: str) -> bytes:
    """Return the 32 bytes of a base64url member.

    Raises:
        InvalidKey: it is missing, not strict base64url, or of another length.

    """
    text = jwk.get(name)
    if not isinstance(text, str):
        raise InvalidKey(f"expected the member {name} as base64url text; got {type(text).__name__}")
    try:
        value = from_b64u(text)
    except ValueError as error:
        raise InvalidKey(f"member {name}: {error}") from error
    if len(value) != COORDINATE:
        raise InvalidKey(f"member {name}: expected {COORDINATE} bytes; got {len(value)}")
    return value


@lru_cache(maxsize=_REMEMBERED)
def ed25519_check(point: bytes) -> Check:
    """Return the signature check of an Ed25519 public key (RFC 8032).

    Raises:
        InvalidKey: not canonical, of low order, or not on the curve.

    """
    y = int.from_bytes(point, "little") & (2**255 - 1)
    if y >= _P:
        raise InvalidKey("the Ed25519 key is not written in its one canonical form")
    if y in _LOW_ORDER:
        raise InvalidKey("the Ed25519 key is a point of low order: one signature would fit many messages")
    # x² = (y² - 1) / (d y² + 1) must have a root: Euler's criterion on the product, which is as square as the quotient.
    if pow((y * y - 1) * (_D * y * y + 1), (_P - 1) // 2, _P) != 1:
        raise InvalidKey("the Ed25519 key is not a point of the curve")
    return ed25519.Ed25519PublicKey.from_public_bytes(point).verify


@lru_cache(maxsize=_REMEMBERED)
def es256_check(x: bytes, y: bytes) -> Check:
    """Return the signature check of a P-256 public key; signatures are r ‖ s (RFC 7518, section 3.4).

    Raises:
        InvalidKey: not on the curve.

    """
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    try:
        key = numbers.public_key()
    except ValueError as error:
        raise InvalidKey("the P-256 key is not a point of the curve") from error

    def check(signature: bytes, message: bytes) -> None:
        r, s = int.from_bytes(signature[:COORDINATE]), int.from_bytes(signature[COORDINATE:])
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))

    return check
