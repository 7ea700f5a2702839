"""Our own witness under faults (ledger.md 10, fault 21): killed anywhere, and asked by fifty at once."""

import subprocess
import sys
import threading

import pytest

from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.cosignature import CosigningKey, cosignatures
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.tiles import TileTree
from traceability.ledger.witness import AddCheckpoint, WitnessRefusal
from traceability.services.witness_host import WitnessHost
from traceability.storage.witness_files import WitnessFiles

SIZES = 80


@pytest.fixture(scope="module")
def log():
    return LogKey.generate("log.example/a")


@pytest.fixture(scope="module")
def tree():
    made = TileTree(lambda _level, _index: None)
    made.append([leaf_hash(b"%d" % n) for n in range(SIZES)])
    return made


@pytest.fixture(scope="module")
def ask(log, tree):
    def body(old, size):
        proof = tree.consistency(old, size) if old else []
        return AddCheckpoint(
            old, tuple(proof), sign_checkpoint(Checkpoint(log.name, size, tree.root(size)), log)
        ).to_bytes()

    return body


@pytest.fixture
def key():
    return CosigningKey.generate("witness.example/w1")


@pytest.fixture
def host(log, key, tmp_path, clock):
    return WitnessHost((key,), {log.name: [log.verifier]}, WitnessFiles(tmp_path / "w"), clock)


def answer(host, body):
    """Return the size of a refusal, or None for a cosignature."""
    try:
        host.add_checkpoint(body)
    except WitnessRefusal as refusal:
        if refusal.status != 409:
            raise
        return refusal.size
    return None


def at_once(work, count=50):
    start, failures = threading.Barrier(count), []

    def one(number):
        start.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001  # shown by the test's thread
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_of_fifty_that_follow_one_size_only_one_is_cosigned(host, ask, log):
    host.add_checkpoint(ask(0, 4))
    said = {}
    at_once(lambda number: said.update({number: answer(host, ask(4, 5 + number))}))
    cosigned = [5 + number for number, size in said.items() if size is None]
    assert len(cosigned) == 1
    assert {size for size in said.values() if size is not None} == set(cosigned)
    assert host.files.latest(log.name).size == cosigned[0]


def test_fifty_that_try_until_they_are_heard_never_roll_it_back(host, ask, log, monkeypatch):
    """The race the specification describes: the record only grows, whoever answers in between."""
    stored = []
    real = WitnessFiles.remember

    def remember(self, origin, note):
        stored.append(int(note.split("\n")[1]))
        real(self, origin, note)

    monkeypatch.setattr(WitnessFiles, "remember", remember)

    def work(number):
        old = 0
        while (size := answer(host, ask(old, number + 20))) is not None and size <= number + 20:
            old = size

    at_once(work)
    assert stored == sorted(stored)
    assert stored[-1] == host.files.latest(log.name).size == 69


def test_a_later_time_never_goes_with_a_smaller_tree(host, ask, log, tree, key, clock, monkeypatch):
    """A cosignature says: as of this time nothing larger was seen. So a slow thread may not sign with a later time."""
    lines, held = {}, threading.Event()
    real = CosigningKey.cosign

    def cosign(self, text, at):
        if text.split("\n")[1] == "4":
            held.wait(5)
        return real(self, text, at)

    monkeypatch.setattr(CosigningKey, "cosign", cosign)
    slow = threading.Thread(target=lambda: lines.update({4: host.add_checkpoint(ask(0, 4))}))
    slow.start()
    while host.files.latest(log.name) is None:
        pass
    clock.advance(seconds=10)
    lines[9] = host.add_checkpoint(ask(4, 9))
    clock.advance(seconds=10)
    held.set()
    slow.join()
    at = {
        size: cosignatures(sign_checkpoint(Checkpoint(log.name, size, tree.root(size)), log) + line, [key.public])[0].at
        for size, line in lines.items()
    }
    assert at[4] < at[9]


CHILD = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from traceability.ledger.cosignature import CosigningKey
from traceability.ledger.note import VerifierKey
from traceability.services.witness_host import WitnessHost
from traceability.storage import witness_files

where, folder, vkey = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
key = VerifierKey.parse(vkey)
host = WitnessHost((CosigningKey.load(folder / "key"),), {key.name: [key]},
                   witness_files.WitnessFiles(folder / "w"), lambda: datetime(2026, 11, 23, tzinfo=UTC))

def die(*_args, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

real_fsync, real_replace = os.fsync, Path.replace
if where == "half written":
    def fsync(number):
        os.truncate(f"/proc/self/fd/{number}", 20)
        die()
    os.fsync = fsync
elif where == "written":
    os.fsync = die
elif where == "durable":
    Path.replace = die
elif where == "replaced":
    def replace(self, target):
        real_replace(self, target)
        die()
    Path.replace = replace
elif where == "kept":
    CosigningKey.cosign = die
sys.stdout.write(host.add_checkpoint(sys.stdin.buffer.read()))
"""


@pytest.mark.parametrize(
    ("where", "kept"), [("half written", 4), ("written", 4), ("durable", 4), ("replaced", 9), ("kept", 9)]
)
def test_killed_anywhere_it_has_the_old_record_or_the_new_one(host, ask, log, key, tmp_path, where, kept):
    host.add_checkpoint(ask(0, 4))
    key.save(tmp_path / "key")
    command = [sys.executable, "-c", CHILD, where, str(tmp_path), log.vkey]
    done = subprocess.run(command, input=ask(4, 9), capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (-9, b""), done.stderr.decode()
    assert host.files.latest(log.name).size == kept
    assert answer(host, ask(0, 9)) == kept  # the lock is free, and a client is told where to go on
    assert answer(host, ask(kept, 9)) is None
    assert host.files.latest(log.name).size == 9
