"""Shipment records and supplier documents."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime, json_type


class Shipment(SQLModel, table=True):
    """One signed version of an importer's declaration of a consignment; a correction is a new version."""

    __tablename__ = "shipment"
    __table_args__ = (
        sa.UniqueConstraint("importer_id", "shipment_id", "version"),
        sa.Index("ix_shipment_released", "importer_id", "latest", "released_on"),
    )
    id: int | None = Field(default=None, primary_key=True)
    importer_id: str = Field(index=True, max_length=36)
    shipment_id: str = Field(index=True, max_length=500)
    version: int
    latest: bool = Field(default=True, index=True)
    record: dict[str, Any] = Field(sa_type=json_type())  # the declared fields, as in the facts schema
    body: bytes = Field(sa_type=sa.LargeBinary)
    media_type: str = Field(max_length=60)
    jws: str | None = Field(default=None, sa_type=sa.Text)
    key_id: str | None = Field(default=None, max_length=36)
    entry_index: int = Field(sa_type=BigInt)
    received_at: datetime = Field(sa_type=UTCDateTime)
    released_on: date  # what services.facts.importer.released says of it: by it a calendar year is found
    erased_index: int | None = Field(default=None, sa_type=BigInt)  # the entry that says its body was erased


class ShipmentBatch(SQLModel, table=True):
    """The latest version of a shipment record names a batch."""

    __tablename__ = "shipment_batch"
    importer_id: str = Field(primary_key=True, max_length=36)
    shipment_id: str = Field(primary_key=True, max_length=500)
    batch_key: str = Field(primary_key=True, max_length=500, index=True)


class Document(SQLModel, table=True):
    """A supplier's paper as one party handed it over; the bytes lie in the file store under their sha256."""

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("owner_id", "sha256"),)
    id: str = Field(primary_key=True, max_length=36)
    sha256: str = Field(index=True, max_length=64)
    owner_id: str = Field(index=True, max_length=36)
    filename: str = Field(max_length=300)
    media_type: str = Field(max_length=100)
    size: int
    uploaded_by: str = Field(max_length=100)
    uploaded_at: datetime = Field(sa_type=UTCDateTime)
    entry_index: int = Field(sa_type=BigInt)
    state: str = Field(max_length=10)  # pending, read
    outcome: str | None = Field(default=None, max_length=12)
    report: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    read_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    read_index: int | None = Field(default=None, sa_type=BigInt)  # the entry that stands for the reading and this row
    erased_index: int | None = Field(default=None, sa_type=BigInt)  # the entry that says its bytes were erased


class DocumentLink(SQLModel, table=True):
    """A document is attached to a batch, a shipment record or a party."""

    __tablename__ = "document_link"
    document_id: str = Field(foreign_key="document.id", primary_key=True, max_length=36)
    kind: str = Field(primary_key=True, max_length=10)  # batch, shipment, party
    target: str = Field(primary_key=True, max_length=500, index=True)
    linked_by: str = Field(max_length=100)
    linked_at: datetime = Field(sa_type=UTCDateTime)
    entry_index: int | None = Field(default=None, sa_type=BigInt, index=True)  # shared by the links of one upload


class ImporterProfile(SQLModel, table=True):
    """An importer's own statements about itself, one row a version (facts schema: importer, importer_ytd_kg)."""

    __tablename__ = "importer_profile"
    id: int | None = Field(default=None, primary_key=True)
    importer_id: str = Field(index=True, max_length=36)
    profile: dict[str, Any] = Field(sa_type=json_type())
    volume_statements: dict[str, Any] = Field(default_factory=dict, sa_type=json_type())  # "row/year" -> opening kg
    body: bytes = Field(sa_type=sa.LargeBinary)
    jws: str | None = Field(default=None, sa_type=sa.Text)
    key_id: str | None = Field(default=None, max_length=36)
    entry_index: int = Field(sa_type=BigInt)
    received_at: datetime = Field(sa_type=UTCDateTime)
