"""Faults 4 and 5: a disk that is full or fails, and a process that gets no more files or memory.

Nothing is acknowledged while it lasts (503), the tree in memory is dropped, and afterwards it goes on. System calls are
made to fail by strace where there is one; limits of the process and a small file system need none.
"""

import contextlib
import functools
import shutil
import signal
import subprocess
import sys

import pytest

SLOW_TO_FORK = 60


@functools.cache
def why_no_strace():
    if shutil.which("strace") is None:
        return "there is no strace"
    done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else f"strace may not trace here: {done.stderr.decode()[:200]}"


@pytest.fixture
def injected(place, make_victim, tmp_path):
    """``injected(calls, fault, file=)`` is a place and a child whose ``calls`` on a file of the database fail.

    That some did is asserted.
    """

    def make(calls, fault, *, file="-wal", numbers=range(12)):
        if reason := why_no_strace():
            pytest.skip(reason)
        made = place("sqlite")
        quick = [] if "signal" in fault else ["--seccomp-bpf"]  # with which strace 6.1 sends no signal
        calls_seen = tmp_path / "calls"
        victim = make_victim(
            "strace", "-f", *quick, "-qq", "-o", str(calls_seen), "-e", f"trace={calls}", "-P", f"{made.database}{file}",
            "-e", f"inject={calls}:{fault}",
        )  # fmt: skip
        child = victim.start(made.order | {"work": "stubborn", "numbers": list(numbers)})
        child.listen(SLOW_TO_FORK, until="closed")
        told = child.end()
        assert "(INJECTED)" in calls_seen.read_text() or child.status == signal.SIGKILL
        return made, told, child

    return make


def nothing_lost(made, told, *, refused=True):
    """Refusals were 503 and dropped the tree; what was answered stands, and everything is there in the end."""
    assert bool(told.refused) is refused
    assert {line["status"] for line in told.refused} <= {503}
    made.learn(told)
    made.check(told)


@pytest.mark.parametrize(
    ("calls", "error"),
    [("fdatasync,fsync", "EIO"), ("pwrite64", "ENOSPC"), ("pwrite64", "EIO")],
)
@pytest.mark.parametrize("when", ["3..5", "4+3"])
def test_a_failing_write_ahead_log(injected, calls, error, when):
    made, told, _ = injected(calls, f"error={error}:when={when}")
    nothing_lost(made, told)
    assert not any(line["has_tree"] for line in told.refused), "the tree in memory may not be what is stored"
    assert told.of("closed") == [True]
    if when == "3..5":
        assert told.of("never") == []
        assert sorted(made.receipts) == list(range(12))


LARGE = [0, *range(5000, 5012)]  # enough that the write-ahead log is written into the database meanwhile


@pytest.mark.parametrize(
    ("calls", "error", "when"),
    [
        ("pwrite64", "EIO", "1+3"),
        ("pwrite64", "ENOSPC", "20..400"),
        ("fdatasync,fsync", "EIO", "1..2"),
        ("ftruncate", "EIO", "1+1"),
    ],
)
def test_a_failing_database_file(injected, calls, error, when):
    """The checkpoints of SQLite fail: what was committed stays in the write-ahead log, and is written when it can be."""
    made, told, _ = injected(calls, f"error={error}:when={when}", file="", numbers=LARGE)
    nothing_lost(made, told, refused=bool(told.refused))
    assert told.of("never") == []
    assert sorted(made.receipts) == LARGE


@pytest.mark.parametrize(("calls", "when"), [("pwrite64", 300), ("fdatasync,fsync", 1)])
def test_killed_while_the_database_file_is_written(injected, victim, calls, when):
    made, told, child = injected(calls, f"signal=SIGKILL:when={when}", file="", numbers=LARGE)
    assert child.status == signal.SIGKILL
    nothing_lost(made, told, refused=False)
    again = victim.start(made.order | {"work": "stubborn", "numbers": LARGE})
    assert again.listen(60, until="closed")
    made.learn(again.end())
    assert sorted(made.receipts) == LARGE
    made.audit()


def test_pages_that_cannot_be_read(injected):
    made, told, _ = injected("pread64", "error=EIO:when=40..48", file="", numbers=range(20))
    nothing_lost(made, told)
    assert sorted(made.receipts) == list(range(20))


@pytest.mark.parametrize(
    ("calls", "when"), [*(("pwrite64", n) for n in (1, 4, 9)), *(("fdatasync,fsync", n) for n in (1, 3, 6))]
)
def test_killed_at_one_exact_call(injected, victim, calls, when):
    """Not at a random moment: before the n-th write or flush of the log is done."""
    made, told, child = injected(calls, f"signal=SIGKILL:when={when}")
    assert child.status == signal.SIGKILL
    nothing_lost(made, told, refused=False)
    again = victim.start(made.order | {"work": "stubborn", "numbers": list(range(12))})
    assert again.listen(60, until="closed")
    made.learn(again.end())
    assert sorted(made.receipts) == list(range(12))
    made.check()


@pytest.mark.parametrize(
    ("limit", "spare", "numbers"),
    [
        ("RLIMIT_FSIZE", 0, range(6)),
        ("RLIMIT_NOFILE", 0, range(6)),
        ("RLIMIT_AS", 0, [0, 5000, 5001]),
        ("RLIMIT_AS", 3_000_000, [0, 5000, 5001]),
    ],
)
def test_a_process_at_its_limits(place, victim, limit, spare, numbers):
    made = place("sqlite")
    order = {"work": "limited", "limit": limit, "spare": spare, "numbers": list(numbers)}
    child = victim.start(made.order | order)
    ended = child.listen(60, until="closed")
    told = child.end()
    nothing_lost(made, told, refused=ended or bool(told.refused))
    if not ended:
        # Where memory is refused a library below Python may end the process: that is as if it was killed for it.
        assert (limit, child.status) in {("RLIMIT_AS", signal.SIGSEGV), ("RLIMIT_AS", signal.SIGABRT)}, told.lines[-3:]
        again = victim.start(made.order | {"work": "stubborn", "numbers": list(numbers)})
        assert again.listen(60, until="closed")
        made.learn(again.end())
        made.check()
    assert sorted(made.receipts) == list(numbers)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a small file system; RLIMIT_FSIZE stands for it")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(place, victim, small_disk, sqlite_template):
    database = small_disk / "traceability.db"
    shutil.copy(sqlite_template, database)
    made = place("sqlite", f"sqlite:///{database}")
    child = victim.start(made.order | {"work": "capture", "again": [], "first": 0, "threads": 2})
    assert child.listen(60, until="again")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):  # until nothing fits any more
        while True:
            file.write(bytes(4096))
    assert child.listen(30, until="refused")
    filler.unlink()
    before = len(child.told.receipts)
    assert child.listen(30, until="acknowledged")
    assert len(child.told.receipts) > before
    told = child.kill()
    nothing_lost(made, told)
