"""What a mitigation plan and a grievance may say, and what a later version may not take back."""

from datetime import date, timedelta

import pytest

from traceability.diligence.engine import assess
from traceability.diligence.facts import facts_schema
from traceability.errors import InvalidInput
from traceability.events.identifiers import normalise
from traceability.services import case_forms
from traceability.services.case_forms import check_follows, has_failed, loaded, record_of

TODAY = date(2026, 11, 20)
ABOUT = [{"kind": "party", "id": "did:web:Mine.example"}]
PLAN = {
    "risk_code": "A2-5", "about": ABOUT, "adopted_on": "2026-01-31", "review_due_on": "2026-12-31",
    "progress": "no_improvement", "steps": [{"what": "w", "measure": "m", "due_on": "2026-12-01"}],
}  # fmt: skip


def plan(**fields):
    return record_of("plan", loaded("plan", PLAN | fields), TODAY)


def test_the_words_are_those_of_the_facts_schema():
    properties = facts_schema()["properties"]
    for section, name, words in (
        ("mitigation_plans", "progress", case_forms.PROGRESS), ("grievances", "status", case_forms.STATUSES),
    ):  # fmt: skip
        assert properties[section]["items"]["properties"][name]["enum"] == list(words)


@pytest.mark.parametrize("progress", case_forms.PROGRESS)
@pytest.mark.parametrize("code", ["A2-5", "A2-3"])
def test_a_plan_has_failed_exactly_where_the_rules_say_so(code, progress):
    for days in range(178, 188):
        record = plan(risk_code=code, progress=progress)
        on = date.fromisoformat(record["adopted_on"]) + timedelta(days=days)
        said = {"plan_id": "p", **{name: record[name] for name in ("risk_code", "adopted_on", "progress")}}
        found = assess({"schema_version": "1.0", "as_of": on.isoformat(), "mitigation_plans": [said]}).findings
        assert any(one.severity == "critical" for one in found) == has_failed(record, on), days


def test_identifiers_get_their_one_spelling_and_dates_are_text():
    record = plan(about=[{"kind": "batch", "id": " HTTPS://ID.example/lot/L-1 "}])
    assert record["about"] == [{"kind": "batch", "id": normalise("https://id.example/lot/L-1")}]
    assert record["steps"][0]["due_on"] == "2026-12-01"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"progress": "failed"}, None), ({"progress": "improved"}, "progress"), ({"risk_code": "A2-3"}, "risk_code"),
        ({"about": [*ABOUT, {"kind": "site", "id": "https://id.example/pit"}]}, None),
        ({"about": [{"kind": "site", "id": "https://id.example/pit"}]}, "about"),
    ],
)  # fmt: skip
def test_nothing_critical_is_written_away(fields, path):
    after = plan(**fields)
    if path is None:
        check_follows("plan", plan(), after, TODAY)
        return
    with pytest.raises(InvalidInput) as refused:
        check_follows("plan", plan(), after, TODAY)
    assert [one.path for one in refused.value.problems] == [path]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"steps": [{"what": "w", "due_on": "2026-12-01"}]}, "steps"), ({"progress": "fine"}, "progress"),
        ({"adopted_on": "2026-11-21"}, "adopted_on"), ({"review_due_on": "2026-01-01"}, "review_due_on"),
        ({"steps": [PLAN["steps"][0] | {"done_on": "2026-11-21"}]}, "steps[0].done_on"),
        ({"words": "unknown"}, "words"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(fields, path):
    with pytest.raises(InvalidInput) as refused:
        plan(**fields)
    assert [one.path for one in refused.value.problems] == [path]
