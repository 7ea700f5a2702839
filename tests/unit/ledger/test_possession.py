import json

import pytest

from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64
from traceability.ledger.errors import BadSignature, InvalidKey, SignatureMissing
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload, check_possession, check_rotation, rotation_payload

OLD = PrivateKey.generate("EdDSA", kid="did:web:mine.example#1")
NEW = PrivateKey.generate("ES256", kid="did:web:mine.example#2")
BOUND = {"party": "party-1", "nonce": "n-1", "log_origin": "log.example/main"}


def challenge(key=NEW, **changes):
    bound = BOUND | changes
    return challenge_payload(bound["party"], key.kid, key.public.jwk, bound["nonce"], bound["log_origin"])


def rotation(old=OLD, new=NEW, **changes):
    bound = BOUND | changes
    return rotation_payload(bound["party"], old.public, new.kid, new.public.jwk, bound["nonce"], bound["log_origin"])


def sign(body, key):
    return sign_detached(body, key, kid=key.kid)


def check_both(body, old_jws, new_jws, **changes):
    return check_rotation(body, old_jws, new_jws, old=OLD.public, old_kid=OLD.kid, **(BOUND | changes))


@pytest.mark.parametrize("key", [OLD, NEW])
def test_possession(key):
    body = challenge(key)
    assert check_possession(body, sign(body, key), **BOUND) == (key.kid, key.public)


@pytest.mark.parametrize("name", ["party", "nonce", "log_origin"])
def test_a_challenge_serves_only_what_it_was_made_for(name):
    body = challenge(**{name: "another"})
    with pytest.raises(BadSignature, match=f"another {name}"):
        check_possession(body, sign(body, NEW), **BOUND)


def test_another_key_cannot_answer():
    body = challenge(NEW)
    with pytest.raises(BadSignature, match="kid"):
        check_possession(body, sign(body, OLD), **BOUND)
    with pytest.raises(BadSignature, match="alg"):
        check_possession(body, sign_detached(body, OLD, kid=NEW.kid), **BOUND)
    with pytest.raises(SignatureMissing):
        check_possession(body, None, **BOUND)


def test_a_proof_names_no_checkpoint():
    body = challenge(NEW)
    anchored = sign_detached(body, NEW, kid=NEW.kid, extra={"log_anchor": f"1 {b64(bytes(32))}"})
    with pytest.raises(BadSignature, match="without it"):
        check_possession(body, anchored, **BOUND)


def test_the_text_is_signed_exactly_as_it_was_asked_for():
    for change in ({"extra": 1}, {"kid": 5}, {"jwk": dict(NEW.public.jwk) | {"kid": "x"}}):
        body = json.dumps(json.loads(challenge()) | change).encode()
        with pytest.raises(BadSignature, match="not the one this service asked for"):
            check_possession(body, sign(body, NEW), **BOUND)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null"])
def test_other_texts_are_refused(body):
    with pytest.raises(BadSignature, match="another type"):
        check_possession(body, sign(body, NEW), **BOUND)


def test_texts_that_are_no_json_and_keys_that_are_no_keys():
    with pytest.raises(InvalidInput, match="JSON"):
        check_possession(b"{", sign(b"{", NEW), **BOUND)
    body = json.dumps(json.loads(challenge()) | {"jwk": "x"}).encode()
    with pytest.raises(InvalidKey):
        check_possession(body, sign(body, NEW), **BOUND)


def test_a_rotation_is_no_proof_of_possession_and_the_other_way_round():
    body = rotation()
    with pytest.raises(BadSignature, match="another type"):
        check_possession(body, sign(body, NEW), **BOUND)
    body = challenge()
    with pytest.raises(BadSignature, match="another type"):
        check_both(body, sign(body, OLD), sign(body, NEW))


def test_rotation_is_signed_by_both_keys():
    body = rotation()
    assert check_both(body, sign(body, OLD), sign(body, NEW)) == (NEW.kid, NEW.public)


@pytest.mark.parametrize("signers", [(OLD, OLD), (NEW, NEW), (NEW, OLD)])
def test_one_key_cannot_sign_for_both(signers):
    body = rotation()
    with pytest.raises(BadSignature, match="kid"):
        check_both(body, sign(body, signers[0]), sign(body, signers[1]))


@pytest.mark.parametrize("missing", [0, 1])
def test_a_rotation_with_one_signature_is_refused(missing):
    body = rotation()
    signatures = [sign(body, OLD), sign(body, NEW)]
    signatures[missing] = None
    with pytest.raises(SignatureMissing):
        check_both(body, *signatures)


@pytest.mark.parametrize("name", ["party", "nonce", "log_origin"])
def test_a_rotation_serves_only_what_it_was_made_for(name):
    body = rotation(**{name: "another"})
    with pytest.raises(BadSignature, match=f"another {name}"):
        check_both(body, sign(body, OLD), sign(body, NEW))


def test_a_rotation_is_from_the_registered_old_key():
    stranger = PrivateKey.generate(kid="did:web:mine.example#3")
    body = rotation(old=stranger)
    with pytest.raises(BadSignature, match="another old"):
        check_both(body, sign(body, stranger), sign(body, NEW))


def test_a_rotation_brings_a_new_key_under_a_new_kid():
    body = rotation(new=OLD)
    with pytest.raises(BadSignature, match="new key under a new kid"):
        check_both(body, sign(body, OLD), sign(body, OLD))
    same_kid = PrivateKey.generate(kid=OLD.kid)
    body = rotation(new=same_kid)
    with pytest.raises(BadSignature, match="new key under a new kid"):
        check_both(body, sign(body, OLD), sign(body, same_kid))


def test_a_rotation_in_another_form_is_refused():
    body = json.dumps(json.loads(rotation())).encode()
    with pytest.raises(BadSignature, match="not the one"):
        check_both(body, sign(body, OLD), sign(body, NEW))
