"""RFC 6962 proofs of transparency-dev/merkle: every case gets its published verdict."""

import base64
import json

import pytest

from traceability.ledger.errors import ProofError
from traceability.ledger.merkle import verify_consistency, verify_inclusion


def _cases(folder):
    cases = [json.loads(file.read_bytes()) | {"file": str(file)} for file in sorted(folder.rglob("*.json"))]
    assert cases, f"no cases in {folder}"
    return cases


def _bytes(case, name):
    return base64.b64decode(case[name])


def _path(case):
    return [base64.b64decode(value) for value in case["proof"] or []]


def _verdicts(cases, check):
    wrong = []
    for case in cases:
        try:
            check(case)
        except ProofError:
            accepted = False
        else:
            accepted = True
        if accepted == case["wantErr"]:
            wrong.append(case["file"])
    return wrong


def test_inclusion(vectors):
    cases = _cases(vectors / "ledger" / "merkle" / "inclusion")
    assert not _verdicts(
        cases,
        lambda c: verify_inclusion(_bytes(c, "leafHash"), c["leafIdx"], c["treeSize"], _path(c), _bytes(c, "root")),
    )
    assert {case["wantErr"] for case in cases} == {True, False}


def test_consistency(vectors):
    cases = _cases(vectors / "ledger" / "merkle" / "consistency")
    assert not _verdicts(
        cases, lambda c: verify_consistency(c["size1"], _bytes(c, "root1"), c["size2"], _bytes(c, "root2"), _path(c))
    )
    assert {case["wantErr"] for case in cases} == {True, False}


@pytest.mark.parametrize("kind", ["subtreeinclusion", "subtreeconsistency"])
def test_subtrees_that_begin_at_0_are_trees(vectors, kind):
    # Empty ones and those that begin elsewhere belong to draft-ietf-plants-merkle-tree-certs, which this log does not use.
    cases = [case for case in _cases(vectors / "ledger" / "merkle" / kind) if case["start"] == 0 < case["end"]]

    def check(case):
        if kind == "subtreeinclusion":
            verify_inclusion(_bytes(case, "leafHash"), case["leafIdx"], case["end"], _path(case), _bytes(case, "root"))
        else:
            verify_consistency(case["end"], _bytes(case, "root1"), case["size"], _bytes(case, "root2"), _path(case))

    assert not _verdicts(cases, check)
    assert len(cases) > 40
