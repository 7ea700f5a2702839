"""Whatever is changed in a good receipt is found, and hostile files give a verdict, never an error."""

import dataclasses
import json

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traceability.ledger.policy import Policy
from traceability.ledger.verify import verify_receipt


@pytest.fixture
def policy(story):
    return Policy.pin(story.log.key.vkey)


QUIET = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(st.data())
def test_any_flipped_byte_is_found(story, policy, data):
    receipt = data.draw(
        st.sampled_from([story.detached_receipt(), story.enveloped_receipt(), story.log.receipt(0, b"list 0")])
    )
    if data.draw(st.booleans()):
        receipt = dataclasses.replace(receipt, body=None)
    good = receipt.to_json()
    place = data.draw(st.integers(0, len(good) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = good[:place] + bytes([good[place] ^ flip]) + good[place + 1 :]
    assert verify_receipt(good, policy=policy).verdict == "ok"
    assert verify_receipt(changed, policy=policy).verdict == "failed", (place, good[place : place + 20])


@QUIET
@given(st.data())
def test_any_cut_or_doubled_stretch_is_found(story, policy, data):
    good = story.detached_receipt().to_json()
    start = data.draw(st.integers(0, len(good) - 1))
    end = data.draw(st.integers(start + 1, len(good)))
    doubled = data.draw(st.booleans())
    changed = good[:end] + good[start:] if doubled else good[:start] + good[end:]
    assert verify_receipt(changed, policy=policy).verdict == "failed"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**70)
    | st.text(max_size=8)
    | st.sampled_from(["active", "AAAA", "A" * 43]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@QUIET
@given(st.data())
def test_any_other_value_anywhere_gives_a_verdict(story, policy, data):
    value = story.detached_receipt().as_dict()
    place = data.draw(
        st.sampled_from([(name,) for name in value] + [("key", name) for name in value["key"]] + [("key", "jwk", "x")])
    )
    target = value
    for name in place[:-1]:
        target = target[name]
    old, target[place[-1]] = target[place[-1]], data.draw(VALUES)
    verdict = verify_receipt(orjson.dumps(value) if _fits(value) else json.dumps(value).encode(), policy=policy)
    same = target[place[-1]] == old or (place == ("body",) and target[place[-1]] is None)
    assert (verdict.verdict == "ok") == same


def _fits(value):
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


@QUIET
@given(st.data())
def test_hostile_texts_inside_the_proof_give_a_verdict(story, policy, data):
    value = story.detached_receipt().as_dict()
    holder = data.draw(st.sampled_from([value, value["key"]]))
    lines = holder["proof"].split("\n")
    lines[data.draw(st.integers(0, len(lines) - 1))] = data.draw(st.text(max_size=60))
    changed = "\n".join(lines)
    same, holder["proof"] = changed == holder["proof"], changed
    assert (verify_receipt(json.dumps(value).encode(), policy=policy).verdict == "ok") == same
