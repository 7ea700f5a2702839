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
    assert [item.what for item in verdict.items if item.verdict != "ok"] == ["end of key"]
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
        ({"valid_from": 20260101}, "valid_from"), ({"valid_from": "2026-W47-1"}, "valid_from"),
        ({"valid_from": "20260101"}, "valid_from"), ({"valid_to": "2026-02-30"}, "valid_to"),
        ({"longitude": None}, "longitude"), ({"latitude": None}, "latitude"), ({"uri": "geo:-1.5,28.25"}, "uri"),
        ({"country": "cd"}, "country"), ({"country": "C\u0301"}, "country"), ({"name": "a\u202eb"}, "name"),
        ({"name": 5}, "name"), ({"name": "a\tb"}, "name"), ({"name": "x" * 301}, "name"), ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_a_bad_site_is_refused_with_its_place_and_nothing_is_recorded(post, client, mine, make_api_key, change, place):
    answer = post({"sites": [SITE, SITE | {"uri": "https://id.mine.example/site/2"} | change]})
    assert answer.status_code == 400, answer.json
    assert f"sites[1].{place}" in [problem["path"] for problem in answer.json["errors"]]
    assert client.get("/v1/sites", headers=make_api_key(mine).headers).json == {"sites": []}


@pytest.mark.parametrize(
    "value",
    [b"", b"null", b"[]", b"{}", b'{"sites": []}', b'{"sites": [1]}', b'{"sites": 1}', b"{", b'{"sites": [{}]}'],
)
def test_bodies_that_are_no_sites(post, value):
    assert post(value).status_code == 400


def test_who_may(client, post, mine, make_party, make_api_key, make_session):
    body = json.dumps({"sites": [SITE]}).encode()
    unsigned = client.post("/v1/sites", data=body, content_type="application/json", headers=make_api_key(mine).headers)
    assert unsigned.status_code == 401
    other = make_party("Other")
    assert post({"sites": [SITE]}, key=other.key).status_code == 403
    assert post({"sites": [SITE]}, headers=make_session(mine, role="officer").headers).status_code == 403
    assert post({"sites": [SITE]}, headers=make_api_key(mine, scopes=["read"]).headers).status_code == 403
    assert post({"sites": [SITE]}, headers={}).status_code == 401
    plain = client.post("/v1/sites", data=body, content_type="text/plain", headers=make_api_key(mine).headers)
    assert plain.status_code == 415
    assert client.get("/v1/sites", headers=make_api_key(mine, scopes=["capture"]).headers).status_code == 403


def test_a_field_beside_the_sites_is_refused(post, client, mine, make_api_key):
    answer = post({"sites": [SITE], "foo": 1})
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (400, "foo")
    assert client.get("/v1/sites", headers=make_api_key(mine).headers).json == {"sites": []}


@pytest.mark.parametrize(
    ("uri", "change", "status"),
    [
        (SITE["uri"], {"country": "RW", "subdivision": None}, 400), (SITE["uri"], {}, 400),
        ("HTTPS://id.MINE.example/site/%31", {"valid_from": None}, 400),
        (SITE["uri"], {"valid_from": None, "valid_to": "2025-12-31"}, 201),
    ],
)  # fmt: skip
def test_one_row_for_a_place_and_day_in_a_body(post, uri, change, status):
    answer = post({"sites": [SITE, SITE | {"uri": uri} | change]})
    assert answer.status_code == status, answer.json
    if status == 400:
        assert [problem["path"] for problem in answer.json["errors"]] == ["sites[1].uri"]


@pytest.mark.parametrize(
    "spelling",
    [
        SITE["uri"], "HTTPS://id.MINE.example/site/1", "https://id.mine.example/site/%31",
        "https://id.mine.example/x/../site/./1",
    ],
)  # fmt: skip
def test_another_party_cannot_take_a_registered_site(post, make_party, make_api_key, spelling):
    assert post({"sites": [SITE]}).status_code == 201
    other = make_party("Other")
    stolen = SITE | {"uri": spelling, "country": "RU", "subdivision": None, "valid_from": "2020-01-01"}
    answer = post({"sites": [stolen]}, key=other.key, headers=make_api_key(other).headers)
    assert (answer.status_code, answer.json["type"]) == (409, "epcisException:ResourceAlreadyExistsException")


def test_a_gs1_location_is_one_place_in_either_spelling(post, make_party, make_api_key):
    assert post({"sites": [SITE | {"uri": "urn:epc:id:sgln:0614141.12345.400"}]}).status_code == 201
    other = make_party("Other")
    link = SITE | {"uri": "https://id.gs1.org/414/0614141123452/254/400"}
    assert post({"sites": [link]}, key=other.key, headers=make_api_key(other).headers).status_code == 409


def test_another_partys_name_is_no_site_of_ones_own(post, make_party):
    other = make_party("Other")
    assert post({"sites": [SITE | {"uri": other.did}]}).status_code == 403


def test_its_own_party_corrects_a_site(post, client, mine, make_api_key):
    for country in ("CD", "RW"):
        assert post({"sites": [SITE | {"country": country, "subdivision": None}]}).status_code == 201
    shown = client.get("/v1/sites", headers=make_api_key(mine).headers).json["sites"]
    assert [row["country"] for row in shown] == ["CD", "RW"]


def test_a_nul_character_is_refused(post):
    answer = post(b'{"sites": [{"uri": "https://id.mine.example/site/1", "country": "CD", "name": "a\\u0000b"}]}')
    assert answer.status_code == 400
