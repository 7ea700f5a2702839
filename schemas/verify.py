#!/usr/bin/env python3
"""Verifies receipts and evidence packs offline: python3 verify.py FILE... --policy POLICY | --pin KEY

It needs Python 3.11 or later and the package cryptography, asks no network, and trusts nothing but the policy or key
you give it: without one the verdict is "failed", "log key not pinned". Exit code: 0 verified, 1 not, 2 wrong call.

Made from the modules of the service's ledger, which follow word for word; the lines after them import them from here.
Licence: Apache-2.0.
"""

SOURCES = {}

SOURCES['traceability'] = r'''
'''

SOURCES['traceability.ledger'] = r'''
'''

SOURCES['traceability.errors'] = r'''
"""One exception tree. Each class carries the HTTP status and problem type that its message travels under (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input: where (a JSON path, or a row and column) and what, for a person to mend."""

    path: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "message": self.message}


class TraceabilityError(Exception):
    """Something went wrong inside the service; nothing was written."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "epcisException:ImplementationException"
    title: ClassVar[str] = "Internal error"
    retry_after: ClassVar[int | None] = None
    """Seconds after which the same request may succeed (RFC 9110, 10.2.3), where that is known."""

    def __init__(
        self, detail: str | None = None, *, problems: Sequence[Problem] = (), extra: Mapping[str, Any] | None = None
    ) -> None:
        self.detail = detail or (self.__doc__ or self.title).strip()
        self.problems = tuple(problems)
        self.extra = dict(extra or {})
        super().__init__(self.detail)

    def as_problem(self) -> dict[str, Any]:
        """Return the body of an ``application/problem+json`` answer."""
        body: dict[str, Any] = {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}
        if self.problems:
            body["errors"] = [problem.as_dict() for problem in self.problems]
        return body | self.extra


class InvalidInput(TraceabilityError):
    """The input does not have the expected form; each error names the place and what was expected there."""

    status = 400
    type = "epcisException:ValidationException"
    title = "Invalid input"


class InvalidQuery(TraceabilityError):
    """A query parameter is unknown or its value cannot be used."""

    status = 400
    type = "epcisException:QueryParameterException"
    title = "Invalid query parameter"


class NotAuthenticated(TraceabilityError):
    """The request proves nobody's identity: send an API key, and with a capture a signature."""

    status = 401
    type = "epcisException:SecurityException"
    title = "Not authenticated"


class Forbidden(TraceabilityError):
    """The caller is known, and may not do this."""

    status = 403
    type = "epcisException:SecurityException"
    title = "Not allowed"


class PurposeNeeded(Forbidden):
    """A read under a mandate states its purpose, and this one did not."""

    title = "Purpose needed"


class PersonNeeded(Forbidden):
    """What is never automated is done by a person who has signed in, and this came with an API key."""

    type = "about:blank#person-needed"
    title = "A person has to do this"


class NotFound(TraceabilityError):
    """There is no such thing, or it is not the caller's to see."""

    status = 404
    type = "epcisException:NoSuchResourceException"
    title = "Not found"


class NotAcceptable(TraceabilityError):
    """The answer cannot be given in the form the request demands."""

    status = 406
    type = "epcisException:NotAcceptableException"
    title = "Not acceptable"


class Conflict(TraceabilityError):
    """The same identifier already stands for other content, or the thing has changed since it was read."""

    status = 409
    type = "epcisException:ResourceAlreadyExistsException"
    title = "Conflict"


class Gone(TraceabilityError):
    """It was erased when its retention ended; what the ledger says about it stays."""

    status = 410
    type = "about:blank#erased"
    title = "Erased"


class LengthRequired(TraceabilityError):
    """The input comes in pieces of unknown length; here its length has to be announced."""

    status = 411
    type = "about:blank#length-required"
    title = "Length required"


class TooLarge(TraceabilityError):
    """The input is larger than the limit."""

    status = 413
    type = "epcisException:CaptureLimitExceededException"
    title = "Too large"


class UriTooLong(TraceabilityError):
    """The address of the request is longer than the limit."""

    status = 414
    type = "epcisException:URITooLongException"
    title = "URI too long"


class UnsupportedMediaType(TraceabilityError):
    """The media type is not one of those this address takes."""

    status = 415
    type = "epcisException:UnsupportedMediaTypeException"
    title = "Unsupported media type"


class Unprocessable(TraceabilityError):
    """The input is well formed, and its content cannot be accepted."""

    status = 422
    type = "about:blank#unprocessable"
    title = "Content cannot be accepted"


class TooManyRequests(TraceabilityError):
    """Too many requests from this source; wait and try again."""

    status = 429
    type = "about:blank#rate-limited"
    title = "Too many requests"


class Unavailable(TraceabilityError):
    """The database or a part of the service cannot be reached, or another process owns it; try again later."""

    status = 503
    type = "about:blank#unavailable"
    title = "Unavailable"
'''

SOURCES['traceability.ledger.encoding'] = r'''
"""Strict base64 and base64url (RFC 4648): exactly one text stands for given bytes, so a changed text is noticed.

Python's decoders skip stray characters and unused bits; encoding the result again and comparing refuses both.
"""

import base64
import binascii
from hashlib import sha256


def b64u(data: bytes) -> str:
    """Return ``data`` as base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64u(text: str) -> bytes:
    """Return the bytes of an unpadded base64url text.

    Raises:
        ValueError: padding, blanks, other characters or stray bits.

    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("expected base64url without padding") from error
    if b64u(data) != text:
        raise ValueError("expected base64url without padding, blanks, other characters or stray bits")
    return data


def b64(data: bytes) -> str:
    """Return ``data`` as padded base64 (RFC 4648, section 4), the form of the C2SP formats."""
    return base64.b64encode(data).decode("ascii")


def from_b64(text: str) -> bytes:
    """Return the bytes of a padded base64 text.

    Raises:
        ValueError: missing padding, blanks, other characters or stray bits.

    """
    data = base64.b64decode(text, validate=True)
    if b64(data) != text:
        raise ValueError("expected padded base64 without stray bits")
    return data


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as base64url: the form in which ledger entries carry hashes."""
    return b64u(sha256(data).digest())
'''

SOURCES['traceability.ledger.errors'] = r'''
"""What can be wrong with something signed or proved; every class stands in the tree of ``traceability.errors``."""

from traceability.errors import Forbidden, InvalidInput, NotAuthenticated, Unavailable, Unprocessable


class SignatureMissing(NotAuthenticated):
    """Nothing is signed: send the body as a compact JWS, or a detached JWS in the header X-JWS-Signature."""

    title = "Signature missing"


class SignatureMalformed(NotAuthenticated):
    """The signature cannot be read, so it proves nobody's identity."""

    title = "Signature malformed"


class BadSignature(Forbidden):
    """The signature does not verify: the bytes were changed, or another key signed them."""

    title = "Bad signature"


class CredentialNotValid(Forbidden):
    """The credential was not in force when it was received."""

    title = "Credential not valid"


class InvalidKey(InvalidInput):
    """The key cannot be used: Ed25519 or P-256 public keys as JWK are taken, and nothing else."""

    title = "Invalid key"


class ProofError(Unprocessable):
    """A proof does not lead to the root it was checked against."""

    title = "Proof does not verify"


class LedgerDamaged(Unavailable):
    """A part of the ledger is missing or is not what its head says; writing stops until an operator has looked."""

    title = "Ledger damaged"
'''

SOURCES['traceability.ledger.ml_dsa'] = r'''
"""ML-DSA-44 (FIPS 204) as the C2SP formats use it, where the installed ``cryptography`` and the library below have it.

Imported late, so that a verifier with an older ``cryptography`` still checks everything that is signed with Ed25519.
"""

import functools

from traceability.ledger.errors import BadSignature, InvalidKey

PUBLIC_BYTES, SIGNATURE_BYTES, SEED_BYTES = 1312, 2420, 32
MISSING = "the cryptography installed here has no ML-DSA-44"


@functools.cache
def available() -> bool:
    """Return whether keys of this kind can be used here."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa

        mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(SEED_BYTES))
    except (ImportError, UnsupportedAlgorithm):
        return False
    return True


def public_of(seed: bytes) -> bytes:
    """Return the public key that belongs to a seed of 32 bytes.

    Raises:
        InvalidKey: ML-DSA-44 is not available here.

    """
    _require()
    from cryptography.hazmat.primitives.asymmetric import mldsa

    return mldsa.MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the signature of ``message`` (hedged, without a context); raises as ``public_of``."""
    _require()
    from cryptography.hazmat.primitives.asymmetric import mldsa

    return mldsa.MLDSA44PrivateKey.from_seed_bytes(seed).sign(message)


def verify(public: bytes, signature: bytes, message: bytes) -> None:
    """Check a signature.

    Raises:
        BadSignature: it does not fit.
        InvalidKey: ML-DSA-44 is not available here.

    """
    _require()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import mldsa

    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature("the ML-DSA-44 signature does not fit") from error


def _require() -> None:
    if not available():
        raise InvalidKey(f"{MISSING}: install a newer one to make or check such signatures")
'''

SOURCES['traceability.ledger.keyfile'] = r'''
"""Files that hold a secret key: made new with mode 0600, never overwritten, refused when other users may read them."""

import os
import stat
from pathlib import Path

from traceability.ledger.errors import InvalidKey


def write_secret(path: Path, data: bytes) -> None:
    """Write ``data`` durably into a new file only its owner may read; it is there as a whole or not at all.

    Raises:
        InvalidKey: the file exists already, or cannot be made.

    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        path.hardlink_to(beside)  # it fails where the name is taken, as a replacement would not
    except FileExistsError as error:
        raise InvalidKey(f"{path} exists: a key is never overwritten; name another file or move this one") from error
    except OSError as error:
        raise InvalidKey(f"cannot make the key file {path}: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)


def read_secret(path: Path) -> bytes:
    """Return the content of a key file.

    Raises:
        InvalidKey: it cannot be read, or users other than the owner may read it.

    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise InvalidKey(f"{path} has mode {mode:04o}, so others may use the key: run chmod 600 {path}")
            return file.read()
    except OSError as error:
        raise InvalidKey(f"cannot read the key file {path}: {error.strerror}") from error
'''

SOURCES['traceability.strict_json'] = r'''
"""JSON as this service accepts it: RFC 8259 narrowed to I-JSON (RFC 7493), with limits, and with decimals kept exact.

Two readers of one text must never see two things, because the bytes are what is signed: no byte order mark, no repeated
key, no lone surrogate, no NaN. Fractions become Decimal from the literal text, so that kilograms never pass a float.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import accumulate
from typing import Any, NoReturn

import orjson

from traceability.errors import InvalidInput

MAX_DIGITS = 64
MAX_EXPONENT = 200
"""64 digits and 10^200 together stay inside an IEEE double, so a later reader never meets an infinity. Both hold for
the number as sent and as ``dumps`` writes it, with one digit before the point."""

_BOM = b"\xef\xbb\xbf"
# Possessive, with an optional end: matches from every quotation mark onwards, hence linear on unterminated strings.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?"?', re.DOTALL)
_EXPONENT = re.compile(rb"[0-9][eE]([+-]?[0-9]+)")
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % (MAX_DIGITS + 1))
# A pair is consumed first, then any other escape; only a surrogate that found no partner is left for group 1.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_NESTING = [0] * 256
for _opening, _closing in (b"[]", b"{}"):
    _NESTING[_opening], _NESTING[_closing] = 1, -1
_NOT_BRACKETS = bytes(byte for byte in range(256) if not _NESTING[byte])


def loads(data: bytes, *, max_depth: int = 32, max_string: int = 65536, allow_bom: bool = False) -> Any:
    """Return the value of a JSON text: objects as dict, fractions as Decimal with their literal digits, others as int.

    What is accepted can be written and read again: ``loads(dumps(loads(data))) == loads(data)``.

    Args:
        data: the received bytes, UTF-8 without byte order mark.
        max_depth: how many arrays and objects may be nested in each other.
        max_string: bytes a single string may take as written, escapes included.
        allow_bom: read past a UTF-8 byte order mark, for the bare schema verdict on a file that nobody signed.

    Raises:
        InvalidInput: the bytes are not JSON in this narrow sense; the message says what is wrong and how to mend it.

    """
    if allow_bom:
        data = data.removeprefix(_BOM)
    text = _decode(data)
    bare, longest = _outside_strings(data)
    _check_depth(bare, max_depth)
    decoder = _decoder_for(bare)
    _check_strings(data, longest, max_string)
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error


def stored(text: str | bytes) -> Any:
    """Return the value of a JSON text that was accepted and stored before: whatever we wrote, we can read.

    The limits of ``loads`` are for what arrives. Applied to our own text, a limit drawn tighter later would make what
    is recorded unreadable.
    """
    return _DECODER.decode(text if isinstance(text, str) else text.decode())


def dumps(value: Any) -> bytes:
    """Return the JSON text of a value, compact and UTF-8, a Decimal with its own digits: what ``loads`` reads back.

    Raises:
        TypeError: the value holds something JSON has no form for, a number that is not finite included.

    """
    try:
        return orjson.dumps(value, default=_literal)
    except orjson.JSONEncodeError:  # most often an integer of more than 64 bit, which is rare enough to be slow
        return orjson.dumps(_wide(value), default=_literal)


def refuse_nul(data: bytes, value: Any) -> None:
    """Let a value go on that was read from ``data``: PostgreSQL's texts cannot hold the character NUL.

    Raises:
        InvalidInput: a text or key holds it.

    """
    if b"\\u0000" in data and _has_nul(value):
        raise InvalidInput("a text holds the character NUL (\\u0000): leave it out")


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any("\x00" in key or _has_nul(item) for key, item in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\x00" in value


def _wide(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _wide(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_wide(item) for item in value]
    return orjson.Fragment(str(value)) if type(value) is int else value


def _literal(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"no JSON form for {value!r}")


def _decode(data: bytes) -> str:
    if data.startswith(_BOM):
        raise InvalidInput("JSON must not begin with a byte order mark: save the file as UTF-8 without BOM")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"JSON must be UTF-8: byte {error.start} is not ({error.reason}); save it as UTF-8"
        ) from error


def _outside_strings(data: bytes) -> tuple[bytes, int]:
    """Return the text without its strings, and how many bytes the longest of these takes as written."""
    if b"\\" not in data:  # no quotation mark is escaped: each begins or ends a string
        pieces = data.split(b'"')
        return b"".join(pieces[::2]), max(map(len, pieces[1::2]), default=0)
    quotation_marks = 2
    return _STRING.sub(b"", data), max(map(len, _STRING.findall(data)), default=quotation_marks) - quotation_marks


def _check_depth(bare: bytes, max_depth: int) -> None:
    """Count brackets before parsing, so that the parser's own recursion stays bounded."""
    brackets = bare.translate(None, _NOT_BRACKETS)
    if max(accumulate(map(_NESTING.__getitem__, brackets)), default=0) > max_depth:
        raise InvalidInput(f"JSON is nested too deeply: at most {max_depth} levels are read; flatten the document")


def _decoder_for(bare: bytes) -> json.JSONDecoder:
    """Check the numbers as they stand; return what reads them: only those with an exponent get another spelling."""
    _check_numbers(bare)
    return _RESPELLING if _EXPONENT.search(bare) else _DECODER


def _check_numbers(bare: bytes) -> None:
    if _LONG_NUMBER.search(bare):
        raise InvalidInput(f"a number has more than {MAX_DIGITS} digits: write it shorter, or as a string")
    for exponent in _EXPONENT.findall(bare):
        if len(exponent) > MAX_DIGITS or abs(int(exponent)) > MAX_EXPONENT:
            raise InvalidInput(f"a number has the exponent {exponent[:12].decode()}: at most {MAX_EXPONENT} is read")


def _check_strings(data: bytes, longest: int, max_string: int) -> None:
    if longest > max_string:
        raise InvalidInput(f"a string is too long: at most {max_string} bytes; send the content as a document instead")
    if b"\\u" not in data:
        return
    for escape in _ESCAPE.finditer(data):
        if escape[1]:
            lone = escape[0].decode("utf-8", "replace")
            raise InvalidInput(f"{lone} is half of a surrogate pair: write the whole pair, or the character itself")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add gives None
        raise InvalidInput(f"the key {twice[:80]!r} stands twice in one object: keep one of them")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is not a JSON number: leave the field out where there is no value")


def _respelt(text: str) -> Decimal:
    """Return a number whose form in ``dumps`` keeps the limits as well: 12e200 would be written 1.2E+201."""
    value = Decimal(text)
    _check_numbers(str(value).encode())
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_refuse_constant)
_RESPELLING = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_respelt, parse_constant=_refuse_constant)
'''

SOURCES['traceability.ledger.jwk'] = r'''
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
'''

SOURCES['traceability.ledger.keys'] = r'''
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
'''

SOURCES['traceability.ledger.merkle'] = r'''
"""Merkle tree hashing and proof checking: RFC 6962, section 2.1, with the algorithms of RFC 9162, section 2.1.

Checks return nothing or raise `ProofError`. A consistency proof from size 0 proves nothing and is refused.
"""

from collections.abc import Sequence
from hashlib import sha256

from traceability.ledger.errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry), the leaf of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), the parent of two nodes."""
    return sha256(b"\x01" + left + right).digest()


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash ``leaf`` stands at ``index`` of the tree of ``size`` leaves with ``root``.

    Raises:
        ProofError: it does not, or a part has the wrong form.

    """
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise ProofError(f"expected an index below the tree size {size}; got {index}")
    got = _climb(leaf, index, size - 1, proof)
    if got != root:
        raise ProofError(f"inclusion of index {index} in size {size}: expected root {root.hex()}; got {got.hex()}")


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``size2`` leaves begins with the tree of ``size1`` leaves (append-only).

    Raises:
        ProofError: it does not, ``size1`` is 0 (nothing would be proved), or a part has the wrong form.

    """
    if not 0 < size1 <= size2:
        raise ProofError(f"expected 0 < first size <= second size; got {size1} and {size2}")
    if size1 == size2:
        _require_same_tree(size1, root1, root2, proof)
        return
    _require_hashes(root1, root2, *proof)
    got1, got2 = _climb_both(size1, root1, size2, proof)
    if got1 != root1 or got2 != root2:
        raise ProofError(
            f"consistency of sizes {size1} and {size2}: expected roots {root1.hex()} and {root2.hex()}; "
            f"got {got1.hex()} and {got2.hex()}"
        )


def _require_hashes(*hashes: bytes) -> None:
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise ProofError(f"expected hashes of {HASH_SIZE} bytes; got one of {len(value)}")


def _require_same_tree(size: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofError(f"expected an empty proof between equal sizes; got {len(proof)} hashes")
    if root1 != root2:
        raise ProofError(f"two roots for size {size}: {root1.hex()} and {root2.hex()}")


def _climb(node: bytes, position: int, last: int, proof: Sequence[bytes]) -> bytes:
    """Hash upwards from ``position``; ``last`` is the position of the rightmost node on the same level."""
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            position, last = _skip_lone(position, last)
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    return node


def _climb_both(size1: int, root1: bytes, size2: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    position, last = size1 - 1, size2 - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    # A first tree that is a perfect one is itself the node from which the climb starts.
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    if not path:
        raise ProofError("expected a proof between different sizes; got none")
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is longer than the tree is high")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            position, last = _skip_lone(position, last)
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the proof is shorter than the tree is high")
    return old, new


def _skip_lone(position: int, last: int) -> tuple[int, int]:
    """Skip the levels on which the rightmost node has no sibling and is passed up unchanged."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last
'''

