"""A contest: how it stands on a day, what the party sees of it, who is reminded when, and what cannot be told."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from traceability.errors import InvalidInput
from traceability.services.access import Actor
from traceability.services.contest_forms import MOST_STEPS, for_party, state, stepped, told_record
from traceability.services.contest_reminders import of_contest

TODAY = date(2026, 11, 20)
OFFICE = {"did": "did:web:importer.example", "name": "Importer"}
SAID = {
    "addressee": "did:web:mine.example", "about": [{"kind": "shipment", "id": "S-1"}], "finding": "A2-5",
    "told": "Something concerns you.",
}  # fmt: skip


def contested():
    record = told_record(SAID, OFFICE, TODAY) | {"name": "Mine"}
    return stepped(record, "contested", "did:web:mine.example", TODAY, {"text": "No.", "due_on": "2026-12-18"})


def test_contested_past_its_day_is_overdue_and_an_answer_ends_that():
    assert [state(contested(), date(2026, 12, day)) for day in (18, 19)] == ["contested", "overdue"]
    answered = stepped(contested(), "answered", OFFICE["did"], TODAY, {"text": "It stands."})
    assert state(answered, date(2027, 1, 1)) == "answered"
    assert state({}, TODAY) == "erased"


def test_the_party_sees_what_was_written_for_it_and_nothing_of_the_offices_records():
    seen = for_party(contested())
    assert seen.keys() == {"addressee", "name", "office", "status", "due_on", "thread"}
    assert "A2-5" not in str(seen)
    assert "S-1" not in str(seen)


@pytest.mark.parametrize(("fields", "path"), [
    ({"addressee": None}, "addressee"), ({"hit": "a|b|c"}, "finding"), ({"finding": None}, "finding"),
    ({"finding": "NO-SUCH"}, "finding"), ({"finding": None, "hit": "a|b"}, "hit"),
])  # fmt: skip
def test_what_cannot_be_told(fields, path):
    said = {name: value for name, value in (SAID | fields).items() if value is not None}
    with pytest.raises(InvalidInput) as refused:
        told_record(said, OFFICE, TODAY)
    assert refused.value.problems[0].path == path


def test_a_thread_has_an_end_and_can_always_be_answered():
    full = contested() | {"thread": contested()["thread"] * MOST_STEPS}
    with pytest.raises(InvalidInput, match="50 steps"):
        stepped(full, "contested", "x", TODAY, {"text": "x"})
    assert stepped(full, "answered", "x", TODAY, {"text": "x"})["status"] == "answered"


@pytest.mark.parametrize(("days", "status", "mine", "officer"), [
    (0, "told", ["told"], []), (30, "told", ["told"], []), (31, "told", [], []), (28, "contested", [], ["contested"]),
    (29, "contested", [], ["overdue"]), (29, "answered", [], []), (0, "withdrawn", [], []),
])  # fmt: skip
def test_each_side_is_reminded_when_it_is_its_turn(days, status, mine, officer):
    row = SimpleNamespace(case_id="C", owner_id="i", addressee_id="m", record=contested() | {"status": status})
    people = {"supplier": "m", "officer": "i", "importer": "i"}
    levels = {
        role: [one.level for one in of_contest(row, Actor("a", "a", role, party), TODAY + timedelta(days=days), 30)]
        for role, party in people.items()
    }
    assert levels == {"supplier": mine, "officer": officer, "importer": []}
