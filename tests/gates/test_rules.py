"""The gate of the rules: the engine answers every case that was written from the catalogue as the catalogue has it."""

from collections import Counter

import pytest

from bench.names import reported
from bench.rule_cases import answered, measure, merged, packs, read_bases, read_cases
from traceability.diligence.facts import check_facts
from traceability.services.assess import assess_facts

KINDS = ("positive", "negative", "boundary")


@pytest.fixture(scope="module")
def cases():
    return list(read_cases())


def test_every_case_is_answered_as_the_catalogue_has_it(cases):
    """The facts are checked against the schema on the way, as those of a caller are."""
    wrong = [said for _, said in answered(cases) if said]
    assert wrong == [], f"{len(wrong)} cases differ:\n" + "\n".join(wrong)


def test_every_base_raises_exactly_what_it_says():
    wrong = []
    for name, base in read_bases().items():
        check_facts(base["facts"])
        answer = assess_facts(base["facts"])
        found = {(item["code"], item["severity"], item["advisory"]) for item in answer["findings"]}
        stated = {(item["code"], item["severity"], item["advisory"]) for item in base["findings"]}
        if (answer["status"], found) != (base["status"], stated):
            wrong.append((name, answer["status"], found ^ stated))
    assert wrong == []


def test_every_code_has_a_case_of_every_kind_and_both_answers(cases):
    asked = {(case.code, case.kind) for case in cases} | {(case.code, case.expect["present"]) for case in cases}
    assert sorted({(code, want) for code in packs() for want in (*KINDS, True, False)} - asked, key=str) == []
    assert {case.code for case in cases} == packs().keys()
    assert {case.kind for case in cases} == set(KINDS)


def test_every_case_has_an_id_of_its_own_that_says_what_it_is(cases):
    assert [name for name, times in Counter(case.id for case in cases).items() if times > 1] == []
    assert [case.id for case in cases if not case.id.startswith(f"{case.code}/{case.kind}/")] == []
    assert [case.id for case in cases if not case.why.strip()] == []


def test_each_half_has_about_half_of_the_cases_and_some_of_every_pack(cases):
    halves = Counter(reported(case.id) for case in cases)
    assert 0.47 < halves[True] / halves.total() < 0.53
    for half in (True, False):
        assert {case.pack for case in cases if reported(case.id) is half} == set(packs().values())


def test_figures_count_what_differs(cases):
    """A gate that cannot fail proves nothing: an engine that raises nothing agrees with the absent ones alone."""
    silent = {"status": "NO_FINDINGS", "findings": []}
    figures = measure(cases, lambda facts: silent)
    right = sum(figures[half]["all"]["right"] for half in figures)
    assert right == sum(
        not case.expect["present"] and case.expect.get("status", "NO_FINDINGS") == "NO_FINDINGS" for case in cases
    )
    assert sum(figures[half]["all"]["of"] for half in figures) == len(cases)


def test_a_merge_patch_removes_replaces_and_leaves_its_target():
    target = {"a": {"b": 1, "c": [1, 2]}, "d": 3}
    assert merged(target, {"a": {"b": None, "c": [9]}, "d": None, "e": {"f": None}}) == {"a": {"c": [9]}, "e": {}}
    assert target == {"a": {"b": 1, "c": [1, 2]}, "d": 3}
