"""The log itself: entries against tiles, and both against every checkpoint that was ever signed (RFC 6962, C2SP).

Two trees grow while the pages are read: one from the entries, and, only where the stored leaves differ from them, one
from the stored tiles. The next signed root says which of the two was changed.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection

from traceability.errors import TraceabilityError
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.entry import KINDS
from traceability.ledger.merkle import EMPTY_ROOT, HASH_SIZE, leaf_hash
from traceability.ledger.note import VerifierKey
from traceability.ledger.tiles import TILE_HEIGHT, TILE_WIDTH, TileCache, TileTree
from traceability.services.fsck.report import Report

_PAGE = 40 * TILE_WIDTH
_NOTHING = bytes(HASH_SIZE)
# Without types: what is stored may be anything once somebody has changed it.
_ENTRIES = sa.text('SELECT "index", kind, body FROM ledger_entry WHERE "index" >= :a AND "index" < :b ORDER BY "index"')
_TILES = sa.text('SELECT "index", hashes FROM ledger_tile WHERE level = :l AND "index" >= :a AND "index" < :b')
_NOTES = sa.text("SELECT size, root, note FROM checkpoint WHERE size > :a AND size <= :b ORDER BY size")
_DOWN = sa.text("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 20 OFFSET :skip")
_BEYOND = sa.text('SELECT count(*), min("index") FROM ledger_entry WHERE "index" < 0 OR "index" >= :size')
_LEVELS = sa.text('SELECT level, count(*), min("index"), max("index") FROM ledger_tile GROUP BY level ORDER BY level')
_OTHER_NOTES = sa.text("SELECT size FROM checkpoint WHERE size < 1 OR size > :size ORDER BY size LIMIT 20")
_HEAD = sa.text("SELECT id, size, root FROM log_head")
_STANDS = sa.text("SELECT size, root FROM checkpoint WHERE size <= :most ORDER BY size DESC LIMIT 1")


def check_log(connection: Connection, keys: Sequence[VerifierKey], report: Report) -> None:
    """Check entries, tiles, checkpoints and head; what is wrong is added to the report.

    Args:
        connection: on one snapshot.
        keys: every key that has signed checkpoints of this log; at least one.
        report: is added to.

    """
    signed = newest_signed(connection, keys)
    size = report.entries = signed.size
    walk = _Walk(connection, keys, report, size)
    for start in range(0, size, _PAGE):
        walk.page(start, min(size, start + _PAGE))
    walk.finish()
    _check_beyond(connection, size, report)
    check_head(connection, signed, report)


def what_stands(connection: Connection, report: Report) -> tuple[int, bytes] | None:
    """Return the largest checkpoint below the first bad index: a bad one has an index below its own size."""
    first = report.entries if report.first is None or report.first.index is None else report.first.index
    row = connection.execute(_STANDS, {"most": first}).one_or_none()
    return None if row is None else (int(row.size), _bytes(row.root))


def entry_bytes(connection: Connection, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the stored entries of a range, by index."""
    for index, _, body in connection.execute(_ENTRIES, {"a": start, "b": end}):
        yield index, _bytes(body)


def tile_bytes(connection: Connection, level: int, index: int) -> bytes | None:
    """Return a stored tile."""
    found = connection.execute(_TILES, {"l": level, "a": index, "b": index + 1}).all()
    return _bytes(found[0].hashes) if found else None


