"""Versions of lists over HTTP: which there are, what they hold and changed, and whether a party was listed on a day."""

import csv
import hashlib
import io
import zipfile
from datetime import timedelta

import pytest

from traceability.services.reminding import Round, remind

ROWS = [
    {"entry_key": "UN.1", "kind": "party", "primary": "Tin Traders Ltd", "strong": "Étain Négoce"},
    {"entry_key": "UN/2 a", "kind": "party", "primary": "Ore House Inc", "valid_from": "2026-02-01"},
]


def bundle(rows, published, max_age_days=30):
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    table = text.getvalue().encode()
    line = {
        "list_id": "un-sc", "file": "un-sc.csv", "publisher": "United Nations", "title": "UN list", "version": published,
        "published_at": published, "retrieved_at": published, "source_url": "https://list.example/", "source_sha256": "0" * 64,
        "rows": len(rows), "expected_min": 1, "expected_max": 100, "coverage": "full", "max_age_days": max_age_days,
        "terms": "facts", "table_sha256": hashlib.sha256(table).hexdigest(),
    }  # fmt: skip
    manifest = ",".join(line) + "\n" + ",".join(map(str, line.values())) + "\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("manifest.csv", manifest)
        made.writestr("un-sc.csv", table)
    return out.getvalue()


@pytest.fixture
def load(client, make_session):
    admin = make_session(role="admin")

    def load(rows, published):
        answer = client.post(
            "/v1/lists/versions?dropping=un-sc", data=bundle(rows, published),
            headers={**admin.headers, "Content-Type": "application/zip"},
        )  # fmt: skip
        assert answer.status_code == 201, answer.json

    return load


@pytest.fixture
def get(client, make_person, make_party):
    headers = make_person("officer", make_party("Importer", roles=["importer"]))
    return lambda address: client.get(address, headers=headers)


def test_versions_entries_changes_and_one_entry(service, load, get):
    load(ROWS, "2026-10-01")
    load([{**ROWS[0], "strong": "Tin Brokers"}], "2026-11-01")
    shown = get("/v1/lists/un-sc/versions").json
    assert [row["version"] for row in shown["versions"]] == ["2026-11-01", "2026-10-01"]
    assert (shown["level"], shown["age_days"]) == ("fresh", 22)
    new, old = (row["id"] for row in shown["versions"])
    page = get(f"/v1/lists/un-sc/versions/{old}/entries?name=etain&as_of=2026-01-01").json
    assert ([row["entry_key"] for row in page["entries"]], page["next_after"]) == (["UN.1"], None)
    changed = get("/v1/lists/un-sc/diff").json
    assert changed == get(f"/v1/lists/un-sc/diff?from={old}&to={new}").json
    assert changed["counts"] == {"added": 0, "removed": 1, "changed": 1}
    assert [row["entry_key"] for row in changed["removed"]] == ["UN/2 a"]
    assert [field["field"] for field in changed["changed"][0]["fields"]] == ["names"]
    entry = get("/v1/lists/un-sc/entries/UN/2%20a?on=2026-10-15").json
    assert (entry["in_newest"], entry["on"]["listed"], entry["on"]["version"]["id"]) == (False, "yes", old)
    assert get("/v1/lists/un-sc/entries/UN/2%20a?on=2026-11-01").json["on"]["listed"] == "no"
    assert get("/v1/lists/un-sc/entries/UN.1").json["on"] is None


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/v1/lists/none/versions", 404, "no list 'none'"),
        ("/v1/lists/un-sc/versions/99/entries", 404, "no version '99'"),
        ("/v1/lists/un-sc/versions/1/entries?as_of=soon", 400, "as_of"),
        ("/v1/lists/un-sc/versions/1/entries?name=...", 400, "letters or digits"),
        ("/v1/lists/un-sc/versions/1/entries?what=1", 400, "what"),
        ("/v1/lists/un-sc/versions/1/entries?name=" + "x" * 301, 400, "at most 300"),
        ("/v1/lists/un-sc/diff?from=2020", 404, "no version '2020'"),
        ("/v1/lists/un-sc/diff?after=" + "x" * 201, 400, "at most 200"),
        ("/v1/lists/un-sc/entries/UN.9", 404, "no version of the list"),
        ("/v1/lists/un-sc/entries/UN.1?on=2026-13-01", 400, "on"),
        ("/v1/lists/un-sc/entries/UN%00", 400, ""),
        ("/v1/lists/un-sc/versions/%00/entries", 400, ""),
        ("/v1/lists/%00/versions", 400, ""),
        ("/v1/lists/un-sc/diff?after=%00", 400, ""),
        ("/v1/lists/un-sc/versions/1/entries?after=%00", 400, ""),
        ("/v1/lists/un-sc/versions/99999999999999999999/entries", 404, "no version"),
    ],
)
def test_what_cannot_be_answered_says_why(service, load, get, address, status, words):
    load(ROWS, "2026-10-01")
    answer = get(address)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    assert words in answer.json["detail"]


def test_a_reminder_is_read_over_http_and_ends_with_the_load(service, clock, load, client, make_session):
    admin = make_session(role="admin")
    load(ROWS, "2026-10-01")
    remind(service, Round())
    shown = client.get("/v1/reminders", headers=admin.headers).json
    (only,) = shown["reminders"]
    assert (only["list_id"], only["level"], only["age_days"], only["max_age_days"]) == ("un-sc", "overdue", 53, 30)
    assert only["since"] == "2026-11-23T09:00:00.000Z"
    assert "traceability lists load BUNDLE.zip" in only["what_to_do"]
    clock.advance(days=1)
    load(ROWS[:1], str((clock() - timedelta(days=1)).date()))
    assert client.get("/v1/reminders", headers=admin.headers).json["reminders"] == []


def test_an_address_for_reminders(service, client, admin, make_user):
    make_user("officer", name="anna", party=None)
    answer = client.post("/v1/users/anna/email", json={"email": "anna@importer.example"}, headers=admin)
    assert answer.json == {"name": "anna", "email": "anna@importer.example"}
    listed = {row["name"]: row["email"] for row in client.get("/v1/users", headers=admin).json["users"]}
    assert listed["anna"] == "anna@importer.example"
    for body in ({"email": "nobody"}, {"email": "a@b.example\nx"}, {"email": 7}, {}, {"email": "x" * 300}):
        assert client.post("/v1/users/anna/email", json=body, headers=admin).status_code in (400, 422), body
    assert client.post("/v1/users/none/email", json={"email": None}, headers=admin).status_code == 404
    assert client.post("/v1/users/anna/email", json={"email": None}, headers=admin).json["email"] is None
