"""Properties of kilograms, order and independence over generated chains (facts.md 2-5)."""

import random
from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traceability.custody.order import arrange
from traceability.custody.steps import merged, step_of

EXCESS = {"excess_output", "excess_weight", "double_spend", "implausible_loss", "unknown_input", "no_birth", "cycle"}
PROFILE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def legal_chains(draw):
    """Return (write, last): a function that tells a legal story, and the batch at its end.

    Lots are extracted, some bagged and sent by bag, some sent whole, received, sampled, blended and smelted; nothing
    is ever used twice, and nothing comes out that did not go in.
    """
    masses = draw(st.lists(st.integers(1, 5000), min_size=1, max_size=4))
    bagged = draw(st.lists(st.booleans(), min_size=len(masses), max_size=len(masses)))
    sampled = draw(st.booleans())
    yields = draw(st.integers(20, 100))
    by_bag = draw(st.booleans())

    def write(kit):
        story = kit.Story()
        total = Decimal(0)
        inputs, bags = {}, []
        for number, kg in enumerate(masses):
            name, mass = f"L{number}", Decimal(kg)
            story.born(name, mass)
            if bagged[number]:
                half = mass / 2
                story.pack(f"{number}a", {name: half}, seal=f"S{number}a")
                story.pack(f"{number}b", {name: mass - half}, seal=f"S{number}b")
                goods = {"bags": [f"{number}a", f"{number}b"]}
            else:
                goods = {"goods": {name: mass}}
            story.send(**goods, papers=[("bol", name)])
            story.take(**goods, papers=[("bol", name)])
            if bagged[number] and by_bag:
                bags += goods["bags"]
            else:
                inputs[name] = mass
                if sampled:
                    inputs[name] -= mass / 100
                    story.lose({name: mass / 100}, read_point=kit.DEPOT)
            total += inputs.get(name, mass)
        story.make(inputs, {"M": total}, bags=bags)
        story.send({"M": total}, kit.TRADER, kit.SMELTER, read_point=kit.DEPOT, papers=[("bol", "M")])
        story.take({"M": total}, kit.TRADER, kit.SMELTER, read_point=kit.PLANT, papers=[("bol", "M")])
        story.make({"M": total}, {"T": total * yields / 100}, "smelting", site=kit.PLANT)
        return story

    return write


@PROFILE
@given(write=legal_chains())
def test_a_legal_chain_is_never_accused(kit, write):
    assert EXCESS.isdisjoint(kit.kinds(write(kit), "T"))


@PROFILE
@given(write=legal_chains())
def test_kilograms_are_conserved(kit, write):
    story = write(kit)
    graph = kit.graph(kit.recorded(story.events), kit.closure(story, "T").batches)
    for node in graph.nodes:
        born, used, lost, left = (Decimal(node[f"{name}_kg"]) for name in ("born", "used", "lost", "remaining"))
        assert born == used + lost + left
        assert left >= 0


@PROFILE
@given(write=legal_chains(), factor=st.integers(1021, 3000))
def test_more_metal_than_ore_is_always_noted(kit, write, factor):
    story = write(kit)
    smelted = story.events.pop()
    [taken] = smelted.inputs
    outputs = (replace(smelted.outputs[0], quantity=taken.quantity * factor / 1000),)
    story.events.append(replace(smelted, outputs=outputs))
    assert "excess_output" in kit.kinds(story, "T")


@PROFILE
@given(write=legal_chains(), share=st.integers(21, 1000))
def test_using_a_batch_twice_is_always_noted(kit, write, share):
    story = write(kit)
    [taken] = story.events[-1].inputs
    again = taken.quantity * share / 1000
    story.make({"M": again}, {"U": again}, site=kit.PLANT)
    assert "double_spend" in kit.kinds(story, "T")
    assert "double_spend" in kit.kinds(story, "U")


@PROFILE
@given(write=legal_chains(), seed=st.integers(0, 2**32))
def test_the_order_of_the_input_changes_nothing(kit, write, seed):
    entries = kit.recorded(write(kit).events)
    shuffled = list(entries)
    random.Random(seed).shuffle(shuffled)
    assert kit.facts(shuffled, "T") == kit.facts(entries, "T")


