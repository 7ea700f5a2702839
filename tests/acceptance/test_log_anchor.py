"""The checkpoint a signer says to have seen has to be one of this log (ledger.md 2), whatever kind of body was signed."""

import pytest
from sqlmodel import select

from traceability.ledger.encoding import b64
from traceability.ledger.jose import sign_detached
from traceability.services.capture import CaptureRequest
from traceability.services.placement import incoming
from traceability.services.recording import Arrival, Captured, record_together
from traceability.services.signed import open_signed
from traceability.storage.tables import Checkpoint, Event
from traceability.strict_json import dumps

SITE = {"sites": [{"uri": "https://id.example/site/1", "country": "CD"}]}
RECORD = {
    "shipment_id": "S-1", "cn_code": "26090000", "material_class": "mined", "destination_country": "NL",
    "trade_name": "tin ore", "material_type": "cassiterite", "net_weight_kg": "1000", "origins": [{"country": "RW"}],
    "batch_ids": ["https://id.example/lot/A"],
}  # fmt: skip


@pytest.fixture
def importer(make_sender):
    return make_sender("Importer", role="importer", roles=["importer"])


@pytest.fixture
def anchors(service, importer, story):
    """Return every true anchor of a log that has grown."""
    for name in "PQR":
        assert importer.post(story.document(story.born(name), story.born(name * 2))).status_code == 202
    with service.store.read() as session:
        return [f"{row.size} {b64(row.root)}" for row in session.exec(select(Checkpoint).order_by(Checkpoint.size))]


def wrong(anchors):
    size, root = anchors[-1].split(" ")
    return {
        "larger": f"{int(size) + 1} {root}",
        "far larger": f"{10**18 - 1} {root}",
        "of another size": f"{int(size) - 1} {root}",
        "of another log": f"{size} {b64(bytes(32))}",
        "not empty": f"0 {root}",
    }


BODIES = {
    "/epcis/capture": lambda story: story.document(story.born("A")),
    "/epcis/events": lambda story: story.single(story.born("B")),
    "/v1/sites": lambda _: SITE,
    "/v1/shipments": lambda _: RECORD,
    "/v1/profile": lambda _: {"profile": {}},
}


@pytest.mark.parametrize("path", BODIES)
def test_an_anchor_has_to_lie_on_our_tree(importer, story, counts, anchors, path):
    body, before = BODIES[path](story), counts()
    for name, anchor in wrong(anchors).items():
        answer = importer.post(body, path, extra={"log_anchor": anchor})
        assert answer.status_code == 400, (name, answer.text)
        assert "sign without log_anchor" in answer.json["detail"]
    assert counts() == before
    assert importer.post(body, path, extra={"log_anchor": anchors[1]}).status_code in (200, 201, 202)


def test_every_checkpoint_of_the_log_may_be_named(importer, story, anchors):
    for number, anchor in enumerate(anchors):
        answer = importer.post(story.document(story.born(f"N{number}")), extra={"log_anchor": anchor})
        assert answer.status_code == 202, answer.text


def test_of_captures_recorded_together_only_the_wrong_one_is_refused(service, importer, story, anchors):
    good, bad = anchors[0], wrong(anchors)["of another log"]

    def arrival(name, anchor):
        body = dumps(story.document(story.born(name)))
        jws = sign_detached(body, importer.party.key, kid=importer.party.key.kid, extra=anchor)
        request = CaptureRequest(body, "application/json", jws)
        signed = open_signed(service, importer.api_key.actor, body, request.content_type, jws)
        (event,) = signed.data["epcisBody"]["eventList"]
        found = incoming(event, 0, signed.data["@context"], lambda _: None, "$")
        return Arrival(service, importer.api_key.actor, signed, (found,), (), "rollback", False)

    arrivals = [arrival("X", {"log_anchor": good}), arrival("Y", {"log_anchor": bad}), arrival("Z", {})]
    outcomes = service.store.write(lambda tx: record_together(tx, arrivals))
    assert [isinstance(outcome, Captured) for outcome in outcomes] == [True, False, True]
    with service.store.read() as session:
        bodies = "".join(session.exec(select(Event.body)))
    assert [story.lot(name) in bodies for name in "XYZ"] == [True, False, True]
