"""The two properties of rule-catalogue.md 6 and what must hold for any facts, on documents drawn from the schema itself."""

from datetime import date
from hashlib import sha256
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.rule_cases import read_cases
from tests.unit.diligence.facts_maker import Maker, shuffled, with_more
from traceability.diligence import check_facts, inputs_hash
from traceability.diligence.definitions.items import value_at
from traceability.diligence.engine import assess
from traceability.diligence.explanation import look
from traceability.diligence.packs import RULES
from traceability.diligence.status import STATES
from traceability.errors import Unprocessable


def summary(assessment):
    return assessment.status, {(found.code, found.severity, found.advisory) for found in assessment.findings}


SEEDS = st.integers(0, 2**32)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_any_document_is_assessed_and_its_evidence_resolves(seed):
    facts = Maker(seed).document()
    check_facts(facts)
    result = assess(facts, check=False)
    assert len({found.code for found in result.findings}) == len(result.findings)
    for found in result.findings:
        assert found.evidence
        assert found.message
        for pointer in found.evidence:
            assert pointer
            value_at(facts, pointer)
        assert found.advisory == (
            found.applicable_from is not None and date.fromisoformat(facts["as_of"]) < found.applicable_from
        )


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([0.4, 0.6, 0.85]))
def test_order_of_arrays_changes_nothing(seed, full):
    """Every array has members enough to have an order, and each document is put into several."""
    maker = Maker(seed, full, sizes=(2, 3, 4))
    facts = maker.document()
    before, known = summary(assess(facts, check=False)), inputs_hash(facts)
    for _ in range(4):
        other = shuffled(facts, maker.random)
        assert summary(assess(other, check=False)) == before
        assert inputs_hash(other) == known


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([0.05, 0.1, 0.2, 0.5]))
def test_more_evidence_never_lowers_the_status(seed, full):
    """Sparse facts above all: of full ones the status is nearly always the worst already."""
    maker = Maker(seed, full)
    facts = maker.document()
    before = STATES.index(assess(facts, check=False).status)
    for more in with_more(facts, maker):
        assert STATES.index(assess(more).status) <= before


def of_status(status):
    """Return twenty gate cases of a status, of many codes and bases, always the same."""
    drawn = sorted(read_cases(), key=lambda case: sha256(case.id.encode()).digest())
    return list(islice((case for case in drawn if assess(case.facts, check=False).status == status), 20))


@pytest.mark.parametrize("status", [state for state in STATES if state != "pending"])
def test_the_properties_hold_where_a_status_could_still_change(status):
    """Documents drawn at random have mostly the best status or the worst: cases of every status have both neighbours."""
    cases = of_status(status)
    assert len(cases) == 20
    for case in cases:
        maker = Maker(case.id, 0.5)
        before = assess(case.facts, check=False)
        assert summary(assess(shuffled(case.facts, maker.random), check=False)) == summary(before), case.id
        for more in with_more(case.facts, maker):
            assert STATES.index(assess(more).status) <= STATES.index(before.status), case.id


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from(sorted(RULES)))
def test_any_rule_can_be_explained_for_any_facts(seed, code):
    """Looking at what a rule reads changes nothing of what it says."""
    facts = Maker(seed).document()
    found = look(facts, code)
    assert found.finding == {one.code: one for one in assess(facts, check=False).findings}.get(code)
    assert found.finding is None or found.reads or any(found.asked.values())
    for read in found.reads:
        assert not read.stated or value_at(facts, read.at) == read.value


def objects(node):
    if isinstance(node, dict):
        yield node
    for member in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(member)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_absent_is_unknown_and_never_an_error(seed):
    """Taking any property out leaves a document that is either rejected as incomplete or assessed."""
    maker = Maker(seed)
    facts = maker.document()
    poorer = maker.random.choice([node for node in objects(facts) if node])
    del poorer[maker.random.choice(list(poorer))]
    try:
        check_facts(facts)
    except Unprocessable as error:
        assert "is a required property" in error.detail  # noqa: PT017 - most documents are accepted
    else:
        assess(facts, check=False)


@pytest.mark.parametrize(
    ("change", "present", "code", "absent"),
    [
        ("importer_ytd_kg", {"A-26090000": "0"}, "CMR-02-VOLUME-UNKNOWN", True),
        ("reports", [], "A2-1b", False),
        ("custody_events", [], "COC-GAP", False),
        ("lists", {}, "INT-LIST-MISSING", True),
    ],
)
def test_absent_sections(make_facts, codes, change, present, code, absent):
    assert (code in codes(make_facts(**{change: None}))) is absent
    if change != "lists":
        assert code not in codes(make_facts(**{change: present}))


@pytest.mark.parametrize(
    "taken_out", ["taric_subdivision", "purity_pct", "dispatch_country", "material_type", "supplier"]
)
def test_what_is_not_stated_never_helps(make_facts, taken_out):
    shipment = {"taric_subdivision": "10", "cn_code": "26159000", "dispatch_country": "PE", "purity_pct": "50"}
    stated = assess(make_facts(shipment, importer_ytd_kg={"A-26159000-10": "200000"}))
    unknown = assess(make_facts(shipment | {taken_out: None}, importer_ytd_kg={"A-26159000-10": "200000"}))
    assert STATES.index(unknown.status) <= STATES.index(stated.status)
