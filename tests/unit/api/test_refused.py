"""Whoever tries other parties' things leaves a line an admin can read; it says who and where, and nothing of what."""

import pytest
import structlog

from traceability.app import create_app

FOREIGN = (
    "/v1/batches/urn:other:lot-1/chain", "/v1/batches/urn:other:lot-1/evidence", "/v1/documents/d-1", "/v1/documents/d-1/content",
    "/v1/shipments/S-1", "/epcis/capture/c-1", "/v1/retention/reports", "/v1/retention/reports/r-1", "/v1/parties/p-1",
)  # fmt: skip


@pytest.fixture
def refusals():
    """``refusals(ask)``: what ``ask`` answers, and the warnings written meanwhile."""

    def run(ask):
        with structlog.testing.capture_logs() as logged:
            answer = ask()
        return answer, [one for one in logged if one["event"] == "refused"]

    return run


@pytest.mark.parametrize("path", FOREIGN)
def test_a_refusal_of_somebody_known_is_told(client, make_party, make_api_key, refusals, path):
    party = make_party("Importer", roles=["importer"])
    key = make_api_key(party, role="importer")
    answer, told = refusals(lambda: client.get(f"{path}?note=my-own-words", headers=key.headers))
    assert answer.status_code in (403, 404), answer.text
    (line,) = told
    assert (line["log_level"], line["actor"], line["party"]) == ("warning", key.actor.id, party.id)
    assert (line["status"], line["path"], line["role"]) == (answer.status_code, path, "importer")
    assert line["rule"].startswith(path[:9])
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert "my-own-words" not in repr(line)


def test_a_body_is_not_in_it_and_a_console_session_is_told_too(
    app, client, make_party, make_user, make_api_key, refusals
):
    key = make_api_key(make_party("Importer", roles=["importer"]), role="importer")
    body = {"kind": "all", "reason": "what nobody else may read in a log"}
    answer, told = refusals(lambda: client.post("/v1/retention/holds", json=body, headers=key.headers))
    assert (answer.status_code, len(told)) == (403, 1)
    assert "nobody else" not in repr(told)
    user = make_user("supplier", party=make_party("Mine", did="did:web:mine.example"))
    with client.session_transaction() as session:
        session["user"], session["epoch"], session["sid"] = user.row.id, user.row.session_epoch, "s"
        session["since"] = int(app.extensions["traceability"].clock().timestamp())
    answer, told = refusals(lambda: client.get("/retention"))
    assert answer.status_code == 403
    assert [(line["actor"], line["rule"]) for line in told] == [(user.row.id, "/retention")]
    assert user.row.name not in repr(told)


def test_captures_nobody_known_and_addresses_nobody_serves_are_not_told(client, make_party, make_session, refusals):
    key = make_session(make_party("Importer", roles=["importer"]), role="officer")
    for ask, status in (
        (lambda: client.get("/v1/documents/d-1"), 401),
        (lambda: client.get("/nowhere", headers=key.headers), 404),
        (lambda: client.post("/epcis/capture", data=b"{}", content_type="application/json", headers=key.headers), 403),
        (lambda: client.get("/v1/incidents", headers=key.headers), 200),
    ):
        answer, told = refusals(ask)
        assert (answer.status_code, told) == (status, [])


def test_a_flood_is_told_up_to_the_rate(database_url, make_settings, open_at, clock, refusals):
    from traceability_factories import new_api_key, new_party

    service = open_at(make_settings(database_url, refusal_rate="3 per minute"), clock)
    keys = [new_api_key(service, new_party(service, name, roles=["importer"])) for name in ("One", "Two")]
    client = create_app(service=service).test_client()
    told = [refusals(lambda: client.get("/v1/documents/d-1", headers=keys[0].headers))[1] for _ in range(5)]
    assert [len(lines) for lines in told] == [1, 1, 1, 0, 0]
    assert len(refusals(lambda: client.get("/v1/documents/d-1", headers=keys[1].headers))[1]) == 1, "each its own"
