from decimal import Decimal

from traceability.diligence.definitions.events import INPUT, OUTPUT, created, effective_events, threads


def events_of(*entries):
    return effective_events({"custody_events": list(entries)})


def test_a_declared_error_removes_the_event_and_its_declaration(make_event):
    wrong = make_event("E1", "other")
    found = events_of(wrong, make_event("E2", "other"), wrong | {"error_declaration": True})
    assert [event.id for event in found] == ["E2"]


def test_declaration_false_removes_nothing(make_event):
    assert len(events_of(make_event("E1", "other", error_declaration=False))) == 1


def test_absent_events():
    assert effective_events({}) == []


def test_entries_in_list_order_with_pointers(make_event):
    (event,) = events_of(make_event("E1", "other", [("A", 1)], inputs=[("B", 2)], outputs=[("C", 3)]))
    assert [(entry.batch, entry.at) for entry in event.entries] == [
        ("A", "/custody_events/0/quantity_list/0"),
        ("B", "/custody_events/0/input_quantity_list/0"),
        ("C", "/custody_events/0/output_quantity_list/0"),
    ]
    assert [entry.batch for entry in event.listed(INPUT)] == ["B"]


def test_dry_and_contained_weight(make_event):
    quantities = [
        ("A", "100", {"moisture_pct": "8", "grade_pct": "62.5"}),
        ("B", "100", {"grade_pct": "50"}),
        ("C", "100", {"moisture_pct": "8"}),
    ]
    (event,) = events_of(make_event("E1", "other", quantities))
    assert [(entry.dry, entry.contained) for entry in event.entries] == [
        (Decimal(92), Decimal("57.5")),
        (Decimal(100), Decimal(50)),
        (Decimal(92), None),
    ]


def test_threads(make_event):
    chain = [
        make_event("E1", "extraction", [("A", 1)]),
        make_event("E2", "other"),
        make_event("E3", "consolidation", inputs=[("A", 1)], outputs=[("B", 1)]),
        make_event("E4", "transfer", [("A", 1, {"partial": True}), ("B", 1)]),
    ]
    found = threads(events_of(*chain))
    assert {batch: [step.event.id for step in thread] for batch, thread in found.items()} == {
        "A": ["E1", "E3", "E4"],
        None: ["E2"],
        "B": ["E3", "E4"],
    }
    assert [step.partial for step in found["A"]] == [False, False, True]
    assert [step.moved is not None for step in found["A"]] == [True, False, True]
    assert found[None][0].moved is None


def test_a_batch_in_two_lists_is_one_step(make_event):
    found = threads(events_of(make_event("E1", "other", [("A", 1)], outputs=[("A", 2)])))
    (step,) = found["A"]
    assert [entry.listed_in for entry in step.entries] == ["quantity_list", OUTPUT]


def test_created(make_event):
    extraction, other = events_of(
        make_event("E1", "extraction", [("A", 1)], inputs=[("B", 1)], outputs=[("C", 1)]),
        make_event("E2", "other", [("A", 1)], outputs=[("D", 1)]),
    )
    assert [entry.batch for entry in created(extraction)] == ["A", "C"]
    assert [entry.batch for entry in created(other)] == ["D"]


def test_date_is_the_one_written(make_event):
    (event,) = events_of(make_event("E1", "other", at="2026-02-01T23:59:59-11:00"))
    assert event.on.isoformat() == "2026-02-01"
