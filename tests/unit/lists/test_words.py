import pytest

from traceability.lists.words import WordCounts, count_words, shipped_counts

COUNTS = shipped_counts()


@pytest.mark.parametrize("name", ["general trading", "western gold", "camel group", "machanga", "mine 7", "a b c"])
def test_names_of_common_words_are_not_distinctive(name):
    assert not COUNTS.distinctive(tuple(name.split()))


@pytest.mark.parametrize(
    "name", ["xinjiang zhonghe", "congomet trading house", "kashgar construction engineering group"]
)
def test_rare_words_are(name):
    assert COUNTS.distinctive(tuple(name.split()))


@pytest.mark.parametrize(("name", "worth"), [("trading", False), ("international", False), ("machanga", True)])
def test_worth_a_question(name, worth):
    assert COUNTS.telling(tuple(name.split())) is worth


def test_words_are_counted_once_per_party():
    counted = count_words([frozenset({"gold", "camel"}), *[frozenset({"gold"})] * 5])
    assert counted == WordCounts({"gold": 6}, 6)


def test_an_uncounted_word_tells_more_than_a_counted_one():
    assert COUNTS.weight("machanga") > COUNTS.weight("trading") > COUNTS.weight("7") == 0
