import pytest

from traceability.diligence.engine import assess


def found(facts, code):
    return next((finding for finding in assess(facts).findings if finding.code == code), None)


@pytest.mark.parametrize(
    ("status", "code"), [("invalid", "INT-SIGNATURE"), ("key_revoked", "INT-KEY-REVOKED"), ("unsigned", "INT-UNSIGNED")]
)
class TestSignatures:
    def test_one_event(self, make_facts, make_event, status, code):
        events = [make_event("E1", "other"), make_event("E2", "other", signature_status=status)]
        assert found(make_facts(custody_events=events), code).evidence == ("/custody_events/1",)

    def test_declared_wrong_events_count(self, make_facts, make_event, status, code):
        wrong = make_event("E1", "other", signature_status=status)
        assert found(make_facts(custody_events=[wrong, wrong | {"error_declaration": True}]), code)

    def test_absent_or_valid_is_silent(self, make_facts, make_event, status, code):
        events = [make_event("E1", "other"), make_event("E2", "other", signature_status="valid")]
        assert found(make_facts(custody_events=events), code) is None


class TestReplay:
    def test_twice(self, make_facts, make_event):
        events = [make_event("E1", "other"), make_event("E2", "other"), make_event("E1", "assay")]
        assert found(make_facts(custody_events=events), "INT-REPLAY").evidence == (
            "/custody_events/0",
            "/custody_events/2",
        )

    def test_an_error_declaration_repeats_an_id_by_right(self, make_facts, make_event):
        events = [make_event("E1", "other"), make_event("E1", "other", error_declaration=True)]
        assert found(make_facts(custody_events=events), "INT-REPLAY") is None

    def test_two_others_besides_the_declaration(self, make_facts, make_event):
        events = [
            make_event("E1", "other"),
            make_event("E1", "other", error_declaration=True),
            make_event("E1", "other"),
        ]
        assert found(make_facts(custody_events=events), "INT-REPLAY")


class TestClock:
    def test_earlier_than_the_event_before(self, make_facts, make_event):
        events = [
            make_event("E1", "other", at="2026-02-01T10:00:00Z"),
            make_event("E2", "other", at="2026-02-01T09:59:59Z"),
        ]
        assert found(make_facts(custody_events=events), "INT-CLOCK").evidence == (
            "/custody_events/1",
            "/custody_events/0",
        )

    def test_instants_are_compared_not_texts(self, make_facts, make_event):
        events = [
            make_event("E1", "other", at="2026-02-01T10:00:00+02:00"),
            make_event("E2", "other", at="2026-02-01T08:00:00Z"),
            make_event("E3", "other", at="2026-02-01T07:30:00-01:00"),
        ]
        assert found(make_facts(custody_events=events), "INT-CLOCK") is None

    def test_declared_wrong_events_are_skipped(self, make_facts, make_event):
        wrong = make_event("E1", "other", at="2026-04-01T10:00:00Z")
        events = [wrong, make_event("E2", "other", at="2026-02-01T10:00:00Z"), wrong | {"error_declaration": True}]
        assert found(make_facts(custody_events=events), "INT-CLOCK") is None

    @pytest.mark.parametrize(
        ("at", "raised"),
        [
            ("2026-05-01T23:59:59-11:00", False),
            ("2026-05-02T00:00:00+14:00", True),
        ],
    )
    def test_the_date_as_written_may_not_lie_after_as_of(self, make_facts, make_event, at, raised):
        assert bool(found(make_facts(custody_events=[make_event("E1", "other", at=at)]), "INT-CLOCK")) is raised


class TestBatchCreatedTwice:
    def test_two_extractions(self, make_facts, make_event):
        events = [make_event("E1", "extraction", [("A", 1)]), make_event("E2", "extraction", [("A", 1)])]
        finding = found(make_facts(custody_events=events), "INT-BATCH-DUPLICATE")
        assert finding.evidence == ("/custody_events/0/quantity_list/0", "/custody_events/1/quantity_list/0")

    def test_extraction_and_output(self, make_facts, make_event):
        events = [make_event("E1", "extraction", [("A", 1)]), make_event("E2", "other", outputs=[("A", 1)])]
        assert found(make_facts(custody_events=events), "INT-BATCH-DUPLICATE")

    def test_events_with_one_id_are_two_by_position(self, make_facts, make_event):
        event = make_event("E1", "extraction", [("A", 1)])
        assert found(make_facts(custody_events=[event, event]), "INT-BATCH-DUPLICATE")

    def test_once_per_event(self, make_facts, make_event):
        event = make_event("E1", "extraction", [("A", 1)], outputs=[("A", 1)])
        assert found(make_facts(custody_events=[event]), "INT-BATCH-DUPLICATE") is None

    def test_a_correction_creates_anew(self, make_facts, make_event):
        wrong = make_event("E1", "extraction", [("A", 1)])
        events = [wrong, wrong | {"error_declaration": True}, make_event("E2", "extraction", [("A", 1)])]
        assert found(make_facts(custody_events=events), "INT-BATCH-DUPLICATE") is None


@pytest.mark.parametrize(
    ("period", "raised"),
    [
        ({"start": "2026-05-01"}, False),
        ({"start": "2026-05-02"}, True),
        ({"start": "2026-01-02", "end": "2026-01-01"}, True),
        ({"start": "2026-01-01", "end": "2026-01-01"}, False),
        ({"start": "2026-01-01", "end": "2026-05-01"}, False),
        ({"start": "2026-01-01", "end": "2026-05-02"}, True),
        (None, False),
    ],
)
def test_extraction_dates(make_facts, codes, period, raised):
    assert ("INT-DATE" in codes(make_facts({"extraction_period": period}))) is raised


@pytest.mark.parametrize("name", ["cahra", "transit_watch", "forced_labour_areas", "tvpra"])
def test_list_missing(make_facts, name):
    facts = make_facts()
    del facts["lists"][name]
    finding = found(facts, "INT-LIST-MISSING")
    assert name in finding.message
    assert finding.evidence == ("/lists",)


def test_no_list_at_all_and_no_shipment(make_facts, codes):
    assert found(make_facts(lists=None), "INT-LIST-MISSING").evidence == ("/shipment",)
    assert "INT-LIST-MISSING" not in codes({"schema_version": "1.0", "as_of": "2026-05-01"})
    assert "INT-LIST-MISSING" not in codes(make_facts())


@pytest.mark.parametrize(("published_on", "raised"), [("2025-11-02", False), ("2025-11-01", True), (None, False)])
def test_list_stale_after_180_days(make_facts, codes, published_on, raised):
    facts = make_facts()
    if published_on:
        facts["lists"]["cahra"]["published_on"] = published_on
    assert ("INT-LIST-STALE" in codes(facts)) is raised
    del facts["shipment"]
    assert "INT-LIST-STALE" not in codes(facts)
