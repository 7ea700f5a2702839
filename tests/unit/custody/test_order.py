"""Time order, corrected where one event must have come before another (facts.md 3)."""

from traceability.custody.order import arrange
from traceability.custody.steps import step_of
from traceability.events.model import Transaction


def _arranged(kit, story):
    return arrange(map(step_of, kit.recorded(story.events)))


def _ids(steps):
    return [step.last.event_id for step in steps]


def test_without_demands_time_decides_then_the_ledger_index(kit):
    story = kit.Story()
    story.observe("storing", {"A": 1}, hours=5, event_id="late")
    story.observe("storing", {"A": 1}, hours=1, event_id="tie-1")
    story.observe("storing", {"A": 1}, hours=1, event_id="tie-2")
    found = _arranged(kit, story)
    assert _ids(found.steps) == ["tie-1", "tie-2", "late"]
    assert (found.inverted, found.forced, found.handovers) == ((), (), ())


def test_a_birth_comes_before_whatever_names_the_batch(kit):
    story = kit.Story()
    story.send({"A": 1}, hours=1, event_id="send")
    story.pack("1", {"A": 1}, hours=2, event_id="pack")
    story.born("A", 1, hours=9, event_id="birth")
    found = _arranged(kit, story)
    assert _ids(found.steps) == ["birth", "send", "pack"]
    assert [(first.last.event_id, second.last.event_id) for first, second in found.inverted] == [
        ("birth", "send"),
        ("birth", "pack"),
    ]


def test_the_first_of_two_births_counts(kit):
    story = kit.Story()
    story.born("A", 1, hours=3, event_id="second")
    story.born("A", 1, hours=1, event_id="first")
    assert _ids(_arranged(kit, story).steps) == ["first", "second"]
    assert _arranged(kit, story).forced == ()


def test_the_first_packing_comes_before_whatever_names_the_bag(kit):
    story = kit.Story()
    story.send(bags=["1"], hours=1, event_id="send")
    story.make({}, {"B": 1}, bags=["1"], hours=2, event_id="use")
    story.pack("1", {"A": 1}, hours=3, event_id="pack")
    assert _ids(_arranged(kit, story).steps) == ["pack", "send", "use"]


def test_a_dispatch_comes_before_its_receipt(kit):
    story = kit.Story()
    story.take({"A": 1}, hours=1, event_id="take", papers=[("bol", "1")])
    story.send({"A": 1}, hours=2, event_id="send", papers=[("bol", "1")])
    found = _arranged(kit, story)
    assert _ids(found.steps) == ["send", "take"]
    assert len(found.inverted) == len(found.handovers) == 1


def test_an_upstream_event_comes_before_the_one_naming_it(kit):
    story = kit.Story()
    story.add("ObjectEvent", "OBSERVE", "arriving", hours=1, event_id="b", transactions=(Transaction("upevt", "a"),))
    story.add("ObjectEvent", "OBSERVE", "loading", hours=2, event_id="a", transactions=(Transaction("upevt", "none"),))
    assert _ids(_arranged(kit, story).steps) == ["a", "b"]


def test_in_a_circle_the_smallest_remaining_comes_next(kit):
    story = kit.Story()
    for name, before, hours in (("a", "c", 1), ("b", "a", 2), ("c", "b", 3), ("d", None, 4)):
        papers = (Transaction("upevt", before),) if before else ()
        story.add("ObjectEvent", "OBSERVE", "arriving", hours=hours, event_id=name, transactions=papers)
    found = _arranged(kit, story)
    assert _ids(found.steps) == ["d", "a", "b", "c"]
    assert _ids(found.forced) == ["a"]


def test_two_circles_are_each_broken_once(kit):
    story = kit.Story()
    for hours, (name, before) in enumerate((("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"))):
        story.add(
            "ObjectEvent",
            "OBSERVE",
            "arriving",
            hours=hours,
            event_id=name,
            transactions=(Transaction("upevt", before),),
        )
    found = _arranged(kit, story)
    assert (_ids(found.steps), _ids(found.forced)) == (["a", "b", "c", "d"], ["a", "c"])
