"""The quick test accepts nothing that the validator refuses, and all of what documents usually look like."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.diligence.facts_maker import Maker
from traceability.diligence.acceptance import acceptance
from traceability.diligence.schema import fits, schema_problems

ODD = (
    None, True, 0, -1, 5.0, 1.5, 2**60, "", "x" * 501, "DE\n", "2026-02-30", "2026-13-01", "26090000\n", "é", "\ud800",
    "2026-01-01T00:00:00+99:99", "2026-01-01T25:00:00Z", [], {}, ["a", "a"], [1], {"x": 1}, "10000", "-5", "1e3", "CD-",
)  # fmt: skip


def spots(node):
    """Yield (container, key) of every member."""
    if isinstance(node, dict | list):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            yield node, key
            yield from spots(node[key])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_damaged_document_is_never_accepted_against_the_validator(seed):
    facts, source = Maker(seed).document(), random.Random(seed)
    assert fits(facts)
    node, key = source.choice(list(spots(facts)))
    way = source.randrange(4)
    if way == 0 and isinstance(node, dict):
        node["unknown"] = 1
    elif way == 1:
        del node[key]
    else:
        node[key] = source.choice(ODD)
    if fits(facts):
        assert next(schema_problems(facts), None) is None


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_no_odd_value_is_a_document(value):
    assert not fits(value)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "pattern": "^a", "minLength": 2}, ["ab"], ["a", "ba", 1, None]),
        ({"type": "string", "format": "even"}, ["ab"], ["a"]),
        ({"type": "string", "enum": ["a", "b"]}, ["a"], ["c", 1, ["a"]]),
        ({"type": "string", "enum": ["a", "bc"], "maxLength": 1}, ["a"], ["bc"]),
        ({"const": "1.0"}, ["1.0"], ["1", 1.0]),
        ({"type": "integer", "minimum": 1, "maximum": 2}, [1, 2], [0, 3, True, 1.0, "1"]),
        ({"type": "boolean"}, [True, False], [0, 1, None]),
        ({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2, "uniqueItems": True},
         [["a"], ["a", "b"]], [[], ["a", "a"], ["a", "b", "c"], [1], ("a",)]),
        ({"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"], "additionalProperties": False},
         [{"a": True}], [{}, {"a": 1}, {"a": True, "b": 1}, []]),
        ({"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": {"enum": ["x"]}},
         [{}, {"x": 1}], [{"y": 1}, {"x": "1"}]),
    ],
)  # fmt: skip
def test_each_keyword(schema, good, bad):
    test = acceptance(schema, {"even": lambda text: len(text) % 2 == 0})
    assert [value for value in good if not test(value)] == []
    assert [value for value in bad if test(value)] == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number"},
        {"type": "string", "not": {}},
        {"type": "object", "additionalProperties": False, "if": {}},
        {"type": "object", "properties": {}},
        {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
        {"anyOf": []},
    ],
)
def test_what_is_not_known_makes_no_quick_test(schema):
    with pytest.raises(ValueError, match="no quick test"):
        acceptance(schema, {})
