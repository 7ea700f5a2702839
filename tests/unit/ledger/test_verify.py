"""A good receipt verifies; each way in which one can be wrong is named by its step."""

import dataclasses
import json
from datetime import UTC, datetime

import orjson
import pytest

from traceability.errors import InvalidInput
from traceability.ledger.checkpoint import Checkpoint, LogKey
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.encoding import b64, digest
from traceability.ledger.entry import Entry
from traceability.ledger.jose import read_detached, sign_detached
from traceability.ledger.keys import PrivateKey
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import KeyEvidence
from traceability.ledger.verify import NOT_PINNED, verify_receipt

STEPS = ["log key", "checkpoint", "inclusion", "body", "signature", "event", "key"]


@pytest.fixture
def policy(story):
    return Policy.pin(story.log.key.vkey)


def outcome(verdict, what):
    return next((item.verdict, item.why) for item in verdict.items if item.what == what)


def failed(verdict, what, why=""):
    assert verdict.verdict == "failed"
    assert outcome(verdict, what)[0] == "failed", verdict.as_dict()
    assert why in outcome(verdict, what)[1]
    assert verdict.reason.startswith(what)
    places = [item.what for item in verdict.items]
    assert all(item.verdict == "not checked" for item in verdict.items[places.index(what) + 1 :])
    return True


def test_good_receipts_verify(story, policy):
    for receipt in (story.detached_receipt(), story.enveloped_receipt()):
        verdict = verify_receipt(receipt.to_json(), policy=policy)
        assert verdict.verdict == "ok", verdict.as_dict()
        said = [*((what, "ok") for what in STEPS), ("end of key", "not checked")]
        assert [(item.what, item.verdict) for item in verdict.items] == said
        assert verdict.log_key == story.log.key.verifier


def test_the_shape_of_the_command(story, policy):
    value = verify_receipt(story.detached_receipt().to_json(), policy=policy).as_dict()
    assert value.keys() == {"verdict", "reason", "not_checked", "log_key", "items"}
    assert value["log_key"] == {"name": "log.example/main", "fingerprint": story.log.key.verifier.fingerprint}
    assert all(item.keys() == {"what", "verdict", "why"} for item in value["items"])
    assert json.loads(orjson.dumps(value)) == value


def test_pretty_printed_by_its_holder(story, policy):
    data = json.dumps(story.detached_receipt().as_dict(), indent=2, sort_keys=True).encode()
    assert verify_receipt(data, policy=policy).verdict == "ok"


def test_without_a_policy_nothing_is_trusted(story):
    verdict = verify_receipt(story.detached_receipt().to_json(), policy=None)
    assert (verdict.verdict, verdict.reason) == ("failed", NOT_PINNED)
    assert verdict.as_dict()["log_key"]["fingerprint"] == story.log.key.verifier.fingerprint
    assert outcome(verdict, "log key")[0] == "not checked"
    assert {item.verdict for item in verdict.items[1:-1]} == {"ok"}


def test_another_pinned_log(story):
    other = LogKey.generate("log.example/main")
    verdict = verify_receipt(story.detached_receipt().to_json(), policy=Policy.pin(other.vkey))
    assert (verdict.verdict, verdict.reason) == ("failed", NOT_PINNED)
    state, why = outcome(verdict, "log key")
    assert state == "failed"
    assert other.verifier.fingerprint in why
    assert story.log.key.verifier.fingerprint in why


def test_a_forged_log_under_the_same_name_is_not_pinned(story, policy, make_log):
    forged = make_log()
    for data in story.log.entries:
        forged.add(data)
    receipt = forged.receipt(story.event, story.body, jws=story.jws, signer=(story.key.public, story.added))
    assert verify_receipt(receipt.to_json(), policy=policy).reason == NOT_PINNED
    claimed = dataclasses.replace(receipt, log_key=story.log.key.vkey)
    assert failed(verify_receipt(claimed.to_json(), policy=policy), "checkpoint", "no trusted key")


