import copy
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traceability.events.capture_rules import CAPTURE_BYTES, CAPTURE_LIMIT, MAX_QUANTITY, capture_problems
from traceability.events.checks import MAX_PROBLEMS


def messages(body) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in capture_problems(body)]


def test_a_valid_chain_is_captured(whole_chain) -> None:
    assert capture_problems(whole_chain) == []
    assert (CAPTURE_LIMIT, CAPTURE_BYTES) == (500, 5_000_000)


@pytest.mark.parametrize("name", ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"])
@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        (-1, "0 or more, got -1"),
        (Decimal("-0.001"), "0 or more"),
        (MAX_QUANTITY + 1, "at most 1000000000000"),
        (Decimal("1e200"), "check number and unit"),
        (float("inf"), "not finite"),
        (float("nan"), "not finite"),
        (Decimal("NaN"), "not finite"),
    ],
)
def test_quantities_that_falsify_the_balance_are_refused(event, document, name, quantity, said) -> None:
    body = document(event("birth"), event("birth", eventID=None, **{name: [{"epcClass": "a:b", "quantity": quantity}]}))
    (message,) = messages(body)
    assert message.startswith(f"$.epcisBody.eventList[1].{name}[0].quantity: ")
    assert said in message


@pytest.mark.parametrize("quantity", [0, Decimal("0.000001"), MAX_QUANTITY, None])
def test_quantities_at_the_borders_are_captured(event, document, quantity) -> None:
    entry = {"epcClass": "a:b"} | ({} if quantity is None else {"quantity": quantity})
    assert messages(document(event("birth", quantityList=[entry]))) == []


def test_an_extended_event_may_hold_anything_under_our_names(event, document) -> None:
    odd = event("birth", type="crm:Other", quantityList=["x", {"quantity": "many"}], inputQuantityList=5)
    assert messages(document(odd)) == []


def test_a_capture_holds_an_event(document) -> None:
    assert messages(document()) == [
        "$.epcisBody.eventList: expected at least one event, got none: there is nothing to record"
    ]


def test_the_place_is_told_in_each_kind_of_body(event, query_document) -> None:
    bad = event("birth", quantityList=[{"epcClass": "a:b", "quantity": -1}])
    assert messages(query_document(bad))[0].startswith(
        "$.epcisBody.queryResults.resultsBody.eventList[0].quantityList[0]"
    )
    assert messages(bad)[0].startswith("$.quantityList[0].quantity")


def test_one_id_stands_for_one_content(event, document) -> None:
    one = event("birth")
    assert messages(document(one, copy.deepcopy(one))) == []
    assert (
        messages(
            document(
                one,
                event(
                    "birth",
                    quantityList=[{"epcClass": "https://id.mine.example/lot/1", "quantity": 1250.0, "uom": "KGM"}],
                ),
            )
        )
        == []
    )
    (message,) = messages(document(one, event("birth", disposition="damaged")))
    assert message.startswith("$.epcisBody.eventList[1].eventID: ")
    assert "other content" in message
    shouted = event("birth", eventID=one["eventID"].upper(), disposition="damaged")
    assert len(messages(document(one, shouted))) == 1
    assert messages(document(event("birth", **{"crm:x": 1}), event("birth", **{"crm:x": True}))) != []
    assert messages(document(event("packing"), event("packing"))) == []


def test_a_correction_repeats_its_event(event, document) -> None:
    declared = {"declarationTime": "2026-03-09T10:00:00Z", "reason": "incorrect_data"}
    one, correction = event("birth"), event("birth", errorDeclaration=declared)
    assert messages(document(one, correction, copy.deepcopy(correction), one)) == []
    assert messages(document(one, event("birth", errorDeclaration=declared, disposition="damaged"))) != []
    later = event("birth", errorDeclaration=declared | {"declarationTime": "2026-03-10T10:00:00Z"})
    assert len(messages(document(one, correction, later))) == 1


@pytest.mark.parametrize(("text", "refused"), [
    ("0001-01-01T00:00:00+02:00", True), ("9999-12-31T23:59:59-02:00", True),
    ("0001-01-01T00:00:00Z", False), ("2999-01-01T00:00:00+14:00", False),
])  # fmt: skip
def test_only_times_outside_the_calendar_are_refused(event, document, text, refused) -> None:
    assert bool(messages(document(event("birth", eventTime=text)))) == refused
    assert bool(messages(document(event("birth", recordTime=text)))) == refused
    declared = event("birth", errorDeclaration={"declarationTime": text})
    assert any("errorDeclaration.declarationTime" in one for one in messages(document(declared))) == refused


def test_a_flood_of_problems_is_cut_off(event, document) -> None:
    bad = event("birth", eventID=None, quantityList=[{"epcClass": "a:b", "quantity": -1}] * 400)
    problems = capture_problems(document(*[bad] * 500))
    assert len(problems) == MAX_PROBLEMS
    assert problems[-1].path == "$"


LONG = "https://a.example/" + "x" * 500


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"eventID": LONG}, "eventID"),
        ({"type": LONG}, "type"),
        ({"bizStep": LONG}, "bizStep"),
        ({"epcList": ["a:b", LONG]}, "epcList[1]"),
        ({"quantityList": [{"epcClass": LONG}]}, "quantityList[0].epcClass"),
        ({"destinationList": [{"type": "location", "destination": LONG}]}, "destinationList[0].destination"),
        ({"readPoint": {"id": LONG}}, "readPoint.id"),
    ],
)
def test_identifiers_have_a_longest_length(event, document, changes, path) -> None:
    (message,) = messages(document(event("birth", **changes)))
    assert message == f"$.epcisBody.eventList[0].{path}: expected an identifier of at most 500 characters"
    assert messages(document(event("birth", eventID="urn:x:" + "y" * 494))) == []


ODD = [
    None,
    True,
    1,
    "x",
    [],
    ["x"],
    [[]],
    [{}],
    {},
    {"type": []},
    {"type": "EPCISDocument"},
    {"id": 5},
    {"eventList": 5},
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_the_schema_refuses_is_passed_over(event, document, query_document, data) -> None:
    body = data.draw(st.sampled_from([document, query_document]))(event("birth"), event("assay"), event("blending"))
    holder, key = body, data.draw(st.sampled_from(sorted(body)))
    while isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans()):
        holder = holder[key]
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    holder[key] = data.draw(st.sampled_from(ODD))
    assert all(problem.path.startswith("$") for problem in capture_problems(body))


@pytest.mark.parametrize("body", ODD)
def test_what_is_no_body_raises_nothing(body) -> None:
    assert isinstance(capture_problems(body), list)
