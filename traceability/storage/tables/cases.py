"""Cases of an importer, version by version; apart, who reported a grievance, and the links that open a contest."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime, json_type


class CaseVersion(SQLModel, table=True):
    """One version of a plan, grievance, notice, request or contest; a change is a new one, none is ever changed."""

    __tablename__ = "case_version"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "version"),
        sa.Index("ix_case_version_owner", "owner_id", "kind", "latest"),
        sa.Index("ix_case_version_addressee", "addressee_id", "latest"),
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(max_length=36)
    version: int
    owner_id: str = Field(max_length=36)  # the importer whose case it is
    kind: str = Field(max_length=10)  # plan, grievance, notice, request, contest
    addressee_id: str | None = Field(default=None, max_length=36)  # the party asked or concerned; others have none
    latest: bool = True
    record: dict[str, Any] = Field(sa_type=json_type())  # services.case_forms; dates as ISO 8601
    written_by: str = Field(max_length=100)
    written_at: datetime = Field(sa_type=UTCDateTime)
    entry_index: int = Field(sa_type=BigInt)
    erased_index: int | None = Field(default=None, sa_type=BigInt)  # the entry that says its record was erased


class GrievanceReporter(SQLModel, table=True):
    """Who reported a grievance: personal, kept apart from it and the shortest; in no entry, facts, pack or log."""

    __tablename__ = "grievance_reporter"
    case_id: str = Field(primary_key=True, max_length=36)
    owner_id: str = Field(index=True, max_length=36)
    identity: str | None = Field(default=None, sa_type=sa.Text)  # none once erased
    recorded_by: str = Field(max_length=100)
    recorded_at: datetime = Field(sa_type=UTCDateTime)
    erasure_index: int | None = Field(default=None, sa_type=BigInt)


class ContestLink(SQLModel, table=True):
    """A link that opens one contest to who has no account: once to contest, then to read the answer until it expires.

    The secret of its address is kept as its SHA-256 alone.
    """

    __tablename__ = "contest_link"
    digest: str = Field(primary_key=True, max_length=64)
    case_id: str = Field(index=True, max_length=36)
    made_by: str = Field(max_length=100)
    made_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)  # a newer link took its place
