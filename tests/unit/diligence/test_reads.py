"""The containers that remember what was asked of them give the same answers as plain ones."""

import pytest

from traceability.diligence.definitions.items import items, nearest
from traceability.diligence.reads import Read, Reads, value_at

FACTS = {
    "as_of": "2026-05-01",
    "shipment": {"cn_code": "26090000", "origins": [{"country": "PE"}, {"country": "CD"}], "batch_ids": ["A", "B"],
                 "supplier": {"name": "x", "address": "y"}, "upstream_locations": []},
    "a/b": {"c~d": 1},
}  # fmt: skip


def looked(ask):
    reads = Reads(FACTS)
    ask(reads.facts)
    return [(read.at, read.stated, read.value) for read in reads.found()]


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda facts: facts["shipment"]["cn_code"], [("/shipment/cn_code", True, "26090000")]),
        (lambda facts: facts["shipment"].get("purity_pct"), [("/shipment/purity_pct", False, None)]),
        (lambda facts: "importer" in facts, [("/importer", False, None)]),
        (lambda facts: facts.get("importer", {}).get("system", {}).get("policy"), [("/importer", False, None)]),
        (lambda facts: items(facts["shipment"], "upstream_locations"), [("/shipment/upstream_locations", True, [])]),
        (lambda facts: [item.value["country"] for item in items(facts["shipment"], "origins", "/shipment")],
         [("/shipment/origins/0/country", True, "PE"), ("/shipment/origins/1/country", True, "CD")]),
        (lambda facts: set(facts["shipment"]["batch_ids"]), [("/shipment/batch_ids", True, ["A", "B"])]),
        (lambda facts: "A" in facts["shipment"]["batch_ids"], [("/shipment/batch_ids", True, ["A", "B"])]),
        (lambda facts: facts["shipment"]["origins"][-1]["country"], [("/shipment/origins/1/country", True, "CD")]),
        (lambda facts: facts["shipment"]["origins"][:1], [("/shipment/origins", True, FACTS["shipment"]["origins"])]),
        (lambda facts: bool(facts["shipment"]["supplier"]), [("/shipment/supplier", True, {"name": "x", "address": "y"})]),
        (lambda facts: dict(facts["shipment"]["supplier"].items())["name"],
         [("/shipment/supplier/name", True, "x"), ("/shipment/supplier/address", True, "y")]),
        (lambda facts: facts["shipment"]["supplier"].values(),
         [("/shipment/supplier/name", True, "x"), ("/shipment/supplier/address", True, "y")]),
        (lambda facts: {**facts["shipment"]["supplier"]}, [("/shipment/supplier", True, {"name": "x", "address": "y"})]),
        (lambda facts: nearest(facts, "/shipment/mine/country"), [("/shipment/mine", False, None)]),
        (lambda facts: facts["a/b"]["c~d"], [("/a~1b/c~0d", True, 1)]),
    ],
)  # fmt: skip
def test_the_deepest_places_looked_at(ask, expected):
    assert looked(ask) == expected


def test_the_answers_are_those_of_plain_containers():
    watched = Reads(FACTS).facts
    assert watched == FACTS
    assert watched["shipment"]["batch_ids"] == ["A", "B"]
    assert len(watched["shipment"]["batch_ids"]) == 2
    assert sorted(watched["shipment"]["batch_ids"], reverse=True) == ["B", "A"]
    with pytest.raises(KeyError):
        watched["shipment"]["purity_pct"]


def test_what_was_forgotten_is_not_told_again():
    reads = Reads(FACTS)
    assert reads.facts["as_of"]
    reads.forget()
    assert reads.facts["shipment"]["cn_code"]
    assert reads.found() == (Read("/shipment/cn_code", stated=True, value="26090000"),)


def test_a_pointer_is_followed():
    assert value_at(FACTS, "/shipment/origins/1/country") == "CD"
    assert value_at(FACTS, "/a~1b/c~0d") == 1
    assert value_at(FACTS, "") is FACTS
    with pytest.raises(KeyError):
        value_at(FACTS, "/none")
