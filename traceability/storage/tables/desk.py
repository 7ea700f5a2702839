"""The officers' desk: who looks at what, and the filters a person keeps; neither is ground of anything."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from traceability.storage.types import UTCDateTime


class Assignment(SQLModel, table=True):
    """Who of an importer's officers looks at a shipment record or batch; the last word counts, and clears nothing."""

    __tablename__ = "assignment"
    owner_id: str = Field(primary_key=True, max_length=36)
    subject_kind: str = Field(primary_key=True, max_length=10)
    subject: str = Field(primary_key=True, max_length=500)
    to_user: str | None = Field(default=None, max_length=100)  # None: it was given back
    assigned_by: str = Field(max_length=100)
    assigned_at: datetime = Field(sa_type=UTCDateTime)


class SavedView(SQLModel, table=True):
    """Filters of the queue under a name of a person's own, as they stand in its address."""

    __tablename__ = "saved_view"
    user_name: str = Field(primary_key=True, max_length=100)
    name: str = Field(primary_key=True, max_length=60)
    query: str = Field(max_length=1000)
    saved_at: datetime = Field(sa_type=UTCDateTime)
