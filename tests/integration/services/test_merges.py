"""Two records of one party are read as one from the decision on, and as two once that is undone; nothing is moved."""

import io
import json

import pytest
from pypdf import PdfReader

from traceability.errors import Conflict, Forbidden, InvalidInput, NotFound
from traceability.ledger.pack import read_pack
from traceability.ledger.policy import Policy
from traceability.ledger.verify_pack import verify_pack
from traceability.services import keys, merges
from traceability.services.access import Actor
from traceability.services.departures import leave
from traceability.services.evidence.pack import evidence_pack
from traceability.services.facts.chain import people
from traceability.services.fsck import fsck
from traceability.services.users import actor_of, add_user
from traceability.services.visible import party_view
from traceability.storage.tables import (
    AssessmentRow,
    Checkpoint,
    Holding,
    LedgerEntry,
    PartyClaim,
    PartyKey,
    PartyMerge,
)

LOT = "https://mine.example/lot/L-1"
WHY = "Both records show one number of the register of Kigali."
ADAM, EVA = (Actor(name, name, "admin") for name in ("adam", "eva"))


@pytest.fixture
def twice(quick, tell):
    """A mine that applied twice; its second record bears a listed name, and signed a weighing at the pit of the first."""
    world = quick
    world.second = world.party("Rubber Stamp Trading", ["mine"], "RW")
    world.lists(tell.listed("UN.9", "Rubber Stamp Trading", country="RW", programmes="A"))
    weighing = tell.event(
        "ObjectEvent", "2026-11-02T08:00:00Z", "inspecting", action="OBSERVE", quantityList=[tell.quantity(LOT, 1000)],
        readPoint={"id": tell.uri(world.mine, "site", "pit")},
    )  # fmt: skip
    world.chain(LOT)
    world.capture(world.second, weighing)
    world.shipment([LOT])
    world.work()
    return world


def read(world):
    """Return whom the facts name upstream, how events are signed, and which names met an entry."""
    facts = world.facts("shipment", "S-1")
    status = {one["signature_status"] for one in facts["custody_events"]}
    hits = sorted(hit["party_id"] for hit in facts["entity_hits"])
    return [one["party_id"] for one in facts["upstream_parties"]], status, hits


def told(world, size):
    """Return the other records of the mine that the report of a pack names; the pack is verified."""
    data = evidence_pack(world.service, world.officer(), LOT, size=size).data
    verdict = verify_pack(data, policy=Policy.pin(world.service.log_key.vkey))
    assert verdict.verdict == "ok", verdict.reason
    said = PdfReader(io.BytesIO(read_pack(data)["report.pdf"])).attachments["evidence.json"][0]
    return [one["did"] for one in json.loads(said)["parties"][world.mine.did]["also"]]


def seen(world):
    with world.service.store.read() as session:
        found = [party_view(session, party.id) for party in (world.mine, world.second)]
        return [(sorted(view.full), sorted(view.limited)) for view in found], len(session.exec(_HOLDINGS).all())


_HOLDINGS = Holding.__table__.select()


def agreed(world, row, by=EVA):
    made = merges.approve(world.service, by, row.id, WHY)
    world.work()
    return made


