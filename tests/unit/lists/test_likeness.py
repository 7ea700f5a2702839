import pytest

from traceability.lists.likeness import align, alike, alike_organisations, alike_persons


def matched(one, other, likeness=alike):
    return [(" ".join(a), " ".join(b)) for a, b, _ in align(tuple(one.split()), tuple(other.split()), likeness).matched]


@pytest.mark.parametrize(("one", "other"), [("mining", "minnig"), ("minerals", "mineral"), ("mohammed", "muhammad")])
def test_misspellings_are_alike(one, other):
    assert 0.72 <= alike(one, other) < 1


@pytest.mark.parametrize(("one", "other"), [("gold", "silver"), ("7", "9"), ("12", "123"), ("2004", "2005")])
def test_other_words_are_not(one, other):
    assert alike(one, other) == 0


def test_two_names_that_many_bear_are_less_alike_than_a_misspelling():
    assert alike("daniel", "danuel") > alike("daniel", "manuel")


def test_short_words_of_organisations_are_equal_or_not_alike():
    assert alike_organisations("npk", "npc") == 0
    assert alike_organisations("npk", "npk") == 1
    assert alike_organisations("npkx", "npkxy") == alike("npkx", "npkxy")


@pytest.mark.parametrize(("one", "other"), [("mfg", "manufacturing"), ("international", "intl")])
def test_standard_abbreviations_stand_for_their_words(one, other):
    assert alike(one, other) == 0.95


def test_an_initial_stands_for_persons_only():
    assert alike_persons("j", "jean") == 0.75
    assert alike_persons("j", "pierre") == alike("j", "jean") == 0
    assert alike_persons("7", "71") == 0


def test_equal_words_come_first_whatever_their_order():
    assert matched("panga mandro khawa", "mandro khawa panga") == [
        ("panga", "panga"), ("mandro", "mandro"), ("khawa", "khawa"),
    ]  # fmt: skip


def test_words_written_together():
    assert matched("abdulrahman yasin", "abd ul rahman yasin") == [("yasin", "yasin"), ("abdulrahman", "abd ul rahman")]
    assert matched("van der bilt", "vanderbilt") == [("van der bilt", "vanderbilt")]


def test_initials_written_together():
    assert matched("jp mwilambwe", "jean pierre mwilambwe", alike_persons)[1] == ("jp", "jean pierre")
    assert matched("jp mwilambwe", "jean pierre mwilambwe") == [("mwilambwe", "mwilambwe")]


def test_what_is_left_over_keeps_its_order():
    alignment = align(("a1", "gold", "b1"), ("c1", "gold", "d1"), alike)
    assert (alignment.asked_left, alignment.listed_left) == (("a1", "b1"), ("c1", "d1"))


def test_a_word_stands_against_one_word_only():
    assert matched("ahmed", "ahmed ahmed") == [("ahmed", "ahmed")]
