"""Session tokens: what a person does over the API without the password in every request, and what ends them."""

import base64
import json

import pytest

from traceability.services import session_tokens

WHY = {"reason": "seen and compared with the register"}


@pytest.fixture
def carla(make_user, make_party):
    return make_user("officer", party=make_party("Importer", roles=["importer"]), name="carla")


@pytest.fixture
def sign_in(client, basic):
    """``sign_in(user)`` is the answer to a request for a token."""
    return lambda user, password=None: client.post(
        "/v1/sessions", headers=basic(user.row.name, password or user.password)
    )


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_person_gets_a_token_by_name_and_password_and_acts_with_it(client, carla, sign_in, clock):
    made = sign_in(carla)
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert made.json["expires_at"] > clock().isoformat()[:19]
    headers = bearer(made.json["token"])
    assert client.get("/v1/decisions", headers=headers).json == []
    absent = client.post("/v1/decisions/x/confirm", json=WHY, headers=headers)
    assert absent.status_code == 404, "past the door, and there is no such proposal"
    assert client.post("/epcis/capture", json={}, headers=headers).status_code == 403, "events need an API key"


def test_a_token_ends_with_its_hour(client, carla, sign_in, clock):
    headers = bearer(sign_in(carla).json["token"])
    clock.advance(minutes=59)
    assert client.get("/v1/decisions", headers=headers).status_code == 200
    clock.advance(minutes=1)
    over = client.get("/v1/decisions", headers=headers)
    assert (over.status_code, "POST /v1/sessions" in over.json["detail"]) == (401, True)


@pytest.mark.parametrize("ends", ["reset", "disable", "password"])
def test_a_token_ends_with_the_password_and_the_account(client, carla, sign_in, admin, basic, ends):
    headers = bearer(sign_in(carla).json["token"])
    if ends == "password":
        new = {"new": "another long battery staple"}
        assert client.post("/v1/password", json=new, headers=basic("carla", carla.password)).status_code == 204
    else:
        assert client.post(f"/v1/users/carla/{ends}", headers=admin).status_code == 200
    assert client.get("/v1/decisions", headers=headers).status_code == 401


def test_neither_a_wrong_nor_a_one_time_password_gets_a_token(client, carla, sign_in, make_user):
    assert sign_in(carla, "wrong").status_code == 401
    assert client.post("/v1/sessions").status_code == 401
    once = sign_in(make_user("admin", name="dan", one_time=True))
    assert (once.status_code, "change it first" in once.json["detail"]) == (403, True)


def test_neither_an_api_key_nor_a_token_gets_a_token(client, carla, sign_in, make_api_key):
    for secret in (sign_in(carla).json["token"], make_api_key(None, role="admin").secret):
        assert client.post("/v1/sessions", headers=bearer(secret)).status_code == 401


def test_no_other_token_is_believed(client, carla, make_user, sign_in):
    good = sign_in(carla).json["token"]
    body, mac = good.removeprefix(session_tokens.PREFIX).split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = (
        base64.urlsafe_b64encode(json.dumps(said | {"user": make_user("admin").row.id}).encode()).decode().rstrip("=")
    )
    later = base64.urlsafe_b64encode(json.dumps(said | {"ends": 9**12}).encode()).decode().rstrip("=")
    for text in (f"{other}.{mac}", f"{later}.{mac}", body, f"{body}.", f".{mac}", f"{body}.{mac}.{mac}", "", "....",
                 f"{body}.{mac}=", "\u00e9.\u00e9", "a" * 5000, f"{body}!.{mac}"):  # fmt: skip
        sent = {"Authorization": f"Bearer {session_tokens.PREFIX}{text}".encode().decode("latin-1")}
        answer = client.get("/v1/decisions", headers=sent)
        assert answer.status_code == 401, text[:40]
    assert client.get("/v1/decisions", headers=bearer(good)).status_code == 200
