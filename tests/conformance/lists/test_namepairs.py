"""Names as published by two authorities, misspelt, altered or invented: what the matcher must answer (screening.md 8).

The sets are regression gates; rules were tried on half a of the public pairs, so half b is held to the same.
"""

from datetime import date
from decimal import Decimal

import pytest

from bench.name_lists import altered, by_authorities, organisations, read_both
from bench.name_numbers import by_number
from bench.names_quality import across, figures, labelled, observed
from traceability.lists.match import NameIndex, Query, decision, match_pair
from traceability.lists.pairs import best_pair
from traceability.lists.seedfile import read_list, read_manifest

REVIEW = Decimal("0.75")


@pytest.fixture(scope="module")
def pairs(shared):
    return shared("vectors/namepairs")


@pytest.fixture(scope="module")
def bench(pairs):
    return labelled(pairs / "nomenklatura_name_bench_cases.csv")


@pytest.fixture(scope="module")
def both(shared):
    return read_both(shared("data/risklists"))


def found(name, entries):
    names = [(other.text, entry.schema) for entry in entries for other in entry.names if other.quality != "weak"]
    return any(best_pair(name, other, schema=schema).score >= REVIEW for other, schema in names)


def share(told):
    told = list(told)
    return sum(told) / len(told)


def test_the_public_pairs(bench):
    said = figures(bench)
    assert len(bench) == 826
    assert said["F1"] >= 0.82
    assert said["recall at 90 % precision"]["share"] >= 0.71
    assert figures([row for row in bench if row.half == "b"])["F1"] >= 0.82


def test_no_pair_of_two_parties_is_called_a_match(rows):
    cases = rows("vectors/namepairs/nomenklatura_name_bench_cases.csv")
    other = [row for row in cases if row["is_match"] == "false"]
    hits = [match_pair(row["name1"], row["name2"], schema=row["schema"]) for row in other]
    assert len(other) == 401
    assert [row for row, hit in zip(other, hits, strict=True) if hit and decision(hit) == "match"] == []


def test_observed_variants(pairs):
    said = observed(pairs / "observed_variants.csv", lambda *pair: best_pair(*pair[:2], schema=pair[2]).score)
    assert [(rate["right"], rate["of"]) for rate in said.values()] == [(12, 12), (3, 3)]


def test_across_scripts_a_name_is_at_most_possible(pairs):
    said = across(pairs / "watchman_cross_script_pairs.csv", lambda *pair: best_pair(*pair[:2], schema=pair[2]).score)
    assert said.pop("found")["right"] >= 11
    assert max(map(Decimal, said.values())) < Decimal("0.88")


def test_numbers_find_every_party_and_no_other(pairs):
    said = by_number(pairs)
    assert said["one party, found by its number"]["right"] == said["one party, found by its number"]["of"] == 6
    assert said["other parties met"] == 0


def test_misspelt_names_of_listed_parties(both):
    assert share(found(name, [entry]) for name, entry in altered(both)) >= 0.97


def test_the_same_party_under_another_authority(both):
    persons, other = by_authorities(both), organisations(both)
    assert (len(persons) >= 300, len(other) >= 40) == (True, True)
    assert share(found(both.un[key].name, [both.ofac[o] for o in same]) for key, same in persons) >= 0.95
    assert share(found(both.un[key].name, [both.ofac[o] for o in same]) for key, same in other) >= 0.75


def test_a_published_alias_is_found_only_by_the_list(seed):
    row = next(row for row in read_manifest(seed / "lists") if row.list_id == "us-uflpa")
    index = NameIndex.build(read_list(seed / "lists", row)[1])
    for name in ("Xinjiang Joinworld Co., Ltd.", "841 Cotton Transfer Warehouse", "Dongguan Lvzhou Shoes Co., Ltd."):
        hit = index.match(Query(name), as_of=date(2026, 1, 1))[0]
        assert (hit.listed_name, decision(hit) != "none") == (name, True)
