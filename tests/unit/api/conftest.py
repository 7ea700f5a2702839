"""The API in a test client, keys with proof of possession, and name and password as HTTP Basic."""

from base64 import b64encode
from dataclasses import replace

import pytest

from traceability.app import create_app
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.possession import challenge_payload, rotation_payload


@pytest.fixture
def app(sqlite_service):
    return create_app(service=sqlite_service)


@pytest.fixture
def client(app):
    return app.test_client()


def new_key(did, alg="EdDSA"):
    drawn = PrivateKey.generate(alg)
    return replace(drawn, kid=f"{did}#{drawn.public.thumbprint}")


def nonce_for(client, did):
    asked = client.post("/v1/challenges", json={"did": did}).json
    return asked["nonce"], asked["log_origin"]


def proof_of(client, did, key):
    nonce, origin = nonce_for(client, did)
    body = challenge_payload(did, key.kid, key.public.jwk, nonce, origin)
    return {"body": body.decode(), "jws": sign_detached(body, key, kid=key.kid), "nonce": nonce}


@pytest.fixture
def make_key():
    return new_key


@pytest.fixture
def prove(client):
    """``prove(did, key)`` signs a challenge of the service with the key itself."""
    return lambda did, key: proof_of(client, did, key)


@pytest.fixture
def application(client):
    """``application(did, key=, **fields)`` is the body of POST /v1/parties."""

    def make(did="did:web:newcomer.example", key=None, **fields):
        given = {"did": did, "name": "Newcomer", "country": "RW", "roles": ["mine"]} | fields
        return given | {"proof": proof_of(client, did, key or new_key(did))}

    return make


@pytest.fixture
def prove_to():
    """``prove_to(client, did, key)``: as ``prove``, to another service."""
    return proof_of


def rotation_of(client, did, old, new):
    nonce, origin = nonce_for(client, did)
    body = rotation_payload(did, old.public, new.kid, new.public.jwk, nonce, origin)
    return {
        "old_kid": old.kid,
        "body": body.decode(),
        "old_jws": sign_detached(body, old, kid=old.kid),
        "new_jws": sign_detached(body, new, kid=new.kid),
        "nonce": nonce,
    }


@pytest.fixture
def rotate_at():
    """``rotate_at(client, did, old, new)``: as ``rotation``, for another service."""
    return rotation_of


@pytest.fixture
def rotation(client):
    """``rotation(did, old, new)`` is the body of POST /v1/keys/rotate."""
    return lambda did, old, new: rotation_of(client, did, old, new)


@pytest.fixture
def basic():
    """``basic(name, password)`` are the headers of HTTP Basic."""
    return lambda name, password: {"Authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def admin(make_session):
    """Return the headers of an admin who has signed in and applied for nothing."""
    return make_session(role="admin").headers
