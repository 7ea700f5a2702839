"""Every finding of the worked cases can be explained, in the words of the catalogue (rule-catalogue.md 3 to 5)."""

import json
import re
from pathlib import Path

import pytest

from traceability.diligence.engine import assess
from traceability.diligence.explanation import look
from traceability.diligence.reads import value_at
from traceability.diligence.terms import terms

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
CASES = sorted((SHARED / "vectors" / "scenarios").glob("*.json"))

pytestmark = pytest.mark.skipif(not CASES, reason="the folder shared/vectors is not beside this repository")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_looking_at_a_rule_finds_what_the_engine_found(path):
    facts = json.loads(path.read_text(encoding="utf-8"))["facts"]
    for finding in assess(facts).findings:
        found = look(facts, finding.code)
        assert found.finding == finding
        assert found.reads or any(found.asked.values()), finding.code
        for read in found.reads:
            if read.stated:
                assert value_at(facts, read.at) == read.value
            else:
                assert read.value is None


def test_the_meanings_are_those_of_the_design():
    text = (SHARED / "design" / "rule-catalogue.md").read_text(encoding="utf-8")
    said = re.sub(
        r"\s+", " ", text.replace("**", "").replace("*thread*", "thread").replace("*correspond*", "correspond")
    )
    assert [term.term for term in terms() if term.meaning not in said] == []
