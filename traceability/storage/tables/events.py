"""Captures, custody events, the batches they name, and the edges between batches."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, Kilograms, UTCDateTime, json_type


class Capture(SQLModel, table=True):
    """Signed bytes as received, with the key that signed them and where their entry stands."""

    __tablename__ = "capture"
    id: str = Field(primary_key=True, max_length=36)
    party_id: str = Field(index=True, max_length=36)
    actor: str = Field(max_length=100)
    key_id: str | None = Field(default=None, max_length=36)
    media_type: str = Field(max_length=60)
    body: bytes = Field(sa_type=sa.LargeBinary)
    jws: str | None = Field(default=None, sa_type=sa.Text)  # the detached header value; absent in the enveloped form
    sha256: str = Field(max_length=64, index=True)
    event_count: int
    new_events: int
    entry_index: int | None = Field(default=None, sa_type=BigInt, index=True)  # absent: every event was here already
    error_behaviour: str = Field(default="rollback", max_length=10)
    success: bool = True
    errors: list[dict[str, Any]] = Field(default_factory=list, sa_type=json_type())
    events: list[dict[str, Any]] = Field(default_factory=list, sa_type=json_type())  # event_id and ledger index each
    received_at: datetime = Field(sa_type=UTCDateTime)
    erased_index: int | None = Field(default=None, sa_type=BigInt)  # the entry that says its bytes were erased
    last_verdict: str | None = Field(default=None, max_length=10)  # ok, invalid: what its signature was found then


class IdempotencyKey(SQLModel, table=True):
    """A name that a party gave to one body it captured (header Idempotency-Key). Append-only."""

    __tablename__ = "idempotency_key"
    party_id: str = Field(primary_key=True, max_length=36)
    key: str = Field(primary_key=True, max_length=255)
    sha256: str = Field(max_length=64)
    at: datetime = Field(sa_type=UTCDateTime)


class Event(SQLModel, table=True):
    """One accepted custody event; its primary key is its ledger index. Append-only."""

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "declares_error"),
        sa.Index("ix_event_party", "signer_id", "index"),
    )
    index: int = Field(sa_column=sa.Column("index", BigInt, primary_key=True, autoincrement=False))
    event_id: str = Field(max_length=500)
    declares_error: bool = False  # repeats an earlier event only to declare it wrong
    capture_id: str = Field(index=True, max_length=36)
    position: int
    type: str = Field(max_length=500)
    biz_step: str | None = Field(default=None, max_length=500)
    event_time: datetime = Field(sa_type=UTCDateTime, index=True)
    received_at: datetime = Field(sa_type=UTCDateTime)
    signer_id: str | None = Field(default=None, max_length=36)  # the party whose key signed the capture
    key_id: str | None = Field(default=None, max_length=36)
    credential_by: str | None = Field(default=None, max_length=500)  # party whose own relayed signature verifies
    evidence: str = Field(max_length=20)  # signed_by_actor, relayed, unsigned
    content: str = Field(
        max_length=64
    )  # sha256 of the event without errorDeclaration and recordTime: same id, same content?
    body: str = Field(sa_type=sa.Text)  # the event as JSON, with the context it was captured under
    erased_index: int | None = Field(default=None, sa_type=BigInt)  # since then the body is what the chain rests on


class CounterSignature(SQLModel, table=True):
    """Another party signed an event that stands in the ledger: its own capture and entry. Append-only."""

    __tablename__ = "counter_signature"
    __table_args__ = (
        # a party signs again, with another key, what one of its keys signed that is disputed now
        sa.UniqueConstraint("event_index", "signer_id", "key_id"),
        sa.Index("ix_counter_signature_party", "signer_id", "event_index"),
        sa.Index("ix_counter_signature_key", "key_id", "entry_index"),
    )
    entry_index: int = Field(sa_column=sa.Column("entry_index", BigInt, primary_key=True, autoincrement=False))
    event_index: int = Field(sa_type=BigInt)
    signer_id: str = Field(max_length=36)
    key_id: str = Field(max_length=36)
    capture_id: str = Field(max_length=36)
    position: int  # in its own capture


class Item(SQLModel, table=True):
    """A batch (EPC class at lot level), a bag or another object named by events; one row per identity."""

    __tablename__ = "item"
    id: int | None = Field(sa_column=sa.Column("id", BigInt, primary_key=True), default=None)
    key: str = Field(unique=True, max_length=500)  # the normalised identity
    uri: str = Field(max_length=500)  # the spelling first seen
    is_batch: bool


class EventItem(SQLModel, table=True):
    """An event names an item in a role, with kilograms where it states them."""

    __tablename__ = "event_item"
    __table_args__ = (sa.Index("ix_event_item_event", "event_index"), {"sqlite_with_rowid": False})
    item_id: int = Field(sa_column=sa.Column("item_id", BigInt, primary_key=True, autoincrement=False))
    event_index: int = Field(sa_column=sa.Column("event_index", BigInt, primary_key=True, autoincrement=False))
    role: str = Field(primary_key=True, max_length=8)  # observed, born, removed, input, output, parent, child
    kg: Decimal | None = Field(default=None, sa_type=Kilograms)


class BatchEdge(SQLModel, table=True):
    """A transformation made ``child_id`` out of ``parent_id``."""

    __tablename__ = "batch_edge"
    __table_args__ = (
        sa.Index("ix_batch_edge_parent", "parent_id", "child_id", "event_index"),
        {"sqlite_with_rowid": False},
    )
    child_id: int = Field(sa_column=sa.Column("child_id", BigInt, primary_key=True, autoincrement=False))
    parent_id: int = Field(sa_column=sa.Column("parent_id", BigInt, primary_key=True, autoincrement=False))
    event_index: int = Field(sa_column=sa.Column("event_index", BigInt, primary_key=True, autoincrement=False))


class Holding(SQLModel, table=True):
    """Proof that a party had a batch: it made it first, or another party's signed event names it as receiver."""

    __tablename__ = "holding"
    __table_args__ = (sa.Index("ix_holding_item", "item_id", "party_id"), {"sqlite_with_rowid": False})
    party_id: str = Field(primary_key=True, max_length=36)
    item_id: int = Field(sa_column=sa.Column("item_id", BigInt, primary_key=True, autoincrement=False))
    event_index: int = Field(sa_type=BigInt)
    made: bool = False  # it was the one to make the batch


