"""Risk lists: immutable versions and their entries (screening.md 1)."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime, json_type


class ListVersionRow(SQLModel, table=True):
    """One dated snapshot of a published list; never changed, only superseded."""

    __tablename__ = "list_version"
    __table_args__ = (sa.UniqueConstraint("list_id", "table_sha256", "retrieved_at"),)
    id: int | None = Field(default=None, primary_key=True)
    list_id: str = Field(index=True, max_length=60)
    version: str = Field(max_length=120)
    title: str = Field(max_length=300)
    publisher: str = Field(max_length=200)
    published_at: date | None = None
    retrieved_at: date | None = None
    loaded_at: datetime = Field(sa_type=UTCDateTime)
    source_url: str = Field(max_length=1000)
    source_sha256: str = Field(max_length=64)
    table_sha256: str = Field(max_length=64)
    row_count: int
    expected_min: int
    expected_max: int
    coverage: str = Field(max_length=10)  # full, partial, stale: as stated when it was loaded
    max_age_days: int
    terms: str = Field(max_length=500)
    state: str = Field(max_length=12, index=True)  # active, superseded
    entry_index: int = Field(sa_type=BigInt)
    for_review: int = 0  # rows of the source that a person has yet to read
    sources: list[dict[str, Any]] = Field(default_factory=list, sa_type=json_type())  # the files, by source_key
    delta: dict[str, Any] | None = Field(default=None, sa_type=json_type())  # what it changed, and whom that concerned


class ListEntryRow(SQLModel, table=True):
    """One line of a list version; ``payload`` is the whole entry as the lists room reads it."""

    __tablename__ = "list_entry"
    __table_args__ = (
        sa.Index("ix_list_entry_version_kind", "version_id", "kind"),
        sa.Index("ix_list_entry_version_key", "version_id", "entry_key"),
    )
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="list_version.id")
    entry_key: str = Field(max_length=200)
    kind: str = Field(max_length=10)  # party, area, goods, smelter, code
    code: str | None = Field(default=None, max_length=20)
    name: str = Field(max_length=500)
    valid_from: date | None = None
    valid_to: date | None = None
    payload: dict[str, Any] = Field(sa_type=json_type())


class ListReviewRow(SQLModel, table=True):
    """Something in a version's source that its reader did not fully understand; it waits until a person has read it.

    ``lost``: a name or entry is missing for it, so the version is no full list until somebody has read the row.
    A later version takes over what was read of the same text, with the entry of that decision.
    """

    __tablename__ = "list_review"
    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="list_version.id", index=True)
    entry_key: str = Field(max_length=200)
    field: str = Field(max_length=60)
    raw: str = Field(max_length=300)
    reason: str = Field(max_length=300)
    lost: bool
    state: str = Field(max_length=10)  # waiting, read
    read_by: str | None = Field(default=None, max_length=100)
    read_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    note: str | None = Field(default=None, max_length=2000)
    entry_index: int | None = Field(default=None, sa_type=BigInt)


class RuleSet(SQLModel, table=True):
    """A version of the law's or the document rules that has judged here, as its ledger entry stands for it."""

    __tablename__ = "rule_set"
    __table_args__ = (sa.UniqueConstraint("name", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=20)  # law, documents
    version: str = Field(max_length=80)
    record: bytes = Field(sa_type=sa.LargeBinary)
    at: datetime = Field(sa_type=UTCDateTime)
    entry_index: int = Field(sa_type=BigInt)
