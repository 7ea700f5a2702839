"""A server of ours in a process of its own, for loads from another one."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and its process."""

    address: str
    pid: int

    def processor_seconds(self) -> float:
        """Return the processor time its processes have used until now."""
        return sum(_ticks(pid) for pid in _with_children(self.pid)) / os.sysconf("SC_CLK_TCK")

    def thread_seconds(self) -> float:
        """Return the same to the nanosecond, without threads that have ended."""
        tasks = (task for pid in _with_children(self.pid) for task in Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _with_children(int(child))


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])  # utime and stime (proc_pid_stat(5))


@contextmanager
def serving(url: str, folder: Path, **settings: str) -> Iterator[Server]:
    """Run ``traceability serve`` on a database and yield it."""
    port = free_port()
    ours = {"DATABASE_URL": url, "STATE_DIR": str(folder), "PORT": str(port), **settings}
    environ = {**os.environ, **{f"TRACEABILITY_{name}": value for name, value in ours.items()}}
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("traceability")), "serve"], cwd=ROOT, env=environ, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process)
        yield Server(address, process.pid)
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def wait_for(address: str, process: "subprocess.Popen[bytes]", seconds: float = 60) -> float:
    """Return the seconds until the first good answer."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        if process.poll() is not None:
            raise RuntimeError("the server ended; see serve.log in the bench folder")
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return time.perf_counter() - begun
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the server did not answer in time")
