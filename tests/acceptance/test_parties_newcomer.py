"""A newcomer's whole way on both databases, by typed commands against a served installation."""

import json
import time

import pytest

pytestmark = pytest.mark.slow
PASSWORD = "a long enough password"
EVENT = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument",
    "schemaVersion": "2.0", "creationDate": "2026-11-20T09:00:00Z",
    "epcisBody": {"eventList": [{
        "type": "ObjectEvent", "eventID": "urn:uuid:8f9d3c0e-4a0b-4b7e-9a31-00000000000a",
        "eventTime": "2026-11-20T08:00:00+01:00", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE",
        "bizStep": "shipping",
        "quantityList": [{"epcClass": "https://id.mine.example/lot/1", "quantity": 12.5, "uom": "KGM"}],
    }]},
}  # fmt: skip


@pytest.fixture
def place(database, make_place, make_database):
    return make_place(None if database == "sqlite" else make_database("postgresql", empty=True))


def test_from_an_empty_place_to_a_receipt_and_back_from_a_backup(place, database, make_place, make_database):
    once = place.json("users", "add", "alice", "--role", "admin")["password"]
    process = place.serve()
    if database == "postgresql":
        place.serve("worker")
        reset = place.json("users", "reset", "alice")
        assert reset["password"] != once, "on PostgreSQL commands write beside the service"
        once = reset["password"]
    at = {"TRC_URL": place.url}
    new_password(place, "alice", once, at)
    signed_in = place.json("api-keys", "session", "--user", "alice", TRC_PASSWORD=PASSWORD, **at)["token"]
    alice = at | {"TRC_TOKEN": signed_in}  # to approve takes a person, and no API key
    place.json("keys", "new", "--party", "did:web:mine.example", "--out", "mine.key")
    applied = place.json(
        "parties", "apply", "mine.key", "--name", "Mine One", "--country", "CD", "--role", "mine", **at
    )
    assert applied["state"] == "waiting"
    assert place.json("parties", "approve", applied["id"], **alice)["state"] == "active"
    once = place.json("users", "add", "bob", "--role", "supplier", "--party", applied["did"], **alice)["password"]
    new_password(place, "bob", once, at)
    bob = at | {"TRC_TOKEN": new_key(place, "bob", at, "read", "write", "capture")}
    (place.folder / "sites.csv").write_text("uri,country,subdivision\nhttps://id.mine.example/site/1,CD,CD-NK\n")
    assert place.json("sites", "register", "sites.csv", "--key", "mine.key", **bob)[0]["state"] == "registered"
    (place.folder / "events.json").write_text(json.dumps(EVENT))
    captured = place.json("capture", "events.json", "--key", "mine.key", "--receipts", "receipts", **bob)
    pin = captured[0]["events"][0]["receipt"]["log_key"]
    receipts = sorted((place.folder / "receipts").iterdir())
    assert [row["verdict"] for row in place.json("verify", *receipts, "--pin", pin)] == ["ok"]
    idle(place)
    copied = place.json("backup", "copy")
    assert (copied["verdict"], copied["entries"]) == ("ok", place.json("health")["ledger"]["size"])
    assert place.stop(process) == 0
    other = make_place(None if database == "sqlite" else make_database("postgresql", empty=True))
    restored = other.json("restore", place.folder / "copy")
    assert restored["root"] == copied["root"]
    other.serve()
    again = other.json("capture", place.folder / "events.json", "--key", place.folder / "mine.key",
                       **(bob | {"TRC_URL": other.url}))  # fmt: skip
    assert again[0]["events"][0]["receipt"]["entry"] == captured[0]["events"][0]["receipt"]["entry"]


def new_password(place, user, once, at):
    done = place.run("api-keys", "password", "--user", user, "--new", PASSWORD, TRC_PASSWORD=once, **at)
    assert done.returncode == 0, done.stderr


def new_key(place, user, at, *scopes):
    chosen = [part for scope in scopes for part in ("--scope", scope)]
    return place.json("api-keys", "new", "k", *chosen, "--user", user, TRC_PASSWORD=PASSWORD, **at)["secret"]


def idle(place):
    for _ in range(300):
        jobs = place.json("health")["jobs"]
        if not jobs["waiting"] and not jobs["running"]:
            break
        time.sleep(0.2)
    assert (jobs["waiting"], jobs["running"], jobs["failed"]) == (0, 0, 0)
