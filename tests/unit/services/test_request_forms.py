"""A request for information: how it stands on a day, what the party asked sees of it, and who is reminded when."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from traceability.errors import InvalidInput
from traceability.services.access import Actor
from traceability.services.request_forms import (
    MOST_STEPS,
    InformationRequestSchema,
    for_addressee,
    for_report,
    loaded,
    record_of,
    state,
    stepped,
)
from traceability.services.request_reminders import of_request

TODAY = date(2026, 11, 20)
SAID = {
    "addressee": "did:web:mine.example", "about": [{"kind": "shipment", "id": "S-1"}], "question": "Which pit?",
    "finding": "A2-5", "due_on": "2026-12-20", "obtainable_otherwise": False,
}  # fmt: skip


def record(**fields):
    form = loaded(InformationRequestSchema, SAID | fields)
    return record_of(form, "did:web:importer.example", TODAY)


def test_open_past_its_day_is_overdue_and_an_answer_ends_that():
    asked = record()
    assert state(asked, date(2026, 12, 20)) == "open"
    assert state(asked, date(2026, 12, 21)) == "overdue"
    answered = stepped(asked, "answered", asked["addressee"], TODAY, {"text": "north"})
    assert state(answered, date(2027, 1, 1)) == "answered"
    assert (asked["status"], len(asked["thread"]), len(answered["thread"])) == ("open", 1, 2), "no version is changed"
    assert state({}, TODAY) == "erased"


def test_a_thread_has_an_end_and_can_always_be_withdrawn():
    asked = record()
    full = asked | {"thread": asked["thread"] * MOST_STEPS}
    with pytest.raises(InvalidInput, match="50 steps"):
        stepped(full, "answered", "x", TODAY, {"text": "x"})
    assert stepped(full, "withdrawn", "x", TODAY, {"text": "x"})["status"] == "withdrawn"


def test_the_addressee_sees_the_question_and_nothing_of_the_askers_records():
    seen = for_addressee(record(necessity="The chain names no pit.", partner_employees=3))
    assert seen.keys() == {
        "addressee", "asker", "question", "fields_wanted", "papers_wanted", "due_on", "necessity", "status", "thread",
    }  # fmt: skip


def test_a_report_names_the_key_of_a_signed_answer():
    signed = stepped(record(), "answered", "x", TODAY, {"text": "x", "signed": {"kid": "K", "body": "{}"}})
    assert [step.get("signed") for step in for_report(signed)["thread"]] == [None, "K"]


@pytest.mark.parametrize(("days", "status", "mine", "officer"), [
    (-8, "open", [], []), (-7, "open", ["due"], []), (0, "open", ["due"], []), (1, "open", ["overdue"], ["overdue"]),
    (1, "answered", [], ["answered"]), (1, "accepted", [], []), (1, "withdrawn", [], []),
])  # fmt: skip
def test_each_side_is_reminded_when_it_is_its_turn(days, status, mine, officer):
    row = SimpleNamespace(case_id="R", owner_id="i", addressee_id="m", record=record() | {"status": status})
    day = date(2026, 12, 20) + timedelta(days=days)
    people = {"supplier": "m", "officer": "i", "importer": "i"}
    levels = {
        role: [one.level for one in of_request(row, Actor("a", "a", role, party), day)]
        for role, party in people.items()
    }
    assert levels == {"supplier": mine, "officer": officer, "importer": []}
