"""Name pairs as published by two authorities, or misspelt: what exact and normalised matching must answer."""

import pytest

from traceability.lists.match import decision
from traceability.lists.pairs import match_pair

# True pairs that only a likeness of letters can find, or an alias of the list: they belong to later matching.
NEEDS_LIKENESS = {
    "CONGOCOM TRADING HOUSE",
    "Xinjiang Shenhou Coal and Electricity Co., Ltd.",
    "Xinjiang Tengxian Magnesium Products Co",
    "Dongguan Oasis Shoe Industry Col, Ltd.",
    "Dongguan Lvzhou Shoes Co., Ltd.",
    "Xinjiang Joinworld Co., Ltd.",
    "841 Cotton Transfer Warehouse",
}


@pytest.fixture(scope="module")
def observed(rows):
    return rows("vectors/namepairs/observed_variants.csv")


def test_observed_variants_of_one_party_are_found(observed):
    same = [row for row in observed if row["is_match"] == "true" and row["name2"] not in NEEDS_LIKENESS]
    assert len(same) == 7
    for row in same:
        for one, other in ((row["name1"], row["name2"]), (row["name2"], row["name1"])):
            hit = match_pair(one, other, schema="Organization")
            assert hit, row
            assert decision(hit) in {"match", "review"}, row


def test_what_is_left_to_likeness_is_really_not_found_yet(observed):
    left = [row for row in observed if row["name2"] in NEEDS_LIKENESS]
    assert [row["name2"] for row in left if match_pair(row["name1"], row["name2"], schema="Organization")] == []


def test_observed_different_parties_are_kept_apart(observed):
    other = [row for row in observed if row["is_match"] == "false"]
    assert len(other) == 3
    assert [row for row in other if match_pair(row["name1"], row["name2"], schema="Organization")] == []


def test_no_pair_of_two_parties_is_called_a_match(rows):
    cases = rows("vectors/namepairs/nomenklatura_name_bench_cases.csv")
    wrong = []
    for row in cases:
        hit = match_pair(row["name1"], row["name2"], schema=row["schema"])
        if row["is_match"] == "false" and hit and decision(hit) == "match":
            wrong.append(row)
    assert wrong == []


def test_normalised_matching_is_precise_on_the_public_bench(rows):
    cases = rows("vectors/namepairs/nomenklatura_name_bench_cases.csv")
    verdicts = [
        (row["is_match"] == "true", match_pair(row["name1"], row["name2"], schema=row["schema"])) for row in cases
    ]
    found = [truth for truth, hit in verdicts if hit]
    assert sum(found) / len(found) >= 0.85
    assert sum(found) >= 60


def test_a_published_alias_is_found_only_by_the_list(rows, seed):
    from datetime import date

    from traceability.lists.match import NameIndex, Query
    from traceability.lists.seedfile import read_list, read_manifest

    row = next(row for row in read_manifest(seed / "lists") if row.list_id == "us-uflpa")
    index = NameIndex.build(read_list(seed / "lists", row)[1])
    for name, listed in (
        ("Xinjiang Joinworld Co., Ltd.", "Xinjiang Joinworld Co., Ltd."),
        ("841 Cotton Transfer Warehouse", "841 Cotton Transfer Warehouse"),
        ("Dongguan Lvzhou Shoes Co., Ltd.", "Dongguan Lvzhou Shoes Co., Ltd."),
    ):
        (hit,) = index.match(Query(name), as_of=date(2026, 1, 1))
        assert (hit.listed_name, decision(hit) != "none") == (listed, True)
