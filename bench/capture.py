"""Capture over HTTP, durable: single signed events and captures of 500, from 64 clients."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.echo import echoing
from bench.http_load import CLIENTS, load, percentile
from bench.references import flushes, sqlite_rows
from bench.serving import serving
from bench.world import World, make_world, signed

Print = Callable[..., None]
_RUNS = 3  # of single events: on a shared machine the best one tells what the service can do


def run(url: str, folder: Path, say: Print, *, singles: int = 4500, bulks: int = 24) -> None:
    """Measure one database."""
    world = make_world(url, folder)
    small = [signed(world, n, 1) for n in range(singles)]
    large = [signed(world, singles + n * 500, 500) for n in range(bulks)]
    warm = [signed(world, 10_000_000 + n, 1) for n in range(200)]
    _close(world)
    with echoing(CLIENTS) as address:
        seconds, times = load(address, "none", small)
        echo = singles / seconds
        say("(the same requests to a Flask echo)", echo, "requests/s", times)
    settings: dict[str, Any] = {"EMBEDDED_WORKER": "false"}
    with serving(url, folder, THREADS=str(CLIENTS), **settings) as server:
        load(server.address, world.secret, warm)
        for _ in range(_RUNS):
            run_of, small = small[: singles // _RUNS], small[singles // _RUNS :]
            used, flushed = server.processor_seconds(), flushes(folder)
            seconds, times = load(server.address, world.secret, run_of)
            say("single signed events", len(run_of) / seconds, "events/s", times, ("the Flask echo", echo))
            _beside(say, (server.processor_seconds() - used) / len(run_of), flushed)
        many = sqlite_rows(folder, 500) if url.startswith("sqlite") else None
        used, flushed = server.processor_seconds(), flushes(folder)
        seconds, times = load(server.address, world.secret, large, clients=8)
        rate = bulks * 500 / seconds
        say("captures of 500 events", rate, "events/s", times, many and ("sqlite3, 500 rows a commit", many))
        _beside(say, (server.processor_seconds() - used) / bulks, flushed)


def _beside(say: Print, used: float, flushed: float) -> None:
    say("  (processor time of the server)", used * 1000, "ms a request")
    say("  (disk flushes, 4 KiB, fsync)", flushed, "/s")


def _close(world: World) -> None:
    world.service.close()


__all__ = ["percentile", "run"]