@PROFILE
@given(write=legal_chains(), other=legal_chains(), seed=st.integers(0, 2**32))
def test_unrelated_events_change_nothing(kit, write, other, seed):
    events = write(kit).events
    alien = [_renamed(kit, event) for event in other(kit).events]
    alone = [replace(entry, index=2 * entry.index) for entry in kit.recorded(events)]
    strangers = [replace(entry, index=2 * entry.index + 1) for entry in kit.recorded(alien)]
    together = [*alone, *strangers]
    random.Random(seed).shuffle(together)
    assert kit.facts(together, "T") == kit.facts(alone, "T")


def _renamed(kit, event):
    """Return the event about other goods under other papers, with the same parties, places and times."""

    def other(value):
        if isinstance(value, str):
            return value.replace("id.mine.example/lot", "id.far.example/lot").replace("/bag/", "/sack/")
        return replace(value, epc_class=other(value.epc_class))

    lists = ("quantities", "child_quantities", "inputs", "outputs", "epcs", "child_epcs", "input_epcs")
    return replace(
        event,
        event_id=f"{event.event_id}-far",
        parent_id=event.parent_id and other(event.parent_id),
        transactions=tuple(replace(one, id=f"{one.id}-far") for one in event.transactions),
        **{name: tuple(map(other, getattr(event, name))) for name in lists},
    )


@PROFILE
@given(write=legal_chains(), parts=st.integers(2, 5))
def test_splitting_a_transformation_changes_no_balance(kit, write, parts):
    whole, split = write(kit), write(kit)
    event = split.events.pop()
    for number in range(parts):
        share = {
            name: tuple(replace(one, quantity=one.quantity / parts) for one in getattr(event, name))
            for name in ("inputs", "outputs")
        }
        split.events.append(replace(event, event_id=f"urn:part:{number}", transformation_id="urn:t:1", **share))
    nodes = [kit.graph(kit.recorded(story.events), kit.closure(story, "T").batches).nodes for story in (whole, split)]
    for one, other in zip(*nodes, strict=True):
        for name in ("born_kg", "used_kg", "remaining_kg"):
            assert abs(Decimal(one[name]) - Decimal(other[name])) < Decimal("0.0001")
    assert len(kit.facts(split, "T").events) == len(kit.facts(whole, "T").events)


@st.composite
def tangles(draw):
    """Return a function that tells a story without any order: births after uses, receipts before dispatches."""
    count = draw(st.integers(1, 12))
    words = st.sampled_from(["born", "send", "take", "make", "pack", "leg"])
    acts = [
        (draw(words), draw(st.integers(0, 3)), draw(st.integers(0, 3)), draw(st.integers(0, 6))) for _ in range(count)
    ]

    def write(kit):
        story = kit.Story()
        for word, one, two, hours in acts:
            goods = {f"L{one}": 5}
            papers = [("bol", str(two))] if two else []
            tell = {
                "born": lambda goods=goods, hours=hours: story.born(next(iter(goods)), 5, hours=hours),
                "send": lambda goods=goods, hours=hours, papers=papers: story.send(goods, papers=papers, hours=hours),
                "take": lambda goods=goods, hours=hours, papers=papers: story.take(goods, papers=papers, hours=hours),
                "make": lambda goods=goods, hours=hours, two=two: story.make(goods, {f"L{two}": 5}, hours=hours),
                "pack": lambda goods=goods, hours=hours, two=two: story.pack(str(two), goods, hours=hours),
                "leg": lambda two=two, hours=hours: story.observe("storing", bags=[str(two)], hours=hours),
            }
            tell[word]()
        return story

    return write


