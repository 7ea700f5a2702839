import pytest

from traceability.diligence.engine import assess


def found(facts, code):
    return next((finding for finding in assess(facts).findings if finding.code == code), None)


def test_gap_names_batch_events_and_reason(make_facts, make_event):
    events = [make_event("E1", "dispatch", [("A", 100)]), make_event("E2", "receipt", [("A", 50)])]
    finding = found(make_facts(custody_events=events), "COC-GAP")
    assert finding.message == ("Custody of A is not continuous between E1 and E2: 100 kg dispatched, 50 kg received.")
    assert finding.evidence == ("/custody_events/0/quantity_list/0", "/custody_events/1/quantity_list/0")


def test_unnamed_goods(make_facts, make_event):
    events = [make_event("E1", "dispatch"), make_event("E2", "other")]
    assert "unnamed goods" in found(make_facts(custody_events=events), "COC-GAP").message


@pytest.mark.parametrize("events", [None, []])
def test_no_events_no_gap(make_facts, codes, events):
    assert codes(make_facts(custody_events=events)).isdisjoint({"COC-GAP", "MB-EXCEEDS", "MB-WITHIN-TOLERANCE"})


@pytest.mark.parametrize(
    ("weight", "code"),
    [("100", None), ("100.5", "MB-WITHIN-TOLERANCE"), ("102", "MB-WITHIN-TOLERANCE"), ("103", "MB-EXCEEDS")],
)
def test_balance(make_facts, make_event, codes, weight, code):
    events = [make_event("E1", "extraction", [("A", 100)]), make_event("E2", "weighing", [("A", weight)])]
    raised = codes(make_facts(custody_events=events)) & {"MB-EXCEEDS", "MB-WITHIN-TOLERANCE"}
    assert raised == ({code} if code else set())


def test_within_tolerance_is_silent_when_something_exceeds(make_facts, make_event, codes):
    events = [
        make_event("E1", "extraction", [("A", 100), ("B", 100)]),
        make_event("E2", "weighing", [("A", 101), ("B", 110)]),
    ]
    assert codes(make_facts(custody_events=events)) & {"MB-EXCEEDS", "MB-WITHIN-TOLERANCE"} == {"MB-EXCEEDS"}


def test_figures_in_words(make_facts, make_event):
    events = [make_event("E1", "extraction", [("A", "100.50")]), make_event("E2", "weighing", [("A", 200)])]
    message = found(make_facts(custody_events=events), "MB-EXCEEDS").message
    assert message == "200 kg out of 100.5 kg (dry), tolerance 2 %."


def test_declared_wrong_events_balance_nothing(make_facts, make_event, codes):
    wrong = make_event("E2", "weighing", [("A", 500)])
    events = [make_event("E1", "extraction", [("A", 100)]), wrong, wrong | {"error_declaration": True}]
    assert "MB-EXCEEDS" not in codes(make_facts(custody_events=events))
