from decimal import Decimal

import pytest

from traceability.diligence.definitions.balance import comparisons, mb_1, mb_2, mb_3, mb_4
from traceability.diligence.definitions.events import effective_events, threads


def events_of(*entries):
    return effective_events({"custody_events": list(entries)})


def entries_of(batch, *events):
    return [entry for step in threads(events_of(*events))[batch] for entry in step.entries]


def verdicts(found):
    return ["exceeds" if compared.exceeds else "within" if compared.within else "fine" for compared in found]


class TestTransformation:
    @pytest.mark.parametrize(
        ("out", "verdict"),
        [("99", "fine"), ("100", "fine"), ("100.000001", "within"), ("102", "within"), ("102.000001", "exceeds")],
    )
    def test_two_per_cent(self, make_event, out, verdict):
        event = make_event("E1", "smelting", inputs=[("A", 60), ("B", 40)], outputs=[("C", out)])
        assert verdicts(mb_1(events_of(event))) == [verdict]

    def test_contained_when_every_entry_has_a_grade(self, make_event):
        graded = make_event(
            "E1", "smelting", inputs=[("A", 100, {"grade_pct": "50"})], outputs=[("B", 40, {"grade_pct": "99"})]
        )
        ungraded = make_event("E2", "smelting", inputs=[("A", 100, {"grade_pct": "50"})], outputs=[("C", 101)])
        one, two = mb_1(events_of(graded, ungraded))
        assert (one.basis, one.out, one.base) == ("contained", Decimal("39.6"), Decimal(50))
        assert two.basis == "dry"

    def test_dry_weight_decides_and_a_wet_gain_is_told(self, make_event):
        wet = make_event("E1", "processing", inputs=[("A", 100)], outputs=[("B", 120, {"moisture_pct": "20"})])
        assert verdicts(mb_1(events_of(wet))) == ["within"]

    @pytest.mark.parametrize("lists", [{"inputs": [("A", 1)]}, {"outputs": [("A", 1)]}])
    def test_one_side_only_is_no_transformation(self, make_event, lists):
        assert list(mb_1(events_of(make_event("E1", "other", **lists)))) == []


class TestBaseline:
    def test_later_quantities_against_the_first(self, make_event):
        chain = [
            make_event("E1", "extraction", [("A", 100)]),
            make_event("E2", "weighing", [("A", 102)]),
            make_event("E3", "weighing", [("A", 103)]),
        ]
        found = list(mb_2(entries_of("A", *chain)))
        assert verdicts(found) == ["within", "exceeds"]
        assert found[1].evidence == ("/custody_events/2/quantity_list/0", "/custody_events/0/quantity_list/0")

    def test_a_partial_entry_is_no_baseline(self, make_event):
        chain = [
            make_event("E1", "dispatch", [("A", 10, {"partial": True})]),
            make_event("E2", "weighing", [("A", 100)]),
            make_event("E3", "weighing", [("A", 101)]),
        ]
        assert verdicts(mb_2(entries_of("A", *chain))) == ["within"]
        assert list(mb_2(entries_of("A", chain[0]))) == []

    def test_a_partial_entry_is_compared(self, make_event):
        chain = [make_event("E1", "extraction", [("A", 10)]), make_event("E2", "other", [("A", 11, {"partial": True})])]
        assert verdicts(mb_2(entries_of("A", *chain))) == ["exceeds"]

    def test_input_and_output_can_be_the_baseline_but_are_not_compared(self, make_event):
        chain = [
            make_event("E1", "smelting", inputs=[("B", 1)], outputs=[("A", 100)]),
            make_event("E2", "smelting", inputs=[("A", 200)], outputs=[("C", 1)]),
            make_event("E3", "weighing", [("A", 100)]),
        ]
        assert verdicts(mb_2(entries_of("A", *chain))) == ["fine"]

    def test_contained_if_both_have_a_grade(self, make_event):
        chain = [
            make_event("E1", "extraction", [("A", 100, {"grade_pct": "50"})]),
            make_event("E2", "assay", [("A", 100, {"grade_pct": "60"})]),
            make_event("E3", "weighing", [("A", 100)]),
        ]
        assert verdicts(mb_2(entries_of("A", *chain))) == ["exceeds", "fine"]


