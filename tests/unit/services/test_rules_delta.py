"""Findings as they were and as today's rules have them: what counts as judged otherwise."""

import pytest

from traceability.diligence.engine import assess
from traceability.services.rules_delta import differ

FACTS = {"schema_version": "1.0", "as_of": "2026-05-01", "shipment": {"cn_code": "26090000", "waste": {"stream": "other"},
         "material_class": "mined", "destination_country": "US"}}  # fmt: skip


def test_the_same_findings_in_other_words_are_the_same():
    now = assess(FACTS)
    result = now.to_dict()
    assert {one["code"] for one in result["findings"]} >= {"WASTE-CODE", "INT-LIST-MISSING"}
    reworded = [one | {"message": "other words", "digest": "x", "lists": []} for one in reversed(result["findings"])]
    assert not differ({"findings": reworded}, now)


@pytest.mark.parametrize(
    "change", [{"code": "RF-L1"}, {"severity": "info"}, {"advisory": True}, {"evidence": ["/as_of"]}]
)
def test_a_finding_that_changes_is_judged_otherwise(change):
    now = assess(FACTS)
    first, *others = now.to_dict()["findings"]
    assert differ({"findings": [first | change, *others]}, now)


def test_a_finding_that_goes_or_comes_is_judged_otherwise():
    now = assess(FACTS)
    first, *others = now.to_dict()["findings"]
    assert differ({"findings": others}, now)
    assert differ({"findings": [first, *others, first | {"code": "RF-L1"}]}, now)


def test_facts_that_cannot_be_read_any_more_are_judged_otherwise():
    assert differ({"findings": []}, None)
