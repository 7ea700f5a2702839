"""One owner of a SQLite database at a time, and the one refused is told who it is."""

import fcntl
import os
import subprocess
import sys
import threading

import pytest

from traceability.storage.owner import DatabaseOwned, Owner

HOLD = """
import sys, pathlib
from traceability.clock import system_clock
from traceability.storage.owner import Owner
owner = Owner(pathlib.Path(sys.argv[1]), "serve", system_clock)
owner.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_second_owner_is_told_who_the_first_is(tmp_path, clock):
    path = tmp_path / "sub" / "traceability.db"
    first = Owner(path, "serve", clock)
    first.acquire()
    with pytest.raises(DatabaseOwned) as caught:
        Owner(path, "backup", clock).acquire()
    assert caught.value.status == 503
    assert f"`traceability serve`, process {os.getpid()}, since 2026-11-23T09:00:00+00:00" in str(caught.value)
    first.release()
    first.release()
    second = Owner(path, "backup", clock)
    second.acquire()
    assert '"backup"' in second.path.read_text()
    second.release()


def test_unreadable_note_is_still_a_refusal(tmp_path, clock):
    first = Owner(tmp_path / "db", "serve", clock)
    first.acquire()
    first.path.write_text("not json")
    with pytest.raises(DatabaseOwned, match="owned by another process"):
        Owner(tmp_path / "db", "backup", clock).acquire()
    first.release()


def test_killed_owner_owns_nothing(tmp_path, clock):
    path = tmp_path / "db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseOwned, match=f"process {process.pid}"):
            Owner(path, "backup", clock).acquire()
        process.kill()
        process.wait()
    owner = Owner(path, "backup", clock)
    owner.acquire()
    owner.release()


def test_an_owner_that_has_yet_to_write_its_name_is_waited_for(tmp_path, clock):
    second = Owner(tmp_path / "db", "lists load", clock)
    with second.path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        def write():
            file.write('{"name": "serve", "pid": 1, "since": "now"}')
            file.flush()

        later = threading.Timer(0.2, write)
        later.start()
        with pytest.raises(DatabaseOwned, match="`traceability serve`, process 1"):
            second.acquire()
        later.join()
