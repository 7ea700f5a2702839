"""How near a list is to its maximum age: due from 80 % of it on, overdue past it, whatever tells its age."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.lists.age import age, what_to_do
from traceability.lists.entries import ListVersion

DAY = date(2026, 11, 23)
VERSION = ListVersion(
    list_id="us-uflpa", version="2026-10-01", published_at=DAY, retrieved_at=DAY, loaded_at=None,
    source_url="https://list.example/", sha256="0" * 64, row_count=144, expected_min=100, expected_max=200,
    coverage="full", max_age_days=30, publisher="P", terms="facts",
)  # fmt: skip


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [
        (0, "fresh", "UFLPA Entity List is 0 days old, at most 30"),
        (23, "fresh", "UFLPA Entity List is 23 days old, at most 30"),
        (24, "due", "UFLPA Entity List is 24 days old, at most 30: 6 days are left"),
        (29, "due", "UFLPA Entity List is 29 days old, at most 30: 1 day is left"),
        (30, "due", "UFLPA Entity List is 30 days old, at most 30: today is its last day"),
        (31, "overdue", "UFLPA Entity List is 31 days old, at most 30: finding nothing in it means little"),
    ],
)
def test_levels_begin_at_eighty_percent_and_past_the_maximum(days, level, words):
    found = age(VERSION, on=DAY + timedelta(days=days))
    assert (found.level, found.age_days, found.max_age_days, found.sentence) == (level, days, 30, words)


def test_a_list_that_was_never_loaded_is_overdue_and_named():
    found = age(None, on=DAY, list_id="un-sc")
    assert (found.level, found.version, found.age_days) == ("overdue", None, None)
    assert found.sentence == "UN Security Council list was never loaded: nothing is compared with it"


def test_a_list_whose_age_nothing_tells_is_overdue():
    unknown = replace(VERSION, version="sha256:" + "0" * 64, published_at=None, retrieved_at=None)
    found = age(unknown, on=DAY)
    assert (found.level, found.age_days) == ("overdue", None)
    assert found.sentence == "The age of UFLPA Entity List is unknown: finding nothing in it means little"


@given(days=st.integers(0, 4000), most=st.integers(1, 2000))
def test_a_list_only_ever_grows_older(days, most):
    order = ("fresh", "due", "overdue")
    version = replace(VERSION, max_age_days=most)
    now, later = (order.index(age(version, on=DAY + timedelta(days=n)).level) for n in (days, days + 1))
    assert now <= later
    assert (now == 2) == (days > most)
    assert (now >= 1) == (days * 5 >= most * 4)


def test_what_to_do_names_the_commands_and_the_lists():
    said = what_to_do(["un-sc", "us-uflpa"])
    assert "`traceability lists fetch un-sc us-uflpa --out BUNDLE.zip`" in said
    assert "`traceability lists load BUNDLE.zip`" in said
