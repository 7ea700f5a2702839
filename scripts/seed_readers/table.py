"""Files of the seed: writing tables that are the same bytes every time, and reading the CSV they come from."""

import csv
import gzip
import hashlib
from pathlib import Path

GZIP_FROM = 2 * 1024 * 1024


def write_table(folder: Path, name: str, data: bytes) -> tuple[str, str]:
    """Write a table, packed without time or name when it is large; return its file name and SHA-256."""
    for old in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
        old.unlink(missing_ok=True)
    file = f"{name}.csv"
    if len(data) > GZIP_FROM:
        file, data = f"{name}.csv.gz", gzip.compress(data, 9, mtime=0)
    (folder / file).write_bytes(data)
    return file, hashlib.sha256(data).hexdigest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