def test_two_records_are_read_as_one_screened_under_both_names_and_undone_by_two_admins(twice):
    world, service = twice, twice.service
    before, sight = read(world), seen(world)
    assert before == ([world.mine.did], {"valid", "unsigned"}, [])
    row = merges.propose(service, ADAM, world.mine.did, world.second.did, WHY)
    world.work()
    assert read(world) == before, "a proposal changes nothing"
    with pytest.raises(Forbidden):
        agreed(world, row, ADAM)
    signed = {one.kid: one.state for one in world.rows(PartyKey)}
    head = world.rows(Checkpoint)[-1]
    row = agreed(world, row)
    assert read(world) == ([world.mine.did], {"valid"}, [world.second.did])
    assert (seen(world), {one.kid: one.state for one in world.rows(PartyKey)}) == (sight, signed)
    assert [one.did for one in merges.also(service, world.mine.id)] == [world.second.did]
    with service.store.read() as session:
        assert people(session, head).same == {}, "what was shown as of an earlier head is shown again"
        assert people(session).same == {world.second.id: world.mine.id}
        assert session.get(LedgerEntry, row.entry_index).kind == "decision"
    assert [told(world, size) for size in (None, head.size)] == [[world.second.did], []]
    undo = merges.propose_undo(service, ADAM, row.id, WHY)
    with pytest.raises(Conflict, match="waits"):
        merges.propose_undo(service, EVA, row.id, WHY)
    with pytest.raises(Forbidden):
        agreed(world, undo, ADAM)
    agreed(world, undo)
    assert read(world) == before
    with pytest.raises(NotFound):
        merges.propose_undo(service, ADAM, row.id, WHY)
    assert fsck(service, deep=True).verdict == "ok"
    world.sql(PartyMerge, PartyMerge.id == row.id, undone_index=None)
    assert "undone_index" in str(fsck(service, deep=True).problems)


