"""Grade and moisture: stated in our terms, or an assay of the batch's metal, no other (facts.md 5)."""

from decimal import Decimal

import pytest

from traceability.custody.metals import ELEMENTS

TIN, IRON = ELEMENTS["Sn"], "XEEYBQQBJWHFJM-UHFFFAOYSA-N"


def _report(value, key=TIN, unit="P1"):
    return {
        "type": "Dimensionless",
        "value": value,
        "uom": unit,
        "chemicalSubstance": f"https://identifiers.org/inchikey:{key}",
    }


def _assayed(kit, *reports, mineral="cassiterite", **more):
    story = kit.Story()
    story.born("A", 5, ilmd={"crm:mineral": mineral} if mineral else {})
    story.observe("inspecting", {"A": 5}, sensor_elements=({"sensorReport": list(reports)},), **more)
    return kit.facts(story, "A").events[1]["quantity_list"][0]


@pytest.mark.parametrize(
    ("reports", "grade"),
    [
        ([_report(Decimal("62.1"))], "62.1"),
        ([_report(62)], "62"),
        ([_report(Decimal("62.10")), _report(3, IRON)], "62.1"),
        ([_report(3, IRON)], None),
        ([_report(62, unit="KGM")], None),
        ([_report(62), _report(62)], "62"),
        ([_report(62), _report(63)], None),
        ([_report(101)], None),
        ([_report("not a number")], None),
        ([{"type": "Dimensionless", "value": 62, "uom": "P1"}], None),
        (["not a report"], None),
        ([], None),
    ],
)
def test_an_assay_counts_when_it_is_of_the_metal(kit, reports, grade):
    assert _assayed(kit, *reports).get("grade_pct") == grade


@pytest.mark.parametrize("mineral", [None, "unobtainium", "gold", 7])
def test_an_assay_of_another_or_an_unknown_mineral_says_nothing(kit, mineral):
    assert "grade_pct" not in _assayed(kit, _report(62), mineral=mineral)


def test_a_stated_grade_counts_before_an_assay(kit):
    line = _assayed(kit, _report(62), extensions={"crm:gradePercent": "61.5", "crm:moisturePercent": 100})
    assert (line["grade_pct"], line["moisture_pct"]) == ("61.5", "100")


@pytest.mark.parametrize("value", [-1, 101, True, "x", None, float("nan"), [], "1e999999999"])
def test_what_is_no_percentage_is_not_said(kit, value):
    assert "grade_pct" not in _assayed(kit, extensions={"crm:gradePercent": value})


def test_a_transformation_states_the_grade_of_what_comes_out(kit):
    story = kit.Story()
    story.make({"A": 10}, {"B": 5}, "concentrating", ilmd={"crm:gradePercent": 60, "crm:moisturePercent": 0})
    [entry] = kit.facts(story, "B").events
    assert entry["output_quantity_list"] == [
        {"batch_id": kit.lot("B"), "weight_kg": "5", "grade_pct": "60", "moisture_pct": "0"}
    ]
    assert entry["input_quantity_list"] == [{"batch_id": kit.lot("A"), "weight_kg": "10"}]


def _joined(kit, *parts):
    story = kit.Story()
    story.make({"A": 30}, {}, transformation_id="urn:t:1")
    for kg, grade, moisture in parts:
        terms = {"crm:gradePercent": grade, "crm:moisturePercent": moisture}
        story.make({}, {"B": kg}, transformation_id="urn:t:1", ilmd={n: v for n, v in terms.items() if v is not None})
    line = kit.facts(story, "B").events[0]["output_quantity_list"][0]
    return line["weight_kg"], line.get("grade_pct"), line.get("moisture_pct")


def test_several_parts_are_averaged_by_mass(kit):
    assert _joined(kit, (10, 60, None), (30, 40, None)) == ("40", "45", None)
    assert _joined(kit, (10, 60, None), (30, 60, None)) == ("40", "60", None)
    assert _joined(kit, (10, 60, 50), (5, 30, 0)) == ("15", "45", "33.333333")


def test_where_one_part_has_no_grade_the_sum_has_none(kit):
    assert _joined(kit, (10, 60, None), (30, None, None)) == ("40", None, None)
    assert _joined(kit, (0, 60, None), (0, 50, None)) == ("0", None, None)
    assert _joined(kit, (10, 60, 10), (30, 40, None)) == ("40", "44.615385", "2.5")


def test_bags_carry_what_the_event_states(kit):
    story = kit.Story()
    story.pack("1", {"A": 5})
    story.observe("inspecting", bags=["1"], extensions={"crm:gradePercent": 60})
    assert kit.facts(story, "A").events[1]["quantity_list"][0]["grade_pct"] == "60"
