"""The two properties of rule-catalogue.md 6 and what must hold for any facts, on documents drawn from the schema itself."""

import copy
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.diligence.facts_maker import DEFINITIONS, SCHEMA, Maker
from traceability.diligence import check_facts, inputs_hash
from traceability.diligence.engine import assess
from traceability.diligence.status import STATES
from traceability.errors import Unprocessable


def summary(assessment):
    return assessment.status, {(found.code, found.severity, found.advisory) for found in assessment.findings}


def resolve(node, pointer):
    for part in pointer.split("/")[1:]:
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node


def shuffled(node, source, name=""):
    if isinstance(node, dict):
        return {key: shuffled(value, source, key) for key, value in node.items()}
    if not isinstance(node, list):
        return node
    members = [shuffled(value, source) for value in node]
    return members if name == "custody_events" else source.sample(members, len(members))


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
            resolve(facts, pointer)
        assert found.advisory == (
            found.applicable_from is not None and date.fromisoformat(facts["as_of"]) < found.applicable_from
        )


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_order_of_arrays_changes_nothing(seed):
    maker = Maker(seed)
    facts = maker.document()
    other = shuffled(facts, maker.random)
    assert summary(assess(other, check=False)) == summary(assess(facts, check=False))
    assert inputs_hash(other) == inputs_hash(facts)


def more_evidence(facts, source):
    """Return the facts with one more report, strong hit, affirmed signal or area entry of a loaded list."""
    maker = Maker(source.random())
    additions = [
        ("reports", maker.of(SCHEMA["properties"]["reports"]["items"], "") | {"status": "open"}),
        (
            "entity_hits",
            maker.of(SCHEMA["properties"]["entity_hits"]["items"], "")
            | {"match_basis": "identifier", "disposition": "pending"},
        ),
        (
            "text_signals",
            maker.of(SCHEMA["properties"]["text_signals"]["items"], "")
            | {"assertion": "affirmed", "disposition": "pending"},
        ),
    ]
    more = copy.deepcopy(facts)
    areas = [
        name for name in ("cahra", "transit_watch", "forced_labour_areas", "aml_weak") if name in facts.get("lists", {})
    ]
    if areas and source.random() < 0.5:
        more["lists"][source.choice(areas)]["entries"].append(maker.of(DEFINITIONS["area_entry"], ""))
    else:
        section, addition = source.choice(additions)
        more.setdefault(section, []).append(addition)
    return more


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_more_evidence_never_lowers_the_status(seed):
    maker = Maker(seed)
    facts = maker.document()
    before = STATES.index(assess(facts, check=False).status)
    assert STATES.index(assess(more_evidence(facts, maker.random), check=False).status) <= before


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
