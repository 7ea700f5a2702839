"""RFC 3161 tokens over checkpoints: what is asked, what is believed, and what a verifier says of one in a receipt."""

import builtins
import contextlib
import dataclasses
import hashlib
from datetime import timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from traceability.errors import InvalidInput, TraceabilityError, Unavailable
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.errors import BadSignature, ProofError
from traceability.ledger.note import note_text
from traceability.ledger.policy import Policy
from traceability.ledger.proof import parse_proof
from traceability.ledger.receipt import Receipt, Timestamp
from traceability.ledger.receipt_schema import receipt_schema
from traceability.ledger.timestamp import MAX_TOKEN, StampRequest, Trust, checker
from traceability.ledger.verify import verify_receipt
from traceability.ledger.verify_case import NotChecked

DATA = b"a checkpoint"


def asked(tsa, data=DATA, trust=None):
    request = StampRequest.over(data)
    return request.accept(tsa.answer(request.to_bytes()), trust or Trust.read(tsa.root.pem))


@pytest.mark.parametrize("intermediate", [False, True])
def test_a_token_is_taken_and_checks_again_alone(make_tsa, clock, intermediate):
    tsa = make_tsa(intermediate=intermediate)
    stamp = asked(tsa)
    assert stamp.at == clock()
    check = checker([Trust.read(make_tsa("another").root.pem), Trust.read(tsa.root.pem)])
    assert check(stamp.token, [bytes(32), hashlib.sha256(DATA).digest()]) == clock()


def test_the_request_asks_for_sha256_a_nonce_and_the_certificate():
    from rfc3161_client._rust import parse_timestamp_request

    one, two = (parse_timestamp_request(StampRequest.over(DATA).to_bytes()) for _ in range(2))
    assert one.message_imprint.message == hashlib.sha256(DATA).digest()
    assert one.cert_req
    assert one.nonce
    assert one.nonce != two.nonce


def test_an_intermediate_that_the_token_lacks_may_be_among_the_certificates(make_tsa):
    tsa = make_tsa(intermediate=True)
    both = Trust.read(tsa.root.pem + tsa.chain[0].pem)
    tsa.chain = ()
    assert asked(tsa, trust=both)
    with pytest.raises(BadSignature):
        asked(tsa)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"imprint": bytes(32)}, ProofError),
        ({"nonce": 5}, BadSignature),
        ({"with_nonce": False}, BadSignature),
        ({"with_certificates": False}, BadSignature),
        ({"days": -1}, BadSignature),
        ({"signer": {"usage": ExtendedKeyUsageOID.SERVER_AUTH}}, BadSignature),
        ({"status": 1}, BadSignature),
        ({"status": 2}, BadSignature),
        ({"spoil": lambda answer: answer[:-1] + bytes([answer[-1] ^ 1])}, BadSignature),
        ({"spoil": lambda answer: answer[:-1]}, BadSignature),
        ({"spoil": lambda answer: answer + b"\0"}, BadSignature),
        ({"spoil": lambda _answer: b""}, BadSignature),
        ({"spoil": lambda _answer: b"<html>"}, BadSignature),
        ({"spoil": lambda _answer: b"\x30" * (MAX_TOKEN + 1)}, BadSignature),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else value.__name__,
)
def test_a_wrong_answer_is_refused(make_tsa, changes, error):
    with pytest.raises(error):
        asked(make_tsa(**changes))


def test_another_ca_of_the_same_name_is_not_believed(make_tsa):
    with pytest.raises(BadSignature, match="no trusted authority"):
        asked(make_tsa(), trust=Trust.read(make_tsa().root.pem))


def test_the_policy_of_the_authority_can_be_asked_for(make_tsa):
    tsa = make_tsa()
    assert asked(tsa, trust=Trust.read(tsa.root.pem, tsa.policy))
    with pytest.raises(BadSignature, match="Policy"):
        asked(tsa, trust=Trust.read(tsa.root.pem, "1.2.3.4"))


def test_the_certificate_has_to_be_valid_when_it_stamped_not_when_it_is_checked(make_tsa, clock):
    tsa = make_tsa(days=10)
    stamp = asked(tsa)
    clock.advance(days=3000)
    assert checker([Trust.read(tsa.root.pem)])(stamp.token, [hashlib.sha256(DATA).digest()]) == stamp.at


def test_certificates_are_read_with_their_root_among_them(make_tsa):
    tsa = make_tsa(intermediate=True)
    for pem, policy in [(b"", None), (b"no", None), (tsa.chain[0].pem, None), (tsa.root.pem, "policy")]:
        with pytest.raises(InvalidInput):
            Trust.read(pem, policy)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **named):
        if name == "rfc3161_client":
            raise ImportError(name)
        return real(name, *args, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Unavailable, match=r"traceability\[tsa\]"):
        StampRequest.over(DATA)
    with pytest.raises(NotChecked, match=r"traceability\[tsa\]"):
        checker([])(b"token", [bytes(32)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3), st.binary(max_size=4))
def test_no_changed_token_is_an_error_of_another_kind(one_token, place, cut, put):
    root, whole = one_token
    token = bytearray(whole)
    place %= len(token)
    token[place : place + cut] = put
    with contextlib.suppress(TraceabilityError):
        checker([root])(bytes(token), [hashlib.sha256(DATA).digest()])


@pytest.fixture
def one_token(make_tsa):
    tsa = make_tsa()
    return Trust.read(tsa.root.pem), tsa.token(hashlib.sha256(DATA).digest())


