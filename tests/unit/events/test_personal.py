"""Personal fields become commitments before an event is signed, and none is captured readably."""

import pytest

from traceability.errors import InvalidInput
from traceability.events.personal import COMMITMENT, PERSONAL, commitments, committed, readable, uncommitted


def named(name, value):
    return f"<{name}={value}>"


def test_every_personal_field_is_replaced_wherever_it_stands():
    event = {"type": "ObjectEvent", PERSONAL: {"driver": "Ann"}, "ilmd": {PERSONAL: {"miner": "Jean", "guard": "Bo"}}}
    document = {"epcisBody": {"eventList": [event]}}
    made = committed(document, named)["epcisBody"]["eventList"][0]
    assert made == {
        "type": "ObjectEvent", COMMITMENT: ["<driver=Ann>"], "ilmd": {COMMITMENT: ["<guard=Bo>", "<miner=Jean>"]}
    }  # fmt: skip
    assert commitments(made) == {"<driver=Ann>", "<guard=Bo>", "<miner=Jean>"}
    assert event[PERSONAL] == {"driver": "Ann"}, "what was given is left as it was"


@pytest.mark.parametrize("value", [None, "Ann", [], {}, {"driver": ""}, {"driver": 7}, {"driver": {"name": "Ann"}}])
def test_a_personal_field_of_another_form_is_refused(value):
    with pytest.raises(InvalidInput) as refused:
        committed({PERSONAL: value}, named)
    assert "Ann" not in refused.value.detail


def test_commitments_beside_readable_values_are_refused():
    with pytest.raises(InvalidInput, match="got both"):
        committed({PERSONAL: {"driver": "Ann"}, COMMITMENT: "x"}, named)


@pytest.mark.parametrize("name", [PERSONAL, "https://ref.example.org/crm/personal"])
def test_what_is_readable_is_found_by_its_place_alone(name):
    event = {name: {"driver": "Ann"}, "ilmd": {name: {"miner": "Jean"}}}
    assert [problem.path for problem in uncommitted(event, "$")] == [f"$.{name}", f"$.ilmd.{name}"]
    assert [problem.path for problem in readable([{"a": event}])] == [f"$[0].a.{name}", f"$[0].a.ilmd.{name}"]
    assert not any("Ann" in problem.message for problem in readable(event))
