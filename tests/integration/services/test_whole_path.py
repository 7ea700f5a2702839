"""The whole path on the design's own example: signed capture in, ledger, receipt, holdings, assessment, chain query."""

import json
from pathlib import Path

import pytest

from traceability.diligence.status import PENDING
from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound
from traceability.ledger.credential import make_credential
from traceability.ledger.jose import sign_compact, sign_detached
from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt
from traceability.services import disclose, receipts
from traceability.services.assess import assess_subject
from traceability.services.capture import CaptureRequest, capture, capture_job
from traceability.services.states import state_of
from traceability.services.worker import HANDLERS
from traceability.storage.jobs import Runner

SHARED = Path(__file__).resolve().parents[4] / "shared" / "design"
MIX = "https://id.trader.example/lot/MIX-1"

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the design's example chain is not beside the repository")


@pytest.fixture
def chain() -> bytes:
    return (SHARED / "sample-chain.json").read_bytes()


@pytest.fixture
def importer(make_party):
    return make_party("Importer", roles=["importer"], did="did:web:importer.example", country="NL")


@pytest.fixture
def captured(service, importer, chain):
    jws = sign_detached(chain, importer.key, kid=importer.key.kid)
    request = CaptureRequest(chain, "application/json", jws)
    return capture(service, importer.actor("importer"), request)


def work(service):
    while Runner(service, HANDLERS).run_once(limit=100):
        pass


def test_all_eight_events_are_stored_and_every_receipt_verifies(service, importer, captured):
    assert len(captured.events) == 8
    assert captured.new == 8
    actor = importer.actor("importer")
    job = capture_job(service, actor, captured.capture_id)
    found = receipts.capture_receipts(service, actor, job)
    assert len(found) == 8
    for _, receipt in found:
        verdict = verify_receipt(receipt.to_json(), policy=Policy.pin(service.log_key.vkey))
        assert verdict.verdict == "ok", verdict


def test_the_same_capture_again_answers_with_the_first_places(service, importer, captured, chain):
    jws = sign_detached(chain, importer.key, kid=importer.key.kid)
    again = capture(service, importer.actor("importer"), CaptureRequest(chain, "application/json", jws))
    assert [event.index for event in again.events] == [event.index for event in captured.events]
    assert again.new == 0


def test_the_batch_is_pending_because_its_correction_is_outstanding(service, importer, captured):
    work(service)
    with service.store.read() as session:
        state = state_of(service, session, importer.id, "batch", MIX)
    assert state.state == PENDING
    assert {"COC-GAP", "INT-UNSIGNED"} <= set(state.codes)
    assert any(note["kind"] == "unknown_input" for note in state.notes)


def test_an_enveloped_credential_is_the_same_capture(service, importer, chain):
    body = sign_compact(
        make_credential(chain, importer.did, service.clock()), importer.key, kid=importer.key.kid
    ).encode()
    done = capture(service, importer.actor("importer"), CaptureRequest(body, "application/vc+jwt"))
    assert done.new == 8


def test_other_content_under_a_known_id_is_refused(service, importer, captured, chain):
    other = chain.replace(b"1250.0", b"1251.0")
    jws = sign_detached(other, importer.key, kid=importer.key.kid)
    with pytest.raises(Conflict, match="other content"):
        capture(service, importer.actor("importer"), CaptureRequest(other, "application/json", jws))


def test_a_forged_signature_is_an_incident_and_nothing_else(service, importer, chain, make_party):
    stranger = make_party("Stranger", did="did:web:stranger.example")
    jws = sign_detached(chain, stranger.key, kid=importer.key.kid)
    with pytest.raises(Forbidden):
        capture(service, importer.actor("importer"), CaptureRequest(chain, "application/json", jws))
    with service.store.read() as session:
        from sqlmodel import select

        from traceability.storage.tables import Event, Incident

        assert session.exec(select(Event)).first() is None
        assert len(session.exec(select(Incident)).all()) == 1


def test_a_stranger_does_not_see_the_batch(service, captured, make_party):
    work(service)
    stranger = make_party("Stranger", roles=["importer"], did="did:web:stranger.example")
    with pytest.raises(NotFound):
        disclose.chain(service, stranger.actor("importer"), MIX)


def test_the_chain_shows_events_parties_and_kilograms(service, importer, captured):
    work(service)
    answer = disclose.chain(service, importer.actor("importer"), MIX)
    assert answer["state"] == PENDING
    assert len(answer["events"]) == 8
    assert any(edge["parent"].endswith("CAS-2026-0001") and edge["kg"] == "1250" for edge in answer["edges"])


def test_bad_documents_say_what_to_do_and_write_nothing(service, importer):
    for body in (b"{", b'{"type":"EPCISDocument"}', b"[]", b'{"a":1,"a":2}'):
        jws = sign_detached(body, importer.key, kid=importer.key.kid)
        with pytest.raises(InvalidInput):
            capture(service, importer.actor("importer"), CaptureRequest(body, "application/json", jws))


def test_assessing_by_hand_stores_a_run_with_its_hash(service, importer, captured):
    work(service)
    number = assess_subject(service, importer.id, "batch", MIX)
    with service.store.read() as session:
        from traceability.storage.tables import AssessmentRow

        row = session.get_one(AssessmentRow, number)
        assert row.inputs_hash.startswith("sha256:")
        assert json.loads(json.dumps(row.facts)) == row.facts
