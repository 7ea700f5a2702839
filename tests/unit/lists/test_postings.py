import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.lists.candidates_contract import ASKED, CONTRACT, NAMES, plain
from traceability.lists.postings import Postings


def build(names):
    postings = Postings()
    for number, keys in enumerate(names):
        assert postings.add(keys) == number
    return postings


@pytest.mark.parametrize("holds", CONTRACT)
def test_the_contract_of_candidates(holds):
    holds(build)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(NAMES, ASKED, st.integers(1, 30))
def test_it_gives_what_the_definition_says(names, asked, kept):
    assert list(build(names).nearest(asked, kept)) == plain(names, asked, kept)
