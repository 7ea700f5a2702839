"""`witness new` and `witness serve` as another operator runs them: a process on a real socket, killed and started again."""

import http.client
import os
import signal
import socket
import subprocess
import time

import pytest

from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint
from traceability.ledger.cosignature import CosigningKey, cosignatures
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.tiles import TileTree
from traceability.ledger.witness import AddCheckpoint

pytestmark = pytest.mark.slow

NAME, LOG = "witness.example/w1", LogKey.generate("log.example/main")
TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


def tree(*leaves):
    made = TileTree(lambda _level, _index: None)
    made.append([leaf_hash(leaf) for leaf in leaves])
    return made


LEAVES = [b"%d" % number for number in range(20)]
TREE, FORK = tree(*LEAVES), tree(*LEAVES[:4], *[b"other"] * 16)


def asked(old, size, *, key=LOG, by=TREE, proof=None):
    head = Checkpoint(key.name, size, by.root(size))
    path = TREE.consistency(old, size) if proof is None and 0 < old < size else proof or []
    return AddCheckpoint(old, tuple(path), sign_checkpoint(head, key))


class Witness:
    """A folder with a key, a policy and a record, and the process that serves them."""

    def __init__(self, command, folder, env):
        self._command, self.folder, self._env = command, folder, env
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = held.getsockname()[1]
        self.process = None

    def start(self):
        with (self.folder / "witness.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self._command, "witness", "serve", "--key", "w1.key", "--policy", "logs.policy", "--dir", "witnessed",
                 "--port", str(self.port)],
                cwd=self.folder, env=self._env, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        for _ in range(300):
            if self.listens():
                return
            assert self.process.poll() is None, (self.folder / "witness.log").read_text()
            time.sleep(0.1)
        raise AssertionError("the witness does not answer")

    def listens(self):
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        """End it and its children as a power cut does, and wait until none of them holds the port."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(60)
        for _ in range(300):
            if not self.listens():
                return
            time.sleep(0.1)
        raise AssertionError("a child of the killed witness still listens")

    def post(self, request, path="/add-checkpoint"):
        """Return status, content type and body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", path, request if isinstance(request, bytes) else request.to_bytes())
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def witness(make_place):
    place = make_place(None)
    printed = place.json("witness", "new", NAME, "--out", "w1.key")
    (place.folder / "logs.policy").write_text(f"log {LOG.vkey}\nquorum none\n")
    made = Witness(place.command, place.folder, place.env)
    made.vkey = printed["vkey"]
    made.start()
    yield made
    if made.process.poll() is None:
        made.kill()


def test_a_new_key_is_its_owners_alone_and_is_never_overwritten(make_place):
    place = make_place(None)
    assert place.run("witness", "new", NAME, "--out", "w1.key").stdout.startswith(f"{NAME}+")
    kept = (place.folder / "w1.key").read_bytes()
    assert (place.folder / "w1.key").stat().st_mode & 0o777 == 0o600
    again = place.run("witness", "new", NAME, "--out", "w1.key")
    assert (again.returncode != 0, "never overwritten" in again.stderr) == (True, True)
    assert (place.folder / "w1.key").read_bytes() == kept


def test_what_it_cosigned_survives_a_hard_end(witness):
    first = asked(0, 5)
    status, kind, lines = witness.post(first)
    assert (status, kind) == (200, TEXT)
    key = CosigningKey.load(witness.folder / "w1.key").public
    assert key.vkey == witness.vkey
    assert [one.key for one in cosignatures(first.checkpoint + lines, [key])] == [key]
    witness.kill()
    witness.start()
    assert witness.post(asked(0, 5)) == (409, SIZE, "5\n"), "it is asked from a size that is no longer the last"
    assert witness.post(asked(3, 9)) == (409, SIZE, "5\n")
    assert witness.post(asked(5, 12))[0] == 200
    witness.kill()
    witness.start()
    assert witness.post(asked(5, 12)) == (409, SIZE, "12\n")
    assert witness.post(asked(12, 12))[0] == 200, "the same head again"


def test_each_refusal_has_its_status_and_leaves_the_record_alone(witness):
    assert witness.post(asked(0, 5))[0] == 200
    path = TREE.consistency(5, 9)
    refused = {
        "a proof of another tree": (422, asked(5, 9, by=FORK, proof=path)),
        "a proof that lacks a hash": (422, asked(5, 9, proof=path[:-1])),
        "a log that it does not know": (404, asked(0, 5, key=LogKey.generate("log.example/other"))),
        "a key that is not the log's": (403, asked(5, 9, key=LogKey.generate(LOG.name))),
        "an old size above the new": (400, asked(9, 5)),
        "no request": (400, b"old x\n\n"),
    }
    for what, (status, request) in refused.items():
        assert witness.post(request)[:2] == (status, TEXT), what
    assert witness.post(asked(5, 5, by=FORK)) == (409, SIZE, "5\n"), "two roots of one size"
    assert witness.post(b"", "/")[0] == 404
    assert witness.post(asked(0, 5)) == (409, SIZE, "5\n")
    assert witness.post(asked(5, 9))[0] == 200
    evidence = [file for file in (witness.folder / "witnessed").rglob("*") if "evidence" in file.name]
    assert evidence, "what the log signed against its own record is kept"


def test_an_orderly_end_is_one(witness):
    witness.process.send_signal(signal.SIGTERM)
    assert witness.process.wait(60) == 0
