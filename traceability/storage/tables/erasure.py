"""Retention and erasure: what is due, what holds it, what was erased and why, and the openings of commitments."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime, json_type


class Erasure(SQLModel, table=True):
    """The record behind one ledger entry of kind erasure: the last verdict on what goes, or what went. Append-only."""

    __tablename__ = "erasure"
    entry_index: int = Field(sa_column=sa.Column("entry_index", BigInt, primary_key=True, autoincrement=False))
    what: str = Field(max_length=10)  # verdict, bodies, personal, reads, reporter
    record: str = Field(sa_type=sa.Text)  # the exact JSON text whose sha256 the entry carries as body
    at: datetime = Field(sa_type=UTCDateTime)


class ErasedEntry(SQLModel, table=True):
    """The body an entry stood for is gone: the erasure entry that refers to it, and that of its last verdict."""

    __tablename__ = "erased_entry"
    target_index: int = Field(sa_column=sa.Column("target_index", BigInt, primary_key=True, autoincrement=False))
    erasure_index: int = Field(sa_type=BigInt, index=True)
    verdict_index: int = Field(sa_type=BigInt)


class RetentionReport(SQLModel, table=True):
    """What the service found due on a day; it proposes, a dpo approves. Of one party, or of all (None)."""

    __tablename__ = "retention_report"
    id: str = Field(primary_key=True, max_length=36)
    party_id: str | None = Field(default=None, index=True, max_length=36)
    as_of: date
    at: datetime = Field(sa_type=UTCDateTime)
    counts: dict[str, Any] = Field(sa_type=json_type())  # kind: {due, blocked, unknown, running}


class RetentionLine(SQLModel, table=True):
    """One record of a report: due, or beyond its own period and kept, with the ground and the reason."""

    __tablename__ = "retention_line"
    __table_args__ = (sa.Index("ix_retention_line_report", "report_id", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    report_id: str = Field(max_length=36)
    kind: str = Field(max_length=12)  # capture, shipment, assessment, document, case, reporter, access_log
    subject: str = Field(max_length=500)  # its id: never anything from inside it
    owner_id: str | None = Field(default=None, index=True, max_length=36)
    state: str = Field(max_length=10)  # due, blocked, unknown
    ground: str | None = Field(default=None, max_length=20)  # the one that ran longest
    ended_on: date | None = None
    why: str = Field(max_length=500)
    decided_by: str | None = Field(default=None, max_length=100)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reason: str | None = Field(default=None, max_length=2000)
    erasure_index: int | None = Field(default=None, sa_type=BigInt)


class LegalHold(SQLModel, table=True):
    """A person keeps something beyond its period: a case, a claim, an audit. It ends when somebody lifts it."""

    __tablename__ = "legal_hold"
    id: str = Field(primary_key=True, max_length=36)
    party_id: str | None = Field(default=None, index=True, max_length=36)  # whose records it keeps; None: everybody's
    kind: str = Field(max_length=10)  # batch, shipment, document, all
    target: str = Field(max_length=500)
    reason: str = Field(max_length=2000)
    placed_by: str = Field(max_length=100)
    placed_at: datetime = Field(sa_type=UTCDateTime)
    lifted_by: str | None = Field(default=None, max_length=100)
    lifted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lifted_reason: str | None = Field(default=None, max_length=2000)


class PersonalData(SQLModel, table=True):
    """The opening of one commitment in a signed event: value and salt, until they are erased."""

    __tablename__ = "personal_data"
    __table_args__ = (sa.UniqueConstraint("event_index", "commitment"),)
    id: int | None = Field(sa_column=sa.Column("id", BigInt, primary_key=True), default=None)
    event_index: int = Field(sa_type=BigInt)
    party_id: str = Field(index=True, max_length=36)
    commitment: str = Field(max_length=44)  # base64(SHA256(salt || value)), as the signed event carries it
    name: str = Field(max_length=100)  # what it is: miner, driver, signatory; never who
    value: str | None = Field(default=None, sa_type=sa.Text)
    salt: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    deposited_at: datetime = Field(sa_type=UTCDateTime)
    erasure_index: int | None = Field(default=None, sa_type=BigInt)
