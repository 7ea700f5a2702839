"""Keys on this machine: 0600, never overwritten, never sent; and what `sign` prints verifies."""

import base64
import json
import stat

import pytest

from traceability.ledger import jose
from traceability.ledger.credential import read_credential
from traceability.ledger.keys import PrivateKey, PublicKey

DID = "did:web:mine.example"


@pytest.mark.parametrize(("alg", "members"), [("ed25519", {"crv", "kty", "x"}), ("p256", {"crv", "kty", "x", "y"})])
def test_a_new_key(run, tmp_path, alg, members):
    path = tmp_path / "my.key"
    done = run("keys", "new", "--party", DID, "--alg", alg, "--out", path, "--json")
    assert (done.code, list(done.json)) == (0, ["kid", "jwk"])
    assert set(done.json["jwk"]) == members
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = PrivateKey.load(path)
    assert done.json["kid"] == key.kid == f"{DID}#{key.public.thumbprint}"
    secret = json.loads(path.read_text())["d"]
    assert secret not in done.out + done.err
    again = run("keys", "new", "--party", DID, "--out", path)
    assert (again.code, "never overwritten" in again.err) == (2, True)
    assert json.loads(path.read_text())["d"] == secret


@pytest.mark.parametrize("party", ["mine.example", "did:web:mine.example#key-1"])
def test_a_key_belongs_to_a_did(run, tmp_path, party):
    assert run("keys", "new", "--party", party, "--out", tmp_path / "k").code == 2


@pytest.fixture
def key(run, tmp_path):
    run("keys", "new", "--party", DID, "--out", tmp_path / "my.key")
    return tmp_path / "my.key"


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "d.json"
    path.write_bytes(b'{ "kg": 12.50,\n "b": "\xc3\xa9" }')
    return path


def test_the_enveloped_form_holds_the_subject_byte_for_byte(run, key, document):
    done = run("sign", document, "--key", key)
    signed = jose.read_compact(done.out.strip().encode())
    jose.verify(signed, PrivateKey.load(key).public)
    assert document.read_bytes() in signed.payload
    credential = read_credential(signed.payload)
    assert (credential.issuer, credential.valid_from.isoformat()) == (DID, "2026-11-23T09:00:00+00:00")
    assert "log_origin" not in signed.header


def test_a_credential_is_signed_as_it_is(run, key, tmp_path):
    path = tmp_path / "vc.json"
    path.write_text(json.dumps({"type": ["VerifiableCredential"], "issuer": DID, "credentialSubject": {"a": 1}}))
    done = run("sign", path, "--key", key, "--log-origin", "x.example/log")
    signed = jose.read_compact(done.out.strip().encode())
    assert signed.payload == path.read_bytes()
    assert signed.header["log_origin"] == "x.example/log"


def test_the_detached_form(run, key, document):
    done = run("sign", document, "--key", key, "--form", "detached")
    signed = jose.read_detached(done.out.strip(), document.read_bytes())
    jose.verify(signed, PrivateKey.load(key).public)
    assert signed.kid.startswith(DID)


def test_bad_inputs(run, key, document, tmp_path):
    assert run("sign", tmp_path / "absent", "--key", key).code == 2
    assert run("sign", document, "--key", tmp_path / "absent").code == 2
    broken = tmp_path / "x.json"
    broken.write_text("{")
    assert run("sign", broken, "--key", key).code == 2
    broken.write_text("[1]")
    assert run("sign", broken, "--key", key).code == 2
    key.chmod(0o644)
    done = run("sign", document, "--key", key)
    assert (done.code, "chmod 600" in done.err) == (2, True)


def test_a_key_file_that_does_not_say_whose_it_is(run, document, tmp_path):
    PrivateKey.generate().save(tmp_path / "bare.key")
    done = run("sign", document, "--key", tmp_path / "bare.key")
    assert (done.code, "expected a kid" in done.err) == (2, True)


def test_the_published_key_of_the_file_is_the_public_one(key):
    jwk = json.loads(key.read_text())
    public = PublicKey.from_jwk({name: jwk[name] for name in ("crv", "kty", "x")})
    assert len(base64.urlsafe_b64decode(public.thumbprint + "=")) == 32
