"""Names by the keys they are looked up by: of list entries (side L) and of whoever was screened (side P).

Nothing here is a record: all of it is made from list versions and screenings, and made again by another matcher.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime


class MatchName(SQLModel, table=True):
    """One form of a name; ``owner`` is the entry's key in its list, or the subject key of who was screened."""

    __tablename__ = "match_name"
    __table_args__ = (
        sa.Index("ix_match_name_owner", "side", "list_id", "owner"),
        sa.Index("ix_match_name_folded", "side", "folded"),
    )
    id: int | None = Field(default=None, primary_key=True)
    side: str = Field(max_length=1)
    list_id: str = Field(default="", max_length=60)
    owner: str = Field(max_length=500)
    text: str = Field(max_length=500)
    kind: str = Field(default="", max_length=20)  # the schema it was read as: Person, Organization, Vessel, Aircraft
    form: int  # which of the forms of the name
    folded: str = Field(max_length=300)


class MatchKey(SQLModel, table=True):
    """One key and how many names of a side bear it; the empty key counts the names."""

    __tablename__ = "match_key"
    __table_args__ = (sa.UniqueConstraint("side", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    side: str = Field(max_length=1)
    key: str = Field(max_length=400)
    borne: int


class MatchPosting(SQLModel, table=True):
    """A name that bears a key."""

    __tablename__ = "match_posting"
    __table_args__ = ({"sqlite_with_rowid": False},)
    key_id: int = Field(sa_column=sa.Column("key_id", BigInt, primary_key=True, autoincrement=False))
    name_id: int = Field(sa_column=sa.Column("name_id", BigInt, primary_key=True, autoincrement=False))


class MatchWord(SQLModel, table=True):
    """A word that names of a side bear, by how it begins and ends (`lists.misspelt`)."""

    __tablename__ = "match_word"
    __table_args__ = ({"sqlite_with_rowid": False},)
    side: str = Field(primary_key=True, max_length=1)
    part: str = Field(primary_key=True, max_length=10)
    word: str = Field(primary_key=True, max_length=300)


class MatchIndexed(SQLModel, table=True):
    """What of a side is indexed, and by which matcher: a list version, or everybody screened (version 0)."""

    __tablename__ = "match_indexed"
    side: str = Field(primary_key=True, max_length=1)
    version_id: int = Field(sa_column=sa.Column("version_id", sa.Integer, primary_key=True, autoincrement=False))
    matcher: str = Field(max_length=80)
    at: datetime = Field(sa_type=UTCDateTime)
