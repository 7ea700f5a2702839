"""A Flask application that does nothing but answer: what HTTP costs here before anything of ours."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, request

from bench.serving import ROOT, Server, free_port, wait_for

OURS, THREADS = "traceability.cli.connections.RequestThreads", "gthread"  # classes of gunicorn's workers
app = Flask(__name__)


@app.get("/health")
def health() -> str:
    """Say that it is there."""
    return "ok"


@app.post("/epcis/capture")
def echo() -> Response:
    """Read the body and answer 202, as a capture does."""
    return Response(str(len(request.get_data())), 202)


@contextlib.contextmanager
def echoing(threads: int, *, worker_class: str = THREADS) -> Iterator[Server]:
    """Run the echo under gunicorn with as many threads as the service gets, and yield it."""
    port = free_port()
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    command = [gunicorn, "--bind", f"127.0.0.1:{port}", "--worker-class", worker_class]
    command += ["--threads", str(threads), "--log-level", "error", "bench.echo:app"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process)
        yield Server(address, process.pid)
    finally:
        process.terminate()
        process.wait(30)
