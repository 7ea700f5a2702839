"""The receipt of any entry: for the party whose record it is, verifiable without us, and for nobody else."""

import contextlib
import dataclasses
import hashlib
from datetime import date

import pytest

from traceability.errors import Forbidden, NotFound
from traceability.ledger.checkpoint import Checkpoint as Head
from traceability.ledger.checkpoint import sign_checkpoint
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry
from traceability.ledger.policy import Policy
from traceability.ledger.timestamp import Trust, checker
from traceability.ledger.verify import verify_receipt
from traceability.services import log_keys
from traceability.services.access import Actor
from traceability.services.entry_receipts import receipt_of
from traceability.services.evidence.pack import evidence_pack
from traceability.services.mandates import grant
from traceability.services.new_origin import new_origin
from traceability.services.receipts import capture_receipts
from traceability.services.retention import erase
from traceability.services.revocation import revoke
from traceability.services.rotation import rotate_log_key
from traceability.storage.tables import AccessLog, Capture, Checkpoint, CheckpointTimestamp, LedgerEntry, LogHead

LOT = "https://mine.example/lot/L-1"
REASON = "Looked at the papers and called the supplier about it."
ADMIN = Actor("root", "root", "admin")
PURPOSE = "ex-post check, file 2026-17"
TERM = (date(2026, 11, 1), date(2026, 12, 31))


@pytest.fixture
def told(world):
    """A chain with entries of most kinds."""
    world.lists()
    world.chain(LOT)
    world.shipment([LOT])
    world.paper(b"cert", [("shipment", "S-1")])
    world.work()
    world.decide("suspended", "shipment", "S-1")
    revoke(world.service, world.mine.actor("supplier"), world.mine.key.kid, "the laptop was stolen")
    return world


def kinds_of(world, actor):
    """Return the kinds of the entries whose receipt the actor gets; each of them has to verify."""
    policy = Policy.pin(world.service.log_key.vkey)
    found = set()
    for row in world.rows(LedgerEntry):
        try:
            receipt = receipt_of(world.service, actor, row.index)
        except NotFound:
            continue
        verdict = verify_receipt(receipt.to_json(), policy=policy)
        assert verdict.verdict == "ok", (row.kind, verdict.reason)
        found.add((row.kind, receipt.body is not None))
    return found


def test_each_party_gets_those_of_its_own_records(told):
    officer, mine = told.officer(), told.mine.actor("supplier")
    signed = {("capture", True), ("event", True), ("document", True)}
    assert kinds_of(told, officer) == signed | {
        ("shipment", True), ("document", False), ("key-add", True), ("list-version", False), ("rule-set", True),
        ("screening", False), ("assessment", False), ("decision", False),
    }  # fmt: skip
    assert kinds_of(told, mine) == signed | {
        ("key-add", True),
        ("key-revoke", False),
        ("list-version", False),
        ("rule-set", True),
    }


def test_packs_and_erasures_are_their_partys_and_changes_of_the_log_are_anybodys(quick, tell):
    quick.chain(LOT)
    evidence_pack(quick.service, quick.officer(), LOT)
    dpo = Actor("dora", "dora", "dpo", quick.importer.id)
    quick.service.store.write(lambda tx: erase.append(quick.service, tx, dpo, "reads", {"lines": 1}, ()))
    rotate_log_key(quick.service)
    policy = Policy.parse(log_keys.policy(quick.service).encode())

    def told_to(actor):
        found = {}
        for row in quick.rows(LedgerEntry):
            if row.kind in {"evidence-pack", "erasure", "key-rotate"}:
                with contextlib.suppress(NotFound):
                    receipt = receipt_of(quick.service, actor, row.index)
                    assert verify_receipt(receipt.to_json(), policy=policy).verdict == "ok", row.kind
                    found[row.kind] = receipt.body is not None
        return found

    assert told_to(quick.officer()) == {"evidence-pack": False, "erasure": False, "key-rotate": True}
    assert told_to(quick.mine.actor("supplier")) == {"key-rotate": True}


def test_the_change_of_name_of_a_log_has_a_receipt(quick, open_at, clock):
    quick.chain(LOT)
    service = quick.service
    with service.store.read() as session:
        size = session.get_one(LogHead, 1).size
    lost = Head(service.settings.log_origin, size + 7, b"7" * 32)
    service.store._log._heads.remember(sign_checkpoint(lost, service.log_key))
    service.close()
    behind = open_at(service.settings, clock)
    new_origin(behind, "traceability.example/log-2")
    behind.close()
    again = open_at(dataclasses.replace(service.settings, log_origin="traceability.example/log-2"), clock)
    receipt = receipt_of(again, quick.mine.actor("supplier"), size)
    assert Entry.parse(receipt.entry).kind == "origin-change"
    assert receipt.body is not None
    policy = Policy.parse(log_keys.policy(again).encode())
    assert verify_receipt(receipt.to_json(), policy=policy).verdict == "ok"


def test_a_supplier_gets_none_of_the_importers_private_records(told):
    """Even an assessment of its own batch is private to importer and officer."""
    importer = dataclasses.replace(told.officer(), role="supplier")
    assert {kind for kind, _ in kinds_of(told, importer)}.isdisjoint(
        {"assessment", "screening", "decision", "shipment"}
    )


@pytest.mark.parametrize("index", [-1, 10**6, 10**40])
def test_an_index_without_entry_is_not_found(quick, index):
    with pytest.raises(NotFound, match="no entry about a record of yours"):
        receipt_of(quick.service, quick.officer(), index)