SOURCES['traceability.ledger.note'] = r'''
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
'''

SOURCES['traceability.ledger.checkpoint'] = r'''
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
'''

SOURCES['traceability.ledger.cosignature'] = r'''
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
'''

SOURCES['traceability.ledger.policy'] = r'''
"""Whom a verifier trusts (C2SP tlog-policy): log keys, witnesses, and how many of the latter have to have cosigned.

A log may have a second key, of ML-DSA-44, named by a ``log`` line of its own: its signature is checked where it is, and
only a quorum that names the same key as a witness demands it. The URL of a ``log`` line, whose meaning is left to the
application, may end in ``#until=SIZE``: the key signed no head of more entries.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from traceability.errors import InvalidInput
from traceability.ledger.cosignature import ML_DSA_44, CosignerKey
from traceability.ledger.encoding import from_b64
from traceability.ledger.note import VKEY, VerifierKey

_MAX_POLICY = 1_000_000
_ALLOWED = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_DECIMAL = re.compile(r"[1-9][0-9]{0,3}")
_UNTIL = re.compile(r"[^#]*#until=(0|[1-9][0-9]{0,17})")
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of a policy, and where checkpoints are submitted to it."""

    name: str
    key: CosignerKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which ``threshold`` have to have witnessed."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The logs a verifier accepts checkpoints from, each known by its key, and the quorum of witnesses it asks for."""

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, Witness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = _NONE
    seconds: tuple[CosignerKey, ...] = ()
    """Second keys of logs (ML-DSA-44), each named like its log."""
    ends: Mapping[str, int] = field(default_factory=dict)
    """The largest size a key signed, by its verifier key; a key that is not here has not ended."""

    @classmethod
    def pin(cls, vkey: str) -> "Policy":
        """Trust the log with this verifier key (``name+hash+key``) and no other, without witnesses.

        Raises:
            InvalidKey: not a verifier key.

        """
        return cls((VerifierKey.parse(vkey),))

    @classmethod
    def parse(cls, data: bytes, *, logs_needed: bool = True) -> "Policy":
        """Read a policy file: lines ``log``, ``witness``, ``group`` and exactly one ``quorum``; # begins a comment.

        Raises:
            InvalidInput: another form, no log (where one is needed), a key or a name that stands twice, or a group or
                quorum of names that no earlier line defines.

        """
        if len(data) > _MAX_POLICY or not _ALLOWED.fullmatch(data):
            raise InvalidInput(
                "expected a policy file: text lines with tabs and newlines as the only control characters"
            )
        reader = _Reader()
        for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
            words = [word for word in re.split(r"[ \t]+", line) if word]
            if words and not words[0].startswith("#"):
                reader.line(number, words)
        return reader.policy(logs_needed=logs_needed)

    def witnessed(self, cosigners: Collection[str]) -> bool:
        """Tell whether cosignatures of these witnesses (names of the policy) make up the quorum."""
        return self.quorum == _NONE or self._witnessed(self.quorum, cosigners)

    def _witnessed(self, name: str, cosigners: Collection[str]) -> bool:
        if name in self.witnesses:
            return name in cosigners
        group = self.groups[name]
        return sum(self._witnessed(member, cosigners) for member in group.members) >= group.threshold


class _Reader:
    """Reads the lines of a policy in order: a line may only name what stands before it."""

    def __init__(self) -> None:
        self.logs: list[VerifierKey] = []
        self.seconds: list[CosignerKey] = []
        self.ends: dict[str, int] = {}
        self.witnesses: dict[str, Witness] = {}
        self.groups: dict[str, Group] = {}
        self.quorums: list[str] = []
        self._members: set[str] = set()

    def line(self, number: int, words: list[str]) -> None:
        read = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        if words[0] not in read:
            raise InvalidInput(f"policy, line {number}: expected log, witness, group or quorum; got {words[0][:40]!r}")
        read[words[0]](f"policy, line {number}", words[1:])

    def policy(self, *, logs_needed: bool) -> Policy:
        if len(self.quorums) != 1 or (logs_needed and not self.logs):
            raise InvalidInput(
                "expected at least one log line and exactly one quorum line, such as 'quorum none'; "
                f"got {len(self.logs)}, {len(self.quorums)}"
            )
        logs = {log.public.thumbprint for log in self.logs} | {second.thumbprint for second in self.seconds}
        if len(logs) != len(self.logs) + len(self.seconds):
            raise InvalidInput("the policy names the same log key twice: keep one of the lines")
        if len({witness.key.thumbprint for witness in self.witnesses.values()}) != len(self.witnesses):
            raise InvalidInput("the policy names the same witness key twice: it would count for two")
        return Policy(
            tuple(self.logs), self.witnesses, self.groups, self.quorums[0], tuple(self.seconds), dict(self.ends)
        )

    def _log(self, where: str, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise InvalidInput(f"{where}: expected 'log <vkey> [<url>]'")
        if _is_second(words[0]):
            self.seconds.append(CosignerKey.parse(words[0]))
        else:
            self.logs.append(VerifierKey.parse(words[0]))
        ends = _UNTIL.fullmatch(words[1]) if len(words) > 1 else None
        if ends is not None:
            self.ends[words[0]] = int(ends[1])
        elif len(words) > 1 and "#until" in words[1]:
            raise InvalidInput(
                f"{where}: expected the size at which the key ended as #until=SIZE; got {words[1][:80]!r}"
            )

    def _witness(self, where: str, words: list[str]) -> None:
        if len(words) not in (2, 3):
            raise InvalidInput(f"{where}: expected 'witness <name> <vkey> [<url>]'")
        self._new(where, words[0])
        self.witnesses[words[0]] = Witness(words[0], CosignerKey.parse(words[1]), *words[2:])

    def _group(self, where: str, words: list[str]) -> None:
        if len(words) < 3:  # noqa: PLR2004  # name, threshold, one member
            raise InvalidInput(f"{where}: expected 'group <name> all|any|<k> <member>...'")
        name, threshold, *members = words
        self._new(where, name)
        for member in members:
            self._defined(where, member)
            if member in self._members:
                raise InvalidInput(f"{where}: {member!r} is a member already; it would count twice")
            self._members.add(member)
        self.groups[name] = Group(self._threshold(where, threshold, len(members)), tuple(members))

    def _quorum(self, where: str, words: list[str]) -> None:
        if len(words) != 1:
            raise InvalidInput(f"{where}: expected 'quorum <name>'")
        if words[0] != _NONE:
            self._defined(where, words[0])
        self.quorums.append(words[0])

    def _new(self, where: str, name: str) -> None:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise InvalidInput(f"{where}: the name {name!r} is taken")

    def _defined(self, where: str, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise InvalidInput(f"{where}: no earlier line defines {name!r}")

    @staticmethod
    def _threshold(where: str, text: str, members: int) -> int:
        if text in ("any", "all"):
            return 1 if text == "any" else members
        if not _DECIMAL.fullmatch(text) or int(text) > members:
            raise InvalidInput(f"{where}: expected all, any or a number from 1 to {members}; got {text[:20]!r}")
        return int(text)


def _is_second(vkey: str) -> bool:
    """Tell whether a verifier key is one of ML-DSA-44; what is none of any kind is refused by who reads it."""
    match = VKEY.fullmatch(vkey)
    try:
        return match is not None and from_b64(match[3])[:1] == bytes([ML_DSA_44])
    except ValueError:
        return False
'''

SOURCES['traceability.ledger.entry'] = r'''
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
'''

SOURCES['traceability.ledger.jose'] = r'''
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
'''

SOURCES['traceability.ledger.commitment'] = r'''
"""Salted commitments to personal values (ledger.md 8): base64(SHA256(salt || value)), made before anything is signed.

Who has value and salt can show that they open it; without the salt a name or phone number cannot be guessed from it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64, from_b64

MIN_SALT, MAX_SALT = 16, 32
MAX_VALUE = 4000
"""Characters of a value: a name, an address, a number; nothing longer is personal data of one field."""
MAX_NAME = 100
_MEMBERS = frozenset({"commitment", "name", "value", "salt"})


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment: the value, the salt, and what the value is (``name``: miner, driver; never who).

    Raises:
        InvalidInput: salt or texts are not of their length.

    """

    commitment: str
    name: str
    value: str
    salt: bytes

    def __post_init__(self) -> None:
        if not MIN_SALT <= len(self.salt) <= MAX_SALT:
            raise InvalidInput(f"expected a salt of {MIN_SALT} to {MAX_SALT} random bytes; got {len(self.salt)}")
        if not 0 < len(self.value) <= MAX_VALUE or not 0 < len(self.name) <= MAX_NAME:
            raise InvalidInput(f"expected a value of 1 to {MAX_VALUE} characters and a name of 1 to {MAX_NAME}")

    @property
    def opens(self) -> bool:
        """Tell whether value and salt give the commitment."""
        return hmac.compare_digest(commit(self.value, self.salt).encode(), self.commitment.encode())

    def as_dict(self) -> dict[str, str]:
        """Return it as JSON, the salt as base64."""
        return {"commitment": self.commitment, "name": self.name, "value": self.value, "salt": b64(self.salt)}

    @classmethod
    def from_value(cls, value: Any) -> "Opening":
        """Read it from its parsed JSON; whether it opens anything is not looked at.

        Raises:
            InvalidInput: another form. The message holds nothing of the value.

        """
        if (
            not isinstance(value, dict)
            or value.keys() != _MEMBERS
            or not all(isinstance(v, str) for v in value.values())
        ):
            raise InvalidInput(f"expected an opening with exactly {', '.join(sorted(_MEMBERS))}, all of them text")
        try:
            salt = from_b64(value["salt"])
        except ValueError as error:
            raise InvalidInput("expected the salt of an opening as base64") from error
        return cls(value["commitment"], value["name"], value["value"], salt)


def commit(value: str, salt: bytes) -> str:
    """Return base64(SHA256(salt || value)), the value in UTF-8."""
    return b64(hashlib.sha256(salt + value.encode()).digest())


def new_opening(name: str, value: str) -> Opening:
    """Return a commitment to a value with a fresh salt of 32 random bytes."""
    salt = secrets.token_bytes(MAX_SALT)
    return Opening(commit(value, salt), name, value, salt)
'''

SOURCES['traceability.ledger.proof'] = r'''
"""Offline proofs of inclusion as text (C2SP tlog-proof, version 1): index, path, and the checkpoint verbatim."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64, from_b64

_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})")
_MAX_PATH = 64


@dataclass(frozen=True, slots=True)
class LogProof:
    """A proof that was read and not verified yet."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    """The signed note, verbatim; the path is for exactly its size."""
    extra: bytes | None = None
    """What an application put beside the proof: nobody signs it, and nothing here looks at it."""

    def to_text(self) -> str:
        """Return the text form."""
        extra = [] if self.extra is None else [_EXTRA + b64(self.extra)]
        lines = [_HEADER, *extra, f"index {self.index}", *map(b64, self.path)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def make_proof(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Return the proof text; ``path`` must have been made for the size of the stored ``checkpoint``, no other."""
    return LogProof(index, tuple(path), checkpoint).to_text()


def parse_proof(text: str) -> LogProof:
    """Read a proof text. An ``extra`` line is kept as it is: it proves nothing, and has no meaning in this log.

    Raises:
        InvalidInput: another form.

    """
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    extra = lines.pop(1) if len(lines) > 1 and lines[1].startswith(_EXTRA) else None
    match = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if not separator or lines[0] != _HEADER or match is None or extra == _EXTRA:
        expected = f"the lines {_HEADER}, extra (where there is such data), index, hashes, an empty line, a checkpoint"
        raise InvalidInput(f"expected a proof: {expected}")
    path = lines[2:]
    if len(path) > _MAX_PATH:
        raise InvalidInput(f"expected at most {_MAX_PATH} hashes in a proof; got {len(path)}")
    try:
        data = None if extra is None else from_b64(extra.removeprefix(_EXTRA))
        return LogProof(int(match[1]), tuple(map(from_b64, path)), checkpoint, data)
    except ValueError as error:
        raise InvalidInput(f"proof, extra and hashes: {error}") from error
'''

SOURCES['traceability.ledger.log_change'] = r'''
"""What the log says about itself: a new key (entry key-rotate) or a new origin (origin-change), as exact JSON bytes.

The entry holds the hash of the record and names neither a party nor a party's key, as theirs do.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry
from traceability.ledger.note import VerifierKey

ROTATION, ORIGIN = "traceability-log-rotation@v1", "traceability-origin-change@v1"
_MAX = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """The key ``old`` of a log is followed by ``new``; both sign the checkpoint that first holds the entry."""

    origin: str
    old: str
    new: str
    second_old: str | None = None
    """Verifier key of ML-DSA-44 that ended, where there was one."""
    second_new: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginChange:
    """The log ``old_origin`` is given up, and its first ``size`` entries go on as the log ``origin``."""

    origin: str
    old_origin: str
    old: str
    new: str
    size: int
    root: str
    """Base64: of the ``size`` entries that are kept."""
    agreed: int
    """The largest size of the old origin of which nothing contradicts what is kept: its key counts up to here."""
    signed: tuple[str, ...]
    """Checkpoints of the old origin that the kept entries do not continue: larger, or another history."""


Change = Rotation | OriginChange


def to_record(change: Change) -> bytes:
    """Return the bytes an entry stands for."""
    members = asdict(change) | {"format": ROTATION if isinstance(change, Rotation) else ORIGIN}
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def read_record(data: bytes) -> Change:
    """Read a record; nothing in it is verified but its form.

    Raises:
        InvalidInput: another form.
        InvalidKey: a key of it is none.

    """
    value = strict_json.loads(data, max_depth=3, max_string=_MAX)
    said = value.get("format") if isinstance(value, dict) else None
    kind = {ROTATION: Rotation, ORIGIN: OriginChange}.get(said if isinstance(said, str) else "")
    if kind is None or value.keys() != {"format", *(one.name for one in fields(kind))}:
        raise InvalidInput(f"expected the record of a change of the log, of format {ROTATION} or {ORIGIN}")
    members = {name: item for name, item in value.items() if name != "format"}
    change: Change = kind(**_checked(members))
    names = [VerifierKey.parse(change.old).name, VerifierKey.parse(change.new).name]
    if names != [change.old_origin if isinstance(change, OriginChange) else change.origin, change.origin]:
        raise InvalidInput(f"expected keys named like their log, {change.origin}; got {names[0]} and {names[1]}")
    return change


def entry_of(change: Change, at: int) -> Entry:
    """Return the entry that a change leaves in the log, received ``at`` (milliseconds)."""
    kind = "key-rotate" if isinstance(change, Rotation) else "origin-change"
    return Entry(kind=kind, body=digest(to_record(change)), at=at)


def stands_for(entry: Entry, record: bytes) -> bool:
    """Tell whether an entry is the log's own about the change in ``record``: parties' entries name the party."""
    return entry == entry_of(read_record(record), entry.at) and entry.body == digest(record)


def _checked(members: dict[str, Any]) -> dict[str, Any]:
    signed: Sequence[Any] = members.get("signed", [])
    numbers = [members[name] for name in ("size", "agreed") if name in members]
    rest = [value for name, value in members.items() if name not in ("size", "agreed", "signed")]
    optional = [members.get("second_old"), members.get("second_new")]
    texts = [value for value in rest if value is not None or value not in optional]
    if not isinstance(signed, list) or not all(isinstance(text, str) for text in [*texts, *signed]):
        raise InvalidInput("record of a change of the log: expected texts")
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise InvalidInput("record of a change of the log: expected sizes")
    return members | ({"signed": tuple(signed)} if "signed" in members else {})
'''

SOURCES['traceability.ledger.succession'] = r'''
"""From a log key that somebody pinned to the one that signs now: one link for each rotation in between.

The old key signed a checkpoint whose tree holds the entry that names the new one; a signature line of another key below
that checkpoint would prove nothing, since anybody can add one. The new key signed the same checkpoint, and what it
signed later continues it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.entry import Entry
from traceability.ledger.errors import InvalidKey, ProofError
from traceability.ledger.log_change import Rotation, read_record, stands_for
from traceability.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof

_MEMBERS = {"record", "entry", "proof", "consistency"}
_MOST = 64


@dataclass(frozen=True, slots=True)
class Link:
    """One rotation: its record and entry, the entry's proof in the checkpoint both keys signed, and the way from there.

    ``consistency`` leads from that checkpoint to the one of the receipt or pack which holds the link.
    """

    record: bytes
    entry: bytes
    proof: str
    consistency: tuple[bytes, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object: bytes as base64."""
        path = [b64(one) for one in self.consistency]
        return {"record": b64(self.record), "entry": b64(self.entry), "proof": self.proof, "consistency": path}

    @classmethod
    def from_value(cls, value: Any) -> "Link":
        """Read a link; nothing in it is verified.

        Raises:
            InvalidInput: another form.

        """
        if not isinstance(value, dict) or value.keys() != _MEMBERS or not isinstance(value["consistency"], list):
            raise InvalidInput(f"expected a link from key to key as an object with {', '.join(sorted(_MEMBERS))}")
        texts = [value["record"], value["entry"], value["proof"], *value["consistency"]]
        if not all(isinstance(text, str) for text in texts):
            raise InvalidInput("a link from key to key: expected texts")
        try:
            path = tuple(map(from_b64, value["consistency"]))
            return cls(from_b64(value["record"]), from_b64(value["entry"]), value["proof"], path)
        except ValueError as error:
            raise InvalidInput(f"a link from key to key: {error}") from error


def read_links(value: Any) -> tuple[Link, ...]:
    """Read the links of a receipt or pack, oldest first; raises InvalidInput for another form."""
    if not isinstance(value, list) or len(value) > _MOST:
        raise InvalidInput(f"expected a list of at most {_MOST} links from key to key")
    return tuple(map(Link.from_value, value))


def succeed(links: Sequence[Link], policy: Policy, head: Checkpoint) -> Mapping[str, str]:
    """Return the keys that followed those of the policy on the way to ``head``: each with how it came about.

    Raises:
        TraceabilityError: a link from a trusted key does not hold. Links from other keys are passed over.

    """
    trusted = {key.vkey: "pinned" for key in policy.logs}
    for link in links:
        change = read_record(link.record)
        # From a key that the policy ends nothing leads on: whoever holds it could date a rotation before its end.
        if isinstance(change, Rotation) and change.old in trusted and change.old not in policy.ends:
            size = _hold(link, change, head)
            trusted[change.new] = f"follows {change.old.split('+')[1]} since the checkpoint of {size} that both signed"
    return trusted


def _hold(link: Link, change: Rotation, head: Checkpoint) -> int:
    """Check one link and return the size of the checkpoint both keys signed."""
    proof = parse_proof(link.proof)
    old, new = VerifierKey.parse(change.old), VerifierKey.parse(change.new)
    both, _ = verify_checkpoint(proof.checkpoint, [old])
    verify_checkpoint(proof.checkpoint, [new])
    if both.origin != head.origin or both.size > head.size:
        raise InvalidKey(f"expected a checkpoint of {head.origin} both keys signed before {head.size} entries")
    verify_inclusion(leaf_hash(link.entry), proof.index, both.size, proof.path, both.root)
    if not stands_for(Entry.parse(link.entry), link.record):
        raise ProofError("the entry that should name the next log key is about something else")
    verify_consistency(both.size, both.root, head.size, head.root, link.consistency)
    return both.size
'''

