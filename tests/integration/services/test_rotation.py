"""Rotation of the log's own key, on both databases: one checkpoint by both, later ones by the new, and a way between."""

import dataclasses
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from traceability.app import create_app
from traceability.errors import Conflict, Unavailable
from traceability.ledger import ml_dsa
from traceability.ledger.checkpoint import Checkpoint as Head
from traceability.ledger.checkpoint import LogKey, sign_checkpoint, verify_checkpoint
from traceability.ledger.cosignature import CosignerKey, cosignatures
from traceability.ledger.encoding import digest
from traceability.ledger.entry import Entry, milliseconds
from traceability.ledger.log_change import Rotation, entry_of, read_record, stands_for, to_record
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.note import note_signatures, note_text, sign_note
from traceability.ledger.policy import Policy
from traceability.ledger.proof import make_proof, parse_proof
from traceability.ledger.receipt import Receipt
from traceability.ledger.single_file import single_file
from traceability.ledger.succession import Link
from traceability.ledger.tiles import TileTree
from traceability.ledger.verify import verify_receipt
from traceability.services import log_keys, receipts, rotation, witnessing
from traceability.services.backup import backup, restore
from traceability.services.fsck import fsck
from traceability.storage.log import Log
from traceability.storage.tables import Checkpoint, LedgerEntry, LogChange, LogHead


def append(service, count=1, about=b""):
    def write(tx):
        for n in range(count):
            tx.log.append(Entry(kind="rule-set", body=digest(about + b"%d" % n), at=milliseconds(tx.now)))

    service.store.write(write)


def note_at(service, size):
    with service.store.read() as session:
        return session.get_one(Checkpoint, size).note


def head_of(service):
    with service.store.read() as session:
        return session.get_one(LogHead, 1)


def verdict(receipt, pin):
    policy = pin if isinstance(pin, Policy) else Policy.pin(pin)
    return verify_receipt(receipt.to_json(), policy=policy)


@pytest.fixture
def rotated(service):
    """Three entries, a receipt, a rotation (entry 3, size 4), two more entries; (old key, old receipt, rotation)."""
    append(service, 3)
    witnessing.publish(service)
    old, before = service.log_key, receipts.entry_receipt(service, 1)
    done = rotation.rotate_log_key(service)
    append(service, 2, b"after")
    return old, before, done


def test_one_checkpoint_is_signed_by_both_and_later_ones_by_the_new_key_alone(service, rotated):
    old, _, done = rotated
    new = service.log_key
    assert (done.index, done.size, done.change.old, done.change.new) == (3, 4, old.vkey, new.vkey)
    assert old.name == new.name == service.settings.log_origin, "the origin never changes"
    for key in (old, new):
        assert verify_checkpoint(note_at(service, 4), [key.verifier])[0].size == 4
    signers = [[line[1] for line in note_signatures(note_at(service, size))] for size in (3, 4, 6)]
    assert signers == [[old.key_id], [old.key_id, new.key_id], [new.key_id]]
    assert head_of(service).key == new.vkey
    modes = [path.stat().st_mode & 0o777 for path in service.settings.state_dir.glob("log*.key")]
    assert set(modes) == {0o600}


def test_the_log_holds_an_entry_that_names_the_new_key(service, rotated):
    with service.store.read() as session:
        record = bytes(session.get_one(LogChange, 3).record)
        entry = Entry.parse(bytes(session.get_one(LedgerEntry, 3).body))
    assert (entry.kind, entry.who, entry.key, entry.body) == ("key-rotate", None, None, digest(record))
    assert read_record(record) == rotated[2].change


def test_receipts_from_before_and_after_verify_with_the_old_pinned_key(service, rotated):
    old, before, _ = rotated
    after, again = receipts.entry_receipt(service, 5), receipts.entry_receipt(service, 1)
    assert verdict(before, old.vkey).verdict == "ok"
    assert (after.log_key, len(after.succession)) == (service.log_key.vkey, 1)
    found = verdict(after, old.vkey)
    assert found.verdict == "ok", found.as_dict()
    assert "follows" in found.items[0].why
    assert Receipt.from_json(after.to_json()) == after
    for pin in (old.vkey, service.log_key.vkey):
        assert verdict(again, pin).verdict == "ok", "an old entry is proved where both keys signed"


