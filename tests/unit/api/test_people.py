"""Accounts, passwords and API keys over the API; and that a console's cookie can change nothing here."""

import pytest


@pytest.fixture
def user(make_user, make_party):
    return make_user("supplier", party=make_party("Mine One"), name="bob")


@pytest.fixture
def own(basic, user):
    return basic("bob", user.password)


def test_an_admin_makes_resets_and_disables(client, admin, make_party, basic):
    party = make_party("Mine One")
    made = client.post("/v1/users", json={"name": "carla", "role": "supplier", "party": party.did}, headers=admin)
    assert made.status_code == 201
    assert made.json.keys() == {"name", "role", "password"}
    taken = client.post("/v1/users", json={"name": "carla", "role": "admin"}, headers=admin)
    assert taken.status_code == 409
    row = next(row for row in client.get("/v1/users", headers=admin).json["users"] if row["name"] == "carla")
    assert row.keys() == {"name", "role", "party_id", "one_time", "created_at", "disabled_at", "email"}
    assert (row["name"], row["party_id"], row["one_time"], row["disabled_at"]) == ("carla", party.id, True, None)
    reset = client.post("/v1/users/carla/reset", headers=admin)
    assert reset.json["password"] != made.json["password"]
    gone = client.post("/v1/users/carla/disable", headers=admin)
    assert gone.json == {"name": "carla", "api_keys_ended": 0}
    assert client.get("/v1/api-keys", headers=basic("carla", reset.json["password"])).status_code == 401
    assert client.post("/v1/users/nobody/reset", headers=admin).status_code == 404


def test_a_one_time_password_must_be_changed_first(client, admin, make_party, basic):
    body = {"name": "carla", "role": "supplier", "party": make_party("Mine One").id}
    once = client.post("/v1/users", json=body, headers=admin).json["password"]
    early = client.post("/v1/api-keys", json={"name": "k", "scopes": ["read"]}, headers=basic("carla", once))
    assert (early.status_code, "change it first" in early.json["detail"]) == (403, True)
    short = client.post("/v1/password", json={"new": "short"}, headers=basic("carla", once))
    assert short.status_code == 400
    same = client.post("/v1/password", json={"new": once}, headers=basic("carla", once))
    assert same.status_code == 400
    new = "a long new password"
    assert client.post("/v1/password", json={"new": new}, headers=basic("carla", once)).status_code == 204
    assert client.get("/v1/api-keys", headers=basic("carla", once)).status_code == 401
    assert client.get("/v1/api-keys", headers=basic("carla", new)).json == {"api_keys": []}


@pytest.mark.parametrize("name", ["", " ", "a:b", "a\nb", "x" * 101, "a\u0000b"])
def test_names_that_could_never_sign_in(client, admin, name):
    assert client.post("/v1/users", json={"name": name, "role": "admin"}, headers=admin).status_code in (400, 422)


def test_a_person_makes_lists_and_ends_api_keys(client, own):
    made = client.post("/v1/api-keys", json={"name": "laptop", "scopes": ["read", "capture"], "days": 30}, headers=own)
    assert made.status_code == 201
    assert made.json.keys() == {"id", "secret", "scopes"}
    bearer = {"Authorization": f"Bearer {made.json['secret']}"}
    shown = client.get(made.headers["Location"], headers=bearer).json
    assert shown.keys() == {
        "id", "prefix", "name", "role", "scopes", "created_by", "created_at", "expires_at", "revoked_at",
    }  # fmt: skip
    assert (shown["name"], shown["scopes"], shown["created_by"]) == ("laptop", ["capture", "read"], "bob")
    assert made.json["secret"] not in str(client.get("/v1/api-keys", headers=own).json)
    assert client.delete(made.headers["Location"], headers=bearer).status_code == 403, "it has no scope write"
    assert client.delete(made.headers["Location"], headers=own).status_code == 204
    assert client.get("/v1/sites", headers=bearer).status_code == 401


def test_a_key_gives_no_scope_it_lacks(client, own):
    body = {"name": "k", "scopes": ["write", "read"]}
    secret = client.post("/v1/api-keys", json=body, headers=own).json["secret"]
    bearer = {"Authorization": f"Bearer {secret}"}
    answer = client.post("/v1/api-keys", json={"name": "k2", "scopes": ["capture"]}, headers=bearer)
    assert (answer.status_code, "capture" in answer.json["detail"]) == (403, True)
    assert client.post("/v1/api-keys", json={"name": "k2", "scopes": ["read"]}, headers=bearer).status_code == 201


