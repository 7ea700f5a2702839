"""Which receipt answers which dispatch (facts.md 3)."""

from traceability.custody.handovers import pairs
from traceability.custody.steps import step_of


def _pairs(kit, story):
    steps = sorted(map(step_of, kit.recorded(story.events)), key=lambda step: step.position)
    return [(steps[sent].last.event_id, steps[taken].last.event_id) for sent, taken in pairs(steps)]


def test_a_shared_paper_pairs_whatever_the_parties(kit):
    story = kit.Story()
    for kind in ("bol", "desadv", "recadv"):
        story.send({"A": 1}, event_id=f"send {kind}", papers=[(kind, kind)])
        story.take({"A": 1}, event_id=f"take {kind}", papers=[(kind, kind)], destination=kit.SMELTER)
    story.send({"A": 1}, event_id="by order", papers=[("po", "1")], source=kit.SMELTER)
    story.take({"A": 1}, event_id="of order", papers=[("po", "1")])
    assert _pairs(kit, story) == [(f"send {kind}", f"take {kind}") for kind in ("bol", "desadv", "recadv")]


def test_a_paper_names_the_goods_first(kit):
    story = kit.Story()
    story.send({"A": 1}, event_id="send A", papers=[("bol", "1")])
    story.send({"B": 1}, event_id="send B", papers=[("bol", "1")])
    story.take({"B": 1}, event_id="take B", papers=[("bol", "1")])
    story.take({"A": 1}, event_id="take A", papers=[("bol", "1")])
    assert _pairs(kit, story) == [("send A", "take A"), ("send B", "take B")]


def test_the_nth_dispatch_pairs_with_the_nth_receipt(kit):
    story = kit.Story()
    for number in (1, 2, 3):
        story.send({"A": 1}, event_id=f"send {number}")
    for number in (1, 2):
        story.take({"A": 1}, event_id=f"take {number}")
    assert _pairs(kit, story) == [("send 1", "take 1"), ("send 2", "take 2")]


def test_what_a_paper_paired_is_not_counted_again(kit):
    story = kit.Story()
    story.send({"A": 1}, event_id="send 1", papers=[("bol", "1")])
    story.send({"A": 1}, event_id="send 2")
    story.take({"A": 1}, event_id="take 2")
    story.take({"A": 1}, event_id="take 1", papers=[("bol", "1")])
    assert _pairs(kit, story) == [("send 1", "take 1"), ("send 2", "take 2")]


def test_sender_and_receiver_must_be_equal(kit):
    story = kit.Story()
    story.send({"A": 1}, event_id="send", destination=kit.SMELTER)
    story.take({"A": 1}, event_id="take")
    assert _pairs(kit, story) == []


def test_a_bag_sent_is_the_lot_received(kit):
    story = kit.Story()
    story.pack("1", {"A": 5})
    story.pack("box", {}, inner=["1"])
    story.send(bags=["box"], event_id="send")
    story.take({"A": 5}, event_id="take")
    assert _pairs(kit, story) == [("send", "take")]


def test_a_bag_nothing_is_known_of_is_still_a_thing(kit):
    story = kit.Story()
    story.send(bags=["1"], event_id="send 1")
    story.send(bags=["2"], event_id="send 2")
    story.take(bags=["2"], event_id="take 2")
    assert _pairs(kit, story) == [("send 2", "take 2")]


def test_a_container_inside_itself_does_no_harm(kit):
    story = kit.Story()
    story.pack("1", {}, inner=["2"])
    story.pack("2", {}, inner=["1"])
    story.send(bags=["1"], event_id="send")
    story.take(bags=["2"], event_id="take")
    assert _pairs(kit, story) == []


def test_many_events_on_one_paper_are_paired_in_linear_time(kit):
    story = kit.Story()
    for number in range(1000):
        story.send({f"L{number}": 1}, papers=[("bol", "1")])
        story.take({f"L{number}": 1}, papers=[("bol", "1")])
    assert len(_pairs(kit, story)) == 1000
