"""Applying as a party: by anybody, with proof of possession; decided by an admin who is not the applicant."""

import pytest
from sqlmodel import select

from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.storage.tables import Party, PartyClaim, PartyKey, Site


def test_a_newcomer_applies_and_becomes_active_with_claims_and_key(client, application, admin, make_key):
    key = make_key("did:web:newcomer.example")
    body = application(key=key, prefixes=["https://id.newcomer.example/"], identifiers={"national": "RW 12"})
    made = client.post("/v1/parties", json=body)
    assert made.status_code == 201
    assert made.headers["Location"] == f"/v1/parties/{made.json['id']}"
    assert {name: made.json[name] for name in ("did", "name", "country", "roles", "state", "address")} == {
        "did": "did:web:newcomer.example", "name": "Newcomer", "country": "RW", "roles": ["mine"], "state": "waiting",
        "address": None,
    }  # fmt: skip
    approved = client.post(f"/v1/parties/{made.json['id']}/approve", json={}, headers=admin)
    assert (approved.status_code, approved.json["state"]) == (200, "active")
    shown = client.get(f"/v1/parties/{made.json['id']}", headers=admin).json
    assert {(claim["kind"], claim["value"], claim["state"]) for claim in shown["claims"]} == {
        ("prefix", "https://id.newcomer.example/", "active"),
        ("national", "RW 12", "active"),
    }
    assert [(one["kid"], one["state"], one["added_index"]) for one in shown["keys"]] == [(key.kid, "active", 0)]
    assert set(shown["keys"][0]["jwk"]) == {"crv", "kty", "x"}


def test_a_challenge_names_the_log(client):
    asked = client.post("/v1/challenges", json={"did": "did:web:a.example"})
    assert asked.status_code == 200
    assert asked.json.keys() == {"nonce", "log_origin"}
    assert asked.json["log_origin"] == "traceability.example/log"


def test_a_refused_application_may_be_made_again_by_the_rightful_holder(client, application, admin, make_key):
    squatter = make_key("did:web:newcomer.example")
    first = client.post("/v1/parties", json=application(key=squatter)).json["id"]
    again = client.post("/v1/parties", json=application(key=squatter))
    assert (again.status_code, again.json["type"]) == (409, "epcisException:ResourceAlreadyExistsException")
    refused = client.post(
        f"/v1/parties/{first}/refuse", json={"reason": "the mine says it did not apply"}, headers=admin
    )
    assert refused.json["state"] == "refused"
    rightful = client.post("/v1/parties", json=application(name="The mine itself"))
    assert rightful.status_code == 201
    assert client.get(f"/v1/parties/{first}", headers=admin).status_code == 404
    assert client.post("/v1/parties", json=application("did:web:other.example")).status_code == 201


def test_the_same_key_may_be_applied_for_again_after_a_refusal(client, application, admin, make_key):
    key = make_key("did:web:newcomer.example")
    first = client.post("/v1/parties", json=application(key=key)).json["id"]
    client.post(f"/v1/parties/{first}/refuse", json={"reason": "the address could not be checked"}, headers=admin)
    again = client.post("/v1/parties", json=application(key=key))
    assert again.status_code == 201
    assert client.post(f"/v1/parties/{again.json['id']}/approve", json={}, headers=admin).json["state"] == "active"


def test_a_refusal_needs_a_reason(client, application, admin):
    made = client.post("/v1/parties", json=application()).json["id"]
    for reason in (None, "", "no", "x" * 19):
        answer = client.post(f"/v1/parties/{made}/refuse", json={"reason": reason}, headers=admin)
        assert answer.status_code == 400
        assert "at least 20" in answer.json["detail"]


def test_nobody_approves_what_he_applied_for_himself(client, application, make_session, sqlite_service):
    """Neither what he applied for himself nor what an API key of his did."""
    from traceability.services.api_keys import make_api_key as real_key

    alice, bob = make_session(role="admin"), make_session(role="admin")
    secret = real_key(sqlite_service, alice.actor, "k", ["read", "write"]).secret
    for n, applied in enumerate((alice.headers, {"Authorization": f"Bearer {secret}"})):
        body = application(did=f"did:web:newcomer-{n}.example")
        made = client.post("/v1/parties", json=body, headers=applied).json["id"]
        answer = client.post(f"/v1/parties/{made}/approve", json={}, headers=alice.headers)
        assert (answer.status_code, answer.json["title"]) == (403, "Not allowed")
        assert "another admin" in answer.json["detail"]
        assert client.post(f"/v1/parties/{made}/approve", json={}, headers=bob.headers).status_code == 200


