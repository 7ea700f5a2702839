import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.ledger.encoding import b64u
from traceability.ledger.errors import BadSignature, InvalidKey
from traceability.ledger.jwk import _LOW_ORDER
from traceability.ledger.keys import PrivateKey, PublicKey

ALGS = ["EdDSA", "ES256"]
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ED = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
EC = {
    "kty": "EC", "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}  # fmt: skip


@pytest.fixture(scope="module", params=ALGS)
def key(request):
    return PrivateKey.generate(request.param)


@settings(deadline=None, max_examples=25)
@given(message=st.binary(max_size=200), place=st.integers(0, 63), bit=st.integers(0, 7))
@pytest.mark.parametrize("alg", ALGS)
def test_signatures_fit_their_bytes_and_no_others(alg, message, place, bit):
    key = PrivateKey.generate(alg)
    signature = key.sign(message)
    assert len(signature) == 64
    key.public.verify(signature, message)
    changed = bytearray(signature)
    changed[place] ^= 1 << bit
    for wrong, text in ((bytes(changed), message), (signature, message + b"\0")):
        with pytest.raises(BadSignature):
            key.public.verify(wrong, text)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 72])
def test_signatures_of_another_length_are_refused(key, length):
    with pytest.raises(BadSignature, match="64 bytes") as caught:
        key.public.verify(bytes(length), b"x")
    assert caught.value.status == 403


def test_another_keys_signature_is_refused(key):
    with pytest.raises(BadSignature, match=key.public.thumbprint):
        key.public.verify(PrivateKey.generate(key.public.alg).sign(b"x"), b"x")


def test_one_algorithm_is_bound_to_a_key():
    assert PublicKey.from_jwk(ED).alg == "EdDSA"
    assert PublicKey.from_jwk(ED | {"alg": "Ed25519"}).alg == "EdDSA"
    assert PublicKey.from_jwk(EC).alg == "ES256"
    for jwk in (ED | {"alg": "ES256"}, EC | {"alg": "EdDSA"}, EC | {"alg": "ES384"}, ED | {"alg": None}):
        with pytest.raises(InvalidKey, match="names the algorithm"):
            PublicKey.from_jwk(jwk)


def test_equal_keys_are_equal_and_carry_only_what_makes_them():
    key = PublicKey.from_jwk(ED | {"kid": "a", "use": "sig", "key_ops": ["verify"], "other": 1})
    assert key == PublicKey.from_jwk(ED)
    assert hash(key) == hash(PublicKey.from_jwk(ED))
    assert key.jwk == ED
    assert key != PublicKey.from_jwk(EC)


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "RSA"}, {"kty": None}, {"crv": "Ed448"}, {"crv": "X25519"}, {"crv": []}, {"kty": "EC"},
        {"use": "enc"}, {"key_ops": ["sign"]}, {"key_ops": "verify"}, {"key_ops": []},
        {"x": None}, {"x": 5}, {"x": ""}, {"x": ED["x"] + "="}, {"x": " " + ED["x"]}, {"x": ED["x"][:-1]},
        {"x": b64u(bytes(31))}, {"x": b64u(bytes(33))}, {"d": "AA"}, {"k": "AA"}, {"p": "AA"}, {"priv": "AA"},
    ],
)  # fmt: skip
def test_other_keys_are_refused(change):
    with pytest.raises(InvalidKey) as caught:
        PublicKey.from_jwk(ED | change)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "change", [{"y": EC["x"]}, {"x": b64u(bytes(32))}, {"x": b64u(b"\xff" * 32)}, {"y": None}, {"crv": "P-384"}]
)
def test_points_beside_the_p256_curve_are_refused(change):
    with pytest.raises(InvalidKey):
        PublicKey.from_jwk(EC | change)


def _add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P,
    )