SOURCES['traceability.ledger.receipt'] = r'''
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
'''

SOURCES['traceability.ledger.signed_events'] = r'''
"""The custody events in what was signed: an EPCISDocument, one event, or a credential about either, as plain JSON."""

from collections.abc import Mapping, Sequence
from typing import Any


def event_at(content: Any, position: int) -> Any:
    """Return the event at a position of a capture's content; None where there is none."""
    events, _ = events_of(content)
    return events[position] if position < len(events) else None


def events_of(content: Any) -> tuple[Sequence[Any], Any]:
    """Return the events of a capture in their order, and the @context around them.

    A capture is an EPCIS document, one event, or a credential about either.
    """
    if isinstance(content, Mapping) and "credentialSubject" in content:
        content = content["credentialSubject"]
    if isinstance(content, list):
        return content, None
    inner = content.get("epcisBody") if isinstance(content, Mapping) else None
    if not isinstance(inner, Mapping):
        return [content], None
    if isinstance(results := inner.get("queryResults"), Mapping):  # an EPCISQueryDocument
        inner = results.get("resultsBody") or {}
    events = inner.get("eventList", inner.get("event")) if isinstance(inner, Mapping) else None
    return events if isinstance(events, list) else [events], content.get("@context")
'''

SOURCES['traceability.ledger.history'] = r'''
"""The life of a key by log index (ledger.md 6): a signature is judged by its entry's index, never by a claimed time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from traceability.errors import InvalidInput

KeyState = Literal["waiting", "active", "revoked", "disputed"]


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """Entry ``index`` (kind key-add) brought the key ``thumbprint``."""

    index: int
    thumbprint: str


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """Entry ``index`` (kind key-rotate), signed by both keys, ended ``old`` and brought ``new``."""

    index: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """Entry ``index`` (kind key-revoke) ended the key; from ``compromised_since_index`` on others may have used it."""

    index: int
    thumbprint: str
    compromised_since_index: int | None = None


KeyFact = KeyAdded | KeyRotated | KeyRevoked


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """When one key was active. The entries that bring and end it count as signed while it was active."""

    thumbprint: str
    added_index: int | None
    ended_index: int | None
    compromised_since_index: int | None

    @classmethod
    def of(cls, thumbprint: str, facts: Iterable[KeyFact]) -> "KeyHistory":
        """Gather the history of one key from the facts of the log; facts about other keys are passed over.

        Raises:
            InvalidInput: the key was brought twice, or ended without or before having been brought.

        """
        begun: list[int] = []
        ended: list[int] = []
        compromised: list[int] = []
        for fact in facts:
            begun.extend(_begins(thumbprint, fact))
            ended.extend(_ends(thumbprint, fact))
            compromised.extend(_compromise(thumbprint, fact))
        if len(begun) > 1:
            raise InvalidInput(f"the key {thumbprint} was added twice, by the entries {begun}: a key is added once")
        if ended and (not begun or min(ended) <= begun[0]):
            raise InvalidInput(f"the key {thumbprint} was ended by entry {min(ended)} before it was added")
        # Later knowledge may move the compromise to an earlier entry; it never moves it back.
        return cls(thumbprint, *(min(indices, default=None) for indices in (begun, ended, compromised)))

    def valid_at(self, index: int) -> bool:
        """Say whether the key was active when the log took entry ``index``; a compromise does not change that."""
        if self.added_index is None or index < self.added_index:
            return False
        return self.ended_index is None or index <= self.ended_index

    def disputed(self, index: int) -> bool:
        """Say whether another than the party may have signed entry ``index`` (compromised_since_index <= index)."""
        return self.compromised_since_index is not None and index >= self.compromised_since_index

    def state_at(self, index: int) -> KeyState:
        """Return the key's state at entry ``index``, as receipts carry it."""
        if self.added_index is None or index < self.added_index:
            return "waiting"
        if self.disputed(index):
            return "disputed"
        return "active" if self.valid_at(index) else "revoked"


def _begins(thumbprint: str, fact: KeyFact) -> list[int]:
    match fact:
        case KeyAdded(index, key) if key == thumbprint:
            return [index]
        case KeyRotated(index, _, new) if new == thumbprint:
            return [index]
    return []


def _ends(thumbprint: str, fact: KeyFact) -> list[int]:
    match fact:
        case KeyRotated(index, old, _) if old == thumbprint:
            return [index]
        case KeyRevoked(index, key, _) if key == thumbprint:
            return [index]
    return []


def _compromise(thumbprint: str, fact: KeyFact) -> list[int]:
    match fact:
        case KeyRevoked(_, key, int(since)) if key == thumbprint:
            return [since]
    return []
'''

SOURCES['traceability.ledger.verify_case'] = r'''
"""A receipt while it is verified: its parts, and what the steps have established so far.

A step returns what it found, raises a TraceabilityError with expected and got, raises `NotChecked` where the receipt
holds too little to check, or returns None where it does not concern this entry.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from traceability.ledger.checkpoint import Checkpoint
from traceability.ledger.entry import Entry
from traceability.ledger.errors import InvalidKey
from traceability.ledger.history import KeyHistory
from traceability.ledger.keys import PublicKey
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy
from traceability.ledger.proof import LogProof, parse_proof
from traceability.ledger.receipt import Receipt

T = TypeVar("T")

EventId = Callable[[Mapping[str, Any], Any], str]
"""Port to who knows events: (an event without eventID, the @context around it) -> the id that a server makes for it.

It raises InvalidInput for what is no event."""

StampCheck = Callable[[bytes, Sequence[bytes]], datetime]
"""Port to who checks time-stamp tokens: (a token, the SHA-256 it may be over, any of them) -> the authority's time.

It raises ProofError for a token over other bytes, BadSignature where nobody that is trusted signed it, and `NotChecked`
where there is nothing to check it with."""


class NotChecked(Exception):  # not an error: there was nothing to check with
    """The receipt does not hold what this step needs; the verdict stands without it."""


@dataclass(slots=True)
class Case:
    """A receipt under verification, and what its steps have established."""

    receipt: Receipt
    entry: Entry
    log_key: VerifierKey
    proof: LogProof
    policy: Policy | None
    """Whom the verifier trusts; None where nothing was pinned."""
    head: Checkpoint
    """The verified head, once the first step has put it here; before that an empty one."""
    content: Any = None
    """What was signed, parsed from the verified bytes; None before that, and when the receipt does not hold it."""
    event_id: EventId | None = None
    check_stamp: StampCheck | None = None
    keys: Mapping[str, KeyHistory] = field(default_factory=dict)
    """The lives of keys as the entries of a pack tell them, by thumbprint; empty for a receipt alone."""
    packs: Mapping[str, str] = field(default_factory=dict)
    """Evidence packs given beside the receipt: the name of each file, by its SHA-256 in base64url."""
    disputed: str | None = None
    """Why the signature is disputed, once the last step has put it here: everything else had held."""
    memo: dict[Any, Any] = field(default_factory=dict)
    """What was established for other receipts of one pack: many share a checkpoint, a capture and a key."""

    @classmethod
    def of(cls, receipt: Receipt, policy: Policy | None = None, event_id: EventId | None = None) -> "Case":
        """Read the parts of a receipt.

        Raises:
            InvalidInput: a part cannot be read.

        """
        proof = parse_proof(receipt.proof)
        entry = Entry.parse(receipt.entry)
        key = VerifierKey.parse(receipt.log_key)
        return cls(receipt, entry, key, proof, policy, Checkpoint("", 0, b""), event_id=event_id)

    def once(self, about: Any, work: Callable[[], T]) -> T:
        """Return what ``work`` gives, done once for everything ``about`` names."""
        if about not in self.memo:
            self.memo[about] = work()
        found: T = self.memo[about]
        return found

    def public(self) -> PublicKey:
        """Return the signer's key as the receipt holds it.

        Raises:
            InvalidKey: the receipt holds none.

        """
        if self.receipt.key is None:
            raise InvalidKey(f"expected the key {self.entry.key}, which the entry names; the receipt holds none")
        return PublicKey.from_jwk(self.receipt.key.jwk)
'''

SOURCES['traceability.ledger.verify_content'] = r'''
"""Steps of offline verification that ask what the entry stands for (ledger.md 5): bytes, signature, event."""

from collections.abc import Iterator
from typing import Any

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.encoding import digest, from_b64u
from traceability.ledger.entry import Entry
from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.jose import Signed, read_compact, read_detached, verify
from traceability.ledger.receipt import ErasedNotice
from traceability.ledger.signed_events import event_at, events_of
from traceability.ledger.verify_case import Case, NotChecked

_BY_PARTIES = ("capture", "event", "shipment")
_DEPTH = 128  # more than capture takes: a receipt once given stays readable


def body(case: Case) -> str:
    """Check that the entry stands for these bytes and this detached JWS."""
    receipt, entry = case.receipt, case.entry
    hashes = {receipt.body_hash} if receipt.body is None else {receipt.body_hash, digest(receipt.body)}
    if hashes != {entry.body}:
        raise ProofError(f"expected bytes with the hash {entry.body}; got {', '.join(sorted(hashes))}")
    jws = None if receipt.jws is None else digest(receipt.jws.encode())
    if jws != entry.jws:
        raise ProofError(f"expected a detached JWS with the hash {entry.jws}; got {jws}")
    return f"the entry stands for exactly these bytes, received {_moment(entry)}"


def pack(case: Case) -> str | None:
    """Check that the entry of an evidence pack stands for a file that was given beside the receipt."""
    if case.entry.kind != "evidence-pack":
        return None
    expected = from_b64u(case.entry.body).hex()
    if not case.packs:
        raise NotChecked(f"the entry stands for a pack with the SHA-256 {expected}; give that file beside the receipt")
    if case.entry.body not in case.packs:
        raise ProofError(
            f"expected the pack with the SHA-256 {expected}, for which the entry stands; none of the {len(case.packs)} "
            "given beside the receipt is that file. Give that one, or the receipt by itself"
        )
    return f"the entry stands for exactly this file: {case.packs[case.entry.body]}, SHA-256 {expected}"


def _moment(entry: Entry) -> str:
    try:
        return entry.received_at.isoformat()
    except OverflowError:
        return f"{entry.at} milliseconds after 1970"


def signature(case: Case) -> str:
    """Check the signer's JWS over the exact bytes."""
    receipt, entry = case.receipt, case.entry
    if entry.kind in _BY_PARTIES and entry.key is None:
        raise BadSignature(f"expected the key of a party in an entry of kind {entry.kind}; nobody signed this")
    if entry.kind == "evidence-pack":
        raise NotChecked("no party signed the entry: it is a record of the log's own")
    if receipt.body is None and receipt.erased is not None:
        raise NotChecked(_erased(receipt.erased))
    if receipt.body is None:
        raise NotChecked("the receipt holds only the hash of what was signed; compare it with your copy")
    if entry.key is None or (entry.kind.startswith("key-") and entry.jws is None):
        case.content = _parsed(receipt.body)
        raise NotChecked("no party signed this: it is a record of the log's own")
    about = ("signed", entry.body, entry.jws, case.public().thumbprint)
    signed, case.content = case.once(about, lambda: _signed(case, receipt.body or b""))
    _check_binding(signed, case)
    return f"signed by {signed.kid} with {signed.alg} over the exact bytes"


def _erased(said: ErasedNotice) -> str:
    """Say what a receipt claims was erased; the proof of it is in the log, not here."""
    return (
        f"the receipt says that the body was erased (ledger entry {said.entry}) and that the signature was found "
        f"{said.verdict[:20]} before (entry {said.verdict_entry}). Whoever kept the bytes can still check it"
    )


def _signed(case: Case, data: bytes) -> tuple[Signed, Any]:
    """Verify the bytes, which ``body`` has found to be those of the entry, and parse them."""
    enveloped = case.entry.jws is None
    signed = read_compact(data, typ=None, cty=None) if enveloped else read_detached(case.receipt.jws, data)
    verify(signed, case.public())
    return signed, _parsed(signed.payload)


def event(case: Case) -> str | None:
    """Check that the entry names the event at its position in the capture."""
    entry = case.entry
    if entry.kind != "event":
        return None
    if case.content is None:
        raise NotChecked("the receipt does not hold the event in a form that can be read")
    events, context = events_of(case.content)
    if entry.n is None or entry.n >= len(events):
        raise ProofError(f"expected an event at position {entry.n}; the capture holds {len(events)}")
    found = events[entry.n]
    name = found.get("eventID") if isinstance(found, dict) else None
    if not isinstance(name, str):
        name = _made_id(case, found, context)
    if digest(name.encode()) != entry.eid:
        raise ProofError(f"expected the eventID with the hash {entry.eid} at position {entry.n}; got {name}")
    return f"the entry is for the event {name}"


def commitments(case: Case) -> str | None:
    """Check that every opening opens its commitment, and that the signed event holds that one."""
    if not case.receipt.openings:
        return None
    if case.content is None or case.entry.kind != "event":
        raise NotChecked("the receipt does not hold the event that the openings are about")
    held = set(_texts(event_at(case.content, case.entry.n or 0)))
    for one in case.receipt.openings:
        if not one.opens or one.commitment not in held:
            raise ProofError(f"expected value and salt of the {one.name[:40]} to open a commitment of the event")
    return f"{len(case.receipt.openings)} values are the ones the signer committed to"


def _texts(value: Any) -> Iterator[str]:
    """Yield every text that is a value in parsed JSON."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list):
            waiting.extend(one.values() if isinstance(one, dict) else one)


def _made_id(case: Case, event: Any, context: Any) -> str:
    """Return the id that the server made for an event which carries none."""
    gap = f"the event at position {case.entry.n} carries no eventID to compare"
    if case.event_id is None or not isinstance(event, dict) or "eventID" in event:
        raise NotChecked(gap)
    try:
        return case.event_id(event, context)
    except InvalidInput as error:
        raise NotChecked(f"{gap}, and is no event whose id can be made: {error.detail}") from error


def _check_binding(signed: Signed, case: Case) -> None:
    if signed.log_origin not in (None, case.head.origin):
        raise BadSignature(f"signed for the log {signed.log_origin} only; got it from {case.head.origin}")
    anchor = signed.log_anchor
    if anchor is not None and anchor.size > case.proof.index:
        raise BadSignature(
            f"signed after a checkpoint of {anchor.size} entries had been seen; entry {case.proof.index} is older"
        )


def _parsed(data: bytes) -> Any:
    try:
        return strict_json.loads(data, max_depth=_DEPTH, max_string=len(data))
    except InvalidInput:
        return None  # not every record is JSON; a document's file is not
'''

