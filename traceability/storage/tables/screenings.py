"""The screening record: who or what was compared with which lists, when, and what came out (screening.md 6)."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime, json_type


class Screening(SQLModel, table=True):
    """One comparison of a subject's names with every name list in force; append-only.

    What came with 0022 is empty in rows recorded before, but for the owner and the party, which are known of them too.
    """

    __tablename__ = "screening"
    __table_args__ = (
        sa.Index("ix_screening_subject", "subject_key", "id"),
        sa.Index("ix_screening_owner", "owner_id", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    subject_key: str = Field(max_length=500)  # folded name, identifiers and country of what was screened
    subject: dict[str, Any] = Field(sa_type=json_type())
    as_of: date  # whose law counted
    at: datetime = Field(sa_type=UTCDateTime)
    versions: list[dict[str, Any]] = Field(sa_type=json_type())
    matcher: str = Field(max_length=80)
    outcome: str = Field(max_length=30)  # hits, no_hits_full_coverage, no_hits_limited_coverage, not_screened
    hits: list[dict[str, Any]] = Field(sa_type=json_type())
    entry_index: int | None = Field(default=None, sa_type=BigInt, index=True)
    owner_id: str | None = Field(default=None, max_length=36)  # the party it was assessed for, or who asked belongs to
    asked_by: str | None = Field(default=None, max_length=100)  # the person who asked; None: an assessment did
    kind: str | None = Field(default=None, max_length=20)  # party, vessel, site, transit_place, document_name, query
    party_id: str | None = Field(default=None, max_length=500, index=True)  # DID or CID, where the subject has one
    threshold: str | None = Field(default=None, max_length=10)  # the score from which a person is asked, as a decimal
    settings_hash: str | None = Field(default=None, max_length=64)
    known_at: datetime | None = Field(default=None, sa_type=UTCDateTime)  # when the newest list used was loaded
    status: str | None = Field(default=None, max_length=12)  # done, failed, interrupted
    failure: str | None = Field(default=None, max_length=300)


class ScreeningHit(SQLModel, table=True):
    """Which list entries a screening met, so that the screenings of an entry are found without reading all."""

    __tablename__ = "screening_hit"
    __table_args__ = (sa.Index("ix_screening_hit_entry", "list_id", "entry_key", "screening_id"),)
    screening_id: int = Field(primary_key=True, foreign_key="screening.id")
    list_id: str = Field(primary_key=True, max_length=60)
    entry_key: str = Field(primary_key=True, max_length=500)
