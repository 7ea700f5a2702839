import csv
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT / ".." / "shared"

sys.path.insert(0, str(ROOT / "scripts"))


@pytest.fixture(scope="session")
def seed() -> Path:
    return ROOT / "seed"


@pytest.fixture(scope="session")
def shared():
    """Return a file or folder of the shared vectors, or skip."""

    def find(path: str) -> Path:
        found = SHARED / path
        if not found.exists():
            pytest.skip(f"{path} is absent: third-party test material is not part of the project")
        return found

    return find


@pytest.fixture(scope="session")
def rows(shared):
    def read(path: str) -> list[dict[str, str]]:
        with shared(path).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    return read