def newest_signed(connection: Connection, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Return the largest checkpoint whose signature holds, as it was signed; an empty one where there is none."""
    skip = 0
    while found := connection.execute(_DOWN, {"skip": skip}).all():
        signed = [one for row in found if (one := _verified(row, keys)) is not None]
        if signed:
            return max(signed, key=lambda one: one.size)
        skip += len(found)
    return Checkpoint(keys[0].name, 0, EMPTY_ROOT)


def _verified(row: Any, keys: Sequence[VerifierKey]) -> Checkpoint | None:
    try:
        return verify_checkpoint(str(row.note), keys)[0]
    except TraceabilityError:
        return None


@dataclass(slots=True)
class _Doubt:
    """Where entries and stored leaves differ since the last root that decided between them."""

    tree: TileTree
    """What the stored leaves give."""
    places: list[int] = field(default_factory=list)
    more: int = 0

    def note(self, index: int) -> None:
        if len(self.places) < TILE_WIDTH:
            self.places.append(index)
        else:
            self.more += 1


class _Walk:
    """One pass over the log from its first entry to its last."""

    def __init__(self, connection: Connection, keys: Sequence[VerifierKey], report: Report, size: int) -> None:
        self._connection, self._keys, self._report, self._size = connection, keys, report, size
        self.tree = TileTree(lambda _level, _index: None, cache=TileCache(0))
        self._doubt: _Doubt | None = None
        self._held = 0  # the largest size whose signed root came out
        self._unheld: list[int] = []  # sizes since then whose signed root did not

    def page(self, start: int, end: int) -> None:
        """Check entries ``start`` to ``end``, whole tiles but the last."""
        leaves = self._leaves(start, end)
        tiles = self._stored(0, start // TILE_WIDTH, -(-end // TILE_WIDTH))
        notes = self._notes(start, end)
        for at in range(start, end, TILE_WIDTH):
            width = min(TILE_WIDTH, end - at)
            self._tile(at, leaves[at - start : at - start + width], tiles.get(at // TILE_WIDTH), notes)
        self._check_above()
        self._report.saw("ledger_entry", end - start)

    def finish(self) -> None:
        """Say what no signed root has decided, and check the tiles at the right edge."""
        self._tell_doubt("the entry and its leaf in the tile differ, and neither gives a signed root")
        if self._unheld:
            first = self._unheld[0]
            told = f"the entries {self._held} to {first - 1} do not give the root that was signed at {first}"
            more = len(self._unheld) - 1
            self._report.add("ledger_entry", self._held, f"{told}, nor is that of {more} later checkpoints reached")
            return  # what the tiles above should be, nobody can say then
        for (level, index), hashes in self.tree.edge().items():
            if level:
                self._same_tile(level, index, hashes)

    def _leaves(self, start: int, end: int) -> list[bytes | None]:
        leaves: list[bytes | None] = [None] * (end - start)
        for index, kind, body in self._connection.execute(_ENTRIES, {"a": start, "b": end}):
            data = _bytes(body)
            leaves[index - start] = leaf_hash(data)
            is_said = kind in KINDS and f'"kind":"{kind}"'.encode() in data  # as entries are written; most are
            if not is_said and _member(data, "kind") not in (kind, None):
                self._report.add("ledger_entry", index, f"the column kind says {kind!r}; the entry says otherwise")
        return leaves

    def _stored(self, level: int, start: int, end: int) -> dict[int, Any]:
        found = self._connection.execute(_TILES, {"l": level, "a": start, "b": end})
        return {int(index): hashes for index, hashes in found}

    def _notes(self, start: int, end: int) -> list[Any]:
        found = self._connection.execute(_NOTES, {"a": start, "b": end}).all()
        self._report.saw("checkpoint", len(found))
        return list(found)

    def _tile(self, at: int, leaves: Sequence[bytes | None], stored: Any, notes: Sequence[Any]) -> None:
        """Compare the leaves of a tile's entries with the stored ones, and let the trees grow up to each checkpoint."""
        kept = self._kept(at, len(leaves), stored)
        done = 0
        for row in (row for row in notes if at < row.size <= at + len(leaves)):
            self._grow(at + done, leaves[done : row.size - at], kept[done : row.size - at])
            done = row.size - at
            self._checkpoint(row)
        self._grow(at + done, leaves[done:], kept[done:])

    def _kept(self, at: int, width: int, stored: Any) -> list[bytes | None]:
        """Return the stored leaves of a tile; none of one too short, since nobody knows which are missing."""
        told = b"" if stored is None else _bytes(stored)
        have, wanted = len(told), width * HASH_SIZE
        if have != wanted:
            said = "is missing" if stored is None else f"holds {have} bytes"
            what = f"tile {at // TILE_WIDTH} of level 0 {said}; {width} hashes are signed"
            self._report.add("ledger_tile", at + width if have > wanted else at, what)
        if have < wanted:
            return [None] * width
        return [told[n * HASH_SIZE : (n + 1) * HASH_SIZE] for n in range(width)]

    def _grow(self, at: int, leaves: Sequence[bytes | None], kept: Sequence[bytes | None]) -> None:
        """Let both trees grow by leaves under one checkpoint; where one side has none, the other's stands for it."""
        from_entries: list[bytes] = []
        from_tile: list[bytes] = []
        for n, (entry, leaf) in enumerate(zip(leaves, kept, strict=True)):
            if entry is None:
                self._report.add("ledger_entry", at + n, "the entry is missing")
            elif leaf is not None and entry != leaf:
                self._doubted().note(at + n)
            from_entries.append(entry or leaf or _NOTHING)
            from_tile.append(leaf or entry or _NOTHING)
        self.tree.append(from_entries)
        if self._doubt is not None:
            self._doubt.tree.append(from_tile)

    def _doubted(self) -> _Doubt:
        if self._doubt is None:
            self._doubt = _Doubt(copy.deepcopy(self.tree))
        return self._doubt

    def _checkpoint(self, row: Any) -> None:
        try:
            signed = verify_checkpoint(str(row.note), self._keys)[0]
        except TraceabilityError as error:
            self._report.add("checkpoint", row.size - 1, f"the checkpoint of size {row.size}: {error.detail}")
            return
        if (signed.size, signed.root) != (row.size, _bytes(row.root)):
            self._report.add(
                "checkpoint", row.size - 1, f"the row of size {row.size} says otherwise than its signed note"
            )
        if signed.size == row.size:
            self._decide(signed.size, signed.root)

    def _decide(self, size: int, root: bytes) -> None:
        """Let a signed root decide between the sides; without doubt it only has to come out."""
        if self.tree.root() == root:
            self._tell_doubt("the tile holds another hash than the entry gives", table="ledger_tile")
        elif self._doubt is not None and self._doubt.tree.root() == root:
            self.tree = self._doubt.tree
            self._tell_doubt("the entry was changed: it does not give the leaf that was signed")
        else:
            self._unheld.append(size)
            return
        for earlier in self._unheld:
            self._report.add("checkpoint", earlier - 1, f"the root signed at {earlier} is not one of this log: a fork")
        self._unheld, self._held = [], size

    def _tell_doubt(self, what: str, *, table: str = "ledger_entry") -> None:
        doubt, self._doubt = self._doubt, None
        if doubt is None:
            return
        for index in doubt.places:
            self._report.add(table, index, what)
        if doubt.more:
            self._report.add(table, doubt.places[-1] + 1, f"{what} ({doubt.more} further entries)")

    def _check_above(self) -> None:
        """Check the full tiles above level 0 that this page completed; while in doubt nobody can say what they are."""
        changed = {} if self._doubt is not None or self._unheld else self.tree.changed()
        self.tree.saved()
        if self._doubt is not None:
            self._doubt.tree.saved()
        for (level, index), hashes in changed.items():
            if level and len(hashes) == TILE_WIDTH * HASH_SIZE:
                self._same_tile(level, index, hashes)

    def _same_tile(self, level: int, index: int, hashes: bytes) -> None:
        found = self._stored(level, index, index + 1).get(index)
        self._report.saw("ledger_tile")
        if found is None or _bytes(found) != hashes:
            first = index << (TILE_HEIGHT * (level + 1))
            have = "is missing" if found is None else "is not what the entries below it give"
            self._report.add("ledger_tile", first, f"tile {index} of level {level} {have}")


def _check_beyond(connection: Connection, size: int, report: Report) -> None:
    count, first = connection.execute(_BEYOND, {"size": size}).one()
    if count:
        what = f"{count} entries stand outside the {size} that a checkpoint signs; the first is {first}"
        report.add("ledger_entry", max(int(first), 0), what)
    for (other,) in connection.execute(_OTHER_NOTES, {"size": size}):
        report.add("checkpoint", size, f"a checkpoint of size {other} is stored; the largest signed is {size}")
    levels = {int(row[0]): row for row in connection.execute(_LEVELS)}
    for level, (_, have, lowest, highest) in levels.items():
        wanted = -(-(size >> (TILE_HEIGHT * level)) // TILE_WIDTH) if level >= 0 else 0
        if have != wanted or (wanted and (lowest, highest) != (0, wanted - 1)):
            told = f"level {level} has {have} tiles from {lowest} to {highest}; {wanted} are expected"
            report.add("ledger_tile", size, told)


def check_head(connection: Connection, signed: Checkpoint, report: Report) -> None:
    """Check that the one head row says what the newest checkpoint signs."""
    found = connection.execute(_HEAD).all()
    report.saw("log_head", len(found))
    if [(row.id, row.size, _bytes(row.root)) for row in found] != [(1, signed.size, signed.root)]:
        report.add("log_head", signed.size, f"the head is not that of the {signed.size} entries that were signed")


def _member(data: bytes, name: str) -> Any:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return value.get(name) if isinstance(value, dict) else None


def _bytes(stored: object) -> bytes:
    """Return the bytes stored; SQLite lets somebody put a text or number where bytes belong."""
    return bytes(stored) if isinstance(stored, bytes | memoryview) else str(stored).encode()
