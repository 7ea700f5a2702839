"""What stores nothing: assessments, lists, the head of the ledger, health; and errors whatever the address."""

import errno
import json
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

FACTS = Path(__file__).resolve().parents[1] / "diligence" / "data" / "sample-facts.json"


@pytest.fixture
def reader(make_api_key, make_party):
    return make_api_key(make_party("Mine One"), scopes=["read"]).headers


def test_an_assessment_answers_as_the_engine_and_stores_nothing(client, reader, sqlite_service):
    from traceability.services.assess import assess_facts

    facts = json.loads(FACTS.read_text())
    answer = client.post("/v1/assessments", json=facts, headers=reader)
    assert answer.status_code == 200
    assert answer.json == assess_facts(facts)
    assert answer.json.keys() == {
        "status", "findings", "not_assessed", "rule_pack_version", "list_versions", "inputs_hash", "notes",
    }  # fmt: skip
    with sqlite_service.store.read() as session:
        assert session.connection().execute(sa.text("SELECT count(*) FROM assessment")).scalar() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ("NaN", 400), ('{"a":1,"a":1}', 400), ("[" * 99, 400), ("null", 422), ("[]", 422), ("{}", 422),
     ('{"schema_version": 1.50}', 422), ('{"a": "\\ud800"}', 400)],
)  # fmt: skip
def test_what_is_no_facts_document(client, reader, body, status):
    answer = client.post("/v1/assessments", data=body, content_type="application/json", headers=reader)
    assert answer.status_code == status, answer.json
    assert answer.json.keys() >= {"type", "title", "status", "detail", "request_id"}


def test_facts_that_name_no_place_and_no_goods_are_told_by_field(client, reader):
    shipment = {"cn_code": "99999999", "material_class": "mined", "destination_country": "ZR", "net_weight_kg": "0"}
    facts = {"schema_version": "1.0", "as_of": "2026-11-23", "shipment": shipment}
    answer = client.post("/v1/assessments", json=facts, headers=reader)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert {error["path"].rpartition("/")[2] for error in answer.json["errors"]} == {
        "cn_code", "destination_country", "net_weight_kg",
    }  # fmt: skip


def test_who_may_assess(client, make_api_key, make_party):
    assert client.post("/v1/assessments", json={}).status_code == 401
    capture_only = make_api_key(make_party("Mine One"), scopes=["capture"]).headers
    assert client.post("/v1/assessments", json={}, headers=capture_only).status_code == 403


def test_lists_say_how_complete_they_are(client, reader, sqlite_service, tmp_path):
    from traceability.services.access import TERMINAL
    from traceability.services.lists import load_folder

    assert client.get("/v1/lists", headers=reader).json == {"as_of": "2026-11-23", "lists": []}
    load_folder(sqlite_service, TERMINAL, _folder(tmp_path))
    found = client.get("/v1/lists", headers=reader).json["lists"]
    assert found[0].keys() == {
        "list_id", "name", "title", "use", "publisher", "version", "published_at", "retrieved_at", "rows", "for_review",
        "coverage", "age_days", "max_age_days", "sentence", "source_url", "source_sha256", "sources", "entry_index",
    }  # fmt: skip
    assert (found[0]["name"], found[0]["retrieved_at"], found[0]["for_review"]) == ("A list", "2026-10-02", 0)
    assert found[0]["sources"] == [
        {
            "source_key": "00000000", "file": "", "source_url": "https://example.org/", "published_at": "2026-10-01",
            "retrieved_at": "2026-10-02", "sha256": "0" * 64,
        }
    ]  # fmt: skip
    assert (found[0]["list_id"], found[0]["coverage"], found[0]["age_days"]) == ("test-list", "full", 53)


@pytest.mark.parametrize("role", ["importer", "officer", "admin"])
def test_what_a_list_led_to_counts_everybody_and_is_told_to_admins_alone(
    client, make_party, make_session, sqlite_service, tmp_path, role
):
    from traceability.services.access import TERMINAL
    from traceability.services.lists import load_folder

    load_folder(sqlite_service, TERMINAL, _folder(tmp_path))
    party = None if role == "admin" else make_party("Importer One", roles=["importer"])
    found = client.get("/v1/lists", headers=make_session(party, role=role).headers).json["lists"]
    assert ("delta" in found[0]) == (role == "admin")


