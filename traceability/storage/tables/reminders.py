"""Reminders of old lists: who was told, on which channel, and how each attempt went."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import UTCDateTime, json_type


class ListReminder(SQLModel, table=True):
    """One person's reminder of one version of a list at one level, on one channel, until the list is loaded."""

    __tablename__ = "list_reminder"
    __table_args__ = (
        sa.Index("ix_list_reminder_user", "user_id", "ended_at"),
        sa.Index("ix_list_reminder_next", "ended_at", "next_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    list_id: str = Field(max_length=60)
    version_id: int  # of list_version; 0 where the list was never loaded
    level: str = Field(max_length=8)  # due, overdue
    user_id: str = Field(max_length=36)
    channel: str = Field(max_length=8)  # page, email, webhook
    first_at: datetime = Field(sa_type=UTCDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)  # last; on a page: when it was put there
    next_at: datetime | None = Field(default=None, sa_type=UTCDateTime)  # no attempt before; none for a page
    failures: int = 0  # since the last one that succeeded
    outcome: str = Field(max_length=300)  # of the last attempt, in words
    attempts: list[dict[str, Any]] = Field(default_factory=list, sa_type=json_type())  # at and outcome, newest last
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
