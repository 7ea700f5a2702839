"""A table that was cut short or exchanged stays out (ledger.md 10, fault 35): who left a list is clear from then on."""

from datetime import date

import pytest

from tests.integration.services.conftest import listed
from traceability.errors import Conflict
from traceability.services import lists

NAMES = [listed(f"UN.{n}", f"Company {n} Incorporated") for n in range(20)]


def in_force(world, on=date(2026, 12, 1)):
    with world.service.store.read() as session:
        book = lists.Books().at(session, on)
    return {entry.name for entry in book.entries["un-sc"] if entry.valid_to is None}


@pytest.mark.parametrize("kept", [17, 1])
def test_a_table_that_leaves_out_more_than_a_tenth_is_refused_and_the_one_in_force_stays(world, kept):
    world.load("un-sc", *NAMES)
    told = rf"leaves out {20 - kept} of the 20 entries of the version in force \(2026-11-20\), such as Company"
    with pytest.raises(Conflict, match=told):
        world.load("un-sc", *NAMES[:kept], published="2026-11-25", dropping=False)
    assert len(in_force(world)) == 20
    world.load("un-sc", *NAMES[:kept], published="2026-11-25")
    assert len(in_force(world)) == kept


def test_as_many_others_are_a_drop_too(world):
    """A poisoned table is as long as the true one."""
    world.load("un-sc", *NAMES)
    others = [listed(f"XX.{n}", f"Nobody {n} Limited") for n in range(20)]
    with pytest.raises(Conflict, match="leaves out 20 of the 20"):
        world.load("un-sc", *others, published="2026-11-25", dropping=False)


@pytest.mark.parametrize("coverage", ["partial", "stale"])
def test_not_even_as_partial(world, coverage):
    world.load("un-sc", *NAMES)
    with pytest.raises(Conflict, match="leaves out 19"):
        world.load("un-sc", NAMES[0], published="2026-11-25", coverage=coverage, dropping=False)


def test_what_leaves_a_list_now_and_then_needs_no_word(world):
    world.load("un-sc", *NAMES, dropping=False)
    world.load("un-sc", *NAMES[2:], listed("UN.99", "A New One GmbH"), published="2026-11-25", dropping=False)
    assert len(in_force(world)) == 19


def test_an_older_table_takes_nothing_from_the_newer(world):
    world.load("un-sc", *NAMES)
    world.load("un-sc", NAMES[0], published="2025-01-01", dropping=False)
    assert len(in_force(world)) == 20
