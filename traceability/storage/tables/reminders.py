"""Reminders of old lists and of cases: who was told, on which channel, and how each attempt went."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import UTCDateTime, json_type


class Delivery(SQLModel):
    """What every reminder has: the person, the channel, and what came of each attempt; it is to be sent until ended."""

    id: int | None = Field(default=None, primary_key=True)
    user_id: str = Field(max_length=36)
    channel: str = Field(max_length=8)  # page (of lists alone), email, webhook
    first_at: datetime = Field(sa_type=UTCDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)  # last; on a page: when it was put there
    next_at: datetime | None = Field(default=None, sa_type=UTCDateTime)  # no attempt before; none for a page
    failures: int = 0  # since the last one that succeeded
    outcome: str = Field(max_length=300)  # of the last attempt, in words
    attempts: list[dict[str, Any]] = Field(default_factory=list, sa_type=json_type())  # at and outcome, newest last
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ListReminder(Delivery, table=True):
    """One person's reminder of one version of a list at one level, on one channel, until the list is loaded."""

    __tablename__ = "list_reminder"
    __table_args__ = (
        sa.Index("ix_list_reminder_user", "user_id", "ended_at"),
        sa.Index("ix_list_reminder_next", "ended_at", "next_at"),
    )
    list_id: str = Field(max_length=60)
    version_id: int  # of list_version; 0 where the list was never loaded
    level: str = Field(max_length=8)  # due, overdue


class CaseReminder(Delivery, table=True):
    """What one person is told once, on one channel: that a request or contest came, is due soon, overdue or answered.

    It ends when it is sent; one that ended unsent was not needed any more.
    """

    __tablename__ = "case_reminder"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "version", "moment", "user_id", "channel"),
        sa.Index("ix_case_reminder_next", "ended_at", "next_at"),
    )
    case_id: str = Field(max_length=36)
    version: int  # of the case, whose last step it is about
    moment: str = Field(max_length=8)  # opened, due, overdue, answered
