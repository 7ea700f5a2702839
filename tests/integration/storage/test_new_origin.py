"""A log that was put back or has forked goes on under another name, on both databases (ledger.md 9; faults 13, 14)."""

import dataclasses
import shutil

import pytest

from traceability.app import create_app
from traceability.errors import Conflict, InvalidInput, Unavailable
from traceability.ledger.checkpoint import verify_checkpoint
from traceability.ledger.compare import Fork
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.encoding import b64, digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.log_change import read_record
from traceability.ledger.policy import Policy
from traceability.ledger.tiles import TileTree
from traceability.ledger.verify import verify_receipt
from traceability.ledger.witness import AddCheckpoint, WitnessRefusal
from traceability.services import log_keys, receipts, rotation
from traceability.services.backup import backup, restore
from traceability.services.new_origin import new_origin
from traceability.services.receipts import tile_reader
from traceability.services.witness_host import WitnessHost
from traceability.storage.log import Log
from traceability.storage.quarantine import Quarantined
from traceability.storage.tables import Checkpoint, LedgerEntry, LogChange, LogHead
from traceability.storage.witness_files import WitnessFiles

NEW = "traceability.example/log-2"


def append(service, about=b"x", count=1):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind="rule-set", body=digest(about + b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


def note_at(service, size):
    with service.store.read() as session:
        return session.get_one(Checkpoint, size).note


def size_of(service):
    with service.store.read() as session:
        return session.get_one(LogHead, 1).size


@pytest.fixture
def put_back(service, database, make_database, make_settings, tmp_path):
    """``put_back(name)`` restores a backup elsewhere, with what the original remembers by then."""

    def run(name, *, remembering=True):
        settings = make_settings(make_database(database, empty=True))
        restore(settings, tmp_path / name)
        if remembering:
            for path in service.settings.state_dir.glob("heads*"):
                shutil.copy(path, settings.state_dir / path.name)
        return settings

    return run


@pytest.fixture
def behind(service, put_back, open_at, clock, tmp_path):
    """An older copy of three commits (2, 3, 4 entries) of a log that went on to six."""
    append(service, b"first", 2), append(service), append(service)
    backup(service, tmp_path / "copy")
    append(service, b"later", 2)
    return open_at(put_back("copy"), clock)


@pytest.fixture
def forked(service, put_back, open_at, clock, tmp_path):
    """A copy that went on by itself from 3 entries, and remembers what the original signed besides: a fork."""
    append(service, b"first", 2), append(service)
    backup(service, tmp_path / "copy")
    append(service, b"one history", 2)
    settings = put_back("copy", remembering=False)
    shutil.copy(service.settings.state_dir / "heads", settings.state_dir / "kept")
    other = open_at(settings, clock)
    append(other, b"another", 3)
    shutil.copy(settings.state_dir / "kept", settings.state_dir / "heads")
    return open_at(settings, clock)


def reopened(service, open_at, clock):
    return open_at(dataclasses.replace(service.settings, log_origin=NEW), clock)


def verdict(receipt, policy):
    return verify_receipt(receipt.to_json(), policy=policy if isinstance(policy, Policy) else Policy.pin(policy))


def test_the_message_names_both_ways_out(behind):
    with pytest.raises(Quarantined, match=r"`traceability restore`.*`traceability ledger new-origin NAME`"):
        append(behind)


def test_an_older_copy_goes_on_under_another_name(service, behind, open_at, clock):
    done = new_origin(behind, NEW)
    change = done.change
    assert (done.index, change.old_origin, change.size, change.agreed) == (4, service.settings.log_origin, 4, 4)
    assert [verify_checkpoint(note, [service.log_key.verifier])[0].size for note in change.signed] == [6]
    with behind.store.read() as session:
        assert read_record(bytes(session.get_one(LogChange, 4).record)) == change
        entry = Entry.parse(bytes(session.get_one(LedgerEntry, 4).body))
        assert change.root == b64(bytes(session.get_one(Checkpoint, 4).root))
    assert (entry.kind, entry.who) == ("origin-change", None)
    again = reopened(behind, open_at, clock)
    append(again, b"new")
    assert size_of(again) == 6
    for size in (5, 6):
        head, key = verify_checkpoint(note_at(again, size), [again.log_key.verifier])
        assert (head.origin, head.size, key.vkey) == (NEW, size, change.new)


def test_the_old_name_writes_no_more(behind, open_at, clock):
    new_origin(behind, NEW)
    with pytest.raises(Quarantined):
        append(behind)
    with pytest.raises(Unavailable, match=f"TRACEABILITY_LOG_ORIGIN={NEW}"):
        append(open_at(behind.settings, clock))
    assert size_of(behind) == 5


def test_receipts_of_what_was_kept_and_lost_and_came_later(service, behind, open_at, clock):
    lost, before = receipts.entry_receipt(service, 5), receipts.entry_receipt(service, 1)
    old = service.log_key.vkey
    change = new_origin(behind, NEW).change
    again = reopened(behind, open_at, clock)
    append(again, b"new")
    kept, later = receipts.entry_receipt(again, 1), receipts.entry_receipt(again, 5)
    policy = Policy.parse(log_keys.policy(again).encode())
    assert [verdict(one, policy).verdict for one in (before, kept, later)] == ["ok"] * 3
    found = verdict(lost, policy)
    assert found.verdict == "failed"
    assert "ended at 4 entries" in found.reason
    assert "it proves that it was signed" in found.reason
    assert verdict(lost, change.new).reason == "log key not pinned"
    assert verdict(lost, old).verdict == "ok", "transferable: the old key did sign it"
    assert verdict(later, old).reason == "log key not pinned", "the new log is another one, to be trusted anew"
    assert kept.succession == later.succession == ()


def test_a_fork_counts_up_to_where_nothing_contradicts(service, forked, open_at, clock):
    append_refused(forked)
    done = new_origin(forked, NEW)
    assert (done.change.size, done.change.agreed) == (6, 3)
    (theirs,) = done.change.signed
    again = reopened(forked, open_at, clock)
    append(again)
    policy = Policy.parse(log_keys.policy(again).encode())
    assert verdict(receipts.entry_receipt(service, 4), policy).verdict == "failed", "the other branch"
    for index in (0, 2, 4, 6, 7):
        assert verdict(receipts.entry_receipt(again, index), policy).verdict == "ok", index
    with again.store.read() as session:
        tree = TileTree(tile_reader(session), 6)
        fork = Fork(theirs, note_at(again, 6), tree.root(5), tuple(tree.consistency(5, 6)))
    assert "5 entries" in fork.verify([service.log_key.verifier])


def append_refused(service):
    with pytest.raises(Quarantined, match="a fork"):
        append(service)


def test_a_witness_refuses_the_fork_and_knows_the_new_origin_as_another_log(service, forked, open_at, clock, tmp_path):
    old, key = service.log_key, CosigningKey.generate("witness.example/w")
    files = WitnessFiles(tmp_path / "witness")
    host = WitnessHost((key,), {old.name: [old.verifier]}, files, clock)
    host.add_checkpoint(AddCheckpoint(0, (), note_at(service, 5)).to_bytes())
    with forked.store.read() as session:
        path = tuple(TileTree(tile_reader(session), 6).consistency(5, 6))
    with pytest.raises(WitnessRefusal) as refused:
        host.add_checkpoint(AddCheckpoint(5, path, note_at(forked, 6)).to_bytes())
    assert refused.value.status == 422
    assert len(list(files.folder.glob("*.evidence"))) == 1
    append_refused(forked)
    new_origin(forked, NEW)
    again = reopened(forked, open_at, clock)
    host = WitnessHost((key,), {old.name: [old.verifier], NEW: [again.log_key.verifier]}, files, clock)
    assert host.add_checkpoint(AddCheckpoint(0, (), note_at(again, 7)).to_bytes()).startswith("\N{EM DASH} witness")


def test_a_log_that_nothing_speaks_against_keeps_its_name(service):
    append(service)
    with pytest.raises(Conflict, match="rotate-key"):
        new_origin(service, NEW)
    assert size_of(service) == 1


@pytest.mark.parametrize("name", ["traceability.example/log", "two words", "a+b", ""])
def test_a_name_that_is_none_changes_nothing(behind, name):
    with pytest.raises(InvalidInput):
        new_origin(behind, name)
    assert size_of(behind) == 4


def test_a_failure_leaves_the_old_state(behind, open_at, clock, monkeypatch):
    def broken(*_args):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Log, "_sign", broken)
        with pytest.raises(Unavailable):
            new_origin(behind, NEW)
    assert size_of(behind) == 4
    assert new_origin(open_at(behind.settings, clock), NEW).index == 4


