"""Appending to the Merkle log inside a write transaction (ledger.md 3).

The head row is locked first and moved by compare-and-swap; what is about to be signed is re-read and re-hashed; after
any error the in-memory tree is thrown away, so that nothing can be signed that was not stored.
"""

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from traceability.errors import Conflict, TraceabilityError, Unavailable
from traceability.ledger.checkpoint import Checkpoint, LogKey, sign_checkpoint, verify_checkpoint
from traceability.ledger.entry import Entry
from traceability.ledger.merkle import leaf_hash
from traceability.ledger.tiles import TileTree
from traceability.storage import tables as t
from traceability.storage.audits import Audits
from traceability.storage.clock_watch import ClockWatch
from traceability.storage.contradictions import Contradictions
from traceability.storage.heads import Heads
from traceability.storage.log_keys import LogKeys
from traceability.storage.quarantine import Quarantined, compare
from traceability.storage.rows import insert_rows

_ENTRY: Any = t.LedgerEntry.__table__  # type: ignore[attr-defined]  # SQLModel tables carry it, its types do not say so
_TILE: Any = t.LedgerTile.__table__  # type: ignore[attr-defined]
_HEAD: Any = t.LogHead.__table__  # type: ignore[attr-defined]
_CHECKPOINT: Any = t.Checkpoint.__table__  # type: ignore[attr-defined]
_SAMPLE = 3
# Built once: on the hot path making a statement anew costs as much as running it.
_READ_HEAD = sa.select(_HEAD.c.size, _HEAD.c.root, _HEAD.c.at, _HEAD.c.key).where(_HEAD.c.id == 1).with_for_update()
_SEE_HEAD = sa.select(_HEAD.c.size, _HEAD.c.root, _HEAD.c.at, _HEAD.c.key).where(_HEAD.c.id == 1)
_SEE_NOTE = sa.select(_CHECKPOINT.c.note).where(_CHECKPOINT.c.size == sa.bindparam("size"))
_READ_TILE = sa.select(_TILE.c.hashes).where(_TILE.c.level == sa.bindparam("lv"), _TILE.c.index == sa.bindparam("ix"))
_DROP_TILE = sa.delete(_TILE).where(_TILE.c.level == sa.bindparam("lv"), _TILE.c.index == sa.bindparam("ix"))
_READ_BACK = sa.select(_ENTRY.c.index, _ENTRY.c.body).where(_ENTRY.c.index.in_(sa.bindparam("places", expanding=True)))
_MOVE_HEAD = sa.update(_HEAD).where(
    _HEAD.c.id == 1, _HEAD.c.size == sa.bindparam("old_size"), _HEAD.c.root == sa.bindparam("old_root")
)
_ADD_ENTRY, _ADD_TILE, _ADD_CHECKPOINT = sa.insert(_ENTRY), sa.insert(_TILE), sa.insert(_CHECKPOINT)

T = TypeVar("T")
Mark = tuple[int, datetime | None, bool, LogKey | None]


class LedgerInconsistent(TraceabilityError):
    """What is stored does not give the head that was signed; writing stops until an operator has looked."""

    status = 503