def _points_with(y):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    for x in (root, root * pow(2, (P - 1) // 4, P) % P):
        if x * x % P == square:
            return {(x, y), (-x % P, y)}
    raise AssertionError(y)


def test_the_list_of_low_orders_is_the_whole_subgroup():
    points = {point for y in _LOW_ORDER for point in _points_with(y)}
    assert len(points) == 8
    for point in points:
        double = _add(point, point)
        fourfold = _add(double, double)
        assert _add(fourfold, fourfold) == (0, 1)


@pytest.mark.parametrize("y", sorted(_LOW_ORDER))
@pytest.mark.parametrize("sign", [0, 1])
def test_low_order_points_are_refused(y, sign):
    with pytest.raises(InvalidKey, match="low order"):
        PublicKey.from_jwk(ED | {"x": b64u((y | sign << 255).to_bytes(32, "little"))})


@pytest.mark.parametrize("y", [P, P + 1, 2**255 - 1])
def test_points_in_a_second_form_are_refused(y):
    with pytest.raises(InvalidKey, match="canonical"):
        PublicKey.from_jwk(ED | {"x": b64u(y.to_bytes(32, "little"))})


def test_points_beside_the_ed25519_curve_are_refused():
    beside = [y for y in range(2, 40) if pow((y * y - 1) * (D * y * y + 1), (P - 1) // 2, P) != 1]
    assert len(beside) > 5
    for y in beside:
        with pytest.raises(InvalidKey, match="not a point"):
            PublicKey.from_jwk(ED | {"x": b64u(y.to_bytes(32, "little"))})


@pytest.mark.parametrize("alg", ALGS)
def test_many_generated_keys_are_all_taken(alg):
    for _ in range(50):
        key = PrivateKey.generate(alg)
        assert PublicKey.from_jwk(key.public.jwk) == key.public


def test_saved_and_loaded(key, tmp_path):
    path = tmp_path / "key.json"
    key.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = PrivateKey.load(path)
    assert (again.public, again.kid) == (key.public, key.kid)
    key.public.verify(again.sign(b"x"), b"x")


def test_a_key_has_the_kid_it_was_given_or_its_thumbprint(tmp_path):
    key = PrivateKey.generate(kid="did:web:mine.example#1")
    key.save(tmp_path / "key.json")
    assert PrivateKey.load(tmp_path / "key.json").kid == "did:web:mine.example#1"
    unnamed = PrivateKey.generate()
    assert unnamed.kid == unnamed.public.thumbprint


def test_the_private_part_is_not_shown(key, tmp_path):
    key.save(tmp_path / "key.json")
    secret = json.loads((tmp_path / "key.json").read_bytes())["d"]
    assert secret not in repr(key)
    assert key.kid in repr(key)


def test_a_key_is_never_overwritten(key, tmp_path):
    path = tmp_path / "key.json"
    path.write_text("mine")
    with pytest.raises(InvalidKey, match="never overwritten"):
        key.save(path)
    assert path.read_text() == "mine"


def test_a_key_that_cannot_be_saved(key, tmp_path):
    with pytest.raises(InvalidKey, match="cannot make"):
        key.save(tmp_path / "no" / "key.json")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_others_may_read_is_refused(key, tmp_path, mode):
    path = tmp_path / "key.json"
    key.save(path)
    path.chmod(mode)
    with pytest.raises(InvalidKey, match="chmod 600"):
        PrivateKey.load(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"kty":"OKP","crv":"Ed25519"}', b'{"a":1,"a":2}'])
def test_files_without_a_key_are_refused(tmp_path, content):
    path = tmp_path / "key.json"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(InvalidKey):
        PrivateKey.load(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InvalidKey, match="No such file"):
        PrivateKey.load(tmp_path / "key.json")


def _private(key, tmp_path):
    path = tmp_path / os.urandom(8).hex()
    key.save(path)
    return json.loads(path.read_bytes())


@pytest.mark.parametrize(
    "change",
    [
        {"kid": 5},
        {"kid": ""},
        {"d": None},
        {"d": "AA"},
        {"d": b64u(bytes(31))},
        {"key_ops": ["verify"]},
        {"use": "enc"},
    ],
)
def test_private_keys_in_another_form_are_refused(key, tmp_path, change):
    with pytest.raises(InvalidKey):
        PrivateKey.from_jwk(_private(key, tmp_path) | change)


def test_public_members_must_belong_to_the_private_one(key, tmp_path):
    other = PrivateKey.generate(key.public.alg)
    with pytest.raises(InvalidKey, match="do not belong"):
        PrivateKey.from_jwk(_private(key, tmp_path) | dict(other.public.jwk))


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32])
def test_scalars_outside_the_p256_group_are_refused(secret):
    with pytest.raises(InvalidKey, match="no key of this curve"):
        PrivateKey.from_jwk(EC | {"d": b64u(secret)})
