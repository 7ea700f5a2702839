import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.errors import InvalidInput
from traceability.ledger.history import KeyAdded, KeyHistory, KeyRevoked, KeyRotated


def states(history, indices):
    return [history.state_at(index) for index in indices]


def test_a_key_that_was_never_added_is_waiting():
    history = KeyHistory.of("a", [KeyAdded(3, "b"), KeyRotated(5, "b", "c"), KeyRevoked(6, "c", 5)])
    assert states(history, [0, 3, 9]) == ["waiting"] * 3
    assert not history.valid_at(9)
    assert not history.disputed(9)


def test_active_from_the_entry_that_brought_it():
    history = KeyHistory.of("a", [KeyAdded(3, "a")])
    assert states(history, [2, 3, 4, 10**9]) == ["waiting", "active", "active", "active"]
    assert [history.valid_at(index) for index in (2, 3, 4)] == [False, True, True]


def test_rotation_ends_the_old_key_and_brings_the_new_one():
    facts = [KeyAdded(3, "a"), KeyRotated(7, "a", "b")]
    old, new = KeyHistory.of("a", facts), KeyHistory.of("b", facts)
    # Both sign the rotation itself, so both are active at its entry.
    assert states(old, [6, 7, 8]) == ["active", "active", "revoked"]
    assert states(new, [6, 7, 8]) == ["waiting", "active", "active"]


def test_a_lost_key_is_revoked_and_its_entries_stay_valid():
    history = KeyHistory.of("a", [KeyAdded(3, "a"), KeyRevoked(9, "a")])
    assert states(history, [3, 9, 10]) == ["active", "active", "revoked"]
    assert not history.disputed(10)


def test_a_compromise_makes_later_entries_disputed_not_invalid():
    history = KeyHistory.of("a", [KeyAdded(3, "a"), KeyRevoked(9, "a", 6)])
    assert states(history, [5, 6, 9, 10]) == ["active", "disputed", "disputed", "disputed"]
    assert [history.valid_at(index) for index in (6, 9, 10)] == [True, True, False]
    assert [history.disputed(index) for index in (5, 6)] == [False, True]


@pytest.mark.parametrize("facts", [[6, 4, None], [4, None, 6], [None, 6, 4]])
def test_later_knowledge_moves_a_compromise_only_to_earlier(facts):
    revocations = [KeyRevoked(9 + number, "a", since) for number, since in enumerate(facts)]
    history = KeyHistory.of("a", [KeyAdded(3, "a"), *revocations])
    assert (history.ended_index, history.compromised_since_index) == (9, 4)


def test_a_compromise_after_the_end_disputes_nothing_the_key_could_sign():
    history = KeyHistory.of("a", [KeyAdded(3, "a"), KeyRevoked(5, "a", 8)])
    assert states(history, [5, 6, 8]) == ["active", "revoked", "disputed"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([KeyAdded(3, "a"), KeyAdded(5, "a")], "twice"),
        ([KeyAdded(3, "a"), KeyRotated(5, "b", "a")], "twice"),
        ([KeyRevoked(5, "a")], "before it was added"),
        ([KeyAdded(5, "a"), KeyRevoked(5, "a")], "before it was added"),
        ([KeyAdded(5, "a"), KeyRotated(4, "a", "b")], "before it was added"),
    ],
)
def test_facts_that_contradict_each_other_are_refused(facts, why):
    with pytest.raises(InvalidInput, match=why):
        KeyHistory.of("a", facts)


@given(st.integers(1, 50), st.none() | st.integers(1, 50), st.integers(0, 120))
def test_validity_is_one_stretch_of_the_log(life, compromise, index):
    since = None if compromise is None else min(compromise, life + 10)
    history = KeyHistory.of("a", [KeyAdded(10, "a"), KeyRevoked(10 + life, "a", since)])
    assert history.valid_at(index) == (10 <= index <= 10 + life)
    assert history.disputed(index) == (since is not None and index >= since)
    assert (history.state_at(index) == "active") == (history.valid_at(index) and not history.disputed(index))
