"""Capture over HTTP, durable: single signed events and captures of 500, each from 64 clients; one party, one key."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.echo import OURS, THREADS, echoing
from bench.http_load import CLIENTS, load
from bench.lines import Reference, Say, Target, at_least
from bench.references import flushes, postgresql_rows, sqlite_rows
from bench.serving import Server, serving
from bench.world import make_world, signed
from traceability.storage import tables as t
from traceability.storage.engine import read_engine

Bodies = Sequence[tuple[bytes, str]]
_RUNS = 3  # of single events; the middle one is judged
_LARGE = 500


def run(url: str, folder: Path, say: Say, *, singles: int = 4_500, bulks: int = 2 * CLIENTS) -> None:
    """Measure one database; afterwards it has to hold every event that was acknowledged."""
    world = make_world(url, folder)
    each = singles // _RUNS
    small = [[signed(world, start + n, 1) for n in range(each)] for start in range(0, each * (_RUNS + 1), each)]
    large = [signed(world, 1_000_000 + n * _LARGE, _LARGE) for n in range(bulks)]
    warm = [signed(world, 10_000_000 + n, 1) for n in range(200)]
    world.service.close()
    one, many = _echo(say, small[0], 1), _echo(say, large, _LARGE)
    with serving(url, folder, THREADS=str(CLIENTS), EMBEDDED_WORKER="false") as server:
        load(server.address, world.secret, warm)
        loaded = _Loaded(server, world.secret, folder, say)
        rates = [loaded.run("(single signed events)", bodies) for bodies in small[:_RUNS]]
        middle = sorted(rates)[_RUNS // 2]
        say(f"single signed events, the middle of {_RUNS}", middle, "events/s", (), one, [at_least(900, "/s")])
        rate = loaded.run(f"captures of {_LARGE} events", large, _LARGE, many, [at_least(5_000, "/s")])
    rows = sqlite_rows(folder, _LARGE) if url.startswith("sqlite") else postgresql_rows(url, _LARGE)
    say("(that beside bare rows of 1.5 KB, 500 a commit)", rate, "events/s", (), ("the database alone", rows))
    recorded = len(warm) + each * _RUNS + bulks * _LARGE
    assert _events(url) == recorded, f"{recorded} events were acknowledged, {_events(url)} are stored"
    if url.startswith("sqlite"):
        with serving(url, folder, THREADS=str(CLIENTS)) as server:
            _Loaded(server, world.secret, folder, say).run("(single ones while the jobs of all these run)", small[-1])


@dataclass(frozen=True)
class _Loaded:
    """A server under load, and where its lines go."""

    server: Server
    secret: str
    folder: Path
    say: Say

    def run(
        self, what: str, bodies: Bodies, events: int = 1, reference: Reference = None, targets: Sequence[Target] = ()
    ) -> float:
        """Post bodies of so many events each, print what came of it, and return the events a second."""
        used, flushed = self.server.processor_seconds(), flushes(self.folder)
        seconds, times = load(self.server.address, self.secret, bodies)
        used = (self.server.processor_seconds() - used) / len(bodies)
        rate = len(bodies) * events / seconds
        self.say(what, rate, "events/s", times, reference, targets)
        self.say(f"  (processor time of our processes; {len(bodies):,} requests)", used * 1000, "ms a request")
        self.say("  (disk flushes just before, 4 KiB, fsync)", flushed, "/s")
        return rate


def _echo(say: Say, bodies: Bodies, events: int) -> Reference:
    """Return the events a second that an application which does nothing answers to: the better of two servers."""
    found = {}
    for name, kind in (("under our server", OURS), ("under gunicorn's threads", THREADS)):
        with echoing(CLIENTS, worker_class=kind) as server:
            seconds, times = load(server.address, "none", bodies)
        found[f"a Flask echo {name}"] = len(bodies) * events / seconds
        what = f"(a Flask echo {name}, {len(bodies[0][0]):,} bytes)"
        say(what, len(bodies) * events / seconds, "events/s", times)
    best = max(found, key=found.__getitem__)
    return best, found[best]


def _events(url: str) -> int:
    engine = read_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(t.Event)).scalar_one()
    engine.dispose()
    return int(found)
