"""What a notice of an authority may say, the day it is due, and what a later version may not change without a word."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.diligence.definitions.watch import due
from traceability.diligence.engine import assess
from traceability.diligence.facts import facts_schema
from traceability.diligence.notice_kinds import KINDS, REGIMES, notice_kind, period_by_law
from traceability.diligence.working_days import AUTHORITIES, UNITS
from traceability.errors import InvalidInput
from traceability.services import notice_forms
from traceability.services.case_forms import check_follows, loaded, record_of
from traceability.services.notice_forms import request

TODAY = date(2028, 11, 20)
REASON = "extended by letter of the authority, file 7"
NOTICE = {
    "regime": "FLR", "kind": "information_request", "authority": "the customs office", "authority_country": "DE",
    "issued_on": "2027-12-13", "received_on": "2027-12-14", "text": "what was done on lot 7", "status": "open",
}  # fmt: skip
GERMAN = {"regime": "CMR", "kind": "remedial_notice", "authority_country": "DE"}
STATED = {"kind": "investigation_request"}


def notice(**fields):
    said = {name: value for name, value in (NOTICE | fields).items() if value is not None}
    return record_of("notice", loaded("notice", said), TODAY)


def test_the_words_are_those_of_the_facts_schema():
    fields = facts_schema()["properties"]["authority_requests"]["items"]["properties"]
    assert set(fields["regime"]["enum"]) == set(REGIMES)
    assert set(fields["kind"]["enum"]) == set(notice_forms.NOTICE_KINDS)


def test_only_two_kinds_have_a_period_by_law():
    every = [(one.regime, one.kind, country) for one in KINDS for country in AUTHORITIES]
    by_law = {kind for kind in every if period_by_law(*kind)}
    flr = {("FLR", "information_request", country) for country in AUTHORITIES}
    assert by_law == flr | {("CMR", "remedial_notice", "DE")}
    assert notice_kind("FLR", "remedial_notice") is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "2028-01-25"),  # 30 working days, New Year's Day of 2028 being a Saturday
        ({"authority_country": "PL"}, "2028-01-27"),  # there Christmas Eve and Epiphany are holidays
        ({"authority_country": "EU"}, "2028-01-25"),
        ({"received_on": None}, "2028-01-24"),  # taken as the day of issue
        (GERMAN, "2028-01-13"),  # 30 days
        (GERMAN | {"received_on": "2028-01-14"}, "2028-02-13"),  # a Sunday: no rule of the catalogue moves it
        (STATED | {"due_on": "2028-02-05"}, "2028-02-05"),  # what the authority states stands, also on a Saturday
        (STATED | {"period": {"days": 45, "unit": "working"}}, "2028-02-15"),
        (STATED | {"period": {"days": 30, "unit": "calendar"}}, "2028-01-13"),
        (STATED | {"period": {"days": 32, "unit": "calendar"}}, "2028-01-17"),  # ends on a Saturday
        (STATED | {"no_deadline": True}, None),
    ],
)
def test_the_day_a_notice_is_due_is_the_one_the_rules_find(fields, expected):
    record = notice(**fields)
    assert record.get("due") == expected
    entry = request("r-1", record)
    assert due(entry) == (None if expected is None else date.fromisoformat(expected))
    facts = {"schema_version": "1.0", "as_of": expected or "2028-06-01", "authority_requests": [entry]}
    assert {one.code for one in assess(facts).findings} == {
        f"{record['regime']}-{'17' if record['regime'] == 'FLR' else '18'}-OPEN"
    }
    if expected is not None:
        day_after = date.fromordinal(date.fromisoformat(expected).toordinal() + 1).isoformat()
        (found,) = assess(facts | {"as_of": day_after}).findings
        assert (found.code.endswith("-OVERDUE"), found.severity) == (True, "major")


def test_what_was_counted_with_is_kept():
    record = notice(authority_country="PL")
    assert record["public_holidays"] == ["2027-12-24", "2028-01-06"]
    assert "PL" in record["calendar"]
    assert "calendar" not in notice(**GERMAN), "calendar days ask for no table"
    moved = record | {"public_holidays": []}
    assert due(request("r", moved)) != due(request("r", record))


@given(
    st.sampled_from(KINDS), st.sampled_from(sorted(AUTHORITIES)), st.dates(date(2021, 1, 1), TODAY),
    st.one_of(
        st.builds(lambda days, unit: {"period": {"days": days, "unit": unit}}, st.integers(1, 366), st.sampled_from(UNITS)),
        st.just({}), st.just({"no_deadline": True}), st.just({"due_on": "2029-01-01"}),
    ),
)  # fmt: skip
def test_no_notice_that_is_taken_is_due_otherwise_than_the_rules_find(kind, country, issued, stated):
    said = {"regime": kind.regime, "kind": kind.kind, "authority_country": country, "issued_on": issued.isoformat()}
    law = period_by_law(kind.regime, kind.kind, country)
    if "no_deadline" in stated if law else not stated:
        with pytest.raises(InvalidInput, match="no_deadline" if law else "due_on"):
            notice(**said | {"received_on": None} | stated)
        return
    record = notice(**said | {"received_on": None} | stated)
    found = due(request("r", record))
    assert record.get("due") == (found and found.isoformat())
    assert found is None or found >= issued


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        (STATED, "due_on"), (GERMAN | {"authority_country": "AT"}, "due_on"), ({"no_deadline": True}, "no_deadline"),
        (STATED | {"due_on": "2028-01-01", "no_deadline": True}, "no_deadline"), ({"kind": "remedial_notice"}, "kind"),
        (STATED | {"period": {"days": 0, "unit": "working"}}, "period"),
        (STATED | {"period": {"days": 9, "unit": "weeks"}}, "period"),
        (STATED | {"period": {"days": 1.5, "unit": "working"}}, "period"),
        (STATED | {"period": {"days": "9", "unit": "working"}}, "period"), ({"authority_country": "US"}, "authority_country"),
        ({"received_on": "2027-12-12"}, "received_on"), ({"received_on": "2029-01-01"}, "received_on"),
        ({"due_on": "2027-12-13"}, "due_on"), ({"status": "answered", "reason": REASON}, "answered_on"),
        ({"answered_on": "2028-01-01"}, "answered_on"), ({"status": "withdrawn"}, "reason"), ({"reason": REASON}, "reason"),
        ({"status": "answered", "answered_on": "2028-01-01", "reason": "sent"}, "reason"),
        ({"status": "answered", "answered_on": "2029-01-01", "reason": REASON}, "answered_on"),
        ({"text": " "}, "text"), ({"issued_on": "2027-02-30"}, "issued_on"), ({"words": "x"}, "words"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(fields, path):
    with pytest.raises(InvalidInput) as refused:
        notice(**fields)
    assert refused.value.problems[0].path == path


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ({}, {"due_on": "2028-03-01"}, "deadline_reason"),
        ({}, {"due_on": "2028-03-01", "deadline_reason": REASON}, None),
        ({"due_on": "2028-03-01", "deadline_reason": REASON}, {"due_on": "2028-04-01", "deadline_reason": REASON},
         "deadline_reason"),
        (STATED | {"due_on": "2028-03-01"}, STATED | {"no_deadline": True}, "deadline_reason"),
        (STATED | {"no_deadline": True}, STATED | {"due_on": "2028-03-01"}, None),
        ({}, {"due_on": "2028-01-02"}, None), ({}, {"received_on": "2027-12-20"}, "received_on"),
        ({}, {"authority_country": "PL"}, "authority_country"), ({}, {"text": "something else"}, "text"),
        ({}, {"status": "answered", "answered_on": "2028-01-03", "reason": REASON}, None),
        ({"status": "withdrawn", "reason": REASON}, {}, None),
    ],
)  # fmt: skip
def test_a_deadline_moves_out_only_for_a_new_reason_and_what_was_asked_stays(before, after, path):
    if path is None:
        check_follows("notice", notice(**before), notice(**after), TODAY)
        return
    with pytest.raises(InvalidInput) as refused:
        check_follows("notice", notice(**before), notice(**after), TODAY)
    assert refused.value.problems[0].path == path
