"""Upstream and downstream of a batch, over a lookup that answers sets (facts.md 2)."""

from traceability.custody.closure import RecordedEvents, downstream, names_of, upstream


def _names(found):
    return {batch.rpartition("/")[2] for batch in found.batches}


def _ids(entries):
    return [entry.event_id for entry in entries]


def _down(kit, story, *names):
    return downstream(RecordedEvents(kit.recorded(story.events)), [kit.lot(name) for name in names])


class CountingLookup(RecordedEvents):
    """Counts the rounds, and forgets nobody."""

    def __init__(self, recorded):
        super().__init__(recorded)
        self.rounds = 0

    def naming(self, names):
        self.rounds += 1
        return super().naming(names)


def _chain(kit):
    story = kit.Story()
    story.born("A", 10, event_id="A")
    story.born("B", 10, event_id="B")
    story.born("X", 10, event_id="X")
    story.make({"A": 5, "B": 10}, {"C": 15}, event_id="C")
    story.make({"A": 5, "X": 10}, {"Y": 15}, event_id="Y")
    story.make({"C": 15}, {"D": 10}, "smelting", event_id="D")
    return story


def test_upstream_follows_inputs_and_names_what_consumes_a_parent(kit):
    found = kit.closure(_chain(kit), "D")
    assert _names(found) == {"A", "B", "C", "D"}
    assert _ids(found.events) == ["A", "B", "C", "Y", "D"]


def test_downstream_follows_outputs(kit):
    found = _down(kit, _chain(kit), "A")
    assert _names(found) == {"A", "C", "D", "Y"}
    assert _ids(found.events) == ["A", "C", "Y", "D"]


def test_a_round_answers_a_whole_level(kit):
    story = kit.Story()
    for number in range(200):
        story.born(f"L{number}", 1)
    story.make({f"L{number}": 1 for number in range(200)}, {"M": 200})
    story.make({"M": 200}, {"N": 200})
    lookup = CountingLookup(kit.recorded(story.events))
    assert len(upstream(lookup, [kit.lot("N")]).batches) == 202
    assert lookup.rounds == 3


def test_inputs_by_bag_are_followed_to_the_lots_inside(kit):
    story = kit.Story()
    story.born("A", 10)
    story.pack("1", {"A": 10})
    story.pack("box", {}, inner=["1"])
    story.make({}, {"C": 10}, bags=["box"])
    assert _names(kit.closure(story, "C")) == {"A", "C"}
    assert len(kit.closure(story, "C").events) == 4
    assert _names(_down(kit, story, "A")) == {"A", "C"}


def test_a_bag_filled_again_leads_only_to_what_it_held_then(kit):
    story = kit.Story()
    story.born("A", 10, event_id="A")
    story.pack("1", {"A": 10}, event_id="pack A")
    story.send(bags=["1"], event_id="send A")
    story.make({}, {"C": 10}, bags=["1"], event_id="C")
    story.unpack("1", event_id="empty")
    story.born("B", 10, event_id="B")
    story.pack("1", {"B": 10}, event_id="pack B")
    story.send(bags=["1"], event_id="send B")
    story.make({}, {"D": 10}, bags=["1"], event_id="D")
    first, second = kit.closure(story, "C"), kit.closure(story, "D")
    assert _names(first) == {"A", "C"}
    assert _ids(first.events) == ["A", "pack A", "send A", "C", "empty"]
    assert _names(second) == {"B", "D"}
    assert _ids(second.events) == ["B", "pack B", "send B", "D"]
    assert len(first.recorded) > len(first.events)


def test_parts_of_one_transformation_are_joined(kit):
    story = kit.Story()
    story.make({"A": 5}, {}, transformation_id="urn:t:1", event_id="in")
    story.make({}, {"C": 5}, transformation_id="urn:t:1", event_id="out")
    assert _names(kit.closure(story, "C")) == {"A", "C"}
    assert _names(_down(kit, story, "A")) == {"A", "C"}
    assert _ids(kit.closure(story, "C").events) == ["in", "out"]


def test_a_wrong_event_is_followed_while_its_correction_is_missing(kit):
    story = kit.Story()
    story.born("A", 5)
    wrong = story.make({"A": 5}, {"C": 5}, event_id="wrong")
    story.declare_wrong(wrong, "right")
    assert _names(kit.closure(story, "C")) == {"A", "C"}
    story.make({"B": 5}, {"C": 5}, event_id="right")
    found = kit.closure(story, "C")
    assert _names(found) == {"B", "C"}
    assert _ids(found.events) == ["wrong", "wrong", "right"]


def test_a_correction_that_speaks_of_another_batch_still_completes(kit):
    story = kit.Story()
    wrong = story.born("A", 5, event_id="wrong")
    story.declare_wrong(wrong, "right")
    right = story.born("B", 5, event_id="right")
    found = kit.closure(story, "A")
    assert _ids(found.events) == ["wrong", "wrong"]
    assert _ids(found.recorded) == ["wrong", "wrong", "right"]
    assert kit.facts(found.recorded, "A").pending == []
    story.declare_wrong(right, "later")
    assert len(kit.facts(kit.closure(story, "A").recorded, "A").pending) == 1


def test_a_circle_ends(kit):
    story = kit.Story()
    story.make({"A": 5}, {"B": 5})
    story.make({"B": 5}, {"A": 5})
    assert _names(kit.closure(story, "A")) == {"A", "B"}
    assert _names(_down(kit, story, "A")) == {"A", "B"}


def test_a_batch_nobody_names_has_no_events(kit):
    found = kit.closure(_chain(kit), "unheard")
    assert (_names(found), found.events) == ({"unheard"}, ())


def test_the_closure_of_a_closure_is_itself(kit):
    found = kit.closure(_chain(kit), "D")
    again = upstream(RecordedEvents(found.recorded), found.batches)
    assert again == found


def test_a_deep_chain_costs_one_round_per_level(kit):
    story = kit.Story()
    story.born("L0", 1)
    for level in range(300):
        story.make({f"L{level}": 1}, {f"L{level + 1}": 1})
    lookup = CountingLookup(kit.recorded(story.events))
    assert len(upstream(lookup, [kit.lot("L300")]).batches) == 301
    assert lookup.rounds == 301


def test_names_hold_everything_a_store_must_find_an_event_by(kit):
    story = kit.Story()
    event = story.make({"A": 1}, {"B": 1}, bags=["1"], transformation_id="urn:t:1")
    assert names_of(event) == {kit.lot("A"), kit.lot("B"), kit.bag("1"), "urn:t:1"}
    packing = story.pack("2", {"A": 1}, inner=["1"])
    assert names_of(packing) == {kit.lot("A"), kit.bag("1"), kit.bag("2")}


def test_an_association_adds_nothing(kit):
    story = kit.Story()
    story.born("A", 5, event_id="A")
    story.add("AssociationEvent", "ADD", None, parent_id=kit.lot("A"))
    assert _ids(kit.closure(story, "A").events) == ["A"]
