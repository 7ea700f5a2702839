"""Receipts: what a sender keeps to prove inclusion offline (ledger.md 4), always for a stored checkpoint's size."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import NotFound
from traceability.ledger.encoding import b64u
from traceability.ledger.entry import Entry
from traceability.ledger.keys import PublicKey
from traceability.ledger.log_change import Rotation
from traceability.ledger.receipt import ErasedNotice, Included, Receipt, Timestamp, make_receipt
from traceability.ledger.tiles import TileTree
from traceability.services import log_keys
from traceability.services.access import Actor
from traceability.services.context import Service
from traceability.services.keys import key_history
from traceability.storage.erasures import erased
from traceability.storage.tables import (
    Capture,
    Checkpoint,
    CheckpointTimestamp,
    Cosignature,
    CounterSignature,
    Event,
    LedgerEntry,
    LedgerTile,
    LogHead,
    PartyKey,
    SecondSignature,
)

_TILE: Any = LedgerTile.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_READ_TILE = sa.select(_TILE.c.hashes).where(_TILE.c.level == sa.bindparam("lv"), _TILE.c.index == sa.bindparam("ix"))
_ENCLOSED = 20_000_000
_NEAR = 50  # cosigned, and stamped, checkpoints looked at
# Built once: making a statement anew costs as much as running it.
_NEXT = select(Checkpoint).where(col(Checkpoint.size) > sa.bindparam("index")).order_by(col(Checkpoint.size)).limit(1)
_SIGNATURES: Any = sa.union_all(  # of the log's second key, then of witnesses
    *(
        sa.select(sa.literal(place).label("place"), by.label("by"), line).where(size == sa.bindparam("size"))
        for place, by, line, size in (
            (0, col(SecondSignature.key), col(SecondSignature.line), col(SecondSignature.size)),
            (1, col(Cosignature.witness), col(Cosignature.line), col(Cosignature.size)),
        )
    )
).order_by("place", "by")


def event_receipt(service: Service, actor: Actor, index: int) -> Receipt:
    """Return the receipt of the custody event, or of the party's counter-signature of one, at a ledger index.

    The signed bytes are enclosed for the party that sent them; another party that holds the event proves it with the
    bytes it has, since the capture may hold events that are not its own.

    Raises:
        NotFound: no event stands there, or none the actor's party sent.

    """
    party_id = actor.own_party()
    with service.store.read() as session:
        signed = _signed_at(session, index)
        if signed is None or signed.signer_id != party_id:
            raise NotFound(f"no event of yours stands at ledger index {index}")
        return _build(service, session, signed)


def capture_receipts(
    service: Service, actor: Actor, capture: Capture, *, event_id: str | None = None
) -> list[tuple[str, Receipt]]:
    """Return (event id, receipt) for the events of a capture of the actor's own party, repeated ones included.

    Each receipt encloses the whole capture; where that comes to more than 20 MB they hold its hash alone, and its
    sender has the bytes. ``event_id`` asks for one event.

    Raises:
        NotFound: the capture has no such event.

    """
    wanted = [item for item in capture.events if event_id in (None, item["event_id"])]
    if not wanted and event_id is not None:
        raise NotFound(f"the capture has no event {event_id[:200]}")
    enclose = len(wanted) * len(capture.body) <= _ENCLOSED
    with service.store.read() as session:
        found: list[tuple[str, Receipt]] = []
        for item in wanted:
            signed = _signed_at(session, item["index"])
            if signed is not None and signed.signer_id == actor.party_id:
                found.append((item["event_id"], _build(service, session, signed, enclose=enclose)))
        return found


class Head(NamedTuple):
    """A stored checkpoint as it is read for an answer: a row without the machinery of records that may change."""

    size: int
    root: bytes
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Signed:
    """One signature of an event: its ledger index, the capture it came in, and whose it is."""

    index: int
    capture_id: str
    key_id: str | None
    signer_id: str | None


def _signed_at(session: Session, index: int) -> _Signed | None:
    """Return the signature at a ledger index: of an event as it was first sent, or a counter-signature."""
    event = session.get(Event, index)
    if event is not None:
        return _Signed(index, event.capture_id, event.key_id, event.signer_id)
    besides = session.get(CounterSignature, index)
    return None if besides is None else _Signed(index, besides.capture_id, besides.key_id, besides.signer_id)


def _build(service: Service, session: Session, signed: _Signed, *, enclose: bool = True) -> Receipt:
    """Put a receipt together from what is stored: entry, inclusion proof, checkpoint, and the signer's key.

    Without ``enclose`` it holds only the hash of the captured bytes.
    """
    capture = session.get_one(Capture, signed.capture_id)
    gone = notice(session, signed.index) if capture.erased_index is not None else None
    key = session.get(PartyKey, signed.key_id) if signed.key_id else None
    past = log_keys.changes(session)
    checkpoint = _checkpoint_after(session, signed.index, past)
    tree = stored_tree(service, session, checkpoint.size)
    receipt = make_receipt(
        log_key=log_keys.signer_at(service, session, checkpoint.size, past),
        checkpoint=cosigned_note(session, checkpoint),
        included=_included(session, tree, signed.index),
        body=bytes(capture.body) if enclose and gone is None else b64u(bytes.fromhex(capture.sha256)),
        jws=capture.jws,
        signer=None if key is None else _signer(session, tree, key, signed.index),
        timestamps=timestamps(session, checkpoint.size),
    )
    return replace(receipt, erased=gone, succession=log_keys.links(session, tree, past))


def entry_receipt(service: Service, index: int, *, body: bytes | None = None, jws: str | None = None) -> Receipt:
    """Return the receipt of any entry: of a key, or of sites, whose signed ``body`` and ``jws`` the caller encloses.

    Without ``body`` the receipt holds only its hash: the holder has the bytes.
    """
    with service.store.read() as session:
        past = log_keys.changes(session)
        checkpoint = _checkpoint_after(session, index, past)
        tree = stored_tree(service, session, checkpoint.size)
        included = _included(session, tree, index)
        entry, gone = Entry.parse(included.entry), notice(session, index)
        query = select(PartyKey).where(PartyKey.thumbprint == entry.key)
        key = None if entry.key is None else session.exec(query).one_or_none()
        if key is not None and index == key.added_index and entry.jws:  # it stands for the proof of possession
            body, jws = base64.b64decode(key.proof["body"]), key.proof["jws"]
        receipt = make_receipt(
            log_key=log_keys.signer_at(service, session, checkpoint.size, past),
            checkpoint=cosigned_note(session, checkpoint),
            included=included,
            body=entry.body if gone or body is None else body,
            jws=jws,
            signer=None if key is None else _signer(session, tree, key, index),
            timestamps=timestamps(session, checkpoint.size),
        )
        return replace(receipt, erased=gone, succession=log_keys.links(session, tree, past))


def notice(session: Session, index: int) -> ErasedNotice | None:
    """Return what a receipt says of a body that was erased; None where it was not."""
    found = erased(session, index)
    return None if found is None else ErasedNotice(found.erasure, found.verdict_entry, found.verdict)


def _checkpoint_after(session: Session, index: int, past: Sequence[log_keys.Changed]) -> Checkpoint:
    """Return the checkpoint to prove an entry against: a witnessed one, where there is any after it.

    Of the next ones that were cosigned or stamped it is that with the most cosignatures, then with the most tokens,
    then the smallest: so a receipt grows while witnesses and time-stamping authorities answer. Else it is the one of
    the last rotation, which the old and the new log key verify; else the first with the log's second signature; else
    the first stored one. It is always one of the origin under which the entry still counts.
    """
    low, high = log_keys.window(past, index)
    cosigned = _counted(session, Cosignature, low, high)
    stamped = _counted(session, CheckpointTimestamp, low, high)
    if cosigned or stamped:
        sizes = sorted({*cosigned, *stamped})
        best = max(sizes, key=lambda size: (cosigned.get(size, 0), stamped.get(size, 0), -size))
        return session.get_one(Checkpoint, best)
    rotated = [one.size for one in past if isinstance(one.change, Rotation) and low < one.size <= high]
    size = max(rotated, default=None) or _second_signed(session, low, high)
    if size is not None:
        return session.get_one(Checkpoint, size)
    return session.exec(_NEXT, params={"index": low}).one()


def _counted(session: Session, table: type[Cosignature | CheckpointTimestamp], low: int, high: int) -> dict[int, int]:
    """Return how many cosignatures, or tokens, are kept of each of the next sizes after ``low`` that have any."""
    size = col(table.size)
    query = select(table.size, sa.func.count()).where(size > low, size <= high).group_by(size)
    return dict(session.exec(query.order_by(size).limit(_NEAR)).all())


def _second_signed(session: Session, low: int, high: int) -> int | None:
    size = col(SecondSignature.size)
    return session.exec(select(size).where(size > low, size <= high).order_by(size).limit(1)).one_or_none()


def timestamps(session: Session, size: int) -> list[Timestamp]:
    """Return the time-stamp tokens kept of the checkpoint of a size, by authority."""
    query = select(CheckpointTimestamp).where(CheckpointTimestamp.size == size)
    rows = session.exec(query.order_by(col(CheckpointTimestamp.authority)))
    return [Timestamp(row.authority, bytes(row.token)) for row in rows]


def cosigned_note(session: Session, checkpoint: Checkpoint | Head) -> str:
    """Return a checkpoint's note with the log's second signature and the cosignatures kept of it, by their keys."""
    lines = session.connection().execute(_SIGNATURES, {"size": checkpoint.size})
    return checkpoint.note + "".join([line for _, _, line in lines])


def _signer(session: Session, tree: TileTree, key: PartyKey, index: int) -> tuple[PublicKey, str, Included]:
    if key.added_index is None:
        raise NotFound(f"the key {key.kid} has no entry in the ledger")
    state = key_history(key).state_at(index)
    return PublicKey.from_jwk(key.jwk), state, _included(session, tree, key.added_index)


def _included(session: Session, tree: TileTree, index: int) -> Included:
    entry = session.get_one(LedgerEntry, index)
    return Included(index, bytes(entry.body), tree.inclusion(index, tree.size))


def root_at(session: Session, size: int) -> bytes | None:
    """Return the root of the first ``size`` entries of the log; None where it has not so many."""
    head = session.get(LogHead, 1)
    if head is None or size > head.size:
        return None
    return TileTree(tile_reader(session), head.size).root(size)


class Leaves(NamedTuple):
    """A tile of leaf hashes that was read beside something else; None where none is stored."""

    tile: int
    hashes: bytes | None


def stored_tree(service: Service, session: Session, size: int, leaves: Leaves | None = None) -> TileTree:
    """Return the tree of the first ``size`` entries, to prove with; tiles met before are not read again."""
    read = tile_reader(session)
    if leaves is None:
        return TileTree(read, size, service.tiles)

    def read_tile(level: int, index: int) -> bytes | None:
        return leaves.hashes if (level, index) == (0, leaves.tile) else read(level, index)

    return TileTree(read_tile, size, service.tiles)


def tile_reader(session: Session) -> Callable[[int, int], bytes | None]:
    """Return the port through which a tree reads its stored tiles."""
    connection = session.connection()

    def read_tile(level: int, index: int) -> bytes | None:
        hashes = connection.execute(_READ_TILE, {"lv": level, "ix": index}).scalar_one_or_none()
        return None if hashes is None else bytes(hashes)

    return read_tile
