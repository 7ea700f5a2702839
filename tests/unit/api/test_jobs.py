"""What has not been done, for admins: why, and trying it again; a job that waits for its next attempt is not due."""

import pytest

from traceability.storage.jobs import Runner, enqueue
from traceability.storage.jobs_port import MAX_ATTEMPTS


@pytest.fixture
def failing(sqlite_service, clock, make_party):
    """``failing(attempts)`` runs a job of a party that fails each time; returns its id."""
    party = make_party("Mine One")
    sqlite_service.store.write(lambda tx: enqueue(tx, "assess", "a|batch|b", owner_id=party.id))

    def fails(_service, _args):
        raise ValueError("the disk is full")

    def run(attempts=MAX_ATTEMPTS):
        runner = Runner(sqlite_service, {"assess": fails})
        for _ in range(attempts):
            runner.run_once()
            clock.advance(hours=2)

    return run


def test_an_admin_sees_a_failed_job_and_lets_it_run_again(client, failing, make_session, sqlite_service):
    failing()
    admin = make_session(role="admin").headers
    (job,) = client.get("/v1/jobs?state=failed", headers=admin).json["jobs"]
    assert (job["name"], job["party"], job["state"], job["attempts"]) == ("assess", "Mine One", "failed", MAX_ATTEMPTS)
    assert job["error"] == "ValueError: the disk is full"
    assert client.get("/v1/jobs?state=waiting", headers=admin).json == {"jobs": []}
    assert client.get("/health").json["status"] == "degraded"
    again = client.post(f"/v1/jobs/{job['id']}/retry", headers=admin)
    assert (again.status_code, again.json) == (200, {"id": job["id"], "state": "waiting"})
    assert client.post(f"/v1/jobs/{job['id']}/retry", headers=admin).status_code == 404, "it has not failed any more"
    Runner(sqlite_service, {"assess": lambda *_: None}).run_once()
    assert client.get("/v1/jobs", headers=admin).json == {"jobs": []}
    assert client.get("/health").json["status"] == "ok"


@pytest.mark.parametrize("path", ["/v1/jobs?state=lost", "/v1/jobs?state="])
def test_an_unknown_state_is_told(client, admin, path):
    answer = client.get(path, headers=admin)
    assert (answer.status_code, "waiting, running, failed" in answer.json["detail"]) == (400, True)


@pytest.mark.parametrize("number", ["99", "9" * 30])
def test_there_is_no_such_job(client, admin, number):
    assert client.post(f"/v1/jobs/{number}/retry", headers=admin).status_code == 404


def test_a_job_that_waits_for_its_next_attempt_is_not_due(client, failing, clock):
    failing(1)
    clock.advance(hours=-2)
    jobs = client.get("/health").json["jobs"]
    assert (jobs["waiting"], jobs["oldest_due_seconds"]) == (1, 0)
