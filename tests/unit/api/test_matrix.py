"""Route by role: 401 for nobody, 403 for the wrong role, 404 for what is another party's; a new route needs a row."""

import re

import pytest

from traceability.app import create_app
from traceability.services.access import ROLES

OWN = frozenset({"supplier", "importer"})
ALL = frozenset(ROLES)
ADMIN = frozenset({"admin"})
MEMBERS = frozenset({"supplier", "importer", "officer", "admin"})
ENTRIES = frozenset({"importer", "officer", "regulator", "auditor", "admin"})
#: (method, rule): the roles that get past the door; None: anybody, without an account.
MATRIX = {
    ("POST", "/v1/challenges"): None,
    ("POST", "/v1/parties"): None,
    ("GET", "/v1/log"): None,
    ("GET", "/health"): None,
    ("GET", "/ledger/checkpoint"): None,
    ("GET", "/ledger/tile/entries/<path:place>"): None,
    ("GET", "/ledger/tile/<string:level>/<path:place>"): None,
    ("GET", "/v1/ledger/checkpoints/<int:size>"): None,
    ("GET", "/v1/ledger/keys"): None,
    ("GET", "/v1/ledger/policy"): None,
    ("GET", "/v1/ledger/proofs/consistency"): None,
    ("GET", "/v1/ledger/proofs/inclusion"): None,
    ("GET", "/v1/parties"): ADMIN,
    ("GET", "/v1/parties/<string:party_id>"): ALL,
    ("POST", "/v1/parties/<string:party_id>/approve"): ADMIN,
    ("POST", "/v1/parties/<string:party_id>/refuse"): ADMIN,
    ("POST", "/v1/parties/<string:party_id>/departure"): ADMIN,
    ("GET", "/v1/merges"): MEMBERS,
    ("POST", "/v1/merges"): MEMBERS,
    ("GET", "/v1/merges/<string:merge_id>"): MEMBERS,
    ("POST", "/v1/merges/<string:merge_id>/approve"): ADMIN,
    ("POST", "/v1/merges/<string:merge_id>/refuse"): ADMIN,
    ("POST", "/v1/merges/<string:merge_id>/undo"): ADMIN,
    ("GET", "/v1/keys"): ALL,
    ("POST", "/v1/keys"): OWN,
    ("POST", "/v1/keys/rotate"): OWN,
    ("POST", "/v1/keys/revoke"): OWN | ADMIN,
    ("POST", "/v1/keys/approve"): ADMIN,
    ("POST", "/v1/keys/refuse"): ADMIN,
    ("POST", "/v1/keys/lost"): None,
    ("GET", "/v1/keys/lost"): ALL,
    ("POST", "/v1/keys/lost/<string:application_id>/approve"): ADMIN,
    ("POST", "/v1/keys/lost/<string:application_id>/refuse"): ADMIN,
    ("GET", "/v1/sites"): OWN,
    ("POST", "/v1/sites"): OWN,
    ("POST", "/v1/users"): ADMIN,
    ("GET", "/v1/users"): ADMIN,
    ("POST", "/v1/users/<path:name>/reset"): ADMIN,
    ("POST", "/v1/users/<path:name>/disable"): ADMIN,
    ("POST", "/v1/users/<path:name>/email"): ADMIN,
    ("GET", "/v1/users/<path:name>/work"): ADMIN,
    ("POST", "/v1/users/<path:name>/work"): ADMIN,
    ("GET", "/v1/work"): ALL,
    ("POST", "/v1/api-keys"): ALL,
    ("GET", "/v1/api-keys"): ALL,
    ("GET", "/v1/api-keys/<string:key_id>"): ALL,
    ("DELETE", "/v1/api-keys/<string:key_id>"): ALL,
    ("GET", "/v1/jobs"): ADMIN,
    ("POST", "/v1/jobs/<int:job_id>/retry"): ADMIN,
    ("GET", "/v1/lists"): ALL,
    ("POST", "/v1/lists/versions"): ADMIN,
    ("GET", "/v1/lists/<string:list_id>/review"): ALL,
    ("POST", "/v1/lists/<string:list_id>/review/<int:row_id>"): ADMIN,
    ("POST", "/v1/match"): ALL,
    ("GET", "/v1/lists/<string:list_id>/versions"): ALL,
    ("GET", "/v1/lists/<string:list_id>/versions/<string:version>/entries"): ENTRIES,
    ("GET", "/v1/lists/<string:list_id>/diff"): ENTRIES,
    ("GET", "/v1/lists/<string:list_id>/entries/<path:entry_key>"): ENTRIES,
    ("GET", "/v1/reminders"): ALL,
    ("GET", "/v1/rule-sets"): ALL,
    ("GET", "/v1/rule-sets/<string:version>"): ALL,
    ("POST", "/v1/assessments"): ALL,
}
#: Proved elsewhere: its caller is known by name and password alone.
BY_PASSWORD = {("POST", "/v1/password"), ("POST", "/v1/sessions")}
#: What is never automated: a person who has signed in may, an API key of the same role may not.
PERSONS = {
    "/v1/parties/<string:party_id>/departure", "/v1/merges/<string:merge_id>/approve",
    "/v1/merges/<string:merge_id>/refuse",
    "/v1/parties/<string:party_id>/approve", "/v1/parties/<string:party_id>/refuse", "/v1/keys/approve", "/v1/keys/refuse",
    "/v1/keys/lost/<string:application_id>/approve", "/v1/keys/lost/<string:application_id>/refuse",
    "/v1/users", "/v1/users/<path:name>/reset", "/v1/lists/<string:list_id>/review/<int:row_id>",
}  # fmt: skip
#: What is posted and changes nothing; a facts document may be sent by whoever knows the service.
READING = ("/v1/assessments", "/v1/match")
FOREIGN = ("/v1/parties/<string:party_id>", "/v1/api-keys/<string:key_id>")
BLUEPRINTS = (
    "parties", "keys", "lost-keys", "sites", "people", "lists", "list-versions", "reminders", "match", "rule-sets", "assessments",
    "tiles", "proofs", "health", "jobs", "merges",
)  # fmt: skip
BODIES = {
    "/v1/keys": {"proof": {"body": "{}", "jws": "x", "nonce": "1.x"}},
    "/v1/keys/rotate": {"old_kid": "k", "body": "{}", "old_jws": "x", "new_jws": "x", "nonce": "1.x"},
    "/v1/keys/revoke": {"kid": "k", "reason": "a long enough reason"},
    "/v1/keys/approve": {"kid": "k"},
    "/v1/keys/refuse": {"kid": "k"},
    "/v1/keys/lost/<string:application_id>/approve": {"method": "in person", "reason": "r" * 30},
    "/v1/keys/lost/<string:application_id>/refuse": {"reason": "r" * 30},
    "/v1/merges": {"kept": "did:web:a.example", "merged": "did:web:b.example", "reason": "r" * 30},
    "/v1/merges/<string:merge_id>/approve": {"reason": "r" * 30},
    "/v1/merges/<string:merge_id>/refuse": {"reason": "r" * 30},
    "/v1/merges/<string:merge_id>/undo": {"reason": "r" * 30},
    "/v1/parties/<string:party_id>/departure": {"reason": "r" * 30},
    "/v1/users/<path:name>/work": {"to": "somebody"},
    "/v1/users": {"name": "x", "role": "supplier"},
    "/v1/users/<path:name>/email": {"email": "somebody@importer.example"},
    "/v1/api-keys": {"name": "k", "scopes": ["nonsense"]},
    "/v1/lists/<string:list_id>/review/<int:row_id>": {"note": "read and understood"},
    "/v1/parties/<string:party_id>/refuse": {"reason": "it is not who it says"},
}


