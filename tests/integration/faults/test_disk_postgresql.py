"""Fault 4 on PostgreSQL: the disk under a real server is full, or does not write or flush.

A table that cannot grow fails its statement; a write-ahead log that cannot be written or flushed stops the whole server,
which recovers by itself, or is started again once there is room. The service answers 503 meanwhile, and then goes on.
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

DISK = 112  # MB: a new server with one database of ours needs about 60


@pytest.fixture
def small_disk():
    """A file system of its own, and small; its path is short, as that of a socket has to be."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True))
        disk = Path(folder) / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(disk)]
        if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("this user may not mount a small file system")
        stack.callback(subprocess.run, ["umount", "-l", str(disk)], check=True)
        yield disk


@pytest.fixture
def small_postgresql(small_disk, postgresql_in):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgresql_in(small_disk))
        stack.callback((small_disk / "ballast").unlink, missing_ok=True)  # an orderly end writes, too
        yield server


def fill(disk):
    """Leave no room, to the last page."""
    with (disk / "ballast").open("ab", buffering=0) as file:
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def until(condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.1)


@dataclass
class Busy:
    """An installation, and a process that captures there, one document after the other."""

    made: object
    victim: object
    child: object

    def is_refused(self):
        assert self.child.listen(15, until="refused")

    def goes_on(self):
        """Assert that the same process takes what comes next, that nothing is lost, and that old receipts stand."""
        told, before = self.child.told, len(self.child.told.receipts)
        for _ in range(20):
            if self.child.listen(1, until="acknowledged") and len(told.receipts) > before:
                break
        self.child.kill()
        assert len(told.receipts) > before
        assert {line["status"] for line in told.refused} == {503}
        unwritten = [line for line in told.refused if "could not be written" in line["detail"]]
        assert not any(line["has_tree"] for line in unwritten), "the tree in memory may not be what is stored"
        self.made.learn(told)
        self.made.check(told)
        self.made.retry(self.victim, told)


@pytest.fixture
def busy(place, victim):
    """``busy(url)`` is an installation on a database where one process captures and was not refused yet."""
    children = []

    def start(url):
        made = place("postgresql", url)
        children.append(victim.start(made.order | {"work": "capture", "again": [], "first": 0, "threads": 1}))
        assert children[0].listen(60, until="acknowledged")
        assert not children[0].told.refused
        return Busy(made, victim, children[0])

    yield start
    for child in children:
        if not hasattr(child, "status"):
            child.kill()


def test_no_room_for_the_tables(busy, administer, small_disk, small_postgresql, new_database):
    url = new_database(small_postgresql)
    administer(url, "SELECT pg_switch_wal()", "CHECKPOINT")  # so that the write-ahead log has its room already
    at_work = busy(url)
    fill(small_disk)
    at_work.is_refused()
    at_work.child.listen(0.6)
    assert not any(line["has_tree"] for line in at_work.child.told.refused)
    (small_disk / "ballast").unlink()
    at_work.goes_on()


def test_no_room_for_the_write_ahead_log(busy, administer, small_disk, small_postgresql, new_database):
    """The server cannot even recover, and ends: it is started again when there is room."""
    url = new_database(small_postgresql)
    at_work = busy(url)
    postmaster = small_postgresql.get_postmaster_info().process
    fill(small_disk)
    with contextlib.suppress(sa.exc.DBAPIError):
        administer(url, "SELECT pg_switch_wal()")  # now it needs a new file, and not only after 16 MB
    until(lambda: not postmaster.is_running())
    at_work.is_refused()
    (small_disk / "ballast").unlink()
    small_postgresql.ensure_postgres_running()
    at_work.goes_on()


@pytest.fixture
def injected(tmp_path, administer, own_database):
    """``injected(processes, calls, error)`` makes system calls of the server's processes fail; returns the trace."""
    if shutil.which("strace") is None:
        pytest.skip("there is no strace")
    seen, said = tmp_path / "calls", tmp_path / "strace"
    with contextlib.ExitStack() as stack:

        def attach(processes, calls, error):
            pids = [row[0] for row in administer(own_database, f"SELECT pid FROM pg_stat_activity WHERE {processes}")]
            assert pids
            tracing = ["strace", "-o", str(seen), "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"]
            errors = stack.enter_context(said.open("wb"))
            process = subprocess.Popen([*tracing, *(f"--attach={pid}" for pid in pids)], stderr=errors)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            until(lambda: said.read_text().count(" attached") == len(pids) or process.poll() is not None)
            if " attached" not in said.read_text():
                pytest.skip(f"strace may not attach here: {said.read_text()[:200]}")
            if processes == CHECKPOINTER:
                with contextlib.suppress(sa.exc.DBAPIError):
                    administer(own_database, "CHECKPOINT")
            return seen

        yield attach


WRITERS = "datname = current_database() AND pid <> pg_backend_pid() OR backend_type = 'walwriter'"
CHECKPOINTER = "backend_type = 'checkpointer'"


@pytest.mark.parametrize(
    ("processes", "calls", "error"),
    [
        pytest.param(WRITERS, "fdatasync,fsync", "EIO", id="flush-of-the-log"),
        pytest.param(WRITERS, "pwrite64", "ENOSPC", id="write-of-the-log"),
        pytest.param(CHECKPOINTER, "fdatasync,fsync", "EIO", id="flush-of-a-checkpoint"),
    ],
)
def test_what_a_server_cannot_write_or_flush(busy, injected, own_postgresql, own_database, processes, calls, error):
    """PostgreSQL trusts nothing after that: it drops every connection and recovers from its write-ahead log."""
    at_work = busy(own_database)
    panics = panics_of(own_postgresql)
    trace = injected(processes, calls, error)
    at_work.is_refused()
    until(lambda: panics_of(own_postgresql) > panics and "(INJECTED)" in trace.read_text())
    at_work.goes_on()


def panics_of(server):
    return server.log.read_text().count(" PANIC: ")
