from datetime import date

import pytest

from traceability.lists.coverage import coverage, dated, outcome, statement

DAY = date(2026, 11, 23)


def test_a_partial_list_says_how_much_of_it_is_there(version):
    found = coverage(version(max_age_days=5000), on=DAY, required=True)
    assert found.state == "partial"
    assert found.sentence == "UFLPA Entity List is partial (36 of 144 rows)"
    assert found.limited


def test_a_partial_list_that_is_old_says_both(version):
    assert coverage(version(), on=DAY, required=True).sentence == (
        "UFLPA Entity List is partial (36 of 144 rows), its data is 677 days old"
    )


def test_a_partial_list_within_its_expected_size_names_its_rows(version):
    found = coverage(version(row_count=200, max_age_days=5000), on=DAY, required=False)
    assert found.sentence == "UFLPA Entity List is partial (200 rows)"
    assert not found.limited


def test_a_full_list_turns_stale_the_day_after_its_time(version):
    young = version(coverage="full", published_at=date(2026, 1, 1), max_age_days=30)
    assert coverage(young, on=date(2026, 1, 31), required=True).state == "full"
    late = coverage(young, on=date(2026, 2, 1), required=True)
    assert (late.state, late.age_days) == ("stale", 31)
    assert late.sentence == "UFLPA Entity List is stale, its data is 31 days old"


def test_a_list_loaded_as_stale_stays_stale(version):
    assert coverage(version(coverage="stale", max_age_days=9000), on=DAY, required=True).state == "stale"


def test_a_list_never_loaded_is_missing():
    found = coverage(None, on=DAY, required=True, list_id="un-sc")
    assert (found.state, found.sentence, found.limited) == ("missing", "UN Security Council list is not loaded", True)


def test_a_list_from_the_future_is_not_of_negative_age(version):
    assert coverage(version(coverage="full"), on=date(2020, 1, 1), required=True).age_days == 0


@pytest.mark.parametrize(
    ("edition", "latest"),
    [
        ("2022-09 (edition inferred)", date(2022, 9, 30)),
        ("2020", date(2020, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("sha256:2022", date(2026, 11, 23)),
        ("0000", None),
    ],
)
def test_an_edition_without_a_day_has_the_last_day_it_can_have(version, edition, latest):
    assert dated(version(version=edition, published_at=None)) == latest


def test_an_edition_of_a_month_grows_old(version):
    old = version(version="2022-09", published_at=None, coverage="full", max_age_days=800)
    assert coverage(old, on=DAY, required=True).state == "stale"


def test_without_any_date_the_day_of_loading_counts_and_then_nothing(version):
    undated = version(published_at=None, retrieved_at=None)
    assert dated(undated) == date(2026, 11, 24)
    ageless = version(published_at=None, retrieved_at=None, loaded_at=None, coverage="stale")
    assert coverage(ageless, on=DAY, required=True).sentence == "UFLPA Entity List is stale, its age is unknown"


@pytest.mark.parametrize(
    ("stated", "rows", "waiting", "said"),
    [
        ("full", 200, 1, "1 row waits in the review queue"),
        ("full", 200, 3, "3 rows wait in the review queue"),
        ("partial", 36, 3, "36 of 144 rows, 3 rows wait in the review queue"),
    ],
)
def test_a_list_of_which_rows_wait_is_partial(version, stated, rows, waiting, said):
    found = coverage(version(coverage=stated, row_count=rows, waiting=waiting), on=date(2025, 2, 1), required=True)
    assert (found.state, found.limited) == ("partial", True)
    assert found.sentence == f"UFLPA Entity List is partial ({said})"


def test_nothing_found_in_a_partial_list_is_not_clear(version):
    lists = [coverage(version(), on=DAY, required=True)]
    assert outcome(lists, hits=False) == "no_hits_limited_coverage"
    assert outcome(lists, hits=True) == "hits"
    assert outcome([], hits=False) == "no_hits_limited_coverage", "nothing was asked"


def test_the_statement_names_every_limit(version):
    lists = [
        coverage(version(max_age_days=5000), on=DAY, required=True),
        coverage(version(list_id="eu-cahra", coverage="full", max_age_days=5000), on=DAY, required=True),
        coverage(None, on=DAY, required=True, list_id="un-sc"),
    ]
    assert statement(lists, hits=0) == (
        "No entry matched in 2 lists; UFLPA Entity List is partial (36 of 144 rows); UN Security Council list is not loaded."
    )
    assert statement(lists[1:2], hits=1) == "1 entry matched in 1 list."
    assert statement(lists[1:2], hits=2) == "2 entries matched in 1 list."
