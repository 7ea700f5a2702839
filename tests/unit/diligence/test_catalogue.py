import re
from datetime import date

import pytest

from traceability.diligence.catalogue import row, rows
from traceability.diligence.packs import RULES
from traceability.diligence.status import SEVERITIES
from traceability.errors import NotFound


def test_every_code_has_its_rule_and_every_rule_its_code():
    assert {found.code for found in rows()} == set(RULES)
    assert len(rows()) == len(RULES) == 152


def test_rows_are_complete():
    for found in rows():
        assert found.severity in SEVERITIES
        assert found.title
        assert found.message
        assert found.logic
        assert found.law_ref
        assert found.provenance
        assert found.reviewer_options
        assert found.facts_used


def test_severity_changes_are_the_escalations():
    changed = {found.code: found.severity_changes.split()[0] for found in rows() if found.severity_changes != "none"}
    assert changed == {code: rule.escalation.severity for code, rule in RULES.items() if rule.escalation}


def test_one_row():
    found = row("FLR-20-BAN")
    assert found.pack == "FLR"
    assert found.severity == "critical"
    assert found.applicable_from == date(2027, 12, 14)
    assert row("CMR-16-7-4-DISCLOSURE").requirement_ids == ("CMR-16", "CMR-03a")
    assert row("WASTE-CODE").applicable_from is None


def test_unknown_code():
    with pytest.raises(NotFound, match="RF-L9"):
        row("RF-L9")


def test_advisory_until_the_day_before():
    found = row("FLR-20-BAN")
    assert found.advisory_on(date(2027, 12, 13))
    assert not found.advisory_on(date(2027, 12, 14))
    assert not row("WASTE-CODE").advisory_on(date(1990, 1, 1))


def test_runs_until_its_last_day():
    from dataclasses import replace

    ended = replace(row("WASTE-CODE"), applicable_to=date(2026, 1, 31))
    assert ended.runs_on(date(2026, 1, 31))
    assert not ended.runs_on(date(2026, 2, 1))
    assert row("WASTE-CODE").runs_on(date(2099, 1, 1))


def test_no_verdict_words():
    forbidden = re.compile(r"\b(compliant|conflict[- ]free|safe|approved)\b", re.IGNORECASE)
    assert [found.code for found in rows() if forbidden.search(found.message + found.title)] == []
