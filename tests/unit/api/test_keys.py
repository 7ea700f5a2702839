"""Keys over the API: further keys, rotation by both, revocation with a reason, and what each receipt proves."""

import json

import pytest
from sqlmodel import select

from traceability.app import create_app
from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64u, from_b64u
from traceability.ledger.entry import Entry
from traceability.ledger.jose import sign_detached
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt
from traceability.storage.tables import LedgerEntry, Party, PartyKey


@pytest.fixture
def mine(make_party):
    return make_party("Mine One")


@pytest.fixture
def headers(mine, make_api_key):
    return make_api_key(mine).headers


def verified(service, receipt):
    return verify_receipt(json.dumps(receipt).encode(), policy=Policy.pin(service.log_key.vkey))


def test_a_further_key_waits_for_an_admin(client, mine, headers, admin, prove, make_key, sqlite_service):
    key = make_key(mine.did, "ES256")
    made = client.post("/v1/keys", json={"proof": prove(mine.did, key)}, headers=headers)
    assert made.status_code == 201
    assert (made.json["kid"], made.json["state"], made.json["receipt"]) == (key.kid, "waiting", None)
    assert {row["kid"]: row["state"] for row in client.get("/v1/keys", headers=headers).json["keys"]} == {
        mine.key.kid: "active", key.kid: "waiting",
    }  # fmt: skip
    assert [row["kid"] for row in client.get("/v1/keys?state=waiting", headers=admin).json["keys"]] == [key.kid]
    done = client.post("/v1/keys/approve", json={"kid": key.kid}, headers=admin)
    assert (done.status_code, done.json["state"]) == (200, "active")
    assert verified(sqlite_service, done.json["receipt"]).verdict == "ok"
    assert client.post("/v1/keys/approve", json={"kid": key.kid}, headers=admin).status_code == 404
    with sqlite_service.store.read() as session:
        row = session.exec(select(PartyKey).where(PartyKey.kid == key.kid)).one()
        approval = Entry.parse(bytes(session.get_one(LedgerEntry, row.approved_index).body))
    assert (approval.kind, approval.ref) == ("decision", (row.added_index,))
    found = client.get(f"/v1/receipts/{row.approved_index}", headers=headers)
    assert (found.status_code, verified(sqlite_service, found.json).verdict) == (200, "ok")


def test_the_first_key_goes_with_the_decision_on_its_party(client, admin, prove, make_key, sqlite_service):
    """By itself it would be active for a party that nobody approved, and the approval would name no key."""
    did = "did:web:newcomer.example"
    key = make_key(did)
    body = {"did": did, "name": "Newcomer", "country": "RW", "roles": ["mine"], "proof": prove(did, key)}
    made = client.post("/v1/parties", json=body)
    for path in ("approve", "refuse"):
        done = client.post(f"/v1/keys/{path}", json={"kid": key.kid}, headers=admin)
        assert (done.status_code, "approve or refuse the party" in done.json["detail"]) == (409, True)
    assert client.post(f"/v1/parties/{made.json['id']}/approve", json={}, headers=admin).status_code == 200
    with sqlite_service.store.read() as session:
        party, row = session.exec(select(Party, PartyKey).join(PartyKey).where(PartyKey.kid == key.kid)).one()
        approval = Entry.parse(bytes(session.get_one(LedgerEntry, party.entry_index).body))
    assert (row.state, approval.ref) == ("active", (row.added_index,))


def test_a_waiting_key_may_be_refused_and_applied_for_again(client, mine, headers, admin, prove, make_key):
    key = make_key(mine.did)
    for _ in range(2):
        assert client.post("/v1/keys", json={"proof": prove(mine.did, key)}, headers=headers).status_code == 201
        refused = client.post("/v1/keys/refuse", json={"kid": key.kid}, headers=admin)
        assert (refused.json["state"], refused.json["receipt"]) == ("refused", None)


def test_rotation_by_both_keys(client, mine, headers, rotation, make_key, sqlite_service):
    new = make_key(mine.did)
    done = client.post("/v1/keys/rotate", json=rotation(mine.did, mine.key, new), headers=headers)
    assert (done.status_code, done.json["kid"], done.json["state"]) == (201, new.kid, "active")
    assert verified(sqlite_service, done.json["receipt"]).verdict == "ok"
    states = {row["kid"]: row["state"] for row in client.get("/v1/keys", headers=headers).json["keys"]}
    assert states == {mine.key.kid: "revoked", new.kid: "active"}
    again = client.post("/v1/keys/rotate", json=rotation(mine.did, mine.key, make_key(mine.did)), headers=headers)
    assert again.status_code == 404