def test_the_new_key_and_the_printed_policy_verify_what_came_after(service, rotated):
    _, before, _ = rotated
    after = receipts.entry_receipt(service, 5)
    policy = Policy.parse(log_keys.policy(service).encode())
    assert policy.ends[rotated[0].vkey] == 4
    for pin in (service.log_key.vkey, policy):
        assert verdict(after, pin).verdict == "ok"
    assert verdict(before, policy).verdict == "ok"
    assert verdict(after, LogKey.generate(service.settings.log_origin).vkey).reason == "log key not pinned"


def test_the_keys_are_listed_with_the_sizes_they_count_for(service, rotated):
    shown = create_app(service=service).test_client().get("/v1/ledger/keys").json["keys"]
    ed = [(key["vkey"], key["since_size"], key["until_size"]) for key in shown if key["type"] == "Ed25519"]
    assert ed == [(rotated[0].vkey, 0, 4), (service.log_key.vkey, 4, None)]


def test_what_the_old_key_signs_after_its_end_is_not_believed(service, rotated):
    old, _, _ = rotated
    after = receipts.entry_receipt(service, 5)
    head = parse_proof(after.proof)
    stolen = sign_note(note_text(head.checkpoint), old)
    forged = dataclasses.replace(
        after, log_key=old.vkey, proof=make_proof(head.index, head.path, stolen), succession=()
    )  # fmt: skip
    found = verdict(forged, Policy.parse(log_keys.policy(service).encode()))
    assert found.verdict == "failed"
    assert "ended at 4 entries" in found.reason


def test_a_line_below_an_old_checkpoint_makes_nobody_a_successor(service):
    """Anybody can sign a checkpoint that another has signed: only an entry in the tree names the next key."""
    append(service, 3)
    old, thief = service.log_key, LogKey.generate(service.settings.log_origin)
    both = note_at(service, 3) + sign_note(note_text(note_at(service, 3)), thief).rpartition("\n\n")[2]
    change = Rotation(origin=old.name, old=old.vkey, new=thief.vkey)
    fake = entry_of(change, 1).to_bytes()
    tree = TileTree(lambda _level, _index: None)
    tree.append([leaf_hash(fake)])
    head = Head(old.name, 1, tree.root())
    real = receipts.entry_receipt(service, 2)
    for entry, proof in (
        (real.entry, make_proof(2, parse_proof(real.proof).path, both)),  # an entry of the log about something else
        (fake, make_proof(2, parse_proof(real.proof).path, both)),  # an entry that is not in the log
        (fake, make_proof(0, (), sign_checkpoint(head, thief))),  # a checkpoint that the old key did not sign
    ):
        link = Link(to_record(change), entry, proof, ())
        taken = dataclasses.replace(
            real, log_key=thief.vkey, succession=(link,),
            proof=make_proof(0, (), sign_checkpoint(head, thief)), entry=fake,
        )  # fmt: skip
        found = verdict(taken, old.vkey)
        assert (found.verdict, found.reason) == ("failed", "log key not pinned")
        assert found.items[0].why.startswith("log key not pinned, and it does not follow one that is")


def test_a_partys_rotation_is_none_of_the_log(service):
    change = Rotation(origin="a", old=LogKey.generate("a").vkey, new=LogKey.generate("a").vkey)
    entry = entry_of(change, 5)
    assert stands_for(entry, to_record(change))
    assert not stands_for(dataclasses.replace(entry, who=digest(b"party")), to_record(change))
    assert not stands_for(dataclasses.replace(entry, kind="capture"), to_record(change))


def test_twice_and_every_key_ever_pinned_finds_the_way(service):
    keys = [service.log_key]
    for n in range(2):
        append(service, 2, b"%d" % n)
        rotation.rotate_log_key(service)
        keys.append(service.log_key)
    append(service, 2)
    for index in (0, 3, 7):
        for key in keys:
            found = verdict(receipts.entry_receipt(service, index), key.vkey)
            assert found.verdict == "ok", (index, found.as_dict())
    assert [(one.since, one.until) for one in log_keys.spans(service) if one.kind == "Ed25519"] == [
        (0, 3), (3, 6), (6, None),
    ]  # fmt: skip