class Handover(SQLModel, table=True):
    """Proof that a party which had a batch gave some of it to another: it names that one as receiver."""

    __tablename__ = "handover"
    __table_args__ = ({"sqlite_with_rowid": False},)
    item_id: int = Field(sa_column=sa.Column("item_id", BigInt, primary_key=True, autoincrement=False))
    giver_id: str = Field(primary_key=True, max_length=36)
    receiver_id: str = Field(primary_key=True, max_length=36)


class Incident(SQLModel, table=True):
    """A capture refused with 401 or 403, kept in the officers' quarantine; it enters no facts."""

    __tablename__ = "incident"
    id: str = Field(primary_key=True, max_length=36)
    at: datetime = Field(sa_type=UTCDateTime, index=True)
    source: str = Field(max_length=100, index=True)
    party_id: str | None = Field(default=None, max_length=36)
    actor: str | None = Field(default=None, max_length=100)
    status: int
    reason: str = Field(max_length=2000)
    media_type: str = Field(max_length=100)
    jws: str | None = Field(default=None, sa_type=sa.Text)
    body: bytes = Field(sa_type=sa.LargeBinary)


class IncidentLink(SQLModel, table=True):
    """An importer's officer linked an incident to a batch; of one importer the newest counts. Append-only."""

    __tablename__ = "incident_link"
    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(index=True, max_length=36)
    owner_id: str | None = Field(default=None, max_length=36)  # whose link it is, and who alone reads it
    batch_key: str = Field(index=True, max_length=500)
    linked_by: str = Field(max_length=100)
    linked_at: datetime = Field(sa_type=UTCDateTime)
    reason: str = Field(max_length=2000)
