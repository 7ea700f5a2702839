import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT / ".." / "shared"

sys.path.insert(0, str(ROOT / "scripts"))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def data() -> Path:
    folder = SHARED / "data"
    if not (folder / "risklists").is_dir():
        pytest.skip("source data is absent: the committed tables are taken as they are")
    return folder


@pytest.fixture
def places():
    from traceability.lists.entries import ListEntry, Name
    from traceability.lists.places import Places

    named = {"CO": ["Colombia"], "IR": ["Iran"], "CN": ["China"], "CD": ["DR Congo"], "MM": ["Burma"]}
    return Places.build(
        ListEntry("iso-3166-1", code, "code", tuple(map(Name, names)), code=code) for code, names in named.items()
    )