SOURCES['traceability.ledger.verify_log'] = r'''
"""Steps of offline verification that ask the log (ledger.md 5): head signed, entry included, signer's key taken in."""

from datetime import UTC, datetime

from traceability.ledger import ml_dsa
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.cosignature import cosignatures
from traceability.ledger.entry import Entry
from traceability.ledger.errors import BadSignature, InvalidKey, ProofError
from traceability.ledger.history import KeyAdded
from traceability.ledger.merkle import leaf_hash, verify_inclusion
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import KeyEvidence
from traceability.ledger.verify_case import Case, NotChecked

_BRINGS_KEY = ("key-add", "key-rotate")
_BY_FILE, _BY_ENTRIES = "as this file says", "by the entries about it in this pack"


def checkpoint(case: Case) -> str:
    """Check the log's signature on the checkpoint."""
    note, key = case.proof.checkpoint, case.log_key
    case.head, _ = case.once(("head", note, key.vkey), lambda: verify_checkpoint(note, [key]))
    within(key, case.head, case.policy)
    return f"{case.head.origin} signed its head of {case.head.size} entries, root {case.head.root.hex()}"


def within(key: VerifierKey, head: Checkpoint, policy: Policy | None) -> None:
    """Check that the policy lets the key have signed a head of this size.

    Raises:
        InvalidKey: the key ended before; what it proves is that the log's key, or who had it, signed this all the same.

    """
    ended = None if policy is None else policy.ends.get(key.vkey)
    if ended is not None and head.size > ended:
        raise InvalidKey(
            f"by the policy the key {key.name}+{key.key_id.hex()} ended at {ended} entries, and it signed this head of "
            f"{head.size}: entries of the log that were lost, a branch it left, or a key in wrong hands. Keep this "
            "file: it proves that it was signed"
        )


def second_signature(case: Case) -> str | None:
    """Check the signature of the log's second key, where the policy names one."""
    note, head, policy = case.proof.checkpoint, case.head, case.policy
    return None if policy is None else case.once(("second", note), lambda: second_of(note, head, policy))


def second_of(note: str, head: Checkpoint, policy: Policy) -> str | None:
    """Return which second key of the policy signed a checkpoint; None where the policy has none of this log.

    Raises:
        BadSignature: a signature of such a key does not fit.
        InvalidKey: the key ended before.
        NotChecked: there is no such signature, or ML-DSA-44 is not available here.

    """
    keys = [key for key in policy.seconds if key.name == head.origin]
    if not keys:
        return None
    if not ml_dsa.available():
        raise NotChecked(ml_dsa.MISSING)
    found = cosignatures(note, keys)
    if not found:
        raise NotChecked("the log has not signed this checkpoint with its ML-DSA-44 key; a later receipt may have it")
    for one in found:
        ended = policy.ends.get(one.key.vkey)
        if ended is not None and head.size > ended:
            raise InvalidKey(f"by the policy the ML-DSA-44 key ended at {ended} entries; it signed {head.size}")
    return f"signed with ML-DSA-44 by {', '.join(f'{one.key.name}+{one.key.key_id.hex()}' for one in found)}"


def witnesses(case: Case) -> str | None:
    """Check the quorum of witnesses the policy asks for; cosignatures nobody asked for are not looked at."""
    note, policy = case.proof.checkpoint, case.policy
    return None if policy is None else case.once(("quorum", note), lambda: quorum_of(note, policy))


def quorum_of(note: str, policy: Policy) -> str | None:
    """Return who cosigned a checkpoint, by the names of the policy; None where it asks for nobody, or nobody has to.

    Raises:
        BadSignature: a cosignature does not fit, or they do not make up the quorum.

    """
    if not policy.witnesses:
        return None
    keys = {witness.key: name for name, witness in policy.witnesses.items()}
    found = cosignatures(note, list(keys))
    names = {keys[cosigned.key] for cosigned in found}
    said = ", ".join(f"{keys[cosigned.key]} at {_moment(cosigned.at)}" for cosigned in found) or "none"
    if not policy.witnessed(names):
        raise BadSignature(f"expected cosignatures that make up the quorum {policy.quorum!r}; got {said}")
    return f"cosigned by {said}" if found else None


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"


def inclusion(case: Case) -> str:
    """Check that the entry is in the tree of the checkpoint."""
    verify_inclusion(leaf_hash(case.receipt.entry), case.proof.index, case.head.size, case.proof.path, case.head.root)
    return f"the entry ({case.entry.kind}) is number {case.proof.index} of the log"


def key(case: Case) -> str | None:
    """Check that the log had taken in the signer's key, for the same party, before the entry."""
    entry, evidence = case.entry, case.receipt.key
    if entry.key is None and evidence is None:
        return None
    if evidence is None or case.public().thumbprint != entry.key:
        raise InvalidKey(f"expected the key {entry.key}, which the entry names; got another or none")
    added, index = _added(case, evidence)
    if (added.key, added.alg, added.who) != (entry.key, entry.alg, entry.who) or added.kind not in _BRINGS_KEY:
        raise InvalidKey("the entry that should bring the key is for another key, another party or another purpose")
    if index > case.proof.index:
        raise InvalidKey(f"the key was added by entry {index}, after entry {case.proof.index} that it should sign")
    return f"the log took in the key {entry.key} with entry {index}"


def end_of_key(case: Case) -> str | None:
    """Check that nothing here says that the key had ended at the entry, or is disputed there.

    What a receipt says of it, nobody signs: none of its entries proves that another one did not end the key.

    Raises:
        InvalidKey: the key had ended, or is disputed.
        NotChecked: the receipt stands alone, with no entries that tell the life of the key.

    """
    entry, evidence, index = case.entry, case.receipt.key, case.proof.index
    if entry.key is None or evidence is None or entry.kind == "key-revoke":
        return None
    history = case.keys.get(entry.key)
    proved = "active" if history is None else history.state_at(index)
    state, by = (evidence.state, _BY_FILE) if proved == "active" else (proved, _BY_ENTRIES)
    if state == "disputed":
        since = None if history is None else history.compromised_since_index
        said = "this entry or an earlier one" if since is None else f"entry {since}"
        doubt = f"who signed entry {index} is not certain"
        case.disputed = f"disputed: the key is reported as compromised since {said}; {doubt}, {by}"
        raise InvalidKey(case.disputed)
    if state != "active":
        raise InvalidKey(f"expected a key that was active at entry {index}; it was {state}, {by}")
    if history is None:
        raise NotChecked(f"active at entry {index}, {_BY_FILE}; ask the log whether an entry ended the key")
    return f"active at entry {index}, {_BY_ENTRIES}"


def key_brought(case: Case) -> KeyAdded | None:
    """Return the entry that brought the signer's key, as the receipt proves it; None where it names none."""
    if case.receipt.key is None or case.entry.key is None:
        return None
    added, index = _added(case, case.receipt.key)
    return KeyAdded(index, added.key or "") if added.kind in _BRINGS_KEY else None


def _added(case: Case, evidence: KeyEvidence) -> tuple[Entry, int]:
    proof = case.once(("key", evidence.proof), lambda: parse_proof(evidence.proof))
    # One checkpoint for both: two heads of one log might lie on two branches of a fork.
    if proof.checkpoint != case.proof.checkpoint:
        raise ProofError("expected the key's proof against the same checkpoint as the entry's")
    verify_inclusion(leaf_hash(evidence.entry), proof.index, case.head.size, proof.path, case.head.root)
    return Entry.parse(evidence.entry), proof.index
'''

SOURCES['traceability.ledger.verify_stamp'] = r'''
"""Time-stamp tokens (RFC 3161) in what is verified offline: what they have to be over, and what came of it.

The check of a token itself is a port: the verifier in one file has none, and says "not checked".
"""

import hashlib
from collections.abc import Sequence

from traceability.errors import TraceabilityError
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.note import VerifierKey, note_text
from traceability.ledger.receipt import Timestamp
from traceability.ledger.verify_case import Case, NotChecked, StampCheck

_HOW = "`traceability verify --tsa-cert FILE` with the extra traceability[tsa] checks it"


def timestamp(case: Case) -> str | None:
    """Check the time-stamp tokens over the checkpoint."""
    return stamped(case.proof.checkpoint, case.log_key, case.receipt.timestamps, case.check_stamp)


def stamped(note: str, key: VerifierKey, tokens: Sequence[Timestamp], check: StampCheck | None) -> str | None:
    """Return who stamped a checkpoint and when; None where there is no token.

    Raises:
        NotChecked: there is nothing to check a token with.
        ProofError: a token is over other bytes.
        BadSignature: no token is by an authority that is trusted.

    """
    if not tokens:
        return None
    if check is None:
        raise NotChecked(f"RFC 3161 token of {', '.join(one.authority for one in tokens)}; {_HOW}")
    digests = _digests(note, key)
    said: list[str] = []
    refused: list[TraceabilityError] = []
    for one in tokens:
        try:
            said.append(f"{one.authority} at {check(one.token, digests).isoformat()}")
        except ProofError:
            raise
        except TraceabilityError as error:
            refused.append(error)
    if not said:
        raise BadSignature("; ".join(error.detail for error in refused))
    return f"stamped by {', '.join(said)}" + (f"; {len(refused)} not by these certificates" if refused else "")


def _digests(note: str, key: VerifierKey) -> list[bytes]:
    """Return the SHA-256 of the note as it was signed by the log, and with each further signature line.

    Cosignatures follow the lines the log stored; a token is over the note before the first of them came.
    """
    text = note_text(note)
    lines = note[len(text) + 1 :].splitlines(keepends=True)
    digests: list[bytes] = []
    for count in range(1, len(lines) + 1):
        part = text + "\n" + "".join(lines[:count])
        if digests or _is_signed(part, key):
            digests.append(hashlib.sha256(part.encode()).digest())
    return digests


def _is_signed(note: str, key: VerifierKey) -> bool:
    try:
        verify_checkpoint(note, [key])
    except TraceabilityError:
        return False
    return True
'''

SOURCES['traceability.ledger.verify'] = r'''
"""Offline verification of receipts (ledger.md 5): trust comes from the policy alone, never from the file under test.

The first step that fails ends it; later ones are "not checked". Hostile bytes give a verdict, never an error.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from traceability.errors import TraceabilityError
from traceability.ledger import verify_content, verify_log, verify_stamp
from traceability.ledger.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from traceability.ledger.note import VerifierKey
from traceability.ledger.policy import Policy
from traceability.ledger.receipt import Receipt
from traceability.ledger.succession import Link, succeed
from traceability.ledger.verify_case import Case, EventId, NotChecked, StampCheck

NOT_PINNED = "log key not pinned"

_Step = Callable[[Case], str | None]
_STEPS: Sequence[tuple[str, _Step]] = (
    ("checkpoint", verify_log.checkpoint),
    ("second signature", verify_log.second_signature),
    ("witnesses", verify_log.witnesses),
    ("inclusion", verify_log.inclusion),
    ("body", verify_content.body),
    ("pack", verify_content.pack),
    ("signature", verify_content.signature),
    ("event", verify_content.event),
    ("key", verify_log.key),
    ("end of key", verify_log.end_of_key),
    ("commitments", verify_content.commitments),
    ("time stamp", verify_stamp.timestamp),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was looked at, and what came of it."""

    what: str
    verdict: Literal["ok", "failed", "not checked"]
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one receipt; ``log_key`` is None where the file names no key that can be read."""

    verdict: Literal["ok", "failed"]
    reason: str
    log_key: VerifierKey | None
    items: tuple[Item, ...]
    not_checked: tuple[str, ...] = ()
    """What the verdict leaves open, in a few words each, counted: it stands without that."""

    def as_dict(self) -> dict[str, Any]:
        """Return the answer of the command ``verify`` (cli.md), without ``file``."""
        key = self.log_key
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "not_checked": list(self.not_checked),
            "log_key": None if key is None else {"name": key.name, "fingerprint": key.fingerprint},
            "items": [{"what": item.what, "verdict": item.verdict, "why": item.why} for item in self.items],
        }


def verify_receipt(
    data: bytes,
    *,
    policy: Policy | None,
    event_id: EventId | None = None,
    check_stamp: StampCheck | None = None,
    packs: Mapping[str, str] | None = None,
) -> Verdict:
    """Verify a receipt against the log keys of ``policy``; never raises for the content of ``data``.

    Without ``event_id``, an event whose id the server made is "not checked" against its entry; without ``check_stamp``,
    time-stamp tokens are "not checked". ``packs`` are the evidence packs given beside it, by their SHA-256 (base64url):
    the receipt of a pack has to be that of one of them.

    Where the receipt's log key is not among them, or there is no policy, the verdict is ``failed``, "log key not
    pinned"; the items say what is consistent in itself, under the key the receipt names.
    """
    try:
        case = Case.of(Receipt.from_json(data), policy, event_id)
        case.check_stamp, case.packs = check_stamp, packs or {}
    except TraceabilityError as error:
        unread = (Item("receipt", "failed", error.detail), *(_after_failure(what) for what, _ in _STEPS))
        return Verdict("failed", error.detail, None, unread)
    items = (_pinned(case), *run_steps(case))
    failed = [item for item in items if item.verdict == "failed"]
    if items[0].verdict != "ok":
        return Verdict("failed", NOT_PINNED, case.log_key, items)
    if case.disputed is not None:
        return Verdict("failed", case.disputed, case.log_key, items)
    if failed:
        return Verdict("failed", f"{failed[0].what}: {failed[0].why}", case.log_key, items)
    open_ = tuple(item.what for item in items if item.verdict == "not checked")
    return Verdict("ok", _summary(items), case.log_key, items, open_)


def pinned(key: VerifierKey, policy: Policy | None, head: Checkpoint, links: Sequence[Link]) -> Item:
    """Return whether the log key is one the policy trusts, or follows such a one by the ``links`` to ``head``."""
    if policy is None:
        return Item("log key", "not checked", f"{NOT_PINNED}: give a policy or the log's verifier key, got elsewhere")
    if key in policy.logs:
        return Item("log key", "ok", f"{key.name} {key.fingerprint} is pinned")
    try:
        how = succeed(links, policy, head).get(key.vkey)
    except TraceabilityError as error:
        return Item("log key", "failed", f"{NOT_PINNED}, and it does not follow one that is: {error.detail}")
    if how is not None:
        return Item("log key", "ok", f"{key.name} {key.fingerprint} {how}")
    trusted = ", ".join(f"{log.name} {log.fingerprint}" for log in policy.logs)
    return Item("log key", "failed", f"{NOT_PINNED}: expected one of {trusted}; got {key.name} {key.fingerprint}")


def _pinned(case: Case) -> Item:
    """Judge the log key of a receipt; where several keys signed the checkpoint, one that is pinned will do."""
    note, policy = case.proof.checkpoint, case.policy
    try:
        if policy is not None and case.log_key not in policy.logs:
            _, case.log_key = verify_checkpoint(note, policy.logs)
    except TraceabilityError:
        pass  # so the key that the receipt names is judged
    try:
        head = read_checkpoint(note)
    except TraceabilityError:
        head = Checkpoint("", 0, b"")  # said by the next step
    return pinned(case.log_key, policy, head, case.receipt.succession)


def run_steps(case: Case) -> Iterator[Item]:
    """Yield what comes of each step; after the first that fails the others are not checked."""
    going = True
    for what, step in _STEPS:
        item = _one(what, step, case) if going else _after_failure(what)
        if item is not None:
            going = going and item.verdict != "failed"
            yield item


def _one(what: str, step: _Step, case: Case) -> Item | None:
    try:
        why = step(case)
    except NotChecked as gap:
        return Item(what, "not checked", str(gap))
    except TraceabilityError as error:
        return Item(what, "failed", error.detail)
    return None if why is None else Item(what, "ok", why)


def _after_failure(what: str) -> Item:
    return Item(what, "not checked", "an earlier check failed")


def _summary(items: tuple[Item, ...]) -> str:
    gaps = [f"{item.what} ({item.why})" for item in items if item.verdict == "not checked"]
    if not gaps:
        return "the entry is in the log, and what it stands for is signed as it says"
    return "the entry is in the log; not checked: " + "; ".join(gaps)
'''

SOURCES['traceability.ledger.pack'] = r'''
"""Evidence packs: a ZIP bound to one checkpoint; its manifest names every file with its hash and is signed by the log.

Written so that the same content always gives the same bytes: sorted names, fixed times, fixed compression.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from traceability import strict_json
from traceability.errors import InvalidInput, TooLarge
from traceability.ledger.checkpoint import LogKey
from traceability.ledger.jose import sign_detached

FORMAT = "traceability-pack@v1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.jws"
CHECKPOINT, RECEIPTS, CONSISTENCY = "checkpoint", "receipts.jsonl", "consistency.jsonl"
EVENTS, REPORT = "events.jsonl", "report.pdf"
SUCCESSION = "succession.jsonl"
"""How the log's key came to follow earlier ones; only where it was rotated."""
TIMESTAMPS = "timestamps.jsonl"
"""Time-stamp tokens over the checkpoint, where there are any: lines with authority and token, as in a receipt."""
MAX_FILES = 50_000
MAX_BYTES = 2_000_000_000
"""Bytes of all files together, unpacked."""
MAX_RATIO = 250
"""How many times larger than the ZIP they may be, from ``_SMALL`` bytes on: receipts pack to about a twentieth."""
_SMALL = 100_000_000
_LOCAL, _DESCRIPTOR = 30, 24  # bytes of a file's own header, and at most of what a streamed file has behind it
_MAX_JSON = 500_000_000
_TIME = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}(/[A-Za-z0-9][A-Za-z0-9._-]{0,150}){0,3}")
_MEMBERS = frozenset(
    {"format", "log_key", "origin", "size", "root", "batch", "layer", "view", "importers", "as_of", "ends", "files"}
)


@dataclass(frozen=True, slots=True)
class Ends:
    """Batches that events of a pack name and none of them made, as the log knew it at the pack's head.

    They are spelled as in the events, scheme and host in lower case. Who signed the manifest says so; no proof does.
    """

    begins: tuple[str, ...] = ()
    """Those that no event made of which the reader may know: the chain begins there."""
    beside: tuple[str, ...] = ()
    """Those that came in from other chains: events made them that say nothing about the pack's batch."""
    same: Mapping[str, str] = field(default_factory=dict)
    """Those that an event of the pack made under another spelling of their name, with that spelling."""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {"begins": list(self.begins), "beside": list(self.beside), "same": dict(self.same)}

    @classmethod
    def from_value(cls, value: Any) -> "Ends":
        """Read them from their parsed JSON.

        Raises:
            InvalidInput: another form.

        """
        if not isinstance(value, dict) or value.keys() != {"begins", "beside", "same"}:
            raise InvalidInput("manifest, ends: expected an object with begins, beside and same")
        begins, beside, same = value["begins"], value["beside"], value["same"]
        if not isinstance(begins, list) or not isinstance(beside, list) or not isinstance(same, dict):
            raise InvalidInput("manifest, ends: expected lists as begins and beside, an object as same")
        if not all(isinstance(text, str) for text in (*begins, *beside, *same.values())):
            raise InvalidInput("manifest, ends: expected names of batches as text")
        return cls(tuple(begins), tuple(beside), same)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack is about and holds; nothing in it is later than the checkpoint of ``size`` entries."""

    log_key: str
    origin: str
    size: int
    root: str
    """Base64, as in the checkpoint."""
    batch: str
    layer: str
    """"chain" or "private": what the one it was made for may see."""
    view: str
    """"everything", or "own chain": how much of the log's chains its reader may see at all."""
    importers: tuple[str, ...]
    """DIDs of the importers whose assessments and decisions it holds."""
    as_of: str
    """When the checkpoint was signed, RFC 3339 UTC."""
    ends: Ends
    """Where the chain begins, or goes on in other chains."""
    files: Mapping[str, str]
    """SHA-256 (hex) of every other file but the manifest's signature."""

    def to_json(self) -> bytes:
        """Return the bytes that are signed."""
        members = {name: getattr(self, name) for name in _MEMBERS - {"format", "ends"}}
        members |= {"format": FORMAT, "importers": list(self.importers), "files": dict(self.files)}
        members["ends"] = self.ends.as_dict()
        return orjson.dumps(members, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, data: bytes) -> "Manifest":
        """Read a manifest; nothing is verified.

        Raises:
            InvalidInput: another form.

        """
        value = strict_json.loads(data, max_depth=4)
        if not isinstance(value, dict) or value.keys() != _MEMBERS or value["format"] != FORMAT:
            raise InvalidInput(f"expected a manifest of format {FORMAT} with {', '.join(sorted(_MEMBERS))}")
        value.pop("format")
        texts = [value[name] for name in ("log_key", "origin", "root", "batch", "layer", "view", "as_of")]
        files, importers = value["files"], value["importers"]
        if not isinstance(files, dict) or not isinstance(importers, list) or type(value["size"]) is not int:
            raise InvalidInput("manifest: expected files as object, importers as list, size as number")
        if not all(isinstance(text, str) for text in (*texts, *files.values(), *importers)):
            raise InvalidInput("manifest: expected text in all other members")
        return cls(**{**value, "importers": tuple(importers), "ends": Ends.from_value(value["ends"])})


def write_pack(files: Mapping[str, bytes], manifest: Manifest, key: LogKey) -> bytes:
    """Return the ZIP of ``files`` with the manifest (whose ``files`` it fills in) and the log's signature on it."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    body = Manifest(
        **{name: getattr(manifest, name) for name in _MEMBERS - {"format", "files"}}, files=hashes
    ).to_json()
    whole = {**files, MANIFEST: body, SIGNATURE: sign_detached(body, key.signer(), kid=key.name).encode()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(whole):
            if not _NAME.fullmatch(name):
                raise InvalidInput(f"a pack cannot hold a file called {name!r}")
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(info, whole[name], compresslevel=6)
    return target.getvalue()


def read_pack(data: bytes) -> dict[str, bytes]:
    """Return the files of a pack by name; nothing is verified.

    Raises:
        InvalidInput: it is no ZIP, or has names or entries a pack never has.
        TooLarge: it unpacks to more than a pack may have.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_infos(infos, len(data))
            _check_gaps(data, archive)
            return {info.filename: _unpacked(archive, info) for info in infos}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        if isinstance(error, InvalidInput | TooLarge):
            raise
        raise InvalidInput(f"expected an evidence pack as ZIP: {error}") from error


def json_lines(data: bytes) -> list[Any]:
    """Return the value of each line of a JSON Lines file.

    Raises:
        InvalidInput: a line is not JSON.

    """
    return [strict_json.loads(line, max_depth=40, max_string=_MAX_JSON) for line in data.split(b"\n") if line]


def _check_infos(infos: list[zipfile.ZipInfo], packed: int) -> None:
    names = [info.filename for info in infos]
    if len(names) > MAX_FILES or sum(info.file_size for info in infos) > MAX_BYTES:
        raise TooLarge(f"expected a pack of at most {MAX_FILES} files and {MAX_BYTES} bytes")
    if sum(info.file_size for info in infos) > max(_SMALL, MAX_RATIO * packed):
        raise TooLarge(f"expected files of at most {MAX_RATIO} times the {packed} bytes of the pack")
    if len({name.lower() for name in names}) != len(names):
        raise InvalidInput("two files of the pack have the same name, or names that differ by case alone")
    if odd := [info.filename for info in infos if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)]:
        raise InvalidInput(f"a pack holds files stored or deflated; {odd[0][:100]!r} is packed otherwise")
    for name in names:
        if not _NAME.fullmatch(name):
            raise InvalidInput(f"a pack holds no file called {name[:100]!r}")


def _check_gaps(data: bytes, archive: zipfile.ZipFile) -> None:
    """Check that no bytes lie between the files: another program might read files there that this one does not see."""
    place = 0
    for info in sorted(archive.infolist(), key=lambda one: one.header_offset):
        gap = info.header_offset - place
        if gap < 0 or gap > (_DESCRIPTOR if place else 0):
            raise InvalidInput(f"bytes before {info.filename} belong to no file of the pack")
        head = data[info.header_offset : info.header_offset + _LOCAL]
        extra = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        place = info.header_offset + _LOCAL + extra + info.compress_size
    if not 0 <= archive.start_dir - place <= _DESCRIPTOR or archive.comment:
        raise InvalidInput("bytes after the last file belong to no file of the pack")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise InvalidInput(f"{info.filename} has another length than the pack says")
    return data
'''

