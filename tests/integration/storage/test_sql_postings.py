"""Candidates from SQL answer as those from memory do, on both databases."""

import sys

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.lists.candidates_contract import ASKED, CONTRACT, NAMES, plain
from traceability.storage.postings import Keyed, SqlPostings, clear


class Numbered:
    """Names by their numbers from 0, as the contract gives them."""

    def __init__(self, connection, names):
        clear(connection, "L")
        self.postings = SqlPostings(connection, "L")
        self.postings.add([Keyed("l", str(n), f"n{n}", "", 0, f"n{n}", tuple(keys)) for n, keys in enumerate(names)])
        self.first = self.postings.equal("n0")[0] if names else 0

    def nearest(self, keys, kept=50):
        return [number - self.first for number in self.postings.nearest(keys, kept)]


@pytest.fixture
def connection(service):
    with service.store.writer_engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("holds", CONTRACT)
def test_the_contract_of_candidates(connection, holds):
    holds(lambda names: Numbered(connection, names))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=40
)
@given(names=NAMES, asked=ASKED, kept=st.integers(1, 30))
def test_it_gives_what_the_definition_says(connection, names, asked, kept):
    assert Numbered(connection, names).nearest(asked, kept) == plain(names, asked, kept)


def test_names_come_in_more_than_one_step(connection):
    clear(connection, "P")
    postings = SqlPostings(connection, "P")
    for text in ("one", "two"):
        postings.add([Keyed("", text, text, "", 0, text, ("t:same", f"t:{text}", "i:lei||5"))])
    assert [postings.nearest(["t:two"]), len(postings.nearest(["t:same"])), len(postings.bearing(["i:lei||5"]))] == [
        postings.equal("two"), 2, 2,
    ]  # fmt: skip
    assert not any(map(len, (postings.nearest([]), postings.nearest(["t:nobody"]), postings.bearing([]))))
    assert postings.add([]) == 0
    other = SqlPostings(connection, "L")
    assert other.nearest(["t:same"]) == (), "the other side knows nothing of it"


def test_a_name_of_any_letters_can_be_kept(connection):
    postings = SqlPostings(connection, "P")
    odd = "新'疆\"{rows}:side\\"
    postings.add([Keyed("", odd, odd, "", 0, odd, (f"n:{odd}",))])
    assert postings.nearest([f"n:{odd}"]) == postings.equal(odd)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=40
)
@given(names=NAMES, asked=ASKED, kept=st.integers(1, 30))
def test_what_is_held_in_memory_for_some_keys_answers_for_them_like_the_tables(connection, names, asked, kept):
    tables = Numbered(connection, names)
    held = tables.postings.held({*asked, "t:nobody bears it"})
    assert [number - tables.first for number in held.nearest(asked, kept)] == plain(names, asked, kept, sys.maxsize)


def test_sqlite_looks_up_the_keys_asked_for_and_not_every_key_of_a_side(sqlite_service):
    seen = []
    with sqlite_service.store.writer_engine.connect() as connection:
        postings = SqlPostings(connection, "P")
        postings.add([Keyed("", "a", "a", "", 0, "a", ("t:a",))])
        sa.event.listen(connection, "before_cursor_execute", lambda *said: seen.append((said[2], said[3])))
        postings.nearest(["t:a", "t:abc"])
        postings.held(["t:a", "t:abc"])
        asked = list(seen)
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()) for text, values in asked]
        connection.rollback()
    assert len(plans) == 6
    looked_up = (
        "match_key_1 (side=? AND key=?)",
        "USING PRIMARY KEY (key_id=?)",
        "USING PRIMARY KEY (side=? AND part=?)",
    )
    assert all(any(step in plan for step in looked_up) for plan in plans), plans
