"""Proof that an applicant holds the key it registers, and rotation signed by the old and the new key (ledger.md 6).

What is signed names the purpose, the party, the key, the log and a nonce of ours, so that it serves nowhere else.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from traceability import strict_json
from traceability.ledger.errors import BadSignature
from traceability.ledger.jose import read_detached, verify
from traceability.ledger.keys import PublicKey

_POSSESSION = "traceability-key-possession@v1"
_ROTATION = "traceability-key-rotation@v1"


def challenge_payload(party: str, kid: str, jwk: Mapping[str, str], nonce: str, log_origin: str) -> bytes:
    """Return the bytes a party signs with a new key itself (`sign_detached` under ``kid``)."""
    return _canonical(
        {"type": _POSSESSION, "party": party, "kid": kid, "jwk": _public(jwk), "nonce": nonce, "log_origin": log_origin}
    )


def rotation_payload(  # each is bound by both signatures
    party: str, old: PublicKey, kid: str, jwk: Mapping[str, str], nonce: str, log_origin: str
) -> bytes:
    """Return the bytes that the old key and the new key (``kid``, ``jwk``) both sign, each as a detached JWS."""
    return _canonical(
        {
            "type": _ROTATION,
            "party": party,
            "old": old.thumbprint,
            "kid": kid,
            "jwk": _public(jwk),
            "nonce": nonce,
            "log_origin": log_origin,
        }
    )


def check_possession(body: bytes, jws: str | None, *, party: str, nonce: str, log_origin: str) -> tuple[str, PublicKey]:
    """Return the kid and the key whose holder signed ``body``, the challenge made for this party and nonce.

    Raises:
        InvalidInput: the body is no challenge, or its key cannot be used.
        SignatureMissing, SignatureMalformed: no signature that can be read.
        BadSignature: another key signed, or the challenge was made for something else.

    """
    claim = _claim(body, {"type": _POSSESSION, "party": party, "nonce": nonce, "log_origin": log_origin})
    key = PublicKey.from_jwk(_object(claim.get("jwk")))
    kid = str(claim.get("kid"))
    _require_same(body, challenge_payload(party, kid, key.jwk, nonce, log_origin))
    _check(body, jws, kid, key)
    return kid, key


def check_rotation(  # noqa: PLR0913  # what was sent, and what it must be bound to
    body: bytes,
    old_jws: str | None,
    new_jws: str | None,
    *,
    party: str,
    old: PublicKey,
    old_kid: str,
    nonce: str,
    log_origin: str,
) -> tuple[str, PublicKey]:
    """Return the kid and the new key of a rotation that both keys signed.

    Raises:
        InvalidInput: the body is no rotation, or its new key cannot be used.
        SignatureMissing, SignatureMalformed: a signature is missing or cannot be read.
        BadSignature: a signature does not fit, or the rotation was made for something else.

    """
    bound = {"type": _ROTATION, "party": party, "old": old.thumbprint, "nonce": nonce, "log_origin": log_origin}
    claim = _claim(body, bound)
    new = PublicKey.from_jwk(_object(claim.get("jwk")))
    kid = str(claim.get("kid"))
    if new.thumbprint == old.thumbprint or kid == old_kid:
        raise BadSignature("a rotation brings a new key under a new kid; this one names the old key again")
    _require_same(body, rotation_payload(party, old, kid, new.jwk, nonce, log_origin))
    _check(body, old_jws, old_kid, old)
    _check(body, new_jws, kid, new)
    return kid, new


def _check(body: bytes, jws: str | None, kid: str, key: PublicKey) -> None:
    signed = read_detached(jws, body)
    if signed.kid != kid:
        raise BadSignature(f"expected a signature under kid {kid}; got one under {signed.kid}")
    if signed.log_anchor is not None:
        raise BadSignature("log_anchor has no place here, where the nonce says that it is new: sign without it")
    verify(signed, key)


def _claim(body: bytes, bound: Mapping[str, str]) -> Mapping[str, Any]:
    claim = _object(strict_json.loads(body, max_depth=3))
    for name, expected in bound.items():
        if claim.get(name) != expected:
            raise BadSignature(f"the signed text is for another {name}: expected {expected!r}; got {claim.get(name)!r}")
    return claim


def _require_same(body: bytes, expected: bytes) -> None:
    if body != expected:
        raise BadSignature(
            "the signed text is not the one this service asked for: fetch the challenge and sign it as it is"
        )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _public(jwk: Mapping[str, str]) -> Mapping[str, str]:
    return PublicKey.from_jwk(jwk).jwk


def _canonical(members: Mapping[str, Any]) -> bytes:
    return orjson.dumps(dict(members), option=orjson.OPT_SORT_KEYS)