@pytest.mark.skipif(not ml_dsa.available(), reason=ml_dsa.MISSING)
def test_the_second_key_is_followed_too(service, rotated):
    change = rotated[2].change
    assert None not in (change.second_old, change.second_new)
    keys = [CosignerKey.parse(vkey) for vkey in (change.second_old, change.second_new)]
    with service.store.read() as session:
        note = receipts.cosigned_note(session, session.get_one(Checkpoint, 4))
    assert {one.key for one in cosignatures(note, keys)} == set(keys)
    witnessing.publish(service)
    spans = [one for one in log_keys.spans(service) if one.kind == "ML-DSA-44"]
    assert [(one.vkey, one.since, one.until) for one in spans] == [
        (change.second_old, 3, 4), (change.second_new, 4, None),
    ]  # fmt: skip
    policy = Policy.parse(log_keys.policy(service).encode())
    found = verdict(receipts.entry_receipt(service, 5), policy)
    assert ("second signature", "ok") in [(item.what, item.verdict) for item in found.items]


def test_a_process_that_runs_elsewhere_signs_with_the_new_key_from_then_on(service, open_at, clock):
    append(service)
    other = open_at(service.settings, clock)
    append(other)
    rotation.rotate_log_key(service)
    append(other)
    assert verify_checkpoint(note_at(service, 4), [service.log_key.verifier])[0].size == 4
    assert other.log_key.vkey == service.log_key.vkey


@pytest.fixture
def hosts(make_database, make_settings, open_at, clock):
    """Two hosts on one PostgreSQL whose state folders are their own; the keys were copied when the second was set up."""
    one = open_at(make_settings(make_database("postgresql")), clock)
    append(one, 2)
    witnessing.publish(one)
    settings = make_settings(one.settings.database_url)
    copy_keys(one.settings, settings, "log*.key")
    copy_keys(one.settings, settings, "ledger.salt")
    return one, open_at(settings, clock)


def copy_keys(source, target, names):
    for path in source.state_dir.glob(names):
        (target.state_dir / path.name).write_bytes(path.read_bytes())
        (target.state_dir / path.name).chmod(0o600)


def test_where_the_new_key_is_missing_nothing_is_signed_and_the_message_says_how_to_go_on(hosts):
    here, there = hosts
    append(there)
    done = rotation.rotate_log_key(here)
    size, key_id = head_of(here).size, done.change.new.split("+")[1]
    with pytest.raises(Unavailable, match="whose file is not in") as refused:
        append(there)
    assert f"Copy log-{key_id}.key, mode 0600, from the STATE_DIR of the host" in refused.value.detail
    assert head_of(here).size == size, "fail closed: no entry, no checkpoint"
    health = create_app(service=there).test_client().get("/health").json
    assert (health["status"], f"log-{key_id}.key" in health["log_key"]) == ("degraded", True)
    copy_keys(here.settings, there.settings, "log-[0-9a-f]*.key")
    append(there)
    assert head_of(here).size == size + 1, "without a restart"
    assert verify_checkpoint(note_at(here, size + 1), [here.log_key.verifier])[0].size == size + 1
    assert "log_key" not in create_app(service=there).test_client().get("/health").json


def test_a_host_without_the_new_key_goes_on_reading(hosts):
    """Receipts, policy and the audit need public keys only, and those are in the log."""
    here, there = hosts
    old = here.log_key.vkey
    done = rotation.rotate_log_key(here)
    append(here)
    assert log_keys.policy(there) == log_keys.policy(here)
    assert create_app(service=there).test_client().get("/v1/log").json["vkey"] == done.change.new
    assert verdict(receipts.entry_receipt(there, 3), old).verdict == "ok"
    assert [one for one in fsck(there).problems if one.table != "rule_set"] == []


def test_prepared_keys_are_copied_first_and_no_host_ever_stops(hosts):
    here, there = hosts
    old = here.log_key.vkey
    made = rotation.prepare_log_key(here)
    assert (made.old, here.log_key.vkey, head_of(here).key) == (old, old, None), "the log goes on as it is"
    assert rotation.prepare_log_key(here) == made, "asked for again, they are the same"
    for name in ("log-[0-9a-f]*.key", "log-mldsa-*.key"):
        copy_keys(here.settings, there.settings, name)
    append(there)
    done = rotation.rotate_log_key(here, prepared_only=True)
    assert (done.change.new, done.change.second_new) == (made.new, made.second_new)
    append(there)
    assert there.log_key.vkey == made.new
    witnessing.publish(there)  # the second signature too
    with pytest.raises(Conflict, match="--prepare"):
        rotation.rotate_log_key(here, prepared_only=True)
    assert rotation.prepare_log_key(here).old == made.new


