"""The whole story two years later: what runs out has run out, what was proved stays proved, and nothing breaks."""

import dataclasses
import json
import re
from datetime import date, timedelta
from urllib.parse import quote

import pytest

from traceability.app import create_app
from traceability.clock import latest_date
from traceability.demo import run as demo
from traceability.demo.cast import IMPORTER
from traceability.demo.chains import stories
from traceability.demo.story import document
from traceability.diligence.status import HOLD, INFO_REQUIRED, PENDING, state_rank
from traceability.ledger.jose import sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt
from traceability.services import lists, touched
from traceability.services.access import TERMINAL
from traceability.services.users import reset_password
from traceability.services.worker import load_handlers
from traceability.strict_json import dumps

YEARS = timedelta(days=731)
PURPOSE = {"X-Purpose": "ex-post check, file 2028-3"}
BATCHES = [story.batch for story in stories()]
TIN, TANTALUM = BATCHES[0], BATCHES[1]


@pytest.fixture
def service(demonstrate, clock, open_at):
    """Return the demonstration's service, on a clock that can be moved."""
    load_handlers()
    return open_at(dataclasses.replace(demonstrate("sqlite").settings, now=None), clock)


@pytest.fixture
def client(service):
    return create_app(service=service).test_client(use_cookies=False)


def secret(service, name):
    return {"Authorization": f"Bearer {(service.settings.state_dir / 'demo' / name).read_text()}"}


@pytest.fixture
def person(service, client):
    """``person(name)``: what an account sends after its password was reset and changed."""

    def sign_in(name):
        one_time = reset_password(service, TERMINAL, name).password
        chosen = f"two years later {name}"
        assert client.post("/v1/password", json={"new": chosen}, auth=(name, one_time)).status_code == 204
        return {"auth": (name, chosen)}

    return sign_in


@pytest.fixture
def importer_key(service):
    return PrivateKey.load(service.settings.state_dir / "demo" / f"{IMPORTER.slug}.key.json")


def states(client, officer):
    found = {}
    for batch in BATCHES:
        answer = client.get(f"/v1/batches/{quote(batch, safe='')}/state", **officer)
        assert answer.status_code == 200
        found[batch] = answer.json
    return found


def swept(service):
    asked = touched.sweep(service)
    demo.finish_jobs(service)
    return asked


def test_api_keys_have_run_out(client, service, clock):
    header = secret(service, f"{IMPORTER.slug}.token")
    assert client.get("/v1/sites", headers=header).status_code == 200
    clock.moment += YEARS
    answer = client.get("/v1/sites", headers=header)
    assert answer.status_code == 401
    assert "expired on 2027-11-23" in answer.json["detail"]


def test_a_mandate_has_run_out_and_the_refusal_says_what_to_do(client, person, clock):
    path = f"/v1/batches/{quote(TANTALUM, safe='')}/chain"
    regulator = person("regulator")
    assert client.get(path, headers=PURPOSE, **regulator).status_code == 200
    clock.moment += YEARS
    answer = client.get(path, headers=PURPOSE, **regulator)
    assert answer.status_code == 403
    assert "no mandate in force" in answer.json["detail"]


def test_a_console_session_has_run_out(service, person, clock):
    name, password = person("officer")["auth"]
    browser = create_app(service=service).test_client()
    token = re.search(r'name="token" value="([^"]+)"', browser.get("/sign-in").text)[1]
    browser.post("/sign-in", data={"name": name, "password": password, "token": token})
    assert browser.get("/queue").status_code == 200
    clock.moment += YEARS
    assert browser.get("/queue").status_code != 200


def test_every_list_is_stale_or_partial_and_says_so(service, clock):
    clock.moment += YEARS
    found = lists.status(service, latest_date(clock()))
    named = {row["list_id"]: row for row in found if row["max_age_days"] < YEARS.days}
    assert {"eu-cahra", "un-sc", "us-uflpa"} <= named.keys()
    assert {row["coverage"] for row in named.values()} <= {"stale", "partial"}
    assert all("days old" in row["sentence"] for row in named.values() if row["coverage"] == "stale")