def test_another_partys_prefix_cannot_be_claimed(client, application, admin):
    first = client.post("/v1/parties", json=application(prefixes=["https://id.example/a/"])).json["id"]
    client.post(f"/v1/parties/{first}/approve", json={}, headers=admin)
    body = application("did:web:thief.example", prefixes=["https://id.example/"])
    second = client.post("/v1/parties", json=body).json["id"]
    answer = client.post(f"/v1/parties/{second}/approve", json={}, headers=admin)
    assert answer.status_code == 409
    assert client.get(f"/v1/parties/{second}", headers=admin).json["state"] == "waiting"


@pytest.fixture
def goma(make_party, sqlite_service):
    """Return an active party with an alias, a prefix and a site."""
    party = make_party("Demo Goma")

    def claim(tx):
        for kind, value in (("alias", "https://lei.example/GOMA"), ("prefix", "https://id.demo-goma.example/")):
            tx.session.add(PartyClaim(party_id=party.id, kind=kind, value=value, state="active"))
        uri = "https://places.example/goma/depot"
        tx.session.add(Site(
            key=uri, uri="HTTPS://places.example/goma/depot", party_id=party.id, country="CD", body=b"", jws="",
            entry_index=1, received_at=tx.now,
        ))  # fmt: skip

    sqlite_service.store.write(claim)
    return party


@pytest.mark.parametrize(
    "claims",
    [
        {"identifiers": {"alias": "did:web:demo-goma.example"}},
        {"identifiers": {"alias": "did:web:demo-goma.exampl%65"}},
        {"identifiers": {"national": "did:web:demo-goma.example"}},
        {"identifiers": {"alias": "did:web:demo-goma.example#key-1"}},
        {"identifiers": {"alias": "https://LEI.example/GOMA"}},
        {"identifiers": {"alias": "https://id.demo-goma.example/about"}},
        {"identifiers": {"alias": "https://places.example/goma/depot"}},
        {"prefixes": ["https://ID.demo-goma.example/"]},
        {"prefixes": ["https://id.demo-goma.example/lot/"]},
        {"prefixes": ["https://lei.example/"]},
        {"prefixes": ["https://places.example/goma/"]},
        {"prefixes": ["https://places.example/goma/depot/"]},
    ],
)
def test_what_is_another_partys_is_never_approved(client, application, admin, goma, claims):
    made = client.post("/v1/parties", json=application("did:web:thief.example", **claims)).json["id"]
    warned = client.get(f"/v1/parties/{made}", headers=admin).json["overlaps"]
    assert warned
    answer = client.post(f"/v1/parties/{made}/approve", json={}, headers=admin)
    assert (answer.status_code, answer.json["type"]) == (409, "epcisException:ResourceAlreadyExistsException")
    assert answer.json["detail"] in warned[0]
    assert client.get(f"/v1/parties/{made}", headers=admin).json["state"] == "waiting"


def test_ones_own_claims_and_those_beside_anothers_are_approved(client, application, admin, goma):
    body = application(
        prefixes=["https://id.newcomer.example/", "did:web:newcomer.example:", "urn:x-mine:newcomer:",
                  "https://id.gs1.org/01/09521234543213/", "https://places.example/goma2/"],
        identifiers={"alias": "https://lei.example/NEW", "eori": "XI123456789000"},
    )  # fmt: skip
    made = client.post("/v1/parties", json=body).json["id"]
    assert client.get(f"/v1/parties/{made}", headers=admin).json["overlaps"] == []
    assert client.post(f"/v1/parties/{made}/approve", json={}, headers=admin).json["state"] == "active"


@pytest.mark.parametrize(
    ("did", "fields", "said"),
    [
        ("did:web:demo-goma.example:branch", {}, "of the host"),
        ("did:web:other.example", {"prefixes": ["https://demo-goma.example/"]}, "of the host"),
        ("did:web:other.example", {"name": "DEMO  Goma"}, "the same name"),
    ],
)
def test_an_admin_is_told_what_looks_like_another_party(client, application, admin, goma, did, fields, said):
    made = client.post("/v1/parties", json=application(did, **fields)).json["id"]
    warned = client.get(f"/v1/parties/{made}", headers=admin).json["overlaps"]
    assert any(said in one and goma.did in one for one in warned), warned
    assert client.post(f"/v1/parties/{made}/approve", json={}, headers=admin).status_code == 200


