"""What the log shows to everybody (C2SP tlog-tiles, ledger.md 3): checkpoints, tiles, entries, and proofs about them.

The newest stored checkpoint is what is published; nothing beyond it exists for a reader. Proofs are made for the sizes
of stored checkpoints and checked before they are handed out. It is read from a replica where there is one; who knows of
``min_size`` entries is answered from a log that has them, or not at all (``Behind``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from traceability.errors import InvalidQuery, NotFound
from traceability.ledger.encoding import b64
from traceability.ledger.errors import LedgerDamaged, ProofError
from traceability.ledger.merkle import HASH_SIZE, leaf_hash, verify_consistency, verify_inclusion
from traceability.ledger.proof import LogProof
from traceability.ledger.receipt import Timestamp
from traceability.ledger.tile_paths import TilePlace, make_bundle
from traceability.ledger.tiles import TILE_WIDTH
from traceability.services import receipts
from traceability.services.context import Service
from traceability.services.receipts import Head, Leaves, cosigned_note, stored_tree
from traceability.storage.tables import Checkpoint, Cosignature, LedgerEntry, LedgerTile, SecondSignature

# Built once: making a statement anew costs as much as running it.
_HEAD: Any = Checkpoint.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_NEWEST = sa.select(_HEAD.c.size, _HEAD.c.root, _HEAD.c.note, _HEAD.c.at).order_by(_HEAD.c.size.desc()).limit(1)
_ENTRY = select(LedgerEntry.body).where(col(LedgerEntry.index) == sa.bindparam("index"))
_LEAVES = select(LedgerTile.hashes).where(col(LedgerTile.level) == 0, col(LedgerTile.index) == sa.bindparam("tile"))
_COSIGNED = sa.or_(*(sa.exists().where(table.size == _HEAD.c.size) for table in (SecondSignature, Cosignature)))
# All that most proofs need, in one statement: each further one takes as long as the hashing.
_NEWEST_AND_ENTRY = _NEWEST.add_columns(_ENTRY.scalar_subquery(), _LEAVES.scalar_subquery(), _COSIGNED)
_LARGEST = (1 << 63) - 1  # what a column of indices takes


@dataclass(frozen=True, slots=True)
class Consistency:
    """The proof that the log of checkpoint ``new`` begins with the log of checkpoint ``old``."""

    old: Head
    new: Head
    path: tuple[bytes, ...]

    def to_text(self) -> str:
        """Return it as a witness is sent it (body of add-checkpoint, C2SP tlog-witness)."""
        return "\n".join([f"old {self.old.size}", *map(b64, self.path)]) + "\n\n" + self.new.note


@dataclass(frozen=True, slots=True)
class Inclusion:
    """An entry with the proof that the log of a checkpoint holds it."""

    entry: bytes
    checkpoint: Head
    proof: LogProof


def newest(service: Service, *, min_size: int = 0) -> Head:
    """Return the published checkpoint.

    Raises:
        NotFound: nothing has been recorded yet.

    """
    with service.store.read_published(min_size) as session:
        return _newest(session)


def checkpoint(service: Service, size: int, *, min_size: int = 0) -> Head:
    """Return the checkpoint that was signed at a size.

    Raises:
        NotFound: none was.

    """
    with service.store.read_published(min_size) as session:
        return _at(session, size)


def signed_note(service: Service, found: Head | Checkpoint) -> str:
    """Return a checkpoint's note with every signature kept of it: the log's own, its second one, and of witnesses."""
    with service.store.read() as session:
        return cosigned_note(session, found)


def timestamps(service: Service, size: int) -> list[Timestamp]:
    """Return the time-stamp tokens kept of the checkpoint of a size."""
    with service.store.read() as session:
        return receipts.timestamps(session, size)


def resource(service: Service, place: TilePlace, *, min_size: int = 0) -> bytes:
    """Return the bytes of a tile or entry bundle.

    Raises:
        NotFound: the published checkpoint does not reach so far.
        LedgerDamaged: what is stored there is missing or too short.

    """
    with service.store.read_published(min_size) as session:
        return read_resource(session, place, _newest(session).size)


def read_resource(session: Session, place: TilePlace, size: int) -> bytes:
    """Return the bytes of a tile or entry bundle of a log of ``size`` entries; raises as ``resource``."""
    if not place.exists_at(size):
        raise NotFound(f"the log has {size} entries; there is no {place.path} yet")
    return _hashes(session, place.level, place) if place.level is not None else _bundle(session, place)


def _hashes(session: Session, level: int, place: TilePlace) -> bytes:
    tile = session.get(LedgerTile, (level, place.index))
    hashes = b"" if tile is None else bytes(tile.hashes)
    if len(hashes) < place.width * HASH_SIZE:
        raise LedgerDamaged(f"{place.path}: expected {place.width} hashes; {len(hashes)} bytes are stored")
    return hashes[: place.width * HASH_SIZE]


def _bundle(session: Session, place: TilePlace) -> bytes:
    first = place.index * TILE_WIDTH
    wanted = col(LedgerEntry.index).between(first, first + place.width - 1)
    bodies = session.exec(select(LedgerEntry.body).where(wanted).order_by(col(LedgerEntry.index))).all()
    if len(bodies) != place.width:
        raise LedgerDamaged(f"{place.path}: expected {place.width} entries; {len(bodies)} are stored")
    return make_bundle(map(bytes, bodies))


def consistency(service: Service, old: int, new: int | None = None, *, min_size: int = 0) -> Consistency:
    """Return the proof between two stored sizes, the newest where ``new`` is not given.

    Raises:
        InvalidQuery: not 0 < old <= new; a proof from size 0 would prove nothing.
        NotFound: no checkpoint was signed at one of the sizes.
        LedgerDamaged: the stored tiles do not prove it.

    """
    with service.store.read_published(min_size) as session:
        later = _newest(session) if new is None else _at(session, new)
        if not 0 < old <= later.size:
            raise InvalidQuery(f"expected 0 < from <= to; got from {old} to {later.size}")
        earlier = _at(session, old)
        path = stored_tree(service, session, later.size).consistency(old, later.size)
        _prove(lambda: verify_consistency(old, bytes(earlier.root), later.size, bytes(later.root), path))
        return Consistency(earlier, later, tuple(path))


def inclusion(service: Service, index: int, size: int | None = None, *, min_size: int = 0) -> Inclusion:
    """Return an entry with its proof for a stored size, the newest where none is given.

    Raises:
        InvalidQuery: the index is not below the size.
        NotFound: no checkpoint was signed at the size.
        LedgerDamaged: the stored tiles and entries do not prove it.

    """
    with service.store.read_published(min_size) as session:
        head, stored, leaves, cosigned = _with_entry(session, index, size)
        if not 0 <= index < head.size:
            raise InvalidQuery(f"expected an index from 0 to {head.size - 1}; got {index}")
        if stored is None:
            raise LedgerDamaged(f"entry {index} is missing")
        entry = bytes(stored)
        path = stored_tree(service, session, head.size, leaves).inclusion(index, head.size)
        _prove(lambda: verify_inclusion(leaf_hash(entry), index, head.size, path, bytes(head.root)))
        note = cosigned_note(session, head) if cosigned else head.note
        return Inclusion(entry, head, LogProof(index, tuple(path), note))


def _newest(session: Session) -> Head:
    found = session.connection().execute(_NEWEST).one_or_none()
    if found is None:
        raise NotFound("nothing has been recorded yet, so there is no checkpoint")
    return Head(*found)


class _Found(NamedTuple):
    """What a proof is made from: an entry, None where none is there; the tile of its leaf, if it was read already."""

    head: Head
    entry: bytes | None
    leaves: Leaves | None = None
    cosigned: bool = True  # others than the log's own key may have signed the head


def _with_entry(session: Session, index: int, size: int | None) -> _Found:
    """Return a checkpoint, the newest where no size is given, and the entry at an index."""
    place = min(max(index, -1), _LARGEST)
    tile, connection = place // TILE_WIDTH, session.connection()
    if size is not None:
        return _Found(_at(session, size), connection.execute(_ENTRY, {"index": place}).scalar_one_or_none())
    found = connection.execute(_NEWEST_AND_ENTRY, {"index": place, "tile": tile}).one_or_none()
    if found is None:
        return _Found(_newest(session), None)  # raises: there is none
    entry, hashes, cosigned = found[4:]
    return _Found(Head(*found[:4]), entry, Leaves(tile, hashes), bool(cosigned))


def _at(session: Session, size: int) -> Head:
    found = session.get(Checkpoint, size) if 0 < size <= _newest(session).size else None
    if found is None:
        raise NotFound(f"no checkpoint was signed at size {size}; receipts and /ledger/checkpoint name those that were")
    return Head(found.size, bytes(found.root), found.note, found.at)


def _prove(check: Callable[[], None]) -> None:
    try:
        check()
    except ProofError as error:  # ours to mend: the reader asked for nothing wrong
        raise LedgerDamaged(f"the stored tiles do not give the signed root: {error.detail}") from error
