"""POST /v1/match on both databases: batches, limits, hostile names, who asked, and screenings where they are wanted."""

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))

from hostile_names import HOSTILE, LISTED

from traceability.app import create_app
from traceability.services.fsck import fsck
from traceability.storage.tables import AccessLog, LedgerEntry, Screening, ScreeningHit


@pytest.fixture
def asked(world, tell, make_api_key):
    """A world with lists, and what posts a batch of names as an officer of the importer."""
    world.lists(tell.listed("UN.9", "Machanga Ltd", country="UG", identifiers="lei::5493001KJTIIGC8Y1R12"))
    client = create_app(service=world.service).test_client()
    key = make_api_key(world.importer, role="officer", service=world.service)

    def post(queries, headers=key.headers, **more):
        return client.post("/v1/match", json={"queries": queries, **more}, headers=headers)

    world.post, world.key = post, key
    return world


def test_the_shape_of_the_command_line_with_the_versions(asked):
    done = asked.post([{"id": "a", "name": "Machanga Ltd", "country": "UG"}, {"name": "Nobody Known"}])
    assert done.status_code == 200, done.json
    found = done.json
    first, second = found["answers"]
    assert (first["id"], first["query"], first["outcome"]) == ("a", "Machanga Ltd", "hits")
    assert first["decision"] == "match"
    candidate = first["candidates"][0]
    assert sorted(candidate) == [
        "alignment", "decision", "id", "list_id", "list_version", "match_basis", "name", "score",
    ]  # fmt: skip
    assert (candidate["list_id"], candidate["list_version"], candidate["id"]) == ("un-sc", "2026-11-20", "UN.9")
    assert ("id" in second, second["decision"], second["candidates"]) == (False, "none", [])
    assert second["outcome"] == "no_hits_full_coverage"
    assert [item["list_id"] for item in found["coverage"]] == ["un-sc"]
    assert (found["threshold"], found["entry_index"], len(found["settings_hash"])) == ("0.75", None, 64)
    assert found["matcher"]
    assert found["known_at"].endswith("Z")


def test_a_date_of_birth_ranks_namesakes(asked, tell):
    asked.load("un-sc", tell.listed("UN.1", "Jean Kambale Mutombo", schema="Person", birth_dates="1970-01-02"))
    answers = asked.post(
        [{"name": "Jean Kambale Mutombo", "birth_dates": born} for born in (["1970-01-02"], ["1985"], [])]
    ).json["answers"]
    assert [(row["decision"], row["candidates"][0]["score"]) for row in answers] == [
        ("match", 1.0), ("review", 0.9), ("review", 1.0),
    ]  # fmt: skip
    born = [step for step in answers[1]["candidates"][0]["alignment"] if step["how"] == "born"]
    assert [(step["query"], step["listed"], step["points"]) for step in born] == [("1985", "1970-01-02", -0.25)]


@pytest.mark.parametrize("born", ["02/01/1970", "1970-02-30", "", "circa 1970", None, 1970])
def test_a_date_of_birth_in_another_form_is_refused(asked, born):
    done = asked.post([{"name": "Jean Kambale Mutombo", "birth_dates": [born]}])
    assert done.status_code == 422
    assert "birth_dates" in done.get_data(as_text=True)


def test_no_hit_in_a_partial_list_is_said_to_be_limited(asked, tell):
    asked.load("un-sc", tell.listed("UN.1", "Nobody Of That Name Inc"), published="2026-11-21", coverage="partial")
    assert asked.post([{"name": "Somebody Else"}]).json["answers"][0]["outcome"] == "no_hits_limited_coverage"


def test_a_required_list_that_is_missing_limits_the_answer(asked, tell, quick, make_api_key):
    quick.load("us-csl", tell.listed("X", "Somebody Listed"))
    client = create_app(service=quick.service).test_client()
    headers = make_api_key(None, role="admin", service=quick.service).headers
    found = client.post("/v1/match", json={"queries": [{"name": "Nobody"}]}, headers=headers).json
    assert ("un-sc", "missing") in {(item["list_id"], item["state"]) for item in found["coverage"]}
    assert found["answers"][0]["outcome"] == "no_hits_limited_coverage"