def test_prepared_keys_of_a_log_that_was_rotated_elsewhere_are_not_put_in_place(hosts):
    here, there = hosts
    rotation.prepare_log_key(here)
    rotation.rotate_log_key(there)
    copy_keys(there.settings, here.settings, "log-[0-9a-f]*.key")
    before = head_of(here)
    files = sorted(here.settings.state_dir.glob("log*"))
    with pytest.raises(Conflict, match=r"prepared to follow .* their files stay and sign nothing"):
        rotation.rotate_log_key(here)
    assert head_of(here) == before
    assert sorted(here.settings.state_dir.glob("log*")) == files, "none more, and what was prepared is kept"
    assert rotation.prepare_log_key(here).old == before.key


@pytest.mark.parametrize("damage", ["gone", "unreadable"])
def test_prepared_keys_that_cannot_be_used_change_nothing(sqlite_service, damage):
    service = sqlite_service
    append(service)
    made = rotation.prepare_log_key(service)
    note = service.settings.state_dir / "log.next"
    if damage == "gone":
        service.log_keys.path_of(made.new).unlink()
        service.log_keys._known.clear()
    else:
        note.write_bytes(b'{"old": 1')
    with pytest.raises(Unavailable, match="--prepare"):
        rotation.rotate_log_key(service)
    assert (head_of(service).size, head_of(service).key) == (1, None)
    if damage == "gone":
        again = rotation.prepare_log_key(service)
        assert (again.old, again.new != made.new) == (made.old, True)
        assert rotation.rotate_log_key(service).change.new == again.new


def test_one_that_was_killed_after_its_commit_is_not_made_twice(sqlite_service, monkeypatch):
    append(sqlite_service)
    made = rotation.prepare_log_key(sqlite_service)
    with monkeypatch.context() as patch:
        patch.setattr(rotation, "forget_next", _broken)
        with pytest.raises(RuntimeError):
            rotation.rotate_log_key(sqlite_service)
    assert sqlite_service.log_key.vkey == made.new
    with pytest.raises(Conflict, match="was made already"):
        rotation.rotate_log_key(sqlite_service)
    assert rotation.rotate_log_key(sqlite_service).change.old == made.new, "asked once more, it is meant"


