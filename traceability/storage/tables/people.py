"""People, their API keys, mandates, and the log of who read what."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime, json_type


class User(SQLModel, table=True):
    """A person with a console account; belongs to one party and has one role."""

    __tablename__ = "app_user"
    id: str = Field(primary_key=True, max_length=36)
    name: str = Field(unique=True, max_length=100)
    party_id: str | None = Field(default=None, foreign_key="party.id", index=True, max_length=36)
    role: str = Field(max_length=12)  # supplier, importer, officer, regulator, auditor, dpo, admin
    password_hash: str = Field(max_length=200)
    one_time: bool = True  # the password was made by somebody else and must be changed at the first sign-in
    disabled_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    created_by: str = Field(max_length=100)
    session_epoch: int = 0  # raised by a reset: older sessions end
    email: str | None = Field(default=None, max_length=254)  # where reminders go; RFC 5321 allows 254 characters


class ApiKey(SQLModel, table=True):
    """Machine access: 256 bit, shown once, kept as a sha256 digest with prefix, scopes and expiry."""

    __tablename__ = "api_key"
    id: str = Field(primary_key=True, max_length=36)
    prefix: str = Field(max_length=12)
    digest: str = Field(unique=True, max_length=64)
    party_id: str | None = Field(default=None, foreign_key="party.id", index=True, max_length=36)
    role: str = Field(max_length=12)
    scopes: list[str] = Field(sa_type=json_type())
    name: str = Field(max_length=100)
    created_by: str = Field(max_length=100)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Mandate(SQLModel, table=True):
    """What entitles a regulator or auditor to read; an auditor's names one importer and a period of records."""

    __tablename__ = "mandate"
    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(index=True, max_length=36)
    authority: str = Field(max_length=300)
    legal_article: str = Field(max_length=300)
    purpose: str = Field(max_length=2000)
    importer_id: str | None = Field(default=None, max_length=36)
    valid_from: date
    valid_to: date
    records_from: date | None = None  # an auditor's: the days of the records it opens
    records_to: date | None = None
    created_by: str = Field(max_length=100)
    created_at: datetime = Field(sa_type=UTCDateTime)
    entry_index: int | None = Field(default=None, sa_type=BigInt)


class AccessLog(SQLModel, table=True):
    """One read of a chain or of private data: who, what, under which mandate and purpose."""

    __tablename__ = "access_log"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UTCDateTime, index=True)
    actor: str = Field(max_length=100, index=True)
    role: str = Field(max_length=12)
    party_id: str | None = Field(default=None, max_length=36)
    mandate_id: str | None = Field(default=None, max_length=36)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=500)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=json_type())


class AccessLogParty(SQLModel, table=True):
    """Whose private records a read showed: its dpo reads the line. Lines go when their retention ends."""

    __tablename__ = "access_log_party"
    read_id: int = Field(primary_key=True)
    party_id: str = Field(primary_key=True, index=True, max_length=36)


class WorkHandover(SQLModel, table=True):
    """Open work of somebody who left, handed to a colleague; what was signed or decided keeps the name it has."""

    __tablename__ = "work_handover"
    kind: str = Field(primary_key=True, max_length=20)
    subject: str = Field(primary_key=True, max_length=100)
    from_user: str = Field(primary_key=True, max_length=100)
    to_user: str = Field(index=True, max_length=100)
    handed_by: str = Field(max_length=100)
    handed_at: datetime = Field(sa_type=UTCDateTime)