def test_no_list_at_all_is_no_answer(quick, make_api_key):
    client = create_app(service=quick.service).test_client()
    headers = make_api_key(None, role="admin", service=quick.service).headers
    assert client.post("/v1/match", json={"queries": [{"name": "Nobody"}]}, headers=headers).status_code == 409


@pytest.mark.parametrize("count", [0, 1001])
def test_too_few_and_too_many_names_are_told_the_limits(asked, count):
    done = asked.post([{"name": f"Name {number}"} for number in range(count)])
    assert done.status_code == 422
    assert done.json["errors"] == [{"path": "json.queries", "message": f"expected 1 to 1000 items; got {count}"}]


def test_a_thousand_names_are_answered(asked):
    done = asked.post([{"id": str(number), "name": f"Company {number} Ltd"} for number in range(1000)])
    assert [row["id"] for row in done.json["answers"]] == [str(number) for number in range(1000)]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"name": ""}, "json.queries.1.name"),
        ({}, "json.queries.1.name"),
        ({"name": "x" * 301}, "json.queries.1.name"),
        ({"name": "x", "country": "Uganda"}, "json.queries.1.country"),
        ({"name": "x", "schema": "Dragon"}, "json.queries.1.schema"),
        ({"name": "x", "other": 1}, "json.queries.1.other"),
        ({"name": 7}, "json.queries.1.name"),
        ({"name": "x", "identifiers": [{"scheme": "lei"}]}, "json.queries.1.identifiers.0.value"),
        ({"name": " \u200b\u2060 "}, "queries.1.name"),
        ({"name": "\x07\x1b"}, "queries.1.name"),
    ],
)
def test_a_bad_query_is_named_by_its_place(asked, query, path):
    done = asked.post([{"name": "good"}, query])
    assert done.status_code == 422, done.json
    assert path in [error["path"] for error in done.json["errors"]]


@pytest.mark.parametrize(
    "name",
    [
        "A\u0000B",
        "\\ud800",
        "x" * 1_000_000,
        "\u202eMachanga",
        "Mach\u0007anga",
        "М\u0430changa Ltd",
        "=1+1",
        "%" * 300,
    ],
)
def test_hostile_names_are_never_an_error_of_ours(asked, name):
    assert asked.post([{"name": name}]).status_code in (200, 400, 422)


def test_a_lone_surrogate_is_refused(asked):
    headers = {**asked.key.headers, "Content-Type": "application/json"}
    client = create_app(service=asked.service).test_client()
    done = client.post("/v1/match", data=b'{"queries":[{"name":"\\ud800"}]}', headers=headers)
    assert done.status_code == 400


def test_lists_are_chosen_and_days_asked(asked):
    assert asked.post([{"name": "Machanga Ltd"}], lists=["un-sc"]).json["answers"][0]["candidates"]
    unknown = asked.post([{"name": "Machanga Ltd"}], lists=["nonsense"])
    assert (unknown.status_code, "un-sc" in unknown.json["detail"]) == (400, True)
    assert asked.post([{"name": "Machanga Ltd"}], as_of="2026-11-22").json["as_of"] == "2026-11-22"
    by_number = [{"name": "Renamed Since", "identifiers": [{"scheme": "lei", "value": "5493001KJTIIGC8Y1R12"}]}]
    assert asked.post(by_number, limit=1).json["answers"][0]["candidates"][0]["match_basis"] == "identifier"
    assert asked.post(by_number, limit=0).status_code == 422


def test_a_list_that_is_asked_alone_does_not_lose_its_hit_to_other_lists(asked, tell):
    """Sixty names alike on another list are not what fifty candidates are for, in memory nor in the tables."""
    asked.load("us-ofac-sdn", *[tell.listed(f"O.{n}", f"Machanga Gold Refinery {n}") for n in range(60)])
    asked.load("us-csl", tell.listed("C.1", "Machanga Gold"))
    asked.work()
    for names in (1, 60):
        queries = [{"name": "Machanga Gold Refinery"}] * names
        found = asked.post(queries, lists=["us-csl"]).json["answers"]
        assert {row["candidates"][0]["id"] for row in found} == {"C.1"}