SOURCES['traceability.ledger.verify_gaps'] = r'''
"""What a verdict leaves open, counted in a few words, such as ``2 time-stamp tokens, 1 judgement by hash only``."""

from collections import Counter
from collections.abc import Mapping

Gaps = Counter[str]
"""How many there are of each kind that `told` has words for."""

_HASH = "by hash only"
_WORDS: Mapping[str, tuple[str, str]] = {
    "token": ("time-stamp token", "time-stamp tokens"),
    "second": ("second signature of the log", "second signatures of the log"),
    "erased": ("body erased when retention ended", "bodies erased when retention ended"),
    "event": (f"event {_HASH}", f"events {_HASH}"),
    "shipment": (f"shipment record {_HASH}", f"shipment records {_HASH}"),
    "document": (f"document {_HASH}", f"documents {_HASH}"),
    "assessment": (f"assessment {_HASH}", f"assessments {_HASH}"),
    "decision": (f"judgement {_HASH}", f"judgements {_HASH}"),
    "list-version": (f"list version {_HASH}", f"list versions {_HASH}"),
    "record": (f"record {_HASH}", f"records {_HASH}"),
    "id": ("event id made by the log", "event ids made by the log"),
    "opening": ("opened commitment", "opened commitments"),
    "older": ("assessment of an older form", "assessments of an older form"),
    "rules": ("rule set by name only", "rule sets by name only"),
    "paper": ("document of a run that is not listed", "documents of runs that are not listed"),
    "untold": ("event in a capture that no line tells", "events in captures that no line tells"),
    "origin": ("batch that no event here made", "batches that no event here made"),
    "beside": ("batch of another chain", "batches of other chains"),
    "same": ("batch of two names", "batches of two names"),
    "corrective": ("correction that is not here", "corrections that are not here"),
    "later": ("receipt of a later head", "receipts of later heads"),
    "approval": (f"approval of a party or key {_HASH}", f"approvals of parties and keys {_HASH}"),
    "party": ("party whose approval is not here", "parties whose approval is not here"),
    "unapproved": ("key whose approval is not here", "keys whose approval is not here"),
    "end": ("end of a key", "ends of keys"),
    "report": ("report in words", "reports in words"),
}  # fmt: skip


def by_hash(kind: str) -> str:
    """Return under which name an entry of a kind counts whose bytes the pack does not hold."""
    said = "decision" if kind == "correction" else kind
    return said if said in _WORDS else "record"


def told(gaps: Gaps) -> tuple[str, ...]:
    """Return each kind with its number, always in the same order."""
    return tuple(f"{gaps[kind]} {words[gaps[kind] > 1]}" for kind, words in _WORDS.items() if gaps[kind])
'''

SOURCES['traceability.ledger.verify_chain'] = r'''
"""Is the chain in a pack whole? Read from the events alone: nothing named that no event made, but where it may begin.

A plain reading of EPCIS 2.0 JSON, so that it can be checked without the service; the custody room knows more. Where no
event made a batch, the manifest has to say so: otherwise an event is missing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from traceability.ledger.pack import Ends, Manifest
from traceability.ledger.verify import Item
from traceability.ledger.verify_gaps import Gaps

_NAMED = 5  # of what is missing, that are named
_LISTS = ("quantityList", "childQuantityList", "outputQuantityList", "inputQuantityList")
_WHY = {
    "everything": "says the log, whose every chain this reader may see",
    "own chain": "says the log: it was never recorded, or this reader may not see it",
}


def items(events: Sequence[Any], manifest: Manifest, gaps: Gaps, unsigned: int = 0) -> Iterator[Item]:
    """Yield whether the batch is in the events, and whether whatever they name was made by one of them.

    What no event made has to be an end of the chain by the manifest. Of ``unsigned`` events the signed bytes are not in
    the pack, so what they say is the log's word. What is missing is counted in ``gaps``.
    """
    batch, ends = plain(manifest.batch), manifest.ends
    read = [event for event in events if isinstance(event, Mapping)]
    named = _named(read, _all)
    if batch not in named:
        yield Item("chain", "failed", f"no event of the pack names the batch {batch}")
        return
    if odd := _odd(read, batch, ends):
        yield Item("chain", "failed", odd)
        return
    why = _WHY.get(manifest.view, _WHY["own chain"])
    counted = "one event is" if unsigned == 1 else f"{unsigned} events are"
    told = f"if {counted} as the log tells it: the signed bytes are not in the pack"
    if ends.begins:
        gaps["origin"] += len(ends.begins)
        said = f"begins at {_several(ends.begins)}: no event made it, {why}"
        yield Item("chain", "not checked", f"{said}; the rest is whole, {told}" if unsigned else said)
    elif unsigned:
        yield Item("chain", "not checked", f"every batch named was made by an event here, {told}")
    else:
        yield Item("chain", "ok", f"{len(read)} events; every batch of the chain was made by one of them")
    if ends.beside:
        gaps["beside"] += len(ends.beside)
        said = f"{_several(ends.beside)} came into it from others, whose events are not in the pack, says the log"
        yield Item("other chains", "not checked", said)
    if ends.same:
        gaps["same"] += len(ends.same)
        said = ", ".join(f"{one} is {other}" for one, other in sorted(ends.same.items())[:_NAMED])
        yield Item("spellings", "not checked", f"{len(ends.same)} batches go by two names, says the log: {said}")
    if lost := sorted(_named(read, _corrective) - _named(read, _ids)):
        gaps["corrective"] += len(lost)
        yield Item("corrections", "not checked", f"an event is corrected by {_several(lost)}, not in the pack, {why}")


def _odd(read: Sequence[Mapping[str, Any]], batch: str, ends: Ends) -> str | None:
    """Return where the manifest and the events disagree about what no event made; None where they agree."""
    made, loose = made_by(read), loose_in(read)
    told = {*ends.begins, *ends.beside, *ends.same}
    if left := sorted(loose - told):
        return f"no event in the pack made {_several(left)}, and the manifest names no beginning there: it is missing"
    if more := sorted(told - loose):
        return f"by the manifest no event made {_several(more)}, which one here made, or none names"
    if lost := sorted(set(ends.same.values()) - made):
        return f"by the manifest another spelling of a batch is {_several(lost)}, which no event here made"
    if inside := sorted(_upstream(read, batch, ends) & set(ends.beside)):
        return f"the batch was made of {_several(inside)}, and the manifest leaves that to another chain"
    return None


def _upstream(read: Sequence[Mapping[str, Any]], batch: str, ends: Ends) -> set[str]:
    """Return what the batch was made of, a name that stands for another taken as that."""
    links = [
        ({ends.same.get(one, one) for one in made}, {ends.same.get(one, one) for one in used})
        for used, made in _links(read)
    ]
    return _reached({ends.same.get(batch, batch)}, links)


def made_by(events: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the batches that some events made."""
    return _named(events, _made)


def loose_in(events: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the batches that some events name, and none of them made."""
    return _named(events, _all) - made_by(events)


def names_of(event: Mapping[str, Any]) -> set[str]:
    """Return the batches an event names, as the service compares them."""
    return set(_all(event))


def related(events: Sequence[Any], batch: str) -> set[str]:
    """Return the batch, what it was made of, and what was made of it, by the transformations among the events."""
    links = _links([event for event in events if isinstance(event, Mapping)])
    start = {plain(batch)}
    return _reached(start, [(made, used) for used, made in links]) | _reached(start, links)


def _links(read: Sequence[Mapping[str, Any]]) -> list[tuple[set[str], set[str]]]:
    """Return what each transformation used, and what it made."""
    found = [event for event in read if event.get("type") == "TransformationEvent"]
    return [(set(_classes(one, "inputQuantityList")), set(_classes(one, "outputQuantityList"))) for one in found]


def _reached(start: set[str], links: Sequence[tuple[set[str], set[str]]]) -> set[str]:
    found, fresh = set(start), set(start)
    by_name: dict[str, set[str]] = {}
    for these, others in links:
        for name in these:
            by_name.setdefault(name, set()).update(others)
    while fresh:
        fresh = {other for name in fresh for other in by_name.get(name, ())} - found
        found |= fresh
    return found


def _several(names: Sequence[str]) -> str:
    more = f" (and {len(names) - _NAMED} more)" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _named(events: Sequence[Mapping[str, Any]], which: Callable[[Mapping[str, Any]], Iterator[str]]) -> set[str]:
    return {name for event in events for name in which(event)}


def _made(event: Mapping[str, Any]) -> Iterator[str]:
    if event.get("type") == "TransformationEvent":
        yield from _classes(event, "outputQuantityList")
    elif event.get("type") == "ObjectEvent" and event.get("action") == "ADD":
        yield from _classes(event, "quantityList")


def _all(event: Mapping[str, Any]) -> Iterator[str]:
    for name in _LISTS:
        yield from _classes(event, name)


def _ids(event: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(name := event.get("eventID"), str):
        yield name


def _corrective(event: Mapping[str, Any]) -> Iterator[str]:
    declared = event.get("errorDeclaration")
    names = declared.get("correctiveEventIDs") if isinstance(declared, Mapping) else None
    yield from (name for name in (names if isinstance(names, list) else []) if isinstance(name, str))


def _classes(event: Mapping[str, Any], name: str) -> Iterator[str]:
    rows = event.get(name)
    for row in rows if isinstance(rows, list) else []:
        found = row.get("epcClass") if isinstance(row, Mapping) else None
        if isinstance(found, str):
            yield plain(found)


def plain(uri: str) -> str:
    """Return a URI with scheme and host in lower case; the service compares more than that, the manifest says where."""
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return uri
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}"
'''

SOURCES['traceability.ledger.pack_names'] = r'''
"""What the files of an evidence pack are called: nothing else lies in one, so that nothing rides along unlooked at."""

from collections.abc import Iterable, Mapping

from traceability.errors import InvalidInput
from traceability.ledger import pack as packs

LINES = ("decisions.jsonl", "findings.jsonl", "documents.jsonl", "lists.jsonl")
"""The readable lines of the private layer."""
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "captures": ("event",),
    "shipments": ("shipment",),
    "documents": ("document",),
    "assessments": ("assessment",),
    "decisions": ("decision", "correction"),
    "lists": ("list-version",),
    "rules": ("rule-set",),
    "keys": ("key-add", "key-rotate", "key-revoke"),
    "erasures": ("erasure",),
}
"""Folders whose every file is something the log holds an entry of, with the kinds it may be of."""
PRIVATE = ("shipment", "document", "assessment", "decision", "correction", "list-version", "rule-set")
"""Kinds of entries that a pack of the chain alone never proves."""

_BESIDE = ("signatures", "facts")
_NEEDED = (packs.CHECKPOINT, packs.RECEIPTS, packs.EVENTS)
_ROOT = frozenset(
    {
        *_NEEDED, *LINES, packs.MANIFEST, packs.SIGNATURE, packs.CONSISTENCY, packs.SUCCESSION, packs.TIMESTAMPS,
        packs.REPORT, "policy.txt", "verify.py", "README.txt",
    }
)  # fmt: skip


def check_names(names: Iterable[str]) -> None:
    """Check that a pack holds files of known kinds alone, and those it never lacks.

    Raises:
        InvalidInput: it names the first one that is unknown, or missing.

    """
    there = set(names)
    for name in sorted(there):
        folder, slash, file = name.partition("/")
        known = (folder in FOLDERS or folder in _BESIDE) and "/" not in file if slash else name in _ROOT
        if not known:
            raise InvalidInput(f"{name[:200]} is no file of a pack: nothing would check what it says")
    if missing := [name for name in _NEEDED if name not in there]:
        raise InvalidInput(f"the pack has no file {missing[0]}")
'''

SOURCES['traceability.ledger.verify_records'] = r'''
"""The files of a pack beside what its receipts have proved: what every comparison of lines with records needs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.ledger.entry import Entry
from traceability.ledger.errors import ProofError
from traceability.ledger.pack import Manifest, json_lines
from traceability.ledger.verify_gaps import Gaps

_DEPTH, _TEXT = 128, 2_000_000_000


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry whose receipt verified: the file that holds what it stands for, and what was signed in it.

    ``said`` is the event at its place in a capture, or a shipment record; None for others, and by hash only.
    """

    entry: Entry
    file: str | None
    said: Any = None
    jws: str | None = None


BRINGS_KEY = ("key-add", "key-rotate")


def approves(proven: Mapping[int, Proven], index: int) -> bool:
    """Tell whether an entry approves a party: a decision that refers to nothing but keys of the party it is about."""
    one = proven.get(index)
    if one is None or one.entry.kind != "decision" or one.file is not None:
        return False
    keys = [proven[place].entry for place in one.entry.ref if place in proven]
    own = all(key.kind in BRINGS_KEY and key.who == one.entry.who for key in keys)
    return own and 0 < len(keys) == len(one.entry.ref)


@dataclass(slots=True)
class Records:
    """The files of a pack, and what its receipts have proved, by ledger index."""

    files: Mapping[str, bytes]
    manifest: Manifest
    proven: Mapping[int, Proven]
    captures: Mapping[str, Any] = field(default_factory=dict)
    """What was signed in each capture that the pack holds, by file."""
    gaps: Gaps = field(default_factory=Gaps)
    """What was not checked, and how often."""
    events: list[Any] = field(default_factory=list)
    """The events of the lines, for whether the chain is whole."""
    unsigned: int = 0
    """How many of them are told by their line alone: the signed bytes are not in the pack."""
    parsed: dict[str, Any] = field(default_factory=dict)
    shown: set[str] | None = None
    """Lines of lists that runs were told, as JSON; None before they are asked for."""
    owners: dict[str | None, str] = field(default_factory=dict)
    """Which importer the lines name for each pseudonym of the log."""

    def lines(self, name: str, members: Collection[str]) -> list[Any]:
        """Return the lines of a file, each an object with nothing in it that no check looks at.

        Raises:
            InvalidInput: there is no such file, or a line is something else.

        """
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {name}")
        rows = json_lines(self.files[name])
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise InvalidInput(f"{name}: expected a JSON object in each line")
            if odd := sorted(row.keys() - set(members)):
                raise InvalidInput(f"{name}, line {number}: says {odd[0][:60]!r}, which no record bears out")
        return rows

    def record(self, name: Any) -> Any:
        """Return the JSON object in a file; raises InvalidInput where there is none."""
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {str(name)[:200]}")
        if name not in self.parsed:
            self.parsed[name] = strict_json.loads(self.files[name], max_depth=_DEPTH, max_string=_TEXT)
        if not isinstance(self.parsed[name], dict):
            raise InvalidInput(f"{name}: expected a JSON object")
        return self.parsed[name]

    def entry(self, index: Any, kinds: tuple[str, ...], where: str) -> Proven:
        """Return what a receipt proves at an index; raises ProofError where it is nothing of these kinds."""
        proven = self.proven.get(index) if type(index) is int else None
        if proven is None or proven.entry.kind not in kinds or approves(self.proven, index):
            raise ProofError(f"{where}: no receipt proves an entry {str(index)[:20]} of the kind {' or '.join(kinds)}")
        return proven

    def of_kind(self, *kinds: str) -> dict[int, Proven]:
        """Return what is proved of these kinds, in the order of the log, without what approves a party."""
        found = ((index, one) for index, one in sorted(self.proven.items()) if one.entry.kind in kinds)
        return {index: one for index, one in found if not approves(self.proven, index)}

    def all_told(self, name: str, kinds: tuple[str, ...], told: Collection[int]) -> None:
        """Check that each entry of these kinds has its line; raises ProofError for the first without."""
        if left := self.of_kind(*kinds).keys() - set(told):
            raise ProofError(f"{name}: no line is about entry {min(left)}, which a receipt proves")

    def belongs(self, proven: Proven, importer: Any, where: str) -> None:
        """Check that a pseudonym of the log stands for one importer of the manifest, and for no second one.

        Raises:
            ProofError: a line gives a record to another importer than the lines before.

        """
        who, known = proven.entry.who, self.owners
        if importer not in self.manifest.importers:
            raise ProofError(f"{where}: {str(importer)[:200]} is no importer that the manifest names")
        taken = any(said == importer and other != who for other, said in known.items())
        if known.setdefault(who, importer) != importer or taken:
            raise ProofError(f"{where}: {importer[:200]} is not whose record this is, by the other lines")
'''

