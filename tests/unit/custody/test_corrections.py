"""What is declared wrong, and whether its correction is complete (epcis.md 8)."""

import pytest

from traceability.custody.corrections import Corrections


def _read(kit, *stories):
    """Each story is (event id, corrective ids or None for an ordinary event)."""
    story = kit.Story()
    for name, corrective in stories:
        event = story.observe("storing", {"A": 1}, event_id=name)
        if corrective is not None:
            story.declare_wrong(event, *corrective)
    return Corrections.among(kit.recorded(story.events)), kit.recorded(story.events)


@pytest.mark.parametrize(
    ("stories", "outstanding"),
    [
        ([("a", None)], set()),
        ([("a", [])], set()),
        ([("a", ["b"])], {"a"}),
        ([("a", ["b"]), ("b", None)], set()),
        ([("a", ["b", "c"]), ("b", None)], {"a"}),
        ([("a", ["b"]), ("b", ["c"])], {"a", "b"}),
        ([("a", ["b"]), ("b", ["c"]), ("c", None)], set()),
        ([("a", ["b"]), ("b", [])], set()),
        ([("a", ["a"])], {"a"}),
        ([("a", ["b"]), ("b", ["a"])], {"a", "b"}),
    ],
)
def test_a_correction_is_outstanding_until_what_replaces_it_stands(kit, stories, outstanding):
    corrections, _ = _read(kit, *stories)
    assert corrections.outstanding == outstanding


def test_a_wrong_event_is_followed_until_it_is_replaced(kit):
    corrections, entries = _read(kit, ("a", ["b"]), ("c", ["d"]), ("d", None))
    effective = [entry.event_id for entry in entries if corrections.is_effective(entry)]
    followed = {entry.event_id for entry in entries if corrections.still_counts(entry)}
    assert (effective, followed) == (["d"], {"a", "d"})


def test_the_reason_names_what_is_missing(kit):
    corrections, _ = _read(kit, ("a", ["z", "b"]), ("b", ["y"]), ("c", ["b"]))
    assert corrections.reason("a").endswith("z not recorded")
    assert corrections.reason("c").endswith("itself declared wrong")
    assert corrections.missing("unheard") == []


def test_two_declarations_of_one_event_add_up(kit):
    story = kit.Story()
    event = story.observe("storing", {"A": 1}, event_id="a")
    story.declare_wrong(event, "b")
    story.declare_wrong(event, "c")
    assert Corrections.among(kit.recorded(story.events)).missing("a") == ["b", "c"]
