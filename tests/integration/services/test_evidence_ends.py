"""Where the chain of a pack begins, and where others come into it, as the log knows it at the pack's head."""

from datetime import date

import pytest

from traceability.ledger.pack import EVENTS, MANIFEST, Ends, Manifest, json_lines, read_pack
from traceability.ledger.policy import Policy
from traceability.ledger.verify_pack import verify_pack
from traceability.services.access import Actor
from traceability.services.evidence.pack import evidence_pack
from traceability.services.mandates import grant

LOT, OTHER = "https://mine.example/lot/L-1", "https://mine.example/lot/L-2"
STRAY, MIX = "https://nowhere.example/lot/S", "https://importer.example/lot/MIX"
ADMIN = Actor("root", "root", "admin")
LINK, URN = "https://id.gs1.org/01/04012345123456/10/L1", "urn:epc:class:lgtin:4012345.012345.L1"


@pytest.fixture
def mixed(world, tell):
    """Two lots with a beginning and one without, blended by the importer."""
    world.chain(LOT)
    world.chain(OTHER)
    world.capture(world.importer, tell.blend(world.importer, {LOT: 900, OTHER: 900, STRAY: 10}, {MIX: 1800}))
    world.work()
    return world


def pack(world, lot, actor=None, **named):
    data = evidence_pack(world.service, actor or world.officer(), lot, **named).data
    files = read_pack(data)
    return verify_pack(data, policy=Policy.pin(world.service.log_key.vkey)), Manifest.from_json(files[MANIFEST]), files


def said(verdict, what):
    return next((item.verdict, item.why) for item in verdict.items if item.what == what)


def test_other_chains_that_came_in_later_are_no_beginnings(mixed):
    verdict, manifest, _ = pack(mixed, LOT)
    assert verdict.verdict == "ok", verdict.reason
    assert manifest.ends == Ends((STRAY,), (OTHER,))
    assert {"1 batch that no event here made", "1 batch of another chain"} <= set(verdict.not_checked)
    assert said(verdict, "chain")[1].startswith(f"begins at {STRAY}")


def test_everything_a_batch_was_made_of_begins_in_its_pack(mixed):
    verdict, manifest, _ = pack(mixed, MIX)
    assert verdict.verdict == "ok", verdict.reason
    assert manifest.ends == Ends((STRAY,))


def test_a_beginning_recorded_after_the_head_changes_no_pack_of_before(mixed, tell):
    made = evidence_pack(mixed.service, mixed.officer(), MIX)
    mixed.capture(mixed.importer, tell.extraction(mixed.importer, STRAY))
    mixed.work()
    assert evidence_pack(mixed.service, mixed.officer(), MIX, size=made.size).data == made.data
    assert pack(mixed, MIX)[1].ends == Ends()


def test_a_beginning_that_a_reader_may_not_see_is_told_as_one_that_is_not_there(world, tell, make_user):
    buyer = world.party("Buyer", ["importer"], "DE")
    world.chain(LOT)
    world.capture(
        world.importer,
        tell.blend(world.importer, {LOT: 900}, {MIX: 900}),
        tell.hand("shipping", world.importer, buyer, MIX, 900, "2026-11-12"),
    )
    stranger = world.party("Stranger", ["trader"], "DE")
    world.capture(stranger, tell.extraction(stranger, STRAY))
    world.capture(buyer, tell.blend(buyer, {MIX: 900, STRAY: 10}, {"https://buyer.example/lot/B": 900}, "2026-11-14"))
    world.work()
    user = make_user("officer", party=buyer)
    _, manifest, _ = pack(world, "https://buyer.example/lot/B", user.actor)
    assert manifest.view == "own chain"
    regulator = make_user("regulator", party=None)
    term = (date(2026, 11, 1), date(2027, 1, 1))
    grant(world.service, ADMIN, regulator.row.name, "Authority", "Art. 11", "ex-post checks of importers", term)
    _, whole, _ = pack(world, "https://buyer.example/lot/B", regulator.actor, purpose="ex-post check, file 2026-17")
    assert (whole.view, whole.ends) == ("everything", Ends())
    assert manifest.ends == Ends((STRAY,))


def test_a_batch_of_two_spellings_is_one(world, tell):
    world.capture(world.importer, tell.extraction(world.importer, LINK))
    world.capture(world.importer, tell.blend(world.importer, {URN: 900}, {MIX: 900}))
    verdict, manifest, _ = pack(world, MIX)
    assert verdict.verdict == "ok", verdict.reason
    assert manifest.ends == Ends(same={URN: LINK})
    assert "1 batch of two names" in verdict.not_checked


def test_an_event_that_the_log_leaves_out_of_a_pack_is_missed(mixed, monkeypatch):
    """The log, or a fault in it, drops the birth of a lot with its line, its receipt and its capture's file."""
    from traceability.services.evidence import pack as packing

    whole = packing.add_captures
    born = min(row["index"] for row in json_lines(pack(mixed, MIX)[2][EVENTS]) if OTHER in str(row["event"]))

    def without(session, view, proofs, recorded):
        return whole(session, view, proofs, {index: one for index, one in recorded.items() if index != born})

    monkeypatch.setattr(packing, "add_captures", without)
    verdict, _, _ = pack(mixed, MIX)
    assert verdict.verdict == "failed"
    assert verdict.reason.startswith(f"chain: no event in the pack made {OTHER}, and the manifest names no beginning")
