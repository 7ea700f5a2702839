"""Rules left out because they have nothing to say: leaving them out changes no answer, and whoever looks is not quiet."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.rule_facts import batch
from tests.unit.diligence.facts_maker import Maker
from traceability.diligence.case import Case
from traceability.diligence.engine import ROWS, assess, run
from traceability.diligence.packs import Rule
from traceability.diligence.packs.registry import at
from traceability.diligence.quiet import _is_quiet, quiet

SECTIONS, DAY = ("as_of", "reports", "importer"), "2026-11-23"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0.2, 0.4, 0.85]), st.floats(0, 1))
def test_leaving_out_quiet_rules_changes_no_finding(seed, full, share):
    maker = Maker(seed, full)
    facts = maker.document()
    some = {name: facts[name] for name in facts if name in {"schema_version", "as_of"} or maker.random.random() < share}
    assert list(assess(some, check=False).findings) == in_order(run(Case(some), ROWS))


def in_order(findings):
    severities = ("critical", "major", "gap", "minor", "info")
    return sorted(findings, key=lambda one: (severities.index(one.severity), one.code))


def test_most_rules_are_quiet_about_a_batch_and_none_that_is_about_events():
    left = {row.code for _, row in ROWS} - quiet(batch(1))
    assert {"COC-GAP", "MB-EXCEEDS", "INT-CLOCK", "RF-L1", "RF-L3"} <= left
    assert len(left) < len(ROWS) / 4


LOOKS = {
    "whether it is empty": lambda case: at("/reports") if case.facts["reports"] else [],
    "whether it is full": lambda case: [] if case.facts["reports"] else at("/reports"),
    "how many": lambda case: at("/reports") if len(case.facts["reports"]) else [],
    "one by one": lambda case: [place for _ in case.facts["reports"] for place in at("/reports")],
    "a member": lambda case: at("/importer") if case.importer.get("eori") else [],
    "a member of a part": lambda case: at("/importer") if "policy" in case.system else [],
    "whether one is in it": lambda case: at("/importer") if "eori" in case.importer else [],
    "what equals it": lambda case: at("/reports") if case.facts["reports"] == ["it"] else [],
    "among what it is": lambda case: at("/reports") if case.facts["reports"] in ({}, []) else [],
    "of what kind it is": lambda case: at("/reports") if isinstance(case.facts["reports"], Mapping) else [],
    "in words": lambda case: at("/reports") if "x" in f"{case.facts['reports']}" else [],
    "as a key": lambda case: at("/reports") if {case.facts["reports"]} & {"x"} else [],
    "what came before": lambda case: at("/importer") if case.any_raised("COC-GAP") else [],
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_rule_that_looks_in_any_way_is_not_quiet(look):
    assert not _is_quiet(Rule(look), SECTIONS, DAY)


def test_a_rule_that_speaks_without_looking_is_not_quiet():
    assert not _is_quiet(Rule(lambda _case: at("/as_of")), SECTIONS, DAY)
    assert not _is_quiet(Rule(lambda case: [] if case.has("shipment") else at("/as_of")), SECTIONS, DAY)


def test_a_rule_that_asks_for_what_is_absent_alone_is_quiet():
    assert _is_quiet(Rule(lambda case: at("/shipment") if case.eu_dest else []), SECTIONS, DAY)
    assert not _is_quiet(Rule(lambda case: at("/shipment") if case.eu_dest else []), (*SECTIONS, "shipment"), DAY)


def test_the_day_counts():
    late = Rule(lambda case: at("/as_of") if case.as_of.year > 2026 else [])
    assert _is_quiet(late, SECTIONS, DAY)
    assert not _is_quiet(late, SECTIONS, "2027-01-01")