def test_who_asked_is_logged_and_nothing_recorded(asked):
    before = len(asked.rows(LedgerEntry))
    asked.post([{"name": "Machanga Ltd"}, {"name": "Nobody"}])
    (line,) = asked.rows(AccessLog)
    assert (line.action, line.subject, line.role) == ("match", "2 names", "officer")
    assert line.detail["names"] == 2
    assert "Machanga" not in str(line.detail)
    assert (asked.rows(Screening), len(asked.rows(LedgerEntry))) == ([], before)


def test_a_query_can_be_recorded_as_a_screening(asked):
    done = asked.post([{"name": "Machanga Ltd", "country": "UG"}, {"name": "Nobody"}], record=True)
    rows = asked.rows(Screening)
    assert [row.subject["name"] for row in rows] == ["Machanga Ltd", "Nobody"]
    assert {row.entry_index for row in rows} == {done.json["entry_index"]}
    first = rows[0]
    assert (first.owner_id, first.asked_by) == (asked.importer.id, "somebody")
    assert (first.kind, first.status, first.threshold, first.outcome) == ("query", "done", "0.75", "hits")
    assert first.known_at is not None
    assert [(hit.list_id, hit.entry_key) for hit in asked.rows(ScreeningHit)] == [("un-sc", "UN.9")]
    assert fsck(asked.service, deep=True).verdict == "ok"


def test_only_who_screens_for_a_party_records(asked, make_api_key):
    for role, party in (("supplier", asked.mine), ("admin", None), ("regulator", None)):
        headers = make_api_key(party, role=role, service=asked.service).headers
        assert asked.post([{"name": "Nobody"}], headers).status_code == 200
        assert asked.post([{"name": "Nobody"}], headers, record=True).status_code == 403
    reading = make_api_key(asked.importer, role="officer", scopes=["read"], service=asked.service).headers
    assert asked.post([{"name": "Nobody"}], reading, record=True).status_code == 403
    assert asked.rows(Screening) == []


def test_names_are_counted_against_a_rate(make_settings, make_database, open_at, clock, make_api_key):
    service = open_at(make_settings(make_database("sqlite"), match_rate="5 per minute"), clock)
    client = create_app(service=service).test_client()
    headers = make_api_key(None, role="admin", service=service).headers
    body = {"queries": [{"name": "x"}] * 3}
    answers = [client.post("/v1/match", json=body, headers=headers).status_code for _ in range(2)]
    assert answers == [409, 429], "no list is loaded; but the names are counted"


def test_the_receipt_of_a_recorded_question_is_its_askers_alone(asked, tell, make_api_key):
    """The entry after it may be another party's run, which is no reason to hand that one the receipt."""
    place = asked.post([{"name": "Nobody"}], record=True).json["entry_index"]
    rival = asked.party("Rival", ["importer"], "NL")
    client = create_app(service=asked.service).test_client()
    own, other = (
        client.get(f"/v1/receipts/{place}", headers=make_api_key(party, role="officer", service=asked.service).headers)
        for party in (asked.importer, rival)
    )
    assert (own.status_code, other.status_code) == (200, 404)


def test_every_hostile_name_is_answered_or_refused_where_it_stands(quick, tell, make_api_key):
    """None is a failure, and none whose disguise hides a listed party is answered with "none"."""
    quick.lists(tell.listed("UN.9", LISTED, country="UG"))
    client = create_app(service=quick.service).test_client()
    headers = make_api_key(None, role="admin", service=quick.service).headers | {"Content-Type": "application/json"}
    wrong = []
    for hostile in HOSTILE:
        body = json.dumps({"queries": [{"name": "Somebody Else"}, {"name": hostile.name}]})
        done = client.post("/v1/match", data=body, headers=headers)
        came = "refused"
        if done.status_code == 200:
            came = "none" if done.json["answers"][1]["decision"] == "none" else "found"
        elif done.status_code not in {400, 413, 422} or len(done.data) > 2_000 or not done.json["detail"]:
            wrong.append((hostile.what, done.status_code, done.data[:200]))
        refused_as_json = came == "refused" and "\0" in hostile.name  # no text of a request may hold a NUL
        if came not in hostile.outcome and "answered" not in hostile.outcome and not refused_as_json:
            wrong.append((hostile.what, came, done.data[:200]))
    assert wrong == []
