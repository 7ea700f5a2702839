"""Capture over HTTP, durable: single signed events and captures of 500, from 64 clients."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.echo import echoing
from bench.http_load import CLIENTS, load, percentile
from bench.references import sqlite_rows
from bench.serving import serving
from bench.world import World, make_world, signed

Print = Callable[..., None]


def run(url: str, folder: Path, say: Print, *, singles: int = 4000, bulks: int = 24) -> None:
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
    settings: dict[str, Any] = {"EMBEDDED_WORKER": "false", "LOG_FORMAT": "text"}
    with serving(url, folder, THREADS=str(CLIENTS), **settings) as address:
        load(address, world.secret, warm)
        seconds, times = load(address, world.secret, small)
        say("single signed events", singles / seconds, "events/s", times, ("the Flask echo", echo))
        seconds, times = load(address, world.secret, large, clients=8)
        many = sqlite_rows(folder, 500) if url.startswith("sqlite") else None
        rate = bulks * 500 / seconds
        say("captures of 500 events", rate, "events/s", times, many and ("sqlite3, 500 rows a commit", many))


def _close(world: World) -> None:
    world.service.close()


__all__ = ["percentile", "run"]