def test_two_who_rotate_at_once_rotate_once(service, open_at, clock):
    """R1: both looked at the same key; the one who comes second is told, has changed nothing, and leaves no key."""
    append(service, 2)
    witnessing.publish(service)  # so that there is a second key, which is rotated too
    old = service.log_key.vkey
    # SQLite lets one process write: two of its threads; on PostgreSQL two processes of the installation.
    other = service if service.settings.is_sqlite else open_at(service.settings, clock)
    ready = threading.Barrier(2)
    outcomes = []

    def rotate(one):
        one.store.check()
        real = one.log_keys.new
        try:
            outcomes.append(rotation.rotate_log_key(_waiting(one, ready, real)))
        except Conflict as error:
            outcomes.append(error)

    threads = [threading.Thread(target=rotate, args=(one,)) for one in (service, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    done = [one for one in outcomes if isinstance(one, rotation.Rotated)]
    refused = [one for one in outcomes if isinstance(one, Conflict)]
    assert (len(done), len(refused)) == (1, 1), outcomes
    assert "another rotation came first" in refused[0].detail
    with service.store.read() as session:
        (change,) = log_keys.changes(session)
    assert (change.change.old, change.change.new, head_of(service).key) == (old, done[0].change.new, done[0].change.new)
    assert head_of(service).size == 3
    named = {done[0].change.new, done[0].change.second_old, done[0].change.second_new} - {None}
    files = {path.name for path in service.settings.state_dir.glob("log*.key")}
    assert files == {"log.key", *(service.log_keys.path_of(vkey).name for vkey in named)}
    append(service)
    append(other)
    assert verdict(receipts.entry_receipt(service, 4), old).verdict == "ok"


def test_prepared_keys_stay_where_a_rotation_is_refused_at_the_last_moment(sqlite_service, monkeypatch):
    """They may lie on other hosts already; and where the same keys came first, one of them signs by now."""
    append(sqlite_service)
    made = rotation.prepare_log_key(sqlite_service)
    with monkeypatch.context() as patch:
        patch.setattr(Log, "rotate", _conflict)
        with pytest.raises(Conflict, match="came first"):
            rotation.rotate_log_key(sqlite_service)
    assert sqlite_service.log_keys.path_of(made.new).exists()
    assert rotation.rotate_log_key(sqlite_service).change.new == made.new


def test_after_a_failure_that_leaves_the_commit_in_doubt_the_new_key_stays(sqlite_service, monkeypatch):
    append(sqlite_service)
    with monkeypatch.context() as patch:
        patch.setattr(Log, "committed", lambda log: None if log._signed is None else _broken())
        with pytest.raises(Unavailable, match="is not known"):
            rotation.rotate_log_key(sqlite_service)
    assert sqlite_service.log_key.vkey != LogKey.load(sqlite_service.settings.state_dir / "log.key").vkey
    append(sqlite_service)


def _conflict(*_args, **_named):
    raise Conflict("another rotation came first")


def test_two_rotations_in_one_commit_are_one(service):
    """Use cases that wait at the same time share a commit, in which the head row still names the old key."""
    append(service, 2)
    old, new = service.log_key.vkey, [service.log_keys.new() for _ in range(2)]
    begun, go_on = threading.Event(), threading.Event()

    def hold(_tx):
        begun.set()
        go_on.wait(60)

    with ThreadPoolExecutor(3) as pool:
        pool.submit(service.store.write, hold)
        assert begun.wait(60)
        waiting = service.store._tasks.qsize
        asked = []
        for number, key in enumerate(new, start=1):
            asked.append(
                pool.submit(service.store.write, lambda tx, key=key: rotation._rotate(service, tx, (old, key), ()))
            )
            while waiting() < number:
                time.sleep(0.001)
        go_on.set()
        (index, _), refused = asked[0].result(), asked[1].exception()
    assert (index, type(refused), "came first" in refused.detail) == (2, Conflict, True)
    assert (head_of(service).key, head_of(service).size) == (new[0].vkey, 3)
    append(service)
    assert [one for one in fsck(service).problems if one.table != "rule_set"] == []


def _waiting(service, ready, real):
    """Let a service wait for the other one between looking at the key that signs and writing."""

    class Waiting(type(service.log_keys)):
        def __init__(self):
            self.__dict__ |= service.log_keys.__dict__

        def new(self):
            made = real()
            ready.wait(60)
            return made

    return dataclasses.replace(service, log_keys=Waiting())


def _broken(*_args, **_named):
    raise RuntimeError("killed")


@pytest.mark.parametrize(
    ("where", "name", "rotates"),
    [
        (rotation, "entry_of", False), (rotation, "to_record", False), (Log, "rotate", False), (Log, "_sign", False),
        (Log, "_verify", False), (rotation, "note_text", True),
    ],
)  # fmt: skip
def test_a_failure_at_any_point_leaves_the_old_key_or_the_new(
    service, open_at, clock, monkeypatch, where, name, rotates
):
    append(service, 2)
    witnessing.publish(service)
    old = service.log_key
    with monkeypatch.context() as patch:
        patch.setattr(where, name, _broken)
        if rotates:
            rotation.rotate_log_key(service)
        else:
            with pytest.raises((RuntimeError, Unavailable)):
                rotation.rotate_log_key(service)
    again = open_at(service.settings, clock)
    append(again)
    assert (again.log_key.vkey != old.vkey) is rotates
    assert verdict(receipts.entry_receipt(again, 2), old.vkey).verdict == "ok"
    assert rotation.rotate_log_key(again).change.old == service.log_keys.active(head_before(again)).vkey


def head_before(service):
    with service.store.read() as session:
        return log_keys.changes(session)[-1].change.old


_KILLED = """
import os, sys
from pathlib import Path
from traceability.config import Settings
from traceability.services import rotation
from traceability.services.context import open_service
from traceability.storage.log import Log
from traceability.storage.log_keys import LogKeys
from traceability.storage.store import Store
url, state, origin, where, name = sys.argv[1:]
service = open_service(Settings(database_url=url, state_dir=Path(state), log_origin=origin))
place = {"rotation": rotation, "Log": Log, "LogKeys": LogKeys}[where]
before = name.startswith("before ")
name = name.removeprefix("before ")
real = getattr(place, name)
def killed(*args, **named):
    if name == "committed" and args[0]._signed is None:
        return real(*args, **named)  # nothing was signed: not the commit of the rotation
    if not before:
        real(*args, **named)
    os._exit(9)
setattr(place, name, killed)
rotation.rotate_log_key(service)
"""


@pytest.mark.parametrize(
    ("where", "name", "rotates"),
    [
        ("LogKeys", "before new", False), ("LogKeys", "new", False), ("LogKeys", "new_second", False),
        ("Log", "rotate", False), ("Log", "finish", False), ("Log", "before committed", True),
        ("Log", "committed", True), ("rotation", "_sign_by_all", True),
    ],
)  # fmt: skip
def test_a_kill_at_any_line_leaves_the_old_key_or_the_new(sqlite_service, open_at, clock, where, name, rotates):
    service = sqlite_service
    append(service, 2)
    witnessing.publish(service)
    old, settings = service.log_key, service.settings
    service.store.close()
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, settings.database_url, settings.state_dir, settings.log_origin, where, name],
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 9, done.stderr
    again = open_at(settings, clock)
    append(again)
    assert (again.log_key.vkey != old.vkey) is rotates
    assert verdict(receipts.entry_receipt(again, 2), old.vkey).verdict == "ok"
    rotation.rotate_log_key(again)
    append(again)
    assert verdict(receipts.entry_receipt(again, head_of(again).size - 1), old.vkey).verdict == "ok"


def test_a_backup_takes_every_key_along(service, database, make_database, make_settings, open_at, clock, tmp_path):
    append(service)
    rotation.rotate_log_key(service)
    assert backup(service, tmp_path / "copy")["verdict"] == "ok"
    settings = make_settings(make_database(database, empty=True))
    assert restore(settings, tmp_path / "copy")["verdict"] == "ok"
    names = [sorted(path.name for path in one.state_dir.glob("log*.key")) for one in (service.settings, settings)]
    assert names[0] == names[1]
    other = open_at(settings, clock)
    append(other)
    assert other.log_key.vkey == service.log_key.vkey


_WITHOUT = (
    "import runpy, sys; sys.modules['cryptography.hazmat.primitives.asymmetric.mldsa'] = None; "
    "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)


def test_the_single_file_follows_the_keys_also_where_cryptography_has_no_ml_dsa(sqlite_service, tmp_path):
    service = sqlite_service
    append(service, 2)
    witnessing.publish(service)
    old = service.log_key.vkey
    rotation.rotate_log_key(service)
    append(service)
    witnessing.publish(service)
    program, receipt, policy = (tmp_path / name for name in ("verify.py", "receipt.json", "policy.txt"))
    program.write_text(single_file())
    receipt.write_bytes(receipts.entry_receipt(service, 3).to_json())
    policy.write_text(log_keys.policy(service))

    def ran(*start, trust):
        done = subprocess.run(
            [sys.executable, *start, program, receipt, *trust, "--json"], check=False, capture_output=True, text=True,
            cwd=tmp_path, timeout=120,
        )  # fmt: skip
        (row,) = json.loads(done.stdout)
        found = {item["what"]: item["verdict"] for item in row["items"]}
        return done.returncode, row["verdict"], found.get("second signature")

    has = "ok" if ml_dsa.available() else "not checked"
    assert ran(trust=("--policy", policy)) == (0, "ok", has)
    assert ran("-c", _WITHOUT, trust=("--policy", policy)) == (0, "ok", "not checked")
    for start in ((), ("-c", _WITHOUT)):
        assert ran(*start, trust=("--pin", old)) == (0, "ok", None)
    demanded = policy.read_text().replace("quorum none", f"witness S {_second(service)}\nquorum S")
    policy.write_text(demanded)
    assert ran(trust=("--policy", policy))[1] == ("ok" if ml_dsa.available() else "failed")
    assert ran("-c", _WITHOUT, trust=("--policy", policy))[:2] == (1, "failed"), "what is demanded and not seen fails"


def _second(service):
    return next(one.vkey for one in log_keys.spans(service) if one.kind == "ML-DSA-44" and one.until is None)


def test_the_audit_knows_every_key_the_log_was_signed_with(service, rotated):
    assert rotated
    found = [one for one in fsck(service).problems if one.table != "rule_set"]  # entries made here have no rows
    assert not found, found
