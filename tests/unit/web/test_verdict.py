"""The verdict sentence: pending is never clear, the best answer says what it rests on."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from traceability.diligence.status import STATES
from traceability.services.releases import CountedFinding
from traceability.services.states import SubjectState
from traceability.storage.tables import AssessmentRow
from traceability.web import words
from traceability.web.evidence import evidence
from traceability.web.verdict import verdict

FULL = {"list_id": "un-sc", "state": "full", "required": True, "sentence": "UN list is full"}
STALE = {"list_id": "x", "state": "stale", "required": True, "sentence": "X is stale, its data is 400 days old"}


def subject(state, *findings, pending=(), coverage=(FULL,), assessed=True, floors=(), kind="shipment"):
    row = AssessmentRow(
        owner_id="o", subject_kind=kind, subject="S-1", as_of=date(2026, 11, 23), at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        facts={}, result={"rule_pack_version": "sha256:" + "a" * 64}, status="REVIEW", notes=[], pending=[], coverage=[],
        batches=[], criticals={}, inputs_hash="sha256:0", entry_index=1,
    )  # fmt: skip
    return SubjectState(
        kind, "S-1", state, None, findings=tuple(findings), pending=pending, coverage=tuple(coverage), floors=floors,
        assessment=row if assessed else None,
    )  # fmt: skip


def finding(code, severity, **more):
    return CountedFinding(code, severity, more.pop("advisory", False), code, {}, **more)


def test_every_state_has_word_icon_and_colour():
    for state in STATES:
        mark = words.MARKS[state]
        assert mark.word
        assert mark.icon
        assert mark.tone
    assert len({words.MARKS[state].tone for state in STATES}) == len(STATES)


def test_a_held_batch_says_what_holds_it():
    said = verdict("HOLD_PENDING_OFFICER", [subject("x", finding("A", "critical"), finding("B", "gap"))], unsigned=1)
    assert said.sentence == "Held for an officer: 1 critical finding, 1 gap, 1 link unsigned."
    assert said.actions == ("Decide on A", "Ask for what is missing: B")


def test_pending_says_why_and_never_that_nothing_was_found():
    said = verdict("pending", [subject("pending", pending=("not assessed yet",), assessed=False)])
    assert said.sentence == "Pending: not assessed yet."
    assert "No rule" not in said.sentence + " ".join(said.basis)
    assert said.basis == ("The shipment S-1 has never been assessed.",)
    assert verdict("pending", [subject("NO_FINDINGS")]).sentence == "Pending: what it inherits is pending."


def test_a_verdict_speaks_the_reader_s_language():
    held = subject("x", finding("A", "critical"), finding("B", "gap"), coverage=(FULL, STALE))
    with Flask(__name__).test_request_context(headers={"Cookie": "language=nl"}):
        said = verdict("HOLD_PENDING_OFFICER", [held], unsigned=2)
        never = verdict("pending", [subject("pending", assessed=False)])
    assert said.sentence.startswith("Vastgehouden voor een compliance officer: ")
    assert said.sentence.endswith(", 2 schakels niet ondertekend.")
    assert said.actions == ("Neem een besluit over A", "Vraag op wat ontbreekt: B")
    assert (
        "2 lijsten geraadpleegd, waarvan 1 niet volledig: X is verouderd, de gegevens zijn 400 dagen oud"
        in said.basis[0]
    )
    assert never.basis == ("De zending S-1 is nooit beoordeeld.",)


def test_the_best_answer_names_date_rules_and_coverage():
    said = verdict("NO_FINDINGS", [subject("NO_FINDINGS", coverage=(FULL, STALE))], unsigned=2)
    assert said.sentence == "No rule raised a finding."
    assert "2026-11-23 09:00 UTC" in said.basis[0]
    assert "sha256:aaaaaaaaaaaa" in said.basis[0]
    assert "2 lists asked, 1 of them not complete: X is stale" in said.basis[0]
    alone = verdict("INFO_REQUIRED", [subject("x", kind="batch")])
    assert "origin and goods not assessed" in alone.basis[0]
    assert "all complete and in date" in alone.basis[0]


def test_advisory_and_covered_findings_do_not_count():
    one = subject("x", finding("A", "critical", advisory=True), finding("B", "major", covered=True))
    assert verdict("NO_FINDINGS", [one]).sentence == "No rule raised a finding: 1 finding covered by a decision."


def test_what_is_to_be_done_is_said_once():
    one = subject("pending", pending=("the document 'x' has not been read to the end", "last assessed for 2026-01-01"),
                  floors=("X is stale, its data is 400 days old", "a release waits for a second person"), coverage=(STALE,))  # fmt: skip
    said = verdict("pending", [one, one]).actions
    assert said == (
        "The document 'x' has not been read to the end: read it and say so, or get a better copy",
        "Last assessed for 2026-01-01: an admin has it assessed again",
        "A release waits for a second person",
        "Have complete lists in date loaded: X is stale, its data is 400 days old",
    )


@pytest.mark.parametrize(
    ("pointer", "kind", "text"),
    [
        ("/shipment", "shipment", "does not state it"),
        ("/shipment/cn_code", "shipment", "cn code: 26090000"),
        ("/shipment/none", "shipment", "shipment, none: not stated"),
        ("/shipment/origins", "shipment", "origins: 1 entry"),
        ("/shipment/origins/0", "shipment", "origins no. 1: country CD"),
        ("/shipment/empty", "shipment", "empty: none"),
        ("/shipment/deep", "shipment", "deep: stated: a"),
        ("/shipment/flag", "shipment", "flag: yes"),
        ("", "facts", "the facts: stated: shipment, custody events"),
        ("/custody_events/7", "custody events", "custody events, 7: not stated"),
        ("/custody_events/0", "custody event", "import, 2026-03-08, place unknown, unsigned"),
    ],
)
def test_evidence_is_said_for_people(pointer, kind, text):
    facts = {
        "shipment": {
            "cn_code": "26090000",
            "origins": [{"country": "CD"}],
            "empty": [],
            "deep": {"a": {}},
            "flag": True,
        },
        "custody_events": [
            {"event_id": "e", "type": "import", "event_time": "2026-03-08T10:00:00Z", "signature_status": "unsigned"}
        ],
    }
    found = evidence(facts, pointer, subject("x"), {"e": 4})
    assert (found.kind, found.text) == (kind, text)
    assert found.href == ("#event-4" if kind == "custody event" else None)
