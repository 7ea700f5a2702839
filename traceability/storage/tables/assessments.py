"""Assessments, what people decided about them, and jobs."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime, json_type


class AssessmentRow(SQLModel, table=True):
    """One run of the rule packs over one facts document, for one owner; append-only."""

    __tablename__ = "assessment"
    __table_args__ = (sa.Index("ix_assessment_subject", "owner_id", "subject_kind", "subject", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    owner_id: str = Field(max_length=36)  # the party through whose eyes the chain was read
    subject_kind: str = Field(max_length=10)  # shipment, batch
    subject: str = Field(max_length=500)
    as_of: date
    at: datetime = Field(sa_type=UTCDateTime)
    facts: dict[str, Any] = Field(sa_type=json_type())
    result: dict[str, Any] = Field(sa_type=json_type())
    status: str = Field(max_length=30)
    notes: list[dict[str, Any]] = Field(sa_type=json_type())
    pending: list[str] = Field(sa_type=json_type())  # reasons why the state is pending whatever the status
    coverage: list[dict[str, Any]] = Field(sa_type=json_type())
    batches: list[str] = Field(sa_type=json_type())  # keys of every batch of the upstream closure
    criticals: dict[str, int] = Field(sa_type=json_type())  # every code ever critical here: the last run that said so
    inputs_hash: str = Field(max_length=71)
    entry_index: int = Field(sa_type=BigInt)
    erased_index: int | None = Field(default=None, sa_type=BigInt)  # the entry that says its facts were erased


class BatchCritical(SQLModel, table=True):
    """A batch was named where a code was critical: it goes with the batch, whatever record names it later.

    Written with each assessment, never removed; only a decision of two persons takes its weight.
    """

    __tablename__ = "batch_critical"
    __table_args__ = (sa.Index("ix_batch_critical_subject", "owner_id", "subject_kind", "subject"),)
    owner_id: str = Field(primary_key=True, max_length=36)
    batch_key: str = Field(primary_key=True, max_length=500)  # as facts spell it
    code: str = Field(primary_key=True, max_length=40)
    subject_kind: str = Field(primary_key=True, max_length=10)  # the shipment record or batch whose run said so
    subject: str = Field(primary_key=True, max_length=500)
    assessment_id: int  # the last run of that subject in which it was critical


class Decision(SQLModel, table=True):
    """What a person proposes about named findings; where a critical would disappear it waits for a second person."""

    __tablename__ = "decision"
    __table_args__ = (sa.Index("ix_decision_subject", "owner_id", "subject_kind", "subject"),)
    id: str = Field(primary_key=True, max_length=36)
    owner_id: str = Field(max_length=36)  # the importer it holds for
    subject_kind: str = Field(max_length=10)  # batch, shipment, hit, signal, document, doc_type, correction
    subject: str = Field(max_length=1000)
    disposition: str = Field(max_length=30)
    reason_code: str = Field(max_length=60)
    reason: str = Field(sa_type=sa.Text)
    findings: list[dict[str, Any]] = Field(sa_type=json_type())  # code, severity, evidence digest at the time
    assessment_id: int | None = None
    inputs_hash: str | None = Field(default=None, max_length=71)
    evidence: list[str] = Field(default_factory=list, sa_type=json_type())
    steps: list[dict[str, Any]] = Field(default_factory=list, sa_type=json_type())  # mitigation: measurable, with dates
    review_on: date | None = None
    needs_second: bool
    state: str = Field(max_length=10, index=True)  # waiting, in_force, refused
    proposed_by: str = Field(max_length=100)
    proposed_at: datetime = Field(sa_type=UTCDateTime)
    confirmed_by: str | None = Field(default=None, max_length=100)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    confirmed_reason: str | None = Field(default=None, sa_type=sa.Text)
    entry_index: int = Field(sa_type=BigInt)
    confirmed_index: int | None = Field(default=None, sa_type=BigInt)
    proposed: list[dict[str, Any]] | None = Field(
        default=None, sa_column=sa.Column(json_type(none_as_null=True))
    )  # the findings proposed on, where a confirmation wrote down those of its day
    sides: dict[str, Any] | None = Field(
        default=None, sa_column=sa.Column(json_type(none_as_null=True))
    )  # of a judgement on a hit: the party, and the hashes of both sides as they were shown


class Job(SQLModel, table=True):
    """Work to be done, written in the transaction of what caused it; leased, at-least-once, gone once it succeeded."""

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_ready", "failed_at", "run_after", "id"),
        sa.Index("ix_job_key", "key"),
        sa.Index(
            "ix_job_key_open",
            "name",
            "key",
            unique=True,
            sqlite_where=sa.text("started = 0"),
            postgresql_where=sa.text("NOT started"),
        ),
    )
    id: int | None = Field(sa_column=sa.Column("id", BigInt, primary_key=True), default=None)
    name: str = Field(max_length=40)
    key: str = Field(max_length=700)  # the subject: jobs of one key run one at a time
    args: dict[str, Any] = Field(sa_type=json_type())
    created_at: datetime = Field(sa_type=UTCDateTime)
    run_after: datetime = Field(sa_type=UTCDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    started: bool = False  # a worker has taken it once, so it may have read its subject already
    attempts: int = 0
    failed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)  # given up: kept with its error for an admin
    error: str | None = Field(default=None, sa_type=sa.Text)
