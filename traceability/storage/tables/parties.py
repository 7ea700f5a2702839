"""Parties, what they claim, their keys and their sites."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime, json_type


class Party(SQLModel, table=True):
    """An organisation: the tenant. Waiting until an admin who is not the applicant agrees."""

    __tablename__ = "party"
    id: str = Field(primary_key=True, max_length=36)
    did: str = Field(unique=True, max_length=500)
    name: str = Field(max_length=300)
    country: str = Field(max_length=2)
    address: str | None = Field(default=None, max_length=500)
    roles: list[str] = Field(sa_type=json_type())
    state: str = Field(max_length=10, index=True)  # waiting, active, refused
    applicant: str = Field(max_length=100)
    applied_at: datetime = Field(sa_type=UTCDateTime)
    decided_by: str | None = Field(default=None, max_length=100)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reason: str | None = Field(default=None, max_length=2000)
    entry_index: int | None = Field(default=None, sa_type=BigInt)  # of its approval, with its claims


class PartyClaim(SQLModel, table=True):
    """An identifier (LEI, EORI, CID, national number) or a URI prefix a party says is its own."""

    __tablename__ = "party_claim"
    __table_args__ = (sa.Index("ix_party_claim_kind_value", "kind", "value"),)
    id: int | None = Field(default=None, primary_key=True)
    party_id: str = Field(foreign_key="party.id", index=True, max_length=36)
    kind: str = Field(max_length=20)  # lei, eori, cid, national, prefix, alias
    value: str = Field(max_length=500)
    state: str = Field(max_length=10)
    decided_by: str | None = Field(default=None, max_length=100)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class PartyKey(SQLModel, table=True):
    """A public key; what it may do is judged by ledger indices, never by a claimed time (ledger.md 6)."""

    __tablename__ = "party_key"
    id: str = Field(primary_key=True, max_length=36)
    kid: str = Field(unique=True, max_length=500)
    party_id: str = Field(foreign_key="party.id", index=True, max_length=36)
    alg: str = Field(max_length=10)
    thumbprint: str = Field(unique=True, max_length=64)
    jwk: dict[str, Any] = Field(sa_type=json_type())
    proof: dict[str, Any] = Field(sa_type=json_type())  # the signed proof of possession as received
    state: str = Field(max_length=10)  # waiting, active, revoked, refused
    applicant: str = Field(max_length=100)
    applied_at: datetime = Field(sa_type=UTCDateTime)
    decided_by: str | None = Field(default=None, max_length=100)
    added_index: int | None = Field(default=None, sa_type=BigInt)
    approved_index: int | None = Field(default=None, sa_type=BigInt)  # of a further key: an admin's decision
    revoked_index: int | None = Field(default=None, sa_type=BigInt)
    compromised_since: int | None = Field(default=None, sa_type=BigInt)
    reason: str | None = Field(default=None, max_length=2000)


class KeyRevocation(SQLModel, table=True):
    """One key-revoke entry of the ledger: the bytes its hash is of, and the reason they commit to. Append-only."""

    __tablename__ = "key_revocation"
    entry_index: int = Field(sa_column=sa.Column("entry_index", BigInt, primary_key=True, autoincrement=False))
    key_id: str = Field(foreign_key="party_key.id", index=True, max_length=36)
    compromised_since: int | None = Field(default=None, sa_type=BigInt)
    body: bytes = Field(sa_type=sa.LargeBinary)
    salt: bytes = Field(sa_type=sa.LargeBinary)  # of the commitment; empty where the body holds none
    reason: str = Field(max_length=2000)
    revoked_by: str = Field(max_length=100)
    revoked_at: datetime = Field(sa_type=UTCDateTime)


class KeyApplication(SQLModel, table=True):
    """A party that lost its only key asks for a new one. Nothing of it counts before an admin agrees."""

    __tablename__ = "key_application"
    id: str = Field(primary_key=True, max_length=36)
    party_id: str = Field(foreign_key="party.id", index=True, max_length=36)
    kid: str = Field(max_length=500)
    alg: str = Field(max_length=10)
    thumbprint: str = Field(max_length=64)
    jwk: dict[str, Any] = Field(sa_type=json_type())
    proof: dict[str, Any] = Field(sa_type=json_type())  # the signed proof of possession as received
    reason: str = Field(max_length=2000)  # how the key was lost, in the applicant's words
    state: str = Field(max_length=10, index=True)  # waiting, approved, refused
    applicant: str = Field(max_length=100)
    applied_at: datetime = Field(sa_type=UTCDateTime)
    decided_by: str | None = Field(default=None, max_length=100)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    checked_by: str | None = Field(default=None, max_length=100)  # the first of two admins, where both have to agree
    method: str | None = Field(default=None, max_length=20)  # how the identity was checked
    decided_reason: str | None = Field(default=None, max_length=2000)  # what was checked, or why it was refused


class Site(SQLModel, table=True):
    """A registered place, signed by its party; several rows of one key are its versions in time, all of one party."""

    __tablename__ = "site"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(index=True, max_length=1500)  # the normalised identity; escaping may lengthen a spelling
    uri: str = Field(max_length=500)  # as its party spelled it
    party_id: str = Field(foreign_key="party.id", index=True, max_length=36)
    name: str | None = Field(default=None, max_length=300)
    country: str = Field(max_length=2)
    subdivision: str | None = Field(default=None, max_length=6)
    latitude: float | None = None
    longitude: float | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    body: bytes = Field(sa_type=sa.LargeBinary)
    jws: str = Field(sa_type=sa.Text)
    key_id: str | None = Field(default=None, max_length=36, index=True)
    entry_index: int = Field(sa_type=BigInt)
    received_at: datetime = Field(sa_type=UTCDateTime)


class PartyMerge(SQLModel, table=True):
    """A proposal that two records are of one party, or that an earlier one be undone; an admin decides it.

    Both records stay as they are: it says who is who, and moves nothing.
    """

    __tablename__ = "party_merge"
    id: str = Field(primary_key=True, max_length=36)
    act: str = Field(max_length=6)  # merge, undo
    kept_id: str = Field(foreign_key="party.id", index=True, max_length=36)  # under whose DID both are read
    merged_id: str = Field(foreign_key="party.id", index=True, max_length=36)
    undoes: str | None = Field(default=None, max_length=36)  # of an undo: the merge
    reason: str = Field(max_length=2000)
    state: str = Field(max_length=10, index=True)  # waiting, in_force, refused
    proposed_by: str = Field(max_length=100)
    proposed_at: datetime = Field(sa_type=UTCDateTime)
    decided_by: str | None = Field(default=None, max_length=100)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    decided_reason: str | None = Field(default=None, max_length=2000)
    entry_index: int | None = Field(default=None, sa_type=BigInt)  # of the approval
    undone_index: int | None = Field(default=None, sa_type=BigInt)  # of a merge: the entry of what undid it


class PartyDeparture(SQLModel, table=True):
    """A party that left: its entries stay, its keys ended with it, and it gets no new ones."""

    __tablename__ = "party_departure"
    party_id: str = Field(primary_key=True, foreign_key="party.id", max_length=36)
    reason: str = Field(max_length=2000)
    left_by: str = Field(max_length=100)
    left_at: datetime = Field(sa_type=UTCDateTime)
    entry_index: int = Field(sa_type=BigInt)
