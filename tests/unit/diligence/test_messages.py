from datetime import date

from traceability.diligence.catalogue import row
from traceability.diligence.messages import fill, message
from traceability.diligence.packs import Place


def test_fill_shows_dates_lists_and_what_is_missing():
    values = {"a": date(2026, 1, 2), "b": ["x", "y"], "c": None, "d": [], "e": 5}
    assert fill("{a} {b} {c} {d} {e} {f}", values) == "2026-01-02 x, y not stated none 5 not stated"


def test_second_place_of_one_name_has_its_own_value():
    assert fill("{event} and {event}", {"event": "E1", "event 2": "E2"}) == "E1 and E2"
    assert fill("{event} and {event}", {"event": "E1"}) == "E1 and E1"


def test_values_are_not_filled_again():
    assert fill("{quote}", {"quote": "{secret}", "secret": "S"}) == "{secret}"


def places(count):
    return [Place((f"/reports/{number}",), {"report_id": f"R{number}"}) for number in range(count)]


def test_first_places_are_told_the_others_counted():
    found = row("A2-12")
    assert message(found, places(1), advisory=False) == "Report R0."
    assert message(found, places(3), advisory=False) == "Report R0. Report R1. Report R2."
    assert message(found, places(5), advisory=False) == "Report R0. Report R1. Report R2. And 2 more, see the evidence."


def test_equal_texts_are_told_once():
    assert message(row("RF-L5"), places(2), advisory=False) == row("RF-L5").message


def test_advisory_says_from_when():
    text = message(row("FLR-RISK-REPORT"), places(1), advisory=True)
    assert text == "Would apply from 2027-12-14: Report R0."
