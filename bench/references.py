"""What this machine can do at best: the figures every other one is set against."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from rapidfuzz.distance import JaroWinkler


def flushes(folder: Path, count: int = 300) -> float:
    """Return how often a second a 4 KiB append can be made durable (fsync)."""
    handle = os.open(folder / "flush", os.O_WRONLY | os.O_CREAT)
    begun = time.perf_counter()
    for _ in range(count):
        os.write(handle, b"x" * 4096)
        os.fsync(handle)
    took = time.perf_counter() - begun
    os.close(handle)
    return count / took


def python_loops(count: int = 300_000) -> float:
    """Return how many steps of a fixed loop plain Python takes a second of processor time: the pace of this hour."""
    begun, total = time.process_time(), 0
    for number in range(count):
        total += number * number % 7
    return count / (time.process_time() - begun)


def likenesses(count: int = 100_000) -> float:
    """Return how many pairs of words rapidfuzz likens a second of processor time, called one by one."""
    words = ("mohammed", "muhamad", "tantalum", "kagera", "zhang", "kabuga")
    begun = time.process_time()
    for number in range(count):
        JaroWinkler.similarity(words[number % 6], words[number * 5 % 6])
    return count / (time.process_time() - begun)


def sqlite_rows(folder: Path, rows_a_commit: int, seconds: float = 2) -> float:
    """Return durable rows of 1.5 KB a second: bare sqlite3, WAL, synchronous=FULL."""
    connection = sqlite3.connect(folder / f"reference-{rows_a_commit}.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
    body, done, begun = b"x" * 1500, 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO row (body) VALUES (?)", [(body,)] * rows_a_commit)
        connection.execute("COMMIT")
        done += rows_a_commit
    took = time.perf_counter() - begun
    connection.close()
    return done / took


def postgresql_rows(url: str, rows_a_commit: int, seconds: float = 2) -> float:
    """Return durable rows of 1.5 KB a second: bare psycopg, streamed (COPY)."""
    import psycopg

    body, done = b"x" * 1500, 0
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_row (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, body bytea)")
        connection.commit()
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            with cursor.copy("COPY bench_row (body) FROM STDIN") as stream:
                for _ in range(rows_a_commit):
                    stream.write_row([body])
            connection.commit()
            done += rows_a_commit
        took = time.perf_counter() - begun
        cursor.execute("DROP TABLE bench_row")
    return done / took


def signatures_seconds(count: int) -> float:
    """Return what checking so many Ed25519 signatures takes, each over 1 KB of its own."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    texts = [b"%01000d" % place for place in range(count)]
    signed = [(key.sign(text), text) for text in texts]
    public = key.public_key()
    begun = time.perf_counter()
    for signature, text in signed:
        public.verify(signature, text)
    return time.perf_counter() - begun


def import_seconds(statement: str, runs: int = 3) -> float:
    """Return the best time of a fresh interpreter running a statement."""
    best = float("inf")
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(runs):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True, env=environ)
        best = min(best, time.perf_counter() - begun)
    return best