class TestUse:
    def test_sum_of_inputs_against_the_baseline(self, make_event):
        chain = [
            make_event("E1", "extraction", [("A", 100)]),
            make_event("E2", "smelting", inputs=[("A", 60)], outputs=[("B", 1)]),
            make_event("E3", "smelting", inputs=[("A", "42.000001")], outputs=[("C", 1)]),
        ]
        (found,) = mb_3(entries_of("A", *chain))
        assert found.exceeds
        assert not found.within
        assert len(found.evidence) == 3
        (fewer,) = mb_3(entries_of("A", *chain[:2]))
        assert verdicts([fewer]) == ["fine"]

    def test_the_baseline_counts_too_when_it_is_an_input(self, make_event):
        chain = [make_event(f"E{n}", "smelting", inputs=[("A", 60)], outputs=[("B", 1)]) for n in range(2)]
        (found,) = mb_3(entries_of("A", *chain))
        assert (found.out, found.base) == (Decimal(120), Decimal(60))

    def test_without_baseline_or_use_there_is_nothing_to_compare(self, make_event):
        partial = make_event("E1", "smelting", inputs=[("A", 60, {"partial": True})], outputs=[("B", 1)])
        assert list(mb_3(entries_of("A", partial))) == []
        assert list(mb_3(entries_of("A", make_event("E1", "extraction", [("A", 1)])))) == []


class TestShipment:
    def found(self, shipment, *events):
        return list(mb_4(threads(events_of(*events)), shipment))

    def test_net_weight_against_the_last_weights(self, make_event):
        chain = [
            make_event("E1", "extraction", [("A", 500)]),
            make_event("E2", "smelting", inputs=[("A", 500)], outputs=[("B", 60)]),
            make_event("E3", "weighing", [("A", 40)]),
        ]
        shipment = {"batch_ids": ["A", "B"], "net_weight_kg": "102"}
        (compared,) = self.found(shipment, *chain)
        assert (compared.base, compared.exceeds, compared.within) == (Decimal(100), False, False)
        assert self.found(shipment | {"net_weight_kg": "102.000001"}, *chain)[0].exceeds

    def test_partial_and_input_entries_do_not_count(self, make_event):
        chain = [
            make_event("E1", "extraction", [("A", 100)]),
            make_event("E2", "dispatch", [("A", 10, {"partial": True})]),
            make_event("E3", "smelting", inputs=[("A", 5)], outputs=[("B", 1)]),
        ]
        assert self.found({"batch_ids": ["A"], "net_weight_kg": "100"}, *chain)[0].base == 100

    @pytest.mark.parametrize(
        "shipment",
        [
            {},
            {"batch_ids": [], "net_weight_kg": "1"},
            {"batch_ids": ["A"]},
            {"batch_ids": ["A", "X"], "net_weight_kg": "9"},
        ],
    )
    def test_unknown_weight_is_not_tested(self, make_event, shipment):
        assert self.found(shipment, make_event("E1", "extraction", [("A", 1)])) == []


def test_all_comparisons_and_the_unnamed_thread(make_event):
    events = events_of(
        make_event("E1", "extraction", [("A", 100)]),
        make_event("E2", "weighing", [("A", 100)]),
        make_event("E3", "smelting", inputs=[("A", 100)], outputs=[("B", 90)]),
        make_event("E4", "other"),
    )
    shipment = {"batch_ids": ["B"], "net_weight_kg": "90"}
    assert verdicts(comparisons(events, threads(events), shipment)) == ["fine"] * 4
