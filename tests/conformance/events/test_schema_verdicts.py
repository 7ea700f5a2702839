"""The verdicts of EXPECTED.tsv, and agreement with the published schema on documents that somebody damaged."""

import copy
import csv
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traceability import strict_json
from traceability.errors import InvalidInput
from traceability.events.capture_rules import capture_problems
from traceability.events.validation import document_problems

SCHEMA_CHECK = "gs1-EPCIS-JSON-Schema+formats"
DEVIATIONS = Path(__file__).resolve().parent.parent / "deviations.tsv"
RULES = {
    "byte-order-mark": "byte order mark",
    "negative-quantity": "quantity of 0 or more",
    "repeated-event-id": "stands in this capture for other content",
}


@pytest.fixture(scope="session")
def rows(vectors: Path) -> list[dict[str, str]]:
    with (vectors / "EXPECTED.tsv").open(newline="") as lines:
        return [row for row in csv.DictReader(lines, delimiter="\t") if row["check"] in (SCHEMA_CHECK, "json-parse")]


@pytest.fixture(scope="session")
def documents(vectors: Path, rows: list[dict[str, str]]) -> list[Any]:
    """Return the smaller published documents, parsed as any JSON reader would."""
    texts = [(vectors / row["path"]).read_text("utf-8-sig") for row in rows if row["check"] == SCHEMA_CHECK]
    return [json.loads(text) for text in texts if len(text) < 12_000]


def verdict(data: bytes) -> str:
    try:
        return "invalid" if document_problems(strict_json.loads(data, allow_bom=True)) else "valid"
    except InvalidInput:
        return "invalid"


def test_every_published_verdict_is_reproduced(vectors: Path, rows: list[dict[str, str]]) -> None:
    wrong = [row["path"] for row in rows if verdict((vectors / row["path"]).read_bytes()) != row["verdict"]]
    assert len(rows) > 120
    assert wrong == []


def refusal_by_capture(data: bytes) -> str | None:
    try:
        body = strict_json.loads(data)
    except InvalidInput as refused:
        return refused.detail
    problems = capture_problems(body)
    return problems[0].message if problems else None


def test_what_capture_refuses_besides_is_listed_with_its_rule(vectors: Path, rows: list[dict[str, str]]) -> None:
    with DEVIATIONS.open(newline="") as lines:
        listed = {row["path"]: row for row in csv.DictReader(lines, delimiter="\t")}
    refused = {
        row["path"]: message
        for row in rows
        if row["verdict"] == "valid" and (message := refusal_by_capture((vectors / row["path"]).read_bytes()))
    }
    assert refused.keys() == listed.keys()
    for path, message in refused.items():
        assert RULES[listed[path]["rule"]] in message
        assert listed[path]["why"]


def test_the_sample_chain_is_accepted(sample_chain: bytes, oracle: Callable[[Any], bool]) -> None:
    body = strict_json.loads(sample_chain)
    assert document_problems(body) == []
    assert capture_problems(body) == []
    assert oracle(body)


ODD_VALUES: list[Any] = [
    None, True, 0, -1.5, "", "word", "shipping", "active", "po", "owning_party", "urn:x:y", "https://a.example/b c",
    "https://[::1]/x", "https://[::g]/x", "//a/b", "a:", "cbv:BizStep-shipping", "urn:epcglobal:cbv:bizstep:shipping",
    "https://ns.gs1.org/cbv/x", "http://www.gs1.org/voc/Mass", "Mass", "KGM", "kg", "2.0", "2.", "+14:00", "-13:59",
    "+14:01", "2026-02-29T10:00:00Z", "2024-02-29t10:00:00.123456789z", "2026-01-01T24:00:00Z", "2026-01-01T10:00:00",
    "0000-01-01T00:00:00Z", "2026-01-01T23:59:60Z", "ADD", "DELETE", "OBSERVE", "ObjectEvent", "TransformationEvent",
    "AssociationEvent", "TransactionEvent", "AggregationEvent", "EPCISDocument", "EPCISQueryDocument", "crm:NewEvent",
    [], [1], ["urn:a:b"], ["urn:a:b", "urn:a:b"], [{}], [{}, {}], [{"a": 1}, {"a": True}], {}, {"id": "urn:a:b"},
    {"set": ["active"]}, {"unset": []}, {"set": ["active", "active"]}, {"crm:x": 1}, {"x": 1},
]  # fmt: skip
ODD_NAMES = [
    "crm:extra", "extra", "https://ns.example/term", "_comment", "ilmd", "epcList", "quantityList", "persistentDisposition",
    "sensorElementList", "readPoint", "errorDeclaration", "certificationInfo", "@context", "childEPCs", "parentID",
    "transformationID", "bizStep", "disposition", "type", "eventID", "recordTime", "inputQuantityList",
]  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every (container, key) inside a JSON value."""
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def damage(body: Any, source: random.Random) -> None:
    """Change one thing somewhere: remove it, replace it, repeat it, or add a field beside it."""
    container, key = source.choice(list(places(body)))
    act = source.choice(["remove", "replace", "replace", "swap", "add"])
    if act == "remove":
        del container[key]
    elif act == "replace":
        container[key] = copy.deepcopy(source.choice(ODD_VALUES))
    elif act == "swap" and isinstance(container, list):
        container.append(copy.deepcopy(container[key]))
    elif isinstance(container, dict):
        container[source.choice(ODD_NAMES)] = copy.deepcopy(source.choice(ODD_VALUES))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 3))
def test_damaged_documents_get_the_verdict_of_the_schema(
    documents: list[Any], oracle: Callable[[Any], bool], seed: int, changes: int
) -> None:
    source = random.Random(seed)
    body = copy.deepcopy(source.choice(documents))
    for _ in range(changes):
        if isinstance(body, dict) and body:
            damage(body, source)
    problems = document_problems(body)
    assert (problems == []) == oracle(body), (problems, body)
