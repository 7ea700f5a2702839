"""A log that says a body was erased: nothing but the records of its erasure, proved, excuses a body that is missing."""

import dataclasses

import orjson
import pytest

from traceability.ledger.pack import Ends

CHAIN_END = {
    "type": "TransformationEvent", "eventID": "urn:uuid:2",
    "inputQuantityList": [{"epcClass": "https://id.mine.example/lot/1"}],
    "outputQuantityList": [{"epcClass": "https://id.mine.example/lot/2"}],
}  # fmt: skip


def failed(verdict, *why):
    assert verdict.verdict == "failed", verdict.reason
    assert any(one in verdict.reason for one in why), verdict.reason
    return True


def paper(data=b"a paper"):
    """Return what adds a document whose body is gone, and the records of its erasure as ``changes`` make them."""

    def add(maker, *, said="unsigned", verdicts=None, gone=None, ref=None, kept=True, order=1):
        index = maker.entry("document", data, None, "document q", who=maker.signer["who"])
        (line,) = maker.lines("documents.jsonl")
        from hashlib import sha256

        more = {"sha256": sha256(data).hexdigest(), "entry_index": index, "file": None, "why_no_file": "erased"}
        maker.line("documents.jsonl", {**line, **more})
        told = [{"entry": index, "kind": "document", "verdict": "unsigned"}] if verdicts is None else verdicts(index)
        ref = (index,) if ref is None else ref
        verdict = maker.record(
            "erasure", {"v": 1, "what": "verdict", "verdicts": told}, "erasures/1.json", "verdict", ref=ref
        )
        bodies = {"v": 1, "what": "bodies", "verdict_entry": verdict, "entries": [index], **(gone or {})}
        place = maker.record("erasure", bodies, "erasures/2.json" if kept else None, "bodies", ref=ref)
        entries = (place, verdict)[::order]
        maker.erase(index, entry=entries[0], verdict_entry=entries[1], verdict=said)

    return add


@pytest.fixture
def forged(make_pack):
    return lambda **named: make_pack(add=lambda maker: paper()(maker, **named)).check()


def test_an_erased_body_is_excused_by_its_records_and_counted(forged):
    verdict = forged()
    assert verdict.verdict == "ok", verdict.reason
    assert verdict.not_checked == (
        "1 body erased when retention ended",
        "1 approval of a party or key by hash only",
        "1 end of a key",
        "1 report in words",
    )


def test_a_verdict_that_the_log_did_not_reach_is_named(forged):
    assert failed(forged(said="ok"), "the log's last verdict was")
    assert failed(forged(verdicts=lambda _: []), "the log's last verdict was []")
    assert failed(forged(verdicts=lambda i: [{"entry": i, "kind": "capture", "verdict": "unsigned"}]), "last verdict")
    assert failed(forged(verdicts=lambda i: [{"entry": i}]), "lacks what it should hold")


def test_records_about_other_bodies_excuse_nothing(forged):
    assert failed(forged(gone={"entries": [1]}), "about other bodies")
    assert failed(forged(gone={"verdict_entry": 1}), "about other bodies")
    assert failed(forged(gone={"what": "personal"}), "no erasure of the kind 'bodies'")
    assert failed(forged(ref=(1,)), "no erasure entry")


def test_an_erasure_whose_record_is_not_there_excuses_nothing(forged):
    assert failed(forged(kept=False), "no erasure entry")


def test_records_the_wrong_way_round_excuse_nothing(forged):
    assert failed(forged(order=-1), "no erasure of the kind")


def test_a_record_that_is_not_what_the_log_took_in_is_named(make_pack):
    made = make_pack(add=paper())
    record = orjson.loads(made.files["erasures/1.json"])
    record["verdicts"][0]["verdict"] = "ok"
    made.files["erasures/1.json"] = orjson.dumps(record)
    assert failed(made.check(), "verdict: body")


def events_erased(maker):
    """Let the log erase the one capture of a pack: what is left of its events stands in their lines alone."""
    places = [row["index"] for row in maker.lines("events.jsonl")]
    del maker.files["captures/c.json"], maker.files["signatures/c.jws"]
    maker.change("events.jsonl", lambda lines: [{**line, "file": None} for line in lines])
    told = [{"entry": place, "kind": "capture", "verdict": "ok"} for place in places]
    verdict = maker.record(
        "erasure", {"v": 1, "what": "verdict", "verdicts": told}, "erasures/1.json", "verdict", ref=places
    )
    bodies = {"v": 1, "what": "bodies", "verdict_entry": verdict, "entries": places}
    entry = maker.record("erasure", bodies, "erasures/2.json", "bodies", ref=places)
    for place in places:
        maker.erase(place, entry=entry, verdict_entry=verdict, verdict="ok")


def chain_of(verdict):
    return [(item.verdict, item.why) for item in verdict.items if item.what == "chain"]


def test_a_chain_whose_every_event_was_erased_is_looked_at_as_the_log_tells_it(make_pack):
    verdict = make_pack(add=events_erased).check()
    assert verdict.verdict == "ok", verdict.reason
    ((state, why),) = chain_of(verdict)
    assert (state, "if 2 events are as the log tells it" in why) == ("not checked", True)
    assert "2 bodies erased when retention ended" in verdict.not_checked


def test_where_the_chain_ends_is_looked_at_though_every_event_was_erased(make_pack):
    lot = "https://id.mine.example/lot/9"
    made = make_pack(add=events_erased)
    made.manifest = dataclasses.replace(made.manifest, ends=Ends(begins=(lot,)))
    assert failed(made.check(), f"chain: by the manifest no event made {lot}")
    made.manifest = dataclasses.replace(made.manifest, ends=Ends(), batch=lot)
    assert chain_of(made.check()) == [("failed", f"no event of the pack names the batch {lot}")]


def test_where_a_chain_begins_is_said_with_how_much_the_log_tells(make_pack):
    lot = "https://id.mine.example/lot/1"
    made = make_pack([CHAIN_END], add=events_erased)
    made.manifest = dataclasses.replace(made.manifest, ends=Ends(begins=(lot,)))
    verdict = made.check()
    ((state, why),) = chain_of(verdict)
    assert (verdict.verdict, state) == ("ok", "not checked"), verdict.reason
    assert why.startswith(f"begins at {lot}")
    assert "if one event is as the log tells it" in why
    assert "1 batch that no event here made" in verdict.not_checked


def test_a_body_that_is_there_is_not_erased(make_pack):
    def change(lines):
        notice = {"entry": 1, "verdict_entry": 0, "verdict": "ok"}
        return [
            {**one, "receipt": {**one["receipt"], "erased": notice}} if one["file"] == "documents/p" else one
            for one in lines
        ]

    made = make_pack()
    made.change("receipts.jsonl", change)
    assert failed(made.check(), "said to be erased, and lies in documents/p", "erased")
