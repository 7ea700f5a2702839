"""Kilograms by stage and country: they add up to the net weight, and what no signed event tells stays unknown."""

from decimal import Decimal
from itertools import count

import pytest

from traceability.diligence.reports.origins import by_stage

_IDS = count(1)


def event(kind, country=None, made=(), used=(), moved=(), **more):
    lists = {"output_quantity_list": made, "input_quantity_list": used, "quantity_list": moved}
    quantities = {
        name: [{"batch_id": batch, "weight_kg": str(kg)} for batch, kg in found]
        for name, found in lists.items()
        if found
    }
    return {"event_id": f"e{next(_IDS)}", "type": kind, "event_time": "2026-01-01T00:00:00Z",
            "signature_status": "valid"} | quantities | ({"country": country} if country else {}) | more  # fmt: skip


def stages(*events, batches=("out",), net="100", **more):
    shipment = {"batch_ids": list(batches), "net_weight_kg": net} | more
    found = by_stage({"shipment": shipment, "custody_events": list(events)})
    return {stage: {c: kg.quantize(Decimal("0.01")) for c, kg in of.items()} for stage, of in found.items() if of}


def kg(**of):
    return {None if country == "none" else country: Decimal(f"{amount}.00") for country, amount in of.items()}


def test_kilograms_pass_from_inputs_to_outputs_by_weight():
    found = stages(
        event("extraction", "CD", moved=[("a", 300)]), event("extraction", "RW", moved=[("b", 100)]),
        event("consolidation", "RW", made=[("mix", 400)], used=[("a", 300), ("b", 100)]),
        event("smelting", "MY", made=[("out", 200)], used=[("mix", 400)]),
    )  # fmt: skip
    assert found == {"extraction": kg(CD=75, RW=25), "processing": kg(MY=100)}


def test_the_last_processing_counts_and_a_blend_after_it_is_none():
    found = stages(
        event("extraction", "CD", moved=[("a", 100)]), event("processing", "CD", made=[("c", 50)], used=[("a", 100)]),
        event("refining", "FI", made=[("d", 50)], used=[("c", 50)]),
        event("consolidation", "BE", made=[("out", 50)], used=[("d", 50)]), net="50",
    )  # fmt: skip
    assert found == {"extraction": kg(CD=50), "processing": kg(FI=50)}


def test_an_input_of_unknown_birth_is_not_spread_over_the_known():
    found = stages(
        event("extraction", "CD", moved=[("a", 100)]),
        event("consolidation", "CD", made=[("out", 400)], used=[("a", 100), ("from nowhere", 300)]),
    )
    assert found == {"extraction": kg(CD=25, none=75), "processing": kg(none=100)}


def test_what_comes_out_beyond_what_went_in_is_unknown():
    chain = (
        event("extraction", "CD", moved=[("a", 40)]),
        event("consolidation", "CD", made=[("out", 100)], used=[("a", 40)]),
    )
    assert stages(*chain)["extraction"] == kg(CD=40, none=60)
    assert stages(*chain, net="200")["extraction"] == kg(CD=40, none=160)  # more than the batch ever weighed


@pytest.mark.parametrize("status", ["invalid", "unsigned", "key_revoked"])
def test_an_event_whose_signature_does_not_hold_tells_nothing(status):
    assert stages(event("extraction", "CD", moved=[("out", 100)], signature_status=status)) == {
        "extraction": kg(none=100), "processing": kg(none=100),
    }  # fmt: skip


def test_recycled_metal_is_not_extracted_and_unknown_sources_go_where_the_record_says():
    found = stages(event("recycling", "DE", moved=[], made=[("out", 100)]))
    assert found == {"recycling": kg(DE=100), "processing": kg(none=100)}
    assert stages(material_class="recycled") == {"recycling": kg(none=100), "processing": kg(none=100)}
    assert stages() == {"extraction": kg(none=100), "processing": kg(none=100)}


def test_several_batches_count_by_their_weight_and_not_at_all_where_one_has_none():
    chain = event("extraction", "CD", moved=[("a", 60)]), event("extraction", "RW", moved=[("b", 40)])
    assert stages(*chain, batches=["a", "b"])["extraction"] == kg(CD=60, RW=40)
    assert stages(*chain, batches=["a", "b", "c"])["extraction"] == kg(none=100)
    part = event("import", "DE", moved=[("a", 20)])  # of the batch only a part came
    assert stages(*chain, part, batches=["a", "b"], net="60")["extraction"] == kg(CD=20, RW=40)


def test_without_weight_country_or_order_nothing_breaks():
    shipment = {"batch_ids": ["out"]}
    assert not any(by_stage({"shipment": shipment}).values())
    assert stages(event("extraction", None, moved=[("out", 100)]))["extraction"] == kg(none=100)
    loop = event("processing", "CD", made=[("out", 5)], used=[("x", 5)]), event("processing", "CD", made=[("x", 5)], used=[("out", 5)])  # fmt: skip
    assert stages(*loop) == {"extraction": kg(none=100), "processing": kg(CD=5, none=95)}
    assert stages(event("consolidation", "CD", made=[("out", 0)], used=[("x", 0)]), net="0") == {}