class Log:
    """The writer's view of the log: one per process, used by one thread at a time.

    Args:
        key: signs the checkpoints; of several, the one that the head row names.
        origin: the log's name.
        heads: the checkpoints remembered beside the database; before the first write it is compared with them.
        watch: tells whether the clock may be believed; asked before anything is recorded.
        told: what audits found and witnesses said; where one of them names a problem, nothing is written.
        compared: it was, and an operator has decided that it is written all the same.

    """

    def __init__(
        self,
        key: LogKey | LogKeys,
        origin: str,
        heads: Heads | None = None,
        watch: ClockWatch | None = None,
        told: Sequence[Audits | Contradictions] = (),
        *,
        compared: bool = False,
    ) -> None:
        self._keys = key
        self._key: LogKey | None = None
        self._next: LogKey | None = None
        self._origin = origin
        self._heads = heads
        self._watch = watch
        self._told = told
        self._decided = compared or heads is None
        self._compared = self._decided
        self._known: Checkpoint | None = None
        self._signed: str | None = None
        self._quarantine: str | None = None
        self._tree: TileTree | None = None
        self._root = b""
        self._last: datetime | None = None
        self._locked = False
        self._connection: Connection | None = None
        self._pending: list[tuple[str, bytes]] = []

    @property
    def quarantine(self) -> str | None:
        """Return why nothing is written: the log is behind or forked, an audit or a quorum of witnesses says so."""
        return self._quarantine or next(filter(None, (one.problem() for one in self._told)), None)

    def begin(self, connection: Connection) -> None:
        """Start a transaction; the head row is locked at the first append.

        Raises:
            Quarantined: the database is not the newest state of its log, found at the first transaction, for good; or
                an audit has found a problem.
            LedgerInconsistent: the head is not what the tiles give, or another key has signed it.
            ClockRefused: the clock is outside its tolerance; at the first transaction, and at each that locks the head.

        """
        self._connection = connection
        self._pending = []
        self._locked = False
        self._signed = self._next = None
        refusal = self.quarantine
        if refusal is not None:
            raise Quarantined(refusal)
        if not self._compared:
            self._compare(connection)

    def committed(self) -> None:
        """Remember the checkpoint of the transaction that has just become durable."""
        if self._signed is None:
            return
        self._known = Checkpoint(self._origin, self._size(), self._root)
        if self._heads is not None:
            self._heads.remember(self._signed)

    def append(self, entry: Entry) -> int:
        """Add an entry and return its index; it counts once the transaction has committed."""
        self._lock()
        self._pending.append((entry.kind, entry.to_bytes()))
        return self._size() + len(self._pending) - 1

    def moment(self, now: datetime) -> datetime:
        """Return ``now`` in milliseconds, or the last entry's moment where the clock went back: it is monotone.

        Raises:
            ClockRefused: the clock is outside its tolerance.

        """
        self._lock()
        if self._watch is not None:
            self._watch.check(self._last)  # after the moment was read, so that no jump comes in between
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._last = now if self._last is None else max(now, self._last)
        return self._last

    def root_at(self, size: int) -> bytes | None:
        """Return the root of the first ``size`` committed entries; None where there are not so many."""
        self._lock()
        tree = self._loaded()
        return tree.root(size) if size <= tree.size else None

    def active_key(self) -> LogKey:
        """Return the key that signs, as the head row says now that it is locked.

        Raises:
            Unavailable: its file is not here, or the log goes on under another origin.

        """
        self._lock()
        if self._key is None:
            raise LedgerInconsistent("the ledger was not loaded before it is signed")
        return self._key

    def rotate(self, key: LogKey) -> None:
        """Have this commit's checkpoint signed by the active key and by ``key``, each later one by ``key`` alone.

        A key of another origin signs alone at once: it opens the log of that name.

        Raises:
            Conflict: another use case of this commit has put a key in place; both would follow the same one.

        """
        self._lock()
        if self._next is not None:
            raise Conflict(
                f"another rotation came first: the log is signed by {self._next.vkey} now. Nothing was changed"
            )
        self._next = key

    def mark(self) -> Mark:
        """Return a place to come back to."""
        return len(self._pending), self._last, self._locked, self._next

    def back_to(self, mark: Mark) -> None:
        """Forget what was appended after ``mark``; PostgreSQL lets go of locks taken in a savepoint it rolls back."""
        del self._pending[mark[0] :]
        self._last, self._locked, self._next = mark[1:]

    def finish(self) -> None:
        """Store the pending entries, the tiles, the head and a signed checkpoint of the last entry's moment."""
        if not self._pending:
            return
        connection, tree = self._bound(), self._loaded()
        old_size, old_root = tree.size, self._root
        tree.append([leaf_hash(body) for _, body in self._pending])
        insert_rows(
            connection,
            _ADD_ENTRY,
            [{"index": old_size + n, "kind": kind, "body": body} for n, (kind, body) in enumerate(self._pending)],
        )
        self._write_tiles(connection, tree)
        root = tree.root()
        self._verify(connection, tree, root, old_size)
        at = Entry.parse(self._pending[-1][1]).received_at  # so that the entries alone give it again
        named = {} if self._next is None else {"key": self._next.vkey}
        moved = connection.execute(
            _MOVE_HEAD.values(size=tree.size, root=root, at=at, **named), {"old_size": old_size, "old_root": old_root}
        )
        if moved.rowcount != 1:
            raise LedgerInconsistent("the head of the ledger moved under this transaction; nothing was written")
        note = self._sign(tree.size, root)
        connection.execute(_ADD_CHECKPOINT, {"size": tree.size, "root": root, "note": note, "at": at})
        tree.saved()
        self._root, self._signed = root, note

    def _sign(self, size: int, root: bytes) -> str:
        active = self.active_key()
        if self._next is None:
            return sign_checkpoint(Checkpoint(self._origin, size, root), active)
        keys = [active, self._next] if self._next.name == self._origin else [self._next]
        return sign_checkpoint(Checkpoint(self._next.name, size, root), *keys)

    def forget(self) -> None:
        """Drop the in-memory tree; the next append reloads it from the database, and compares it once more.

        After whatever failed, another copy may be in the database's place.
        """
        self._tree = None
        self._compared = self._decided
        self._pending = []
        self._connection = None

    def _compare(self, connection: Connection) -> None:
        """Compare the head, computed again from the stored tiles, with what was signed and what is remembered."""
        # Before the head is read: what is remembered was committed by then, by whichever process.
        heads = self._remembered(Heads.remembered)
        row = connection.execute(_SEE_HEAD).one_or_none()
        if row is None:
            return  # no ledger yet; the first append says so
        key = self._named(row.key)
        tree = TileTree(self._read_tile, row.size)
        if tree.root() != bytes(row.root):
            raise LedgerInconsistent("the stored tiles do not give the stored root; see docs/operator.md")
        self._require(tree, heads or [])
        self._check_signed(connection, row.size, bytes(row.root), key)
        self._check_clock(row.size, row.at)
        self._compared = True

    def _named(self, vkey: str | None) -> LogKey:
        """Return the key that the head row names.

        Raises:
            Unavailable: its file is not here, or it is of another origin than the settings name.

        """
        origin = self._origin if vkey is None else vkey.partition("+")[0]
        if origin != self._origin:
            told = f"this log goes on as {origin}, and the settings name it {self._origin}"
            raise Unavailable(f"{told}: set TRACEABILITY_LOG_ORIGIN={origin} (see docs/operator.md)")
        return self._keys.active(vkey) if isinstance(self._keys, LogKeys) else self._keys

    def _check_signed(self, connection: Connection, size: int, root: bytes, key: LogKey) -> None:
        """Check that this log's key has signed the head: with another one, the log would go on under a stranger's."""
        note = connection.execute(_SEE_NOTE, {"size": size}).scalar_one_or_none() if size else None
        try:
            signed = verify_checkpoint(note, [key.verifier])[0].root if note is not None else None
        except TraceabilityError as error:
            told = f"the newest checkpoint is not signed by the log key here ({error.detail}); is this its STATE_DIR?"
            raise LedgerInconsistent(told) from error
        if size and signed != root:
            raise LedgerInconsistent("no checkpoint signs the stored head; see docs/operator.md")

    def _lock(self) -> None:
        if self._locked:
            return
        connection = self._bound()
        row = connection.execute(_READ_HEAD).one_or_none()
        if row is None:
            raise Unavailable("the database has no ledger yet; run `traceability migrate`")
        self._check_clock(row.size, row.at)
        self._key = self._named(row.key)
        if self._tree is None or self._tree.size != row.size or self._root != row.root:
            self._reload(row.size, row.root, self._key)
        self._last = row.at if self._last is None else max(self._last, row.at)
        self._locked = True

    @property
    def clock_alarm(self) -> str | None:
        """Return why the clock is not believed; None while it is."""
        return None if self._watch is None else self._watch.alarm

    def _check_clock(self, size: int, at: datetime) -> None:
        if self._watch is not None:
            self._watch.check(at if size else None)

    def _reload(self, size: int, root: bytes, key: LogKey) -> None:
        tree = TileTree(self._read_tile, size)
        if tree.root() != bytes(root):
            raise LedgerInconsistent("the stored tiles do not give the stored root; see docs/operator.md")
        self._require(tree, self._expected())
        self._check_signed(self._bound(), size, bytes(root), key)
        self._tree, self._root = tree, bytes(root)
        self._known = Checkpoint(self._origin, size, self._root)

    def _expected(self) -> list[Checkpoint]:
        """Return what the head that is locked has to continue: what this process left, and any process last signed.

        The database may have been put back, or a replica promoted, under a service that runs.
        """
        newest = None if self._decided else self._remembered(Heads.newest)
        return [head for head in (self._known, newest) if head is not None]

    def _remembered(self, read: Callable[[Heads], T]) -> T | None:
        try:
            return None if self._heads is None else read(self._heads)
        except OSError as error:
            raise Unavailable(
                f"the remembered checkpoints cannot be read ({error.strerror}); nothing is written"
            ) from error

    def _require(self, tree: TileTree, heads: Sequence[Checkpoint]) -> None:
        try:
            compare(tree, heads)
        except Quarantined as refusal:
            self._quarantine = refusal.detail
            raise

    def _read_tile(self, level: int, index: int) -> bytes | None:
        found = self._bound().execute(_READ_TILE, {"lv": level, "ix": index}).scalar_one_or_none()
        return None if found is None else bytes(found)

    def _write_tiles(self, connection: Connection, tree: TileTree) -> None:
        changed = sorted(tree.changed().items())
        connection.execute(_DROP_TILE, [{"lv": level, "ix": index} for (level, index), _ in changed])
        connection.execute(
            _ADD_TILE, [{"level": level, "index": index, "hashes": data} for (level, index), data in changed]
        )

    def _verify(self, connection: Connection, tree: TileTree, root: bytes, first: int) -> None:
        """Re-read and re-hash a sample of what was just written before it is signed."""
        indices = sorted({tree.size - 1, *(random.randrange(first, tree.size) for _ in range(_SAMPLE))})  # noqa: S311  # a sample needs no secrecy
        stored = connection.execute(_READ_BACK, {"places": indices})
        read_back = {int(place): bytes(body) for place, body in stored}
        expected = {first + n: body for n, (_, body) in enumerate(self._pending)}
        if read_back != {index: expected[index] for index in indices}:
            raise LedgerInconsistent("an entry read back differs from the one written; nothing was signed")
        if TileTree(self._read_tile, tree.size).root() != root:
            raise LedgerInconsistent("the right edge read back differs from the one written; nothing was signed")

    def _size(self) -> int:
        return self._loaded().size

    def _loaded(self) -> TileTree:
        if self._tree is None:
            raise LedgerInconsistent("the ledger was not loaded before an append")
        return self._tree

    def _bound(self) -> Connection:
        if self._connection is None:
            raise LedgerInconsistent("the ledger was used outside a write transaction")
        return self._connection
