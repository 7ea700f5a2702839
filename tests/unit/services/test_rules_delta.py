"""Findings as they were and as today's rules have them: what counts as judged otherwise."""

import pytest

from traceability.services import rules_delta
from traceability.services.assess import assess_facts

FACTS = {"schema_version": "1.0", "as_of": "2026-05-01", "shipment": {"cn_code": "26090000", "waste": {"stream": "other"},
         "material_class": "mined", "destination_country": "US"}}  # fmt: skip


def test_the_same_findings_in_other_words_are_the_same():
    result = assess_facts(FACTS)
    assert {one["code"] for one in result["findings"]} >= {"WASTE-CODE", "INT-LIST-MISSING"}
    reworded = [one | {"message": "other words", "digest": "x", "lists": []} for one in reversed(result["findings"])]
    assert rules_delta._said({"findings": reworded}) == rules_delta._says(FACTS)


@pytest.mark.parametrize(
    "change", [{"code": "RF-L1"}, {"severity": "info"}, {"advisory": True}, {"evidence": ["/as_of"]}]
)
def test_a_finding_that_changes_is_judged_otherwise(change):
    first, *others = assess_facts(FACTS)["findings"]
    assert rules_delta._said({"findings": [first | change, *others]}) != rules_delta._says(FACTS)


def test_facts_that_cannot_be_read_any_more_are_judged_otherwise():
    assert rules_delta._says(FACTS | {"as_of": "yesterday"}) is None
    assert rules_delta._said({"findings": []}) is not None