@pytest.fixture
def witnessed(story):
    """Return a function: the receipt cosigned by these of three witnesses, under a policy that asks for two."""
    keys = [CosigningKey.generate(f"witness.example/{n}") for n in range(3)]
    names = " ".join(f"W{n}" for n in range(3))
    lines = [f"witness W{n} {key.public.vkey}\n" for n, key in enumerate(keys)]
    policy = Policy.parse(f"log {story.log.key.vkey}\n{''.join(lines)}group G 2 {names}\nquorum G\n".encode())

    def make(*which, text=None):
        note = story.log.checkpoint()
        text = text or note.partition("\n\n")[0] + "\n"
        note += "".join(keys[n].cosign(text, datetime(2026, 11, 23, tzinfo=UTC)) for n in which)
        receipt = story.detached_receipt(checkpoint=note)
        return verify_receipt(receipt.to_json(), policy=policy)

    return make


def test_a_quorum_of_witnesses_is_enough(witnessed):
    verdict = witnessed(0, 2)
    assert verdict.verdict == "ok"
    assert outcome(verdict, "witnesses") == (
        "ok", "cosigned by W0 at 2026-11-23T00:00:00+00:00, W2 at 2026-11-23T00:00:00+00:00",
    )  # fmt: skip


@pytest.mark.parametrize("which", [(), (1,), (1, 1)])
def test_fewer_witnesses_are_not(witnessed, which):
    assert failed(witnessed(*which), "witnesses", "the quorum 'G'")


def test_a_cosignature_on_another_head_fails(witnessed):
    text = Checkpoint("log.example/main", 3, bytes(32)).to_text()
    assert failed(witnessed(0, 1, 2, text=text), "witnesses")


def test_only_the_hash_of_the_body(story, policy):
    receipt = dataclasses.replace(story.detached_receipt(), body=None)
    verdict = verify_receipt(receipt.to_json(), policy=policy)
    assert verdict.verdict == "ok"
    assert outcome(verdict, "signature") == (
        "not checked", "the receipt holds only the hash of what was signed; compare it with your copy",
    )  # fmt: skip
    assert outcome(verdict, "event")[0] == "not checked"
    assert "not checked: signature" in verdict.reason


def test_a_record_of_the_logs_own(story, policy):
    verdict = verify_receipt(story.log.receipt(0, b"list 0").to_json(), policy=policy)
    assert verdict.verdict == "ok"
    assert "no party signed this" in outcome(verdict, "signature")[1]
    assert [item.what for item in verdict.items] == ["log key", "checkpoint", "inclusion", "body", "signature"]


def test_the_receipt_of_a_key_proves_itself_by_its_own_entry(story, policy):
    receipt = story.log.receipt(story.added, digest(b"the proof of possession"), signer=(story.key.public, story.added))
    assert verify_receipt(receipt.to_json(), policy=policy).verdict == "ok"


def test_changed_bodies_and_signatures(story, policy):
    good = story.detached_receipt()

    def check(**changes):
        return verify_receipt(dataclasses.replace(good, **changes).to_json(), policy=policy)

    assert failed(check(body=story.body + b" "), "body", "expected bytes with the hash")
    assert failed(check(body_hash=digest(b"")), "body", "expected bytes with the hash")
    assert failed(check(body=None, body_hash=digest(b"")), "body")
    assert failed(check(jws=None), "body", "expected a detached JWS")
    assert failed(check(jws=sign_detached(story.body, PrivateKey.generate(), kid="x")), "body", "detached JWS")
    enveloped = dataclasses.replace(story.enveloped_receipt(), jws=story.jws)
    assert failed(verify_receipt(enveloped.to_json(), policy=policy), "body", "detached JWS")