def test_a_rotation_needs_both_signatures(client, mine, headers, rotation, make_key):
    good = rotation(mine.did, mine.key, make_key(mine.did))
    for name in ("old_jws", "new_jws"):
        other = "new_jws" if name == "old_jws" else "old_jws"
        answer = client.post("/v1/keys/rotate", json=good | {name: good[other]}, headers=headers)
        assert answer.status_code == 403, answer.json


def test_another_partys_key_cannot_be_rotated_or_revoked(client, mine, make_party, make_api_key, rotation, make_key):
    thief = make_party("Thief")
    headers = make_api_key(thief).headers
    body = rotation(thief.did, mine.key, make_key(thief.did))
    assert client.post("/v1/keys/rotate", json=body, headers=headers).status_code == 404
    gone = {"kid": mine.key.kid, "reason": "because I say so"}
    assert client.post("/v1/keys/revoke", json=gone, headers=headers).status_code == 404


def test_revocation(client, mine, headers, sqlite_service):
    short = client.post("/v1/keys/revoke", json={"kid": mine.key.kid, "reason": "lost"}, headers=headers)
    assert (short.status_code, "at least 10" in short.json["detail"]) == (400, True)
    ahead = {"kid": mine.key.kid, "reason": "the laptop was stolen", "compromised_since": 99}
    assert client.post("/v1/keys/revoke", json=ahead, headers=headers).status_code == 400
    done = client.post("/v1/keys/revoke", json=ahead | {"compromised_since": 0}, headers=headers)
    assert (done.json["state"], done.json["compromised_since"], done.json["revoked_index"]) == ("revoked", 0, 1)
    verdict = verified(sqlite_service, done.json["receipt"])
    assert [item.verdict for item in verdict.items if item.what == "inclusion"] == ["ok"]
    again = client.post("/v1/keys/revoke", json={"kid": mine.key.kid, "reason": "once more please"}, headers=headers)
    assert again.status_code == 409


def test_who_may(client, mine, make_api_key, make_party, admin, prove, make_key):
    body = {"proof": prove(mine.did, make_key(mine.did))}
    assert client.post("/v1/keys", json=body).status_code == 401
    for role in ("officer", "auditor"):
        assert client.post("/v1/keys", json=body, headers=make_api_key(mine, role=role).headers).status_code == 403
    read_only = make_api_key(mine, scopes=["read"]).headers
    assert client.post("/v1/keys", json=body, headers=read_only).status_code == 403
    assert client.get("/v1/keys", headers=make_api_key(mine, scopes=["capture"]).headers).status_code == 403
    supplier = make_api_key(mine).headers
    assert client.post("/v1/keys/approve", json={"kid": mine.key.kid}, headers=supplier).status_code == 403
    assert client.post("/v1/keys", json=body, headers=make_api_key(make_party("Else")).headers).status_code in (
        400,
        403,
    )


#: y coordinates of Ed25519 points of order 1 and 2 (RFC 8032 encoding), and of P-256 points that are none.
_WEAK = {
    "order 1": {"kty": "OKP", "crv": "Ed25519", "x": b64u(bytes([1]) + bytes(31))},
    "order 2": {"kty": "OKP", "crv": "Ed25519", "x": b64u(bytes([0xEC]) + b"\xff" * 30 + b"\x7f")},
    "beside the curve": {"kty": "EC", "crv": "P-256", "x": b64u(bytes([1]) * 32), "y": b64u(bytes([1]) * 32)},
    "another curve": {"kty": "EC", "crv": "secp256k1", "x": b64u(bytes([1]) * 32), "y": b64u(bytes([1]) * 32)},
    "a shared secret": {"kty": "oct", "k": b64u(bytes(32))},
    "RSA": {"kty": "RSA", "n": b64u(bytes([1]) * 256), "e": "AQAB"},
}