def test_keys_of_a_leaver_end_with_the_account(client, own, admin):
    made = client.post("/v1/api-keys", json={"name": "k", "scopes": ["read"]}, headers=own).json
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    assert client.get("/v1/sites", headers=bearer).status_code == 200
    assert client.post("/v1/users/bob/disable", headers=admin).json == {"name": "bob", "api_keys_ended": 1}
    assert client.get("/v1/sites", headers=bearer).status_code == 401


@pytest.mark.parametrize("days", [0, 731, -1, "10", 1.5, True])
def test_the_life_of_a_key_is_bounded(client, own, days):
    answer = client.post("/v1/api-keys", json={"name": "k", "scopes": ["read"], "days": days}, headers=own)
    assert answer.status_code in (400, 422)


def test_a_foreign_key_is_not_found(client, own, make_api_key, make_party):
    other = make_api_key(make_party("Other"))
    assert client.get(f"/v1/api-keys/{other.row.id}", headers=own).status_code == 404
    assert client.delete(f"/v1/api-keys/{other.row.id}", headers=own).status_code == 404


def test_a_password_never_captures(client, own):
    answer = client.post("/epcis/capture", data=b"{}", content_type="application/json", headers=own)
    assert (answer.status_code, "capture" in answer.json["detail"]) == (403, True)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic !!"}, {"Authorization": "Basic Ym9i"},
                                     {"Authorization": "Bearer nix"}, {"Authorization": "Digest x"}])  # fmt: skip
def test_who_proves_nothing(client, headers):
    for path in ("/v1/users", "/v1/api-keys", "/v1/keys", "/v1/sites", "/v1/parties", "/v1/lists"):
        assert client.get(path, headers=headers).status_code == 401
    assert client.post("/v1/password", json={"new": "a long new password"}, headers=headers).status_code == 401


def test_a_wrong_password_and_an_unknown_name_answer_alike(client, user, basic):
    wrong = client.get("/v1/keys", headers=basic("bob", "not it"))
    unknown = client.get("/v1/keys", headers=basic("nobody", "not it"))
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json["detail"] == unknown.json["detail"]


def test_sign_in_by_basic_is_rate_limited(client, user, basic):
    codes = [client.get("/v1/keys", headers=basic("bob", "not it")).status_code for _ in range(21)]
    assert codes == [401] * 20 + [429]


def test_accounts_are_for_admins(client, make_api_key, make_party):
    supplier = make_api_key(make_party("Mine One")).headers
    body = {"name": "mallory", "role": "admin"}
    assert client.post("/v1/users", json=body, headers=supplier).status_code == 403
    for path in ("/v1/users/bob/reset", "/v1/users/bob/disable"):
        assert client.post(path, headers=supplier).status_code == 403
    assert client.get("/v1/users", headers=supplier).status_code == 403
    reader = make_api_key(role="admin", scopes=["read"]).headers
    assert client.post("/v1/users", json=body, headers=reader).status_code == 403


def _begin_session(client, user, clock, *, epoch=0):
    with client.session_transaction() as session:
        session["user"], session["epoch"] = user.row.id, user.row.session_epoch + epoch
        session["since"] = int(clock().timestamp())


def test_a_console_session_reads_and_changes_nothing(client, user, clock):
    _begin_session(client, user, clock)
    assert client.get("/v1/keys").status_code == 200
    changes = {
        "/v1/api-keys": {"name": "k", "scopes": ["read"]},
        "/v1/keys/revoke": {"kid": "x", "reason": "a long enough reason"},
        "/v1/sites": {},
        "/v1/assessments": {},
    }
    for path, body in changes.items():
        answer = client.post(path, json=body)
        assert (answer.status_code, "may only read" in answer.json["detail"]) == (403, True), path


def test_an_ended_console_session_reads_nothing(client, user, clock):
    _begin_session(client, user, clock, epoch=-1)
    assert client.get("/v1/keys").status_code == 401


def test_a_console_session_ends_by_the_services_clock(client, user, clock):
    _begin_session(client, user, clock)
    clock.advance(hours=11)
    assert client.get("/v1/keys").status_code == 200
    clock.advance(hours=2)
    assert client.get("/v1/keys").status_code == 401