def test_changed_entries_and_places(story, policy):
    good = story.detached_receipt()
    other = story.log.receipt(story.added, b"the proof of possession")
    assert failed(verify_receipt(dataclasses.replace(good, entry=other.entry).to_json(), policy=policy), "inclusion")
    assert failed(verify_receipt(dataclasses.replace(good, proof=other.proof).to_json(), policy=policy), "inclusion")


def test_without_the_key_a_signed_entry_proves_no_signature(story, policy):
    receipt = dataclasses.replace(story.detached_receipt(), key=None)
    assert failed(verify_receipt(receipt.to_json(), policy=policy), "signature", "the receipt holds none")
    assert failed(
        verify_receipt(dataclasses.replace(receipt, body=None).to_json(), policy=policy), "key", "another or none"
    )


def test_a_key_beside_a_record_nobody_signed(story, policy):
    receipt = dataclasses.replace(story.log.receipt(0, b"list 0"), key=story.detached_receipt().key)
    assert failed(verify_receipt(receipt.to_json(), policy=policy), "key", "expected the key None")


def test_a_key_that_is_disputed_is_said_in_words(story, policy):
    verdict = verify_receipt(story.detached_receipt(state="disputed").to_json(), policy=policy)
    assert verdict.verdict == "failed"
    assert verdict.reason.startswith("disputed: the key is reported as compromised since this entry or an earlier one")
    assert outcome(verdict, "end of key")[0] == "failed"
    assert outcome(verdict, "signature")[0] == "ok"


@pytest.mark.parametrize("state", ["revoked", "waiting", "", "Active"])
def test_a_key_that_was_not_active(story, policy, state):
    receipt = story.detached_receipt(state=state)
    assert failed(verify_receipt(receipt.to_json(), policy=policy), "end of key", f"it was {state}, as this file says")


@pytest.mark.parametrize("state", ["revoked", "disputed"])
def test_a_state_that_somebody_wrote_over_proves_nothing(story, policy, state):
    given = story.detached_receipt(state=state).to_json()
    verdict = verify_receipt(given.replace(state.encode(), b"active"), policy=policy)
    assert verdict.not_checked == ("end of key",)
    assert outcome(verdict, "end of key")[1].startswith(f"active at entry {story.event}, as this file says")
    assert "not checked: end of key" in verdict.reason


class Scene:
    """A log built anew for each case: a key-add entry, then one signed capture."""

    def __init__(self, log, make_entry):
        self.log, self.make_entry = log, make_entry
        self.key = PrivateKey.generate(kid="k")
        self.signer = {"alg": self.key.public.alg, "key": self.key.public.thumbprint, "who": digest(b"party")}

    def add_key(self, kind="key-add", **changes):
        return self.log.add(self.make_entry(kind, "proof", **(self.signer | changes)))

    def capture(self, body, *, extra=None, key=None, **members):
        jws = sign_detached(body, key or self.key, kid="k", extra=extra)
        signed = read_detached(jws, body)
        index = self.log.add(
            self.make_entry(
                members.pop("kind", "capture"), signed.body_hash, jws=signed.jws_hash, **(self.signer | members)
            )
        )
        return index, jws

    def verdict(self, index, body, jws, added, event_id=None):
        receipt = self.log.receipt(index, body, jws=jws, signer=(self.key.public, added))
        return verify_receipt(receipt.to_json(), policy=Policy.pin(self.log.key.vkey), event_id=event_id)


@pytest.fixture
def scene(make_log, make_entry):
    return Scene(make_log(), make_entry)


def test_a_rotated_key_is_brought_by_its_rotation(scene):
    added = scene.add_key("key-rotate")
    index, jws = scene.capture(b"{}")
    assert scene.verdict(index, b"{}", jws, added).verdict == "ok"


@pytest.mark.parametrize(
    "change",
    [
        {"who": digest(b"another party")},
        {"who": None},
        {"key": digest(b"")},
        {"kind": "key-revoke"},
        {"kind": "capture"},
    ],
)
def test_the_key_must_have_been_brought_for_this_party(scene, change):
    added = scene.add_key(**change)
    index, jws = scene.capture(b"{}")
    assert failed(scene.verdict(index, b"{}", jws, added), "key", "another key, another party or another purpose")


