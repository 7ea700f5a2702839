"""Rotation of the log's own key, on both databases: one checkpoint by both, later ones by the new, and a way between."""

import dataclasses
import json
import subprocess
import sys

import pytest

from traceability.app import create_app
from traceability.errors import Unavailable
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


def test_where_the_new_key_is_missing_nothing_is_signed(service, make_settings, open_at, clock):
    """A process on another machine, whose state folder has the old key only."""
    append(service)
    elsewhere = make_settings(service.settings.database_url)
    for path in service.settings.state_dir.glob("log.key"):
        (elsewhere.state_dir / path.name).write_bytes(path.read_bytes())
        (elsewhere.state_dir / path.name).chmod(0o600)
    other = open_at(elsewhere, clock)
    append(other)
    rotation.rotate_log_key(service)
    with pytest.raises(Unavailable, match="whose file is not in"):
        append(other)
    assert head_of(service).size == 3
    new = next(service.settings.state_dir.glob("log-[0-9a-f]*.key"))
    (elsewhere.state_dir / new.name).write_bytes(new.read_bytes())
    (elsewhere.state_dir / new.name).chmod(0o600)
    append(other)
    assert head_of(service).size == 4


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