def test_states_are_pending_until_assessed_again_and_never_better_than_before(service, client, person, clock):
    officer = person("officer")
    before = states(client, officer)
    clock.moment += YEARS
    waiting = states(client, officer)
    assert {batch: found["state"] for batch, found in waiting.items() if before[batch]["state"] == HOLD} == {
        batch: HOLD for batch in BATCHES if before[batch]["state"] == HOLD
    }
    assert {waiting[batch]["state"] for batch in BATCHES if before[batch]["state"] != HOLD} == {PENDING}
    assert any("last assessed for 2026-11-23" in why for why in waiting[TIN]["subjects"][0]["pending"])
    assert swept(service) >= len(BATCHES)
    after = states(client, officer)
    for batch in BATCHES:
        assert state_rank(after[batch]["state"]) <= state_rank(INFO_REQUIRED)
        assert state_rank(after[batch]["state"]) <= state_rank(before[batch]["state"])
        assert after[batch]["state"] != PENDING
        # RF-S2 looks twelve months back (rule catalogue): what was bought two years ago is no longer bought this year.
        assert set(before[batch]["codes"]) - set(after[batch]["codes"]) <= {"RF-S2"}
    assert "RF-S2" in before[TANTALUM]["codes"]
    assert "RF-S2" not in after[TANTALUM]["codes"]
    assert touched.sweep(service) == 0


def test_old_receipts_verify_and_new_ones_of_old_events_do(service, client, person, clock):
    clock.moment += YEARS
    folder = service.settings.state_dir / "demo"
    policy = Policy.parse((folder / "log.policy").read_bytes())
    for file in folder.glob("receipts/*/*.json"):
        assert verify_receipt(file.read_bytes(), policy=policy).verdict == "ok"
    importer = person("importer")
    jobs = client.get("/epcis/capture", **importer).json
    for job in jobs:
        for found in client.get(job["receipts"], **importer).json:
            assert verify_receipt(json.dumps(found["receipt"]).encode(), policy=policy).verdict == "ok"
    assert jobs


def test_the_same_capture_again_has_its_first_places_and_a_new_one_is_taken(
    service, client, person, clock, importer_key
):
    clock.moment += YEARS
    made = client.post(
        "/v1/api-keys", json={"name": "new", "scopes": ["capture", "read", "write"]}, **person("importer")
    )
    header = {"Authorization": f"Bearer {made.json['secret']}", "Content-Type": "application/json"}
    own = [event for company, event in stories()[0].deeds if company is IMPORTER]
    again = _capture(client, header, importer_key, own)
    assert again.status_code == 202
    assert all(item["repeated"] for item in again.json["events"])
    later = {**own[0], "eventID": "urn:uuid:00000000-0000-4000-8000-000000000001", "bizStep": "storing"}
    del later["bizTransactionList"]
    new = _capture(client, header, importer_key, [later | {"eventTime": "2028-11-01T09:00:00+01:00"}])
    assert new.status_code == 202, new.data
    demo.finish_jobs(service)


def _capture(client, header, key, events):
    body = dumps(document(events, "2028-11-23T09:00:00Z"))
    return client.post(
        "/epcis/capture", data=body, headers={**header, "X-JWS-Signature": sign_detached(body, key, kid=key.kid)}
    )


def test_a_release_ends_with_its_review_date(service, client, person, clock):
    officer, second = person("officer"), person("officer2")
    (story,) = [story for story in stories() if story.name == "cobalt"]
    subject = story.shipment["shipment_id"]
    state = client.get(f"/v1/shipments/{subject}/state", **officer).json
    body = {
        "kind": "shipment", "subject": subject, "disposition": "released_with_mitigation",
        "reason": "The cooperative fences the washing place; a second audit comes in February.",
        "findings": [finding["digest"] for finding in state["findings"]], "inputs_hash": state["inputs_hash"],
        "steps": [{"what": "fence the washing place", "due_on": "2027-01-31"}], "review_on": "2027-02-28",
    }  # fmt: skip
    done = client.post("/v1/decisions", json=body, **officer)
    assert done.status_code in (201, 202), done.data
    if done.status_code == 202:
        confirmed = client.post(
            f"/v1/decisions/{done.json['id']}/confirm",
            json={"reason": "The same view after reading the papers."},
            **second,
        )
        assert confirmed.status_code == 200
    released = client.get(f"/v1/shipments/{subject}/state", **officer).json
    assert released["decision"]["disposition"] == "released_with_mitigation"
    assert all(finding["covered"] for finding in released["findings"])
    clock.moment += YEARS
    assert date.fromisoformat(body["review_on"]) < latest_date(clock())
    swept(service)
    late = client.get(f"/v1/shipments/{subject}/state", **officer).json
    assert not any(finding["covered"] for finding in late["findings"])
    assert state_rank(late["state"]) <= state_rank(INFO_REQUIRED)