def test_two_that_wait_for_one_name(client, application, admin):
    """Whoever is approved first has it; the admin sees both."""
    alias = {"identifiers": {"alias": "https://lei.example/1"}}
    one, two = (
        client.post("/v1/parties", json=application(f"did:web:{name}.example", name=name, **alias)).json["id"]
        for name in ("one", "two")
    )
    for party in (one, two):
        assert "https://lei.example/1" in client.get(f"/v1/parties/{party}", headers=admin).json["overlaps"][0]
    assert client.post(f"/v1/parties/{one}/approve", json={}, headers=admin).status_code == 200
    assert client.post(f"/v1/parties/{two}/approve", json={}, headers=admin).status_code == 409


def test_a_did_that_is_another_partys_alias_is_refused(client, application, goma, sqlite_service):
    former = "did:web:former.example"
    sqlite_service.store.write(
        lambda tx: tx.session.add(PartyClaim(party_id=goma.id, kind="alias", value=former, state="active"))
    )
    assert client.post("/v1/parties", json=application(former)).status_code == 409


def test_a_did_registered_in_another_spelling_before_is_not_taken(client, application, make_party):
    make_party("Old", did="did:web:old.exampl%65")
    assert client.post("/v1/parties", json=application("did:web:old.example")).status_code == 409


@pytest.mark.parametrize(
    "did",
    [
        "web:a", "did:web:", "did:web:demo-goma.exampl%65", "did:web:Demo.example", "did:web:a.example:",
        "did:web:a.example::b", "did:web:.", "did:web:a.example%3a80", "did:key:z6%zz",
    ],
)  # fmt: skip
def test_a_did_has_one_spelling(client, did):
    proof = {"body": "{}", "jws": "x", "nonce": "1.x"}
    body = {"did": did, "name": "N", "country": "RW", "roles": ["mine"], "proof": proof}
    answer = client.post("/v1/parties", json=body)
    assert answer.status_code == 400
    assert "expected" in answer.json["detail"]
    assert "nonce" not in answer.json["detail"]


def test_no_challenge_for_what_is_no_did(client):
    for did in ("x", "https://a.example", "did:web:", "did:web:a\n", "did:web:<script>"):
        answer = client.post("/v1/challenges", json={"did": did})
        assert (answer.status_code, "expected a DID" in answer.json["detail"]) == (400, True), did


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "<script>", "", "a b", "\u202e"])
def test_a_kid_is_a_uri_that_can_be_shown(client, application, prove, name):
    key = PrivateKey.generate(kid=f"did:web:newcomer.example#{name}")
    answer = client.post("/v1/parties", json=application() | {"proof": prove("did:web:newcomer.example", key)})
    assert answer.status_code == 400


