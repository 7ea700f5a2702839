"""What is inside which bag at each moment (facts.md 5)."""

from decimal import Decimal

from traceability.custody.bags import Bags
from traceability.custody.steps import step_of


def _bags(kit, story):
    bags = Bags()
    for entry in kit.recorded(story.events):
        bags.apply(step_of(entry))
    return bags


def _inside(kit, bags, *names):
    found = bags.contents(map(kit.bag, names))
    return {
        batch.rpartition("/")[2]: {name.rpartition("/")[2]: kg for name, kg in held.items()}
        for batch, held in found.items()
    }


def test_packed_minus_unpacked(kit):
    story = kit.Story()
    story.pack("1", {"A": 50, "B": 10})
    story.pack("1", {"A": 5})
    story.unpack("1", {"A": 20, "B": 10})
    assert _inside(kit, _bags(kit, story), "1") == {"A": {"1": Decimal(35)}}


def test_unpacking_without_children_empties(kit):
    story = kit.Story()
    story.pack("1", {"A": 50}, inner=["2"])
    story.pack("2", {"B": 5})
    story.unpack("1")
    assert _inside(kit, _bags(kit, story), "1") == {}
    assert _inside(kit, _bags(kit, story), "2") == {"B": {"2": Decimal(5)}}


def test_containers_are_followed_inwards_and_each_bag_counts_once(kit):
    story = kit.Story()
    story.pack("1", {"A": 50})
    story.pack("2", {"A": 40})
    story.pack("box", {}, inner=["1", "2", "unheard"])
    bags = _bags(kit, story)
    assert _inside(kit, bags, "box", "1") == {"A": {"1": Decimal(50), "2": Decimal(40)}}
    story.unpack("box", inner=["1"])
    assert _inside(kit, _bags(kit, story), "box") == {"A": {"2": Decimal(40)}}


def test_a_container_inside_itself_ends(kit):
    story = kit.Story()
    story.pack("1", {"A": 1}, inner=["2"])
    story.pack("2", {"A": 2}, inner=["1"])
    assert _inside(kit, _bags(kit, story), "1") == {"A": {"1": Decimal(1), "2": Decimal(2)}}


def test_no_more_comes_out_than_went_in(kit):
    story = kit.Story()
    story.pack("1", {"A": 5})
    story.unpack("1", {"A": 50, "B": 5})
    story.pack("1", {"A": 3})
    bags = _bags(kit, story)
    assert _inside(kit, bags, "1") == {"A": {"1": Decimal(3)}}
    assert bags.tagged(kit.lot("A")).kg == 5


def test_looking_changes_nothing_and_unpacking_the_unknown_is_no_packing(kit):
    story = kit.Story()
    story.pack("1", {"A": 5}, action="OBSERVE")
    story.unpack("2", {"A": 5})
    story.send({"A": 5})
    bags = _bags(kit, story)
    assert _inside(kit, bags, "1", "2") == {}
    assert not bags.is_known(kit.bag("1"))
    assert bags.is_known(kit.bag("2"))


def test_seals_hold_until_the_bag_is_opened(kit):
    story = kit.Story()
    story.pack("1", {"A": 5}, seal="S1")
    story.pack("2", {"A": 5}, seal="S2")
    story.pack("box", {}, inner=["1", "2"], seal="S3")
    assert _bags(kit, story).seals([kit.bag("box")]) == ["S3", "S1", "S2"]
    story.unpack("1", {"A": 1})
    assert _bags(kit, story).seals([kit.bag("box")]) == ["S3", "S2"]


def test_tagged_is_the_most_the_bags_held_at_once(kit):
    story = kit.Story()
    story.pack("1", {"A": 5})
    story.pack("1", {"A": 5})
    story.unpack("1")
    story.pack("2", {"A": 8})
    tagged = _bags(kit, story).tagged(kit.lot("A"))
    assert (tagged.bags, tagged.kg) == ((kit.bag("1"), kit.bag("2")), Decimal(10))


def test_a_bag_filled_in_turns_is_one_tag(kit):
    story = kit.Story()
    for name in ("1", "2", "1"):
        story.pack(name, {"A": 5})
    assert _bags(kit, story).tagged(kit.lot("A")).bags == (kit.bag("1"), kit.bag("2"))


def test_a_packing_without_parent_is_nobody_s(kit):
    story = kit.Story()
    story.add("AggregationEvent", "ADD", "packing", child_quantities=kit.kgm({"A": 5}))
    assert _bags(kit, story).tagged(kit.lot("A")).bags == ()
