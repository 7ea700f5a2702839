"""Wycheproof through our public functions: 0 mismatches. Cases of algorithms we do not take must all be refused."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from traceability.errors import TraceabilityError
from traceability.ledger import ml_dsa
from traceability.ledger.encoding import b64u
from traceability.ledger.errors import BadSignature
from traceability.ledger.jose import read_compact, verify
from traceability.ledger.keys import PrivateKey, PublicKey


def _groups(vectors, name):
    return json.loads((vectors / "ledger" / "wycheproof" / f"{name}_test.json").read_bytes())["testGroups"]


def _accepts(key, signature, message):
    try:
        key.verify(signature, message)
    except BadSignature:
        return False
    return True


def _mismatches(groups, key_of, signature_of=lambda case: bytes.fromhex(case["sig"])):
    wrong, seen = [], set()
    for group in groups:
        key = key_of(group)
        for case in group["tests"]:
            seen.add(case["result"])
            if _accepts(key, signature_of(case), bytes.fromhex(case["msg"])) != (case["result"] == "valid"):
                wrong.append(case["tcId"])
    assert seen == {"valid", "invalid"}
    return wrong


def test_ed25519(vectors):
    def key_of(group):
        return PublicKey.from_jwk(group["publicKeyJwk"])

    assert not _mismatches(_groups(vectors, "ed25519"), key_of)


def _p256(group):
    point = bytes.fromhex(group["publicKey"]["uncompressed"])
    return PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": b64u(point[1:33]), "y": b64u(point[33:])})


def test_es256_raw_signatures(vectors):
    assert not _mismatches(_groups(vectors, "ecdsa_secp256r1_sha256_p1363"), _p256)


def test_es256_der_signatures_turned_into_raw_ones(vectors):
    def raw(case):
        signature = bytes.fromhex(case["sig"])
        try:
            r, s = decode_dss_signature(signature)
            return r.to_bytes(32) + s.to_bytes(32)
        except (ValueError, OverflowError):
            return signature  # not DER, or out of range: no raw form exists, and the bytes as they are must fail

    assert not _mismatches(_groups(vectors, "ecdsa_secp256r1_sha256"), _p256, raw)


def test_der_signatures_are_never_taken_as_they_are(vectors):
    for group in _groups(vectors, "ecdsa_secp256r1_sha256"):
        for case in group["tests"]:
            assert not _accepts(_p256(group), bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))


_ML_DSA = pytest.mark.skipif(not ml_dsa.available(), reason=ml_dsa.MISSING)


def _ml_dsa_cases(vectors, *, context):
    groups = json.loads((vectors / "ledger" / "wycheproof" / "mldsa_44_verify_test.json").read_bytes())["testGroups"]
    return [(group, case) for group in groups for case in group["tests"] if bool(case.get("ctx")) is context]


def _ml_dsa_accepts(group, case):
    try:
        ml_dsa.verify(*map(bytes.fromhex, (group["publicKey"], case["sig"], case["msg"])))
    except BadSignature:
        return False
    return True


@_ML_DSA
def test_ml_dsa_44(vectors):
    cases = _ml_dsa_cases(vectors, context=False)
    wrong = [case["tcId"] for group, case in cases if _ml_dsa_accepts(group, case) != (case["result"] == "valid")]
    assert not wrong
    assert [sum(case["result"] == said for _, case in cases) for said in ("valid", "invalid")] == [38, 49]


@_ML_DSA
def test_ml_dsa_44_signatures_under_a_context_are_none_of_ours(vectors):
    """The C2SP formats sign without a context, so `verify` takes none: what these are for is not asked of it."""
    cases = _ml_dsa_cases(vectors, context=True)
    assert [case["tcId"] for group, case in cases if _ml_dsa_accepts(group, case)] == []
    assert len(cases) == 3, "together with those above all 90 of the file"


def _jws_accepted(group, case):
    try:
        key = PublicKey.from_jwk(group.get("public", group["private"]))
        verify(read_compact(case["jws"].encode(), typ=None, cty=None), key)
    except TraceabilityError:
        return False
    return True


def test_json_web_signatures(vectors):
    wrong, accepted = [], 0
    for group in _groups(vectors, "json_web_signature"):
        ours = group.get("public", {}).get("kty") == "EC"
        for case in group["tests"]:
            jws = case["jws"]
            expected = ours and case["result"] == "valid"
            got = isinstance(jws, str) and _jws_accepted(group, case)
            accepted += got
            if got != expected:
                wrong.append((case["tcId"], case["comment"]))
    assert not wrong
    assert accepted >= 2


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512", "RS256", "RS384", "PS256", "none", "NONE", "None", "nOnE"])
def test_a_header_cannot_choose_another_algorithm(alg):
    key = PrivateKey.generate("ES256")
    head = b64u(json.dumps({"alg": alg, "kid": "k"}).encode()) + "." + b64u(b"x")
    token = f"{head}.{b64u(key.sign(head.encode()))}".encode()
    with pytest.raises(TraceabilityError) as caught:
        verify(read_compact(token, typ=None, cty=None), key.public)
    assert caught.value.status == 401
