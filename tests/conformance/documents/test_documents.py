"""The published sets of whole documents, passages and marked assertions: floors a little under what the rules reach."""

from pathlib import Path

import pytest

from traceability.documents.evaluation import Rate, evaluate, half

VECTORS = Path(__file__).resolve().parents[3] / ".." / "shared" / "vectors"


@pytest.fixture(scope="module")
def figures():
    if not (VECTORS / "assertions" / "public.jsonl").exists():
        pytest.skip("the shared vectors are not beside the repository")
    return evaluate(VECTORS)


def test_documents(figures):
    documents = figures["documents"]
    assert documents["outcome"]["share"] == 1
    assert documents["type"]["right"] >= 11  # of 12; a workbook that says what it is in no word is still unknown
    assert documents["findings_found"]["right"] >= 8
    assert documents["flagged_wrongly"]["right"] == 0


def test_assertions(figures):
    found = figures["assertions"]
    assert found["all"]["share"] >= 0.88
    assert found["concept"]["share"] >= 0.95
    assert found["country"]["share"] >= 0.88
    for part in ("a", "b"):
        assert found["by_half"][part]["share"] >= 0.82


def test_passages(figures):
    assert figures["passages"]["micro_f1"] >= 0.7
    assert figures["passages"]["risk_false"]["share"] <= 0.12


def test_the_interval_is_wilsons():
    assert Rate(9, 10).interval() == (0.5958, 0.9821)
    assert Rate(0, 0).as_dict()["share"] is None
    assert half("a-001") in {"a", "b"}
