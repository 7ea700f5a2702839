"""Of which request or contest who is told when by mail and webhook, and that a message gives nothing away."""

from datetime import UTC, date, datetime, timedelta

import pytest

from traceability.services import case_reminder_words
from traceability.services.case_reminder_words import sentence
from traceability.services.case_reminders import NEWS, told_of
from traceability.services.contest_forms import own_record
from traceability.services.contest_forms import stepped as contest_step
from traceability.services.request_forms import stepped as request_step
from traceability.storage.tables import CaseVersion, User

BEGAN = datetime(2026, 11, 20, 9, tzinfo=UTC)
DUE = date(2026, 12, 20)
PEOPLE = {
    "sam": ("mine", "supplier"), "sue": ("mine", "supplier"), "ida": ("importer", "importer"),
    "anna": ("importer", "officer"), "bert": ("importer", "officer"), "zoe": ("other", "officer"),
    "root": (None, "admin"), "reg": (None, "regulator"), "aud": ("importer", "auditor"),
}  # fmt: skip
SECRETS = ("Kivu Tin", "un-sc", "UN.9", "A2-5", "Which pit", "north pit", "importer.example", "mine.example")


def person(name, **fields):
    party, role = PEOPLE[name]
    return User(
        id=name, name=name, role=role, party_id=party, password_hash="", created_at=BEGAN, created_by="x", **fields
    )


def version(kind, record, by, at=BEGAN):
    return CaseVersion(
        case_id="C", version=1, owner_id="importer", addressee_id="mine", kind=kind, record=record, written_by=by,
        written_at=at, entry_index=0,
    )  # fmt: skip


def request(*acts, by="anna", due=DUE, on=BEGAN):
    record = {
        "asker": "did:web:importer.example", "addressee": "did:web:mine.example", "finding": "A2-5",
        "about": [{"kind": "party", "id": "Kivu Tin"}], "question": "Which pit?", "thread": [],
        "due_on": due.isoformat(),
    }  # fmt: skip
    for act in ("asked", *acts):
        record = request_step(record, act, "did", on.date(), {"text": "Which pit? The north pit."})
    return version("request", record, by, on)


def contest(*acts, by="sam"):
    record = own_record({"did": "did:web:mine.example", "name": "Kivu Tin"}, "Importer") | {"hit": "un-sc|UN.9|Kivu"}
    for act in ("contested", *acts):
        record = contest_step(record, act, "did", BEGAN.date(), {"text": "Kivu Tin", "due_on": DUE.isoformat()})
    return version("contest", record, by)


def told(row, day, **fields):
    """Return who is told of a case on a day: the moments by person."""
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    found = {name: [*told_of(row, person(name, **fields), day, at)] for name in PEOPLE}
    return {name: moments for name, moments in found.items() if moments}


def every(moment, *names):
    return {name: [moment] for name in names}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (BEGAN.date(), every("opened", "sam", "sue")),
        (BEGAN.date() + NEWS, {}),
        (DUE - timedelta(days=8), {}),
        (DUE - timedelta(days=7), every("due", "sam", "sue", "anna", "bert")),
        (DUE, every("due", "sam", "sue", "anna", "bert")),
        (DUE + timedelta(days=1), every("overdue", "sam", "sue", "anna", "bert")),
    ],
)
def test_a_request_is_told_to_who_is_asked_and_near_its_day_and_past_it_to_the_askers_officers_too(day, expected):
    assert told(request(), day) == expected


def test_an_answer_is_told_to_the_askers_officers_and_what_is_closed_to_nobody():
    assert told(request("answered", by="sam"), BEGAN.date()) == every("answered", "anna", "bert")
    assert told(request("answered", by="sam"), DUE + timedelta(days=1)) == {}, "it is no news any more"
    for act in ("accepted", "withdrawn"):
        assert told(request("answered", act), BEGAN.date()) == {}
    erased = version("request", {}, "anna")
    assert told(erased, BEGAN.date()) == {}


def test_what_is_due_at_once_is_said_when_it_comes_and_not_twice():
    row = request(due=BEGAN.date() + timedelta(days=3))
    assert told(row, BEGAN.date()) == every("opened", "sam", "sue")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (BEGAN.date(), every("opened", "anna", "bert")),
        (DUE - timedelta(days=8), {}),
        (DUE - timedelta(days=7), every("due", "anna", "bert")),
        (DUE + timedelta(days=1), every("overdue", "anna", "bert")),
    ],
)
def test_a_contest_is_told_to_the_officers_of_the_importer_alone(day, expected):
    assert told(contest(), day) == expected


def test_the_answer_to_a_contest_is_told_to_the_party_and_what_an_officer_tells_a_party_to_nobody():
    assert told(contest("answered", by="anna"), BEGAN.date()) == every("answered", "sam", "sue")
    row = contest()
    row.record = contest_step(row.record | {"thread": []}, "told", "did", BEGAN.date(), {"text": "Kivu Tin"})
    assert told(row, BEGAN.date()) == {}, "an officer decides on each warning: it stands on the party's pages"


def test_a_party_without_account_and_who_took_the_step_or_left_are_told_nothing():
    linked = contest("answered", by="anna")
    linked.addressee_id = None
    assert told(linked, BEGAN.date()) == {}
    assert told(request(by="sam"), BEGAN.date()) == every("opened", "sue")
    assert told(request(), DUE, disabled_at=BEGAN) == {}


def test_officers_asked_by_their_own_importer_are_told_as_who_is_asked():
    row = request()
    row.addressee_id = "importer"
    near = {name: told_of(row, person(name), DUE, BEGAN + timedelta(days=30)) for name in ("ida", "bert", "sam")}
    assert near == {"ida": {"due": "addressee"}, "bert": {"due": "addressee"}, "sam": {}}


def test_no_sentence_gives_anything_away_but_the_kind_and_the_day():
    for kind, side, moment in case_reminder_words._SENTENCES:
        said = sentence(request() if kind == "request" else contest(), side, moment)
        assert said.startswith("A request for information" if kind == "request" else "A contest")
        assert ("2026-12-20" in said) == (moment != "answered")
        assert not [secret for secret in SECRETS if secret in said]
