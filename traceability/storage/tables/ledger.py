"""The ledger as stored: entries, tiles, the one head row, checkpoints (ledger.md 3 and 9)."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from traceability.storage.types import BigInt, UTCDateTime


class LedgerEntry(SQLModel, table=True):
    """One leaf of the Merkle log: the exact preimage bytes, hashes and codes only."""

    __tablename__ = "ledger_entry"
    index: int = Field(sa_column=sa.Column("index", BigInt, primary_key=True, autoincrement=False))
    kind: str = Field(max_length=20, index=True)
    body: bytes = Field(sa_type=sa.LargeBinary)


class LedgerTile(SQLModel, table=True):
    """Up to 256 hashes of one level (C2SP tlog-tiles); the tile at the right edge grows, a full one never changes."""

    __tablename__ = "ledger_tile"
    level: int = Field(primary_key=True)
    index: int = Field(sa_column=sa.Column("index", BigInt, primary_key=True, autoincrement=False))
    hashes: bytes = Field(sa_type=sa.LargeBinary)


class LogHead(SQLModel, table=True):
    """The one row every append locks and moves by compare-and-swap."""

    __tablename__ = "log_head"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int = Field(sa_type=BigInt)
    root: bytes = Field(sa_type=sa.LargeBinary)
    at: datetime = Field(sa_type=UTCDateTime)
    key: str | None = Field(default=None, sa_type=sa.Text)  # verifier key that signs; None: the log's first


class LogChange(SQLModel, table=True):
    """The record that an entry key-rotate or origin-change of the log itself stands for (its exact bytes)."""

    __tablename__ = "log_change"
    entry_index: int = Field(sa_column=sa.Column("entry_index", BigInt, primary_key=True, autoincrement=False))
    record: bytes = Field(sa_type=sa.LargeBinary)


class Checkpoint(SQLModel, table=True):
    """A signed head; its size is unique, so two heads of one size cannot exist."""

    __tablename__ = "checkpoint"
    size: int = Field(sa_column=sa.Column("size", BigInt, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_type=sa.LargeBinary)
    note: str = Field(sa_type=sa.Text)
    at: datetime = Field(sa_type=UTCDateTime)


class SecondSignature(SQLModel, table=True):
    """The log's signature line by its second key, ML-DSA-44, on the checkpoint of a size (C2SP tlog-cosignature)."""

    __tablename__ = "second_signature"
    size: int = Field(sa_column=sa.Column("size", BigInt, primary_key=True, autoincrement=False))
    key: str = Field(primary_key=True, max_length=2_500)  # its verifier key; two at a rotation
    line: str = Field(sa_type=sa.Text)
    at: datetime = Field(sa_type=UTCDateTime)  # when it was made, as it says


class Cosignature(SQLModel, table=True):
    """A witness's signature line on the checkpoint of a size (C2SP tlog-cosignature)."""

    __tablename__ = "cosignature"
    size: int = Field(sa_column=sa.Column("size", BigInt, primary_key=True, autoincrement=False))
    witness: str = Field(
        primary_key=True, max_length=2_500
    )  # its verifier key, name+hash+key; of ML-DSA-44 about 1 800
    line: str = Field(sa_type=sa.Text)
    at: datetime = Field(sa_type=UTCDateTime)  # the witness's time


class PackHead(SQLModel, table=True):
    """The head as the first evidence pack of a size showed it: what witnesses say later is not in the next one."""

    __tablename__ = "pack_head"
    size: int = Field(sa_column=sa.Column("size", BigInt, primary_key=True, autoincrement=False))
    note: str = Field(sa_type=sa.Text)
    timestamps: str = Field(sa_type=sa.Text)  # the file of the pack, JSON lines


class CheckpointTimestamp(SQLModel, table=True):
    """An authority's time-stamp token (RFC 3161) over the note of the checkpoint of a size; never changed."""

    __tablename__ = "checkpoint_timestamp"
    size: int = Field(sa_column=sa.Column("size", BigInt, primary_key=True, autoincrement=False))
    authority: str = Field(primary_key=True, max_length=100)  # its name in the operator's file
    token: bytes = Field(sa_type=sa.LargeBinary)  # DER of the TimeStampToken
    at: datetime = Field(sa_type=UTCDateTime)  # the authority's time, as the token says it
    received_at: datetime = Field(sa_type=UTCDateTime)  # ours