@PROFILE
@given(write=tangles())
def test_the_order_is_a_permutation_that_respects_births(kit, write):
    steps = merged(step_of(entry) for entry in kit.recorded(write(kit).events))
    arranged = arrange(steps)
    assert sorted(map(id, arranged.steps)) == sorted(map(id, steps))
    place = {id(step): number for number, step in enumerate(arranged.steps)}
    if not arranged.forced:
        for sent, taken in arranged.handovers:
            assert place[id(sent)] < place[id(taken)]
        for batch in {name for step in steps for name in step.creates}:
            first = min((step for step in steps if batch in step.creates), key=lambda step: step.position)
            namers = [step for step in steps if batch in step.batches and step is not first]
            assert all(place[id(first)] < place[id(step)] for step in namers)


@PROFILE
@given(write=tangles(), seed=st.integers(0, 2**32))
def test_a_tangle_is_told_the_same_way_whatever_its_order(kit, write, seed):
    entries = kit.recorded(write(kit).events)
    shuffled = list(entries)
    random.Random(seed).shuffle(shuffled)
    names = [f"L{number}" for number in range(4)]
    assert kit.facts(shuffled, *names) == kit.facts(entries, *names)
    for name in names:
        closed = kit.closure(shuffled, name)
        assert kit.facts(closed.recorded, name).events == kit.facts(entries, name).events


def test_time_order_holds_where_nothing_is_inverted(kit):
    story = kit.Story()
    for hours in (3, 1, 2):
        story.observe("storing", {"A": 5}, hours=hours)
    times = [entry["event_time"] for entry in kit.facts(story, "A").events]
    assert times == sorted(times)


@pytest.mark.parametrize("zone", [-11, 0, 14])
def test_instants_count_and_not_how_they_are_written(kit, zone):
    story = kit.Story()
    story.observe("storing", {"A": 5}, hours=1, event_id="first")
    story.observe("storing", {"A": 5}, hours=2, event_id="second")
    there = timezone(timedelta(hours=zone))
    story.events = [replace(event, event_time=event.event_time.astimezone(there)) for event in story.events]
    assert [entry["event_id"] for entry in kit.facts(story, "A").events] == ["first", "second"]


@pytest.mark.parametrize(
    "acts",
    [
        [("pack", "L3", "0", 5), ("born", "L2", "", 5), ("pack", "L0", "0", 2), ("born", "L3", "", 6), ("pack", "L2", "0", 4)],
        [("pack", "L3", "2", 2), ("pack", "L1", "2", 1), ("pack", "L3", "0", 4), ("pack", "L2", "2", 0), ("make", "L2", "L1", 3)],
    ],
    ids=["born", "made"],
)  # fmt: skip
def test_what_lay_in_the_same_bag_was_made_before_it_was_packed(kit, acts):
    """The making of a batch that nobody asked for decides here whether it was packed beside the one asked for."""
    story = kit.Story()
    for word, batch, other, hours in acts:
        if word == "pack":
            story.pack(other, {batch: 5}, hours=hours)
        elif word == "born":
            story.born(batch, 5, hours=hours)
        else:
            story.make({batch: 5}, {other: 5}, hours=hours)
    entries = kit.recorded(story.events)
    for name in ("L0", "L1", "L2", "L3"):
        assert kit.facts(kit.closure(entries, name).recorded, name).events == kit.facts(entries, name).events


@st.composite
def bags(draw):
    """Return a function that tells of batches packed into few bags, made before and after."""
    words = st.sampled_from(["born", "make", "pack", "pack", "pack"])
    one = st.tuples(words, st.integers(0, 3), st.integers(0, 2), st.integers(0, 6))
    acts = draw(st.lists(one, min_size=3, max_size=9))

    def write(kit):
        story = kit.Story()
        for word, batch, other, hours in acts:
            if word == "pack":
                story.pack(str(other), {f"L{batch}": 5}, hours=hours)
            elif word == "born":
                story.born(f"L{batch}", 5, hours=hours)
            else:
                story.make({f"L{batch}": 5}, {f"L{other}": 5}, hours=hours)
        return story

    return write


@PROFILE
@given(write=bags())
def test_a_closure_tells_of_its_bags_what_the_whole_tells(kit, write):
    entries = kit.recorded(write(kit).events)
    for name in ("L0", "L1", "L2", "L3"):
        assert kit.facts(kit.closure(entries, name).recorded, name).events == kit.facts(entries, name).events