def test_an_admin_loads_lists_into_the_running_service(client, make_session, sqlite_service, tmp_path):
    from traceability.lists.bundle import pack

    admin = make_session(None, role="admin").headers
    bundle = pack(_folder(tmp_path))
    first = client.post("/v1/lists/versions", data=bundle, content_type="application/zip", headers=admin)
    loaded = {
        "list_id": "test-list", "version": "1", "rows": 1, "coverage": "full", "changed": True, "added": 1,
        "removed": 0, "altered": 0, "for_review": 0,
    }  # fmt: skip
    assert (first.status_code, first.json) == (201, {"lists": [loaded]})
    again = client.post("/v1/lists/versions", data=bundle, content_type="application/zip", headers=admin)
    assert (again.status_code, again.json) == (200, {"lists": [loaded | {"changed": False, "added": 0}]})
    assert [row["list_id"] for row in client.get("/v1/lists", headers=admin).json["lists"]] == ["test-list"]


def test_a_table_that_drops_most_of_a_list_needs_a_word(client, make_session, tmp_path):
    from traceability.lists.bundle import pack

    admin = make_session(None, role="admin").headers

    def post(table, query=""):
        bundle = pack(_folder(tmp_path, table))
        return client.post(f"/v1/lists/versions{query}", data=bundle, content_type="application/zip", headers=admin)

    assert post(b"entry_key,kind,primary\n1,party,Somebody\n").status_code == 201
    other = b"entry_key,kind,primary\n2,party,Somebody Else\n"
    for query in ("", "?dropping=another-list", "?dropping="):
        refused = post(other, query)
        assert (refused.status_code, "such as Somebody." in refused.json["detail"]) == (409, True)
    assert post(other, "?dropping=another-list,test-list").status_code == 201


def test_one_table_that_is_not_as_its_manifest_says_keeps_all_out(client, make_session, tmp_path):
    from traceability.lists.bundle import pack

    manifest = _folder(tmp_path) / "manifest.csv"
    header, row = manifest.read_text().splitlines()
    other = row.replace("test-list", "other-list").replace(",1,1,2,", ",2,1,2,")
    manifest.write_text(f"{header}\n{row}\n{other}\n")
    (tmp_path / "other-list.csv").write_bytes((tmp_path / "test-list.csv").read_bytes())
    admin = make_session(None, role="admin").headers
    answer = client.post("/v1/lists/versions", data=pack(tmp_path), content_type="application/zip", headers=admin)
    assert (answer.status_code, "other-list: expected 2 rows, got 1" in answer.json["detail"]) == (400, True)
    assert client.get("/v1/lists", headers=admin).json["lists"] == []


@pytest.mark.parametrize(
    ("data", "media_type", "status"),
    [(b"{}", "application/json", 415), (b"", "application/zip", 400), (b"PK\x03\x04", "application/zip", 400)],
)
def test_what_is_no_bundle_is_refused(client, make_session, data, media_type, status):
    admin = make_session(None, role="admin").headers
    answer = client.post("/v1/lists/versions", data=data, content_type=media_type, headers=admin)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.json
    assert client.get("/v1/lists", headers=admin).json["lists"] == []


def _folder(tmp_path, table=b"entry_key,kind,primary\n1,party,Somebody\n"):
    import csv
    import hashlib

    (tmp_path / "test-list.csv").write_bytes(table)
    row = {
        "list_id": "test-list", "file": "test-list.csv", "publisher": "us", "title": "A list", "version": "1",
        "published_at": str(date(2026, 10, 1)), "retrieved_at": "2026-10-02", "source_url": "https://example.org/",
        "source_sha256": "0" * 64, "rows": 1, "expected_min": 1, "expected_max": 2, "coverage": "full",
        "max_age_days": 90, "terms": "none", "table_sha256": hashlib.sha256(table).hexdigest(),
    }  # fmt: skip
    with (tmp_path / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(row))
        writer.writeheader()
        writer.writerow(row)
    return tmp_path


def test_the_head_of_the_ledger_is_public(client, sqlite_service, make_party):
    from traceability.ledger.checkpoint import verify_checkpoint
    from traceability.ledger.note import VerifierKey

    empty = client.get("/v1/log").json
    assert empty == {
        "origin": "traceability.example/log", "vkey": sqlite_service.log_key.vkey, "size": 0, "checkpoint": None,
    }  # fmt: skip
    make_party("Mine One")
    head = client.get("/v1/log").json
    checkpoint, _ = verify_checkpoint(head["checkpoint"], [VerifierKey.parse(head["vkey"])])
    assert checkpoint.size == head["size"] == 1


def test_health(client, sqlite_service, clock):
    assert client.get("/health").json == {
        "status": "ok",
        "database": "reachable",
        "ledger": {"size": 0, "at": None},
        "jobs": {"waiting": 0, "running": 0, "failed": 0, "worker": "idle", "oldest_due_seconds": 0},
        "audits": {},
    }
    from traceability.storage.jobs import enqueue

    sqlite_service.store.write(lambda tx: enqueue(tx, "assess", "a|batch|b"))
    assert client.get("/health").json["status"] == "ok"
    clock.advance(minutes=3)
    late = client.get("/health").json
    assert (late["status"], late["jobs"]["worker"], late["jobs"]["oldest_due_seconds"]) == ("degraded", "stalled", 180)