SOURCES['traceability.ledger.verify_decided'] = r'''
"""The decisions of a pack: each line says what its entries stand for, no entry hides behind another's line.

A decision has an entry when it is proposed, and one more when a second person answers, which refers to the first. Of a
judgement that waits for a second person the pack may hold a hash alone (ADR 18): that is said, and never passed over.
"""

from collections.abc import Mapping
from typing import Any

from traceability.ledger.errors import ProofError
from traceability.ledger.pack_names import FOLDERS
from traceability.ledger.verify_records import Proven, Records

_KINDS = FOLDERS["decisions"]
_JUDGED = ("hit", "signal", "document", "doc_type", "correction")
"""What judgements are about; decisions are about a batch or a shipment record."""
_ANSWER = ("state", "confirmed_by", "confirmed_at", "confirmed_reason")
_SAID = (
    "id", "disposition", "reason", "reason_code", "findings", "evidence", "steps", "review_on", "inputs_hash",
    "needs_second", "proposed_by", "proposed_at", *_ANSWER,
)  # fmt: skip
_MEMBERS = (*_SAID, "about", "entry_index", "confirmed_index", "reopened", "importer")


def decisions(records: Records, name: str) -> str:
    """Check the lines against the entries; raises a TraceabilityError for the first that is another story."""
    told: dict[int, int] = {}
    lines = records.lines(name, _MEMBERS)
    for number, line in enumerate(lines, 1):
        where = f"{name}, line {number}"
        for index in _entries(records, line, where):
            if index in told:
                raise ProofError(f"{where}: entry {index} is told by line {told[index]} already")
            told[index] = number
    records.all_told(name, _KINDS, told)
    hashed = sum(records.proven[index].file is None for index in told)
    gap = f"; of {hashed} entries the pack holds the hash alone, so what the log took in is not checked"
    return f"{len(lines)} decisions say what was decided{gap if hashed else ''}"


def _entries(records: Records, line: Mapping[str, Any], where: str) -> list[int]:
    """Return the entries that a line tells, once it is found to say what they stand for."""
    place, answer = line["entry_index"], line["confirmed_index"]
    proposed = records.entry(place, _KINDS, where)
    records.belongs(proposed, line["importer"], where)
    if line.get("reopened") is not None:
        raise ProofError(f"{where}: says that the decision was reopened, which no record bears out")
    kind = "correction" if line["about"]["kind"] == "correction" else "decision"
    if proposed.entry.kind != kind:
        raise ProofError(f"{where}: entry {place} is a {proposed.entry.kind}, and the line is about a {kind}")
    _proposal(records, line, proposed, where)
    _rests_on(records, line, proposed, where)
    if answer is None:
        return [place]
    _answer(records, line, proposed, where)
    return [place, answer]


def _proposal(records: Records, line: Mapping[str, Any], proposed: Proven, where: str) -> None:
    judged, answered = line["about"]["kind"] in _JUDGED, line["confirmed_index"] is not None
    if proposed.file is None:
        if not judged or line["needs_second"] is not True or (not answered and line["state"] != "waiting"):
            raise ProofError(f"{where}: of entry {line['entry_index']} the pack holds the hash alone, not its record")
        return
    later = (*_ANSWER, *(("findings",) if judged else ())) if answered else ()
    _same(records, line, proposed.file, later, where)
    if answered and records.record(proposed.file)["state"] != "waiting":
        raise ProofError(f"{where}: entry {line['entry_index']} waits for no second person")


def _answer(records: Records, line: Mapping[str, Any], proposed: Proven, where: str) -> None:
    answered = records.entry(line["confirmed_index"], _KINDS, where)
    if answered.entry.ref != (line["entry_index"],) or answered.entry.who != proposed.entry.who:
        raise ProofError(f"{where}: entry {line['confirmed_index']} is no answer to entry {line['entry_index']}")
    if answered.file is None:
        raise ProofError(f"{where}: of entry {line['confirmed_index']} the pack holds the hash alone, not its record")
    _same(records, line, answered.file, (), where)


def _same(records: Records, line: Mapping[str, Any], file: str, later: tuple[str, ...], where: str) -> None:
    """Check a line against a record, but for what a later entry says."""
    record, about = records.record(file), line["about"]
    odd = [one for one in _SAID if one not in later and record[one] != line[one]]
    if not odd and (record["subject_kind"], record["subject"]) != (about["kind"], about["subject"]):
        odd = ["about"]
    if odd:
        raise ProofError(f"{where}: {odd[0]} is not what was decided")


def _rests_on(records: Records, line: Mapping[str, Any], proposed: Proven, where: str) -> None:
    """Check that the runs which a decision was made on are in the pack: a judgement may rest on others' as well."""
    if line["about"]["kind"] in _JUDGED:
        return
    here = records.of_kind("assessment")
    left = [one for one in proposed.entry.ref if one not in here]
    if left:
        raise ProofError(f"{where}: it was made on the assessment of entry {left[0]}, which is not in the pack")
'''

SOURCES['traceability.ledger.verify_found'] = r'''
"""What the assessments of a pack say, against the lines and files beside them: all of it is there, nothing besides.

An assessment stands in the log whole. So what it found, and which lists, rules, facts and records it was reached from,
can be missed in the pack where it is not there.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from traceability.ledger.encoding import b64u, digest
from traceability.ledger.errors import ProofError
from traceability.ledger.verify_records import Proven, Records

_ABOUT = ("importer", "kind", "subject", "file", "superseded_by")
"""What a line of findings.jsonl adds to the finding."""
_LISTED = (
    "list_id", "version", "title", "publisher", "published_at", "retrieved_at", "source_url", "source_sha256",
    "table_sha256", "row_count", "coverage", "terms", "entry_index", "matching_lines",
)  # fmt: skip
_SHA256 = "sha256:"


def findings(records: Records, name: str) -> str:
    """Check that the lines are the findings of every assessment in the pack."""
    runs, told = _runs(records), dict[Any, list[Any]]()
    every = {key for one in runs.values() for row in _result(records, one)["findings"] for key in row}
    lines = records.lines(name, {*_ABOUT, *every})
    for number, line in enumerate(lines, 1):
        told.setdefault(line["file"], []).append((f"{name}, line {number}", line))
    if odd := told.keys() - {one.file for one in runs.values()}:
        raise ProofError(f"{name}: {str(min(odd, key=str))[:100]} is no assessment that the log took in")
    newest = _newest(records, runs)
    for index, run in runs.items():
        rows = told.get(run.file, [])
        _of_one(records, run, rows, name)
        for where, line in rows:
            _about(records, run, line, where, newest.get(index, line["superseded_by"]))
    return f"{len(lines)} findings are those of the {len(runs)} assessments, each whole"


def _runs(records: Records) -> dict[int, Proven]:
    return {index: one for index, one in records.of_kind("assessment").items() if one.file is not None}


def _result(records: Records, run: Proven) -> Any:
    record = records.record(run.file)
    return record.get("result", record)  # of the older form the result alone


def _whole(records: Records, run: Proven) -> Any:
    """Return the record of a run; None for one of the older form, which names no subject, lists or facts."""
    record = records.record(run.file)
    return record if "result" in record else None


def _of_one(records: Records, run: Proven, rows: list[Any], name: str) -> None:
    said = [{key: value for key, value in line.items() if key not in _ABOUT} for _, line in rows]
    expected = _result(records, run)["findings"]
    for (where, _), one in zip(rows, said, strict=True):
        if one not in expected:
            raise ProofError(f"{where}: {str(one.get('code'))[:60]} is no finding of {run.file}")
    if left := [one for one in expected if one not in said]:
        raise ProofError(f"{name}: no line tells the finding {str(left[0].get('code'))[:60]} of {run.file}")
    if said != expected:
        raise ProofError(f"{name}: expected the findings of {run.file} in their order, each once")


def _newest(records: Records, runs: Mapping[int, Proven]) -> dict[int, int | None]:
    """Return by which run in the pack each was superseded; of the older form it is not known which subject it is of."""
    last, about = dict[Any, int](), dict[int, Any]()
    for index, run in runs.items():
        if (record := _whole(records, run)) is not None:
            about[index] = (run.entry.who, record["subject_kind"], record["subject"])
            last[about[index]] = index
        else:
            records.gaps["older"] += 1
    return {index: None if last[key] == index else last[key] for index, key in about.items()}


def _about(records: Records, run: Proven, line: Mapping[str, Any], where: str, superseded: int | None) -> None:
    records.belongs(run, line["importer"], where)
    record = _whole(records, run) or {"subject_kind": line["kind"], "subject": line["subject"]}
    if (record["subject_kind"], record["subject"], superseded) != (
        line["kind"],
        line["subject"],
        line["superseded_by"],
    ):
        raise ProofError(f"{where}: {run.file} is about another subject, or superseded by another run")


def lists(records: Records, name: str) -> str:
    """Check the list versions: those the log took in, and each one that an assessment names."""
    lines, told, versions = records.lines(name, _LISTED), set[int](), set[Any]()
    for number, line in enumerate(lines, 1):
        where = f"{name}, line {number}"
        proven = records.entry(line["entry_index"], ("list-version",), where)
        if proven.file is None and proven.entry.body != b64u(bytes.fromhex(line["table_sha256"])):
            raise ProofError(f"{where}: the log took in another table than {line['table_sha256']}")
        if proven.file is not None:
            record = records.record(proven.file)
            odd = [key for key in _LISTED[:-2] if record[key] != line[key]]
            if odd:
                raise ProofError(f"{where}: {odd[0]} is not what the log took in")
        _matching(records, line, where)
        told.add(line["entry_index"])
        versions.add((line["list_id"], line["version"]))
    if len(told) != len(lines):
        raise ProofError(f"{name}: expected a line for each list version, and no second one")
    records.all_told(name, ("list-version",), told)
    for file, one in _coverage(records):
        if one["version"] is not None and (one["list_id"], one["version"]) not in versions:
            raise ProofError(f"{name}: no line tells the version {one['version']} of {one['list_id']}, read by {file}")
    return f"{len(lines)} list versions are those the log took in, and all that the assessments name"


def _coverage(records: Records) -> Iterator[tuple[str, Any]]:
    for run in _runs(records).values():
        if (record := _whole(records, run)) is not None:
            yield from ((run.file or "", one) for one in record["coverage"])


def _matching(records: Records, line: Mapping[str, Any], where: str) -> None:
    """Check that the lines shown of a list are some that a run was told."""
    if not line["matching_lines"]:
        return
    if records.shown is None:  # once for all lists: each run was told thousands of lines
        rows = (row for run in _runs(records).values() for row in _listed(_facts_of(records, run)))
        records.shown = {_text(row) for row in rows}
    if any(_text(row) not in records.shown for row in line["matching_lines"]):
        raise ProofError(f"{where}: a line of the list is in no facts that a run was reached from")


def _text(row: Any) -> str:
    return json.dumps(row, sort_keys=True, default=str)


def _facts_of(records: Records, run: Proven) -> Any:
    name = f"facts/{(run.file or '').partition('/')[2]}"
    return records.record(name) if name in records.files else {}


def _listed(told: Any) -> Iterator[Any]:
    yield from told.get("entity_hits", [])
    for one in told.get("lists", {}).values():
        yield from one.get("entries", [])


def facts(records: Records, _: str) -> str:
    """Check that the facts are those the runs were reached from, as their records hold them by hash."""
    found = {name for name in records.files if name.startswith("facts/")}
    for run in _runs(records).values():
        name = f"facts/{(run.file or '').partition('/')[2]}"
        record = _whole(records, run)
        if record is not None and name not in found:
            raise ProofError(f"{run.file} was reached from facts that are not in the pack")
        if record is not None and digest(records.files[name]) != record["facts"]:
            raise ProofError(f"{name}: the run was reached from other facts")
        found.discard(name) if record is not None else None
    older = {f"facts/{(run.file or '').partition('/')[2]}" for run in _runs(records).values()}
    if odd := sorted(found - older):
        raise ProofError(f"{odd[0]}: no assessment of the pack was reached from it")
    gap = f"; {len(found)} are of runs whose record does not name them" if found else ""
    return f"the facts are those the assessments name{gap}"


def rules(records: Records, _: str) -> str:
    """Check which rule sets that judged are in the pack, and that each rule pack is what its version is the hash of.

    One of before rule sets were recorded is a gap; of one of before packs had versions there is nothing more to check.
    """
    sets = {one.file: records.record(one.file) for one in records.of_kind("rule-set").values()}
    here = {said["version"]: _pack_versions(said, str(name)) for name, said in sets.items()}
    for run in _runs(records).values():
        _of_packs(here, _result(records, run), run)
    named = {_result(records, run).get("rule_pack_version") for run in _runs(records).values()}
    left = sorted(map(str, named - here.keys() - {None}))
    records.gaps["rules"] += len(left)
    gap = f"; of {left[0][:60]} (and {len(left) - 1} more) the pack holds the name alone" if left else ""
    return f"{len(here)} rule sets are those the log took in{gap}"


def _pack_versions(said: Any, name: str) -> dict[Any, Any] | None:
    """Return the version of each pack of a record of the law, checked; None of one of before packs had versions.

    Raises:
        ProofError: a version is not the hash of what the record holds, or not all packs are told.

    """
    if "packs" not in said:
        return None
    content = said["content"]
    told = {pack["pack"]: pack["version"] for pack in said["packs"]}
    if said["version"] != _hash(content) or told.keys() != content["packs"].keys():
        raise ProofError(f"{name}: the version of the rules is not the hash of what the record holds")
    for pack, version in told.items():
        if version != _hash(content["packs"][pack]):
            raise ProofError(f"{name}: the version of the pack {pack[:40]} is not the hash of its rules")
    return told


def _of_packs(here: Mapping[Any, Any], result: Any, run: Proven) -> None:
    """Check that each finding of a run names its pack in the version that the rules of the run have."""
    told = here.get(result.get("rule_pack_version"))
    if told is None:
        return
    for finding in result["findings"]:
        if "pack" in finding and told.get(finding["pack"]) != finding["pack_version"]:
            raise ProofError(
                f"{run.file}: {str(finding['code'])[:60]} names another version of its pack than the rules"
            )


def _hash(content: Any) -> str:
    """Return ``sha256:`` + hex over the RFC 8785 form, which JSON of texts alone has when sorted by ASCII names."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _SHA256 + hashlib.sha256(text.encode()).hexdigest()


def shipments(records: Records, _: str) -> str:
    """Check that each shipment record which was assessed is in the pack."""
    there, hashed = set[Any](), set[Any]()
    for one in records.of_kind("shipment").values():
        if one.said is None:
            hashed.add(one.entry.who)
        else:
            there.add((one.entry.who, one.said.get("shipment_id")))
    for run in _runs(records).values():
        record = _whole(records, run)
        if record is None or record["subject_kind"] != "shipment" or run.entry.who in hashed:
            continue  # which record a hash stands for is not known: it is counted as such
        if (run.entry.who, record["subject"]) not in there:
            raise ProofError(f"{run.file} is about the shipment record {record['subject']}, which is not in the pack")
    return f"{len(there)} shipment records are here, all that were assessed"


def papers(records: Records, lines: list[Any]) -> None:
    """Count the documents that runs read and the pack does not list: they are linked to something else."""
    listed = {f"{_SHA256}{line['sha256']}" for line in lines}
    read = {
        said["document_id"].partition("#")[0]
        for run in _runs(records).values()
        for said in _facts_of(records, run).get("documents", [])
    }
    records.gaps["paper"] += len(read - listed)
'''