def test_a_key_added_after_the_entry_it_should_sign(scene):
    index, jws = scene.capture(b"{}")
    added = scene.add_key()
    assert failed(scene.verdict(index, b"{}", jws, added), "key", "after entry 0")


def test_a_capture_another_key_signed(scene):
    added = scene.add_key()
    index, jws = scene.capture(b"{}", key=PrivateKey.generate(kid="k"))
    assert failed(scene.verdict(index, b"{}", jws, added), "signature", "does not fit")


def test_signed_for_another_log(scene):
    added = scene.add_key()
    index, jws = scene.capture(b"{}", extra={"log_origin": "other.example/log"})
    assert failed(scene.verdict(index, b"{}", jws, added), "signature", "other.example/log only")


def _no_event(_event, _context):
    raise InvalidInput("no event")


@pytest.mark.parametrize(
    ("made", "verdict"),
    [(None, "not checked"), (lambda _e, _c: "urn:made", "ok"), (lambda _e, _c: "urn:other", "failed"),
     (_no_event, "not checked")],
)  # fmt: skip
def test_an_id_the_server_made_is_made_again(scene, made, verdict):
    verdict_ = event_case(scene, b'{"type":"ObjectEvent"}', 0, b"urn:made", event_id_of=made)
    assert outcome(verdict_, "event")[0] == verdict


@pytest.mark.parametrize("n", [0, 1])
def test_the_events_of_a_query_document(scene, n):
    results = b'{"queryResults":{"resultsBody":{"eventList":[{"eventID":"e0"},{"eventID":"e1"}]}}}'
    assert event_case(scene, b'{"epcisBody":' + results + b"}", n, b"e%d" % n).verdict == "ok"


@pytest.mark.parametrize(("size", "ok"), [(0, True), (1, True), (2, False), (500, False)])
def test_an_anchor_lies_before_the_entry(scene, size, ok):
    added = scene.add_key()
    index, jws = scene.capture(b"{}", extra={"log_anchor": f"{size} {b64(bytes(32))}"})
    verdict = scene.verdict(index, b"{}", jws, added)
    assert (verdict.verdict == "ok") if ok else failed(verdict, "signature", "is older")


def event_case(scene, body, n, event_id, event_id_of=None):
    added = scene.add_key()
    index, jws = scene.capture(body, kind="event", n=n, eid=digest(event_id))
    return scene.verdict(index, body, jws, added, event_id_of)


DOCUMENT = b'{"epcisBody":{"eventList":[{"eventID":"a"},{"eventID":"b"},{"type":"x"},5]}}'


@pytest.mark.parametrize(
    ("body", "n", "event_id"),
    [
        (DOCUMENT, 0, b"a"), (DOCUMENT, 1, b"b"), (b'{"epcisBody":{"event":{"eventID":"a"}}}', 0, b"a"), (b'{"eventID":"a"}', 0, b"a"),
        (b'{"credentialSubject":[{"eventID":"a"},{"eventID":"b"}]}', 1, b"b"), (b'{"credentialSubject":{"eventID":"a"}}', 0, b"a"),
        (b'{"credentialSubject":{"epcisBody":{"eventList":[{"eventID":"a"}]}}}', 0, b"a"),
    ],
)  # fmt: skip
def test_the_event_at_its_position(scene, body, n, event_id):
    verdict = event_case(scene, body, n, event_id)
    assert verdict.verdict == "ok"
    assert outcome(verdict, "event") == ("ok", f"the entry is for the event {event_id.decode()}")


@pytest.mark.parametrize(("n", "event_id"), [(0, b"b"), (1, b"a"), (4, b"a"), (2**53 - 1, b"a")])
def test_another_event_or_position(scene, n, event_id):
    assert failed(event_case(scene, DOCUMENT, n, event_id), "event", "at position")


