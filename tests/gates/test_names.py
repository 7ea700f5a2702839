"""The gate of name matching: no figure of the reported half falls below its floor, and the sets are what they say."""

from collections import Counter

import gate_names
import pytest

from bench.names import SETS, below, measure, read_sets, reported


@pytest.fixture(scope="module")
def rows():
    return list(read_sets())


def test_no_figure_of_the_reported_half_is_below_its_floor(rows):
    assert below(measure(rows)) == []


def test_the_tables_are_those_the_generator_makes():
    made = gate_names.tables()
    stored = {path.name: path.read_text("utf-8") for path in SETS.glob("*.csv") if path.name != "floors.csv"}
    assert stored.keys() == made.keys()
    assert [name for name in made if made[name] != stored[name]] == []


def test_every_pair_has_an_id_of_its_own_and_two_names(rows):
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row["id"] for row in rows if not (row["name1"].strip() and row["name2"].strip())] == []


def test_same_parties_differ_in_spelling_and_different_ones_in_name_or_country(rows):
    same = [row["id"] for row in rows if row["is_match"] == "1" and row["name1"] == row["name2"]]
    different = [
        row["id"]
        for row in rows
        if row["is_match"] == "0" and (row["name1"], row["country1"]) == (row["name2"], row["country2"])
    ]
    assert (same, different) == ([], [])


def test_no_pair_is_called_both_the_same_and_different(rows):
    said = {True: set(), False: set()}
    for row in rows:
        said[row["is_match"] == "1"].add((row["name1"], row["name2"], row["country1"], row["country2"]))
    assert said[True] & said[False] == set()


def test_the_sets_are_as_large_as_the_readme_says(rows):
    same = Counter(row["script"] for row in rows if row["is_match"] == "1")
    assert min(same.values()) >= 40
    assert len(same) == 15
    latin = Counter(row["kind"] for row in rows if row["is_match"] == "1" and row["script"] == "latin")
    assert min(latin.values()) >= 40
    assert len(latin) >= 35
    assert sum(row["is_match"] == "0" for row in rows) >= sum(row["is_match"] == "1" for row in rows)


def test_each_half_has_about_half_of_every_script(rows):
    for script in {row["script"] for row in rows}:
        halves = Counter(reported(row["id"]) for row in rows if row["script"] == script)
        assert 0.42 < halves[True] / halves.total() < 0.58