def test_a_waiting_merge_of_strangers_or_of_one_record_is_refused(twice):
    world, service = twice, twice.service
    third, mine = world.party("Third", ["trader"], "DE"), world.mine.actor("supplier")
    for kept, merged, reason, field in (
        (world.mine.did, world.mine.did, WHY, "one record"), (world.mine.did, "did:web:nobody.example", WHY, "merged"),
        (world.mine.did, world.second.did, "short", "20 to 2000"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=field):
            merges.propose(service, ADAM, kept, merged, reason)
    with pytest.raises(InvalidInput, match="merged"):
        merges.propose(service, mine, world.mine.did, third.did, WHY)
    with pytest.raises(Forbidden):
        merges.propose(service, Actor("d", "d", "dpo"), world.mine.did, third.did, WHY)
    row = merges.propose(service, ADAM, world.mine.did, world.second.did, WHY)
    with pytest.raises(Conflict, match="waits"):
        merges.propose(service, EVA, world.second.did, third.did, WHY)
    agreed(world, row)
    with pytest.raises(Conflict, match="merged already"):
        merges.propose(service, ADAM, third.did, world.second.did, WHY)
    with pytest.raises(Conflict, match="keep that one"):
        merges.propose(service, ADAM, third.did, world.mine.did, WHY)
    assert (
        merges.refuse(service, ADAM, merges.propose(service, ADAM, world.mine.did, third.did, WHY).id, WHY).state
        == "refused"
    )


def test_a_member_sees_and_learns_of_what_it_proposed_itself_alone(twice):
    world, service = twice, twice.service
    row = merges.propose(service, ADAM, world.mine.did, world.second.did, WHY)
    mia, ida = world.mine.actor("supplier", "mia"), world.importer.actor("importer", "ida")
    assert merges.listed(service, mia) == []
    with pytest.raises(NotFound):
        merges.one(service, mia, row.id)
    own = merges.propose(service, ida, world.importer.did, world.mine.did, WHY)
    with pytest.raises(Conflict, match=own.id):
        merges.propose(service, ida, world.mine.did, world.importer.did, WHY)
    colleague = world.importer.actor("importer", "ilse")
    assert [[one.id for one in merges.listed(service, who)] for who in (ida, colleague, mia)] == [[own.id], [], []]
    agreed(world, row)
    with pytest.raises(Conflict, match="keep that one"):
        agreed(world, own)
    assert merges.refuse(service, EVA, own.id, WHY).state == "refused"
    merges.propose(service, ida, world.importer.did, world.mine.did, WHY)


def test_an_importer_with_two_records_reads_its_own_chain_under_the_one_that_is_kept(twice):
    world = twice
    second = world.party("Importer of Rotterdam", ["importer"], "NL")
    agreed(world, merges.propose(world.service, ADAM, second.did, world.importer.did, WHY))
    facts = world.facts("shipment", "S-1")
    assert facts["importer"]["party_id"] == second.did
    assert [one["party_id"] for one in facts["upstream_parties"]] == [world.mine.did]


def test_a_party_that_leaves_keeps_its_entries_and_signs_no_more(twice, tell, make_user):
    world, service = twice, twice.service
    before = read(world)
    user = make_user("supplier", party=world.mine)
    with pytest.raises(Forbidden):
        leave(service, world.mine.actor("supplier"), world.mine.id, WHY)
    row = leave(service, ADAM, world.mine.id, WHY)
    world.work()
    (key,) = [one for one in world.rows(PartyKey) if one.party_id == world.mine.id]
    assert (key.state, key.revoked_index > row.entry_index) == ("revoked", True)
    assert key.compromised_since is None, "what it signed before holds"
    assert read(world) == before
    with pytest.raises(Forbidden):
        world.capture(world.mine, tell.extraction(world.mine, f"{LOT}9"))
    assert actor_of(service, user.row.id, user.row.session_epoch, "here") is None
    with pytest.raises(Conflict, match="the party left on"):
        add_user(service, ADAM, "late", "supplier", world.mine.did)
    with pytest.raises(Conflict, match="left on"):
        leave(service, ADAM, world.mine.id, WHY)
    assert fsck(service, deep=True).verdict == "ok"
    world.sql(PartyKey, PartyKey.id == key.id, state="waiting")  # as one that came at the same moment once could
    with pytest.raises(Conflict, match="left on"):
        keys.decide(service, EVA, key.kid, "active")
    assert keys.decide(service, EVA, key.kid, "refused").state == "refused"


@pytest.fixture
def unnamed(quick, tell):
    """Two records of a trader that no event names: the chains of three lots know one of them in other ways.

    One lot was weighed at a site of the second record; two were born under the first one's prefix, by an event that
    the second one signed first, and by one that it signed besides its sender. The mine signed all of them.
    """
    world = quick
    world.first, world.second = (world.party(name, ["trader"], "RW") for name in ("Kivu Trade", "Kivu Trading"))
    world.site(world.second, "depot", "RW")
    prefix = PartyClaim(party_id=world.first.id, kind="prefix", value=tell.uri(world.first), state="active")
    world.service.store.write(lambda tx: tx.session.add(prefix))
    world.lots = [LOT, *(tell.uri(world.first, "lot", name) for name in ("SIGNED", "BESIDES"))]
    born, signed, besides = (tell.extraction(world.mine, lot) for lot in world.lots)
    weighing = tell.event(
        "ObjectEvent", "2026-11-02T08:00:00Z", "inspecting", action="OBSERVE", quantityList=[tell.quantity(LOT, 1000)],
        readPoint={"id": tell.uri(world.second, "site", "depot")},
    )  # fmt: skip
    world.capture(world.second, signed)
    world.capture(world.mine, born, weighing, signed, besides)
    world.capture(world.second, besides)
    world.work()
    return world


def told_of(world):
    """Return of each lot the notes of the mine's newest run that speak of who signed."""
    rows = (row for row in world.rows(AssessmentRow) if row.owner_id == world.mine.id)
    newest = {row.subject: row for row in sorted(rows, key=lambda row: row.id)}
    kinds = {"signer_not_actor", "foreign_birth"}
    return [[note["message"] for note in newest[lot].notes if note["kind"] in kinds] for lot in world.lots]


def test_chains_that_know_a_record_by_its_sites_or_signatures_alone_are_assessed_again(unnamed):
    world, service = unnamed, unnamed.service
    before = told_of(world)
    row = agreed(world, merges.propose(service, ADAM, world.first.did, world.second.did, WHY))
    weighed, *births = told_of(world)
    assert weighed == [before[0][0].replace(world.second.did, world.first.did)], "whose site it was weighed at"
    assert [len(notes) for notes in before[1:]] == [1, 1]
    assert births == [[], []], "the owner of the prefix has signed them"
    agreed(world, merges.propose_undo(service, EVA, row.id, WHY), ADAM)
    assert told_of(world) == before
