"""Copying a log as static resources (C2SP tlog-tiles), from the signed head downwards, every hash checked on the way.

The tiles at the right edge give the root of the checkpoint, or nothing is copied. Each hash of a tile above level 0 is
the root of a full tile below it, each hash of level 0 that of an entry. So whatever is written has been verified, a
copy that was interrupted goes on where it stopped, and the checkpoint comes last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from traceability.errors import InvalidInput, NotFound, Unavailable
from traceability.ledger.checkpoint import Checkpoint, verify_checkpoint
from traceability.ledger.errors import LedgerDamaged, ProofError
from traceability.ledger.merkle import HASH_SIZE, leaf_hash, verify_consistency
from traceability.ledger.note import VerifierKey
from traceability.ledger.tile_paths import CHECKPOINT, TilePlace, make_bundle, places, read_bundle
from traceability.ledger.tiles import TILE_HEIGHT, TILE_WIDTH, TileTree, tile_root


class Source(Protocol):
    """Where a log is read from: a served prefix, a folder, or our own tables."""

    def get(self, path: str) -> bytes | None:
        """Return the bytes of a resource; None where there is none. Raises Unavailable where nobody answers."""


class Target(Source, Protocol):
    """Where a copy is kept."""

    def put(self, path: str, data: bytes) -> None:
        """Keep a resource: whole or not at all, also when the machine stops."""

    def drop(self, path: str) -> None:
        """Forget a resource, or all below it."""


class Forked(ProofError):
    """A log shows two histories: its key has signed two heads of which one does not continue the other."""

    title = "Forked log"


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds now, and how many entries and resources this run added."""

    head: Checkpoint
    entries: int
    written: int


def copy_log(source: Source, target: Target, keys: Sequence[VerifierKey], *, again: bool = False) -> Copied:
    """Bring a copy up to the head the source shows.

    Args:
        source: the log.
        target: the copy; empty, or what an earlier run left.
        keys: the log's keys, known beforehand.
        again: read what was copied before as well, and mend what does not fit.

    Raises:
        NotFound: the source has no checkpoint.
        BadSignature, InvalidKey, InvalidInput: a checkpoint is not one of these keys.
        Forked: the source's head does not continue the copy's; ``extra`` holds both as evidence.
        ProofError: a resource is missing or is not what the head says; nothing unverified was written.
        Unavailable: the source does not answer, or shows an older head than the copy has.

    """
    note, before = source.get(CHECKPOINT), target.get(CHECKPOINT)
    if note is None:
        raise NotFound("the log shows no checkpoint: nothing has been recorded in it yet, or this is no log's address")
    head = _opened(note, keys)
    known = _opened(before, keys) if before else Checkpoint(head.origin, 0, b"")
    run = _Run(source, target, head, known.size)
    if before:
        run.continues(known, [before, note])
    run.copy(0 if again else known.size)
    if note != before:
        target.put(CHECKPOINT, note)
    run.tidy()
    return Copied(head, head.size - known.size, run.written)