@pytest.fixture
def stamped(story, make_tsa):
    """A receipt whose checkpoint was stamped and then cosigned, its authority, and the policy that pins its log."""
    tsa = make_tsa()
    note = story.log.checkpoint()
    token = asked(tsa, note.encode()).token
    cosigned = note + CosigningKey.generate("witness.example/w1").cosign(note_text(note), tsa.clock())
    receipt = dataclasses.replace(
        story.detached_receipt(checkpoint=cosigned), timestamps=(Timestamp("Test TSA", token),)
    )
    return receipt, tsa, Policy.pin(story.log.key.vkey)


def said(receipt, policy, **named):
    verdict = verify_receipt(receipt.to_json(), policy=policy, **named)
    return verdict.verdict, next((one.verdict, one.why) for one in verdict.items if one.what == "time stamp")


def test_a_receipt_carries_the_token(stamped):
    receipt = stamped[0]
    assert Receipt.from_json(receipt.to_json()) == receipt
    assert receipt.as_dict()["format"] == "traceability-receipt@v1"


def test_the_published_schema_says_what_is_read(stamped, story):
    validator = Draft202012Validator(receipt_schema())
    for receipt in (stamped[0], story.detached_receipt(), story.enveloped_receipt()):
        validator.validate(receipt.as_dict())
        for spoilt in (
            {**receipt.as_dict(), "timestamps": []},
            {**receipt.as_dict(), "more": 1},
            {**receipt.as_dict(), "format": "traceability-receipt@v2"},
            {name: value for name, value in receipt.as_dict().items() if name != "jws"},
        ):
            assert not validator.is_valid(spoilt)
            if spoilt.get("timestamps") != []:
                with pytest.raises(InvalidInput):
                    Receipt.from_value(spoilt)


def test_without_certificates_it_is_not_checked(stamped):
    receipt, _, policy = stamped
    verdict, (item, why) = said(receipt, policy)
    assert (verdict, item) == ("ok", "not checked")
    assert "--tsa-cert" in why
    assert "Test TSA" in why


def test_with_certificates_it_is_checked_and_the_time_is_told(stamped):
    receipt, tsa, policy = stamped
    verdict, (item, why) = said(receipt, policy, check_stamp=checker([Trust.read(tsa.root.pem)]))
    assert (verdict, item) == ("ok", "ok")
    assert "Test TSA at 2026-11-23T09:00:00+00:00" in why


def test_a_token_of_nobody_trusted_fails(stamped, make_tsa):
    receipt, _, policy = stamped
    assert said(receipt, policy, check_stamp=checker([Trust.read(make_tsa().root.pem)]))[0] == "failed"


def test_a_token_over_other_bytes_fails(stamped):
    receipt, tsa, policy = stamped
    check = checker([Trust.read(tsa.root.pem)])
    checkpoint = parse_proof(receipt.proof).checkpoint
    for data in (b"other", note_text(checkpoint).encode(), checkpoint.encode() + b"x"):
        other = dataclasses.replace(receipt, timestamps=(*receipt.timestamps, Timestamp("B", asked(tsa, data).token)))
        verdict, (item, why) = said(other, policy, check_stamp=check)
        assert (verdict, item) == ("failed", "failed")
        assert "other bytes" in why


def test_one_token_that_is_trusted_is_enough(stamped, make_tsa):
    receipt, tsa, policy = stamped
    foreign = asked(make_tsa(), story_note(receipt)).token
    both = dataclasses.replace(receipt, timestamps=(Timestamp("A", foreign), *receipt.timestamps))
    verdict, (item, why) = said(both, policy, check_stamp=checker([Trust.read(tsa.root.pem)]))
    assert (verdict, item) == ("ok", "ok")
    assert "1 not by these certificates" in why


def story_note(receipt):
    """The note as the log stored it: without its last line, which is the witness's."""
    return "".join(parse_proof(receipt.proof).checkpoint.splitlines(keepends=True)[:-1]).encode()


def test_a_receipt_without_token_says_nothing_of_time(story):
    verdict = verify_receipt(story.detached_receipt().to_json(), policy=Policy.pin(story.log.key.vkey))
    assert "time stamp" not in [item.what for item in verdict.items]
    assert "timestamps" not in story.detached_receipt().as_dict()


@pytest.mark.parametrize(
    "value", [{}, "x", None, [1], [{"authority": "A"}], [{"authority": 1, "token": ""}], [{"authority": "A", "token": "*"}],
              [{"authority": "A", "token": "AAAA"}] * 17, []],
)  # fmt: skip
def test_timestamps_in_another_form_are_refused(story, value):
    with pytest.raises(InvalidInput):
        Receipt.from_value({**story.detached_receipt().as_dict(), "timestamps": value})


def test_a_checkpoint_of_two_signatures_is_stamped_whole(story, make_tsa):
    """While the log's key is rotated two lines are the log's own."""
    from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint

    tsa, other = make_tsa(), LogKey.generate(story.log.key.name)
    head = Checkpoint(other.name, story.log.tree.size, story.log.tree.root())
    for keys in ((story.log.key, other), (other, story.log.key)):
        note = sign_checkpoint(head, *keys)
        token = Timestamp("A", asked(tsa, note.encode()).token)
        receipt = dataclasses.replace(story.detached_receipt(checkpoint=note), timestamps=(token,))
        check = checker([Trust.read(tsa.root.pem)])
        assert said(receipt, Policy.pin(story.log.key.vkey), check_stamp=check)[0] == "ok"


def test_the_clock_of_the_authority_is_its_own(make_tsa, clock):
    tsa = make_tsa()
    tsa.clock = lambda: clock() + timedelta(hours=3)
    assert asked(tsa).at == clock() + timedelta(hours=3)