def test_health_without_a_database(client, sqlite_service, monkeypatch):
    def broken():
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(sqlite_service.store, "read", broken)
    answer = client.get("/health")
    assert (answer.status_code, answer.json) == (503, {"status": "failed", "database": "unreachable"})


@pytest.mark.parametrize(
    "error", [sa.exc.OperationalError("SELECT 1", {}, Exception("gone")), OSError(errno.EMFILE, "files"), MemoryError()]
)
def test_a_machine_that_fails_is_unavailable_and_no_error_of_ours(client, sqlite_service, monkeypatch, reader, error):
    client.get("/v1/lists", headers=reader)

    def broken():
        raise error

    monkeypatch.setattr(sqlite_service.store, "read", broken)
    for path, kind in (("/v1/lists", "application/problem+json"), ("/ledger/checkpoint", "application/problem+json")):
        answer = client.get(path, headers=reader)
        assert (answer.status_code, answer.content_type) == (503, kind)
        assert "try again later" in answer.json["detail"]


@pytest.mark.parametrize(
    "path", ["/v1/nix", "/v1/keys/nix", "/v1/parties/%00", "/v1/api-keys/a%00b", "/v1/lists?a=%00"]
)
def test_every_error_is_a_problem_document(client, reader, path):
    answer = client.get(path, headers=reader)
    assert 400 <= answer.status_code < 500
    assert answer.content_type == "application/problem+json"
    assert answer.json["request_id"]


def test_a_wrong_method_and_a_large_body(client, reader):
    wrong = client.put("/v1/keys", headers=reader)
    assert (wrong.status_code, wrong.content_type) == (405, "application/problem+json")
    assert set(wrong.headers["Allow"].split(", ")) >= {"GET", "POST"}
    large = client.post("/v1/assessments", data=b" " * 10_000_001, content_type="application/json", headers=reader)
    assert large.status_code == 413
    plain = client.post("/v1/assessments", data=b"{}", content_type="text/plain", headers=reader)
    assert plain.status_code == 415


def test_a_bundle_larger_than_a_json_body_is_read_and_judged(client, make_session):
    import random

    from traceability.lists.gathered import gathered, pack

    noise = random.Random(1).randbytes(11_000_000)
    file = gathered(
        noise, file="own.csv", list_id="own-list", format="csv", part="", address="https://own.example/",
        retrieved_at="2026-11-20",
    )  # fmt: skip
    admin = make_session(None, role="admin").headers
    answer = client.post("/v1/lists/versions", data=pack([file]), content_type="application/zip", headers=admin)
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (400, "own-list")
    assert "expected UTF-8 text" in answer.json["detail"]


def test_what_waits_for_review_over_http(client, make_api_key, make_session, make_party):
    from traceability.lists.gathered import gathered, pack

    admin = make_session(None, role="admin").headers
    file = gathered(
        b"id,name\n1,A Mine\n2,\n", file="own.csv", list_id="own-list", format="csv", part="",
        address="https://own.example/", retrieved_at="2026-11-20",
    )  # fmt: skip
    posted = client.post("/v1/lists/versions", data=pack([file]), content_type="application/zip", headers=admin)
    assert (posted.status_code, posted.json["lists"][0]["for_review"]) == (201, 1)
    found = client.get("/v1/lists/own-list/review", headers=admin).json
    (row,) = found["review"]
    assert (found["list_id"], row["raw"], row["state"], row["lost"]) == ("own-list", "2,", "waiting", True)
    mine = make_api_key(make_party("Mine One"), scopes=["read"]).headers
    assert "read_by" not in client.get("/v1/lists/own-list/review", headers=mine).json["review"][0]
    address = f"/v1/lists/own-list/review/{row['id']}"
    for body, status in (({}, 422), ({"note": ""}, 422), ({"note": "x" * 2001}, 422), ({"note": "short"}, 400)):
        assert client.post(address, json=body, headers=admin).status_code == status, body
    done = client.post(address, json={"note": "asked who wrote the list"}, headers=admin)
    assert (done.status_code, done.json["state"], done.json["note"]) == (200, "read", "asked who wrote the list")
    assert client.post(address, json={"note": "asked who wrote the list"}, headers=admin).status_code == 409
    assert client.get("/v1/lists/nowhere/review", headers=admin).status_code == 404
    assert client.post("/v1/lists/own-list/review/99999999999999999999", json={"note": "x" * 10}, headers=admin).status_code in (400, 404)  # fmt: skip
