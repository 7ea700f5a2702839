"""Published examples of JOSE: RFC 7638, 8037, 7515 A.3, the cookbook, the design's own, and a signed UNTP passport."""

import hashlib
import json

import pytest

from traceability.ledger.credential import read_credential, unwrap
from traceability.ledger.encoding import b64u, from_b64u
from traceability.ledger.errors import BadSignature, InvalidKey, SignatureMalformed
from traceability.ledger.jose import read_compact, read_detached, sign_detached, verify
from traceability.ledger.keys import PrivateKey, PublicKey

RFC8037 = {
    "kty": "OKP",
    "crv": "Ed25519",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
KID = "did:web:importer.example#key-1"
HEADER = "eyJhbGciOiJFZERTQSIsImtpZCI6ImRpZDp3ZWI6aW1wb3J0ZXIuZXhhbXBsZSNrZXktMSIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19"
EXAMPLE = f"{HEADER}..iy4Zop5KZnq0G3A4lkpM8NRyuo-jSu1acCcHcWiMpToZ38ZaXnO1hUIfs4k3vAizaWZi4JCcHD4DkRftd0-mAA"
CHAIN_SIGNATURE = "t46STQAzPQ2A7ZZ3U6ic3Iw6rd_c_4uOGlk5D0ePyd6ARrRqE7SYHSGsE0CNkMVqeiXHjFjbjR2CrwxRjLRCAg"


def test_thumbprint_of_rfc_8037():
    assert PrivateKey.from_jwk(RFC8037).public.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_signature_of_rfc_8037():
    message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    expected = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    key = PrivateKey.from_jwk(RFC8037)
    assert b64u(key.sign(message)) == expected
    key.public.verify(from_b64u(expected), message)


def test_signature_of_rfc_7515_appendix_a3():
    key = PublicKey.from_jwk(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
    )
    message = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    key.verify(from_b64u(signature), message)


def test_the_designs_example_of_24_bytes():
    body = b'{"type":"EPCISDocument"}'
    key = PrivateKey.from_jwk(RFC8037)
    assert sign_detached(body, key, kid=KID) == EXAMPLE
    signed = read_detached(EXAMPLE, body)
    verify(signed, key.public)
    assert (signed.kid, signed.alg, signed.body, signed.detached) == (KID, "EdDSA", body, True)
    with pytest.raises(BadSignature):
        verify(read_detached(EXAMPLE, body + b"\n"), key.public)


def test_the_designs_example_chain(sample_chain):
    assert (
        hashlib.sha256(sample_chain).hexdigest() == "485f45fe7974ec6de13813bc3384f71e15a88e96f84678d501eb13d708d37985"
    )
    key = PrivateKey.from_jwk(RFC8037)
    assert sign_detached(sample_chain, key, kid=KID) == f"{HEADER}..{CHAIN_SIGNATURE}"
    verify(read_detached(f"{HEADER}..{CHAIN_SIGNATURE}", sample_chain), key.public)


def test_a_published_enveloped_passport(vectors):
    folder = vectors / "epcis" / "vc-jwt"
    methods = json.loads((folder / "did.json").read_bytes())["verificationMethod"]
    signed = read_compact(unwrap((folder / "valid-v2-enveloped-dpp.json").read_bytes()))
    jwk = next(method["publicKeyJwk"] for method in methods if method["id"] == signed.kid)
    verify(signed, PublicKey.from_jwk(jwk))
    credential = read_credential(signed.payload)
    assert signed.kid.startswith(credential.issuer + "#")
    assert credential.valid_from.isoformat() == "2024-03-15T12:00:00+00:00"
    assert credential.subject["type"] == ["Product"]


def test_the_x25519_key_beside_it_is_refused(vectors):
    methods = json.loads((vectors / "epcis" / "vc-jwt" / "did.json").read_bytes())["verificationMethod"]
    exchange = [m["publicKeyJwk"] for m in methods if m.get("publicKeyJwk", {}).get("crv") == "X25519"]
    assert exchange
    for jwk in exchange:
        with pytest.raises(InvalidKey):
            PublicKey.from_jwk(jwk)


def test_cookbook_keys_are_of_other_kinds(vectors):
    files = sorted((vectors / "ledger" / "jose-cookbook" / "jwk").glob("*.json"))
    assert files
    for file in files:
        with pytest.raises(InvalidKey):
            PublicKey.from_jwk(json.loads(file.read_bytes()))


def test_cookbook_signatures_use_algorithms_we_refuse(vectors):
    folder = vectors / "ledger" / "jose-cookbook"
    compact = [
        json.loads(file.read_bytes())["output"]["compact"] for file in sorted((folder / "jws").glob("4_[124].*.json"))
    ]
    assert len(compact) == 3
    for token in compact:
        with pytest.raises(SignatureMalformed, match="expected alg"):
            read_compact(token.encode(), typ=None, cty=None)


def test_cookbook_unencoded_payloads_are_read_up_to_their_algorithm(vectors):
    files = sorted((vectors / "ledger" / "jose-cookbook" / "rfc7797").glob("*.json"))
    assert files
    for file in files:
        output = json.loads(file.read_bytes())["output"]["json_flat"]
        with pytest.raises(SignatureMalformed, match="got 'HS256'"):
            read_detached(f"{output['protected']}..{output['signature']}", output["payload"].encode())
