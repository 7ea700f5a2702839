import pytest

from traceability.lists.entries import Identifier
from traceability.lists.qualifiers import NOTHING, Known, corroborated, known, of_entry, qualifiers

LEI = "529900T8BM49AURSDO55"


def points(asked, listed):
    return {item.how: item.points for item in qualifiers(asked, listed)}


def test_nothing_counts_that_one_side_does_not_know():
    everything = Known(frozenset({"CD"}), frozenset({"1970"}), frozenset({LEI}), frozenset({"bunia"}))
    assert points(everything, NOTHING) == points(NOTHING, everything) == {}


@pytest.mark.parametrize(
    ("asked", "listed", "said"),
    [
        ("1970", "1970-01-02", 0.05),
        ("1970-01-02", "1970-01-02", 0.05),
        ("1970-01-02", "1970-03-04", -0.15),
        ("1970-01-02", "1971-01-02", -0.25),
        ("1969|1971-01-02", "1971-01-02", 0.05),
    ],
)
def test_births(asked, listed, said):
    assert points(known(frozenset(), born=asked), known(frozenset(), born=listed)) == {"born": said}


@pytest.mark.parametrize("born", ["10/12/1948", "1948|about 1950", "1948-1", "born 1948"])
def test_a_birth_in_another_form_says_nothing(born):
    assert known(frozenset(), born=born) == NOTHING


def test_countries_leis_and_addresses():
    here = known(frozenset({"CD"}), (Identifier("lei", LEI),), address="12 Avenue du Port, Bunia")
    there = known(frozenset({"RW", "CD"}), (Identifier("LEI", LEI),), address="Bunia, Ituri")
    assert points(here, there) == {"country": 0.05, "address": 0.05}
    other = known(frozenset({"CN"}), (Identifier("lei", "213800D1EI4B9WTWWD28"),))
    assert points(here, other) == {"country": -0.2, "lei": -0.3}


def test_an_lei_with_a_wrong_check_digit_says_nothing():
    assert known(frozenset(), (Identifier("lei", LEI[:-1] + "6"),)).leis == frozenset()


def test_what_an_entry_knows(party):
    entry = party(country="CD", countries="RW|CD", identifiers=(Identifier("lei", LEI),))
    assert of_entry(entry) == Known(frozenset({"CD", "RW"}), frozenset(), frozenset({LEI}), frozenset())


def test_a_year_alone_corroborates_nothing():
    year, day = Known(born=frozenset({"1970"})), Known(born=frozenset({"1970-01-02"}))
    assert not corroborated(year, year)
    assert corroborated(day, day)
