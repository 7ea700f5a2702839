"""The register of decisions: every one of the period, what it rests on and what is open, without words about persons."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from traceability.services.reports import decision_register as register
from traceability.services.reports.registry import Query
from traceability.storage.tables import Decision

AS_OF = date(2027, 2, 1)
QUERY = Query(date(2026, 1, 1), date(2026, 12, 31), AS_OF)
PARTY = SimpleNamespace(did="did:web:importer.example", name="Importer")


def decision(**fields):
    said = {
        "id": "1", "owner_id": "o", "subject_kind": "shipment", "subject": "S-1", "disposition": "released",
        "reason_code": "other", "reason": "Anna saw the papers of Bert", "needs_second": True, "state": "waiting",
        "findings": [{"code": "CMR-X", "severity": "critical"}, {"code": "CMR-A", "severity": "gap"}],
        "proposed_by": "anna", "proposed_at": datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "entry_index": 7,
    }  # fmt: skip
    return Decision(**said | fields)


def rows(*made):
    found = register.of(PARTY, made, {}, QUERY)
    names = [column.name for column in found.sections[0].tables[0].columns]
    return found, [dict(zip(names, row, strict=True)) for row in found.sections[0].tables[0].rows]


def test_a_decision_is_told_with_what_it_names_and_no_word_about_persons():
    found, (row,) = rows(decision())
    assert (row["findings"], row["critical"], row["persons"]) == ("CMR-A, CMR-X", "yes", 2)
    assert (row["state"], row["answered"], row["entries"]) == ("waits for a second person", "not yet", "7")
    assert not [word for word in ("anna", "Anna", "Bert") if word in str(found)]
    assert [gap.what for gap in found.gaps] == ["the answer of a second person to 1 decision"]


def test_what_was_answered_and_what_is_to_be_reviewed():
    at = datetime(2027, 1, 2, tzinfo=UTC)
    done = {"state": "in_force", "confirmed_by": "bert", "confirmed_at": at, "confirmed_index": 9}
    found, (row, alone) = rows(
        decision(**done, review_on=date(2027, 1, 31)),
        decision(subject_kind="hit", disposition="confirmed", needs_second=False, state="in_force", findings=[]),
    )
    assert (row["answered"], row["entries"], row["review"]) == ("2027-01-02T00:00:00Z", "7, 9", "2027-01-31")
    assert (alone["about"], alone["answered"], alone["persons"], alone["findings"]) == (
        "name hit",
        "not needed",
        1,
        "none",
    )
    assert [gap.what for gap in found.gaps] == ["the review of 1 decision whose review date has passed"]


def test_the_period_bounds_are_days_and_an_answer_counts_too():
    late = datetime(2027, 1, 1, tzinfo=UTC)
    assert register._falls(decision(), QUERY)
    assert not register._falls(decision(proposed_at=late), QUERY)
    early = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    assert not register._falls(decision(proposed_at=early), QUERY)
    assert register._falls(decision(proposed_at=early, confirmed_at=datetime(2026, 1, 1, tzinfo=UTC)), QUERY)


def test_a_period_that_is_not_over_and_a_mandate_for_less_are_gaps():
    query = Query(date(2026, 1, 1), date(2027, 12, 31), AS_OF)
    found = register.of(PARTY, [], {}, query, (date(2026, 6, 1), date(2026, 12, 31)))
    assert [gap.law for gap in found.gaps] == ["the mandate", "the period asked for"]