SOURCES['traceability.ledger.verify_told'] = r'''
"""The lines of a pack against what its receipts have proved: each says what its record says, and none is left over.

The log's key signs the manifest, so whoever changes a file is found by its hash. What is asked here is asked of the log
itself: that the readable lines beside the records are no other story than the records.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from traceability.errors import TraceabilityError
from traceability.ledger.encoding import b64u, digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.errors import ProofError
from traceability.ledger.pack import EVENTS
from traceability.ledger.pack_names import PRIVATE
from traceability.ledger.signed_events import events_of
from traceability.ledger.verify import Item
from traceability.ledger.verify_chain import names_of, related
from traceability.ledger.verify_decided import decisions
from traceability.ledger.verify_found import facts, findings, lists, papers, rules, shipments
from traceability.ledger.verify_records import Records

_EVENT = ("index", "event_id", "file", "position", "received_at", "event")
_PAPER = (
    "importer", "sha256", "filename", "size", "media_type", "uploaded_at", "entry_index", "file", "why_no_file",
    "about", "read",
)  # fmt: skip
_LAYERS, _VIEWS = ("chain", "private"), ("everything", "own chain")


def items(records: Records) -> Iterator[Item]:
    """Yield what comes of comparing each file of lines with the records."""
    private = records.manifest.layer == "private"
    yield _checked("layer", _layer, records)
    for name, check in _CHECKS if private else _CHECKS[:1]:
        yield _checked(name, check, records)
    yield _checked("signatures", _signatures, records)
    yield from _untold(records)


def _checked(name: str, check: Callable[[Records, str], str], records: Records) -> Item:
    try:
        return Item(name, "ok", check(records, name))
    except TraceabilityError as error:
        return Item(name, "failed", error.detail)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return Item(name, "failed", f"a line lacks what it should hold: {error!r}"[:300])


def _layer(records: Records, _: str) -> str:
    """Check that the pack holds the records of the layer its manifest names, and no others."""
    manifest = records.manifest
    if manifest.layer not in _LAYERS or manifest.view not in _VIEWS:
        raise ProofError(f"expected a layer of {_LAYERS} and a view of {_VIEWS}; got {manifest.layer}, {manifest.view}")
    if manifest.layer == "chain":
        private = [name for name, _ in _CHECKS[1:] if name in records.files]
        private += [f"a receipt of entry {index}" for index in records.of_kind(*PRIVATE)]
        if private:
            raise ProofError(f"by its manifest the pack shows the chain alone, and it holds {private[0]}")
        return "the chain of custody alone; no documents, assessments, findings or decisions are in it"
    return f"the chain of custody, and the records of {', '.join(manifest.importers)[:300] or 'nobody'}"


def _events(records: Records, name: str) -> str:
    lines, before, told = records.lines(name, _EVENT), -1, set[str | None]()
    for number, line in enumerate(lines, 1):
        where, index = f"{name}, line {number}", line["index"]
        if index <= before:
            raise ProofError(f"{where}: expected the events in the order of the log, each once; got entry {index}")
        before, proven = index, records.entry(index, ("event",), where)
        if line["event"].get("eventID", line["event_id"]) != line["event_id"] or line["position"] != proven.entry.n:
            raise ProofError(f"{where}: the line names another event, or another place in its capture")
        if digest(line["event_id"].encode()) != proven.entry.eid or line["file"] != proven.file:
            raise ProofError(f"{where}: entry {index} is for another event, or signed in another file")
        _at(proven.entry, line["received_at"], where)
        if proven.said is None:
            records.unsigned += 1
        elif _plain(proven.said) != _plain(line["event"]):
            raise ProofError(f"{where}: the event is not the one that was signed ({line['event_id'][:200]})")
        told.add(proven.entry.eid)
        records.events.append(line["event"])
    left = [index for index, one in records.of_kind("event").items() if one.entry.eid not in told]
    if left:
        raise ProofError(f"{name}: no line tells the event of entry {left[0]}")
    gap = f"; of {records.unsigned} the signed bytes are not in the pack" if records.unsigned else ""
    return f"{len(lines)} events say what was signed{gap}"


def _at(entry: Entry, said: str, where: str) -> None:
    if milliseconds(datetime.fromisoformat(said)) != entry.at:
        raise ProofError(f"{where}: {said[:40]} is not when the log received it, {entry.received_at.isoformat()}")


def _plain(event: Any) -> Any:
    """Return an event without what the document around it may have said: its context, and an id the server made."""
    return {key: value for key, value in event.items() if key not in ("@context", "eventID")}


def _untold(records: Records) -> Iterator[Item]:
    """Yield what captures of the pack hold about its batches and no line tells: refused by the log, or left out."""
    batches = related(records.events, records.manifest.batch)
    told = {_text(event) for event in records.events}
    found = []
    for file, content in records.captures.items():
        rows = [one for one in events_of(content)[0] if isinstance(one, dict)]
        found += [file for one in rows if not batches.isdisjoint(names_of(one)) and _text(one) not in told]
    if found:
        records.gaps["untold"] += len(found)
        said = f"{len(found)} events about batches of this chain, the first in {found[0]}, are told by no line"
        yield Item("captures", "not checked", f"{said}: the log refused them, or the pack leaves them out")


def _text(event: Any) -> str:
    return json.dumps(_plain(event), sort_keys=True, default=str)


def _documents(records: Records, name: str) -> str:
    lines, told = records.lines(name, _PAPER), set[int]()
    for number, line in enumerate(lines, 1):
        where = f"{name}, line {number}"
        proven = records.entry(line["entry_index"], ("document",), where)
        if proven.entry.body != b64u(bytes.fromhex(line["sha256"])) or line["file"] != proven.file:
            raise ProofError(f"{where}: entry {line['entry_index']} is for another document")
        if proven.file is not None and line["size"] != len(records.files[proven.file]):
            raise ProofError(f"{where}: {proven.file} has another size")
        _at(proven.entry, line["uploaded_at"], where)
        records.belongs(proven, line["importer"], where)
        told.add(line["entry_index"])
    if len(told) != len(lines):
        raise ProofError(f"{name}: expected a line for each document, and no second one")
    records.all_told(name, ("document",), told)
    papers(records, lines)
    return f"{len(lines)} documents have the hashes that the log took in"


def _signatures(records: Records, _: str) -> str:
    known = {one.jws for one in records.proven.values()}
    found = [name for name in records.files if name.startswith("signatures/")]
    for name in found:
        if records.files[name].decode("ascii", "replace") not in known:
            raise ProofError(f"{name} is the signature of nothing in the pack")
    return f"{len(found)} detached signatures are those of the receipts"


_CHECKS: tuple[tuple[str, Callable[[Records, str], str]], ...] = (
    (EVENTS, _events),
    ("decisions.jsonl", decisions),
    ("findings.jsonl", findings),
    ("documents.jsonl", _documents),
    ("lists.jsonl", lists),
    ("facts", facts),
    ("rules", rules),
    ("shipments", shipments),
)
'''

SOURCES['traceability.ledger.verify_erased'] = r'''
"""Bodies that a pack says were erased: the word of a receipt alone excuses no body that is missing.

Two entries of the log have to say the same, what the last verdict was and that the body went, each with its record and
its proof in the pack.
"""

from typing import Any

from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.receipt import ErasedNotice
from traceability.ledger.verify_records import Records

_BY_PARTIES = ("capture", "event", "shipment")
_KINDS = {"event": "capture"}  # what the record calls the thing an entry of another name stands for


def erased(records: Records, index: int, notice: ErasedNotice) -> None:
    """Check what is said of the body of one entry against the records of its erasure.

    Raises:
        ProofError: an erasure entry is not in the pack, is later than it may be, or says something else.
        BadSignature: the log found that nobody had rightly signed it.

    """
    verdict = _record(records, index, notice.verdict_entry, "verdict")
    gone = _record(records, index, notice.entry, "bodies")
    if not index < notice.verdict_entry < notice.entry:
        raise ProofError(f"entry {index}: expected the last verdict after it, and the erasure after that")
    if index not in gone["entries"] or gone["verdict_entry"] != notice.verdict_entry:
        raise ProofError(f"entry {index}: the erasure of entry {notice.entry} is about other bodies")
    kind = records.proven[index].entry.kind
    said = [(one["kind"], one["verdict"]) for one in verdict["verdicts"] if one["entry"] == index]
    if said != [(_KINDS.get(kind, kind), notice.verdict)]:
        raise ProofError(f"entry {index}: the receipt says {notice.verdict[:20]!r}; the log's last verdict was {said}")
    if kind in _BY_PARTIES and notice.verdict != "ok":
        raise BadSignature(f"entry {index}: its signature was found {notice.verdict[:20]} before the body was erased")


def _record(records: Records, index: int, place: int, what: str) -> Any:
    one = records.proven.get(place)
    if one is None or one.entry.kind != "erasure" or one.file is None or index not in one.entry.ref:
        raise ProofError(f"no erasure entry {place} in the pack refers to entry {index}, whose body is not there")
    record = records.record(one.file)
    if record["what"] != what:
        raise ProofError(f"entry {place} is no erasure of the kind {what!r}")
    return record
'''

SOURCES['traceability.ledger.verify_pack_case'] = r'''
"""An evidence pack while it is verified: its parts, and what the steps have established so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint
from traceability.ledger.history import KeyHistory
from traceability.ledger.note import VerifierKey
from traceability.ledger.pack import Manifest
from traceability.ledger.policy import Policy
from traceability.ledger.receipt import ErasedNotice
from traceability.ledger.verify_case import EventId, StampCheck
from traceability.ledger.verify_gaps import Gaps
from traceability.ledger.verify_records import Proven


@dataclass(slots=True)
class PackCase:
    """A pack under verification."""

    files: Mapping[str, bytes]
    manifest: Manifest
    key: VerifierKey
    policy: Policy | None
    event_id: EventId | None
    check_stamp: StampCheck | None = None
    head: Checkpoint = field(default_factory=lambda: Checkpoint("", 0, b""))
    note: str = ""
    """The signed head of the pack, as it is in every proof."""
    proven: dict[int, Proven] = field(default_factory=dict)
    """What the receipts have proved, by ledger index."""
    proved: set[str] = field(default_factory=set)
    """The files that a receipt proves."""
    last: int = -1
    """Index of the receipt before: they stand in the order of the log, each entry once."""
    keys: dict[str, KeyHistory | None] = field(default_factory=dict)
    """The lives of the keys that signed, by thumbprint, as the pack's own key entries tell them."""
    erased: list[tuple[int, ErasedNotice]] = field(default_factory=list)
    """Ledger index of every entry whose body the pack says was erased, and where the log says so."""
    captures: dict[str, Any] = field(default_factory=dict)
    """What was signed in each capture that the pack holds, by file."""
    brought: dict[int, str] = field(default_factory=dict)
    """Ledger index of every entry that brought a key of a receipt, and the key."""
    gaps: Gaps = field(default_factory=Gaps)
    """What was not checked, and how often."""
    memo: dict[Any, Any] = field(default_factory=dict)

    def file(self, name: str) -> bytes:
        if name not in self.files:
            raise InvalidInput(f"the pack has no file {name[:200]}")
        return self.files[name]
'''

SOURCES['traceability.ledger.verify_keys'] = r'''
"""The keys of a pack: each came in by a record that is here, of an approved party, and ended as its entry says."""

from collections.abc import Collection, Iterator

from traceability.ledger.errors import InvalidKey
from traceability.ledger.verify_case import NotChecked
from traceability.ledger.verify_pack_case import PackCase
from traceability.ledger.verify_records import BRINGS_KEY, Proven, approves


def keys_told(pack: PackCase) -> str:
    """Check that the entry which brought each key is in the pack with its record: a rotation ends another key.

    No record in a pack proves that an entry outside it ended a key no sooner: that is counted, as the log's word.
    """
    for index, key in sorted(pack.brought.items()):
        one = pack.proven.get(index)
        if one is None or one.file is None or one.entry.key != key:
            raise InvalidKey(f"the record of entry {index}, which brought the key {key}, is not in the pack")
    replaced = sum(_replaced(pack, index, one) for index, one in _ends(pack))
    pack.gaps["end"] += len(set(pack.brought.values()))
    lost = f" (registered anew for lost ones: {replaced})" if replaced else ""
    return (
        f"{len(pack.brought)} keys came in by records that are here{lost}; that no other entry ends one, the log says"
    )


def parties_told(pack: PackCase) -> str:
    """Check that each party, and each further key, was approved: entries, whose records are not here, name the keys.

    Raises:
        InvalidKey: an approval refers to a key that came in later.
        NotChecked: of a party or a key there is no such entry in the pack.

    """
    approved = {index: one for index, one in pack.proven.items() if approves(pack.proven, index)}
    for index, one in sorted(approved.items()):
        if max(one.entry.ref) > index:
            raise InvalidKey(
                f"entry {index} approves a party with the key of entry {max(one.entry.ref)}, which is later"
            )
    further = _unapproved(pack, {place for one in approved.values() for place in one.entry.ref})
    pack.gaps["unapproved"] += further
    parties = {pack.proven[index].entry.who for index in pack.brought if index in pack.proven}
    if left := parties - {one.entry.who for one in approved.values()}:
        pack.gaps["party"] += len(left)
        raise NotChecked(f"of {len(left)} of {len(parties)} parties no entry in the pack is the approval")
    if further:
        raise NotChecked(f"of {further} keys that came in without another's word no entry in the pack is the approval")
    return f"every party here ({len(parties)}) was approved, by entries that name its first key and each further one"


def _unapproved(pack: PackCase, named: Collection[int]) -> int:
    """Count the keys that no entry here approves; a rotated one needs none, the old key vouches for it."""
    came = {index for index in pack.brought if index in pack.proven and pack.proven[index].entry.kind == "key-add"}
    return len(came - set(named))


def _ends(pack: PackCase) -> Iterator[tuple[int, Proven]]:
    yield from ((index, one) for index, one in sorted(pack.proven.items()) if one.entry.kind == "key-revoke")


def _replaced(pack: PackCase, index: int, end: Proven) -> bool:
    """Tell whether an end says which key came in its place; both that and what it ends have to be as it says."""
    for place, own in ((place, number == 0) for number, place in enumerate(end.entry.ref)):
        one = pack.proven.get(place)
        if one is None or one.entry.kind not in BRINGS_KEY or one.file is None or place >= index:
            raise InvalidKey(f"entry {index} ends a key and refers to entry {place}, which brings none in the pack")
        if one.entry.who != end.entry.who or (one.entry.key == end.entry.key) != own:
            raise InvalidKey(f"entry {index} ends a key and refers to entry {place}, which brings another one")
    return len(end.entry.ref) > 1
'''

SOURCES['traceability.ledger.revocation'] = r'''
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
'''

SOURCES['traceability.ledger.verify_rows'] = r'''
"""The receipts of an evidence pack, each verified against its head: entries, signatures, and the lives of the keys."""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.errors import ProofError
from traceability.ledger.history import KeyAdded, KeyFact, KeyHistory, KeyRevoked, KeyRotated
from traceability.ledger.pack import RECEIPTS, json_lines
from traceability.ledger.pack_names import FOLDERS
from traceability.ledger.receipt import Receipt
from traceability.ledger.revocation import key_facts
from traceability.ledger.signed_events import event_at
from traceability.ledger.verify import Item, run_steps
from traceability.ledger.verify_case import Case
from traceability.ledger.verify_gaps import by_hash
from traceability.ledger.verify_log import key_brought
from traceability.ledger.verify_pack_case import PackCase
from traceability.ledger.verify_records import Proven, approves

_ENDS_KEYS = ("key-revoke", "key-rotate")


def receipts(pack: PackCase) -> Iterator[Item]:
    """Yield what comes of each line of receipts.jsonl; what holds is kept in the pack for what is asked later."""
    try:
        rows = json_lines(pack.file(RECEIPTS))
    except TraceabilityError as error:
        yield Item("receipts", "failed", error.detail)
        return
    read = [_read(pack, row) for row in rows]
    pack.keys = _lives(pack, [one for one in read if isinstance(one, _Row)])
    for number, one in enumerate(read, 1):
        yield _receipt(pack, f"receipt {number}", one)


def _lives(pack: PackCase, rows: Sequence["_Row"]) -> dict[str, KeyHistory | None]:
    """Read the lives of keys from the key entries of the pack; what does not verify is told where its turn comes."""
    facts: list[KeyFact] = []
    for row in rows:
        entry, index = row.case.entry, row.case.proof.index
        try:
            if entry.kind.startswith("key-") and row.file is not None and _holds(row.case):
                facts += key_facts(entry, index, pack.file(row.file))
        except TraceabilityError:
            continue
    facts = list(dict.fromkeys(facts))  # a line that stands twice is told where its turn comes
    begun = {fact.new if isinstance(fact, KeyRotated) else fact.thumbprint for fact in facts if not _is_end(fact)}
    facts += [fact for fact in _brought(rows) if fact.thumbprint not in begun]
    named = {fact.new if isinstance(fact, KeyRotated) else fact.thumbprint for fact in facts}
    named |= {fact.old for fact in facts if isinstance(fact, KeyRotated)}
    return {key: _life(key, facts) for key in sorted(named)}


def _is_end(fact: KeyFact) -> bool:
    return isinstance(fact, KeyRevoked)


def _brought(rows: Sequence["_Row"]) -> list[KeyAdded]:
    """Return when the keys of the receipts began, as each receipt proves it besides the signer's signature."""
    found: dict[str, KeyAdded] = {}
    for row in rows:
        with contextlib.suppress(TraceabilityError):
            if (fact := key_brought(row.case)) is not None:
                found.setdefault(fact.thumbprint, fact)
    return list(found.values())


def _holds(case: Case) -> bool:
    failed = [item for item in run_steps(case) if item.verdict == "failed"]
    return not failed or case.disputed is not None


def _life(key: str, facts: Sequence[KeyFact]) -> KeyHistory | None:
    """Return the life of a key; None where the entries about it contradict each other: then nothing it signed holds."""
    try:
        return KeyHistory.of(key, facts)
    except TraceabilityError:
        return None


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of receipts.jsonl that could be read; ``file`` is None where the pack holds a hash alone."""

    file: str | None
    about: str
    case: Case


def _receipt(pack: PackCase, what: str, row: _Row | TraceabilityError) -> Item:
    """Verify one receipt against the head of the pack, with the bytes of the file it names."""
    if isinstance(row, TraceabilityError):
        return Item(what, "failed", row.detail)
    case, index = row.case, row.case.proof.index
    if (told := _unfit(pack, row)) is not None:
        return Item(what, "failed", f"{row.about}: {told}")
    pack.last = index
    case.keys = {name: life for name, life in pack.keys.items() if life is not None}
    items = tuple(run_steps(case))
    failed = next((item for item in items if item.verdict == "failed"), None)
    if failed is not None and case.disputed is None:
        return Item(row.about, "failed", f"{failed.what}: {failed.why}")
    _proved(pack, row)
    if case.disputed is not None:  # it stands in the log as it is here; who signed it is not certain
        return Item(row.about, "failed", case.disputed)
    _count(pack, row, items)
    said = f"entry {index} ({case.entry.kind})"
    if row.file is None and case.receipt.erased is None:
        return Item(row.about, "not checked", f"{said}: in the log, and the pack holds the hash of it alone")
    gaps = [item.why for item in items if item.verdict == "not checked" and item.what == "signature"]
    return Item(row.about, "ok" if row.file is not None else "not checked", "; ".join([said, *gaps]))


def _count(pack: PackCase, row: _Row, items: Sequence[Item]) -> None:
    """Count what of a receipt could not be checked; that nobody signs a record of the log's own is no gap."""
    receipt = row.case.receipt
    if row.file is None:
        approval = approves(pack.proven, row.case.proof.index)
        kind = "approval" if approval else by_hash(row.case.entry.kind)
        pack.gaps["erased" if receipt.erased is not None else kind] += 1
        return
    open_ = {item.what for item in items if item.verdict == "not checked"}
    pack.gaps["id"] += "event" in open_
    pack.gaps["token"] += len(receipt.timestamps) if "time stamp" in open_ else 0
    pack.gaps["opening"] += len(receipt.openings) if "commitments" in open_ else 0


def _unfit(pack: PackCase, row: _Row) -> str | None:
    """Say what is wrong with a receipt beside the others of its pack."""
    entry, index = row.case.entry, row.case.proof.index
    if index <= pack.last:
        return f"expected receipts in the order of the log; got entry {index} again"
    if entry.key in pack.keys and pack.keys[entry.key] is None:
        return f"the entries about the key {entry.key} contradict each other"
    if entry.kind in _ENDS_KEYS and row.file is None:
        return f"entry {index} ends a key, and its record is not in the pack"
    if row.file is not None and row.case.receipt.erased is not None:
        return f"its body is said to be erased, and lies in {row.file}"
    return None


def _proved(pack: PackCase, row: _Row) -> None:
    case, index = row.case, row.case.proof.index
    said = None
    if case.entry.kind == "event" and case.content is not None:
        said = event_at(case.content, case.entry.n or 0)
        pack.captures.setdefault(row.file or "", case.content)
    elif case.entry.kind == "shipment":
        said = case.content
    pack.proven[index] = Proven(case.entry, row.file, said, case.receipt.jws)
    case.content = None  # many receipts share a capture, which is held once for all of them
    if case.receipt.erased is not None:
        pack.erased.append((index, case.receipt.erased))
    if case.receipt.key is not None:
        _bring(pack, case)


def _bring(pack: PackCase, case: Case) -> None:
    with contextlib.suppress(TraceabilityError):
        if (fact := key_brought(case)) is not None:
            pack.brought[fact.index] = fact.thumbprint


def _read(pack: PackCase, row: Any) -> _Row | TraceabilityError:
    try:
        return _row(pack, row)
    except TraceabilityError as error:
        return error


def _row(pack: PackCase, row: Any) -> _Row:
    if not isinstance(row, dict) or row.keys() != {"file", "about", "receipt"}:
        raise InvalidInput("expected lines with file, about and receipt")
    name, about = row["file"], row["about"]
    if not isinstance(name, str | None) or not isinstance(about, str):
        raise InvalidInput("expected file and about as text; no file where the pack holds a hash alone")
    body = None if name is None else pack.file(name)
    receipt = dataclasses.replace(Receipt.from_value(row["receipt"]), body=body, log_key=pack.key.vkey)
    case = Case.of(receipt, pack.policy, pack.event_id)
    if case.proof.checkpoint != pack.note:
        raise ProofError(f"{about[:200]}: expected a proof against the head of the pack")
    if name is not None and case.entry.kind not in FOLDERS.get(name.partition("/")[0], ()):
        raise ProofError(f"{name[:200]}: an entry of the kind {case.entry.kind} does not stand for such a file")
    case.memo = pack.memo
    return _Row(name, about[:300], case)
'''

