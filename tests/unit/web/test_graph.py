"""The drawing of a chain: layers follow the goods, links carry kilograms, flaws are dashed and said, 200 is the end."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from traceability.web import graph


def event(number, *, inputs=(), outputs=(), observed=(), status="valid", **more):
    amounts = {"inputs": inputs, "outputs": outputs, "observed": observed}
    said = {name: [{"batch": batch, "kg": kg} for batch, kg in pairs] for name, pairs in amounts.items()}
    return {
        "index": number, "event_ids": [f"e{number}"], "type": "transfer", "time": "2026-01-01T00:00:00Z",
        "signature_status": status, "effective": True, "declares_error": False, "parties": [f"p{number % 2}"],
        "signers": [], "acting_parties": [], "country": None, "subdivision": None, **said, **more,
    }  # fmt: skip


CHAIN = [
    event(1, outputs=[("a", "10")]),
    event(2, outputs=[("b", "5.5")]),
    event(3, observed=[("a", "10")], status="unsigned"),
    event(4, inputs=[("a", "10"), ("b", "5.5")], outputs=[("c", "15")]),
    event(5, observed=[("c", None)]),
]


def test_goods_lead_from_event_to_event():
    links = graph.links_of(CHAIN, {"e5": ["COC-GAP"]})
    assert [(one.source + 1, one.target + 1, one.label, one.flaw) for one in links] == [
        (1, 3, "10 kg", "unsigned"),
        (3, 4, "10 kg", ""),
        (2, 4, "5.5 kg", ""),
        (4, 5, "kg not stated", "COC-GAP"),
    ]


def test_two_batches_between_the_same_events_are_one_link():
    both = [("a", "1"), ("b", "2")]
    (link,) = graph.links_of([event(1, outputs=both), event(2, observed=both)], {})
    assert link.label == "1 kg and 1 more"


def test_every_event_is_below_those_that_lead_to_it():
    drawn = graph.picture(CHAIN, {})
    for link in graph.links_of(CHAIN, {}):
        assert drawn.nodes[link.source].y < drawn.nodes[link.target].y
    assert len(drawn.lines) == 4


def test_the_summary_counts_what_is_wrong():
    assert graph.summary(CHAIN, {"e5": ["COC-GAP"]}) == (
        "5 events, 2 parties, 1 without a good signature of the acting party, 1 named by findings"
    )
    assert graph.summary(CHAIN[:2], {}).endswith("each signed by who it says acted")


def test_the_summary_counts_who_signed_and_who_is_in_the_chain_by_its_own_word_alone():
    mine, trader, stranger = ({"signers": [name], "parties": ["mine", "trader"]} for name in ("mine", "trader", "s"))
    goods = {"observed": [("a", "1")]}
    chain = [event(1, **mine, **goods), event(2, **trader, **goods), event(3, **stranger | {"parties": []}, **goods)]
    said = "3 events, 3 parties, each signed by who it says acted, 1 signed by a party that no other party names"
    assert graph.summary(chain, {}) == said
    assert "no other" not in graph.summary([event(1, **mine), event(2, **trader)], {})
    assert "no other" not in graph.summary([event(1, signers=["mine"], parties=[])], {}), "nobody could name it"


def test_what_does_not_count_is_not_drawn():
    wrong = [event(1, effective=False), event(2, declares_error=True), event(3, outputs=[("a", "1")])]
    assert [node.event["index"] for node in graph.picture(wrong, {}).nodes] == [3]


def test_packings_stand_in_the_table_only_and_the_sentence_counts_them():
    chain = [event(1, outputs=[("a", "1")]), event(2), event(3), event(4, observed=[("a", "1")])]
    drawn = graph.picture(chain, {})
    assert [node.event["index"] for node in drawn.nodes] == [1, 4]
    assert "2 packings of bags in the table only" in drawn.summary


@pytest.mark.parametrize(("count", "drawn"), [(0, False), (200, True), (201, False)])
def test_beyond_two_hundred_there_is_no_picture(count, drawn):
    events = [event(number, observed=[("a", "1")]) for number in range(count)]
    assert (graph.picture(events, {}) is not None) is drawn


names = st.lists(st.sampled_from("abcdef"), max_size=3, unique=True)


@given(st.lists(st.tuples(names, names, names), min_size=1, max_size=25))
def test_boxes_never_overlap_and_stay_on_the_sheet(chain):
    events = [
        event(n, inputs=[(b, "1") for b in i], outputs=[(b, "1") for b in o], observed=[(b, "1") for b in s])
        for n, (i, o, s) in enumerate(chain)
    ]
    drawn = graph.picture(events, {})
    assert (drawn is None) is not any(map(graph.moves, events))
    assume(drawn is not None)
    boxes = [(node.x - graph.WIDTH / 2, node.y - graph.HEIGHT / 2) for node in drawn.nodes]
    for x, y in boxes:
        assert 0 <= x <= drawn.width - graph.WIDTH
        assert 0 <= y <= drawn.height - graph.HEIGHT
    for place, (x, y) in enumerate(boxes):
        for other_x, other_y in boxes[place + 1 :]:
            assert abs(x - other_x) >= graph.WIDTH or abs(y - other_y) >= graph.HEIGHT
