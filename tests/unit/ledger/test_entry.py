import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.ledger.encoding import b64u, digest
from traceability.ledger.entry import KINDS, MAX_ENTRY, Entry, milliseconds, pseudonym

HASHES = st.binary(min_size=32, max_size=32).map(b64u)
SAFE = st.integers(0, 2**53 - 1)
H = digest(b"")


@st.composite
def entries(draw):
    kind = draw(st.sampled_from(KINDS))
    signer = draw(
        st.one_of(st.just({}), st.fixed_dictionaries({"alg": st.sampled_from(["EdDSA", "ES256"]), "key": HASHES}))
    )
    place = {"n": draw(SAFE), "eid": draw(HASHES)} if kind == "event" else {}
    return Entry(
        kind=kind, body=draw(HASHES), at=draw(SAFE), jws=draw(st.none() | HASHES), who=draw(st.none() | HASHES),
        ref=tuple(draw(st.lists(SAFE, max_size=3))), **signer, **place,
    )  # fmt: skip


@given(entries())
def test_canonical_and_there_and_back(entry):
    data = entry.to_bytes()
    members = {k: v for k, v in dataclasses.asdict(entry).items() if v is not None and v != ()}
    members = {k: list(v) if isinstance(v, tuple) else v for k, v in members.items()}
    assert data == rfc8785.dumps(members)
    assert data.isascii()
    assert Entry.parse(data) == entry


def test_kinds_are_those_of_the_design():
    assert KINDS == (
        "capture", "event", "shipment", "document", "key-add", "key-rotate", "key-revoke", "list-version", "rule-set",
        "screening", "assessment", "decision", "correction", "evidence-pack", "erasure", "origin-change",
    )  # fmt: skip


def test_the_size_is_as_the_design_says():
    entry = Entry(kind="event", body=H, at=1_790_000_000_000, jws=H, alg="EdDSA", key=H, who=H, n=499, eid=H)
    assert 250 <= len(entry.to_bytes()) <= 350


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "shipping"}, {"kind": ""}, {"v": 2}, {"v": True}, {"body": None}, {"body": "x"}, {"body": H + "="},
        {"body": H[:-1] + "V"}, {"body": "é" * 43}, {"body": 5}, {"jws": "x"}, {"who": "Mine Ltd"}, {"key": H}, {"alg": "EdDSA"},
        {"alg": "HS256", "key": H}, {"at": -1}, {"at": 2**53}, {"at": 1.0}, {"at": True}, {"at": "1"}, {"n": 1, "eid": H},
        {"n": 1}, {"eid": H}, {"kind": "event"}, {"kind": "event", "n": 0}, {"kind": "event", "eid": H},
        {"kind": "event", "n": -1, "eid": H}, {"kind": "event", "n": 2**53, "eid": H}, {"kind": "event", "n": 0, "eid": "x"},
        {"ref": (-1,)}, {"ref": ("1",)}, {"ref": (2**53,)},
    ],
)  # fmt: skip
def test_entries_in_another_form_do_not_come_into_being(change):
    with pytest.raises(InvalidInput, match="expected"):
        Entry(**({"kind": "capture", "body": H, "at": 0} | change))


GOOD = Entry(kind="decision", body=H, at=5, ref=(1, 2)).to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b"null", GOOD + b" ", b" " + GOOD, GOOD.replace(b'"v":1', b'"v":2'), GOOD.replace(b'"v":1', b'"v":true'), GOOD.replace(b",", b", ", 1),
        GOOD.replace(b'"at":5', b'"at":5.0'), GOOD.replace(b'"at":5', b'"at":05'), GOOD.replace(b'"at":5,', b""),
        GOOD.replace(b"[1,2]", b"1"), GOOD.replace(b"[1,2]", b"[]"), GOOD.replace(b"[1,2]", b"[[1]]"),
        GOOD.replace(b"[1,2]", b"[1.5]"), GOOD.replace(b"[1,2]", b"[true]"), GOOD.replace(b'"v":1', b'"v":1,"x":1'),
        GOOD.replace(b'"v":1', b'"v":1,"v":1'), GOOD.replace(b'"v":1', b'"v":1,"who":null'), GOOD.replace(b"kind", b"\\u006bind"),
        GOOD.replace(b'"ref"', b'"n":1,"ref"'), b" " * (MAX_ENTRY + 1),
    ],
)  # fmt: skip
def test_bytes_that_are_no_entry_are_refused(data):
    with pytest.raises(InvalidInput):
        Entry.parse(data)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_gives_another_entry_or_none(place, value):
    data = bytearray(GOOD)
    data[place] = value
    try:
        entry = Entry.parse(bytes(data))
    except InvalidInput:
        return
    assert entry.to_bytes() == bytes(data)


def test_moments_are_milliseconds_in_utc():
    moment = datetime(2026, 11, 23, 12, 0, 0, 1999, tzinfo=timezone(timedelta(hours=2)))
    assert milliseconds(moment) == 1_795_428_000_001
    received = Entry(kind="capture", body=H, at=milliseconds(moment)).received_at
    assert received == datetime(2026, 11, 23, 10, 0, 0, 1000, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="time zone"):
        milliseconds(moment.replace(tzinfo=None))


def test_pseudonyms_are_stable_and_need_a_salt():
    salt = bytes(16)
    assert pseudonym(salt, "a") == pseudonym(salt, "a") != pseudonym(salt, "b")
    assert pseudonym(bytes(15) + b"\1", "a") != pseudonym(salt, "a")
    assert len(pseudonym(salt, "a")) == 43
    with pytest.raises(InvalidInput, match="16 bytes"):
        pseudonym(bytes(15), "a")
