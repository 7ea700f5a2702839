"""Sites over the API: signed by their party, recorded with a receipt, refused with the place of each error."""

import json

import pytest

from traceability.ledger.jose import sign_detached
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt

SITE = {"uri": "https://id.mine.example/site/1", "name": "Pit 1", "country": "CD", "subdivision": "CD-NK",
        "latitude": -1.5, "longitude": 28.25, "valid_from": "2026-01-01"}  # fmt: skip


@pytest.fixture
def mine(make_party):
    return make_party("Mine One")


@pytest.fixture
def post(client, mine, make_api_key):
    headers = make_api_key(mine).headers

    def send(value, *, key=None, headers=headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        key = key or mine.key
        signed = {"X-JWS-Signature": sign_detached(body, key, kid=key.kid)}
        return client.post("/v1/sites", data=body, content_type="application/json", headers={**headers, **signed})

    return send


def test_a_signed_site_is_registered_with_a_receipt(client, post, mine, make_api_key, sqlite_service):
    done = post({"sites": [SITE, SITE | {"uri": "https://id.mine.example/site/2", "name": None}]})
    assert done.status_code == 201
    assert [(row["uri"], row["state"]) for row in done.json["sites"]] == [
        ("https://id.mine.example/site/1", "registered"), ("https://id.mine.example/site/2", "registered"),
    ]  # fmt: skip
    receipt = json.dumps(done.json["sites"][0]["receipt"]).encode()
    verdict = verify_receipt(receipt, policy=Policy.pin(sqlite_service.log_key.vkey))
    assert verdict.verdict == "ok", verdict
    assert {item.verdict for item in verdict.items} == {"ok"}
    shown = client.get("/v1/sites", headers=make_api_key(mine).headers).json["sites"]
    assert {name: shown[0][name] for name in SITE} == SITE
    assert shown[0].keys() == {*SITE, "valid_to", "entry_index", "received_at"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"uri": "pit 1"}, "uri"), ({"uri": 1}, "uri"), ({"country": "Congo"}, "country"), ({"country": None}, "country"),
        ({"country": "XX", "subdivision": None}, "country"), ({"subdivision": "CD-ZZ"}, "subdivision"),
        ({"subdivision": "RW-01"}, "subdivision"), ({"subdivision": ["CD-NK"]}, "subdivision"),
        ({"latitude": 91}, "latitude"), ({"latitude": "1"}, "latitude"), ({"longitude": {}}, "longitude"),
        ({"longitude": True}, "longitude"), ({"longitude": [1]}, "longitude"), ({"valid_from": "soon"}, "valid_from"),
        ({"valid_from": {}}, "valid_from"), ({"valid_to": "2025-01-01"}, "valid_to"), ({"name": {"a": 1}}, "name"),
        ({"name": 5}, "name"), ({"name": "a\tb"}, "name"), ({"name": "x" * 301}, "name"), ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_a_bad_site_is_refused_with_its_place_and_nothing_is_recorded(post, client, mine, make_api_key, change, place):
    answer = post({"sites": [SITE, SITE | {"uri": "https://id.mine.example/site/2"} | change]})
    assert answer.status_code == 400, answer.json
    assert f"sites[1].{place}" in [problem["path"] for problem in answer.json["errors"]]
    assert client.get("/v1/sites", headers=make_api_key(mine).headers).json == {"sites": []}


@pytest.mark.parametrize(
    "value", [b"", b"null", b"[]", b"{}", b'{"sites": []}', b'{"sites": [1]}', b'{"sites": 1}', b"{"]
)
def test_bodies_that_are_no_sites(post, value):
    assert post(value).status_code == 400


def test_who_may(client, post, mine, make_party, make_api_key):
    body = json.dumps({"sites": [SITE]}).encode()
    unsigned = client.post("/v1/sites", data=body, content_type="application/json", headers=make_api_key(mine).headers)
    assert unsigned.status_code == 401
    other = make_party("Other")
    assert post({"sites": [SITE]}, key=other.key).status_code == 403
    assert post({"sites": [SITE]}, headers=make_api_key(mine, role="officer").headers).status_code == 403
    assert post({"sites": [SITE]}, headers=make_api_key(mine, scopes=["read"]).headers).status_code == 403
    assert post({"sites": [SITE]}, headers={}).status_code == 401
    plain = client.post("/v1/sites", data=body, content_type="text/plain", headers=make_api_key(mine).headers)
    assert plain.status_code == 415
    assert client.get("/v1/sites", headers=make_api_key(mine, scopes=["capture"]).headers).status_code == 403


def test_another_party_cannot_take_a_registered_site(post, make_party, make_api_key):
    assert post({"sites": [SITE]}).status_code == 201
    other = make_party("Other")
    assert post({"sites": [SITE]}, key=other.key, headers=make_api_key(other).headers).status_code == 409


def test_a_nul_character_is_refused(post):
    answer = post(b'{"sites": [{"uri": "https://id.mine.example/site/1", "country": "CD", "name": "a\\u0000b"}]}')
    assert answer.status_code == 400