def test_every_route_has_a_row(app):
    routes = {
        (method, str(rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in BLUEPRINTS
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == MATRIX.keys() | BY_PASSWORD


def send(client, method, rule, headers):
    path = rule.replace("<string:party_id>", "x").replace("<string:key_id>", "x").replace("<path:name>", "nobody")
    path = path.replace("<string:merge_id>", "x").replace("<int:job_id>", "7").replace("<string:application_id>", "x")
    path = path.replace("<string:list_id>", "un-sc").replace("<int:row_id>", "7")
    body = BODIES.get(rule, {}) if method == "POST" else None
    return client.open(path, method=method, json=body, headers=headers)


def test_nobody_gets_401(client):
    for (method, rule), roles in MATRIX.items():
        answer = send(client, method, rule, {})
        assert (answer.status_code == 401) == (roles is not None), (method, rule, answer.status_code)
        if roles is not None:
            assert answer.content_type == "application/problem+json"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_nobody_gets_401_before_anything_of_the_request_is_read(client):
    for method, rule in [*MATRIX, *BY_PASSWORD]:
        path = re.sub("<int:[a-z_]+>", "1", re.sub("<(string|path):[a-z_]+>", "x", rule))
        if MATRIX.get((method, rule), ALL) is not None:
            assert client.open(f"{path}?what=1", method=method).status_code == 401, (method, rule)
        if MATRIX.get((method, rule), ALL) is not None and method == "POST":
            for body, kind in ((b"{", "application/json"), (b"{}", "application/json"), (b" " * 11_000_000, "a/b")):
                answer = client.post(path, data=body, content_type=kind)
                assert answer.status_code == 401, (rule, kind, answer.text)


@pytest.mark.parametrize("path", ["/v1/challenges", "/v1/parties", "/v1/keys/lost"])
def test_what_needs_no_account_is_counted_before_it_is_read(make_settings, make_database, open_at, clock, path):
    service = open_at(make_settings(make_database("sqlite"), application_rate="2 per minute"), clock)
    client = create_app(service=service).test_client()
    answers = [client.post(path, data=b"{", content_type="application/json").status_code for _ in range(4)]
    assert answers == [400, 400, 429, 429]


@pytest.mark.parametrize("role", ROLES)
def test_the_wrong_role_gets_403(client, role, make_party, make_session):
    with_party = role in {"supplier", "importer", "officer"}
    headers = make_session(make_party("Mine One") if with_party else None, role=role).headers
    for (method, rule), roles in MATRIX.items():
        if roles is None:
            continue
        answer = send(client, method, rule, headers)
        if (method, rule) in {("GET", "/v1/keys"), ("GET", "/v1/keys/lost")} and not with_party and role != "admin":
            assert answer.status_code == 403, "an account without a party has no keys of its own"
        else:
            assert (answer.status_code == 403) == (role not in roles), (method, rule, answer.json)
        assert answer.status_code < 500, (method, rule, answer.json)


@pytest.mark.parametrize("role", ROLES)
def test_no_api_key_does_what_is_never_automated(client, role, make_party, make_api_key, counts):
    party = make_party("Mine One") if role in {"supplier", "importer", "officer"} else None
    headers, before = make_api_key(party, role=role).headers, counts()
    for (method, rule), roles in MATRIX.items():
        if roles is None or role not in roles or method == "GET":
            continue
        answer = send(client, method, rule, headers)
        refused = '"type":"about:blank#person-needed"' in answer.text.replace(": ", ":")
        assert refused == (rule in PERSONS), (method, rule, answer.text)
        assert not refused or (answer.status_code == 403 and "POST /v1/sessions" in answer.json["detail"])
    assert counts() == before


def test_what_is_another_partys_gets_404(client, make_party, make_api_key):
    mine, other = make_party("Mine One"), make_party("Other")
    headers, theirs = make_api_key(mine).headers, make_api_key(other)
    for rule in FOREIGN:
        foreign = rule.replace("<string:party_id>", other.id).replace("<string:key_id>", theirs.row.id)
        absent = rule.replace("<string:party_id>", "0" * 32).replace("<string:key_id>", "0" * 32)
        first, second = client.get(foreign, headers=headers), client.get(absent, headers=headers)
        assert (first.status_code, second.status_code) == (404, 404)
        assert first.json["title"] == second.json["title"]
    revoked = {"kid": other.key.kid, "reason": "a long enough reason"}
    assert client.post("/v1/keys/revoke", json=revoked, headers=headers).status_code == 404


@pytest.mark.parametrize("scope", ["capture", "read"])
def test_a_key_without_the_scope_write_changes_nothing(client, scope, make_party, make_api_key):
    party = make_party("Mine One")
    for role in ("supplier", "admin"):
        headers = make_api_key(party if role == "supplier" else None, role=role, scopes=[scope]).headers
        for (method, rule), roles in MATRIX.items():
            if roles is not None and method != "GET" and role in roles and rule not in READING:
                answer = send(client, method, rule, headers)
                said = "never automated" if rule in PERSONS else "write"
                assert (answer.status_code, said in answer.json["detail"]) == (403, True), (
                    method,
                    rule,
                    answer.json,
                )


def test_a_key_without_the_scope_read_reads_nothing(client, make_party, make_api_key):
    headers = make_api_key(make_party("Mine One"), scopes=["write", "capture"]).headers
    for (method, rule), roles in MATRIX.items():
        if roles is not None and (method == "GET" or rule in READING) and "supplier" in roles:
            assert send(client, method, rule, headers).status_code == 403, rule
