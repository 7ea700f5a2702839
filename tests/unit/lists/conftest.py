from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from traceability.lists.entries import Identifier, ListEntry, ListVersion, Name

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def seed() -> Path:
    return ROOT / "seed"


@pytest.fixture
def party():
    """Make a party entry; keyword arguments replace any field, ``schema`` and ``countries`` go to extra."""

    def make(name="Example Copper Mining Co., Ltd.", key="1", **fields):
        extra = {column: fields.pop(column) for column in ("schema", "countries") if column in fields}
        names = fields.pop("names", (Name(name),))
        return ListEntry(fields.pop("list_id", "us-uflpa"), key, "party", names, extra=extra, **fields)

    return make


@pytest.fixture
def version():
    def make(**fields):
        known = {
            "list_id": "us-uflpa",
            "version": "sha256:00",
            "published_at": date(2025, 1, 15),
            "retrieved_at": date(2026, 11, 23),
            "loaded_at": datetime(2026, 11, 24, tzinfo=UTC),
            "source_url": "https://list.example",
            "sha256": "00",
            "row_count": 36,
            "expected_min": 144,
            "expected_max": 280,
            "coverage": "partial",
            "max_age_days": 90,
            "publisher": "DHS",
            "terms": "facts",
        }
        return ListVersion(**known | fields)

    return make


@pytest.fixture
def full_entry():
    return ListEntry(
        "un-sc",
        "CDe.007",
        "party",
        (Name("MACHANGA LTD"), Name("Machanga", "weak"), Name("マチャンガ", "original_script")),
        (Identifier("registration", "123:45", "UG"), Identifier("imo", "9187629")),
        country="UG",
        code="UG",
        material="gold",
        child_labour=True,
        forced_labour=True,
        programmes=("DRC", "CAR"),
        valid_from=date(2007, 3, 29),
        valid_to=date(2030, 1, 1),
        source="page",
        extra={"schema": "Organization", "countries": "CD|UG"},
    )