@pytest.mark.parametrize("name", _WEAK)
def test_a_key_that_proves_nothing_is_not_registered(client, mine, headers, prove, make_key, counts, name):
    """Of a point of low order every signature verifies, so possession of it proves nothing."""
    before, key = counts(), make_key(mine.did)
    proof = prove(mine.did, key)
    claim = json.loads(proof["body"]) | {"jwk": _WEAK[name]}
    body = json.dumps(claim, sort_keys=True, separators=(",", ":"))
    for jws in (proof["jws"], proof["jws"].rpartition(".")[0] + "." + b64u(bytes([1]) + bytes(63))):
        answer = client.post("/v1/keys", json={"proof": proof | {"body": body, "jws": jws}}, headers=headers)
        assert answer.status_code in (400, 401, 403), answer.json
    assert counts() == before


@pytest.mark.parametrize("alg", ["none", "HS256", "ES256", "RS256"])
def test_a_proof_under_another_algorithm_is_refused(client, mine, headers, prove, make_key, alg):
    proof = prove(mine.did, make_key(mine.did))
    head = json.loads(from_b64u(proof["jws"].partition(".")[0])) | {"alg": alg}
    spoiled = b64u(json.dumps(head).encode()) + ".." + proof["jws"].rpartition(".")[2]
    for jws in (spoiled, proof["jws"] + "=", proof["jws"].partition("..")[0] + ".."):
        answer = client.post("/v1/keys", json={"proof": proof | {"jws": jws}}, headers=headers)
        assert answer.status_code in (401, 403), answer.json


def test_a_proof_is_for_one_party_log_and_nonce(client, mine, headers, prove, make_key, make_party, counts):
    key, before = make_key(mine.did), None
    proof = prove(mine.did, key)
    before = counts()
    for name, value in (("log_origin", "other.example/log"), ("party", "did:web:else.example"), ("nonce", "1.x")):
        body = json.dumps(json.loads(proof["body"]) | {name: value}, sort_keys=True, separators=(",", ":"))
        signed = sign_detached(body.encode(), key, kid=key.kid)
        answer = client.post("/v1/keys", json={"proof": proof | {"body": body, "jws": signed}}, headers=headers)
        assert answer.status_code == 403, (name, answer.json)
    assert counts() == before


def test_an_algorithm_past_its_day_is_not_registered_and_those_there_are_warned(
    make_settings, make_database, open_at, clock, *, make_party, make_api_key, make_key, prove_to, rotate_at
):
    service = open_at(make_settings(make_database("sqlite"), key_algorithms="EdDSA,ES256:2026-11-23"), clock)
    old = make_party("Mine One", alg="ES256", service=service)
    client, headers = create_app(service=service).test_client(), make_api_key(old, service=service).headers
    assert "taken until 2026-11-23" in client.get("/v1/keys", headers=headers).json["keys"][0]["warning"]
    last = make_key(old.did, "ES256")
    assert client.post("/v1/keys", json={"proof": prove_to(client, old.did, last)}, headers=headers).status_code == 201
    clock.advance(days=1)
    late = make_key(old.did, "ES256")
    refused = client.post("/v1/keys", json={"proof": prove_to(client, old.did, late)}, headers=headers)
    assert (refused.status_code, "expected EdDSA" in refused.json["detail"]) == (400, True)
    turned = client.post("/v1/keys/rotate", json=rotate_at(client, old.did, old.key, late), headers=headers)
    assert (turned.status_code, "expected EdDSA" in turned.json["detail"]) == (400, True)
    good = make_key(old.did)
    turned = client.post("/v1/keys/rotate", json=rotate_at(client, old.did, old.key, good), headers=headers)
    assert (turned.status_code, turned.json["warning"]) == (201, None)


def test_a_list_of_algorithms_that_cannot_be_read_is_told_at_the_start(make_settings, make_database, open_at, clock):
    service = open_at(make_settings(make_database("sqlite"), key_algorithms="RS256"), clock)
    with pytest.raises(InvalidInput, match="TRACEABILITY_KEY_ALGORITHMS: expected EdDSA, ES256 or both"):
        create_app(service=service)


@pytest.mark.parametrize("path", ["/v1/keys", "/v1/keys/rotate", "/v1/keys/revoke", "/v1/keys/approve"])
@pytest.mark.parametrize("body", ["null", "[]", '"x"', "{}", '{"kid": 1}', '{"kid": "a", "kid": "b"}', "{"])
def test_bad_bodies_are_the_callers_to_mend(client, admin, path, body):
    answer = client.post(path, data=body, content_type="application/json", headers=admin)
    assert 400 <= answer.status_code < 500
    assert answer.content_type == "application/problem+json"
