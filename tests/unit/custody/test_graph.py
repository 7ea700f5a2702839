"""The graph for the chain query and the drawn picture."""

import json

from traceability.custody import graph as graph_module
from traceability.custody.graph import chain_graph


def _graph(kit, story, *names, signer=None):
    return chain_graph(kit.recorded(story.events, signer), [kit.lot(name) for name in names], kit.WORLD)


def _story(kit):
    story = kit.Story()
    story.born("A", 100, event_id="A")
    story.born("B", 50)
    story.send({"A": 100}, papers=[("bol", "1")])
    story.take({"A": 100}, papers=[("bol", "1")])
    story.lose({"A": 1}, read_point=kit.DEPOT)
    story.make({"A": 60, "B": 40}, {"C": 100}, event_id="C")
    return story


def test_nodes_tell_what_became_of_each_batch(kit):
    nodes = {node["batch"].rpartition("/")[2]: node for node in _graph(kit, _story(kit), "A", "B", "C").nodes}
    assert nodes["A"] == {
        "batch": kit.lot("A"),
        "mineral": "cassiterite",
        "born_kg": "100",
        "used_kg": "60",
        "lost_kg": "1",
        "remaining_kg": "39",
        "birth": {
            "event_id": "A",
            "type": "extraction",
            "time": "2026-01-01T08:00:00+00:00",
            "site": kit.PIT,
            "country": "CD",
            "subdivision": "CD-NK",
            "latitude": -1.56,
            "longitude": 28.88,
        },
        "holders": [kit.TRADER],
    }
    assert nodes["C"]["birth"]["event_id"] == "C"
    assert nodes["C"]["holders"] == [kit.TRADER]


def test_edges_carry_the_kilograms_of_the_parent(kit):
    edges = _graph(kit, _story(kit), "A", "B", "C").edges
    assert [(edge["parent"][-1], edge["child"][-1], edge["kg"], edge["event_id"]) for edge in edges] == [
        ("A", "C", "60", "C"),
        ("B", "C", "40", "C"),
    ]
    assert all(edge["effective"] for edge in edges)


def test_only_the_batches_given_are_drawn(kit):
    found = _graph(kit, _story(kit), "A", "C")
    assert len(found.nodes) == 2
    assert [edge["parent"][-1] for edge in found.edges] == ["A"]
    assert len(found.events) == 5


def test_events_say_who_where_and_whose_signature(kit):
    event = _graph(kit, _story(kit), "A", signer=kit.MINE).events[1]
    assert event["type"] == "dispatch"
    assert (event["source_party"], event["destination_party"]) == (kit.MINE, kit.TRADER)
    assert (event["signers"], event["signature_status"], event["acting_parties"]) == ([kit.MINE], "valid", [kit.MINE])
    assert event["observed"] == [{"batch": kit.lot("A"), "kg": "100"}]
    assert (event["country"], event["received_at"]) == ("CD", "2026-01-01T10:01:00+00:00")


def test_a_batch_known_by_name_only(kit):
    [node] = _graph(kit, kit.Story(), "A").nodes
    assert (node["born_kg"], node["remaining_kg"], node["birth"], node["holders"]) == (None, None, None, [])


def test_a_wrong_event_is_drawn_until_it_is_replaced(kit):
    story = _story(kit)
    story.declare_wrong(story.events[-1], "right")
    found = _graph(kit, story, "A", "B", "C")
    assert {edge["effective"] for edge in found.edges} == {False}
    assert [event["declares_error"] for event in found.events[-2:]] == [False, True]
    story.make({"A": 60}, {"C": 60}, event_id="right")
    assert [edge["event_id"] for edge in _graph(kit, story, "A", "B", "C").edges] == ["right"]


def test_a_step_of_very_many_batches_is_two_fans(kit, monkeypatch):
    monkeypatch.setattr(graph_module, "MAX_PAIRS", 3)
    story = kit.Story()
    story.make({"A": 1, "B": 1}, {"C": 1, "D": 1})
    edges = _graph(kit, story, "A", "B", "C", "D").edges
    ends = [(edge["parent"] and edge["parent"][-1], edge["child"] and edge["child"][-1]) for edge in edges]
    assert ends == [(None, "C"), (None, "D"), ("A", None), ("B", None)]


def test_the_graph_is_json(kit):
    found = _graph(kit, _story(kit), "A", "B", "C").as_dict()
    assert set(json.loads(json.dumps(found))) == {"nodes", "edges", "events"}
