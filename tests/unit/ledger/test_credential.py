import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.ledger.credential import check_validity, is_wrapped, make_credential, read_credential, unwrap
from traceability.ledger.errors import CredentialNotValid

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
GOOD = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://example.org/more"],
    "type": ["VerifiableCredential", "Other"],
    "id": "urn:uuid:1",
    "issuer": {"id": "did:web:mine.example", "name": "Mine"},
    "validFrom": "2026-09-01T14:00:00+02:00",
    "validUntil": "2026-09-02T12:00:00.5Z",
    "credentialSubject": {"type": "EPCISDocument"},
}


def read(change):
    return read_credential(json.dumps({k: v for k, v in (GOOD | change).items() if v != "absent"}).encode())


def test_what_is_read():
    credential = read({})
    assert credential.issuer == "did:web:mine.example"
    assert credential.valid_from == NOW
    assert credential.valid_until == NOW + timedelta(days=1, milliseconds=500)
    assert credential.subject == {"type": "EPCISDocument"}
    assert credential.id == "urn:uuid:1"


def test_optional_members_may_be_absent():
    credential = read(
        {
            "id": "absent",
            "validFrom": "absent",
            "validUntil": "absent",
            "issuer": "did:web:a",
            "type": "VerifiableCredential",
        }
    )
    assert (credential.id, credential.valid_from, credential.valid_until) == (None, None, None)
    assert credential.issuer == "did:web:a"
    assert read({"@context": "https://www.w3.org/ns/credentials/v2"}).issuer == "did:web:mine.example"
    assert read({"credentialSubject": [{"type": "ObjectEvent"}]}).subject == [{"type": "ObjectEvent"}]
    check_validity(credential, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"@context": "absent"}, {"@context": []}, {"@context": ["https://example.org", "https://www.w3.org/ns/credentials/v2"]},
        {"@context": "https://www.w3.org/2018/credentials/v1"}, {"type": "absent"}, {"type": ["Other"]}, {"type": []},
        {"issuer": "absent"}, {"issuer": ""}, {"issuer": 5}, {"issuer": {}}, {"issuer": {"id": 5}}, {"issuer": []}, {"id": 5},
        {"credentialSubject": "absent"}, {"credentialSubject": {}}, {"credentialSubject": []}, {"credentialSubject": "x"},
        {"validFrom": "2026-09-01"}, {"validFrom": "2026-09-01T12:00:00"}, {"validFrom": 5}, {"validFrom": "2026-13-01T12:00:00Z"},
        {"validFrom": "0001-01-01T00:00:00+14:00"}, {"validFrom": "2026-09-01T12:00:00+99:00"}, {"validUntil": "2026-02-30T12:00:00Z"},
        {"validFrom": "2026-09-03T12:00:00Z"}, {"validFrom": "２026-09-01T12:00:00Z"},
    ],
)  # fmt: skip
def test_other_content_is_refused(change):
    with pytest.raises(InvalidInput):
        read(change)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"null", b'{"a":1,"a":1}', b"\xef\xbb\xbf{}"])
def test_payloads_that_are_no_credential(payload):
    with pytest.raises(InvalidInput):
        read_credential(payload)


def test_in_force_when_it_came():
    credential = read({})
    check_validity(credential, NOW)
    check_validity(credential, NOW - timedelta(minutes=5))
    check_validity(credential, NOW + timedelta(days=1))
    with pytest.raises(CredentialNotValid, match="valid from") as caught:
        check_validity(credential, NOW - timedelta(minutes=5, seconds=1))
    assert caught.value.status == 403
    with pytest.raises(CredentialNotValid, match="valid until"):
        check_validity(credential, NOW + timedelta(days=1, seconds=1))


def test_made_and_read():
    moment = datetime(2026, 9, 1, 14, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    payload = make_credential({"type": "ObjectEvent", "kg": Decimal("1.50")}, "did:web:mine.example", moment)
    assert b'"kg":1.50' in payload
    credential = read_credential(payload)
    assert (credential.issuer, credential.valid_from) == ("did:web:mine.example", NOW)
    assert credential.subject == {"type": "ObjectEvent", "kg": Decimal("1.50")}


def test_a_subject_given_as_bytes_is_kept_byte_for_byte():
    subject = b'{ "type":"ObjectEvent",\n"kg":1.50 }'
    assert subject in make_credential(subject, "did:web:a", NOW)


@pytest.mark.parametrize("subject", [{"kg": Decimal("NaN")}, {"x": object()}, {"x": {1}}])
def test_a_subject_that_is_no_json_is_refused(subject):
    with pytest.raises(InvalidInput, match="cannot be written"):
        make_credential(subject, "did:web:a", NOW)


def test_a_moment_without_zone_is_refused():
    with pytest.raises(InvalidInput, match="time zone"):
        make_credential({"a": 1}, "did:web:a", NOW.replace(tzinfo=None))


def test_unwrapping():
    long = "a." + "b" * 100_000 + ".c"
    wrapped = {"type": ["EnvelopedVerifiableCredential"], "id": "data:application/vc+jwt," + long}
    assert unwrap(json.dumps(wrapped).encode()) == long.encode()
    assert unwrap(json.dumps(wrapped | {"type": "EnvelopedVerifiableCredential"}).encode()) == long.encode()
    assert is_wrapped(json.dumps(wrapped).encode())


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'"EnvelopedVerifiableCredential"', b'{"name":"EnvelopedVerifiableCredential"}',
             b'{"type":"EnvelopedVerifiableCredential"'],
)  # fmt: skip
def test_what_only_speaks_of_an_envelope_is_none(data):
    assert not is_wrapped(data)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b'{"type":"VerifiableCredential","id":"data:application/vc+jwt,a"}',
        b'{"type":"EnvelopedVerifiableCredential"}', b'{"type":"EnvelopedVerifiableCredential","id":5}',
        b'{"type":"EnvelopedVerifiableCredential","id":"data:application/vc+sd-jwt,a"}',
    ],
)  # fmt: skip
def test_other_envelopes_are_refused(data):
    with pytest.raises(InvalidInput):
        unwrap(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([*GOOD, "VerifiableCredential"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(list(GOOD)), JSON))
def test_any_shape_is_read_or_refused_with_400(change):
    data = json.dumps(GOOD | change).encode()
    for read_it in (read_credential, unwrap):
        with contextlib.suppress(InvalidInput):
            assert read_it(data) is not None
