import copy
import hashlib
import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.diligence.facts_maker import Maker
from traceability.diligence import check_facts, facts_schema, inputs_hash
from traceability.errors import Unprocessable


def problems(facts):
    with pytest.raises(Unprocessable) as caught:
        check_facts(facts)
    return caught.value.problems


def test_accepts_sample(sample_facts):
    check_facts(sample_facts)


def test_sample_hash(sample_facts):
    assert inputs_hash(sample_facts) == "sha256:093e2020ab7ca0fd6aad27044a4ba518b0e7ae320b5d7af365240ba817bf080e"


def test_schema_is_a_copy_for_the_caller():
    facts_schema().clear()
    assert facts_schema()["title"] == "Assessment facts"


def test_problem_names_place_and_meaning(make_facts):
    (found,) = problems(make_facts({"net_weight_kg": 9000}))
    assert found.path == "/shipment/net_weight_kg"
    assert "9000 is not of type 'string'" in found.message
    assert "Net weight of the consignment" in found.message


@pytest.mark.parametrize("document", [None, [], "facts", 3, True, {}, {"schema_version": "2.0", "as_of": "2026-01-01"}])
def test_not_a_facts_document(document):
    assert problems(document)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("as_of", "2026-02-30"),
        ("as_of", "0000-01-01"),
        ("as_of", "2026-01-01\n"),
        ("as_of", "20260101"),
        ("assessment_id", ""),
        ("assessment_id", None),
        ("colour", "red"),
    ],
)
def test_top_level(make_facts, field, value):
    assert problems(make_facts() | {field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("destination_country", "DEU"),
        ("destination_country", "de"),
        ("destination_country", "DE\n"),
        ("cn_code", "26090000\n"),
        ("net_weight_kg", "5\n"),
        ("net_weight_kg", "1e3"),
        ("net_weight_kg", "-1"),
        ("net_weight_kg", "٣"),
        ("purity_pct", "100.1"),
        ("materials", ["tin", "tin"]),
        ("materials", "tin"),
        ("batch_ids", ["A", "A"]),
        ("batch_ids", ["A", 1]),
        ("material_class", "compost"),
    ],
)
def test_shipment_fields(make_facts, field, value):
    facts = make_facts()
    facts["shipment"][field] = value
    assert problems(facts)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-01T10:00:00",
        "2026-02-01 10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-02-01T24:00:00Z",
        "2026-02-01T23:59:60Z",
        "2026-02-01T10:00:00+24:00",
        "2026-02-01T10:00:00+00:99",
        "2026-02-01T10:00:00Z\n",
    ],
)
def test_event_time_needs_a_real_moment_with_offset(make_facts, make_event, text):
    assert problems(make_facts(custody_events=[make_event("E1", "other", at=text)]))


@pytest.mark.parametrize("text", ["2026-02-01T10:00:00Z", "2026-02-01T10:00:00.123456-23:59"])
def test_event_time_accepted(make_facts, make_event, text):
    check_facts(make_facts(custody_events=[make_event("E1", "other", at=text)]))


class TestContradictions:
    @pytest.mark.parametrize(
        "shipment",
        [
            {"origins": [{"country": "PE", "subdivision": "BO-L"}]},
            {"mine_of_origin": {"country": "PE", "subdivision": "CD-NK"}},
            {
                "battery_raw_materials": [
                    {"material": "cobalt", "country_of_origin": "ZM", "origin_subdivision": "CD-LU"}
                ]
            },
        ],
    )
    def test_subdivision_of_another_country(self, make_facts, shipment):
        (found,) = problems(make_facts(shipment))
        assert found.path.endswith("subdivision")

    def test_subdivision_without_country_is_accepted(self, make_facts):
        check_facts(make_facts({"manufacturer": {"subdivision": "CN-XJ"}}))

    def test_document_twice(self, make_facts):
        document = {"document_id": "D1", "type": "invoice"}
        (found,) = problems(make_facts(documents=[document, {"document_id": "D2", "type": "other"}, document]))
        assert found.path == "/documents/2/document_id"

    def test_batch_twice_in_one_list_also_of_a_declared_error(self, make_facts, make_event):
        twice = make_event("E1", "other", inputs=[("B1", 1), ("B1", 2)], error_declaration=True)
        (found,) = problems(make_facts(custody_events=[twice]))
        assert found.path == "/custody_events/0/input_quantity_list/1/batch_id"

    def test_batch_in_two_lists_is_accepted(self, make_facts, make_event):
        check_facts(make_facts(custody_events=[make_event("E1", "other", [("B1", 1)], outputs=[("B1", 1)])]))

    @pytest.mark.parametrize("employees", [2**53, 10**30])
    def test_number_without_canonical_form(self, make_facts, employees):
        (found,) = problems(make_facts(importer={"employees": employees}))
        assert found.path == "/importer/employees"

    def test_lone_surrogate(self, make_facts):
        (found,) = problems(make_facts({"trade_name": "tin \ud800"}))
        assert found.path == "/shipment/trade_name"


