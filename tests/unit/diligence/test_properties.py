"""The two properties of rule-catalogue.md 6 and what must hold for any facts, on documents drawn from the schema itself."""

import copy
import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traceability.diligence import check_facts, facts_schema, inputs_hash
from traceability.diligence.engine import assess
from traceability.diligence.status import STATES
from traceability.errors import Unprocessable

SCHEMA = facts_schema()
DEFINITIONS = SCHEMA["$defs"]

# Few values, so that lists, places, batches and parties often meet; limits and their neighbours are among them.
POOLS = {
    "date": [
        "2012-12-31",
        "2025-04-30",
        "2026-01-15",
        "2026-05-01",
        "2026-05-02",
        "2027-12-14",
        "0001-01-01",
        "9999-12-31",
    ],
    "date_time": [
        "2026-01-10T08:00:00Z",
        "2026-01-10T08:00:00+02:00",
        "2026-03-01T00:00:00.5-11:00",
        "9999-12-31T23:59:59Z",
    ],
    "decimal": ["0", "1", "98", "100", "102", "102.000001", "5000", "40000000", "999999999999999.999999"],
    "percent": ["0", "5.9", "50", "99.5", "100"],
    "score": ["0", "0.749999", "0.75", "1"],
    "country": ["CD", "RW", "DE", "CN", "US", "RU", "PE", "AE"],
    "subdivision": ["NK", "SK", "XJ", "01"],
    "area": ["CD-NK", "RW", "CN-XJ", "CN", "AE", "CD"],
    "identifier": ["A", "B", "C", "D"],
    "material": ["tin", "gold", "tantalum", "cobalt", "copper", "lead"],
    "cn_code": ["26090000", "26159000", "71081200", "81032000", "80011000", "85076000", "71131900"],
    "cn_prefix": ["26", "7108", "80011000"],
    "taric_subdivision": ["10", "90"],
    "waste_code": ["191402*", "191212"],
    "eori": ["DE123"],
    "currency": ["EUR"],
}
NUMBERS = [0, 4, 5, 10, 501, 5001, 2024, 2026]


class Maker:
    """Draws a document that fits the schema; ``full`` is the chance that an optional property is stated."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.full = self.random.choice([0.2, 0.5, 0.85])

    def document(self):
        facts = self.of(SCHEMA, "")
        facts["as_of"] = self.random.choice(["2026-05-01", "2026-05-01", "2028-06-01", "9999-12-31", "0001-01-01"])
        documents = facts.get("documents", [])
        facts |= {"documents": list({found["document_id"]: found for found in documents}.values())} if documents else {}
        return facts

    def of(self, schema, name):
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            schema = DEFINITIONS[name]
        if "const" in schema:
            return schema["const"]
        if name in POOLS or "enum" in schema:
            allowed = schema.get("enum", POOLS.get(name))
            return self.random.choice([value for value in POOLS.get(name, allowed) if value in allowed] or allowed)
        return getattr(self, f"_{schema['type']}")(schema, name)

    def _object(self, schema, name):
        if name == "importer_ytd_kg":
            rows = self.random.sample(schema["propertyNames"]["enum"], 12)
            return {row: self.random.choice(POOLS["decimal"]) for row in [*rows, "A-26090000", "B-8001"]}
        keys = [key for key in schema["properties"] if key in schema["required"] or self.random.random() < self.full]
        made = {key: self.of(schema["properties"][key], key) for key in keys}
        for country, subdivision in (("country", "subdivision"), ("country_of_origin", "origin_subdivision")):
            if subdivision in made:
                made[subdivision] = f"{made.get(country, 'CD')}-{made[subdivision]}"
        return made

    def _array(self, schema, name):
        made = [self.of(schema["items"], "") for _ in range(self.random.choice([0, 1, 2, 4]))]
        if name.endswith("quantity_list"):
            return list({entry["batch_id"]: entry for entry in made}.values())
        if schema.get("minItems") and not made:
            return [self.of(schema["items"], "")]
        return sorted(set(made)) if schema.get("uniqueItems") else made

    def _boolean(self, _schema, _name):
        return self.random.random() < 0.6

    def _integer(self, schema, _name):
        return max(schema.get("minimum", 0), self.random.choice(NUMBERS))

    def _string(self, _schema, _name):
        return self.random.choice(["Maker", "Seller", "x"])


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