def _opened(note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    try:
        text = note.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput("expected a checkpoint as UTF-8 text; got other bytes") from error
    return verify_checkpoint(text, keys)[0]


class _Run:
    """One run: what is copied for a head, where the copy has had a head of ``known`` entries."""

    def __init__(self, source: Source, target: Target, head: Checkpoint, known: int) -> None:
        self._source, self._target, self._head, self._known = source, target, head, known
        self._done = known
        self.written = 0
        self._seen: dict[TilePlace, bytes] = {}

    def continues(self, known: Checkpoint, evidence: list[bytes]) -> None:
        """Check that the head continues the one that was copied before."""
        head = self._head
        if head.origin != known.origin:
            raise InvalidInput(f"this is a copy of the log {known.origin}; the source is {head.origin}")
        shown = {"evidence": [note.decode() for note in evidence]}
        if head.size < known.size:
            kept = TileTree(lambda level, index: self._kept(level, index, known.size), known.size)
            if _root_at(kept, head.size, known) != head.root:
                raise Forked(f"the log now shows another history of {head.size} entries", extra=shown)
            raise Unavailable(f"the log shows {head.size} entries, the copy has {known.size}: ask again later")
        then = head.root if known.size == head.size else _root_at(self._tree(), known.size, head)
        if then != known.root:
            told = (
                f"expected root {known.root.hex()} at {known.size} entries; its head of {head.size} continues another"
            )
            raise Forked(f"the log shows another history: {told}", extra=shown)

    def copy(self, done: int) -> None:
        """Copy everything below the head but full resources of the first ``done`` entries."""
        self._done = done
        if self._tree().root() != self._head.root:
            raise ProofError(f"the tiles at the right edge do not give the root of {self._head.size} entries")
        for level, place in self._edge():
            hashes = self._tile(place)
            self._keep(place, hashes)
            self._below(level, place, hashes)

    def tidy(self) -> None:
        """Forget partial resources for which the full one is there."""
        for level in (None, *range(self._levels())):
            for place in places(level, self._known, start=self._known >> (TILE_HEIGHT * ((level or 0) + 1))):
                full = TilePlace(level, place.index)
                if place.width < TILE_WIDTH and full.exists_at(self._head.size):
                    self._target.drop(f"{full.path}.p")

    def _levels(self) -> int:
        return -(-self._head.size.bit_length() // TILE_HEIGHT)

    def _edge(self) -> list[tuple[int, TilePlace]]:
        """Return the tile at the right edge of each level that has a partial one."""
        edge = []
        for level in range(self._levels()):
            index, width = divmod(self._head.size >> (TILE_HEIGHT * level), TILE_WIDTH)
            if width:
                edge.append((level, TilePlace(level, index, width)))
        return edge

    def _tree(self) -> TileTree:
        try:
            return TileTree(self._read, self._head.size)
        except LedgerDamaged as error:
            raise ProofError(error.detail) from error

    def _read(self, level: int, index: int) -> bytes:
        here = (self._head.size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH
        return self._tile(TilePlace(level, index, min(here, TILE_WIDTH)))

    def _kept(self, level: int, index: int, size: int) -> bytes | None:
        here = (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH
        return self._target.get(TilePlace(level, index, min(here, TILE_WIDTH)).path)

    def _tile(self, place: TilePlace) -> bytes:
        """Return the hashes of a tile as the source has them; those of the edge are asked for once."""
        if place not in self._seen:
            data = self._fetch(place)
            if len(data) != place.width * HASH_SIZE:
                raise ProofError(f"{place.path}: expected {place.width} hashes; got {len(data)} bytes")
            if place.width == TILE_WIDTH:
                return data
            self._seen[place] = data
        return self._seen[place]

    def _fetch(self, place: TilePlace) -> bytes:
        data = self._source.get(place.path)
        if data is None and place.width < TILE_WIDTH:  # a log may drop a partial one when it has the full one
            full = self._source.get(TilePlace(place.level, place.index).path)
            if full is not None:
                return _cut(place, full)
        if data is None:
            raise ProofError(f"the log does not serve {place.path}, which its head of {self._head.size} entries needs")
        return data

    def _below(self, level: int, place: TilePlace, hashes: bytes) -> None:
        if level == 0:
            self._bundle(TilePlace(None, place.index, place.width), hashes)
            return
        for number in range(place.width):
            expected = hashes[number * HASH_SIZE : (number + 1) * HASH_SIZE]
            self._full(level - 1, TilePlace(level - 1, place.index * TILE_WIDTH + number), expected)

    def _full(self, level: int, place: TilePlace, expected: bytes) -> None:
        """Copy a full tile whose root is ``expected``, and everything below it."""
        if TilePlace(level, place.index + 1).first <= self._done:
            return
        hashes = self._piece(place, lambda data: len(data) == TILE_WIDTH * HASH_SIZE and tile_root(data) == expected)
        self._below(level, place, hashes)

    def _bundle(self, place: TilePlace, hashes: bytes) -> None:
        self._piece(place, lambda data: b"".join(map(leaf_hash, read_bundle(data))) == hashes)

    def _piece(self, place: TilePlace, fits: Callable[[bytes], bool]) -> bytes:
        """Return a resource that fits, from the copy where it is there already."""
        data = self._target.get(place.path)
        if data is not None and _fits(data, fits):
            return data
        data = self._fetch(place)
        if not _fits(data, fits):
            raise ProofError(
                f"{place.path}: what the log serves is not what its head of {self._head.size} entries says"
            )
        self._keep(place, data)
        return data

    def _keep(self, place: TilePlace, data: bytes) -> None:
        if self._target.get(place.path) != data:
            self._target.put(place.path, data)
            self.written += 1


def _root_at(tree: TileTree, size: int, head: Checkpoint) -> bytes:
    """Return the root at an earlier size, proved to be of the head's own history: bad tiles alone are no fork."""
    root = tree.root(size)
    if size:
        verify_consistency(size, root, head.size, head.root, tree.consistency(size, head.size))
    return root


def _fits(data: bytes, fits: Callable[[bytes], bool]) -> bool:
    try:
        return fits(data)
    except InvalidInput:  # a bundle that cannot be read
        return False


def _cut(place: TilePlace, full: bytes) -> bytes:
    """Return the part of a full tile or bundle that is asked for."""
    if place.level is not None:
        return full[: place.width * HASH_SIZE]
    try:
        return make_bundle(read_bundle(full)[: place.width])
    except InvalidInput:
        return full