def test_at_most_fifty_problems(make_facts):
    assert len(problems(make_facts({"origins": [{"country": "x"}] * 80}))) == 50


def test_long_values_are_cut_in_messages(make_facts):
    (found,) = problems(make_facts({"destination_country": "X" * 5000}))
    assert len(found.message) < 500


def test_deep_nesting_is_rejected(make_facts):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    (found,) = problems(make_facts() | {"importer": deep})
    assert "nested too deeply" in found.message


class TestHash:
    def test_order_of_sets_and_keys_does_not_matter(self, sample_facts):
        expected = inputs_hash(sample_facts)
        reordered = json.loads(json.dumps(sample_facts, sort_keys=True))
        reordered["custody_events"][6]["input_quantity_list"].reverse()
        assert inputs_hash(reordered) == expected

    def test_order_of_events_does(self, sample_facts):
        reordered = copy.deepcopy(sample_facts)
        reordered["custody_events"].reverse()
        assert inputs_hash(reordered) != inputs_hash(sample_facts)

    def test_assessment_id_is_left_out(self, sample_facts):
        assert inputs_hash(sample_facts | {"assessment_id": "X"}) == inputs_hash(sample_facts)

    def test_absent_and_empty_differ(self, make_facts):
        assert inputs_hash(make_facts(reports=[])) != inputs_hash(make_facts())

    @pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800", ["\ud800", "a"]])
    def test_without_canonical_form(self, make_facts, value):
        with pytest.raises(Unprocessable, match="RFC 8785"):
            inputs_hash(make_facts() | {"assessed": value})


def slow_hash(facts):
    """Return inputs_hash by the RFC 8785 library alone."""

    def ordered(node, name=""):
        if isinstance(node, dict):
            return {key: ordered(value, key) for key, value in node.items() if key != "assessment_id"}
        if not isinstance(node, list):
            return node
        members = [ordered(member) for member in node]
        return members if name == "custody_events" else sorted(members, key=rfc8785.dumps)

    return "sha256:" + hashlib.sha256(rfc8785.dumps(ordered(facts))).hexdigest()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.text())
def test_the_hash_is_that_of_the_canonical_form(seed, text):
    facts = Maker(seed).document() | {"free": [text, "b", {"n": 5}, 2, True]}
    assert inputs_hash(facts) == slow_hash(facts)


@pytest.mark.parametrize(
    "value", [*map(chr, range(0x21)), "\x7f", "\u2028", "\U0001f600", "\uffff", "\\", '"', "/", "<&>'"]
)
def test_every_kind_of_letter_is_hashed_in_its_canonical_form(value):
    facts = {"as_of": value, "reports": [value, value + "a"]}
    assert inputs_hash(facts) == slow_hash(facts)


@pytest.mark.parametrize("value", [5.0, 1e21, 0.1, -0.0, None, 2**53 - 1, -(2**53) + 1, True])
def test_every_kind_of_number_is_hashed_in_its_canonical_form(value):
    for facts in ({"n": value}, {"n": [value, 1]}, {"é": value, "\U0001f600": 1, "\uffff": 2}):
        assert inputs_hash(facts) == slow_hash(facts)


@pytest.mark.parametrize("value", [2**53, "\ud800", float("nan")])
def test_what_has_no_canonical_form_is_not_hashed(value):
    with pytest.raises(Unprocessable, match="cannot be hashed"):
        inputs_hash({"as_of": value})
