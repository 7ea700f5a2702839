"""A paper's weight of a lot against what the chain signed of it."""

import pytest

from traceability.services.contradictions.weights import weights


def found(tell, chain, text, **fields):
    return [(one.review, one.read.quote) for one in weights(tell.paper(text, **fields), chain)]


def of(kg, lot="CT-2026-014", mineral="Cassiterite"):
    return f"PACKING LIST\nMineral: {mineral}\nLot number: {lot}\nNet weight: {kg}\n"


@pytest.mark.parametrize("kg", ["4,200 kg", "4,190 kg", "4.2 t", "4 284 kg", "4284.0 kg", "4.200 kg", "4,150 kg"])
def test_a_weight_within_two_per_cent_of_anything_signed_agrees(tell, chain, kg):
    assert found(tell, chain, of(kg)) == []


@pytest.mark.parametrize("kg", ["4,284.1 kg", "4,600 kg", "46 t"])
def test_more_than_the_lot_ever_weighed_is_a_contradiction(tell, chain, kg):
    assert found(tell, chain, of(kg)) == [(True, kg)]


def test_both_sides_stand_in_the_message(tell, chain):
    [one] = weights(tell.paper(of("4,600 kg")), chain)
    assert one.message("list.txt") == (
        "list.txt, page 1, Net weight: '4,600 kg' (read by machine); signed: 4200 kg (extraction, 2026-02-10); "
        "4195 kg (export, 2026-03-05); 4190 kg (import, 2026-04-20): "
        "4600 kg of lot CT-2026-014 is more than 2 % heavier than anything signed of it"
    )
    assert (one.read.start, one.read.end) == (70, 78)
    assert one.signed[0].event_id == "urn:uuid:extraction-2026-02-10"


def test_less_than_the_lot_is_told_and_asks_nobody(tell, chain):
    assert found(tell, chain, of("3,100 kg")) == [(False, "3,100 kg")]


@pytest.mark.parametrize("kg", ["2,000 kg", "4,200 kg"])
def test_a_part_that_was_sent_by_itself_agrees_and_so_does_the_sum(tell, kg):
    parts = [tell.event("dispatch", f"2026-02-{day}", tell.kilos(part)) for day, part in ((20, "2000"), (21, "2200"))]
    assert found(tell, tell.Chain(parts), of(kg)) == []


def test_the_lines_of_one_lot_are_added_up(tell, chain):
    rows = "Lot number\tMineral\tNet weight (kg)\n" + "CT-2026-014\tCassiterite\t1050\n" * 4
    assert found(tell, chain, rows) == []
    assert found(tell, chain, rows + "CT-2026-014\tCassiterite\t1050\n") == [(False, "1050")]


@pytest.mark.parametrize(
    "text",
    [
        of("9,900 kg", lot="CT-2026-141"),  # another lot of a bigger consignment
        "PACKING LIST\nMineral: Cassiterite\nNet weight: 24,000 kg\n",  # the whole consignment
        of("24 drums"),  # no weight
        of("9,259 lbs"),  # pounds are not read
        "PACKING LIST\nMineral: Cassiterite\nLot number: CT-2026-014\nGross weight: 4,600 kg\n",
        "The net weight of lot CT-2026-014 was 9,900 kg.\n",  # prose
    ],
)
def test_what_cannot_be_compared_contradicts_nothing(tell, chain, text):
    assert found(tell, chain, text) == []


def test_metal_is_not_weighed_against_ore(tell, chain):
    assert found(tell, chain, of("2,940 kg", mineral="Tin")) == []
    assert found(tell, chain, of("5,000 kg", mineral="Tin")) == [(True, "5,000 kg")]  # nor is there more metal than ore


def test_the_metal_contained_and_the_dry_weight_agree_where_grade_and_moisture_are_signed(tell):
    line = tell.kilos("4200", moisture_pct="5", grade_pct="70")
    chain = tell.Chain([tell.event("extraction", "2026-02-10", line)], minerals={tell.LOT: "cassiterite"})
    dry = "Lot number: CT-2026-014\nMineral: Cassiterite\nDry net weight: {}\n"
    assert found(tell, chain, dry.format("3,990 kg")) == []
    assert found(tell, chain, of("2,793 kg")) == []
    assert found(tell, chain, dry.format("3,300 kg")) == [(False, "3,300 kg")]


def test_a_dry_weight_may_be_less_where_no_moisture_is_signed(tell, chain):
    text = "Lot number: CT-2026-014\nMineral: Cassiterite\nDry net weight: {}\n"
    assert found(tell, chain, text.format("3,700 kg")) == []
    assert found(tell, chain, text.format("4,700 kg")) == [(True, "4,700 kg")]


def test_a_label_that_does_not_say_net_is_doubted(tell, chain):
    text = "Lot number: CT-2026-014\nMineral: Cassiterite\nWeight: 4,400 kg\n"
    assert found(tell, chain, text) == [(False, "4,400 kg")]


def test_an_assay_may_weigh_a_sample(tell, chain):
    assert found(tell, chain, of("2 kg"), kind="assay_report") == []
    assert found(tell, chain, of("4,600 kg"), kind="assay_report") == [(True, "4,600 kg")]
