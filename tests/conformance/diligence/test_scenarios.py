"""Every due-diligence case of the shared vectors: status and the closed set of findings (rule-catalogue.md 10)."""

import csv
import json
from pathlib import Path

import pytest

from tests.unit.diligence.facts_maker import Maker, shuffled, with_more
from traceability.diligence import check_facts, facts_schema, inputs_hash
from traceability.diligence.engine import assess
from traceability.diligence.packs import RULES
from traceability.diligence.status import STATES
from traceability.diligence.tables import TABLES, read_table
from traceability.errors import Unprocessable

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
CASES = sorted((SHARED / "vectors" / "scenarios").glob("*.json"))
INVALID = sorted((SHARED / "vectors" / "scenarios-invalid").glob("*.json"))

pytestmark = pytest.mark.skipif(not CASES, reason="the folder shared/vectors is not beside this repository")

# No result may call anything by that word, so the message of this row is worded anew.
REWORDED = {"CMR-15-SUBSTANTIVE-EVIDENCE"}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def resolve(document, pointer):
    node = document
    for part in pointer.split("/")[1:]:
        node = node[int(part)] if isinstance(node, list) else node[part]
    return node


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_status_and_findings(path):
    case = load(path)
    result = assess(case["facts"])
    expected = {(found["code"], found["severity"], found["advisory"]) for found in case["expected"]["findings"]}
    assert {(found.code, found.severity, found.advisory) for found in result.findings} == expected
    assert result.status == case["expected"]["status"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_findings_can_be_shown(path):
    facts = load(path)["facts"]
    for finding in assess(facts).findings:
        assert finding.evidence
        assert all(resolve(facts, pointer) is not None and pointer for pointer in finding.evidence)
        assert "{" not in finding.message
        assert finding.message.startswith("Would apply from") == finding.advisory


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_order_changes_nothing_and_more_evidence_lowers_nothing(path):
    """The two properties of rule-catalogue.md 6, on cases whose status is not the worst already."""
    facts, maker = load(path)["facts"], Maker(path.stem, 0.5)
    result = assess(facts)
    other = assess(shuffled(facts, maker.random))
    said = [(found.code, found.severity, found.advisory) for found in result.findings]
    assert (other.status, [(found.code, found.severity, found.advisory) for found in other.findings]) == (
        result.status, said,
    )  # fmt: skip
    assert other.inputs_hash == result.inputs_hash
    for more in with_more(facts, maker):
        assert STATES.index(assess(more).status) <= STATES.index(result.status)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_rejected(path):
    with pytest.raises(Unprocessable) as caught:
        check_facts(load(path)["facts"])
    assert caught.value.status == 422
    assert len(caught.value.problems) == 1


def test_every_code_is_raised_by_a_case():
    raised = {found["code"] for path in CASES for found in load(path)["expected"]["findings"]}
    assert raised == set(RULES)


def test_sample_facts():
    facts = load(SHARED / "design" / "sample-facts.json")
    assert inputs_hash(facts) == "sha256:093e2020ab7ca0fd6aad27044a4ba518b0e7ae320b5d7af365240ba817bf080e"


def test_packaged_catalogue_is_the_design():
    with (SHARED / "design" / "rule-catalogue.csv").open(encoding="utf-8", newline="") as stream:
        design = {row["code"]: row for row in csv.DictReader(stream)}
    packaged = {row["code"]: row for row in read_table("rule-catalogue.csv")}
    assert {code for code, row in packaged.items() if row != design[code]} == REWORDED
    assert list(packaged) == list(design)
    assert all(packaged[code] | {"message": design[code]["message"]} == design[code] for code in REWORDED)


#: Columns that the packaged table leaves out: the thresholds of Annex I are dated lines of a table of their own.
LEFT_OUT = {"annex_i_2017_821.csv": {"threshold_kg", "threshold_provenance"}}


@pytest.mark.parametrize("name", TABLES)
def test_packaged_tables_are_the_design(name):
    with (SHARED / "data" / "law" / name).open(encoding="utf-8", newline="") as stream:
        design = list(csv.DictReader(stream))
    left_out = LEFT_OUT.get(name, set())
    assert left_out <= design[0].keys()
    wanted = [{column: value for column, value in row.items() if column not in left_out} for row in design]
    assert read_table(name) == wanted


def test_packaged_schema_is_the_design():
    assert facts_schema() == load(SHARED / "design" / "assessment-facts.schema.json")