SOURCES['traceability.ledger.verify_pack'] = r'''
"""Offline verification of evidence packs (ledger.md 5): every file, proof and signature, and if the chain is whole.

As for receipts trust comes from the policy alone; hostile bytes give a verdict, never an error.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger import verify_chain, verify_gaps, verify_stamp, verify_told
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.encoding import b64, from_b64
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.errors import ProofError
from traceability.ledger.jose import read_detached, verify
from traceability.ledger.log_change import read_record
from traceability.ledger.merkle import verify_consistency
from traceability.ledger.note import VerifierKey
from traceability.ledger.pack import (
    CHECKPOINT,
    CONSISTENCY,
    MANIFEST,
    REPORT,
    SIGNATURE,
    SUCCESSION,
    TIMESTAMPS,
    Manifest,
    json_lines,
    read_pack,
)
from traceability.ledger.pack_names import FOLDERS, check_names
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import Receipt, Timestamp
from traceability.ledger.succession import read_links
from traceability.ledger.verify import NOT_PINNED, Item, Verdict, pinned
from traceability.ledger.verify_case import EventId, NotChecked, StampCheck
from traceability.ledger.verify_erased import erased
from traceability.ledger.verify_keys import keys_told, parties_told
from traceability.ledger.verify_log import quorum_of, second_of, within
from traceability.ledger.verify_pack_case import PackCase
from traceability.ledger.verify_records import Records
from traceability.ledger.verify_rows import receipts

_PROVED = tuple(f"{name}/" for name in FOLDERS)


def verify_pack(
    data: bytes,
    *,
    policy: Policy | None,
    older: Sequence[bytes] = (),
    event_id: EventId | None = None,
    check_stamp: StampCheck | None = None,
) -> Verdict:
    """Verify an evidence pack, and that the heads of ``older`` receipts of the same log lie on its tree.

    Never raises for the content of ``data``.
    """
    try:
        files = read_pack(data)
        manifest = Manifest.from_json(files.get(MANIFEST, b""))
        pack = PackCase(files, manifest, VerifierKey.parse(manifest.log_key), policy, event_id, check_stamp)
    except TraceabilityError as error:
        return Verdict("failed", error.detail, None, (Item("pack", "failed", error.detail),))
    items = (_pinned(pack), *_items(pack, older))
    failed = next((item for item in items if item.verdict == "failed"), None)
    if items[0].verdict != "ok":
        return Verdict("failed", NOT_PINNED, pack.key, items)
    if failed is not None:
        return Verdict("failed", f"{failed.what}: {failed.why}", pack.key, items)
    open_ = verify_gaps.told(pack.gaps)
    return Verdict("ok", _summary(pack, open_), pack.key, items, open_)


def _pinned(pack: PackCase) -> Item:
    """Judge the key that signed the manifest: pinned, or followed one that is by the way to the pack's head."""
    manifest = pack.manifest
    try:
        head = Checkpoint(manifest.origin, manifest.size, from_b64(manifest.root))
        links = read_links(json_lines(pack.files.get(SUCCESSION, b"")))
    except (TraceabilityError, ValueError) as error:
        return Item("log key", "failed", f"the way from an earlier log key cannot be read: {error}")
    return pinned(pack.key, pack.policy, head, links)


def _items(pack: PackCase, older: Sequence[bytes]) -> Iterator[Item]:
    yield from (_step(what, step, pack) for what, step in (("files", _files), ("manifest", _signature)))
    head = _step("checkpoint", _checkpoint, pack)
    yield head
    if head.verdict == "failed":
        return  # every proof is against it
    yield from _second(pack)
    yield from _witnesses(pack)
    if TIMESTAMPS in pack.files:
        yield _step("time stamp", _timestamps, pack)
    yield from receipts(pack)
    pack.proved = {one.file for one in pack.proven.values() if one.file is not None}
    yield _step("complete", _complete, pack)
    yield _step("keys", keys_told, pack)
    yield _step("parties", parties_told, pack)
    if REPORT in pack.files:
        yield _step("report", _report, pack)
    yield from _told(pack)
    for number, receipt in enumerate(older, 1):
        yield _step(f"older receipt {number}", partial(_consistent, receipt), pack)


def _told(pack: PackCase) -> Iterator[Item]:
    """Yield whether the lines in words say what the records say, and whether the chain is whole."""
    records = Records(pack.files, pack.manifest, pack.proven, pack.captures, pack.gaps)
    if pack.erased:
        yield _step("erased", partial(_erased, records), pack)
    yield from verify_told.items(records)
    yield from verify_chain.items(records.events, pack.manifest, pack.gaps, records.unsigned)


def _second(pack: PackCase) -> Iterator[Item]:
    """Yield what comes of the log's second signature, where the policy names its key."""
    note = pack.file(CHECKPOINT).decode("utf-8", "replace")
    try:
        why = None if pack.policy is None else second_of(note, pack.head, pack.policy)
    except NotChecked as gap:
        pack.gaps["second"] += 1
        yield Item("second signature", "not checked", str(gap))
    except TraceabilityError as error:
        yield Item("second signature", "failed", error.detail)
    else:
        yield from [Item("second signature", "ok", why)] if why else []


def _witnesses(pack: PackCase) -> Iterator[Item]:
    """Yield whether the policy's quorum of witnesses cosigned the head, where it names witnesses."""
    try:
        why = None if pack.policy is None else quorum_of(pack.note, pack.policy)
    except TraceabilityError as error:
        yield Item("witnesses", "failed", error.detail)
    else:
        yield from [Item("witnesses", "ok", why)] if why else []


def _step(what: str, step: Callable[[PackCase], str], pack: PackCase) -> Item:
    try:
        return Item(what, "ok", step(pack))
    except NotChecked as gap:
        return Item(what, "not checked", str(gap))
    except TraceabilityError as error:
        return Item(what, "failed", error.detail)


def _files(pack: PackCase) -> str:
    named, there = pack.manifest.files, pack.files.keys() - {MANIFEST, SIGNATURE}
    if beside := sorted(there - named.keys()):
        raise InvalidInput(f"{beside[0]} lies in the pack and is not named by the manifest")
    if lost := sorted(named.keys() - there):
        raise InvalidInput(f"{lost[0][:200]} is named by the manifest and not in the pack")
    check_names(named)
    for name, expected in named.items():
        got = hashlib.sha256(pack.files[name]).hexdigest()
        if got != expected:
            raise InvalidInput(f"{name}: expected the SHA-256 {expected}; got {got}")
    return f"{len(named)} files have the hashes of the manifest"


def _signature(pack: PackCase) -> str:
    signed = read_detached(pack.file(SIGNATURE).decode("ascii", "replace"), pack.file(MANIFEST))
    verify(signed, pack.key.public)
    return f"{pack.key.name} signed the manifest"


def _checkpoint(pack: PackCase) -> str:
    note, manifest = pack.file(CHECKPOINT).decode("utf-8", "replace"), pack.manifest
    pack.note, (pack.head, _) = note, verify_checkpoint(note, [pack.key])
    within(pack.key, pack.head, pack.policy)
    expected = (manifest.origin, manifest.size, manifest.root)
    if (pack.head.origin, pack.head.size, b64(pack.head.root)) != expected:
        raise ProofError(f"expected the head the manifest is bound to, {manifest.size} entries; got {pack.head.size}")
    return f"bound to the head of {manifest.size} entries, signed {manifest.as_of}"


def _timestamps(pack: PackCase) -> str:
    tokens = [Timestamp.from_value(row) for row in json_lines(pack.file(TIMESTAMPS))]
    note = pack.file(CHECKPOINT).decode("utf-8", "replace")
    try:
        return verify_stamp.stamped(note, pack.key, tokens, pack.check_stamp) or "no token"
    except NotChecked:
        pack.gaps["token"] += len(tokens)
        raise


def _complete(pack: PackCase) -> str:
    """Everything that has to have an entry has a proof of it."""
    unproved = sorted(name for name in pack.files if name.startswith(_PROVED) and name not in pack.proved)
    if unproved:
        raise ProofError(f"{unproved[0]} has no proof (and {len(unproved) - 1} more)")
    _none_later(pack)
    return f"{len(pack.proved)} files are proved to be in the log"


def _erased(records: Records, pack: PackCase) -> str:
    """Check every body that is said to be erased; lines that lack what they should hold are no proof."""
    try:
        for index, notice in pack.erased:
            erased(records, index, notice)
    except (KeyError, TypeError, AttributeError) as error:
        raise ProofError(f"the record of an erasure lacks what it should hold: {error!r}"[:300]) from error
    return f"the log says of {len(pack.erased)} bodies that they were erased, and what it had found of them before"


def _consistent(data: bytes, pack: PackCase) -> str:
    """The head of a receipt given earlier is an earlier head of the same tree."""
    receipt = Receipt.from_json(data)
    key = VerifierKey.parse(receipt.log_key)
    if receipt.log_key not in _keys(pack):
        raise InvalidInput("the receipt is of another log than the pack")
    head, _ = verify_checkpoint(parse_proof(receipt.proof).checkpoint, [key])
    if head.size == pack.head.size:
        verify_consistency(head.size, head.root, pack.head.size, pack.head.root, [])
        return f"the same head of {head.size} entries"
    if head.size > pack.head.size:
        pack.gaps["later"] += 1
        raise NotChecked(_later(receipt, head))
    for row in json_lines(pack.file(CONSISTENCY)):
        if isinstance(row, dict) and row.get("size") == head.size:
            verify_consistency(head.size, head.root, pack.head.size, pack.head.root, _path(row.get("proof")))
            return f"the tree of {pack.head.size} entries begins with that of {head.size}"
    raise ProofError(_unproved(head, pack))


def _later(receipt: Receipt, head: Checkpoint) -> str:
    said = f"its head of {head.size} entries is later than that of the pack"
    compare = "compare both heads (`traceability compare-checkpoints`)"
    if Entry.parse(receipt.entry).kind == "evidence-pack":
        return f"{said}, as a pack is handed out before its entry is made; {compare}"
    return f"{said}; ask for a pack of as many entries, or {compare}"


def _unproved(head: Checkpoint, pack: PackCase) -> str:
    """Say that a proof is missing, which a pack holds for receipts of its own entries alone, and where it is had."""
    return (
        f"it is not shown that the tree of {pack.head.size} entries begins with that of {head.size}: the pack holds no "
        "proof of that, as is usual for receipts of other batches, and nothing here contradicts it. Verify each file "
        "by itself, and compare the heads with `traceability compare-checkpoints RECEIPT.json checkpoint --log "
        "URL/ledger`, where checkpoint is that file of the pack. The proof itself is what the log answers at "
        f"/v1/ledger/proofs/consistency?from={head.size}&to={pack.head.size}"
    )


def _path(value: Any) -> list[bytes]:
    try:
        return [from_b64(one) for one in value]
    except (TypeError, ValueError, AttributeError) as error:
        raise ProofError(f"{CONSISTENCY}: expected a proof as a list of hashes in base64") from error


def _keys(pack: PackCase) -> set[str]:
    """Return the verifier keys of the pack's log: its own, those the policy pins, and those it has followed."""
    changes = [read_record(link.record) for link in read_links(json_lines(pack.files.get(SUCCESSION, b"")))]
    pinned_too = [] if pack.policy is None else [key.vkey for key in pack.policy.logs if key.name == pack.key.name]
    return {pack.key.vkey, *pinned_too, *(change.old for change in changes), *(change.new for change in changes)}


def _none_later(pack: PackCase) -> None:
    """Check that no entry of the pack is of after its head was signed, as the manifest says it."""
    try:
        until = milliseconds(datetime.fromisoformat(pack.manifest.as_of))
    except ValueError as error:
        raise ProofError(f"expected when the head was signed; got {pack.manifest.as_of[:40]!r}") from error
    later = [index for index, one in sorted(pack.proven.items()) if one.entry.at > until]
    if later:
        raise ProofError(f"entry {later[0]} is of after {pack.manifest.as_of}, when the head is said to be signed")


def _report(pack: PackCase) -> str:
    pack.gaps["report"] += 1
    raise NotChecked(f"{REPORT} is how the log reads these files, which count; its words are not compared with them")


def _summary(pack: PackCase, open_: Sequence[str]) -> str:
    said = f"{len(pack.proved)} files about {pack.manifest.batch} are in the log as they stand here"
    return said + (f"; not checked: {', '.join(open_)}" if open_ else "")
'''

SOURCES['traceability.ledger.standalone'] = r'''
"""The verifier as a program of its own: receipts and evidence packs, without the service and without a network.

`single_file` puts it and all it needs into one file: Python 3.11, its standard library and `cryptography` run it.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from traceability.errors import InvalidInput, TraceabilityError
from traceability.ledger.encoding import digest
from traceability.ledger.policy import Policy
from traceability.ledger.verify import Verdict, verify_receipt
from traceability.ledger.verify_case import EventId, StampCheck
from traceability.ledger.verify_pack import verify_pack

_ZIP = b"PK\x03\x04"


def is_pack(data: bytes) -> bool:
    """Return whether this is a pack, and no receipt."""
    return data.startswith(_ZIP)


def verify_file(
    data: bytes,
    policy: Policy | None,
    receipts: Sequence[bytes] = (),
    event_id: EventId | None = None,
    check_stamp: StampCheck | None = None,
    packs: Mapping[str, str] | None = None,
) -> Verdict:
    """Return the verdict on a receipt or a pack; each is also compared with those of the other kind given beside it."""
    if is_pack(data):
        return verify_pack(data, policy=policy, older=receipts, event_id=event_id, check_stamp=check_stamp)
    return verify_receipt(data, policy=policy, event_id=event_id, check_stamp=check_stamp, packs=packs)


def packs_among(files: Iterable[tuple[Path, bytes]]) -> dict[str, str]:
    """Return the names of those files that are packs, by their SHA-256 (base64url)."""
    return {digest(data): str(path) for path, data in files if is_pack(data)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the files named on the command line; 0 all verify, 1 one does not, 2 the call is wrong."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify receipts and evidence packs offline.")
    parser.add_argument("files", nargs="+", metavar="RECEIPT.json|PACK.zip", type=Path)
    trust = parser.add_mutually_exclusive_group()
    trust.add_argument("--policy", type=Path, help="file with 'log VKEY', 'witness NAME VKEY', 'quorum NAME|none'")
    trust.add_argument("--pin", help="verifier key of the log, got elsewhere than from the file")
    parser.add_argument("--json", action="store_true", help="print the verdicts as JSON")
    options = parser.parse_args(arguments)
    try:
        data, policy = [path.read_bytes() for path in options.files], _policy(options)
    except (OSError, TraceabilityError) as error:
        sys.stderr.write(f"verify.py: {error}\n")
        return 2
    receipts = [one for one in data if not is_pack(one)]
    packs = packs_among(zip(options.files, data, strict=True))
    verdicts = [verify_file(one, policy, receipts, packs=packs) for one in data]
    rows = [{"file": str(path), **verdict.as_dict()} for path, verdict in zip(options.files, verdicts, strict=True)]
    sys.stdout.write((json.dumps(rows, indent=1) if options.json else "\n".join(map(text, rows))) + "\n")
    return 0 if all(verdict.verdict == "ok" for verdict in verdicts) else 1


def text(row: dict[str, Any]) -> str:
    """Return a verdict as people read it: the sum first and last, the log key, and each thing that was looked at."""
    key = row["log_key"]
    named = f"  log key {key['name']} {key['fingerprint']}" if key else "  no log key can be read"
    items = [f"  {item['verdict']:11} {item['what']}: {item['why']}" for item in row["items"]]
    lines = [f"{row['file']}: {row['verdict']}: {row['reason']}", named, *items, f"{row['file']}: {_sum(row)}"]
    return "\n".join(map(_printable, lines))


def _sum(row: dict[str, Any]) -> str:
    if row["verdict"] != "ok":
        return f"{row['verdict']}: {row['reason']}"
    return "ok" + (f"; not checked: {', '.join(row['not_checked'])}" if row["not_checked"] else "")


def _printable(line: str) -> str:
    """Return a line in which nothing of the file under test can begin another line or steer a terminal."""
    return "".join(one if one.isprintable() else f"[U+{ord(one):04X}]" for one in line)


def _policy(options: argparse.Namespace) -> Policy | None:
    if options.pin:
        return Policy.pin(options.pin)
    if options.policy is None:
        return None
    try:
        return Policy.parse(options.policy.read_bytes())
    except OSError as error:
        raise InvalidInput(f"the policy {options.policy} cannot be read: {error}") from error
'''


# From here on: the importer of the modules above, and a stand-in for the one JSON writer they use besides the
# standard library's.
import importlib.abc
import importlib.util
import json
import sys
import types


class _Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name not in SOURCES:
            return None
        package = any(other.startswith(name + ".") for other in SOURCES)
        return importlib.util.spec_from_loader(name, self, is_package=package)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__spec__.name
        exec(compile(SOURCES[name], f"{__file__}/{name}", "exec"), module.__dict__)


def _dumps(value, default=None, option=0):
    compact = json.dumps(
        value, default=default, sort_keys=bool(option & 1), ensure_ascii=False, allow_nan=False,
        indent=2 if option & 2 else None, separators=(",", ": ") if option & 2 else (",", ":"),
    )
    return compact.encode()


_json = types.ModuleType("orjson")
_json.dumps, _json.OPT_SORT_KEYS, _json.OPT_INDENT_2 = _dumps, 1, 2
_json.JSONEncodeError, _json.JSONDecodeError, _json.Fragment = TypeError, ValueError, str
sys.modules["orjson"] = _json
sys.meta_path.insert(0, _Importer())

if __name__ == "__main__":
    from traceability.ledger.standalone import main

    sys.exit(main())
