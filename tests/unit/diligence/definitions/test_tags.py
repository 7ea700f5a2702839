import pytest

from traceability.diligence.definitions.events import effective_events
from traceability.diligence.definitions.tags import any_tag, not_issued, reused, untagged


def events_of(*entries):
    return effective_events({"custody_events": list(entries)})


@pytest.mark.parametrize(
    ("extra", "found"),
    [
        (None, True),
        ({"tag_ids": []}, True),
        ({"tag_ids": ["T1"]}, False),
        ({"tag_ids": ["T1"], "untagged_kg": "0"}, False),
        ({"tag_ids": ["T1"], "untagged_kg": "0.000001"}, True),
    ],
)
def test_untagged_extraction(make_event, extra, found):
    assert bool(untagged(events_of(make_event("E1", "extraction", [("A", 1, extra)])))) is found


def test_where_tags_are_needed(make_event):
    consolidation = make_event("E1", "consolidation", [("A", 1)], inputs=[("B", 1)], outputs=[("C", 1)])
    others = [make_event("E2", "smelting", inputs=[("D", 1)]), make_event("E3", "dispatch", [("E", 1)])]
    assert [problem.untagged_batch for problem in untagged(events_of(consolidation, *others))] == ["B"]


def test_not_issued(make_event):
    events = events_of(make_event("E1", "dispatch", [("A", 1, {"tag_ids": ["T1", "T2"]})]))
    assert not_issued(events, None) == []
    (problem,) = not_issued(events, {"T1"})
    assert problem.evidence == ("/custody_events/0/quantity_list/0/tag_ids/1",)


def test_reused_on_two_batches(make_event):
    tag = {"tag_ids": ["T1"]}
    same = make_event("E1", "extraction", [("A", 1, tag)])
    assert reused(events_of(same, make_event("E2", "dispatch", [("A", 1, tag)]))) == []
    (problem,) = reused(events_of(same, make_event("E2", "dispatch", [("B", 1, tag)])))
    assert problem.text == "T1 is on A, B"
    assert len(problem.evidence) == 2


def test_any_tag(make_event):
    assert not any_tag(events_of(make_event("E1", "other", [("A", 1)])))
    assert any_tag(events_of(make_event("E1", "other", outputs=[("A", 1, {"tag_ids": ["T"]})])))