def test_who_may_list_and_read(client, make_party, make_api_key, admin):
    one, other = make_party("One"), make_party("Two")
    mine = make_api_key(one).headers
    assert client.get(f"/v1/parties/{one.id}", headers=mine).json["did"] == one.did
    assert client.get(f"/v1/parties/{other.id}", headers=mine).status_code == 404
    assert client.get("/v1/parties", headers=mine).status_code == 403
    assert client.get("/v1/parties").status_code == 401
    found = client.get("/v1/parties?state=active", headers=admin).json["parties"]
    assert [row["did"] for row in found] == [one.did, other.did]
    assert client.get("/v1/parties?state=waiting", headers=admin).json == {"parties": []}
    assert client.get("/v1/parties?state=nix", headers=admin).status_code == 400
    assert client.get("/v1/parties?colour=red", headers=admin).json["type"] == "epcisException:QueryParameterException"


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"country": "Rwanda"}, 422, "country"),
        ({"country": "rw"}, 400, "ISO 3166-1"),
        ({"country": "UE"}, 400, "ISO 3166-1"),
        ({"roles": ["king"]}, 400, "king"),
        ({"roles": []}, 422, "roles"),
        ({"did": "web:newcomer"}, 400, "expected a DID"),
        ({"name": "   "}, 400, "1 to 300"),
        ({"name": "a\x00b"}, 400, "NUL"),
        ({"name": "Evil\n\x1b[31m\u202eCorp"}, 400, "printed"),
        ({"name": "Evil\u202eCorp"}, 400, "printed"),
        ({"address": "Road 1\u2066"}, 400, "printed"),
        ({"roles": ["mine", "mine"]}, 400, "each once"),
        ({"identifiers": {"eori": "1Z123"}}, 400, "eori"),
        ({"identifiers": {"eori": "DE1234567890123456"}}, 400, "eori"),
        ({"identifiers": {"national": "a\u202eb"}}, 400, "national"),
        ({"identifiers": {"alias": "x:\u202e"}}, 400, "alias"),
        ({"state": "active"}, 422, "Unknown field"),
        ({"identifiers": {"lei": "X"}}, 400, "LEI"),
        ({"identifiers": {"shoe": "42"}}, 400, "shoe"),
        ({"identifiers": ["lei"]}, 422, "identifiers"),
        ({"prefixes": ["https://id.example"]}, 400, "prefix"),
        *(
            ({"prefixes": [prefix]}, 400, "prefix")
            for prefix in (
                "urn:uuid:", "urn:epc:", "urn:epc:id:sgln:", "did:web:", "did:web:other.example:", "https://./",
                "https://com/", "https:///", "https://10.0.0.1/", "https://a@id.example/", "https://id..example/",
                "https://id.gs1.org/", "https://id.gs1.org/01/", "urn:x-mine:", "http://id.example/", "geo:1,2/",
            )
        ),
    ],
)  # fmt: skip
def test_bad_applications_are_refused_and_nothing_is_written(client, application, change, status, said, sqlite_service):
    answer = client.post("/v1/parties", json=application() | change)
    assert answer.status_code == status, answer.json
    assert said in str(answer.json)
    with sqlite_service.store.read() as session:
        assert session.exec(select(Party)).all() == session.exec(select(PartyKey)).all() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"country": "ZZ"}, "ISO 3166-1"), ({"identifiers": {"eori": "ZZ123"}}, "identifier eori"),
        ({"identifiers": {"eori": "RW123"}}, None), ({"identifiers": {"eori": "XI123"}}, None),
    ],
)  # fmt: skip
def test_countries_are_those_of_iso_3166(client, application, change, said):
    answer = client.post("/v1/parties", json=application() | change)
    assert answer.status_code == (400 if said else 201), answer.json
    assert said is None or said in answer.json["detail"]


def test_a_proof_by_another_key_for_another_party_or_with_another_nonce(client, application, make_key, prove):
    did = "did:web:newcomer.example"
    good = application(did)
    other = make_key(did)
    forged = good["proof"] | {"jws": sign_detached(good["proof"]["body"].encode(), other, kid=other.kid)}
    stranger = make_key("did:web:stranger.example")
    cases = {
        "another key": (forged, 403),
        "another party's challenge": (prove("did:web:stranger.example", stranger), 400),
        "changed body": (good["proof"] | {"body": good["proof"]["body"] + " "}, 403),
        "no nonce of ours": (good["proof"] | {"nonce": "1.abc"}, 400),
        "a nonce that is no text of ours": (good["proof"] | {"nonce": "1.\u00e4"}, 400),
        "no JWS": (good["proof"] | {"jws": "x"}, 401),
    }
    for name, (proof, status) in cases.items():
        answer = client.post("/v1/parties", json=good | {"proof": proof})
        assert answer.status_code in (status, 400), (name, answer.json)
        assert answer.status_code < 500


def test_an_old_nonce_is_refused(client, application, clock):
    body = application()
    clock.advance(minutes=31)
    answer = client.post("/v1/parties", json=body)
    assert (answer.status_code, "expired" in answer.json["detail"]) == (400, True)


def test_a_kid_that_is_not_of_the_did(client, application, prove):
    key = PrivateKey.generate(kid="did:web:else.example#1")
    answer = client.post("/v1/parties", json=application() | {"proof": prove("did:web:newcomer.example", key)})
    assert answer.status_code == 400
    assert "did:web:newcomer.example#name" in answer.json["detail"]


def test_applications_are_rate_limited(make_settings, make_database, open_at, clock):
    from traceability.app import create_app

    service = open_at(make_settings(make_database("sqlite"), application_rate="2 per minute"), clock)
    client = create_app(service=service).test_client()
    codes = [client.post("/v1/challenges", json={"did": "did:web:a.example"}).status_code for _ in range(4)]
    assert codes == [200, 200, 429, 429]