def test_the_new_log_remembers_rotates_and_is_found_behind_in_its_turn(
    behind, database, make_database, make_settings, open_at, clock, tmp_path
):
    new_origin(behind, NEW)
    again = reopened(behind, open_at, clock)
    append(again, b"new")
    backup(again, tmp_path / "second")
    rotation.rotate_log_key(again)
    append(again, b"newer")
    assert verdict(receipts.entry_receipt(again, 7), again.log_key.vkey).verdict == "ok"
    settings = make_settings(make_database(database, empty=True), log_origin=NEW)
    restore(settings, tmp_path / "second")
    for path in (*again.settings.state_dir.glob("heads*"), *again.settings.state_dir.glob("log-*.key")):
        shutil.copy(path, settings.state_dir / path.name)
    with pytest.raises(Quarantined, match="6 entries, and its key has signed 8"):
        append(open_at(settings, clock))


def test_the_keys_of_both_origins_are_listed(behind, open_at, clock):
    new_origin(behind, NEW)
    again = reopened(behind, open_at, clock)
    shown = create_app(service=again).test_client().get("/v1/ledger/keys").json
    keys = [(key["vkey"].partition("+")[0], key["since_size"], key["until_size"]) for key in shown["keys"]]
    assert (shown["origin"], keys) == (NEW, [("traceability.example/log", 0, 4), (NEW, 5, None)])


def test_no_key_of_a_log_given_up_counts_beyond_where_it_agrees(service, put_back, open_at, clock, tmp_path):
    """A rotation on this branch does not help the key before it: that has signed on the other one as well."""
    append(service, b"first", 2)
    backup(service, tmp_path / "copy")
    append(service, b"one history")
    settings = put_back("copy", remembering=False)
    other = open_at(settings, clock)
    append(other, b"another")
    rotation.rotate_log_key(other)
    shutil.copy(service.settings.state_dir / "heads", settings.state_dir / "heads")
    again = open_at(settings, clock)
    append_refused(again)
    assert new_origin(again, NEW).change.agreed == 2
    spans = [(one.since, one.until) for one in log_keys.spans(reopened(again, open_at, clock)) if one.kind == "Ed25519"]
    assert spans == [(0, 2), (4, 2), (5, None)]