def test_foreign_and_absent_are_told_alike(told):
    stranger = told.party("Stranger", ["importer"], "NL").actor("importer")
    foreign = [row.index for row in told.rows(LedgerEntry) if row.kind == "shipment"]
    said = []
    for index in (foreign[0], 5000):
        with pytest.raises(NotFound) as refused:
            receipt_of(told.service, stranger, index)
        said.append(refused.value.detail.replace(str(index), "N"))
    assert said[0] == said[1]


@pytest.mark.parametrize("role", ["admin", "dpo", "regulator", "auditor"])
def test_who_has_no_records_of_its_own_is_refused(quick, role):
    with pytest.raises(Forbidden):
        receipt_of(quick.service, quick.mine.actor(role), 0)
    with pytest.raises(Forbidden, match="read"):
        receipt_of(quick.service, dataclasses.replace(quick.officer(), scopes=frozenset({"capture"})), 0)


def stands_for(world, receipt, pack):
    """Whether a receipt proves that the log holds the hash of exactly this file."""
    policy = Policy.pin(world.service.log_key.vkey)
    verdict = verify_receipt(receipt.to_json(), policy=policy, packs={digest(pack.data): "pack.zip"})
    assert verdict.verdict == "ok", verdict.reason
    return ("pack", "ok") in {(item.what, item.verdict) for item in verdict.items}


def test_whoever_was_given_a_pack_gets_the_receipt_of_its_entry(world):
    """The party whose officer it was, and nobody of another: not even a party of the same chain."""
    world.chain(LOT)
    officer, mine = world.officer(), world.mine.actor("supplier")
    made = evidence_pack(world.service, officer, LOT)
    assert Entry.parse(bytes(world.rows(LedgerEntry)[made.entry].body)).body == made.sha256
    assert stands_for(world, receipt_of(world.service, officer, made.entry), made)
    assert stands_for(world, receipt_of(world.service, dataclasses.replace(officer, role="importer"), made.entry), made)
    stranger = world.party("Stranger", ["importer"], "NL").actor("importer")
    for other in (mine, stranger):
        with pytest.raises(NotFound, match="no entry about a record of yours"):
            receipt_of(world.service, other, made.entry)
    with pytest.raises(Forbidden):
        receipt_of(world.service, dataclasses.replace(officer, role="dpo"), made.entry)
    theirs = evidence_pack(world.service, mine, LOT)
    assert stands_for(world, receipt_of(world.service, mine, theirs.entry), theirs)
    with pytest.raises(NotFound):
        receipt_of(world.service, officer, theirs.entry)


@pytest.fixture
def make_reader(world, make_user):
    """``make_reader(role)`` is a regulator or auditor with a mandate, the auditor's for the importer."""

    def make(role):
        user = make_user(role, party=None)
        of = {} if role == "regulator" else {"importer": world.importer.did, "records": TERM}
        grant(world.service, ADMIN, user.row.name, "Authority", "Art. 11", "ex-post checks", TERM, **of)
        return user.actor

    return make


@pytest.mark.parametrize("role", ["regulator", "auditor"])
def test_a_reader_under_a_mandate_gets_the_receipt_of_the_pack_it_was_given(world, make_reader, clock, role):
    world.chain(LOT)
    reader, other = make_reader(role), make_reader("regulator")
    made = evidence_pack(world.service, reader, LOT, PURPOSE)
    reads = len(world.rows(AccessLog))
    assert stands_for(world, receipt_of(world.service, reader, made.entry), made)
    assert len(world.rows(AccessLog)) == reads, "the receipt shows nothing of anybody's records"
    another = evidence_pack(world.service, world.officer(), LOT)
    for who, index in ((other, made.entry), (reader, another.entry), (reader, 0), (reader, 5000), (reader, -1)):
        with pytest.raises(NotFound, match="no entry about a record of yours"):
            receipt_of(world.service, who, index)
    with pytest.raises(Forbidden, match="read"):
        receipt_of(world.service, dataclasses.replace(reader, scopes=frozenset({"capture"})), made.entry)
    clock.moment = clock.moment.replace(year=2027)
    with pytest.raises(Forbidden, match="mandate"):
        receipt_of(world.service, reader, made.entry)


def test_every_receipt_below_a_stamped_head_carries_its_token(told, make_tsa):
    tsa, service, mine = make_tsa(), told.service, told.mine.actor("supplier")
    head = max(told.rows(Checkpoint), key=lambda row: row.size)
    token = tsa.token(hashlib.sha256(head.note.encode()).digest())
    stamp = CheckpointTimestamp(size=head.size, authority="A", token=token, at=tsa.clock(), received_at=tsa.clock())
    service.store.write(lambda tx: tx.session.add(stamp))
    own = [row for row in told.rows(Capture) if row.party_id == mine.party_id]
    found = [receipt_of(service, mine, row.entry_index) for row in own]
    for capture in own:
        found += [receipt for _, receipt in capture_receipts(service, mine, capture)]
    policy, check = Policy.pin(service.log_key.vkey), checker([Trust.read(tsa.root.pem)])
    assert len(found) > 2
    for receipt in found:
        items = verify_receipt(receipt.to_json(), policy=policy, check_stamp=check).items
        assert [(one.verdict, "A at 2026" in one.why) for one in items if one.what == "time stamp"] == [("ok", True)]
