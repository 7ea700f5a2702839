"""coc_a to coc_c; the search for corresponding movements is checked against the plain definition at the end."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.diligence.definitions.areas import AreaList
from traceability.diligence.definitions.continuity import gaps
from traceability.diligence.definitions.events import effective_events, threads

TRANSIT = AreaList(
    {"transit_watch": {"entries": [{"code": "RW"}, {"code": "UG", "valid_to": "2026-01-31"}]}}, "transit_watch"
)


def reasons(*entries):
    events = effective_events({"custody_events": list(entries)})
    return [gap.reason for gap in gaps(threads(events), events, TRANSIT)]


@pytest.fixture
def move(make_event):
    """Return an event that moves kilograms of batch A from one party to another."""

    def make(event_type, source=None, destination=None, kg="100", *, partial=False, batch="A", **extra):
        parties = {"source_party": source, "destination_party": destination}
        entry = (batch, kg, {"partial": True} if partial else None)
        stated = {key: party for key, party in parties.items() if party is not None}
        return make_event(
            f"{event_type}-{source}-{destination}-{kg}", event_type, [entry] if kg else (), **stated, **extra
        )

    return make


class TestHolder:
    def test_next_event_starts_at_another_party(self, move):
        assert reasons(move("extraction", None, "mine"), move("processing", "trader", "trader")) == [
            "mine held it, trader passed it on"
        ]

    def test_same_party_or_unknown_is_no_gap(self, move):
        assert reasons(move("extraction", None, "mine"), move("processing", "mine", "mine"), move("assay")) == []

    @pytest.mark.parametrize("partial", [(True, False), (False, True)])
    def test_a_batch_in_parts_is_at_several_holders(self, move, partial):
        first, second = partial
        one = move("extraction", None, "mine", partial=first)
        assert reasons(one, move("processing", "trader", None, partial=second)) == []

    def test_dispatch_and_receipt_are_judged_by_correspondence(self, move):
        assert reasons(move("dispatch", "mine", "trader"), move("receipt", "mine", "trader")) == []

    def test_only_neighbours_in_one_thread_count(self, move):
        chain = [move("extraction", None, "mine"), move("assay"), move("processing", "trader", None)]
        assert reasons(*chain) == []
        assert reasons(chain[0], move("processing", "trader", None, batch="B")) == []

    def test_unnamed_thread(self, make_event):
        chain = [make_event("E1", "other", destination_party="x"), make_event("E2", "other", source_party="y")]
        assert reasons(*chain) == ["x held it, y passed it on"]


class TestCorrespondence:
    def test_dispatch_without_receipt(self, move):
        assert reasons(move("dispatch", "a", "b"), move("assay")) == ["dispatched, and no receipt follows"]

    def test_dispatch_at_the_end_is_under_way(self, move):
        assert reasons(move("dispatch", "a", "b")) == []

    def test_receipt_without_dispatch(self, move):
        assert reasons(move("receipt", "a", "b")) == ["received, and no dispatch came before"]

    def test_receipt_before_its_dispatch(self, move):
        found = reasons(move("receipt", "a", "b"), move("assay"), move("dispatch", "a", "b"), move("assay"))
        assert found == ["dispatched, and no receipt follows", "received, and no dispatch came before"]

    @pytest.mark.parametrize(("source", "destination"), [(None, None), ("a", None), (None, "b"), ("a", "b")])
    def test_an_absent_party_corresponds_with_any(self, move, source, destination):
        assert reasons(move("dispatch", "a", "b"), move("receipt", source, destination)) == []
        assert reasons(move("dispatch", source, destination), move("receipt", "a", "b")) == []

    @pytest.mark.parametrize(("source", "destination"), [("x", "b"), ("a", "x"), ("x", None)])
    def test_another_party_does_not(self, move, source, destination):
        assert len(reasons(move("dispatch", "a", "b"), move("receipt", source, destination))) == 2

    def test_batches_do_not_mix(self, move):
        assert len(reasons(move("dispatch", "a", "b"), move("receipt", "a", "b", batch="B"), move("assay"))) == 2


class TestWeight:
    @pytest.mark.parametrize(
        ("received", "gap"), [("98", False), ("97.999999", True), ("102", False), ("102.000001", True), ("100", False)]
    )
    def test_two_per_cent_is_no_gap(self, move, received, gap):
        assert bool(reasons(move("dispatch", "a", "b"), move("receipt", "a", "b", received))) is gap

    def test_first_later_receipt_counts(self, move):
        chain = [move("dispatch", "a", "b"), move("receipt", "a", "b", "50"), move("receipt", "a", "b", "100")]
        assert reasons(*chain) == ["100 kg dispatched, 50 kg received"]

    def test_without_weight_of_the_batch_it_is_not_tested(self, make_event):
        parties = {"source_party": "a", "destination_party": "b"}
        sent = make_event("E1", "dispatch", inputs=[("A", 100)], **parties)
        assert reasons(sent, make_event("E2", "receipt", [("A", 10)], **parties)) == []
        received = make_event("E2", "receipt", outputs=[("A", 10)], **parties)
        assert reasons(make_event("E1", "dispatch", [("A", 100)], **parties), received) == []

    def test_unnamed_goods_have_no_weight(self, make_event):
        assert reasons(make_event("E1", "dispatch"), make_event("E2", "receipt")) == []


class TestParts:
    def test_parts_are_summed(self, move):
        sent = [move("dispatch", "a", "b", "60", partial=True), move("dispatch", "a", "b", "40", partial=True)]
        assert reasons(*sent, move("receipt", "a", "b", "98")) == []
        assert reasons(*sent, move("receipt", "a", "b", "97")) == ["100 kg dispatched in parts, 97 kg received"]

    def test_a_part_sent_after_the_last_receipt_is_under_way(self, move):
        chain = [
            move("dispatch", "a", "b", "60", partial=True),
            move("receipt", "a", "b", "60"),
            move("dispatch", "a", "b", "40", partial=True),
        ]
        assert reasons(*chain) == []

    def test_a_receipt_before_every_dispatch_is_a_gap_of_its_weight(self, move):
        chain = [
            move("dispatch", "a", "b", "50", partial=True),
            move("receipt", "a", "b", "50"),
            move("receipt", "c", "d", "10"),
            move("dispatch", "c", "d", "10", partial=True),
        ]
        assert "0 kg dispatched in parts, 10 kg received" in reasons(*chain)

    def test_pairs_of_parties_are_separate(self, move):
        chain = [
            move("dispatch", "a", "b", "60", partial=True),
            move("dispatch", "a", "c", "40", partial=True),
            move("receipt", "a", "b", "40"),
            move("receipt", "a", "c", "60"),
        ]
        assert len(reasons(*chain)) == 2

    def test_partial_in_any_list_of_a_dispatch_or_receipt(self, make_event):
        parties = {"source_party": "a", "destination_party": "b"}
        chain = [
            make_event("E1", "dispatch", [("A", 50)], **parties),
            make_event("E2", "dispatch", [("A", 50)], inputs=[("A", 50, {"partial": True})], **parties),
            make_event("E3", "receipt", [("A", 100)], **parties),
        ]
        assert reasons(*chain) == []

    def test_partial_elsewhere_changes_nothing(self, move):
        chain = [move("dispatch", "a", "b"), move("receipt", "a", "b", "50"), move("assay", partial=True)]
        assert reasons(*chain) == ["100 kg dispatched, 50 kg received"]


class TestTransit:
    @pytest.mark.parametrize(
        ("extra", "gap"),
        [
            ({"country": "RW"}, True),
            ({"country": "RW", "seal_numbers": []}, True),
            ({"country": "RW", "seal_numbers": ["S1"]}, False),
            ({"country": "UG"}, False),
            ({"country": "TZ"}, False),
            ({}, False),
        ],
    )
    def test_watched_area_without_a_seal(self, make_event, extra, gap):
        assert bool(reasons(make_event("E1", "transit", [("A", 1)], **extra))) is gap

    def test_other_types_need_no_seal(self, make_event):
        assert reasons(make_event("E1", "transport", [("A", 1)], country="RW")) == []

    def test_evidence_has_the_list_entry(self, make_event):
        events = effective_events({"custody_events": [make_event("E1", "transit", country="RW")]})
        (gap,) = gaps(threads(events), events, TRANSIT)
        assert gap.evidence == ("/custody_events/0", "/lists/transit_watch/entries/0")
        assert gap.batch is None


PARTY = st.sampled_from([None, "a", "b"])
KG = st.sampled_from(["0", "49", "50", "51", "100", None])
STEP = st.tuples(st.sampled_from(["dispatch", "receipt", "assay"]), PARTY, PARTY, KG, st.booleans())


def expected_gaps(steps):
    """coc_b1, coc_b2 and coc_b3 of one thread, by comparing every pair as the definition words it."""

    def correspond(one, two):
        return all(x == y or x is None or y is None for x, y in zip(one[1:3], two[1:3], strict=True))

    def weight(step):
        return Decimal(step[3] or 0)

    numbered = list(enumerate(steps))
    sent = [(n, step) for n, step in numbered if step[0] == "dispatch"]
    got = [(n, step) for n, step in numbered if step[0] == "receipt"]
    b1 = sum(n < len(steps) - 1 and not any(m > n and correspond(d, r) for m, r in got) for n, d in sent)
    b2 = sum(not any(n < m and correspond(d, r) for n, d in sent) for m, r in got)
    b3 = 0
    if any(step[4] for _, step in sent + got):
        for parties in {d[1:3] for _, d in sent}:
            theirs = [(m, r) for m, r in got if correspond((None, *parties), r)]
            if theirs:
                out = sum(weight(d) for n, d in sent if d[1:3] == parties and n < theirs[-1][0])
                b3 += abs(out - sum(weight(r) for _, r in theirs)) > Decimal("0.02") * out
    else:
        for n, d in sent:
            first = next((r for m, r in got if m > n and correspond(d, r)), None)
            if first and d[3] is not None and first[3] is not None:
                b3 += abs(weight(d) - weight(first)) > Decimal("0.02") * weight(d)
    return b1, b2, b3


@given(st.lists(STEP, max_size=8))
def test_search_agrees_with_the_definition(steps):
    entries = []
    for number, (event_type, source, destination, kg, partial) in enumerate(steps):
        event = {"event_id": f"E{number}", "type": event_type, "event_time": "2026-01-01T00:00:00Z"}
        event |= {"source_party": source} if source else {}
        event |= {"destination_party": destination} if destination else {}
        # Without a weight moved, the batch is named by another list, so that the thread stays the same.
        name = "input_quantity_list" if kg is None else "quantity_list"
        event[name] = [{"batch_id": "A", "weight_kg": kg or "1", "partial": partial}]
        entries.append(event)
    found = reasons(*entries)
    counted = (
        sum("no receipt follows" in reason for reason in found),
        sum("no dispatch came before" in reason for reason in found),
        sum("kg received" in reason for reason in found),
    )
    assert counted == expected_gaps(steps)
