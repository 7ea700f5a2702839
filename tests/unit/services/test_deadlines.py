"""What of a case waits for which day, and in what order it is shown."""

from datetime import date
from types import SimpleNamespace

import pytest

from traceability.services.deadlines import Deadline, of_case

TODAY = date(2026, 11, 20)
NOTICE = {
    "regime": "CMR", "kind": "remedial_notice", "authority": "BGR", "authority_country": "DE", "status": "open",
    "issued_on": "2026-10-20", "due": "2026-11-19",
}  # fmt: skip
PLAN = {
    "risk_code": "A2-3", "adopted_on": "2026-01-01", "review_due_on": "2026-11-20", "progress": "on_track",
    "steps": [{"what": "visit the_site", "due_on": "2026-11-01"}, {"what": "b", "due_on": "2026-11-01", "done_on": "2026-10-01"}],
}  # fmt: skip
GRIEVANCE = {"kind": "incident_report", "status": "under_investigation", "received_on": "2026-11-01"}


REQUEST = {
    "asker": "did:web:a.example", "addressee": "did:web:m.example", "status": "open", "due_on": "2026-11-19",
    "thread": [{"on": "2026-11-01"}],
}  # fmt: skip


def waits(kind, record):
    row = SimpleNamespace(kind=kind, case_id="c", record=record)
    return [(one.kind, one.what, one.due and one.due.isoformat(), one.overdue) for one in of_case(row, TODAY)]


def test_what_waits():
    assert waits("notice", NOTICE) == [("notice", "Notice of remedial action, BGR (DE)", "2026-11-19", True)]
    assert waits("plan", PLAN) == [
        ("plan", "Review of the plan on A2-3", "2026-11-20", False), ("step", "Step: visit the_site", "2026-11-01", True),
    ]  # fmt: skip
    assert waits("grievance", GRIEVANCE) == [("grievance", "incident report to be answered", None, False)]
    assert waits("request", REQUEST) == [
        ("request", "Answer of did:web:m.example to did:web:a.example", "2026-11-19", True)
    ]
    ((_, said, *day),) = waits("request", REQUEST | {"status": "answered"})
    assert (said.endswith("to be accepted or asked again"), day) == (True, [None, False])
    unknown = {name: value for name, value in NOTICE.items() if name != "due"}
    assert waits("notice", unknown)[0][2:] == (None, False), "not known is not overdue, and stands above what is dated"


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("notice", {}), ("plan", {}), ("request", {}), ("request", REQUEST | {"status": "accepted"}), ("grievance", {}), ("notice", NOTICE | {"status": "answered"}),
        ("notice", NOTICE | {"status": "withdrawn"}), ("plan", PLAN | {"progress": "completed"}),
        ("plan", PLAN | {"progress": "failed"}), ("grievance", GRIEVANCE | {"status": "closed"}),
    ],
)  # fmt: skip
def test_what_has_ended_or_was_erased_waits_for_nothing(kind, record):
    assert waits(kind, record) == []


def test_the_overdue_come_first_then_notices_without_a_day_then_by_day_then_what_has_none():
    def one(kind, due, *, overdue=False):
        return Deadline(kind, "x", "", due and date.fromisoformat(due), overdue)

    order = [
        one("step", "2026-01-01", overdue=True), one("notice", "2026-02-01", overdue=True), one("notice", None),
        one("list", "2026-12-01"), one("notice", "2026-12-02"), one("grievance", None),
    ]  # fmt: skip
    assert sorted([*order[3:], *order[:3]], key=lambda item: item.order) == order
