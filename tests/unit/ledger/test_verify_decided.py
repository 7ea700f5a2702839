"""A log that lies about decisions: no line hides one, no entry hides behind another's line, a hash alone is said."""

from datetime import UTC, datetime

import pytest

JUDGED = {
    "subject_kind": "hit", "subject": "un-sc:UN.9", "disposition": "rejected", "needs_second": True, "state": "waiting",
}  # fmt: skip
LATER = datetime(2026, 11, 1, tzinfo=UTC).isoformat()
CONFIRMED = {"state": "in_force", "confirmed_by": "bert", "confirmed_at": LATER, "confirmed_reason": "agreed"}
NAME = "decisions.jsonl"


def failed(verdict, *why):
    assert verdict.verdict == "failed", verdict.reason
    assert any(one in verdict.reason for one in why), verdict.reason
    return True


def release(maker):
    """A release that a second person refused, and one that a second person confirmed."""
    waiting = {"disposition": "released", "needs_second": True, "state": "waiting"}
    maker.decide("decisions/2.json", {"id": "e", **waiting}, ("decisions/3.json", {**CONFIRMED, "state": "refused"}))
    maker.decide("decisions/4.json", {"id": "f", **waiting}, ("decisions/5.json", CONFIRMED))


@pytest.fixture
def made(make_pack):
    return make_pack(add=release)


def test_decisions_that_two_persons_made_verify(made):
    assert made.check().verdict == "ok", made.check().reason


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_line_left_out_is_named(made, number):
    made.change(NAME, lambda lines: lines[:number] + lines[number + 1 :])
    assert failed(made.check(), "no line is about entry")


def test_an_entry_cannot_hide_as_the_proposal_of_another(made):
    def change(lines):
        suspended, *_, confirmed = lines
        return [*lines[1:-1], {**confirmed, "entry_index": suspended["entry_index"]}]

    made.change(NAME, change)
    assert failed(made.check(), "id is not what was decided")


def test_an_entry_is_told_by_one_line(made):
    made.change(NAME, lambda lines: [*lines, lines[-1]])
    assert failed(made.check(), "told by line 3 already")


def test_a_refusal_cannot_be_told_as_waiting(made):
    def change(lines):
        shown = {**lines[1], "state": "waiting", "confirmed_index": None}
        return [lines[0], shown | dict.fromkeys(("confirmed_by", "confirmed_at", "confirmed_reason")), lines[2]]

    made.change(NAME, change)
    assert failed(made.check(), "no line is about entry")


@pytest.mark.parametrize("member", ["proposed_at", "confirmed_at", "confirmed_by", "reason", "state", "id"])
def test_what_a_line_says_is_what_was_decided(made, member):
    made.change(NAME, lambda lines: [*lines[:-1], {**lines[-1], member: LATER + "x"}])
    assert failed(made.check(), f"{member} is not what was decided")


@pytest.mark.parametrize(
    "more",
    [{"importer": "did:web:other.example"}, {"reopened": {"said": "x"}}, {"released_by": "the authority"}],
    ids=["importer", "reopened", "invented"],
)
def test_what_no_record_bears_out_is_named(made, more):
    made.change(NAME, lambda lines: [*lines[:-1], {**lines[-1], **more}])
    assert failed(made.check(), "is no importer", "bears out")


def test_a_decision_cannot_be_replaced_by_its_hash(make_pack):
    made = make_pack(add=lambda maker: maker.decide(None, {"id": "e"}))
    assert failed(made.check(), "the hash alone, not its record")
    made = make_pack(add=lambda maker: maker.decide(None, {"id": "e", **JUDGED, "state": "in_force"}))
    assert failed(made.check(), "the hash alone, not its record")
    made = make_pack(add=lambda maker: maker.decide(None, {"id": "e", **JUDGED}, (None, CONFIRMED)))
    assert failed(made.check(), "the hash alone, not its record")


def test_a_judgement_that_waits_is_counted_as_not_checked(make_pack):
    made = make_pack(add=lambda maker: maker.decide(None, {"id": "e", **JUDGED}))
    verdict = made.check()
    assert verdict.verdict == "ok", verdict.reason
    assert verdict.not_checked == (
        "1 judgement by hash only",
        "1 approval of a party or key by hash only",
        "1 end of a key",
        "1 report in words",
    )
    assert [item.verdict for item in verdict.items if item.what == "decision e"] == ["not checked"]
    made.change(NAME, lambda lines: lines[:-1])
    assert failed(made.check(), "no line is about entry")


def test_a_confirmed_judgement_is_bound_by_its_answer(make_pack):
    made = make_pack(add=lambda maker: maker.decide(None, {"id": "e", **JUDGED}, ("decisions/2.json", CONFIRMED)))
    assert made.check().verdict == "ok", made.check().reason
    made.change(NAME, lambda lines: [*lines[:-1], {**lines[-1], "confirmed_reason": "something else"}])
    assert failed(made.check(), "confirmed_reason is not what was decided")


def test_a_judgement_cannot_hide_behind_the_answer_to_another(make_pack):
    def two(maker):
        maker.decide(None, {"id": "e", **JUDGED})
        maker.decide(None, {"id": "f", **JUDGED}, ("decisions/2.json", CONFIRMED))

    made = make_pack(add=two)
    first, second = (line["entry_index"] for line in made.lines(NAME)[-2:])
    made.change(NAME, lambda lines: [lines[0], {**lines[2], "entry_index": first}])
    assert failed(made.check(), f"is no answer to entry {first}")
    assert second


def test_a_correction_is_told_as_one(make_pack):
    said = {"id": "e", "subject_kind": "correction", "subject": "urn:uuid:7", "disposition": "refused"}
    made = make_pack(add=lambda maker: maker.decide("decisions/2.json", said))
    assert made.check().verdict == "ok", made.check().reason
    made.change(NAME, lambda lines: [lines[0], {**lines[1], "about": {"kind": "hit", "subject": "urn:uuid:7"}}])
    assert failed(made.check(), "is a correction")


def test_the_assessment_a_decision_was_made_on_is_in_the_pack(make_pack):
    made = make_pack(add=lambda maker: maker.decide("decisions/2.json", {"id": "e"}, ref=(maker.event - 1,)))
    assert failed(made.check(), "not in the pack")
