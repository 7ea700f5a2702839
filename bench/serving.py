"""A server of ours in a process of its own, for loads from another one."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(url: str, folder: Path, **settings: str) -> Iterator[str]:
    """Run ``traceability serve`` on a database and yield its address."""
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
        yield address
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