@pytest.mark.parametrize(
    ("body", "n", "why"),
    [
        (DOCUMENT, 2, "no eventID"), (DOCUMENT, 3, "no eventID"), (b"5", 0, "no eventID"), (b'{"eventID":5}', 0, "no eventID"),
        (b'{"epcisBody":5}', 0, "no eventID"), (b'{"epcisBody":{}}', 0, "no eventID"), (b"not json", 0, "can be read"), (b"null", 0, "can be read"),
        (b"[" * 200 + b"]" * 200, 0, "can be read"),
    ],
)  # fmt: skip
def test_events_that_cannot_be_compared(scene, body, n, why):
    verdict = event_case(scene, body, n, b"a")
    assert verdict.verdict == "ok"
    assert outcome(verdict, "event")[0] == "not checked"
    assert why in outcome(verdict, "event")[1]
    assert "not checked: event" in verdict.reason


def test_both_proofs_are_against_one_checkpoint(story, policy):
    good = story.detached_receipt()
    added = parse_proof(good.key.proof)
    fork = dataclasses.replace(added, checkpoint=story.log.checkpoint().replace("main", "fork", 1)).to_text()
    key = dataclasses.replace(good.key, proof=fork)
    assert failed(verify_receipt(dataclasses.replace(good, key=key).to_json(), policy=policy), "key", "same checkpoint")


def test_a_key_entry_that_is_not_in_the_log(story, policy):
    good = story.detached_receipt()
    entry = Entry.parse(good.key.entry)
    for forged in (dataclasses.replace(entry, at=entry.at + 1).to_bytes(), b"{}"):
        key = dataclasses.replace(good.key, entry=forged)
        assert failed(verify_receipt(dataclasses.replace(good, key=key).to_json(), policy=policy), "key", "inclusion")


def test_a_key_entry_that_is_no_entry(make_log, make_entry):
    log = make_log()
    added = log.add(b"not an entry")
    key = PrivateKey.generate(kid="k")
    body = b"{}"
    jws = sign_detached(body, key, kid="k")
    signed = read_detached(jws, body)
    index = log.add(
        make_entry("capture", signed.body_hash, jws=signed.jws_hash, alg="EdDSA", key=key.public.thumbprint)
    )
    receipt = log.receipt(index, body, jws=jws, signer=(key.public, added))
    verdict = verify_receipt(receipt.to_json(), policy=Policy.pin(log.key.vkey))
    assert failed(verdict, "key", "JSON")


def test_another_key_in_the_evidence(story, policy):
    good = story.detached_receipt()
    other = PrivateKey.generate(story.key.public.alg)
    key = KeyEvidence(other.public.jwk, "active", good.key.entry, good.key.proof)
    assert failed(
        verify_receipt(dataclasses.replace(good, key=key).to_json(), policy=policy), "signature", "does not fit"
    )
    hashed = dataclasses.replace(good, key=key, body=None)
    assert failed(verify_receipt(hashed.to_json(), policy=policy), "key", "which the entry names")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff\xfe", b"PK\x03\x04", b"[" * 100_000])
def test_files_that_are_no_receipt(policy, data):
    verdict = verify_receipt(data, policy=policy)
    assert (verdict.verdict, verdict.log_key, verdict.items[0].what) == ("failed", None, "receipt")
    assert verdict.as_dict()["log_key"] is None
    assert verdict.reason


def test_an_extra_line_in_a_proof_changes_no_verdict(story, policy):
    """C2SP tlog-proof: nobody signs it, so it proves nothing and spoils nothing."""
    good = story.detached_receipt()
    proof = dataclasses.replace(parse_proof(good.proof), extra=b"what an application noted").to_text()
    verdict = verify_receipt(dataclasses.replace(good, proof=proof).to_json(), policy=policy)
    assert verdict == verify_receipt(good.to_json(), policy=policy)
